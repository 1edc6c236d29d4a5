"""From when until when: of each row and action the first stretch of days on which the action is permitted."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forbear.columns.ahead.day_by_day import days_of
from forbear.columns.ahead.work import Block, Work
from forbear.columns.ahead.workload import Ahead, in_blocks, work_of
from forbear.columns.applying import Options, from_column, until_column
from forbear.columns.bits import Bits, nothing, unpacked

Days: TypeAlias = "NDArray[np.int32]"
_NONE = -1


def stretches(
    ahead: Ahead, actions: Sequence[str], first: datetime.date, frame: pl.DataFrame, rows: int, options: Options
) -> Mapping[str, pl.Series]:
    """For each action the columns of its first day and of the day after its last one, from the day `first` on."""
    work = work_of(ahead, actions, frame, rows, options)
    blocks = in_blocks(lambda block: _of_block(work, block), rows)
    columns = {}
    for number, action in enumerate(actions):
        for end, name in enumerate((from_column(action), until_column(action))):
            days = np.concatenate([np.empty(0, np.int32), *[block[number][end] for block in blocks]])
            column = pl.Series(name, days + np.int32(first.toordinal() - _EPOCH), dtype=pl.Int32).cast(pl.Date)
            columns[name] = column.set(pl.Series(days == _NONE), None)
    return columns


_EPOCH = datetime.date(1970, 1, 1).toordinal()
"""The day from which Polars counts days."""


def _of_block(work: Work, block: Block) -> list[tuple[Days, Days]]:
    found = [_Found(block.rows) for _ in work.told]
    for day, _, permitted in days_of(work, block):
        for action, its in zip(work.told, found, strict=True):
            if action in permitted:
                its.add(day, permitted[action])
    return [(its.first, its.end) for its in found]


class _Found:
    """The first stretch of each row so far: its first day and the day after its last one, -1 where there is none."""

    def __init__(self, rows: int) -> None:
        self.first: Days = np.full(rows, _NONE, np.int32)
        self.end: Days = np.full(rows, _NONE, np.int32)
        self._begun = nothing(rows)
        self._ended = nothing(rows)

    def add(self, day: int, permitted: Bits) -> None:
        begins = permitted & ~self._begun
        ends = self._begun & ~permitted & ~self._ended
        for some, days in ((begins, self.first), (ends, self.end)):
            if some.any():
                days[unpacked(some, len(days))] = day
        self._begun = self._begun | begins
        self._ended = self._ended | ends
