"""The index against looking at each box, on axes of many cells."""

from __future__ import annotations

import random

from hypothesis import given, settings
from strategies import examples, seeds

from forbear.kernel.cases import bits
from forbear.space.regions import Box, contains, intersection
from forbear.space.search.bound import Bound
from forbear.space.search.index import Index

BOUND = 10**9


def drawn(generator: random.Random) -> tuple[list[Box], dict[str, int]]:
    """Boxes on two axes, most of them spans of cells, and the masks of all cells."""
    masks = {name: (1 << generator.choice([1, 3, 15, 16, 17, 20, 32, 47, 65])) - 1 for name in ("one", "other")}

    def mask(everything: int) -> int:
        size = everything.bit_length()
        first = generator.randrange(size)
        last = generator.choice([size - 1, generator.randrange(first, size)])
        span = (1 << last + 1) - (1 << first)
        return span | generator.getrandbits(size) if generator.random() < 0.2 else span

    def box() -> Box:
        names = generator.choice([("one",), ("other",), ("one", "other"), ()])
        found = {name: mask(masks[name]) for name in names}
        return {name: its for name, its in found.items() if its != masks[name]}

    return [box() for _ in range(generator.choice([2, 10, 60]))], masks


@settings(max_examples=examples(150, by_night=300))
@given(seeds())
def test_it_finds_what_looking_at_each_box_finds(seed: int) -> None:
    generator = random.Random(seed)
    boxes, masks = drawn(generator)
    index = Index(enumerate(boxes))
    for box in generator.sample(boxes, min(len(boxes), 10)):
        meeting = {number for number, one in enumerate(boxes) if intersection(one, box) is not None}
        holding = {number for number, one in enumerate(boxes) if contains(one, box)}
        within = {number for number, one in enumerate(boxes) if contains(box, one)}
        assert set(bits(index.meeting(box, Bound(BOUND)))) == meeting
        assert set(bits(index.holding(box, masks, Bound(BOUND)))) == holding
        assert set(bits(index.within(box, Bound(BOUND)))) == within
