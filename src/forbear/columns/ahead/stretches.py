"""From when until when: of each row and action the first stretch of days on which the action is permitted."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forbear.columns.ahead.changes import Change
from forbear.columns.ahead.work import Ahead
from forbear.columns.ahead.workload import of_blocks
from forbear.columns.applying import from_column, until_column

Days: TypeAlias = "NDArray[np.int32]"
_LATER = np.iinfo(np.int32).max
"""Later than any day that is looked ahead to."""


def stretches(
    ahead: Sequence[Ahead],
    actions: Sequence[str],
    first: datetime.date,
    frame: pl.DataFrame,
    rows: int,
    *,
    texts: bool,
) -> Mapping[str, pl.Series]:
    """For each action the columns of its first day and of the day after its last one, from the day `first` on."""

    def take(changes: Iterable[Change], of: int) -> list[tuple[Days, Days]]:
        return _of_block(changes, len(actions), of)

    blocks = of_blocks(ahead, actions, frame, rows, take, texts=texts)
    columns = {}
    for number, action in enumerate(actions):
        for end, name in enumerate((from_column(action), until_column(action))):
            days = np.concatenate([np.empty(0, np.int32), *[block[number][end] for block in blocks]])
            later = days == _LATER
            days[later] = 0
            column = pl.Series(name, days + np.int32(first.toordinal() - _EPOCH), dtype=pl.Int32).cast(pl.Date)
            columns[name] = column.set(pl.Series(later), None)
    return columns


_EPOCH = datetime.date(1970, 1, 1).toordinal()
"""The day from which Polars counts days."""


def _of_block(changes: Iterable[Change], actions: int, rows: int) -> list[tuple[Days, Days]]:
    """The first day and the day after the last one of each row, by action. Whatever ends has
    begun before, so each is the earliest of its kind."""
    earliest_days = [(np.full(rows, _LATER, np.int32), np.full(rows, _LATER, np.int32)) for _ in range(actions)]
    for action, places, due, ended in changes:
        if action < actions:
            for bits, earliest in zip((due, ended), earliest_days[action], strict=True):
                numbers, days = places.days(bits)
                earliest[numbers] = np.minimum(earliest[numbers], days)
    return earliest_days
