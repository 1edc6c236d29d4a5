"""Requests about frames of the same columns, and the parts of an answer other than verdicts."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl
from attrs import evolve, frozen

from forbear.kernel.cases import ActionDecision
from forbear.portfolio.ahead.days import Ahead
from forbear.portfolio.applying import MOMENT, Applied, Options, stretch_columns
from forbear.portfolio.options import columns_of
from forbear.portfolio.verdicts.plan import Plan
from forbear.portfolio.workers import Workers

DecideOne = Callable[[Mapping[str, object], Any, Any], Mapping[str, ActionDecision]]
"""`Policy.decide`."""
Stretch = tuple["datetime.datetime | None", "datetime.datetime | None", Sequence[str]]
"""The start and the end of a time in which an action is permitted, and the facts held still on which this rests."""
StretchOne = Callable[[str, Sequence[Mapping[str, object]], Any, int], Stretch]
"""`queries.when.stretch` for an action, a case, a moment and a number of days. The case is given as each version of a
book reads it, or once for all.
"""


@frozen(eq=False)
class Look:
    """The actions of which the answer says from when until when they are permitted, within so many days."""

    actions: Sequence[str]
    days: int
    ahead: Sequence[Ahead] = ()
    """How columns are moved from day to day, by each version of a book; empty if rows are decided one by one, each
    along its timeline.
    """
    held: Mapping[str, Mapping[str, str]] = {}
    """The facts held still that the rules on each action read, with their columns, if columns are moved."""
    first: datetime.date = datetime.date.min
    """The day of the decision, if columns are moved."""
    by_version: Sequence[Options] = ()
    """How each version reads rows that are decided one by one; empty if there is one version."""


@frozen(eq=False)
class Request:
    """A request for the verdicts on frames of the same columns. Without a plan, rows are decided one by one."""

    options: Options
    plan: Plan | None
    on: object
    at: object
    workers: Workers | None = None
    """The processes that share rows which are decided one by one."""
    look: Look | None = None

    @property
    def columns(self) -> Sequence[str]:
        """The columns that are read."""
        look = self.look
        later = () if look is None else [*look.by_version, *[part.options for part in look.ahead]]
        return columns_of([self.options, *later])


def with_stretches(applied: Applied, look: Look | None, along: Sequence[Sequence[Stretch]]) -> Applied:
    """Returns an answer with the ends of the stretches of each row. A row that cannot be decided has none."""
    if look is None:
        return applied
    columns = {}
    for place, action in enumerate(look.actions):
        its = [row[place] if row else (None, None, ()) for row in along]
        for part, (name, dtype) in enumerate(stretch_columns(action, MOMENT).items()):
            columns[name] = pl.Series(name, [stretch[part] for stretch in its], dtype=dtype)
    return evolve(applied, columns={**applied.columns, **columns})
