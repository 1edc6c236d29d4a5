"""A progress bar on a terminal; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from forbear.cli.support.printing import coloured
from forbear.language.model.names import many

_SAMPLE = 1 << 20
_REST = 56
"""The columns of all that is not the bar."""


def estimated_lines(cases: str) -> int | None:
    """Returns an estimate of the lines of a file, from the length of the first ones; None if there is none."""
    path = Path(cases)
    if not path.is_file():  # a pipe can be read only once
        return None
    try:
        with path.open("rb") as file:
            start = file.read(_SAMPLE)
    except OSError:  # reported where the cases are read
        return None
    return path.stat().st_size * start.count(b"\n") // len(start) if start else None


@contextmanager
def progress(*files: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Shows a bar with rows a second and the remaining time, and gives a function that advances it by rows.

    `total` is the number of rows in the files; if it is None, the lines are estimated.
    """
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{many(int(task.completed), 'row')}, {task.finished_speed or task.speed or 0:,.0f} a second")

    console = Console(stderr=True, no_color=not coloured(err=True))
    bar = BarColumn(min(40, max(console.width - _REST, 4)))  # the text has priority over the bar
    with Progress(TextColumn("deciding"), bar, Rate(), TimeRemainingColumn(), console=console) as bar_shown:
        estimates = [] if total else [estimated_lines(file) for file in files]
        estimated = None if None in estimates else sum(filter(None, estimates))
        task = bar_shown.add_task("deciding", total=total or estimated)
        yield lambda rows: bar_shown.advance(task, rows)
        bar_shown.update(task, total=bar_shown.tasks[0].completed)
