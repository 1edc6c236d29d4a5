"""Searches of a policy's space, within bounds of work; where one is reached, findings are `undecided`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Protocol

from attrs import Factory, field, frozen

from forbear.analysis.engine.space import BOUND, Point, PolicySpace
from forbear.language.model.conditions import Condition
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import CODE
from forbear.space.axes import DAY
from forbear.space.formulas import All, At, Formula, all_of, inside, less
from forbear.space.regions import Box
from forbear.space.relations.cases import RelatedCases
from forbear.space.relations.forms import Form
from forbear.space.search.bound import Bound
from forbear.space.search.index import Regions
from forbear.space.search.search import Search
from forbear.space.search.witness import minimal_box, shrink, shrink_order

# Several cases that differ in one fact alone, as the clock: their axes, their order, and witnesses of them all.
#
# Each case but the first has an axis of its own for the fact, and one for each form of it (`At` in formulas). Where the
# fact has forms, two cases in the same cell may differ, so their order is one of values: a form too.


class Searched(Protocol):
    """The axes that are searched, and the relations between their facts."""

    @property
    def masks(self) -> Mapping[str, int]: ...

    @property
    def relations(self) -> RelatedCases | None: ...


@frozen
class Extended:
    """A space with further forms."""

    masks: Mapping[str, int]
    relations: RelatedCases | None


@frozen(slots=False, eq=False)
class SeveralCases:
    """Cases that differ in `fact` alone, by the names of their axes for it. The first is that of the fact itself.

    `order` has pairs of them: the value of the first is below that of the second.
    """

    space: PolicySpace
    fact: str
    copies: tuple[str, ...]
    order: tuple[tuple[str, str], ...]

    @cached_property
    def relations(self) -> RelatedCases | None:
        """The relations of all cases."""
        relations = self.space.relations
        return None if relations is None else relations.copied(self.fact, self.copies, [*self._order.values()])

    @cached_property
    def masks(self) -> Mapping[str, int]:
        """The masks of all cells of each axis."""
        forms = {} if self.relations is None else self.relations.forms
        return {
            **{name: form.everything for name, form in forms.items()},
            **self.space.masks,
            **dict.fromkeys(self.copies, self.space.masks[self.fact]),
        }

    def at(self, part: Formula, copy: str) -> Formula:
        """The formula that `part` holds of the case `copy`."""
        relations = self.space.relations
        return At(part, self.fact, copy, {} if relations is None else relations.renamed(self.fact, copy))

    @cached_property
    def ordered(self) -> tuple[Formula, ...]:
        """The formulas of the order."""
        return tuple([self._below(*pair) for pair in self.order])

    def _below(self, lower: str, higher: str) -> Formula:
        form, cells = self._order.get((lower, higher)), self.space.cells.axes[self.fact].size
        if form is None:
            return less(lower, higher, cells)
        return All((less(lower, higher, cells, or_equal=True), inside([{form.name: form.everything & ~1}])))

    @cached_property
    def _order(self) -> Mapping[tuple[str, str], Form]:
        """For each pair, a form with two known cells: in the first, the first value is not below the second."""
        relations = self.space.relations
        if relations is None or not relations.renamed(self.fact, ""):
            return {}
        axis = self.space.cells.axes[self.fact]
        width = axis.fact.high - axis.fact.low
        return {pair: Form(pair[::-1], (1, -1), -width, (1,), (), ()) for pair in self.order}

    def points(self, box: Box, ends: Mapping[str, bool]) -> dict[str, Point]:
        """The case of each of some axes in a box, minimal, with the greatest value of the fact there if `ends` maps it
        to True, and its least otherwise."""
        space, possible, fact = self.space, self.space.possible_cases, self.fact
        minimal = {name: space.minimal(self._box_of(box, name), {fact: ends[name]}) for name in ends}
        shared, day = minimal[fact]
        case = {**{name: its[fact] for name, (its, _) in minimal.items()}, **shared, fact: shared[fact]}
        copies = dict.fromkeys(self.copies, fact)
        at_copies = [self.at(possible.formula, copy) for copy in copies]
        case, day = possible.case_in(box, case, day, self.relations, copies, at_copies)
        alike = {name: value for name, value in case.items() if name not in copies}
        return {name: space.point_at({**alike, fact: case[name]}, day) for name in ends}

    def _box_of(self, box: Box, name: str) -> Box:
        """Returns the box of one of the cases, without relations."""
        shared = {axis: mask for axis, mask in box.items() if axis in self.space.masks and axis != self.fact}
        return {**shared, self.fact: box[name]} if name in box else shared


_MOST_COMPARED = 50


def _turn(fact: Fact) -> tuple[bool, bool, bool]:
    """The key by which facts are shrunk in turn: first the country of the rules, out of which no law would bind, then
    facts with a usual value, and the clock last.
    """
    return fact.clock, fact.kind is not CODE, fact.usually is None


@frozen(slots=False, eq=False)
class Searcher:
    """Searches one policy's space.

    `bound` is what the searches for one code may still spend, and `spare` what may be spent to shrink the witnesses of
    its findings. `counting` has the codes of which enough findings are reported, so that more are only counted.
    """

    space: PolicySpace
    bound: Bound = field(default=Factory(lambda self: self.space.bound, takes_self=True))
    spare: Bound = field(default=Factory(lambda self: Bound(BOUND, between=self.bound.between), takes_self=True))
    counting: set[str] = field(factory=set)

    @property
    def most(self) -> int:
        """The number of boxes that the searches for one code may compare."""
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
        """Returns true if some parts hold in one case. Raises `BoundReached`."""
        return self.search().find(all_of(parts)) is not None

    def is_possible(self, *parts: Formula) -> bool:
        """Returns true if some parts hold in one possible case. Raises `BoundReached`."""
        return self.holds(*parts, self.space.possible_cases.formula)

    def box(self, *parts: Formula) -> Box | None:
        """Returns a box with a minimal case in which all parts hold; None if there is none. Raises `BoundReached`."""
        formula = all_of(parts)
        box = self.search().find(formula)
        return None if box is None else self.shrunk(formula, box)

    def case(self, *parts: Formula, read: Iterable[Condition] = ()) -> Point | None:
        """Returns a minimal case in which all parts hold, with the facts that some conditions `read`; None if there is
        none. Raises `BoundReached`.
        """
        box = self.box(*parts)
        return None if box is None else self.space.point(box, more=read)

    def possible_case(self, *parts: Formula) -> Point | None:
        """Returns a minimal possible case in which all parts hold; None if there is none. Raises `BoundReached`."""
        return self.case(*parts, self.space.possible_cases.formula)

    def in_boxes(self, boxes: Sequence[Box], formula: Formula, more: Formula) -> Box | None:
        """Returns a box with a minimal case of some boxes in which `more` holds too; None if there is none.

        `formula` holds in exactly the boxes. Raises `BoundReached`.
        """
        possible = self.space.possible_cases
        if more is possible.formula:
            first = list(islice(possible.in_boxes(boxes), _MOST_COMPARED))
            return possible.at_case(minimal_box(first, self.space.cells)) if first else None
        return self.box(formula, more)

    def in_rule(self, number: int, more: Formula) -> Box | None:
        """Returns a box with a minimal case of a rule in which `more` holds too; None if there is none."""
        boxes = self.space.of_rule(number)
        return self.in_boxes(boxes, inside(boxes), more)

    def shrunk(
        self, formula: Formula, box: Box, lines: Mapping[str, bool] | None = None, where: Searched | None = None
    ) -> Box:
        """Returns a box of the formula with a minimal case, shrunk from a given one. `where` is that of its search.

        `lines` are axes to shrink last, in this order, each with whether its highest value is preferred to its lowest.
        """
        masks = (where or self.space).masks
        axes = self.space.cells.axes
        names = sorted(axes, key=lambda name: _turn(axes[name].fact))
        last = {name: range(masks[name].bit_length()) for name in lines or ()}
        orders: dict[str, Sequence[int]] = {name: shrink_order(axes[name]) for name in names if name not in last}
        orders[DAY] = range(len(self.space.cells.days))
        orders.update((name, cells[::-1] if (lines or {})[name] else cells) for name, cells in last.items())
        return shrink(box, formula, self.spare_search(where), orders, [*self.space.needed, *last])
