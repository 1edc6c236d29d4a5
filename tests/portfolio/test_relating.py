"""The rows in which columns are in a relation, against fractions: in 64 bits, by loops, and beyond in whole numbers."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from strategies import examples

import forbear
from forbear.language.model.relations import Relation
from forbear.portfolio.io.values import NumberColumn
from forbear.portfolio.verdicts.bits import unpacked
from forbear.portfolio.verdicts.comparing import related

ROWS = 70


def _column(generator: random.Random) -> tuple[NDArray[Any], NumberColumn]:
    reach = generator.choice([3, 100, 10**15 - 1, 2**62, 2**31 - 1])
    dtype, bits = generator.choice([(np.int64, 63), (np.int64, 63), (np.int32, 31), (np.int8, 7)])
    least, most = -(2**bits), 2**bits - 1
    drawn = [generator.choice([0, 1, -1, reach, -reach, generator.randint(-reach, reach)]) for _ in range(ROWS)]
    values = np.array([max(min(one, most), least) for one in drawn], dtype)
    ratio = Fraction(generator.choice([1, 100, 3]), generator.choice([1, 1, 10, 7]))
    return values, NumberColumn(values, (min(0, int(values.min())), int(values.max())), ratio, None, ())


@pytest.mark.parametrize("loops", [False, True])
def test_relations_are_exact_whatever_the_size_of_the_numbers(loops: bool) -> None:
    generator = random.Random(7)
    for _ in range(examples(240)):
        drawn = [_column(generator) for _ in range(generator.choice([2, 2, 3, 5]))]
        columns = [column for _, column in drawn]
        factors = [generator.randint(1, 10 ** generator.choice([1, 5, 17, 30])) for _ in drawn]
        factors = [factors[0], *[factor * generator.choice([-1, 1]) for factor in factors[1:]]]
        exact = [
            sum(factor * int(value) * column.ratio for factor, value, column in zip(factors, row, columns, strict=True))
            for row in zip(*[values for values, _ in drawn], strict=True)
        ]
        limit = int(generator.choice(exact) // 1) + generator.choice([0, 0, 1, -1, 5])
        found = related(Relation(tuple("abcde"[: len(drawn)]), tuple(factors), limit), columns, (), loops)
        assert unpacked(found, ROWS).tolist() == [value <= limit for value in exact]


def test_a_comparison_that_is_never_true_holds_nowhere_and_its_negation_everywhere() -> None:
    """Then a relation has both cells, or none."""
    frame = pl.DataFrame({"a": [5, 7], "b": [14, 7]})
    for operator, sms in (("=", ["unsaid", "unsaid"]), ("!=", ["allowed", "allowed"])):
        policy = forbear.loads(
            f"fact a days\nfact b days in steps of 7\naction sms\nrule r: a + 0.005 {operator} b then allow sms"
        )
        assert policy.apply(frame)["sms"].to_list() == sms
