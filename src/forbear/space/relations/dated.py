"""Ages, days until dates and working days as functions of the day of the decision, and the systems that contain them.

Days until a date are a sum. Years and months are not: how many days they take depends on where they begin. But from any
days of one month, up to its 28th, a number of months takes the same number of days, and likewise years from any days
between two ends of February. So a system is solved with the fewest and the most days that its ages can take. If the
solution is not a case, because an age in it is not that of its dates, the remaining possibilities are split: by the
age, until that is one number, and then by the date. The same is done for calendars, and for days of the week
(`ties.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from itertools import combinations, count

from attrs import frozen

from forbear.space.relations import systems
from forbear.space.relations.systems import Reason, Strip, System, Unsolved
from forbear.space.relations.ties import Tie, Weekday, WorkingDays
from forbear.space.search.bound import Bound

_SPLIT = 100
"""The cost of splitting a system, in comparisons of boxes."""
_MOST_SPLITS = 300
"""After so many, the ages of a system are compared with each other in a way that is too hard."""


@frozen
class Dates:
    """The facts that constrain one another through the day of the decision.

    `day` is a fact that is that day and always known, or a name that no axis has; `same` are further facts that are
    that day. The day is in one of the `periods` of the policy, if it has any.
    """

    day: str
    same: Sequence[str]
    ties: Sequence[Tie]
    periods: Sequence[tuple[int, int]]
    hidden: Mapping[str, tuple[int, int]]
    """The days that no axis has, with the first and the last that each may be."""
    later: Sequence[tuple[str, str]] = ()
    """Pairs of days of events; the second is no earlier than the first."""
    equal: Sequence[tuple[str, str]] = ()
    """Pairs of facts of two cases that are the same of the same days."""

    @property
    def names(self) -> set[str]:
        """The facts, and the day of the decision."""
        return {self.day, *self.same, *[name for tie in self.ties for name in tie.names]}

    def of_another(self, fact: str, copy: str) -> Dates | None:
        """The same of another case, which has `copy` for one fact and all others in common; None where it is all the
        same. What no case shows may be another day; the day of the decision is shown where rules have dates."""
        if fact not in self.names:
            return None
        shown = {self.day} if self.periods else set()
        names = {fact: copy, **{name: f"{name} of {copy}" for name in self.hidden if name not in shown}}
        ties = [tie.renamed(names) for tie in self.ties]
        same = [names.get(name, name) for name in self.same]
        return Dates(
            names.get(self.day, self.day),
            [*same, self.day] if fact in shown else same,
            [tie for tie in ties if tie not in self.ties],
            self.periods,
            {names.get(name, name): span for name, span in self.hidden.items()},
            [(names.get(first, first), names.get(second, second)) for first, second in self.later],
            [(tie.fact, its.fact) for tie, its in zip(self.ties, ties, strict=True) if tie.names[1:] == its.names[1:]],
        )

    @property
    def order(self) -> list[Strip]:
        """Returns the constraints that all facts that are the day are one day, and one day of the week, and which event
        is the later one.
        """
        weekdays = [tie.fact for tie in self.ties if isinstance(tie, Weekday)]
        equal = [*[(self.day, name) for name in self.same], *combinations(weekdays, 2)]
        equal += [pair for pair in self.equal if pair[0] != pair[1]]
        one_day = [Strip(((first, 1), (second, -1)), 0, 0) for first, second in equal]
        return one_day + [Strip(((later, 1), (earlier, -1)), 0, None) for earlier, later in self.later]


class _Splits:
    """Counts how often a system is split."""

    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self._left = _MOST_SPLITS

    def spend(self) -> None:
        """Counts one more. Raises `Unsolved` or `BoundReached`."""
        self._bound.spend(_SPLIT)
        self._left -= 1
        if not self._left:
            raise Unsolved(Reason.AGES)


def solution(system: System, ties: Sequence[Tie], bound: Bound) -> dict[str, int] | None:
    """Returns some solution in which each age is that of its dates; None if there is none. Raises `Unsolved` or
    `BoundReached`.
    """
    splits = _Splits(bound)
    waiting = deque([system])
    while waiting:  # ages in turn, since some part may be without solution and without end; calendars have an end
        part = _narrowed(waiting.popleft(), ties)
        found = None if part is None else systems.solution(_bounded(part, ties), bound)
        if part is None or found is None:
            continue
        wrong = _wrong(ties, found)
        right = found if wrong is None else _near(part, ties, found, bound)
        if right is not None or wrong is None:
            return right
        splits.spend()
        if wrong.by:
            waiting.extend(wrong.split(part, found))
        else:
            waiting.extendleft(wrong.split(part, found))
    return None


def nearest(system: System, ties: Sequence[Tie], wanted: Mapping[str, int], bound: Bound) -> dict[str, int] | None:
    """Returns the same as `systems.nearest`, with each age that of its dates."""
    order = [*[name for name in wanted if name in system.domains], *[n for n in system.domains if n not in wanted]]
    number, splits = count(), _Splits(bound)
    ties = sorted(ties, key=lambda tie: min(order.index(name) for name in tie.names))
    waiting: list[tuple[list[tuple[int, int]], int, System, dict[str, int]]] = []

    def add(whole: System) -> None:
        part = _narrowed(whole, ties)
        candidate = None if part is None else systems.nearest(_bounded(part, ties), wanted, bound)
        if part is not None and candidate is not None:
            away = [(abs(candidate[name] - wanted.get(name, 0)), candidate[name]) for name in order]
            heappush(waiting, (away, next(number), part, candidate))

    add(system)
    while waiting:
        _, _, part, candidate = heappop(waiting)
        wrong = _wrong(ties, candidate)
        if wrong is None:
            return candidate
        try:
            splits.spend()
        except Unsolved:
            return solution(system, ties, bound)
        for smaller in _apart(wrong, part, candidate, order):
            add(smaller)
    return None


def _apart(tie: Tie, system: System, candidate: Mapping[str, int], order: Sequence[str]) -> list[System]:
    """Splits a system as `Tie.split` does, working days by what comes first in an order: days of the decision are many,
    and each of them may have a candidate that is as near.
    """
    if not isinstance(tie, WorkingDays):
        return tie.split(system, candidate)
    first = next(name for name in order if name in tie.names and len(set(system.ends(name))) > 1)
    (least, most), stated = system.ends(tie.fact), candidate[tie.fact]
    value = min(max(tie.value(candidate[tie.of], candidate[tie.day]), least), most)
    if first == tie.of:
        day = candidate[first]
        parts = [system.within(first, *ends) for ends in ((None, day - 1), (day, day), (day + 1, None))]
    elif stated != value:
        middle = (stated + value) // 2
        parts = [system.within(tie.fact, None, middle), system.within(tie.fact, middle + 1, None)]
    else:
        return tie.split(system, candidate)
    return [part for part in parts if part is not None]


def _wrong(ties: Sequence[Tie], candidate: Mapping[str, int]) -> Tie | None:
    """Returns the first age that is not that of its dates."""
    return next((tie for tie in ties if tie.value(candidate[tie.of], candidate[tie.day]) != candidate[tie.fact]), None)


def _near(system: System, ties: Sequence[Tie], candidate: Mapping[str, int], bound: Bound) -> dict[str, int] | None:
    """Returns a solution near one in which ages are not those of their dates, with its dates, its day or its ages; None
    if there is none.
    """
    right = _with_dates(system, ties, candidate, bound)
    if right is not None:
        return right
    on_day = _narrowed(_with(system, {ties[0].day: candidate[ties[0].day]}), ties)
    near = None if on_day is None else systems.solution(_bounded(on_day, ties), bound)
    right = None if on_day is None or near is None else _with_dates(on_day, ties, near, bound)
    if right is not None:
        return right
    if all(tie.by for tie in ties):
        right = _with_ages(system, ties, candidate, bound)
        return None if right is None or _wrong(ties, right) is not None else right  # on another day of the week
    right = None if on_day is None or near is None else _with_ages(on_day, ties, near, bound)
    return None if right is None else _with_dates(system, ties, right, bound)


def _with_ages(system: System, ties: Sequence[Tie], found: Mapping[str, int], bound: Bound) -> dict[str, int] | None:
    part = _with(system, {tie.fact: found[tie.fact] for tie in ties if tie.by})
    if part is None:
        return None
    strips = [strip for tie in ties for strip in (tie.strips_for(found[tie.fact]) if tie.by else tie.strips(part))]
    return systems.solution(System(part.domains, [*part.strips, *strips]), bound)


def _with_dates(
    system: System, ties: Sequence[Tie], candidate: Mapping[str, int], bound: Bound
) -> dict[str, int] | None:
    part: System | None = system
    for tie in ties:  # two may be of one fact
        days = {name: candidate[name] for name in tie.names[1:]}
        value = tie.value(candidate[tie.of], candidate[tie.day])
        part = None if part is None else _with(part, {**days, tie.fact: value})
    return None if part is None else systems.solution(part, bound)


def _with(system: System, values: Mapping[str, int]) -> System | None:
    part: System | None = system
    for name, value in values.items():
        part = None if part is None else part.within(name, value, value)
    return part


def _narrowed(system: System | None, ties: Sequence[Tie]) -> System | None:
    """A system without the ages that no dates of it have; None where it has no solution."""
    narrow = system if system is not None and all(system.domains.values()) else None
    for tie in ties:
        narrow = None if narrow is None else tie.narrowed(narrow)
    return narrow


def _bounded(system: System, ties: Sequence[Tie]) -> System:
    """A system with the fewest and the most days that its ages can take."""
    strips = [strip for tie in ties for strip in tie.strips(system)]
    return System(system.domains, [*system.strips, *strips]) if strips else system
