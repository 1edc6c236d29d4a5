"""Searches of a policy's space, within bounds of work; where one is reached, findings are `undecided`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice

from attrs import Factory, field, frozen

from forbear.analysis.engine.several_cases import Searched
from forbear.analysis.engine.space import BOUND, Point, PolicySpace
from forbear.language.model.conditions import Condition
from forbear.space.axes import DAY
from forbear.space.formulas import Formula, all_of, inside
from forbear.space.regions import Box
from forbear.space.search.bound import Bound
from forbear.space.search.rows import Regions
from forbear.space.search.search import Search
from forbear.space.search.witness import minimal_box, shrink, shrink_order

_MOST_COMPARED = 50


@frozen(slots=False, eq=False)
class Searcher:
    """Searches one policy's space.

    `bound` is what the searches for one code may still spend, and `spare` what may be spent to shrink the witnesses of
    its findings. `counting` has the codes of which enough findings are reported, so that more are only counted.
    """

    space: PolicySpace
    bound: Bound = field(default=Factory(lambda self: self.space.bound, takes_self=True))
    spare: Bound = field(factory=lambda: Bound(BOUND))
    counting: set[str] = field(factory=set)

    @property
    def most(self) -> int:
        """How many boxes the searches for one code may compare."""
        return BOUND * self.space.effort

    @cached_property
    def _certain(self) -> Regions:
        space = self.space
        return Regions([region.certain for region in space.regions], space.row, space.masks, self.bound)

    @cached_property
    def _possible(self) -> Regions:
        space = self.space
        if all(region.certain is region.possible for region in space.regions):
            return self._certain
        return Regions([region.possible for region in space.regions], space.row, space.masks, self.bound)

    def side(self, permits: bool) -> Regions:
        """The index of the regions of rules: where they certainly hold for effects that permit, possibly for others."""
        return self._certain if permits else self._possible

    def search(self, where: Searched | None = None) -> Search:
        """A search of the space, or of several cases (`SeveralCases`)."""
        where = where or self.space
        return Search(where.masks, self.bound, where.relations)

    def spare_search(self, where: Searched | None = None) -> Search:
        """A search for what makes a finding shorter or clearer."""
        where = where or self.space
        return Search(where.masks, self.spare.part(), where.relations)

    def holds(self, *parts: Formula) -> bool:
        """Whether some parts hold in one case. Raises `BoundReached`."""
        return self.search().find(all_of(parts)) is not None

    def is_possible(self, *parts: Formula) -> bool:
        """Whether some parts hold in one possible case. Raises `BoundReached`."""
        return self.holds(*parts, self.space.possible_cases.formula)

    def box(self, *parts: Formula) -> Box | None:
        """A box with a minimal case in which all parts hold; None where there is none. Raises `BoundReached`."""
        formula = all_of(parts)
        box = self.search().find(formula)
        return None if box is None else self.shrunk(formula, box)

    def case(self, *parts: Formula, read: Iterable[Condition] = ()) -> Point | None:
        """A minimal case in which all parts hold, with what some conditions `read`; None where there is none. Raises
        `BoundReached`."""
        box = self.box(*parts)
        return None if box is None else self.space.point(box, more=read)

    def possible_case(self, *parts: Formula) -> Point | None:
        """A minimal possible case in which all parts hold; None where there is none. Raises `BoundReached`."""
        return self.case(*parts, self.space.possible_cases.formula)

    def in_boxes(self, boxes: Sequence[Box], formula: Formula, more: Formula) -> Box | None:
        """A box with a minimal case of some boxes in which `more` holds too; None where there is none.

        `formula` holds in exactly the boxes. Raises `BoundReached`.
        """
        possible = self.space.possible_cases
        if more is possible.formula:
            first = list(islice(possible.in_boxes(boxes), _MOST_COMPARED))
            return possible.at_case(minimal_box(first, self.space.cells)) if first else None
        return self.box(formula, more)

    def in_rule(self, number: int, more: Formula) -> Box | None:
        """A box with a minimal case of a rule in which `more` holds too; None where there is none."""
        boxes = self.space.of_rule(number)
        return self.in_boxes(boxes, inside(boxes), more)

    def shrunk(
        self, formula: Formula, box: Box, lines: Mapping[str, bool] | None = None, where: Searched | None = None
    ) -> Box:
        """A box of the formula with a minimal case, shrunk from a given one. `where` is that of its search.

        `lines` are axes to shrink last, in this order, each with whether its highest value is preferred to its lowest.
        """
        masks = (where or self.space).masks
        axes = self.space.cells.axes
        names = sorted(axes, key=lambda name: (axes[name].fact.clock, axes[name].fact.usually is None))
        last = {name: range(masks[name].bit_length()) for name in lines or ()}
        orders: dict[str, Sequence[int]] = {name: shrink_order(axes[name]) for name in names if name not in last}
        orders[DAY] = range(len(self.space.cells.days))
        orders.update((name, cells[::-1] if (lines or {})[name] else cells) for name, cells in last.items())
        return shrink(box, formula, self.spare_search(where), orders, [*self.space.needed, *last])
