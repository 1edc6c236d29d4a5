"""When rows become permitted an action and stop being so, and the counting of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from attrs import frozen

from forbear.portfolio.ahead.counts import Counts, Numbers
from forbear.portfolio.ahead.work import number_of
from forbear.portfolio.io.values import RowNumbers
from forbear.portfolio.verdicts.bits import Bits, unpacked


class Places(Protocol):
    """On which day each row of some bits changes."""

    def count(self, bits: Bits, by_day: Numbers) -> None:
        """Adds the number of rows to that of their days."""

    def days(self, bits: Bits) -> tuple[RowNumbers, Numbers | int]:
        """The numbers of the rows, and their days."""


class Change(NamedTuple):
    """Rows in which an action becomes permitted, and those in which it stops being so. In place of an action, one past
    the last is that a row cannot be decided. On day 0 whatever is so becomes so."""

    action: int
    places: Places
    due: Bits
    ended: Bits


@frozen(eq=False)
class OnDay:
    """All rows of a block on one day."""

    day: int
    rows: int

    def count(self, bits: Bits, by_day: Numbers) -> None:
        by_day[self.day] += number_of(bits)

    def days(self, bits: Bits) -> tuple[RowNumbers, Numbers | int]:
        return np.flatnonzero(unpacked(bits, self.rows)), self.day


@frozen(eq=False, slots=False)
class InOrder:
    """Rows in the order of what moves: those that come later change earlier."""

    order: RowNumbers
    days_of: Numbers
    """Of each row."""
    first: int
    """The first of the days that are asked for."""
    ends: Numbers
    """The place before which the rows change after the last day, then that of each day before it, down to the first."""

    def count(self, bits: Bits, by_day: Numbers) -> None:
        if bits.any():
            words, masks = self._at_ends
            sums = np.zeros(len(bits) + 1, np.int64)
            np.cumsum(np.bitwise_count(bits), out=sums[1:])
            up_to = sums[words] + np.bitwise_count(bits.take(words, mode="clip") & masks)
            by_day[self.first : self.first + len(up_to) - 1] += (up_to[1:] - up_to[:-1])[::-1]

    @cached_property
    def _at_ends(self) -> tuple[Numbers, Bits]:
        """The word in which each end is, and the bits before it there: none where it is after the last word."""
        return self.ends // 64, (np.uint64(1) << (self.ends % 64).astype(np.uint64)) - np.uint64(1)

    def days(self, bits: Bits) -> tuple[RowNumbers, Numbers | int]:
        positions = np.flatnonzero(unpacked(bits, len(self.order)))
        positions = positions[(positions >= self.ends[0]) & (positions < self.ends[-1])]
        return self.order[positions], self.days_of[positions]


def on_day(day: int, rows: int, before: Sequence[Bits], now: Sequence[Bits]) -> Iterator[Change]:
    """The changes from the state of a day to that of the next one, `day`."""
    places = OnDay(day, rows)
    for action, (earlier, later) in enumerate(zip(before, now, strict=True)):
        if earlier is not later:
            yield Change(action, places, later & ~earlier, earlier & ~later)


def counts(changes: Iterable[Change], actions: Sequence[str], days: int, rows: int, *, dues: bool) -> Counts:
    """How many rows change on each day; with `dues`, also which become due on which."""
    due, ended = (np.zeros((len(actions) + 1, days + 1), np.int64) for _ in range(2))
    which: list[list[Numbers]] = [[np.zeros(0, np.int64)] for _ in range(len(actions) + 1)]
    for action, places, begun, over in changes:
        places.count(begun, due[action])
        places.count(over, ended[action])
        if dues:
            of_rows, on_days = places.days(begun)
            which[action].append(of_rows.astype(np.int64) * (days + 1) + on_days)
    now = np.cumsum(due - ended, axis=1)
    due[:, 0] = 0
    of_actions = tuple(map(np.concatenate, which[:-1])) if dues else ()
    return Counts(tuple(actions), rows, now[:-1], due[:-1], ended[:-1], now[-1], of_actions)
