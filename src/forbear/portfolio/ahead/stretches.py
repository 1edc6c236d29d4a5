"""From when until when: of each row and action the first stretch of days on which the action is permitted."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forbear.portfolio.ahead.days import State, by_blocks
from forbear.portfolio.applying import from_column, held_column, until_column
from forbear.portfolio.asked import Look
from forbear.portfolio.verdicts.bits import unpacked

Days: TypeAlias = "NDArray[np.int32]"
_LATER = np.iinfo(np.int32).max
"""Later than any day that is looked ahead to."""


def stretches(
    look: Look, undecided: Collection[int], frame: pl.DataFrame, rows: int, *, texts: bool
) -> Mapping[str, pl.Series]:
    """For each action the columns of its first day, of the day after its last one, and of the facts that these rest on
    and that nothing moves: where there are any, no day after the first is known. All are empty in `undecided` rows."""

    blocks = by_blocks([(look.ahead, look.actions)], frame, rows, _of_block, texts=texts)
    columns = {}
    for number, action in enumerate(look.actions):
        start, end = (
            np.concatenate([np.empty(0, np.int32), *[block[number][end] for block in blocks]]) for end in (0, 1)
        )
        held = {fact: _has_value(frame[column]) for fact, column in look.held[action].items()}
        held |= {fact: np.ones(rows, np.bool_) for fact in held if _is_of_day_when_none(look, fact)}
        for its, nothing in ((start, _LATER), (end, _LATER), *[(truths, False) for truths in held.values()]):
            its[list(undecided)] = nothing
        unknown = np.any([np.zeros(rows, np.bool_), *held.values()], axis=0) & (start < look.ahead[-1].last)
        end[unknown] = np.minimum(end[unknown], start[unknown] + 1)
        columns[from_column(action)] = _dates(from_column(action), start, look.first)
        columns[until_column(action)] = _dates(until_column(action), end, look.first)
        columns[held_column(action)] = _names(held_column(action), held, rows)
    return columns


def _is_of_day_when_none(look: Look, name: str) -> bool:
    """Whether nothing but the day says that a fact is none: tomorrow it may be there."""
    facts = [part.policy.facts[name] for part in look.ahead if name in part.policy.facts]
    return any(fact.this_day and fact.or_none for fact in facts)


def _dates(name: str, days: Days, first: datetime.date) -> pl.Series:
    """A column of days that are counted from the first one, null for later than any."""
    later = days == _LATER
    column = pl.Series(name, np.where(later, 0, days) + np.int32(first.toordinal() - _EPOCH), dtype=pl.Int32)
    return column.cast(pl.Date).set(pl.Series(later), None)


def _has_value(series: pl.Series) -> NDArray[np.bool_]:
    """The rows in which a column is neither unknown nor none."""
    if series.dtype in (pl.Object, pl.String, pl.Categorical, pl.Enum):
        return np.array([value not in (None, "none") for value in series], np.bool_)
    return series.is_not_null().to_numpy().copy()


def _names(name: str, in_rows: Mapping[str, NDArray[np.bool_]], rows: int) -> pl.Series:
    """A column of the names of what is in each row."""
    texts = [pl.when(pl.Series(truths)).then(pl.lit(fact)) for fact, truths in in_rows.items()]
    frame = pl.select(pl.repeat(None, rows, dtype=pl.String).alias(name))
    return frame.select(pl.concat_list([name, *texts]).list.drop_nulls())[name]


_EPOCH = datetime.date(1970, 1, 1).toordinal()
"""The day from which Polars counts days."""


def _of_block(states: Iterable[Iterable[State]], rows: int) -> list[tuple[Days, Days]]:
    """The first day of each row and the day after the last one, by action."""
    days: list[tuple[Days, Days]] = []
    [its_states] = states
    for day, (*permitted, _) in enumerate(its_states):
        days = days or [(np.full(rows, _LATER, np.int32), np.full(rows, _LATER, np.int32)) for _ in permitted]
        for bits, (start, end) in zip(permitted, days, strict=True):
            now = unpacked(bits, rows)
            start[now & (start == _LATER)] = day
            end[~now & (start < day) & (end == _LATER)] = day
    return days
