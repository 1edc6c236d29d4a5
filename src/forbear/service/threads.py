"""Threads for what may take long, so that others are answered meanwhile.

A thread cannot be ended: where an answer takes longer than its client waits, it is worked on to its end, for nobody. So
there are few threads; what has not begun when its time is over never does; and where each thread works for nobody, what
comes is refused at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from forbear.service.metrics import Metrics
from forbear.service.problems import Problem, problem

THREADS: Final = 4
_Answer = TypeVar("_Answer")


class Threads:
    """A few threads. Used by one event loop alone."""

    def __init__(self, metrics: Metrics) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "forbear-answer")
        self._metrics = metrics

    async def run(self, ask: Callable[[], _Answer]) -> _Answer:
        """Returns the result of a function, run in a thread. Raises `Problem` if none is free for long."""
        if self._metrics.overtime >= THREADS:
            raise Problem(problem("busy"))
        running = self._pool.submit(ask)
        try:
            return await asyncio.wrap_future(running)
        except asyncio.CancelledError:
            if not running.cancel():
                self._metrics.overtime += 1
                loop = asyncio.get_running_loop()
                running.add_done_callback(lambda _: self._tell(loop))
            raise

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        """Says that work for nobody has ended; called in its thread, perhaps after the service has ended."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._ended)

    def _ended(self) -> None:
        self._metrics.overtime -= 1

    def end(self) -> None:
        """Starts nothing any more, and waits for nothing: the callers of running functions have had an answer."""
        self._pool.shutdown(wait=False, cancel_futures=True)
