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
        )

    def with_undecided(self, rows: int) -> Counts:
        """With so many rows more, which cannot be decided on any day."""
        undecided = self.undecided + rows
        return Counts(self.actions, self.rows + rows, self.permitted, self.due, self.ended, undecided)

    def with_rows(self, rows: int) -> Counts:
        """The counts of so many rows."""
        return Counts(self.actions, rows, self.permitted, self.due, self.ended, self.undecided)

    def with_permitted(self) -> Counts:
        """With what is permitted on each day, from that of day 0 and from what becomes due and ends."""
        permitted = self.permitted[:, :1] + np.cumsum(self.due - self.ended, axis=1)
        return Counts(self.actions, self.rows, permitted, self.due, self.ended, self.undecided)
