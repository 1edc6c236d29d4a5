"""Converts guards to regions: exact unions of boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from forbear.language.model.policy import Rule
from forbear.semantics.lowered.guards import AllOf, AnyOf, Guard, Guards, RelatedValues
from forbear.semantics.meaning import rule_in_force
from forbear.space.axes import DAY, Space, leaf_cells, related_cells
from forbear.space.relations.forms import form_name

Box = Mapping[str, int]
"""A mask for each axis on which the box does not have all cells. No mask is empty; the empty box has every case."""

MAXIMUM_BOXES = 2_000


class TooManyBoxes(Exception):
    """A guard has more boxes than the bound, or no exact boxes."""


class NoBoxes(TooManyBoxes):
    """A guard compares facts, and the space has no axes for that."""


def region(guard: Guard, space: Space, limit: int = MAXIMUM_BOXES) -> list[Box]:
    """The boxes in which a guard holds. Raises `TooManyBoxes` where there are more than `limit`."""
    match guard:
        case AllOf(parts) | AnyOf(parts):
            of_parts = []
            for part in parts:
                of_parts.append(region(part, space, limit))
            return _product(of_parts, limit) if isinstance(guard, AllOf) else _union(of_parts, space, limit)
        case RelatedValues(relation=relation):
            form = space.forms.get(form_name(relation.facts, relation.factors))
            if form is None:
                raise NoBoxes
            mask = related_cells(guard, form)
            if mask == form.everything:
                return [{}]
            return [{form.name: mask}] if mask else []
        case leaf:
            axis = space.axes[leaf.fact]
            mask = leaf_cells(leaf, axis)
            if mask == axis.everything:
                return [{}]
            return [{leaf.fact: mask}] if mask else []


def merged(boxes: Iterable[Box]) -> list[Box]:
    """Boxes, of which those of one axis alone become one for each axis."""
    by_axis: dict[str, int] = {}
    gathered: list[Box] = []
    for box in boxes:
        if len(box) == 1:
            ((name, mask),) = box.items()
            if name not in by_axis:
                gathered.append(box)
            by_axis[name] = by_axis.get(name, 0) | mask
        else:
            gathered.append(box)
    return [{name: by_axis[name] for name in box} if len(box) == 1 else box for box in gathered]


def _union(of_parts: Sequence[list[Box]], space: Space, limit: int) -> list[Box]:
    """Returns the union of regions, without boxes within others of one axis."""
    boxes = merged(box for part in of_parts for box in part)
    alone = [box for box in boxes if len(box) == 1]
    if {} in boxes or any(mask == space.everything(name) for box in alone for name, mask in box.items()):
        return [{}]
    distinct = {frozenset(box.items()): box for box in boxes if len(box) > 1}
    boxes = alone + [box for box in distinct.values() if not any(contains(wide, box) for wide in alone)]
    if len(boxes) > limit:
        raise TooManyBoxes
    return boxes


def _product(of_parts: Sequence[list[Box]], limit: int) -> list[Box]:
    boxes: list[Box] = [{}]
    for part in of_parts:
        crossed: list[Box] = []
        for left in boxes:
            for right in part:
                box = intersection(left, right)
                if box is not None:
                    crossed.append(box)
            if len(crossed) > limit:
                raise TooManyBoxes
        boxes = crossed
    return boxes


def intersection(left: Box, right: Box) -> Box | None:
    """Returns the box of the cases that two boxes have in common; None if there is no such case."""
    if not left or not right:
        return right or left
    both = dict(left)
    for name, mask in right.items():
        common = both.get(name, mask) & mask
        if not common:
            return None
        both[name] = common
    return both


def contains(outer: Box, inner: Box) -> bool:
    """Returns true if a box has all cases of another."""
    return all(name in inner and not inner[name] & ~mask for name, mask in outer.items())


def full_masks(space: Space) -> dict[str, int]:
    """Returns the mask of all cells of each axis, including that of days."""
    return {**{name: space.everything(name) for name in (*space.axes, *space.forms)}, DAY: space.all_days}


@frozen
class RuleRegions:
    """The regions in which a rule is in force and its condition certainly holds, and in which it is in force and its
    condition possibly holds.

    They are the same object if nothing that the rule reads can be unknown.
    """

    certain: tuple[Box, ...]
    possible: tuple[Box, ...]


def rule_regions(rule: Rule, guards: Guards, space: Space, limit: int = MAXIMUM_BOXES) -> RuleRegions:
    """The two regions of a rule. Raises `TooManyBoxes` where one has more than `limit`."""
    days = 0
    for number, day in enumerate(space.days):
        if rule_in_force(rule, day):
            days |= 1 << number
    if not days:
        return RuleRegions((), ())
    dated: Box = {} if days == space.all_days else {DAY: days}
    certain = _dated(region(guards.certain, space, limit), dated)
    if guards.possible is guards.certain:
        return RuleRegions(certain, certain)
    possible = _dated(region(guards.possible, space, limit), dated)
    return RuleRegions(certain, certain if certain == possible else possible)


def _dated(boxes: Sequence[Box], dated: Box) -> tuple[Box, ...]:
    return tuple([{**box, **dated} for box in boxes] if dated else boxes)
