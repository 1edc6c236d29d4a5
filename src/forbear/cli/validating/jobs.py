"""Files are validated on all cores, each by itself; the answers come in the order of the files."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from forbear.cli.support.reading import is_stream, open_path
from forbear.cli.validating.outcome import Outcome, Task, outcome
from forbear.cli.validating.remembered import Memory
from forbear.library.loading import check_opened
from forbear.portfolio.workers import cores, importing_safely

_FILES = 8
"""A process takes as long to start as some files to validate: one more is started for so many."""


def outcomes(tasks: Sequence[Task], memory: Memory | None, jobs: int | None) -> Iterator[Outcome]:
    """The outcome for each file, from memory where it is there. `jobs` are the most processes; None uses the cores."""
    recalled = [None if memory is None else memory.recall(task) for task in tasks]
    left = [task for task, recalled_outcome in zip(tasks, recalled, strict=True) if recalled_outcome is None]
    most = min(cores(), len(left) // _FILES) if jobs is None else min(jobs, len(left))
    made_here = _made(left, memory, 1 if any(is_stream(task.path) for task in left) else most)
    for recalled_outcome in recalled:
        yield next(made_here) if recalled_outcome is None else recalled_outcome
    if memory is not None and left:
        memory.tidy()


def _made(tasks: Sequence[Task], memory: Memory | None, jobs: int) -> Iterator[Outcome]:
    done = 0
    if jobs > 1:
        # A new process, not a copy of this one: it has nothing of this one's threads and open files, on any system.
        with importing_safely():
            pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"))
        try:
            make = partial(_make, memory=None if memory is None else Memory(memory.folder))
            with importing_safely():
                results = pool.map(make, tasks, chunksize=1 + len(tasks) // (8 * jobs))
            for result in results:
                done += 1
                yield result
        except BrokenProcessPool:
            pass  # a process was killed, or none can be started here: this one does the rest
        finally:
            pool.shutdown(cancel_futures=True)
    for task in tasks[done:]:
        yield _make(task, memory)


def _make(task: Task, memory: Memory | None) -> Outcome:
    checked = check_opened(open_path(task.path), {})
    result = outcome(task, checked)
    if memory is not None:
        memory.keep(task, checked, result)
    return result
