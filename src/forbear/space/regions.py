"""Conditions to regions: unions of boxes, exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from attrs import frozen

from forbear.policy.conditions import Always, And, Atom, Between, Compare, Condition, IsKnown, IsNone, Not, OneOf, Or
from forbear.policy.typed import Rule, TypedPolicy
from forbear.space.axes import DAY, Axis, Space, atom_mask

Box = Mapping[str, int]
"""A mask for each axis that is not left free; none of them is empty. The empty box is every case."""

MAXIMUM_BOXES = 2_000


class TooManyBoxes(Exception):
    """A condition that comes to more boxes than the bound."""


def region(condition: Condition, cut: Space, *, when_unknown: bool, limit: int = MAXIMUM_BOXES) -> list[Box]:
    """Where a condition holds: certainly, or with `when_unknown` where it does not certainly fail."""
    return _boxes(condition, cut, True, when_unknown, limit)


def _boxes(condition: Condition, cut: Space, holds: bool, when_unknown: bool, limit: int) -> list[Box]:
    match condition:
        case Always():
            return [{}] if holds else []
        case Not(part):
            return _boxes(part, cut, not holds, when_unknown, limit)
        case And(parts) | Or(parts):
            of_parts = []
            for part in parts:
                of_parts.append(_boxes(part, cut, holds, when_unknown, limit))
            return _product(of_parts, limit) if isinstance(condition, And) == holds else _union(of_parts, cut, limit)
        case Compare() | Between() | OneOf() | IsNone() | IsKnown():
            axis = cut.axes[condition.fact]
            mask = atom_cells(condition, axis, holds=holds, when_unknown=when_unknown)
            if mask == axis.everything:
                return [{}]
            return [{condition.fact: mask}] if mask else []
        case never:
            assert_never(never)


def atom_cells(atom: Atom, axis: Axis, *, holds: bool, when_unknown: bool) -> int:
    """The cells in which an atom's truth is `holds`; that of unknown is among them if `when_unknown`."""
    if holds:
        return atom_mask(atom, axis, when_unknown=when_unknown)
    return axis.everything & ~atom_mask(atom, axis, when_unknown=not when_unknown)


def _union(of_parts: Sequence[list[Box]], cut: Space, limit: int) -> list[Box]:
    """All boxes, those that lie within one of the others left out; boxes that differ on one axis become one."""
    boxes: list[Box] = []
    by_axis: dict[str, int] = {}
    for part in of_parts:
        for box in part:
            if len(box) == 1:
                ((name, mask),) = box.items()
                by_axis[name] = by_axis.get(name, 0) | mask
            elif box not in boxes:
                boxes.append(box)
            if not box:
                return [{}]
    if any(mask == cut.axes[name].everything for name, mask in by_axis.items()):
        return [{}]
    alone: list[Box] = [{name: mask} for name, mask in by_axis.items()]
    boxes = alone + [box for box in boxes if not any(contains(one, box) for one in alone)]
    if len(boxes) > limit:
        raise TooManyBoxes
    return boxes


def _product(of_parts: Sequence[list[Box]], limit: int) -> list[Box]:
    boxes: list[Box] = [{}]
    for part in of_parts:
        crossed: list[Box] = []
        for one in boxes:
            for other in part:
                box = intersection(one, other)
                if box is not None:
                    crossed.append(box)
            if len(crossed) > limit:
                raise TooManyBoxes
        boxes = crossed
    return boxes


def intersection(one: Box, other: Box) -> Box | None:
    """The common cases of two boxes, or None."""
    if not one or not other:
        return other or one
    both = dict(one)
    for name, mask in other.items():
        common = both.get(name, mask) & mask
        if not common:
            return None
        both[name] = common
    return both


def contains(outer: Box, inner: Box) -> bool:
    """Whether a box holds all cases of another."""
    return all(name in inner and not inner[name] & ~mask for name, mask in outer.items())


def full_masks(cut: Space) -> dict[str, int]:
    """The mask of all cells of each axis, that of days among them."""
    return {**{name: axis.everything for name, axis in cut.axes.items()}, DAY: cut.all_days}


@frozen
class RuleRegions:
    """Where a rule's condition and dates hold: certainly, and not certainly not. They are one where nothing that it
    reads can be unknown."""

    certain: tuple[Box, ...]
    possible: tuple[Box, ...]


def rule_regions(policy: TypedPolicy, rule: Rule, cut: Space) -> RuleRegions:
    """The two regions of a rule. Raises `TooManyBoxes`."""
    days = 0
    for number, day in enumerate(cut.days):
        if day is None or ((rule.since is None or rule.since <= day) and (rule.until is None or day <= rule.until)):
            days |= 1 << number
    if not days:
        return RuleRegions((), ())
    dated: Box = {} if days == cut.all_days else {DAY: days}
    certain = tuple(_dated(region(rule.condition, cut, when_unknown=False), dated))
    optional = any(cut.axes[name].fact.optional for box in certain for name in box if name != DAY)
    if not optional and not any(axis.fact.optional for axis in cut.axes.values()):
        return RuleRegions(certain, certain)
    possible = tuple(_dated(region(rule.condition, cut, when_unknown=True), dated))
    return RuleRegions(certain, certain if certain == possible else possible)


def _dated(boxes: Sequence[Box], dated: Box) -> list[Box]:
    return [{**box, **dated} for box in boxes] if dated else list(boxes)
