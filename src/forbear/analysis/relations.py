"""Which cases are possible, where facts are derived from the same events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from attrs import define

from forbear.space.axes import Space
from forbear.space.bound import Bound, BoundReached
from forbear.space.formulas import TRUE, All, Formula, Neither, inside
from forbear.space.regions import Box, RuleRegions
from forbear.space.related import Related, impossible
from forbear.space.rows import Row
from forbear.space.search import Search

_EACH_RULE = 20_000
"""Boxes that may be compared to find out whether a rule holds in a possible case."""


@define(slots=False, eq=False)
class Relations:
    """The pairs of facts that are related in a space."""

    pairs: Sequence[Related]
    cut: Space
    masks: Mapping[str, int]

    @cached_property
    def possible(self) -> Formula:
        """The cases that are possible."""
        boxes = impossible(self.pairs, self.cut)
        return Neither((inside(boxes),)) if boxes else TRUE

    def leave_some(self, boxes: Sequence[Box]) -> bool:
        """Whether one of the cases of some boxes is possible. One is, where that takes long to tell."""
        facts = {name for box in boxes for name in box}
        if not any(pair.fewer in facts and pair.more in facts for pair in self.pairs):
            return True
        try:
            return Search(self.masks, Bound(_EACH_RULE)).find(All((inside(boxes), self.possible))) is not None
        except BoundReached:
            return True

    def may_settle(self, regions: Sequence[RuleRegions], row: Row) -> Iterator[int]:
        """For each rule those, by their bits in the row, that it may meet in cases alone that are not possible."""
        names = {name for pair in self.pairs for name in (pair.fewer, pair.more)}
        looking: dict[str, list[int]] = {name: [] for name in names}
        for number, its in enumerate(regions):
            for name in names & {name for box in (*its.certain, *its.possible) for name in box}:
                looking[name].append(number)
        masks = {name: row.mask(numbers) for name, numbers in looking.items()}
        for number in range(len(regions)):
            bit = 1 << row.bit(number)
            found = 0
            for pair in self.pairs:
                fewer, more = masks[pair.fewer], masks[pair.more]
                both = fewer & more
                found |= row.all if both & bit else both | (more if fewer & bit else 0) | (fewer if more & bit else 0)
            yield found
