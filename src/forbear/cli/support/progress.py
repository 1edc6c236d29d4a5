"""How far a command has come: a bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from forbear.cli.support.printing import coloured

_SAMPLE = 1 << 20
_REST = 56
"""The width of all that stands beside the bar."""


def estimated_lines(cases: str) -> int | None:
    """About how many lines a file has, by the length of the first ones; None where that cannot be told."""
    path = Path(cases)
    if not path.is_file():  # nothing may be taken away from a pipe
        return None
    try:
        with path.open("rb") as file:
            start = file.read(_SAMPLE)
    except OSError:  # whoever reads the cases says so
        return None
    return path.stat().st_size * start.count(b"\n") // len(start) if start else None


@contextmanager
def progress(cases: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar with rows a second and the time that remains, by the number of rows in a file of cases, or if that is not
    known by about how many lines it has; what moves it on."""
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.completed:,.0f} rows, {task.finished_speed or task.speed or 0:,.0f} a second")

    console = Console(stderr=True, no_color=not coloured(err=True))
    bar = BarColumn(min(40, max(console.width - _REST, 4)))  # what is said counts for more than the bar
    with Progress(TextColumn("deciding"), bar, Rate(), TimeRemainingColumn(), console=console) as found:
        task = found.add_task("deciding", total=total or estimated_lines(cases))
        yield lambda rows: found.advance(task, rows)
        found.update(task, total=found.tasks[0].completed)
