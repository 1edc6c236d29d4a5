"""Counts the rows that are permitted each action on each day, that become so, and that stop being so."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from forbear.portfolio.ahead.days import State, by_blocks
from forbear.portfolio.applying import from_column, held_column, until_column
from forbear.portfolio.asked import Look
from forbear.portfolio.verdicts.bits import counted, nothing, unpacked

Numbers: TypeAlias = NDArray[np.int64]


@frozen(eq=False)
class Counts:
    """Numbers of rows by action and day, of which the first is day 0. A row is due on a day on which the action is
    permitted and was not on the day before, and has ended where it is the other way round; on day 0 none is either."""

    actions: tuple[str, ...]
    rows: int
    permitted: Numbers
    due: Numbers
    ended: Numbers
    undecided: Numbers
    """Rows that cannot be decided, by day."""

    def __add__(self, other: Counts) -> Counts:
        summed = ("rows", "permitted", "due", "ended", "undecided")
        return Counts(self.actions, *[getattr(self, name) + getattr(other, name) for name in summed])


@frozen(eq=False)
class Workload:
    """The counts of the same rows by one policy, or by two: then also how many rows become due by both, by action and
    day, on day 0 how many both permit."""

    counts: Sequence[Counts]
    alike: Mapping[str, Numbers]

    @property
    def rows(self) -> int:
        return self.counts[0].rows

    def __add__(self, other: Workload) -> Workload:
        counts = [mine + its for mine, its in zip(self.counts, other.counts, strict=True)]
        return Workload(counts, {action: numbers + other.alike[action] for action, numbers in self.alike.items()})


def workload(actions: Sequence[Sequence[str]], days: int, states: Iterable[Sequence[State]], rows: int) -> Workload:
    """The workload of so many rows, given their states on each day by each policy, which are about its `actions`."""
    permitted, due, ended = ([np.zeros((len(some), days + 1), np.int64) for some in actions] for _ in range(3))
    undecided = [np.zeros(days + 1, np.int64) for _ in actions]
    both = set.intersection(*map(set, actions)) if len(actions) > 1 else ()
    alike = {action: np.zeros(days + 1, np.int64) for action in actions[0] if action in both}
    none = [[nothing(rows)] * len(some) for some in actions]
    before: Sequence[State] = none
    for day, now in enumerate(states):
        new = [[is_so & ~was for is_so, was in zip(*pair, strict=False)] for pair in zip(now, before, strict=True)]
        for side, (*its, lost) in enumerate(now):
            undecided[side][day] = counted(lost, rows)
            for place, is_so in enumerate(its):
                permitted[side][place, day] = counted(is_so, rows)
                if day:
                    due[side][place, day] = counted(new[side][place], rows)
                    ended[side][place, day] = counted(before[side][place] & ~is_so, rows)
        for action, numbers in alike.items():
            one, other = (new[side][some.index(action)] for side, some in enumerate(actions))
            numbers[day] = counted(one & other, rows)
        before = now
    sides = zip(actions, permitted, due, ended, undecided, strict=True)
    return Workload([Counts(tuple(some), rows, *numbers) for some, *numbers in sides], alike)


def no_rows(actions: Sequence[Sequence[str]], days: int, undecided: int = 0) -> Workload:
    """The workload of rows that are undecided on each day."""
    empty = workload(actions, days, (), undecided)
    for counts in empty.counts:
        counts.undecided[:] = undecided
    return empty


# From when until when: of each row and action the first stretch of days on which the action is permitted.


Days: TypeAlias = "NDArray[np.int32]"
_LATER = np.iinfo(np.int32).max
"""Later than any day that is looked ahead to."""


def stretches(
    look: Look, undecided: Collection[int], frame: pl.DataFrame, rows: int, *, texts: bool
) -> Mapping[str, pl.Series]:
    """Returns, for each action, the columns of its first day, of the day after its last one, and of the facts held
    still on which these rest: if there are any, no day after the first is known. All are empty in `undecided` rows.
    """

    blocks = by_blocks([(look.ahead, look.actions)], frame, rows, _of_block, texts=texts)
    columns = {}
    for number, action in enumerate(look.actions):
        start, end = (
            np.concatenate([np.empty(0, np.int32), *[block[number][end] for block in blocks]]) for end in (0, 1)
        )
        held = {fact: _has_value(frame[column]) for fact, column in look.held[action].items()}
        held |= {fact: np.ones(rows, np.bool_) for fact in held if _is_of_day_when_none(look, fact)}
        for its, none in ((start, _LATER), (end, _LATER), *[(truths, False) for truths in held.values()]):
            its[list(undecided)] = none
        unknown = np.any([np.zeros(rows, np.bool_), *held.values()], axis=0) & (start < look.ahead[-1].last)
        end[unknown] = np.minimum(end[unknown], start[unknown] + 1)
        columns[from_column(action)] = _dates(from_column(action), start, look.first)
        columns[until_column(action)] = _dates(until_column(action), end, look.first)
        columns[held_column(action)] = _names(held_column(action), held, rows)
    return columns


def _is_of_day_when_none(look: Look, name: str) -> bool:
    """Returns true if a fact is none only because of the day: tomorrow it may have a value."""
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
