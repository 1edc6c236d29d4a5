"""Finds the cases in which an edited rule itself acts differently: the difference of its old and new condition, dates
and overrides.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from attrs import frozen

from forbear.analysis.comparison.pair import ChangeEffect, Pair
from forbear.analysis.comparison.telling.edits import Edits, Matched
from forbear.language.model.policy import PERMITTING, REFUSING, Effect
from forbear.space.axes import DAY, Space
from forbear.space.formulas import FALSE, All, Formula, Neither, any_of, both, but_not, differing, inside
from forbear.space.in_words import box_text, box_texts, conjuncts
from forbear.space.masks import runs
from forbear.space.regions import Box
from forbear.space.search.search import Search

_TOGETHER = 6
"""The most comparisons of several conditions that become one."""


@frozen
class Where:
    """A condition of the language, from the day `since` until the day `until` if rules have dates."""

    condition: str
    since: datetime.date | None
    until: datetime.date | None

    @property
    def terms(self) -> int:
        """The number of its comparisons."""
        return len(
            re.split(" and | or ", re.sub(r'"(?:[^"\\]|\\.)*"', '""', self.condition).replace("between", ""))
        ) - (self.condition.count(" between "))

    def as_json(self) -> dict[str, object]:
        """Returns it as `forbear diff` prints it."""
        ends = {"from": self.since, "until": self.until}
        said = {word: day.isoformat() for word, day in ends.items() if day is not None}
        return {"condition": self.condition, **said}


def wheres(boxes: Iterable[Box], space: Space) -> list[Where]:
    """Boxes as conditions, one for each period."""
    conditions = []
    for box in boxes:
        for since, until, run in periods(box, space):
            conditions.append(Where(box_text(run, space), since, until))
    return conditions


def widened(boxes: Sequence[Box], formula: Formula, search: Search) -> list[Box]:
    """Boxes of a formula as boxes with fewer sides, which may have cases in common and hold nowhere else than it."""
    wide = [_without_axes(box, formula, search) for box in boxes]
    needed: list[Box] = []
    for at, box in enumerate(wide):
        rest = needed + wide[at + 1 :]
        if not rest or search.find(All((inside([box]), Neither((inside(rest),))))) is not None:
            needed.append(box)
    return needed


def together(boxes: Sequence[Box], space: Space) -> list[Where]:
    """Boxes as one condition if it is short and has no dates, else as several; what all have in common is said once."""
    conditions = wheres(boxes, space)
    if len(conditions) < 2 or any(where.since or where.until for where in conditions):
        return conditions
    common = {name: mask for name, mask in boxes[0].items() if all(box.get(name) == mask for box in boxes)}
    rests = [{name: box[name] for name in box if name not in common} for box in boxes]
    either = " or ".join(box_texts(rests, space))
    if common:
        either = " and ".join([*conjuncts(common, space), f"({either})"])
    joined = Where(either, None, None)
    return [joined] if joined.terms <= _TOGETHER else conditions


def _without_axes(box: Box, formula: Formula, search: Search) -> Box:
    """A box without the axes that it does not need to be within a formula."""
    for name in list(box):
        rest = {axis: mask for axis, mask in box.items() if axis != name}
        if search.find(Neither((formula,)), rest) is None:
            box = rest
    return box


def periods(box: Box, space: Space) -> Iterator[tuple[datetime.date | None, datetime.date | None, Box]]:
    """A box split into contiguous periods, each with its first and its last day; None where it has none."""
    if DAY not in box:
        yield None, None, box
        return
    for first, last in runs(box[DAY]):
        since = None if first == 0 else datetime.date.fromordinal(space.starts[first])
        until = None if last + 1 == len(space.days) else datetime.date.fromordinal(space.starts[last + 1] - 1)
        yield since, until, {**box, DAY: (2 << last) - (1 << first)}


def steps_on(pair: Pair, edits: Edits, action: str) -> tuple[int, ...]:
    """The steps by which rules on an action differ."""
    steps = {rule.step for rule in edits.rules if rule.step is not None and _where_differing(pair, edits, rule, action)}
    return tuple(sorted(steps))


def where_rules_differ(pair: Pair, edits: Edits, action: str) -> Iterator[Formula]:
    """Yields, for each rule on an action that differs between the policies, the formulas for when that may matter."""
    for rule in edits.rules:
        yield from _where_differing(pair, edits, rule, action)


def _where_differing(pair: Pair, edits: Edits, rule: Matched, action: str) -> Sequence[Formula]:
    old = None if rule.old is None else pair.union.old.rules[rule.old]
    new = None if rule.new is None else pair.union.new.rules[rule.new]
    effects = [None if version is None else version.effects.get(action) for version in (old, new)]
    if effects[0] is not effects[1]:
        return [_possible(pair, rule)]
    if effects[0] is None or old is None or new is None:
        return []
    if _overridden(pair, edits, rule, action, 0) != _overridden(pair, edits, rule, action, 1):
        return [_possible(pair, rule)]
    if (old.condition, old.since, old.until) == (new.condition, new.since, new.until):
        return []
    before, after = (pair.analysis.space.regions[number] for number in _numbers(pair, rule))
    sides = ((before.certain, after.certain), (before.possible, after.possible))
    return [differing(inside(left), inside(right)) for left, right in sides]


def _overridden(pair: Pair, edits: Edits, rule: Matched, action: str, side: int) -> set[int]:
    """Returns the rules of both policies that a rule overrides on an action in one of them, by their place among the
    edits.
    """
    number = rule.new if side else rule.old
    policy = pair.union.new if side else pair.union.old
    if number is None:
        return set()
    places = [edits.places[side][overridden] for overridden in policy.rules[number].overridden(action)]
    return {at for at in places if _in_both(pair, edits.rules[at], action)}


def _in_both(pair: Pair, rule: Matched, action: str) -> bool:
    """Returns true if a rule has an effect on an action in both policies."""
    if rule.old is None or rule.new is None:
        return False
    return action in pair.union.old.rules[rule.old].effects and action in pair.union.new.rules[rule.new].effects


def own_difference(pair: Pair, edits: Edits, action: str, steps: Collection[int], effect: ChangeEffect) -> Formula:
    """Returns the formula for when rules of some steps act differently by themselves, in the direction of an effect.

    For what is new, that is when a rule permits and did not, or no longer forbids, or when other rules override others;
    for what is gone, the reverse.
    """
    return any_of(
        part
        for rule in edits.rules
        if rule.step in steps
        for part in (*_of_rule(pair, rule, action, effect), *_of_overrides(pair, edits, rule, action))
    )


def _of_rule(pair: Pair, rule: Matched, action: str, effect: ChangeEffect) -> Iterator[Formula]:
    levels: list[Sequence[Effect]] = [PERMITTING, (Effect.REQUIRE,)] if effect.of_duty else [PERMITTING]
    for level in levels:
        old, new = (_region(pair, rule, action, level, newer=newer) for newer in (False, True))
        yield but_not(new, old) if effect.newly else but_not(old, new)
    for level in (REFUSING, (Effect.NEVER,)):
        old, new = (_region(pair, rule, action, level, newer=newer) for newer in (False, True))
        yield but_not(old, new) if effect.newly else but_not(new, old)
    for permits in (False, True):
        old, new = (
            _region(pair, rule, action, (Effect.EXEMPT,), newer=newer, permits=permits) for newer in (False, True)
        )
        yield from (but_not(old, new), but_not(new, old))


def _region(
    pair: Pair, rule: Matched, action: str, effects: Sequence[Effect], *, newer: bool, permits: bool | None = None
) -> Formula:
    """Returns the formula for when a version of a rule holds, if it has one of some effects on an action."""
    number = rule.new if newer else rule.old
    policy = pair.union.new if newer else pair.union.old
    if number is None or policy.rules[number].effects.get(action) not in effects:
        return FALSE
    side = effects[0].permits if permits is None else permits
    return inside(pair.analysis.space.on_side(len(pair.union.old.rules) + number if newer else number, side))


def _of_overrides(pair: Pair, edits: Edits, rule: Matched, action: str) -> Iterator[Formula]:
    """Yields the formulas for when a rule overrides another that it did not override, or no longer does, and both
    hold.
    """
    if not _in_both(pair, rule, action):
        return
    changed = _overridden(pair, edits, rule, action, 0) ^ _overridden(pair, edits, rule, action, 1)
    for at in sorted(changed):
        yield both(_possible(pair, rule), _possible(pair, edits.rules[at]))


def _possible(pair: Pair, rule: Matched) -> Formula:
    """Returns the formula for when either version of a rule possibly holds."""
    regions = pair.analysis.space.regions
    return inside([box for number in _numbers(pair, rule) for box in regions[number].possible])


def _numbers(pair: Pair, rule: Matched) -> list[int]:
    """The numbers of the versions of a rule among the rules of the pair."""
    numbers = [] if rule.old is None else [rule.old]
    return numbers if rule.new is None else [*numbers, len(pair.union.old.rules) + rule.new]
