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

from forbear.portfolio.ahead.cells import plan_in_cell, runs_of
from forbear.portfolio.ahead.changes import Change, InOrder
from forbear.portfolio.ahead.counts import Numbers
from forbear.portfolio.ahead.ordered import InRows, OnDays, Ordered
from forbear.portfolio.ahead.reading import BlockRead
from forbear.portfolio.ahead.work import Span, Work
from forbear.portfolio.io.values import Integers, RowNumbers
from forbear.portfolio.verdicts.bits import Bits, nothing, packed
from forbear.portfolio.verdicts.plan import Plan


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
        self.of_span: list[Mapping[str, Cuts] | None] = [_of_span(work, span) for span in work.spans]
        """None for a span of which the days are compared instead."""


def _of_span(work: Work, span: Span) -> Mapping[str, Cuts] | None:
    if span.plan is None:
        return {}
    moving = [fact for fact in work.moves if fact in span.facts]
    if any(abs(work.moves[fact]) != 1 for fact in moving):
        return None
    relations = [name for name in work.moving_relations if span.plan.cells_for_verdicts.get(name)]
    movers = {mover: cuts for mover in (*moving, *relations) if (cuts := _cuts(work, span.plan, mover))}
    return movers if _pays(work, span, span.plan, movers) else None


def _pays(work: Work, span: Span, plan: Plan, movers: Mapping[str, Cuts]) -> bool:
    """Whether what is crossed is found sooner than what differs on each day."""
    return len(work.moving_read(plan)) <= 1 or sum(map(len, movers.values())) <= span.last - span.first


def _cuts(work: Work, plan: Plan, mover: str) -> Cuts:
    """What a mover may cross. A relation is crossed once, into where it holds or out of it."""
    cuts: dict[int, list[Crossing]] = {}
    rises = work.rate(mover) > 0
    spec = work.facts.get(mover)
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


class Orders:
    """The rows of a block in the order of each mover, once for all spans."""

    def __init__(self, read: BlockRead, crossings: Crossings) -> None:
        self.read = read
        self._cuts: dict[str, list[tuple[Span, list[int]]]] = {}
        """By mover: those of each span."""
        for span, movers in zip(read.work.spans, crossings.of_span, strict=True):
            for mover, cuts in (movers or {}).items():
                self._cuts.setdefault(mover, []).append((span, [*cuts]))
        self._keys: dict[str, tuple[Integers, int, int]] = {}
        self._ordered: dict[str, Ordered] = {}

    def keys(self, mover: str) -> tuple[Integers, int, int]:
        """The key of each row, the lowest and the highest."""
        if mover not in self._keys:
            never = min(cuts[0] - span.last for span, cuts in self._cuts[mover]) - 1
            keys = self.read.keys(mover, never)
            self._keys[mover] = keys, int(keys.min()), int(keys.max())
        return self._keys[mover]

    def ordered(self, mover: str) -> Ordered:
        """The rows that may cross a cut in some span."""
        if mover not in self._ordered:
            keys, _, _ = self.keys(mover)
            crossing = np.zeros(len(keys), np.bool_)
            for span, cuts in self._cuts[mover]:
                within = cuts[:-1] if mover in self.read.moving else cuts
                if within:
                    crossing |= (keys >= within[0] - span.last) & (keys < within[-1] - span.first)
                if mover in self.read.leaving(span):
                    crossing |= (keys >= cuts[-1] - span.last) & (keys < cuts[-1] - span.first)
            self._ordered[mover] = Ordered(self.read, keys, np.flatnonzero(crossing))
        return self._ordered[mover]


def by_crossings(orders: Orders, span: Span, movers: Mapping[str, Cuts]) -> Iterator[Change]:
    """The changes on the days of a span after its first."""
    within = _Within(orders, span, movers)
    for mover, cuts in movers.items():
        ordered = orders.ordered(mover)
        for cut, crossings in cuts.items():
            yield from within.crossed(mover, ordered, cut, crossings)


class _Within:
    """What is crossed within a span."""

    def __init__(self, orders: Orders, span: Span, movers: Mapping[str, Cuts]) -> None:
        self._orders = orders
        self._read = orders.read
        self._span = span
        self._movers = movers
        self._of_action: dict[str, dict[int, list[int]]] = {mover: {} for mover in movers}
        for mover, cuts in movers.items():
            for cut, crossings in cuts.items():
                for crossing in crossings:
                    self._of_action[mover].setdefault(crossing.action, []).append(cut)

    def crossed(self, mover: str, ordered: Ordered, cut: int, crossings: Sequence[Crossing]) -> Iterator[Change]:
        span = self._span
        ends = np.searchsorted(ordered.keys, cut - np.arange(span.last, span.first - 1, -1))
        if ends[0] == ends[-1]:
            return
        words = slice(int(ends[0]) // 64, -(-int(ends[-1]) // 64))
        on = OnDays(ordered, words, cut)
        places = InOrder(ordered.order[on.rows], on.days, span.first + 1, ends - on.rows.start)
        earlier, later = InRows(on, span, earlier=True), InRows(on, span, earlier=False)
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
            keys, lowest, highest = self._orders.keys(earlier)
            own_cuts = [
                cut for cut in self._of_action[earlier].get(action, ()) if lowest < cut <= highest + self._span.last
            ]
            if own_cuts:
                same = np.isin(keys[rows] + days, own_cuts)
                counted = packed(same) if counted is None else counted | packed(same)
        raise AssertionError(mover)
