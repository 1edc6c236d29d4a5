"""How many rows are permitted each action on each day, become so, and stop being so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from forbear.portfolio.ahead.days import State
from forbear.portfolio.verdicts.bits import counted, nothing

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
        return Counts(
            self.actions,
            self.rows + other.rows,
            self.permitted + other.permitted,
            self.due + other.due,
            self.ended + other.ended,
            self.undecided + other.undecided,
        )


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
