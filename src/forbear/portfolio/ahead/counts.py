"""How many rows are permitted each action on each day, become so, and stop being so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

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
    dues: tuple[Numbers, ...] = ()
    """By action each time that a row becomes due or is permitted on day 0, as the number of the row times that of the
    days, and the day; none unless they are asked for."""

    @classmethod
    def nothing(cls, actions: Sequence[str], days: int) -> Counts:
        """Of no rows, `days` days ahead."""
        permitted, due, ended = (np.zeros((len(actions), days + 1), np.int64) for _ in range(3))
        return cls(tuple(actions), 0, permitted, due, ended, np.zeros(days + 1, np.int64))

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.actions,
            self.rows + other.rows,
            self.permitted + other.permitted,
            self.due + other.due,
            self.ended + other.ended,
            self.undecided + other.undecided,
            tuple([np.concatenate(of_action) for of_action in zip(self.dues, other.shifted(self.rows), strict=True)])
            if self.dues and other.dues
            else self.dues or other.shifted(self.rows),
        )

    def shifted(self, rows: int) -> tuple[Numbers, ...]:
        """The dues, if so many rows come before."""
        return tuple([dues + rows * len(self.undecided) for dues in self.dues])

    def alike(self, other: Counts) -> dict[str, Numbers]:
        """By action, how many rows become due on each day by both, of the same rows."""
        days = len(self.undecided)
        mine, others = (dict(zip(counts.actions, counts.dues, strict=False)) for counts in (self, other))
        return {
            action: np.bincount(np.intersect1d(mine[action], others[action], assume_unique=True) % days, minlength=days)
            for action in mine.keys() & others.keys()
        }

    def with_undecided(self, rows: int) -> Counts:
        """With so many rows more, which cannot be decided on any day."""
        undecided = self.undecided + rows
        return Counts(self.actions, self.rows + rows, self.permitted, self.due, self.ended, undecided, self.dues)

    def with_rows(self, rows: int) -> Counts:
        """The counts of so many rows."""
        return Counts(self.actions, rows, self.permitted, self.due, self.ended, self.undecided, self.dues)

    def with_permitted(self) -> Counts:
        """With what is permitted on each day, from that of day 0 and from what becomes due and ends."""
        permitted = self.permitted[:, :1] + np.cumsum(self.due - self.ended, axis=1)
        return Counts(self.actions, self.rows, permitted, self.due, self.ended, self.undecided, self.dues)

    def without_dues(self) -> Counts:
        """The numbers alone."""
        return Counts(self.actions, self.rows, self.permitted, self.due, self.ended, self.undecided)
