"""The changes of a block where something that moves enters another of its cells.

Whatever moves, a fact or the difference of two facts, enters a cell on a day that its value on day 0 tells. So rows are
sorted by that value: those that enter a cell within the days ahead follow each other, in the order of the days, and are
decided as they are on that day, and as they were on the day before. A row that enters cells of several facts on one day
counts for the first of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from forbear.columns.ahead.cells import plan_in_cell, runs_of
from forbear.columns.ahead.changes import Change, InOrder, on_day
from forbear.columns.ahead.counts import Numbers
from forbear.columns.ahead.ordered import InRows, OnDays, Ordered
from forbear.columns.ahead.reading import BlockRead, state
from forbear.columns.ahead.work import Span, Work
from forbear.columns.io.values import RowNumbers
from forbear.columns.verdicts.bits import Bits, nothing, packed
from forbear.columns.verdicts.plan import Plan


class Crossing(NamedTuple):
    """An action of which the rules may say something else from here on; without a plan it is not permitted any more. An
    action past the last is that a row cannot be decided."""

    action: int
    before: Plan | None
    after: Plan | None


Cuts = Mapping[int, Sequence[Crossing]]
"""What is crossed where a mover's key has risen to a number: by that number, ascending. The last is beyond the range of
a fact."""


class Crossings:
    """What each mover, a fact or a relation, may cross while the rules of a span are in force."""

    def __init__(self, work: Work) -> None:
        movers = [*work.moves, *work.moving_relations]
        self.of_span: list[Mapping[str, Cuts]] = [
            {} if span.plan is None else {mover: cuts for mover in movers if (cuts := _cuts(work, span.plan, mover))}
            for span in work.spans
        ]

    @property
    def most(self) -> int:
        """The cuts within a span, at most."""
        return max(sum(len(cuts) for cuts in movers.values()) for movers in self.of_span)


def _cuts(work: Work, plan: Plan, mover: str) -> Cuts:
    """What a mover may cross. A relation is crossed once, into where it holds or out of it."""
    cuts: dict[int, list[Crossing]] = {}
    rises = work.rate(mover) > 0
    spec = plan.facts.get(mover)
    end = 0 if spec is None else spec.high + 1 if rises else 1 - spec.low
    for number, action in enumerate(work.told):
        if action not in plan.actions:
            continue
        runs = [
            (plan_in_cell(plan, action, mover, cell), first)
            for cell, first, _ in runs_of(plan, action, mover, 1 if spec is None else spec.high)
        ]
        for (lower, _), (higher, first) in pairwise(runs):
            before, after = (lower, higher) if rises else (higher, lower)
            cuts.setdefault(int(first) if rises else 1 - int(first), []).append(Crossing(number, before, after))
        if spec is not None:
            cuts.setdefault(end, []).append(Crossing(number, runs[-1 if rises else 0][0], None))
    if spec is not None:
        cuts.setdefault(end, []).append(Crossing(len(work.told), None, None))
    return dict(sorted(cuts.items()))


def by_crossings(read: BlockRead, crossings: Crossings, before: Sequence[Bits]) -> Iterator[Change]:
    """The changes on all days from the state `before` them on."""
    work = read.work
    for span, movers in zip(work.spans, crossings.of_span, strict=True):
        now = state(read, span.plan, span.first)
        yield from on_day(span.first, read.rows, before, now)
        if span.plan is not None and span.first < span.last:
            yield from _Within(read, span, movers).changes()
        if span.last < work.days:
            before = state(read, span.plan, span.last)


class _Within:
    """The changes on the days of a span after its first."""

    def __init__(self, read: BlockRead, span: Span, movers: Mapping[str, Cuts]) -> None:
        self._read = read
        self._span = span
        self._movers = movers
        self._keys = {mover: read.keys(mover, next(iter(cuts)) - span.last - 1) for mover, cuts in movers.items()}
        self._ends = {mover: (int(keys.min()), int(keys.max())) for mover, keys in self._keys.items()}
        self._of_action: dict[str, dict[int, list[int]]] = {mover: {} for mover in movers}
        for mover, cuts in movers.items():
            for cut, crossings in cuts.items():
                for crossing in crossings:
                    self._of_action[mover].setdefault(crossing.action, []).append(cut)

    def changes(self) -> Iterator[Change]:
        for mover, cuts in self._movers.items():
            ordered = Ordered(self._read, self._keys[mover], self._rows(mover, [*cuts]))
            for cut, crossings in cuts.items():
                yield from self._crossed(mover, ordered, cut, crossings)

    def _rows(self, mover: str, cuts: Sequence[int]) -> RowNumbers:
        """The rows that may cross a cut."""
        keys, span = self._keys[mover], self._span
        within = cuts[:-1] if mover in self._read.moving else cuts
        crossing = np.zeros(len(keys), np.bool_)
        if within:
            crossing = (keys >= within[0] - span.last) & (keys < within[-1] - span.first)
        if mover in self._read.leaving:
            crossing |= (keys >= cuts[-1] - span.last) & (keys < cuts[-1] - span.first)
        return np.flatnonzero(crossing)

    def _crossed(self, mover: str, ordered: Ordered, cut: int, crossings: Sequence[Crossing]) -> Iterator[Change]:
        span = self._span
        ends = np.searchsorted(ordered.keys, cut - np.arange(span.last, span.first - 1, -1))
        if ends[0] == ends[-1]:
            return
        words = slice(int(ends[0]) // 64, -(-int(ends[-1]) // 64))
        on = OnDays(ordered, words, cut)
        places = InOrder(ordered.order[on.rows], on.days, span.first + 1, ends - on.rows.start)
        earlier, later = InRows(on, earlier=True), InRows(on, earlier=False)
        for action, before, after in crossings:
            if action == len(self._read.work.told):
                due, ended = earlier.good & ~later.good, nothing(len(on.days))
            else:
                permitted_before, permitted_after = earlier.permitted(before, action), later.permitted(after, action)
                due, ended = permitted_after & ~permitted_before, permitted_before & ~permitted_after
            counted = self._counted(mover, action, places.order, on.days)
            if counted is not None:
                due, ended = due & ~counted, ended & ~counted
            yield Change(action, places, due, ended)

    def _counted(self, mover: str, action: int, rows: RowNumbers, days: Numbers) -> Bits | None:
        """The rows in which a mover before this one crosses something on the same days that concerns the action."""
        counted = None
        for earlier in self._movers:
            if earlier == mover:
                return counted
            keys, (lowest, highest) = self._keys[earlier], self._ends[earlier]
            own_cuts = [
                cut for cut in self._of_action[earlier].get(action, ()) if lowest < cut <= highest + self._span.last
            ]
            if own_cuts:
                same = np.isin(keys[rows] + days, own_cuts)
                counted = packed(same) if counted is None else counted | packed(same)
        raise AssertionError(mover)
