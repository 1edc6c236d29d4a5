"""Formulas over cases: unions of boxes, joined by conjunction, disjunction and negation.

A formula may be about several cases that differ in one fact alone: each case has an axis of its own for that fact
(`At`), and `less` orders them. Formulas share their common parts, and nothing is copied, so a chain of thousands of
rules that override each other has as many parts as rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from attrs import field, frozen

from forbear.space.regions import Box, merged
from forbear.space.search.index import Index

_FEW = 100
"""The most boxes that are compared one by one; more have an index."""


@frozen(eq=False)
class Inside:
    """Holds if the case is in one of a few boxes."""

    boxes: tuple[Box, ...]


@frozen(eq=False)
class Among:
    """Holds if the case is in one of many boxes. `left` has a bit for each box that still matters."""

    boxes: tuple[Box, ...] = field(repr=False)
    index: Index = field(repr=False)
    left: int


@frozen(eq=False)
class At:
    """The part holds of another case, which differs in the fact `name` alone. Its axis for that fact is `new`.

    The axis `new` has the same cells. `forms` maps the forms of that fact to the axes of the same forms of the other
    case. An `At` is never within another.
    """

    part: Formula
    name: str
    new: str
    forms: Mapping[str, str] = field(factory=dict)

    @property
    def renamed(self) -> Mapping[str, str]:
        """The axes of the other case, keyed by those of the first that it does not share."""
        return {self.name: self.new, **self.forms}

    @property
    def parts(self) -> tuple[Formula, ...]:
        return (self.part,)


@frozen(eq=False)
class Neither:
    """Holds if none of the parts holds."""

    parts: tuple[Formula, ...]


@frozen(eq=False)
class All:
    """Holds if all parts hold."""

    parts: tuple[Formula, ...]


@frozen(eq=False)
class Any:
    """Holds if one of the parts holds."""

    parts: tuple[Formula, ...]


Leaf: TypeAlias = Inside | Among
Joined: TypeAlias = At | Neither | All | Any
Formula: TypeAlias = Leaf | Joined

TRUE: Formula = All(())
FALSE: Formula = Any(())


def inside(boxes: Iterable[Box]) -> Formula:
    """Returns the formula that holds in the boxes."""
    of_axes = tuple(merged(boxes))
    if {} in of_axes:
        return TRUE
    if len(of_axes) <= _FEW:
        return Inside(of_axes) if of_axes else FALSE
    index = Index(enumerate(of_axes))
    return Among(of_axes, index, index.all)


def less(lower: str, higher: str, cells: int, *, or_equal: bool = False) -> Formula:
    """Returns the formula for when the cell on one axis comes before that on another one, which has the same cells."""
    everything = (1 << cells) - 1
    firsts = range(not or_equal, cells)
    halving = sorted(firsts, key=lambda first: -(first & -first))  # a search splits by the first boxes first
    boxes = [{lower: (1 << first + or_equal) - 1, higher: everything & -(1 << first)} for first in halving]
    return inside([{name: mask for name, mask in box.items() if mask != everything} for box in boxes])


def any_of(formulas: Iterable[Formula]) -> Formula:
    """Returns the disjunction of formulas. Their boxes are gathered in one part, which comes first."""
    boxes: list[Box] = []
    further: dict[int, Formula] = {}
    for formula in formulas:
        if formula is TRUE:
            return TRUE
        if isinstance(formula, Inside | Among):
            boxes.extend(formula.boxes)
        elif formula is not FALSE:
            further[id(formula)] = formula
    first = inside(boxes)
    if first is TRUE or not further:
        return first
    return Any((*([] if first is FALSE else [first]), *further.values()))


def all_of(formulas: Sequence[Formula]) -> Formula:
    """Returns the conjunction of formulas."""
    return formulas[0] if len(formulas) == 1 else All(tuple(formulas))


def both(first: Formula, second: Formula) -> Formula:
    """Returns the conjunction of two formulas."""
    return second if first is TRUE else first if second is TRUE else All((first, second))


def but_not(formula: Formula, excluded: Formula) -> Formula:
    """Returns the formula that holds if one formula holds and another does not. It is one box if both are one box of
    the same axis.
    """
    if formula is FALSE or excluded is TRUE:
        return FALSE
    if excluded is FALSE:
        return formula
    line, other_line = _line(formula), _line(excluded)
    if line is not None and other_line is not None and line[0] == other_line[0]:
        left = line[1] & ~other_line[1]
        return inside([{line[0]: left}] if left else [])
    return All((formula, Neither((excluded,))))


def differing(first: Formula, second: Formula) -> Formula:
    """Returns the formula that holds if exactly one of two formulas holds."""
    return any_of((but_not(first, second), but_not(second, first)))


def _line(formula: Formula) -> tuple[str, int] | None:
    """The axis and the cells of a formula that is one box of one axis."""
    if isinstance(formula, Inside) and len(formula.boxes) == 1 and len(formula.boxes[0]) == 1:
        ((name, mask),) = formula.boxes[0].items()
        return name, mask
    return None
