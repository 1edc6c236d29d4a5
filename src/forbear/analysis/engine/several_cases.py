"""Several cases that differ in one fact alone, as the clock: their axes, their order, and witnesses of them all.

Each case but the first has an axis of its own for the fact, and one for each form of it (`At` in formulas). Where the
fact has forms, two cases in the same cell may differ, so their order is one of values: a form too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

from attrs import frozen

from forbear.analysis.engine.space import Point, PolicySpace
from forbear.space.formulas import All, At, Formula, Less, inside
from forbear.space.regions import Box
from forbear.space.relations.cases import RelatedCases
from forbear.space.relations.forms import Form


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
        form = self._order.get((lower, higher))
        if form is None:
            return Less(lower, higher)
        return All((Less(lower, higher, 0), inside([{form.name: form.everything & ~1}])))

    @cached_property
    def _order(self) -> Mapping[tuple[str, str], Form]:
        """For each pair a form with two known cells: in the first, the first value is not below the second."""
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
        """The box of one of the cases, without relations."""
        shared = {axis: mask for axis, mask in box.items() if axis in self.space.masks and axis != self.fact}
        return {**shared, self.fact: box[name]} if name in box else shared
