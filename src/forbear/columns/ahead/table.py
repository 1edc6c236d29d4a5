"""Counts as a table, and the counting of frames and of files, batch by batch."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from forbear.columns.ahead.counts import Counts, Numbers
from forbear.columns.ahead.workload import Ahead, workload
from forbear.columns.applier import Applier
from forbear.columns.applying import Options
from forbear.columns.io.files import Cases, read_flags
from forbear.columns.io.frames import of_any
from forbear.model.kinds import FLAG

BEFORE = "_before"
"""What the columns of the policy that a plan is held against end in."""


@frozen(eq=False)
class Planner:
    """Counts frames of the same columns by one policy."""

    applier: Applier
    options: Options
    ahead: Ahead

    def count(self, frame: pl.DataFrame, rows: int, *, texts: bool = False, lost: Sequence[int] = ()) -> Counts:
        """The counts of the rows of a frame. With `texts` all values are texts, as in CSV; `lost` are the rows that
        could not be read, which are undecided."""
        facts, told = self.applier.tables.facts, self.applier.tables.told
        if texts:
            flags = [column for column, fact in self.options.facts.items() if facts[fact].kind == FLAG.reader]
            frame = read_flags(frame, flags)
        if not lost:
            return workload(self.ahead, told, frame, rows, self.options)
        kept = np.delete(np.arange(rows), list(lost))
        found = workload(self.ahead, told, frame[kept], len(kept), self.options)
        undecided = found.undecided + len(lost)
        return Counts(found.actions, rows, found.permitted, found.due, found.ended, undecided)


def planned(planners: Sequence[Planner], cases: Cases) -> list[Counts]:
    """The counts of a file by each policy. Raises `Unreadable`."""
    columns = list(dict.fromkeys(column for its in planners for column in its.options.facts))
    found = [Counts.nothing(its.applier.tables.told, len(its.ahead.plans) - 1) for its in planners]
    for read in cases.batches(columns):
        for number, its in enumerate(planners):
            found[number] += its.count(read.frame, read.frame.height, texts=cases.texts, lost=list(read.lost))
    return found


def counted(planners: Sequence[Planner], frame: Any) -> list[Counts]:
    """The counts of a frame of Polars, pandas or Arrow by each policy."""
    columns = list(dict.fromkeys(column for its in planners for column in its.options.facts))
    given = of_any(frame, columns)
    rows = frame.num_rows if hasattr(frame, "num_rows") else given.height if columns else len(frame)
    return [its.count(given, rows) for its in planners]


def table(counts: Counts, first: datetime.date | None, before: Counts | None = None) -> pl.DataFrame:
    """A row for each day and action, in that order; `before` adds the counts of another policy."""
    actions = list(dict.fromkeys([*counts.actions, *(before.actions if before is not None else ())]))
    days = len(counts.undecided)
    dates = [None if first is None else first + datetime.timedelta(day) for day in range(days)]
    columns = {
        "day": pl.Series(np.repeat(np.arange(days), len(actions)), dtype=pl.Int64),
        "date": pl.Series([day for day in dates for _ in actions], dtype=pl.Date),
        "action": pl.Series(actions * days, dtype=pl.String),
    }
    for its, ending in ((counts, ""), (before, BEFORE)):
        if its is None:
            continue
        for name, numbers in (("permitted", its.permitted), ("due", its.due), ("ended", its.ended)):
            columns[name + ending] = pl.Series(_by_day(its, numbers, actions), dtype=pl.Int64)
        columns["undecided" + ending] = pl.Series(np.repeat(its.undecided, len(actions)), dtype=pl.Int64)
    return pl.DataFrame(columns)


def _by_day(counts: Counts, numbers: Numbers, actions: Sequence[str]) -> Numbers:
    """The numbers of some actions, all of a day after each other: 0 of an action that the policy lacks."""
    rows = [
        numbers[counts.actions.index(action)] if action in counts.actions else np.zeros(numbers.shape[1], np.int64)
        for action in actions
    ]
    return np.stack(rows, axis=1).reshape(-1) if rows else np.zeros(0, np.int64)


def like(frame: Any, found: pl.DataFrame) -> Any:
    """A table as a frame of the same library."""
    if isinstance(frame, pl.LazyFrame):
        return found.lazy()
    if isinstance(frame, pl.DataFrame):
        return found
    if hasattr(frame, "schema") and hasattr(frame, "num_rows"):
        return found.to_arrow()
    return found.to_pandas()
