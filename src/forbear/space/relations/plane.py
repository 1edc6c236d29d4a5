"""Points with whole coordinates in a convex polygon of the plane, in closed form.

Above a piece of the x axis on which one edge is the lowest and one is the highest, the number of points is a sum of
quotients rounded down, and that of any number of them takes as many steps as a greatest common divisor. It is never
negative where the edges are in order. So the first x that has a point is found by halving.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import TypeAlias

from forbear.space.search.bound import Bound

Line: TypeAlias = tuple[int, int, int]
"""p, q, r with r above 0: the line y = (p*x + q) / r."""

Inequality: TypeAlias = tuple[tuple[tuple[str, int], ...], int | None, int | None]
"""Names with coefficients, and the least and the greatest that their sum may be."""

_COST = 50
"""What one search costs for each pair of lines, in comparisons of boxes."""


def least_in_plane(
    domains: Mapping[str, Sequence[tuple[int, int]]], inequalities: Iterable[Inequality], name: str, bound: Bound
) -> dict[str, int] | None:
    """A solution with the least value of `name`, one of two variables that may have some runs of values each; None
    where there is none. Raises `BoundReached`."""
    (second,) = [variable for variable in domains if variable != name]
    lower: list[Line] = []
    upper: list[Line] = []
    for terms, low, high in inequalities:
        factors = dict(terms)
        p, r = -factors[name], factors[second]
        for value, is_low in ((low, True), (high, False)):
            if value is not None:
                line = (p, value, r) if r > 0 else (-p, -value, -r)
                (lower if is_low == (r > 0) else upper).append(line)
    for first, last in domains[name]:
        points = []
        for least, most in domains[second]:
            bound.spend(_COST * (len(lower) + len(upper) + 2) ** 2)
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
    """How many points have an x from `first` to `last` and are on or between two lines."""
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
