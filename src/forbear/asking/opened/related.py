"""Open facts that rules compare with each other: which cells of theirs, and of their sums, have a case in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from attrs import frozen

from forbear.asking.opened.diagrams import Diagrams, Node, TooLarge
from forbear.space.axes import Space
from forbear.space.regions import Box
from forbear.space.relations.cases import RelatedCases
from forbear.space.search.bound import Bound

_MOST_CASES = 2_000
_MOST_WORK = 400_000
"""How much work may be done to find the cases of facts that hang together: a few seconds."""


@frozen(eq=False)
class OpenRelations:
    """The relations of open facts. What uses them raises `Unsolved` or `BoundReached` where it is not known whether
    there is a case."""

    space: Space
    names: Sequence[str]
    """The axes, in the order of the diagrams."""

    @property
    def everything(self) -> dict[str, int]:
        return {name: self.space.everything(name) for name in self.names}

    @property
    def _cases(self) -> RelatedCases:
        return RelatedCases(self.space.forms, self.space.axes)

    def possible(self, diagrams: Diagrams) -> Node:
        """Whether there is a case in some cells."""
        return diagrams.all_of([self._possible(diagrams, part) for part in self._parts()])

    def _parts(self) -> list[set[str]]:
        """The axes of relations, in parts that have no fact in common."""
        parts: list[set[str]] = []
        for name, form in self.space.forms.items():
            its = {name, *form.facts}
            apart = [part for part in parts if part.isdisjoint(its)]
            parts = [*apart, its.union(*[part for part in parts if part not in apart])]
        return parts

    def _possible(self, diagrams: Diagrams, part: set[str]) -> Node:
        possible = diagrams.leaf(False)
        for cells in self._cases_of(diagrams, part):
            its = [diagrams.cells(level, 1 << cell) for level, cell in cells.items()]
            possible = diagrams.any_of([possible, diagrams.all_of(its)])
        return possible

    def _cases_of(self, diagrams: Diagrams, part: set[str]) -> list[dict[int, int]]:
        """The cells, by axis, that have a case in common on the axes of a part."""
        cases, everything, bound = self._cases, self.everything, Bound(_MOST_WORK)
        levels = [level for level, name in enumerate(self.names) if name in part]
        found: list[dict[int, int]] = [{}]
        for level in levels:
            further = [{**one, level: cell} for one in found for cell in range(diagrams.sizes[level])]
            if len(further) > _MOST_CASES:
                raise TooLarge
            found = [one for one in further if cases.excluded(self._box(one), everything, bound) is None]
        return found

    def _box(self, cells: Mapping[int, int]) -> Box:
        return {self.names[level]: 1 << cell for level, cell in cells.items()}

    def forms_of(self, fact: str) -> list[str]:
        """The sums in which a fact is compared."""
        return [name for name, form in self.space.forms.items() if fact in form.facts]

    def matters(self, diagrams: Diagrams, node: Node, fact: str) -> bool:
        """Whether a function has different values in two cases that differ in one fact alone."""
        copy = f"another {fact}"
        both = self._cases.copied(fact, [copy], ())
        renamed = {fact: copy, **self._cases.renamed(fact, copy)}
        everything, bound = self.everything, Bound(_MOST_WORK)
        everything |= {new: everything[old] for old, new in renamed.items()}
        [part] = [part for part in self._parts() if fact in part]
        cases = [(self._box(cells), diagrams.within(node, cells)) for cells in self._cases_of(diagrams, part)]
        for (box, its), (another, of_another) in combinations(cases, 2):
            if its == of_another:
                continue
            if all(box[name] == another[name] for name in box if name not in renamed):
                together = {**box, **{new: another[old] for old, new in renamed.items()}}
                if both.excluded(together, everything, bound) is None:
                    return True
        return False
