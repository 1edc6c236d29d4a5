"""As few boxes as there can be, for functions that are drawn value by value."""

from __future__ import annotations

import random
from itertools import product

import pytest
from covers import Point, fewest
from strategies import examples

from forbear.queries.opened import outcomes
from forbear.space.formulas import inside
from forbear.space.regions import Box
from forbear.space.search.bound import Bound
from forbear.space.search.search import Search

WRONG_AT_FIRST = (170, 755)
"""Functions for which the box that has most of what is left is one too many."""
SIZES = ((3, 3), (4, 4), (5, 3), (2, 2, 2, 2), (3, 2, 2), (3, 3, 2), (3, 3, 3))


def drawn(seed: int) -> tuple[tuple[int, ...], dict[Point, bool | None]]:
    """A function of a few cells, in which parts are alike more often than by chance; None of a cell without a case."""
    chosen = random.Random(seed)
    sizes = chosen.choice(SIZES)
    alike = [[chosen.choice((cell, cell, cell, 0)) for cell in range(size)] for size in sizes]
    table: dict[Point, bool | None] = {}
    points = list(product(*map(range, sizes)))
    places = [tuple([its[cell] for its, cell in zip(alike, point, strict=True)]) for point in points]
    return sizes, {
        point: table.setdefault(place, chosen.choice((True, True, False, None)))
        for point, place in zip(points, places, strict=True)
    }


def boxes_of(sizes: tuple[int, ...], of_cells: dict[Point, bool | None], once: bool) -> list[list[set[int]]]:
    masks = {f"f{level}": (1 << size) - 1 for level, size in enumerate(sizes)}

    def as_box(point: Point) -> Box:
        return {f"f{level}": 1 << cell for level, cell in enumerate(point)}

    possible = inside([as_box(point) for point, its in of_cells.items() if its is not None])
    where = inside([as_box(point) for point, its in of_cells.items() if its])
    search, last = Search(masks, Bound(10**6)), {name: 1 << size - 1 for name, size in zip(masks, sizes, strict=True)}
    cost = lambda box: sum({**masks, **box}[name].bit_count() for name in masks)  # noqa: E731
    found: list[Box] = outcomes.fewest(where, possible, search, cost, last if once else {})
    masks_of = [{**masks, **box} for box in found]
    return [[{cell for cell in range(9) if its[name] >> cell & 1} for name in masks] for its in masks_of]


@pytest.mark.parametrize("once", [False, True])
def test_boxes_are_as_few_as_there_can_be(once: bool) -> None:
    """They have all that they should, nothing else that a case has, and what is said once where no other says it."""
    more = said_once = number = 0
    for seed in (*range(examples(120)), *WRONG_AT_FIRST):
        sizes, of_cells = drawn(seed)
        points = {point for point, its in of_cells.items() if its}
        allowed = {point for point, its in of_cells.items() if its is not False}
        if not points:
            continue
        found = boxes_of(sizes, of_cells, once)
        covered = [set(product(*box)) for box in found]
        assert points <= set().union(*covered) <= allowed, seed
        more += len(found) - fewest(points, allowed, sizes, len(found))
        number += len(found) > 2
        for box, its in zip(found, covered, strict=True):
            own = its & points - set().union(*[other for other in covered if other is not its])
            for level, cells in enumerate(box):
                last = sizes[level] - 1
                if cells < set(range(sizes[level])):
                    assert once or {point[level] for point in its & points} == cells, seed
                    said_once += last in cells and all(point[level] != last for point in own)
    assert number > 10
    assert more <= number // 100
    assert said_once == 0 or not once
