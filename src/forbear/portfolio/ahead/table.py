"""Counts as a table, and the counting of frames and of files, batch by batch."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import polars as pl
from attrs import frozen

from forbear.portfolio.ahead.counts import Counts, Numbers
from forbear.portfolio.ahead.moving import Moves
from forbear.portfolio.ahead.work import Ahead
from forbear.portfolio.ahead.workload import workload
from forbear.portfolio.io.files import Cases
from forbear.portfolio.io.frames import of_any
from forbear.portfolio.options import columns_of

BEFORE = "_before"
"""What the columns of the policy that a plan is held against end in."""


@frozen(eq=False)
class Planner:
    """Counts frames of the same columns by one policy, or by the versions of a book in turn."""

    told: Sequence[str]
    ahead: Sequence[Ahead]

    @property
    def days(self) -> int:
        return self.ahead[-1].last

    @property
    def columns(self) -> Sequence[str]:
        return columns_of([part.options for part in self.ahead])

    @property
    def moves(self) -> Moves:
        return Moves.together([part.moves for part in self.ahead])

    def count(
        self, frame: pl.DataFrame, rows: int, *, texts: bool = False, lost: Sequence[int] = (), dues: bool = False
    ) -> Counts:
        """The counts of the rows of a frame; with `dues`, also which become due. With `texts` all values are texts, as
        in CSV; `lost` are the rows that could not be read, which are undecided."""
        if not lost:
            return workload(self.ahead, self.told, frame, rows, texts=texts, dues=dues)
        readable = np.delete(np.arange(rows), list(lost))
        found = workload(self.ahead, self.told, frame[readable], len(readable), texts=texts, dues=dues)
        return found.with_undecided(len(lost))


class Counting(Protocol):
    """Counts frames of the same columns: a `Planner`, or one that counts row by row."""

    @property
    def told(self) -> Sequence[str]: ...
    @property
    def days(self) -> int: ...
    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def moves(self) -> Moves: ...
    def count(
        self, frame: pl.DataFrame, rows: int, *, texts: bool = False, lost: Sequence[int] = (), dues: bool = False
    ) -> Counts: ...


def planned(planners: Sequence[Counting], cases: Cases) -> tuple[list[Counts], dict[str, Numbers]]:
    """The counts of a file by each policy; of two, also how many rows become due by both on each day, by action.
    Raises `Unreadable`."""
    columns = list(dict.fromkeys(column for planner in planners for column in planner.columns))
    counts = [Counts.nothing(planner.told, planner.days) for planner in planners]
    alike: dict[str, Numbers] = {}
    for read in cases.batches(columns):
        how: Any = {"texts": cases.texts, "lost": list(read.lost), "dues": len(planners) > 1}
        found = [planner.count(read.frame, read.frame.height, **how) for planner in planners]
        counts = [before + more.without_dues() for before, more in zip(counts, found, strict=True)]
        for action, numbers in found[0].alike(found[-1]).items() if len(planners) > 1 else ():
            alike[action] = alike[action] + numbers if action in alike else numbers
    return counts, alike


def counted(planners: Sequence[Counting], frame: Any) -> list[Counts]:
    """The counts of a frame of Polars, pandas or Arrow by each policy."""
    columns = list(dict.fromkeys(column for planner in planners for column in planner.columns))
    cases = of_any(frame, columns)
    rows = frame.num_rows if hasattr(frame, "num_rows") else cases.height if columns else len(frame)
    return [planner.count(cases, rows) for planner in planners]


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
    for of_policy, ending in ((counts, ""), (before, BEFORE)):
        if of_policy is None:
            continue
        for name, numbers in (
            ("permitted", of_policy.permitted),
            ("due", of_policy.due),
            ("ended", of_policy.ended),
        ):
            columns[name + ending] = pl.Series(_by_day(of_policy, numbers, actions), dtype=pl.Int64)
        columns["undecided" + ending] = pl.Series(np.repeat(of_policy.undecided, len(actions)), dtype=pl.Int64)
    return pl.DataFrame(columns)


def _by_day(counts: Counts, numbers: Numbers, actions: Sequence[str]) -> Numbers:
    """The numbers of some actions, all of a day after each other: 0 of an action that the policy lacks."""
    rows = [
        numbers[counts.actions.index(action)] if action in counts.actions else np.zeros(numbers.shape[1], np.int64)
        for action in actions
    ]
    return np.stack(rows, axis=1).reshape(-1) if rows else np.zeros(0, np.int64)


def like(frame: Any, result: pl.DataFrame) -> Any:
    """A table as a frame of the same library."""
    if isinstance(frame, pl.LazyFrame):
        return result.lazy()
    if isinstance(frame, pl.DataFrame):
        return result
    if hasattr(frame, "schema") and hasattr(frame, "num_rows"):
        return result.to_arrow()
    return result.to_pandas()
