"""Systems of linear inequalities over whole numbers, and their solutions, exactly.

A system of inequalities on two values each is solved by raising lower bounds (`raising.py`). Where these rise for long,
two values are solved in the plane (`plane.py`), and more of them by z3, where it is installed (`by_z3.py`).

An equation of three values (`days until` is a date less the day of the decision) first takes one of them out of the
system, the one after which the fewest strips have more than two. What still has more is left to z3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import gcd

from attrs import frozen

from forbear.space.relations.by_z3 import least_by_z3
from forbear.space.relations.plane import least_in_plane
from forbear.space.relations.raising import Raising, Runs, TooSlow
from forbear.space.search.bound import Bound

_PATIENCE = 200
"""After so many steps the bounds of two values rise too slowly."""
_MOST_PATIENCE = 20_000
"""The same for more values, of which only z3 could decide."""
_COST, _COST_OF_STRIP = 30, 8
"""What solving a system costs besides its steps, and each of its strips, in comparisons of boxes."""


@frozen
class Strip:
    """The sum of some values, each times a coefficient that is not 0, is from `low` to `high`; None is no bound."""

    terms: tuple[tuple[str, int], ...]
    low: int | None
    high: int | None


@frozen
class System:
    """The values that each variable may have, and what their sums must be."""

    domains: Mapping[str, Runs]
    strips: Sequence[Strip]

    def mirrored(self) -> System:
        """The system of the negatives of all values."""
        domains = {name: [(-last, -first) for first, last in reversed(runs)] for name, runs in self.domains.items()}
        strips = [Strip(tuple([(name, -factor) for name, factor in s.terms]), s.low, s.high) for s in self.strips]
        return System(domains, strips)

    def within(self, name: str, low: int | None, high: int | None) -> System | None:
        """The system with a value from `low` to `high` alone; None where it may have none of these."""
        runs = clipped(self.domains[name], low, high)
        return System({**self.domains, name: runs}, self.strips) if runs else None


def solution(system: System, bound: Bound) -> dict[str, int] | None:
    """Some solution; None where there is none. Raises `Unsolved` or `BoundReached`."""
    solved: dict[str, int] = {}
    for part in _parts(system):
        least = _least(part, None, bound)
        if least is None:
            return None
        solved.update(least)
    return solved


def nearest(system: System, wanted: Mapping[str, int], bound: Bound) -> dict[str, int] | None:
    """The solution that has each value as near as can be to the wanted one, the first value first, and the lower one
    where two are as near; None where there is no solution. Raises `Unsolved` or `BoundReached`."""
    solved: dict[str, int] = {}
    for whole in _parts(system):
        part = whole
        for name in [*[name for name in wanted if name in whole.domains], *whole.domains]:
            if name in solved:
                continue
            value = _nearest(part, name, wanted.get(name, 0), bound)
            if value is None:
                return None
            solved[name] = value
            fixed = part.within(name, value, value)
            assert fixed is not None
            part = fixed
    return solved


def _nearest(system: System, name: str, wanted: int, bound: Bound) -> int | None:
    above = system.within(name, wanted, None)
    least = None if above is None else _least(above, name, bound)
    if least is not None and least[name] == wanted:
        return wanted
    below = system.within(name, None, wanted - 1)
    mirrored = None if below is None else _least(below.mirrored(), name, bound)
    candidates = [] if mirrored is None else [-mirrored[name]]
    candidates += [] if least is None else [least[name]]
    return min(candidates, key=lambda value: abs(value - wanted), default=None)


def _parts(system: System) -> Iterable[System]:
    """The parts of a system that have nothing to do with each other."""
    parts: dict[str, tuple[list[str], list[Strip]]] = {name: ([name], []) for name in system.domains}
    for strip in system.strips:
        names = [name for name, _ in strip.terms]
        merged = parts[names[0]]
        for name in names[1:]:
            absorbed = parts[name]
            if absorbed is not merged:
                merged[0].extend(absorbed[0])
                merged[1].extend(absorbed[1])
                for moved in absorbed[0]:
                    parts[moved] = merged
        merged[1].append(strip)
    for names, strips in {id(part): part for part in parts.values()}.values():
        yield System({name: system.domains[name] for name in names}, strips)


def _least(system: System, name: str | None, bound: Bound) -> dict[str, int] | None:
    """A solution with the least value of one variable, or some solution; None where there is none."""
    bound.spend(_COST + _COST_OF_STRIP * len(system.strips))
    simpler = _without_lines(system)
    if simpler is None:
        return None
    if any(len(strip.terms) > 2 for strip in simpler.strips):
        return _least_of_three(simpler, name, bound)
    first = next(iter(simpler.domains)) if name is None else name
    inequalities = [(strip.terms, strip.low, strip.high) for strip in simpler.strips]
    raising = Raising.of(simpler.domains, inequalities, first)
    if raising is not None:
        if raising.contradicts_itself():
            return None
        if raising.unit:
            return raising.least(bound, None)
        try:
            return raising.least(bound, _PATIENCE if len(simpler.domains) == 2 else _MOST_PATIENCE)
        except TooSlow:
            pass
    if len(simpler.domains) == 2:
        return least_in_plane(simpler.domains, inequalities, first, bound)
    return _by_z3(simpler, name, bound)


def _by_z3(system: System, name: str | None, bound: Bound) -> dict[str, int] | None:
    bound.spend(_MOST_PATIENCE)
    return least_by_z3(system.domains, [(s.terms, s.low, s.high) for s in system.strips], name)


def _least_of_three(system: System, name: str | None, bound: Bound) -> dict[str, int] | None:
    """The same where strips have more than two variables."""
    ways = [
        _Equal(strip, variable)
        for strip in system.strips
        if len(strip.terms) > 2 and strip.low is not None and strip.low == strip.high
        for variable, factor in strip.terms
        if abs(factor) == 1
    ]
    if not ways:
        return _by_z3(system, name, bound)
    left = {way: sum(len(strip.terms) > 2 for strip in way.strips(system)) for way in ways}
    best = min(ways, key=lambda way: (left[way], way.variable == name))
    if name is not None and best.variable == name:
        return _by_halving(system, name, bound)
    least: dict[str, int] | None = None
    for reduced in best.reduced(system):
        of_reduced = _least(reduced, name, bound)
        if of_reduced is not None and name is None:
            return {**of_reduced, best.variable: best.value(of_reduced)}
        if of_reduced is not None and name is not None and (least is None or of_reduced[name] < least[name]):
            least = {**of_reduced, name: of_reduced[name], best.variable: best.value(of_reduced)}
    return least


def _by_halving(system: System, name: str, bound: Bound) -> dict[str, int] | None:
    """The same by looking whether there are solutions with less."""
    below = system.domains[name][0][0]
    least = _least(system, None, bound)
    while least is not None and below < least[name]:
        most = (below + least[name] - 1) // 2
        less = system.within(name, None, most)
        with_less = None if less is None else _least(less, None, bound)
        least, below = (least, most + 1) if with_less is None else (with_less, below)
    return least


@frozen
class _Equal:
    """A variable that is equal to a sum of others, by a strip in which its factor is 1 or -1."""

    strip: Strip
    variable: str

    @property
    def sum(self) -> tuple[dict[str, int], int]:
        """The others, with their factors, and what is added."""
        factors = dict(self.strip.terms)
        own = factors.pop(self.variable)
        assert self.strip.low is not None
        return {name: -own * factor for name, factor in factors.items()}, own * self.strip.low

    def value(self, solved: Mapping[str, int]) -> int:
        """The value of the variable, by those of the others."""
        factors, more = self.sum
        return sum(factor * solved[name] for name, factor in factors.items()) + more

    def strips(self, system: System) -> list[Strip]:
        """The other strips of a system, with the sum in place of the variable."""
        return [self._without(strip) for strip in system.strips if strip is not self.strip]

    def reduced(self, system: System) -> Iterable[System]:
        """The systems without the variable, one for each run of its values, that have the solutions together."""
        domains = {name: runs for name, runs in system.domains.items() if name != self.variable}
        strips = self.strips(system)
        factors, more = self.sum
        for first, last in system.domains[self.variable]:
            yield System(domains, [*strips, Strip(tuple(factors.items()), first - more, last - more)])

    def _without(self, strip: Strip) -> Strip:
        terms = dict(strip.terms)
        times = terms.pop(self.variable, 0)
        if not times:
            return strip
        factors, more = self.sum
        for name, factor in factors.items():
            terms[name] = terms.get(name, 0) + times * factor
        low, high = (None if end is None else end - times * more for end in (strip.low, strip.high))
        return Strip(tuple([(name, factor) for name, factor in terms.items() if factor]), low, high)


def _without_lines(system: System) -> System | None:
    """The system without what bounds one variable alone, and in lowest terms; None where it has no solution."""
    domains = dict(system.domains)
    strips = []
    for strip in system.strips:
        if not strip.terms:
            if (strip.low or 0) > 0 or (strip.high or 0) < 0:
                return None
            continue
        divisor = gcd(*[factor for _, factor in strip.terms])
        low = None if strip.low is None else -(-strip.low // divisor)
        high = None if strip.high is None else strip.high // divisor
        if low is not None and high is not None and low > high:
            return None
        terms = tuple([(name, factor // divisor) for name, factor in strip.terms])
        if len(terms) > 1:
            strips.append(Strip(terms, low, high))
            continue
        ((name, factor),) = terms
        if factor < 0:
            low, high = (None if high is None else -high), (None if low is None else -low)
        domains[name] = clipped(domains[name], low, high)
    return System(domains, strips) if all(domains.values()) else None


def clipped(runs: Runs, low: int | None, high: int | None) -> Runs:
    """Those of some values that are from `low` to `high`; None is no bound."""
    within = []
    for first, last in runs:
        start = first if low is None else max(first, low)
        end = last if high is None else min(last, high)
        if start <= end:
            within.append((start, end))
    return within
