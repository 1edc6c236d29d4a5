"""Searches of a policy's space, within budgets: how much may be compared before a finding is `undecided`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice

from attrs import field, frozen

from forbear.analysis.engine.space import PolicySpace
from forbear.space.axes import DAY
from forbear.space.formulas import All, Formula, inside
from forbear.space.regions import Box
from forbear.space.search.bound import Bound
from forbear.space.search.rows import Regions
from forbear.space.search.search import Search
from forbear.space.search.witness import plain_cells, plainer, plainest_box

BOUND = 4_000_000
"""Boxes that the searches for one code may compare before they say `undecided`: some seconds."""

_LOOKED_AT = 50


@frozen(slots=False, eq=False)
class Searcher:
    """Searches one policy's space. `bound` is what the searches for the code at hand may still spend, `spare` what may
    be spent on showing its findings plainly once they are found. `counting` has the codes of which enough findings are
    reported: more of them are only counted."""

    space: PolicySpace
    bound: Bound = field(factory=lambda: Bound(BOUND))
    spare: Bound = field(factory=lambda: Bound(BOUND))
    counting: set[str] = field(factory=set)

    @cached_property
    def _certain(self) -> Regions:
        its = self.space
        return Regions([region.certain for region in its.regions], its.row, its.masks, self.bound)

    @cached_property
    def _possible(self) -> Regions:
        its = self.space
        if all(region.certain is region.possible for region in its.regions):
            return self._certain
        return Regions([region.possible for region in its.regions], its.row, its.masks, self.bound)

    def side(self, permits: bool) -> Regions:
        """The index of where rules hold, for effects that permit or for those that do not."""
        return self._certain if permits else self._possible

    def search(self, **copies: int) -> Search:
        """A search; `copies` are the masks of axes on which a second or third case differs."""
        return Search({**self.space.masks, **copies}, self.bound)

    def case(self, boxes: Sequence[Box], formula: Formula, more: Formula) -> Box | None:
        """A box of plain cases of some boxes that meet one more condition; the formula holds in the boxes."""
        possible = self.space.possible_cases
        if more is possible.formula:
            some = list(islice(possible.in_boxes(boxes), _LOOKED_AT))
            return plainest_box(some, self.space.cells) if some else None
        formula = All((formula, more))
        box = self.search().find(formula)
        return None if box is None else self.shrunk(formula, box)

    def case_of_rule(self, number: int, more: Formula) -> Box | None:
        """A box of plain cases of a rule that meet one more condition."""
        boxes = self.space.of_rule(number)
        return self.case(boxes, inside(boxes), more)

    def shrunk(self, formula: Formula, box: Box, lines: Mapping[str, bool] | None = None, **copies: int) -> Box:
        """A box of the formula with the plainest case, given one that was found; `copies` are those of its search.

        `lines` are axes to come to last, in this order, each with whether it prefers the highest value to the lowest.
        """
        masks = {**self.space.masks, **copies}
        axes = self.space.cells.axes
        names = sorted(axes, key=lambda name: (axes[name].fact.clock, axes[name].fact.usually is None))
        last = {name: range(masks[name].bit_length()) for name in lines or ()}
        orders: dict[str, Sequence[int]] = {name: plain_cells(axes[name]) for name in names if name not in last}
        orders[DAY] = range(len(self.space.cells.days))
        orders.update((name, cells[::-1] if (lines or {})[name] else cells) for name, cells in last.items())
        return plainer(box, formula, Search(masks, self.spare.part()), orders, [*self.space.needed, *last])
