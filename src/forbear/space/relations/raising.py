"""The least solution of a system in which each inequality bounds a value from one side by another.

An inequality on two values, `a*x - b*y >= c` with a and b above 0, bounds each of them from one side by the other.
Where all of a system are so (after some values have changed their sign), the least of any two solutions, value by
value, is a solution too. So there is a least one: lower bounds are raised until nothing more follows. Comparisons of
two facts are of this form, be it differences or percentages, and so is whatever set of values a fact may have.

With differences alone, bounds rise without end only along a circle of them that contradicts itself, which is looked for
beforehand (Bellman and Ford). With other coefficients they may rise for long. Then they are raised in fractions for a
while, which are bounds too: what a circle as a whole demands is worked out, and the bound rises to that at once, or
there is no solution.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import TypeAlias

from attrs import frozen

from forbear.space.relations.plane import Inequality
from forbear.space.search.bound import Bound

Runs: TypeAlias = Sequence[tuple[int, int]]
"""The values that a variable may have: from the first to the last of each run, both included, in ascending order."""

_FEW = 50
"""The steps in which most systems are solved."""
_SOME = 300
"""The steps with fractions, at most."""


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
    """A system as lower bounds of values by others. The values are those of the variables, times `signs`."""

    runs: Mapping[str, Runs]
    signs: Mapping[str, int]
    edges: Mapping[str, Sequence[_Edge]]
    unit: bool
    """Whether all are differences."""

    @staticmethod
    def of(domains: Mapping[str, Runs], inequalities: Sequence[Inequality], positive: str) -> Raising | None:
        """The bounds, where a solution with the least values has the least of the variable `positive`; None where
        values bound each other from above and from below at once, whatever their signs."""
        signs = _signs(domains, inequalities, positive)
        if signs is None:
            return None
        edges: dict[str, list[_Edge]] = {name: [] for name in domains}
        unit = True
        for terms, low, high in inequalities:
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

    def contradicts_itself(self) -> bool:
        """Whether the differences among them demand, along a circle, that a value is above itself."""
        length = dict.fromkeys(self.edges, 0)
        for _ in range(len(length) + 1):
            changed = False
            for name, edges in self.edges.items():
                for edge in edges:
                    if edge.times == edge.factor == 1 and length[name] + edge.more > length[edge.target]:
                        length[edge.target] = length[name] + edge.more
                        changed = True
            if not changed:
                return False
        return True

    def least(self, bound: Bound, patience: int | None) -> dict[str, int] | None:
        """The variables in the least solution; None where there is none. Raises `TooSlow`."""
        values: dict[str, int | Fraction] = {name: runs[0][0] for name, runs in self.runs.items()}
        passes = [(True, None)] if patience is None else [(True, _FEW), (False, _SOME), (True, patience)]
        for whole, most in passes:
            settled = self._raise(values, whole, most, bound)
            if settled is None:
                return None
            if settled and whole:
                return {name: ceil(value) * self.signs[name] for name, value in values.items()}
        raise TooSlow

    def _raise(self, values: dict[str, int | Fraction], whole: bool, most: int | None, bound: Bound) -> bool | None:
        """Raises lower bounds of the values in whole numbers, or in fractions, until nothing more follows; False if
        that takes more steps than `most`, None where there is no solution."""
        if whole:
            values.update({name: ceil(value) for name, value in values.items()})
        waiting = dict.fromkeys(name for name, edges in self.edges.items() if edges)
        raised_by: dict[str, _Edge] = {}
        steps = 0
        while waiting:
            name = next(iter(waiting))
            del waiting[name]
            for edge in self.edges[name]:
                steps += 1
                scaled = edge.factor * values[name] + edge.more
                demand = -(-scaled // edge.times) if whole else Fraction(scaled) / edge.times
                if demand <= values[edge.target]:
                    continue
                raised_by[edge.target] = edge
                if not whole:
                    along = _least_along(_circle(raised_by, edge.target), values[edge.target])
                    if along is None:
                        return None
                    demand = along if along > demand else demand
                run = next((run for run in self.runs[edge.target] if demand <= run[1]), None)
                if run is None:
                    return None
                values[edge.target] = demand if demand >= run[0] else run[0]
                waiting[edge.target] = None
            if most is not None and steps > most:
                break
        bound.spend(steps)
        return not waiting


def _circle(raised_by: Mapping[str, _Edge], name: str) -> Sequence[_Edge]:
    """The inequalities by which a value raises itself, the last first; none if it does not."""
    edges = [raised_by[name]]
    while edges[-1].source != name:
        edge = raised_by.get(edges[-1].source)
        if edge is None or len(edges) > len(raised_by):
            return ()
        edges.append(edge)
    return edges


def _least_along(circle: Sequence[_Edge], value: int | Fraction) -> int | Fraction | None:
    """The least that a value of at least `value` may be by a circle of inequalities; None where it rises for ever.

    Along the circle, it is at least `gain` of itself plus `more`.
    """
    gain, more = Fraction(1), Fraction(0)
    for edge in reversed(circle):
        gain, more = gain * edge.factor / edge.times, (more * edge.factor + edge.more) / edge.times
    if gain * value + more <= value:
        return value
    return more / (1 - gain) if gain < 1 else None


def _signs(domains: Collection[str], inequalities: Iterable[Inequality], positive: str) -> dict[str, int] | None:
    """A sign for each variable with which the two factors of each inequality have unequal signs; None where there is
    none, or an inequality has more than two variables."""
    near: dict[str, list[tuple[str, int]]] = {name: [] for name in domains}
    for terms, _, _ in inequalities:
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
