"""As few boxes as there can be, for functions that are are drawn value by value."""

from __future__ import annotations

import random
from itertools import product

import pytest
from covers import Point, fewest
from strategies import examples

from forbear.queries.opened import covering
from forbear.queries.opened.covering import Covering, Masks
from forbear.queries.opened.diagrams import Diagrams, Node

SIZES = ((3, 3), (4, 4), (5, 3), (2, 2, 2, 2), (3, 2, 2), (3, 3, 2), (3, 3, 3))


def drawn(seed: int) -> tuple[Covering, dict[Point, object]]:
    """A function of a few cells, in which parts are alike more often than by chance, and its values."""
    generator = random.Random(seed)
    sizes = generator.choice(SIZES)
    alike = [[generator.choice((cell, cell, cell, 0)) for cell in range(size)] for size in sizes]
    of_cells: dict[Point, object] = {}
    table: dict[Point, object] = {}
    for point in product(*map(range, sizes)):
        place = tuple([its[cell] for its, cell in zip(alike, point, strict=True)])
        of_cells[point] = table.setdefault(place, generator.choice(("a", "a", "b", None)))
    diagrams = Diagrams(sizes)

    def node(point: Point) -> Node:
        if len(point) == len(sizes):
            return diagrams.leaf(of_cells[point])
        return diagrams.asking(len(point), [node((*point, cell)) for cell in range(sizes[len(point)])])

    return Covering(diagrams, node(()), tuple([(1 << size) - 1 for size in sizes])), of_cells


def points_of(box: Masks) -> set[Point]:
    return set(product(*[[cell for cell in range(mask.bit_length()) if mask >> cell & 1] for mask in box]))


def check(seed: int, *, exact: bool) -> int:
    found, of_cells = drawn(seed)
    sizes = found.diagrams.sizes
    number = 0
    for value in {*of_cells.values()} - {None}:
        boxes = found.boxes(value, None, lambda box: sum(mask.bit_count() for mask in box))
        points = {point for point, its in of_cells.items() if its == value}
        allowed = {point for point, its in of_cells.items() if its in (value, None)}
        covered = set().union(*map(points_of, boxes))
        assert points <= covered <= allowed, (seed, value)
        for box in boxes:  # what costs, and has no case that is wanted, is not there
            wanted = points & points_of(box)
            for level, mask in enumerate(box):
                assert {point[level] for point in wanted} == {cell for cell in range(sizes[level]) if mask >> cell & 1}
        if exact:
            assert len(boxes) == fewest(points, allowed, sizes, len(boxes)), (seed, value)
        number = max(number, len(boxes))
    return number


def test_what_is_said_once_is_said_where_no_other_box_says_it() -> None:
    left_out = 0
    for seed in range(examples(120)):
        found, of_cells = drawn(seed)
        once = tuple([1 << size - 1 for size in found.diagrams.sizes])
        for value in {*of_cells.values()} - {None}:
            points = {point for point, its in of_cells.items() if its == value}
            wide, boxes = (
                found.boxes(value, None, lambda box: sum(mask.bit_count() for mask in box), said)
                for said in (None, once)
            )
            assert len(boxes) == len(wide)
            assert points <= set().union(*map(points_of, boxes)) <= set().union(*map(points_of, wide))
            for box in boxes:
                elsewhere = set().union(*[points_of(other) for other in boxes if other is not box])
                own = (points & points_of(box)) - elsewhere
                for level, mask in enumerate(box):
                    last = found.diagrams.sizes[level] - 1
                    alone = 1 << last in found.classes[level]  # else it goes with others
                    if mask >> last & 1 and alone:
                        assert any(point[level] == last for point in own), (seed, value)
            left_out += boxes != wide
    assert left_out > 5


def test_boxes_are_as_few_as_there_can_be() -> None:
    numbers = [check(seed, exact=True) for seed in range(examples(120))]
    assert sum(number > 2 for number in numbers) > len(numbers) // 10


def test_too_many_wide_boxes_are_as_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "_MOST_BOXES", 0)
    monkeypatch.setattr(covering, "_MOST_WORK", 0)
    assert max(check(seed, exact=False) for seed in range(examples(100))) > 3
