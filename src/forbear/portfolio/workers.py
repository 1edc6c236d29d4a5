"""Processes that share the rows which are decided one by one: threads would wait for Python's lock.

Each process is started anew, because a copy of this one (`fork`) would lack the threads of Polars and hold their locks.
It gets the policy once, and then some rows at a time. The results come in the order of the rows, so an answer does not
depend on the number of processes.

Rows are pickled and unpickled here, not by the pool: an error in one of the pool's own threads may leave its caller
waiting for ever.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

Policy = TypeVar("Policy")
Item = TypeVar("Item")
Result = TypeVar("Result")

_ALONE = 1.0
"""Seconds of work that this process does alone: others would only have started by then."""
_AHEAD = 4
"""Items that are pickled ahead for each process."""
_policy: Any = None
"""In a worker: its policy."""
_SAFE_PATH = "PYTHONSAFEPATH"
"""The variable of the environment that keeps a Python from importing modules of its working folder."""


class WorkerEnded(RuntimeError):
    """A process ended in the middle of its work: something outside has killed it."""

    def __init__(self) -> None:
        super().__init__(
            "a process that decided rows was killed, perhaps because memory ran out; fewer processes need less"
        )


def cores() -> int:
    """Returns how many processes can run at once."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


class Workers:
    """Up to `jobs` processes that work for a policy until the end of the `with` block. They start when needed."""

    def __init__(self, policy: object, jobs: int) -> None:
        self._policy = policy
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._worked = 0.0
        """The seconds that this process has worked."""

    def each(self, do: Callable[[Any, Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yields the results of `do` for the policy and each item, in order. `do` is a function that can be pickled. It
        reads some more items than there are requests for results.

        This process does short work itself. Raises what `do` raises, and `WorkerEnded`.
        """
        left = iter(items)
        while self._pool is None and (self._jobs < 2 or self._worked <= _ALONE):
            try:
                item = next(left)
            except StopIteration:
                return
            start = time.thread_time()
            done = do(self._policy, item)
            self._worked += time.thread_time() - start
            yield done
        yield from self._shared(do, left)

    def _shared(self, do: Callable[[Any, Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The results, made by the processes, which start where there are none. This process does what cannot be
        pickled."""
        from concurrent.futures import Future  # not before: a thread at exit cannot import it
        from concurrent.futures.process import BrokenProcessPool

        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                if len(waiting) == _AHEAD * self._jobs:
                    yield waiting.popleft().result()
                pickled = _pickled(item)
                if pickled is None:
                    here = Future[Result]()
                    here.set_result(do(self._policy, item))
                    waiting.append(here)
                else:
                    waiting.append(self._submitted(do, pickled))
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise WorkerEnded from None
        finally:
            for future in waiting:
                future.cancel()

    def _submitted(self, do: Callable[[Any, Item], Result], pickled: bytes) -> Future[Result]:
        from concurrent.futures import ProcessPoolExecutor

        with importing_safely(), _uninterrupted():  # the processes that start here never see an interrupt
            if self._pool is None:
                spawn = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._jobs, spawn, initializer=_begin, initargs=(self._policy,))
            return self._pool.submit(_do, do, pickled)

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the processes; also after an error or an interrupt, none is left when this returns."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def importing_safely() -> Iterator[None]:
    """Keeps each Python that starts in the block from importing modules of the working folder. A folder of rule files
    may come from anybody, and a new Python looks there first for its own modules, such as `json`.
    """
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Puts an interrupt off to the end of the block, and keeps it from the processes that start in it."""
    resource_tracker.ensure_running()  # it would let interrupts through again when it starts
    came: list[object] = []
    in_main_thread = threading.current_thread() is threading.main_thread()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    handler = signal.signal(signal.SIGINT, lambda *arguments: came.append(arguments)) if in_main_thread else None
    try:
        yield
    finally:
        if in_main_thread:
            signal.signal(signal.SIGINT, handler)
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if came:
            signal.raise_signal(signal.SIGINT)


def _begin(policy: object) -> None:
    """Starts a worker. It ignores an interrupt, which its parent handles, and ends when its parent ends."""
    global _policy
    _policy = policy
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _do(do: Callable[[Any, Item], Result], pickled: bytes) -> Result:
    return do(_policy, pickle.loads(pickled))


def _pickled(item: object) -> bytes | None:
    """Returns None for an item that cannot be pickled, such as an object that a program put into a frame."""
    buffer = io.BytesIO()
    try:
        _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(item)
    except Exception:
        return None
    return buffer.getvalue()


class _Pickler(pickle.Pickler):
    """Pickles columns of Python's objects too, which Polars does not."""

    def reducer_override(self, value: Any) -> Any:
        import polars as pl  # not before: modules that import this file may not need it

        if isinstance(value, pl.DataFrame) and pl.Object in value.dtypes:
            return pl.DataFrame, (value.get_columns(),)
        if isinstance(value, pl.Series) and value.dtype == pl.Object:
            return pl.Series, (value.name, value.to_list(), pl.Object)
        return NotImplemented
