"""The search against all cases of a small space: what it finds holds, and where it finds nothing there is nothing."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping

import pytest

from forbear.space.formulas import All, Any, At, Formula, Neither, inside, less
from forbear.space.regions import Box, contains
from forbear.space.search.bound import Bound
from forbear.space.search.search import Search

MASKS = {"day": 0b11111, "segment": 0b111, "product": 0b111, "flag": 0b11}
COPY = "day>"


def box(chosen: random.Random, masks: Mapping[str, int], axes: int = 3) -> Box:
    names = chosen.sample(sorted(masks), chosen.randrange(1, axes + 1))
    return {name: masks[name] & chosen.randrange(1, masks[name] + 1) or masks[name] for name in names}


def point(chosen: random.Random) -> Box:
    return {name: 1 << chosen.randrange(mask.bit_length()) for name, mask in MASKS.items()}


def leaf(chosen: random.Random, most: int) -> Formula:
    """In one of some wide boxes, or of many single cases: more than a hundred boxes have an index."""
    number = chosen.randrange(1, most)
    return inside([box(chosen, MASKS) if number < 20 else point(chosen) for _ in range(number)])


def ordered(lower: str, higher: str, chosen: random.Random) -> Formula:
    return less(lower, higher, MASKS["day"].bit_length(), or_equal=bool(chosen.randrange(2)))


def formula(chosen: random.Random, most: int) -> Formula:
    """As the findings join them: some of this case, some of another one on a later day."""
    here: list[Formula] = [leaf(chosen, most), Neither((leaf(chosen, most),))]
    here.append(Any((leaf(chosen, 3), Neither((leaf(chosen, 3),)))))
    there: list[Formula] = [At(leaf(chosen, most), "day", COPY)]
    there.append(At(Neither((leaf(chosen, most), leaf(chosen, 3))), "day", COPY))
    lines: list[Formula] = [ordered("day", COPY, chosen), Neither((ordered(COPY, "day", chosen),))]
    parts: list[Formula] = [*here, *there, *lines, Neither((All((here[0], there[0])),))]
    return All(tuple(chosen.sample(parts, chosen.randrange(3, len(parts)))))


def cases(masks: Mapping[str, int]) -> Iterator[Box]:
    of_axis = [[1 << cell for cell in range(mask.bit_length()) if mask >> cell & 1] for mask in masks.values()]
    for cells in itertools.product(*of_axis):
        yield dict(zip(masks, cells, strict=True))


@pytest.mark.parametrize("most", [4, 9, 400])
@pytest.mark.parametrize("one_day", [False, True])
def test_it_finds_a_case_where_there_is_one(most: int, one_day: bool) -> None:
    chosen = random.Random(most)
    masks = {**MASKS, COPY: MASKS["day"]}
    if one_day:
        masks["flag"] = 0b10  # a search may be of a part of a space
    found = 0
    for _ in range(60):
        asked = formula(chosen, most)
        search = Search(masks, Bound(10**9))
        holding = [case for case in cases(masks) if search.holds(asked, case)]
        for start in ({}, box(chosen, masks), box(chosen, masks)):
            answer = search.find(asked, start)  # the later ones know what the first one refuted
            here = [case for case in holding if contains(start, case)]
            assert (answer is None) == (not here)
            if answer is not None:
                found += 1
                assert all(case in here for case in cases(masks) if contains(answer, case))
    assert 15 < found < 165
