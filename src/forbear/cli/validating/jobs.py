"""Files are validated on all cores, each by itself; the answers come in the order of the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from forbear.cli.support.reading import open_path
from forbear.cli.support.writing import is_stream
from forbear.cli.validating.outcome import Outcome, Task, outcome
from forbear.cli.validating.remembered import Memory
from forbear.library.loading import check_opened
from forbear.portfolio.workers import WorkerEnded, Workers, cores


def outcomes(tasks: Sequence[Task], memory: Memory | None, jobs: int | None) -> Iterator[Outcome]:
    """Yields the outcome for each file, from memory if it is there. `jobs` are the most processes; None uses the
    cores.
    """
    recalled = [None if memory is None else memory.recall(task) for task in tasks]
    left = [task for task, recalled_outcome in zip(tasks, recalled, strict=True) if recalled_outcome is None]
    made_here = _made(left, memory, 1 if any(is_stream(task.path) for task in left) else jobs or cores())
    for recalled_outcome in recalled:
        yield next(made_here) if recalled_outcome is None else recalled_outcome
    if memory is not None and left:
        memory.tidy()


def _made(tasks: Sequence[Task], memory: Memory | None, jobs: int) -> Iterator[Outcome]:
    done = 0
    with suppress(WorkerEnded), Workers(memory, jobs) as workers:
        for result in workers.each(_make, tasks):
            done += 1
            yield result
    for task in tasks[done:]:  # a process was killed, or none can be started here: this one does the rest
        yield _make(memory, task)


def _make(memory: Memory | None, task: Task) -> Outcome:
    checked = check_opened(open_path(task.path), {})
    result = outcome(task, checked)
    if memory is not None:
        memory.keep(task, checked, result)
    return result
