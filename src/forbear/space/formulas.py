"""Formulas over cases: unions of boxes, joined by and, or and not.

A formula may look at several cases at once that are alike but for one fact: each has an axis of its own for that fact
(`At`), and `Less` sets them in order. What two formulas have in common they share: nothing is copied, so that rules
that override each other in a chain of thousands come to as many parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from attrs import field, frozen

from forbear.space.regions import Box
from forbear.space.search.index import Index

_FEW = 100
"""So many boxes are looked at one by one; more have an index."""


@frozen(eq=False)
class Inside:
    """The case lies in one of the boxes, which are few."""

    boxes: tuple[Box, ...]


@frozen(eq=False)
class Among:
    """The case lies in one of many boxes; `left` has a bit for each that still matters."""

    boxes: tuple[Box, ...] = field(repr=False)
    index: Index = field(repr=False)
    left: int


@frozen(eq=False)
class Less:
    """On two axes that have the same cells, the case's cell on the one comes before its cell on the other; or with
    `step` 0 before it or at it."""

    lower: str
    higher: str
    step: int = 1


@frozen(eq=False)
class At:
    """The part, of another case that differs in one fact alone: its axis there is `new`, which has the same cells.

    It is never within another `At`.
    """

    part: Formula
    name: str
    new: str

    @property
    def parts(self) -> tuple[Formula, ...]:
        return (self.part,)


@frozen(eq=False)
class Neither:
    """None of the parts holds."""

    parts: tuple[Formula, ...]


@frozen(eq=False)
class All:
    parts: tuple[Formula, ...]


@frozen(eq=False)
class Any:
    parts: tuple[Formula, ...]


Leaf: TypeAlias = Inside | Among | Less
Joined: TypeAlias = At | Neither | All | Any
Formula: TypeAlias = Leaf | Joined

TRUE: Formula = All(())
FALSE: Formula = Any(())


def inside(boxes: Iterable[Box]) -> Formula:
    """Where a case lies in one of the boxes. Boxes of one axis alone become one for each axis."""
    by_axis: dict[str, int] = {}
    found: list[Box] = []
    for box in boxes:
        if not box:
            return TRUE
        if len(box) > 1:
            found.append(box)
            continue
        ((name, mask),) = box.items()
        if name not in by_axis:
            found.append({name: mask})
        by_axis[name] = by_axis.get(name, 0) | mask
    merged = tuple([{name: by_axis[name] for name in box} if len(box) == 1 else box for box in found])
    if len(merged) <= _FEW:
        return Inside(merged) if merged else FALSE
    index = Index(enumerate(merged))
    return Among(merged, index, index.all)


def any_of(formulas: Iterable[Formula]) -> Formula:
    """Where one of the formulas holds. All their boxes stand together, and come first."""
    boxes: list[Box] = []
    others: dict[int, Formula] = {}
    for formula in formulas:
        if formula is TRUE:
            return TRUE
        if isinstance(formula, Inside | Among):
            boxes.extend(formula.boxes)
        elif formula is not FALSE:
            others[id(formula)] = formula
    first = inside(boxes)
    if first is TRUE or not others:
        return first
    return Any((*([] if first is FALSE else [first]), *others.values()))


def both(one: Formula, other: Formula) -> Formula:
    """Where two formulas hold."""
    return other if one is TRUE else one if other is TRUE else All((one, other))


def but_not(formula: Formula, other: Formula) -> Formula:
    """Where a formula holds and another does not. Of two that speak of one and the same axis alone this is one box."""
    if formula is FALSE or other is TRUE:
        return FALSE
    if other is FALSE:
        return formula
    mine, its = _line(formula), _line(other)
    if mine is not None and its is not None and mine[0] == its[0]:
        return inside([{mine[0]: mine[1] & ~its[1]}] if mine[1] & ~its[1] else [])
    return All((formula, Neither((other,))))


def _line(formula: Formula) -> tuple[str, int] | None:
    """The axis and the cells of a formula that is one box of one axis."""
    if isinstance(formula, Inside) and len(formula.boxes) == 1 and len(formula.boxes[0]) == 1:
        ((name, mask),) = formula.boxes[0].items()
        return name, mask
    return None
