"""The rows in which two facts are in a relation: exact, whatever the size of the numbers.

Where the sum fits 64 bits, it is computed so. Otherwise it is computed in limbs of a few bits, of which 64 bits hold
each product and each sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forbear.language.model.relations import Relation
from forbear.portfolio.io.values import Column, Integers, NumberColumn
from forbear.portfolio.verdicts.bits import Bits, nothing, packed
from forbear.portfolio.verdicts.comparing import loops

_LIMB = 26
_IN_64_BITS = 3
"""How many limbs a number of 64 bits has."""
_MOST = (1 << 63) - 1


def related(relation: Relation, columns: Sequence[Column], names: Sequence[str], by_loops: bool) -> Bits:
    """The rows in which the two columns are in a relation. Those in which one is absent may be among them or not.

    `names` are those of the facts, if these are ordered names.
    """
    (first, second), (times, factor), limit, reach = _whole(relation, columns, names)
    if reach > _MOST:
        return packed(_in_limbs(first, times, second, factor, limit))
    limit = max(min(limit, _MOST), -_MOST)
    if by_loops and (compiled := loops()) is not None:
        result = nothing(len(first))
        compiled.related(first, second, times, factor, limit, result)
        return result
    total = first.astype(np.int64) * times
    total += second.astype(np.int64, copy=False) * factor
    return packed(total <= limit)


def _whole(
    relation: Relation, columns: Sequence[Column], names: Sequence[str]
) -> tuple[tuple[Integers, Integers], tuple[int, int], int, int]:
    """The numbers of both columns, what they are multiplied by, the limit of their sum, and what the sum may reach."""
    sides = [_numbers(column, names) for column in columns]
    scale = lcm(*[column.ratio.denominator for column in columns if isinstance(column, NumberColumn)])
    ratios = [column.ratio if isinstance(column, NumberColumn) else 1 for column in columns]
    times, factor = (int(factor * ratio * scale) for factor, ratio in zip(relation.factors, ratios, strict=True))
    divisor = gcd(times, factor)
    times, factor, limit = times // divisor, factor // divisor, relation.limit * scale // divisor
    reach = sum(abs(by) * max(map(abs, ends)) for by, (_, ends) in zip((times, factor), sides, strict=True))
    (first, _), (second, _) = sides
    return (first, second), (times, factor), limit, reach


def _numbers(column: Column, names: Sequence[str]) -> tuple[Integers, tuple[int, int]]:
    """The numbers of a column, and the lowest and the highest of them; of names their places."""
    if isinstance(column, NumberColumn):
        return column.values, column.ends
    places = column.values.cast(pl.String).cast(pl.Enum(names), strict=False).to_physical().fill_null(0)
    return places.cast(pl.Int64).to_numpy(), (0, len(names))


def _in_limbs(first: Integers, times: int, second: Integers, factor: int, limit: int) -> NDArray[np.bool_]:
    """Where `times * first + factor * second <= limit`: where what is left of the limit is not below 0."""
    width = max(len(_limbs(by)) for by in (times, factor, limit)) + _IN_64_BITS
    left = [np.full(len(first), limb, np.int64) for limb in _limbs(limit)]
    left += [np.zeros(len(first), np.int64) for _ in range(width - len(left))]
    for values, by in ((first, times), (second, factor)):
        for place, limb in enumerate(_limbs(by)):
            for shift, part in enumerate(_parts(values.astype(np.int64, copy=False))):
                left[place + shift] -= limb * part
    for place in range(width - 1):
        left[place + 1] += left[place] >> _LIMB
    return left[-1] >= 0


def _limbs(number: int) -> list[int]:
    """A number in limbs, the lowest first; the last one has its sign."""
    limbs = []
    while not -(1 << _LIMB) < number < 1 << _LIMB:
        limbs.append(number & (1 << _LIMB) - 1)
        number >>= _LIMB
    return [*limbs, number]


def _parts(values: Integers) -> list[Integers]:
    mask = (1 << _LIMB) - 1
    return [values & mask, values >> _LIMB & mask, values >> 2 * _LIMB]
