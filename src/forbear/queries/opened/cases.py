"""Which cases of open facts are possible beside what is given: those of the analyser, in the cells of the given facts.

Facts that rules compare, or that follow from the same events, or from a date and the day of the decision, have to do
with each other. The last two hold of what is given too: of 2 calls in 7 days, no more than 2 are of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from attrs import evolve, frozen

from forbear.kernel.cases import InPart, Value, bits
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.lowered.guards import Values, among
from forbear.space.axes import Axis, Space, axes_of, leaf_cells
from forbear.space.by_day import dates
from forbear.space.formulas import TRUE, All, At, Formula, Neither, but_not, inside
from forbear.space.possible import PossibleCases
from forbear.space.regions import Box
from forbear.space.related import related_facts
from forbear.space.relations.systems import Reason, Unsolved
from forbear.space.search.bound import Bound
from forbear.space.search.search import Search

_MOST_CASES = 2_000
_MOST_WORK = 3_000_000
"""How much work may be done to find the cases of facts that hang together: a few seconds."""


class TooManyCases(Exception):
    """Facts that hang together have too many cases."""


@frozen(slots=False, eq=False)
class OpenCases:
    """The possible cases. What uses them raises `BoundReached` where it is not known whether there is one."""

    policy: TypedPolicy
    space: Space
    given: Mapping[str, Value]
    """The values of other facts. Those of private ones exclude nothing, as an answer would tell them."""
    day: int | None
    """The day of the decision, where it is told."""

    @cached_property
    def _given(self) -> dict[str, tuple[Axis, int]]:
        """The axes of facts that are given, and the cells of their values."""
        derived = self.policy.derived
        linked = derived.keys() | {derivation.of for derivation in derived.values()}
        if linked.isdisjoint(self.space.axes):
            return {}
        cells_of_given = {}
        for name, value in self.given.items():
            fact = evolve(self.policy.facts[name], optional=False)
            if name in linked and not fact.private and not isinstance(value, str):
                if isinstance(value, InPart):
                    leaf = Values(name, ((value.low, value.high),), True, value.none)
                else:
                    leaf = among(name, () if value is None else (value,), True, value is None)
                axis = axes_of({name: fact}, [leaf])[name]
                cells_of_given[name] = axis, leaf_cells(leaf, axis)
        return cells_of_given

    @cached_property
    def _possible(self) -> PossibleCases:
        axes = {**self.space.axes, **{name: axis for name, (axis, _) in self._given.items()}}
        pairs = [
            pair
            for pair in related_facts(self.policy, axes)
            if pair.fewer in self.space.axes or pair.more in self.space.axes
        ]
        periods = () if self.day is None else ((self.day, self.day),)
        by_day = dates(self.policy, axes, self.space.forms, periods)
        if by_day is not None and by_day.names.isdisjoint(self.space.axes):
            by_day = None  # what is given is not asked whether it goes together
        return PossibleCases(pairs, evolve(self.space, axes=axes), by_day)

    @cached_property
    def masks(self) -> dict[str, int]:
        """All cells of each open fact, and of each sum in which two of them are compared."""
        return {name: self.space.everything(name) for name in (*self.space.axes, *self.space.forms)}

    @cached_property
    def possible(self) -> Formula:
        """Where there is a case."""
        excluded = [
            {name: mask for name, mask in box.items() if name in self.masks}
            for box in self._possible.excluded
            if not any(name in self._given and self._given[name][1] & ~mask for name, mask in box.items())
        ]
        parts = [inside(self._together(part)) for part in self._parts]
        return All((Neither((inside(excluded),)), *parts)) if excluded or parts else TRUE

    def _together(self, part: set[str]) -> list[Box]:
        """The cells that have a case in common, of facts that hang together."""
        bound = Bound(_MOST_WORK)
        boxes: list[Box] = [{}]
        for name, mask in self.masks.items():
            if name in part:
                boxes = [{**box, name: 1 << cell} for box in boxes for cell in bits(mask)]
                if len(boxes) > _MOST_CASES:
                    raise TooManyCases
                boxes = [box for box in boxes if self._has_case(box, bound)]
        return boxes

    def _has_case(self, box: Box, bound: Bound) -> bool:
        """Whether relations leave a case of a box, or only its ages are too hard to compare."""
        assert self._possible.relations is not None
        given = {name: cells for name, (_, cells) in self._given.items()}
        try:
            return self._possible.relations.excluded({**given, **box}, self._possible.masks, bound) is None
        except Unsolved as why:
            if why.reason is not Reason.AGES:
                raise
            return True

    def differs(self, fact: str, formulas: Sequence[Formula]) -> bool:
        """Whether one of some formulas holds in one of two cases that differ in a fact alone, which rules compare with
        another, and not in the other."""
        copy, relations = f"another {fact}", self._possible.relations
        assert relations is not None
        renamed = {fact: copy, **relations.renamed(fact, copy)}
        masks = self._possible.masks | {new: self._possible.masks[name] for name, new in renamed.items()}
        search = Search(masks, Bound(_MOST_WORK), relations.copied(fact, [copy], ()))
        given = {name: cells for name, (_, cells) in self._given.items()}
        two = [
            All((formula, At(but_not(self.possible, formula), fact, copy, renamed), self.possible))
            for formula in formulas
        ]
        try:
            return any(search.find(both_of, given) is not None for both_of in two)
        except Unsolved as why:
            if why.reason is not Reason.AGES:
                raise
            return True

    @cached_property
    def _dated(self) -> set[str]:
        """The open facts that hang together by dates."""
        return set() if self._possible.relations is None else self._possible.relations.dated & self.space.axes.keys()

    def tied(self, fact: str) -> set[str]:
        """The other open facts of the same events or dates."""
        sets = [self._dated, *[{pair.fewer, pair.more} & self.space.axes.keys() for pair in self._possible.pairs]]
        tied = {fact}
        while more := set().union(*[together for together in sets if together & tied]) - tied:
            tied |= more
        return tied - {fact}

    def forms_of(self, fact: str) -> list[str]:
        """The sums in which a fact is compared."""
        return [name for name, form in self.space.forms.items() if fact in form.facts]

    @property
    def together(self) -> list[str]:
        """The facts that rules compare, or that hang together by dates."""
        return [name for name in self.space.axes if any(name in part for part in self._parts)]

    @cached_property
    def _parts(self) -> list[set[str]]:
        """The axes of relations, and of what hangs together by dates, in parts that have no fact in common."""
        parts: list[set[str]] = []
        groups = [{name, *form.facts} for name, form in self.space.forms.items()]
        for together in (*groups, self._dated):
            apart = [part for part in parts if part.isdisjoint(together)]
            parts = [*apart, together.union(*[part for part in parts if part not in apart])]
        return [part for part in parts if part]
