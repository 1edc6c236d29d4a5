"""Open facts that have to do with each other: which cells of theirs, and of their sums, have a case in common.

Rules compare them; or they follow from the same events, or from a date and the day of the decision. The last two hold
of what is given too: of 2 calls in 7 days, no more than 2 are of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, reduce
from itertools import combinations

from attrs import evolve, frozen

from forbear.kernel.cases import InPart, Value
from forbear.language.model.policy import TypedPolicy
from forbear.queries.opened.diagrams import Diagrams, Node, TooLarge
from forbear.semantics.lowered import guards
from forbear.space.axes import Axis, Space, axes_of, leaf_cells
from forbear.space.by_day import dates
from forbear.space.possible import PossibleCases
from forbear.space.regions import Box, full_masks
from forbear.space.related import related_facts
from forbear.space.relations.by_z3 import Reason, Unsolved
from forbear.space.relations.cases import RelatedCases
from forbear.space.search.bound import Bound

_MOST_CASES = 2_000
_MOST_WORK = 3_000_000
"""How much work may be done to find the cases of facts that hang together: a few seconds."""


class NoCase(Exception):
    """What is given excludes every value of the open facts."""


@frozen(slots=False, eq=False)
class OpenRelations:
    """What open facts have to do with each other. What uses it raises `Unsolved` or `BoundReached` where it is not
    known whether there is a case."""

    policy: TypedPolicy
    space: Space
    names: Sequence[str]
    """The axes, in the order of the diagrams."""
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
                    leaf = guards.Values(name, ((value.low, value.high),), True, value.none)
                else:
                    leaf = guards.among(name, () if value is None else (value,), True, value is None)
                axis = axes_of({name: fact}, [leaf])[name]
                cells_of_given[name] = axis, leaf_cells(leaf, axis)
        return cells_of_given

    @cached_property
    def _possible_cases(self) -> PossibleCases:
        axes = {**self.space.axes, **{name: axis for name, (axis, _) in self._given.items()}}
        pairs = [
            pair
            for pair in related_facts(self.policy, axes)
            if pair.fewer in self.space.axes or pair.more in self.space.axes
        ]
        periods = () if self.day is None else ((self.day, self.day),)
        return PossibleCases(pairs, evolve(self.space, axes=axes), dates(self.policy, axes, self.space.forms, periods))

    @property
    def some(self) -> bool:
        """Whether there are any."""
        return bool(self._parts or self._possible_cases.excluded)

    @cached_property
    def everything(self) -> dict[str, int]:
        axes = {name: axis.everything for name, (axis, _) in self._given.items()}
        return {**full_masks(self.space), **axes}

    @property
    def _cases(self) -> RelatedCases:
        cases = self._possible_cases.relations
        assert cases is not None
        return cases

    def possible(self, diagrams: Diagrams) -> Node:
        """Whether there is a case in some cells. Raises `NoCase` where there is none in all of them."""
        excluded = [self._outside(diagrams, box) for box in self._possible_cases.excluded]
        node = diagrams.all_of([*excluded, *[self._possible(diagrams, part) for part in self._parts]])
        if node == diagrams.leaf(False):
            raise NoCase
        return node

    def _outside(self, diagrams: Diagrams, box: Box) -> Node:
        """Where a case is not in a box, of which the given facts are somewhere."""
        outside = [diagrams.cells(level, ~box[name]) for level, name in enumerate(self.names) if name in box]
        elsewhere = any(name in self._given and self._given[name][1] & ~mask for name, mask in box.items())
        return diagrams.leaf(True) if elsewhere else diagrams.any_of(outside)

    @cached_property
    def _parts(self) -> list[set[str]]:
        """The axes of relations, and of what hangs together by dates, in parts that have no fact in common."""
        parts: list[set[str]] = []
        for together in self._together():
            apart = [part for part in parts if part.isdisjoint(together)]
            parts = [*apart, together.union(*[part for part in parts if part not in apart])]
        return parts

    @property
    def together(self) -> list[str]:
        """The facts that rules compare, or that hang together by dates."""
        return [name for name in self.space.axes if any(name in part for part in self._parts)]

    def _together(self) -> Iterator[set[str]]:
        for name, form in self.space.forms.items():
            yield {name, *form.facts}
        relations = self._possible_cases.relations
        dated = set() if relations is None else relations.dated & self.space.axes.keys()
        if dated:
            yield dated

    def _possible(self, diagrams: Diagrams, part: set[str]) -> Node:
        possible = diagrams.leaf(False)
        for cells in self._cases_of(diagrams, part):
            in_cells = [diagrams.cells(level, 1 << cell) for level, cell in cells.items()]
            possible = diagrams.any_of([possible, diagrams.all_of(in_cells)])
        return possible

    def _cases_of(self, diagrams: Diagrams, part: set[str]) -> list[dict[int, int]]:
        """The cells, by axis, that have a case in common on the axes of a part."""
        cases, bound = self._cases, Bound(_MOST_WORK)
        levels = [level for level, name in enumerate(self.names) if name in part]
        cases_found: list[dict[int, int]] = [{}]
        for level in levels:
            further = [
                {**cells_so_far, level: cell} for cells_so_far in cases_found for cell in range(diagrams.sizes[level])
            ]
            if len(further) > _MOST_CASES:
                raise TooLarge
            cases_found = [
                cells_so_far
                for cells_so_far in further
                if _has_case(cases, self._box(cells_so_far), self.everything, bound)
            ]
        return cases_found

    def _box(self, cells: Mapping[int, int]) -> Box:
        box = {name: cell for name, (_, cell) in self._given.items()}
        return {**box, **{self.names[level]: 1 << cell for level, cell in cells.items()}}

    def forms_of(self, fact: str) -> list[str]:
        """The sums in which a fact is compared."""
        return [name for name, form in self.space.forms.items() if fact in form.facts]

    def matters(self, diagrams: Diagrams, node: Node, fact: str) -> bool:
        """Whether a function has different values in two cases that differ in one fact alone; or, as some facts follow
        from others, in it and in facts of the same events or dates."""
        tied = self._tied(fact)
        if tied:
            return self._tells(diagrams, node, fact, tied)
        part = next((part for part in self._parts if fact in part), None)
        if part is None:
            return self.names.index(fact) in diagrams.asked(node)
        copy = f"another {fact}"
        both = self._cases.copied(fact, [copy], ())
        renamed = {fact: copy, **self._cases.renamed(fact, copy)}
        everything = self.everything | {new: self.everything[old] for old, new in renamed.items()}
        bound = Bound(_MOST_WORK)
        cases = [(self._box(cells), diagrams.within(node, cells)) for cells in self._cases_of(diagrams, part)]
        for (box, function), (another, of_another) in combinations(cases, 2):
            if all(box[name] == another[name] for name in box if name not in renamed):
                together = {**box, **{new: another[old] for old, new in renamed.items()}}
                if _differ(diagrams, function, of_another) and _has_case(both, together, everything, bound):
                    return True
        return False

    def _tied(self, fact: str) -> set[str]:
        """The other open facts of the same events or dates."""
        relations = self._possible_cases.relations
        dated = set() if relations is None else relations.dated
        sets = [dated, *[{pair.fewer, pair.more} for pair in self._possible_cases.pairs]]
        tied: set[str] = {fact}
        while more := set().union(*[tied_set for tied_set in sets if tied_set & tied]) - tied:
            tied |= more
        return (tied & self.space.axes.keys()) - {fact}

    def _tells(self, diagrams: Diagrams, node: Node, fact: str, tied: set[str]) -> bool:
        """Whether a function may have different values where a fact, or a sum of it, is in different cells, whatever
        the facts are that are tied to it."""
        values = diagrams.combined(
            lambda own_values: frozenset() if own_values is None else frozenset([own_values]), node
        )
        own = [self.names.index(name) for name in (fact, *self.forms_of(fact))]
        forms = {form for name in tied for form in self.forms_of(name)}
        for level, name in enumerate(self.names):
            if name in tied | forms and level not in own:
                values = self._whatever(diagrams, values, level)
        differs = lambda left, right: bool(left and right) and len(left | right) > 1  # noqa: E731
        for level in own:
            own_values = values
            for other_level in own:
                own_values = own_values if other_level == level else self._whatever(diagrams, own_values, other_level)
            cells = {diagrams.within(own_values, {level: cell}) for cell in range(diagrams.sizes[level])}
            if any(True in diagrams.values(diagrams.combined(differs, *two)) for two in combinations(cells, 2)):
                return True
        return False

    def _whatever(self, diagrams: Diagrams, values: Node, level: int) -> Node:
        """The values that a function has in any cell of an axis, of the sets that it has in each."""
        functions = {diagrams.within(values, {level: cell}) for cell in range(diagrams.sizes[level])}
        return reduce(lambda left, right: diagrams.combined(_union, left, right), functions)


def _union(left: frozenset[object], right: frozenset[object]) -> frozenset[object]:
    return left | right


def _has_case(cases: RelatedCases, box: Box, everything: Mapping[str, int], bound: Bound) -> bool:
    """Whether a box has a case. It is taken to have one where only its ages are too hard to compare."""
    try:
        return cases.excluded(box, everything, bound) is None
    except Unsolved as why:
        if why.reason is not Reason.AGES:
            raise
        return True


def _differ(diagrams: Diagrams, left: Node, right: Node) -> bool:
    """Whether two functions have different values somewhere, where both have a case."""
    differ = diagrams.combined(lambda value, of_other: None not in (value, of_other) and value != of_other, left, right)
    return left != right and True in diagrams.values(differ)
