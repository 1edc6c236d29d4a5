"""Exact solutions of systems of linear inequalities over whole numbers.

A system of inequalities on two values each is solved by raising lower bounds (`Raising`). If the bounds rise for long,
two values are solved in the plane (`least_in_plane`). More of them, or more in an inequality (`days until` is a date
less the day of the decision), are solved by eliminating one after the other (`_eliminated`). z3 gets what that leaves
undecided, if it is installed (`least_by_z3`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from math import ceil, floor, gcd
from typing import NamedTuple, TypeAlias

from attrs import frozen

from forbear.space.search.bound import Bound, BoundReached

Runs: TypeAlias = Sequence[tuple[int, int]]
"""The values that a variable may have: from the first to the last of each run, both included, in ascending order."""
_PATIENCE = 200
"""After so many steps the bounds of two values rise too slowly."""
_MOST_PATIENCE = 20_000
"""The same for more values, of which only z3 could decide."""
_COST, _COST_OF_STRIP = 30, 8
"""The cost of solving a system in addition to its steps, and of each of its strips, in comparisons of boxes."""


class Strip(NamedTuple):
    """The sum of some values, each times a coefficient that is not 0, is from `low` to `high`; None stands for no
    bound.
    """

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
        """Returns the system with a value restricted to `low` to `high`; None if it may have none of these."""
        runs = clipped(self.domains[name], low, high)
        return System({**self.domains, name: runs}, self.strips) if runs else None

    def ends(self, name: str) -> tuple[int, int]:
        """The least and the greatest value that a variable may have."""
        runs = self.domains[name]
        return runs[0][0], runs[-1][1]


def solution(system: System, bound: Bound) -> dict[str, int] | None:
    """Returns some solution; None if there is none. Raises `Unsolved` or `BoundReached`."""
    solved: dict[str, int] = {}
    for part in _parts(system):
        least = _least(part, None, bound)
        if least is None:
            return None
        solved.update(least)
    return solved


def nearest(system: System, wanted: Mapping[str, int], bound: Bound) -> dict[str, int] | None:
    """Returns the solution that has each value as near as can be to the wanted one, with priority to the first value,
    and the lower of two that are equally near; None if there is no solution. Raises `Unsolved` or `BoundReached`.
    """
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
    """Returns a solution with the least value of one variable, or some solution; None if there is none."""
    bound.spend(_COST + _COST_OF_STRIP * len(system.strips))
    simpler = _without_lines(system)
    if simpler is None:
        return None
    first = next(iter(simpler.domains)) if name is None else name
    raising = Raising.of(simpler.domains, simpler.strips, first)
    if raising is not None:
        with suppress(TooSlow):
            return raising.least(bound, _PATIENCE if len(simpler.domains) == 2 else _MOST_PATIENCE)
    if len(simpler.domains) == 2:
        return least_in_plane(simpler.domains, simpler.strips, first, bound)
    with suppress(TooSlow):
        return _eliminated(simpler, name, bound)
    bound.spend(_MOST_PATIENCE)
    return least_by_z3(simpler.domains, simpler.strips, name)


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
    """Returns those of some values that are from `low` to `high`; None stands for no bound."""
    within = []
    for first, last in runs:
        start = first if low is None else max(first, low)
        end = last if high is None else min(last, high)
        if start <= end:
            within.append((start, end))
    return within


class TooSlow(Exception):
    """The bounds of values rise too slowly."""


@frozen
class _Edge:
    """`times` of the value of `target` is at least `factor` of that of `source`, plus `more`."""

    source: str
    target: str
    times: int
    factor: int
    more: int


@frozen
class Raising:
    """A system as lower bounds of values by others. The values are those of the variables, times `signs`.

    An inequality on two values, `a*x - b*y >= c` with a and b above 0, bounds each of them from one side by the other.
    If all of a system have this form (after some values have changed their sign), the least of any two solutions, value
    by value, is a solution too. So there is a least one: lower bounds are raised until nothing more follows.
    Comparisons of two facts have this form, as differences and as percentages, and so has whatever set of values a fact
    may have.

    Bounds rise for long, or without end, only along a circle of inequalities. When a bound has come round, the demand
    of the circle as a whole is worked out, in fractions: the bound rises to that at once, or there is no solution. With
    differences alone that is the end (Bellman and Ford); with other coefficients whole numbers may still rise for long.
    """

    runs: Mapping[str, Runs]
    signs: Mapping[str, int]
    edges: Mapping[str, Sequence[_Edge]]
    unit: bool
    """Whether all coefficients are 1: only differences."""

    @staticmethod
    def of(domains: Mapping[str, Runs], strips: Sequence[Strip], positive: str) -> Raising | None:
        """Returns the bounds such that the least solution has the least value of the variable `positive`; None if
        values bound each other from above and from below at once, whatever their signs.
        """
        signs = _signs(domains, strips, positive)
        if signs is None:
            return None
        edges: dict[str, list[_Edge]] = {name: [] for name in domains}
        unit = True
        for terms, low, high in strips:
            first_term, second_term = [(name, factor * signs[name]) for name, factor in terms]
            if first_term[1] < 0:
                first_term, second_term = second_term, first_term
            (higher, times), (lower, factor) = first_term, (second_term[0], -second_term[1])
            unit = unit and times == factor == 1
            if low is not None:
                edges[lower].append(_Edge(lower, higher, times, factor, low))
            if high is not None:
                edges[higher].append(_Edge(higher, lower, factor, times, -high))
        runs = {
            name: values if signs[name] > 0 else [(-last, -first) for first, last in reversed(values)]
            for name, values in domains.items()
        }
        return Raising(runs, signs, edges, unit)

    def least(self, bound: Bound, patience: int) -> dict[str, int] | None:
        """Returns the variables in the least solution; None if there is none. Raises `TooSlow` after so many steps,
        unless there are only differences, which end.
        """
        values = {name: runs[0][0] for name, runs in self.runs.items()}
        waiting = dict.fromkeys(name for name, edges in self.edges.items() if edges)
        raised_by: dict[str, _Edge] = {}
        steps = 0
        while waiting and (self.unit or steps <= patience):
            name = next(iter(waiting))
            del waiting[name]
            for edge in self.edges[name]:
                steps += 1
                demand = -(-(edge.factor * values[name] + edge.more) // edge.times)
                if demand <= values[edge.target]:
                    continue
                raised_by[edge.target] = edge
                along = _least_along(_circle(raised_by, edge.target), values[edge.target])
                run = (
                    None
                    if along is None
                    else next((run for run in self.runs[edge.target] if max(demand, along) <= run[1]), None)
                )
                if along is None or run is None:
                    return None
                values[edge.target] = max(demand, along, run[0])
                waiting[edge.target] = None
        bound.spend(steps)
        if waiting:
            raise TooSlow
        return {name: value * self.signs[name] for name, value in values.items()}


def _circle(raised_by: Mapping[str, _Edge], name: str) -> Sequence[_Edge]:
    """Returns the strips by which a value raises itself, the last first; none if it does not."""
    edges = [raised_by[name]]
    while edges[-1].source != name:
        edge = raised_by.get(edges[-1].source)
        if edge is None or len(edges) > len(raised_by):
            return ()
        edges.append(edge)
    return edges


def _least_along(circle: Sequence[_Edge], value: int) -> int | None:
    """The least that a value of at least `value` may be by a circle of strips; None where it rises for ever.

    Along the circle, it is at least `gain` of itself plus `more`.
    """
    gain, more = Fraction(1), Fraction(0)
    for edge in reversed(circle):
        gain, more = gain * edge.factor / edge.times, (more * edge.factor + edge.more) / edge.times
    if gain * value + more <= value:
        return value
    return ceil(more / (1 - gain)) if gain < 1 else None


def _signs(domains: Collection[str], strips: Iterable[Strip], positive: str) -> dict[str, int] | None:
    """A sign for each variable with which the two factors of each inequality have unequal signs; None where there is
    none, or an inequality has more than two variables."""
    near: dict[str, list[tuple[str, int]]] = {name: [] for name in domains}
    for terms, _, _ in strips:
        if len(terms) != 2:
            return None
        (left, factor), (second, other_factor) = terms
        same = -1 if (factor > 0) == (other_factor > 0) else 1
        near[left].append((second, same))
        near[second].append((left, same))
    signs: dict[str, int] = {}
    for first in (positive, *domains):
        if first in signs:
            continue
        signs[first] = 1
        waiting = [first]
        while waiting:
            name = waiting.pop()
            for neighbour, same in near[name]:
                if neighbour not in signs:
                    signs[neighbour] = signs[name] * same
                    waiting.append(neighbour)
                elif signs[neighbour] != signs[name] * same:
                    return None
    return signs


_Rows: TypeAlias = dict[tuple[int, ...], int]
"""The least that sums of all values may be, by the factors of the values, which have no common divisor."""
_MOST_ROWS = 300
"""The most rows for which eliminating values does not take too long."""


def _eliminated(system: System, name: str | None, bound: Bound) -> dict[str, int] | None:
    """Returns a solution with the least value of one variable, or some solution; None if there is none. Raises
    `TooSlow`.

    Two sums that bound a variable from below and from above bound each other. All such pairs together say what they
    said about the others: exactly, if one of the two factors is 1 (Fourier and Motzkin; Pugh's Omega test). Otherwise
    they say too little and, with a slack of `(a - 1) * (b - 1)`, too much. Values between two runs of a variable are
    excluded by solving the system on each side of them.
    """
    names = [*system.domains]
    last = None if name is None else names.index(name)
    least: dict[str, int] | None = None
    waiting = [system]
    while waiting:
        part = waiting.pop()
        rows = _rows(part, names)
        values = None if rows is None else _solved(rows, frozenset(range(len(names))), last, bound)
        if values is None:
            continue
        found = {variable: values[at] for at, variable in enumerate(names)}
        if least is not None and name is not None and found[name] >= least[name]:
            continue
        out = next((n for n in names if not clipped(part.domains[n], found[n], found[n])), None)
        if out is not None:
            sides = (part.within(out, found[out], None), part.within(out, None, found[out]))
            waiting += [side for side in sides if side is not None]
            continue
        if name is None:
            return found
        least = found
    return least


def _rows(system: System, names: Sequence[str]) -> _Rows | None:
    """The inequalities of a system; None where two of them contradict each other."""
    rows: _Rows = {}
    for strip in (*system.strips, *[Strip(((name, 1),), *system.ends(name)) for name in names]):
        factors = dict(strip.terms)
        for sign, low in ((1, strip.low), (-1, None if strip.high is None else -strip.high)):
            if low is not None and not _adds(rows, [sign * factors.get(name, 0) for name in names], low):
                return None
    return rows


def _adds(rows: _Rows, factors: Sequence[int], low: int) -> bool:
    """Adds the constraint that a sum is at least `low`. Returns false if that contradicts the rows."""
    divisor = gcd(*factors)
    if not divisor:
        return low <= 0
    key, low = tuple([factor // divisor for factor in factors]), -(-low // divisor)
    rows[key] = max(rows.get(key, low), low)
    opposite = rows.get(tuple([-factor for factor in key]))
    return opposite is None or rows[key] + opposite <= 0


def _solved(rows: _Rows, left: frozenset[int], last: int | None, bound: Bound) -> dict[int, int] | None:
    """Values of some variables, the least of the `last` one; None where there are none. Raises `TooSlow`."""
    if not left:
        return {}
    ways = {at: _bounding(rows, at) for at in left if at != last or len(left) == 1}
    inexact = {at: sum(a > 1 < b for a, _, _ in above for b, _, _ in below) for at, (above, below) in ways.items()}
    at = min(ways, key=lambda at: (inexact[at], len(ways[at][0]) * len(ways[at][1])))
    above, below = ways[at]
    others = {key: low for key, low in rows.items() if not key[at]}
    for slack in (False, True) if inexact[at] else (False,):
        bound.spend(len(above) * len(below))
        combined = _combined(others, above, below, slack=slack)
        values = None if combined is None else _solved(combined, left - {at}, last, bound)
        if values is None:
            if slack:
                raise TooSlow
            return None
        lows = [-((_sum(key, values, at) - low) // factor) for factor, key, low in above]
        highs = [(_sum(key, values, at) - low) // factor for factor, key, low in below]
        if max(lows) <= min(highs):
            return {**values, at: max(lows)}
        if last is not None:
            break
    raise TooSlow


_Bounding: TypeAlias = "list[tuple[int, tuple[int, ...], int]]"


def _bounding(rows: _Rows, at: int) -> tuple[_Bounding, _Bounding]:
    """Returns the rows that bound a variable from below, and those that bound it from above, with the size of its
    factor.
    """
    both = [(abs(key[at]), key, low) for key, low in rows.items() if key[at]]
    return [row for row in both if row[1][at] > 0], [row for row in both if row[1][at] < 0]


def _combined(others: _Rows, above: _Bounding, below: _Bounding, *, slack: bool) -> _Rows | None:
    """Returns the constraints on the other variables; None if they contradict one another."""
    rows = dict(others)
    for a, key, low in above:
        for b, opposite, low_of_opposite in below:
            factors = [b * one + a * other for one, other in zip(key, opposite, strict=True)]
            if not _adds(rows, factors, b * low + a * low_of_opposite + slack * (a - 1) * (b - 1)):
                return None
    if len(rows) > _MOST_ROWS:
        raise TooSlow
    return rows


def _sum(key: tuple[int, ...], values: Mapping[int, int], at: int) -> int:
    return sum(factor * values[place] for place, factor in enumerate(key) if factor and place != at)


Line: TypeAlias = tuple[int, int, int]
"""p, q, r with r above 0: the line y = (p*x + q) / r."""


_COST_IN_PLANE = 50
"""The cost of one search for each pair of lines, in comparisons of boxes."""


def least_in_plane(
    domains: Mapping[str, Sequence[tuple[int, int]]], strips: Iterable[Strip], name: str, bound: Bound
) -> dict[str, int] | None:
    """Returns a solution with the least value of `name`, one of two variables that may have some runs of values each;
    None if there is none. Raises `BoundReached`.

    Above a piece of the x axis on which one edge is the lowest and one is the highest, the number of points is a sum of
    quotients rounded down, and computing it takes as many steps as a greatest common divisor, however many quotients it
    has. It is never negative if the edges are in order. So the first x that has a point is found by halving.
    """
    (second,) = [variable for variable in domains if variable != name]
    lower: list[Line] = []
    upper: list[Line] = []
    for terms, low, high in strips:
        factors = dict(terms)
        p, r = -factors[name], factors[second]
        for value, is_low in ((low, True), (high, False)):
            if value is not None:
                line = (p, value, r) if r > 0 else (-p, -value, -r)
                (lower if is_low == (r > 0) else upper).append(line)
    for first, last in domains[name]:
        points = []
        for least, most in domains[second]:
            bound.spend(_COST_IN_PLANE * (len(lower) + len(upper) + 2) ** 2)
            at = _first(first, last, [*lower, (0, least, 1)], [*upper, (0, most, 1)])
            if at is not None:
                points.append(at)
                last = at[0]
        if points:
            x, y = min(points)
            return {name: x, second: y}
    return None


def _first(first: int, last: int, lower: Sequence[Line], upper: Sequence[Line]) -> tuple[int, int] | None:
    """The point with the least x from `first` to `last`, and there the least y, on or between all lines."""
    lines = [*lower, *upper]
    crossings = {Fraction(first), Fraction(last)}
    for place, (p, q, r) in enumerate(lines):
        for p2, q2, r2 in lines[place + 1 :]:
            if p * r2 != p2 * r:
                crossing = Fraction(q2 * r - q * r2, p * r2 - p2 * r)
                if first < crossing < last:
                    crossings.add(crossing)
    ends = sorted(crossings)
    pieces = [(end, end) for end in ends] + list(pairwise(ends))  # lines may meet in a point alone
    for start, end in sorted(pieces):
        middle = (start + end) / 2
        low = max(lower, key=lambda line: _at(line, middle))
        high = min(upper, key=lambda line: _at(line, middle))
        if _at(low, middle) <= _at(high, middle):
            x = _first_between(ceil(start), floor(end), low, high)
            if x is not None:
                return x, ceil(_at(low, Fraction(x)))
    return None


def _at(line: Line, x: Fraction) -> Fraction:
    p, q, r = line
    return (p * x + q) / r


def _first_between(first: int, last: int, low: Line, high: Line) -> int | None:
    """The least x from `first` to `last` with a whole number between two lines, which do not cross there."""
    if first > last or not _points(first, last, low, high):
        return None
    while first < last:
        middle = (first + last) // 2
        if _points(first, middle, low, high):
            last = middle
        else:
            first = middle + 1
    return first


def _points(first: int, last: int, low: Line, high: Line) -> int:
    """Returns the number of points that have an x from `first` to `last` and are on or between two lines."""
    number = last - first + 1
    (p, q, r), (p2, q2, r2) = low, high
    above = _floors(number, r2, p2, p2 * first + q2)
    below = _floors(number, r, p, p * first + q + r - 1)  # a quotient rounded up
    return above - below + number


def _floors(number: int, divisor: int, factor: int, start: int) -> int:
    """The sum of (factor*i + start) // divisor for i from 0 to number - 1."""
    total = 0
    while number > 0:
        whole, factor = divmod(factor, divisor)
        total += whole * (number * (number - 1) // 2)
        whole, start = divmod(start, divisor)
        total += whole * number
        most = factor * number + start
        if most < divisor:
            break
        # The same points, counted along the other axis.
        number, start, divisor, factor = most // divisor, most % divisor, factor, divisor
    return total


_MOST_WORK = 5_000_000
"""The most work that z3 may do for one question, in its own units: some seconds."""


class Reason(Enum):
    """Why something about relations is not decided."""

    NO_SOLVER = "a circle of percentages takes z3, which is not installed"
    TOO_HARD = "z3 gave up"
    AGES = "ages of several dates are compared in a way that is too hard"
    SHARES_OF_THE_CLOCK = "the clock is compared in two percentages at once"


class Unsolved(BoundReached):
    """It is not known whether there is a solution."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def least_by_z3(
    domains: Mapping[str, Sequence[tuple[int, int]]], strips: Iterable[Strip], name: str | None
) -> dict[str, int] | None:
    """Returns a solution with the least value of one variable, or some solution; None if there is none.

    Raises `Unsolved`.
    """
    if find_spec("z3") is None:
        raise Unsolved(Reason.NO_SOLVER)
    import z3

    solver = z3.Optimize()
    solver.set("rlimit", _MOST_WORK)
    variables = {variable: z3.Int(variable) for variable in domains}
    for variable, runs in domains.items():
        its = variables[variable]
        solver.add(z3.Or([z3.And(first <= its, its <= last) for first, last in runs]))
    for terms, low, high in strips:
        total = z3.Sum([factor * variables[variable] for variable, factor in terms])
        solver.add(*([] if low is None else [total >= low]), *([] if high is None else [total <= high]))
    if name is not None:
        solver.minimize(variables[name])
    outcome = solver.check()
    if outcome == z3.unknown:
        raise Unsolved(Reason.TOO_HARD)
    if outcome == z3.unsat:
        return None
    model = solver.model()
    return {variable: model.eval(its, True).as_long() for variable, its in variables.items()}
