"""Pairs of rules that clash in a case that they have in common.

There can be millions. The index finds all partners of a rule in one step, exactly, and pairs beyond the limit of
findings are only counted.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from forbear.analysis.engine.analysis import Analysis, Candidate
from forbear.analysis.engine.space import check_witness
from forbear.base.diagnostic import Code, Diagnostic, Label
from forbear.base.source import Place
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Effect, RuleSet
from forbear.semantics import meaning
from forbear.semantics.composition.standards import all_standards
from forbear.space.formulas import All, Any, Formula, inside
from forbear.space.regions import Box, intersection
from forbear.space.search.index import Regions

_COMPARED = 4_000
"""The most pairs of boxes that are compared one by one."""


@frozen
class Clash:
    """The effects of two rules on an action that clash: each effect with those that it clashes with.

    With `unless_overridden`, rules do not clash on an action on which one of the two overrides the other.
    """

    against: Mapping[Effect, tuple[Effect, ...]]
    unless_overridden: bool = False


MakeFinding = Callable[[Analysis, int, int, tuple[str, ...], Box], Diagnostic | None]
"""Makes the finding about two rules, the earlier one first, for some actions and a box of cases."""

LeftOut = Callable[[int], tuple[int, int]]
"""Returns the partners of a rule to leave out, and those that only a search can decide about, by their bits in the
row.
"""


def clashing_pairs(
    analysis: Analysis, code: Code, clash: Clash, make: MakeFinding, left_out: LeftOut = lambda number: (0, 0)
) -> Iterator[Candidate | int]:
    """A candidate for each pair of rules that clash, or an exact number of pairs."""
    overriding = _Overriding(analysis) if clash.unless_overridden else None
    common = _Common(analysis)

    def candidate(first: int, second: int) -> Candidate:
        names = (analysis.policy.rules[first].name, analysis.policy.rules[second].name)
        return Candidate(names, lambda more: _find(analysis, clash, make, first, second, more))

    for number in range(len(analysis.policy.rules)):
        partners = 0 if number in analysis.space.dead else _partners(analysis, clash, number, overriding, common)
        if partners:
            out, open_ones = left_out(number)
            partners &= ~out
            open_ones |= common.in_doubt(number)
            yield from reported_or_counted(
                analysis, code, number, partners & ~open_ones, partners & open_ones, candidate
            )


def reported_or_counted(
    analysis: Analysis,
    code: Code,
    number: int,
    certain: int,
    open_ones: int,
    candidate: Callable[[int, int], Candidate],
) -> Iterator[Candidate | int]:
    """Yields a candidate for each pair of a rule with one of its partners, given by their bits in the row.

    Pairs with `certain` partners are findings; a search decides about those with `open_ones`. Once enough findings are
    reported, certain ones are only counted, except for those that an accept names.
    """
    waiting = certain | open_ones
    while waiting:
        if code in analysis.searcher.counting and certain:
            counted = certain & ~analysis.accepted_with(code).get(number, 0)
            yield (waiting & counted).bit_count()
            waiting &= ~counted
            certain = 0
            continue
        place = (waiting & -waiting).bit_length() - 1
        waiting ^= 1 << place
        yield candidate(number, analysis.space.row.number(place))


def _partners(analysis: Analysis, clash: Clash, number: int, overriding: _Overriding | None, common: _Common) -> int:
    """The later rules with which a rule clashes, by their bits in the row."""
    among: dict[tuple[bool, bool], int] = {}
    for action, effect in analysis.policy.rules[number].effects.items():
        for clashing in clash.against.get(effect, ()):
            having = analysis.by_effect.having(action, clashing)
            if having and overriding is not None:
                having &= ~overriding.either_way(number, action)
            if having:
                sides = (effect.permits, clashing.permits)
                among[sides] = among.get(sides, 0) | having
    place = analysis.space.row.bit(number) + 1
    partners = 0
    for (side, other_side), having_effect in among.items():
        later = having_effect >> place << place & ~partners
        if later:
            partners |= later & common.partners(number, side, other_side)
    return partners


class _Common:
    """The rules that have a possible case in common, by their bits in the row.

    If derived facts are related, boxes are narrowed to possible cases. That is exact, except for rules whose boxes have
    gaps, or relations.
    """

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._related = not analysis.space.possible_cases.all_possible
        self._sides: dict[bool, tuple[list[tuple[Box, ...]], Regions]] = {}
        gaps = [
            number
            for number in (range(len(analysis.policy.rules)) if self._related else ())
            if any(analysis.space.possible_cases.has_gaps(box) for box in analysis.space.of_rule(number))
        ]
        self._gaps = analysis.space.row.mask(gaps)

    def partners(self, number: int, permits: bool, other_permits: bool) -> int:
        """Returns the rules that have a case in common with a rule. Each side is that of effects that permit, or of
        others.
        """
        if not self._related:
            return self._analysis.searcher.side(other_permits).meeting(self._analysis.space.on_side(number, permits))
        return self._side(other_permits)[1].meeting(self._side(permits)[0][number])

    def in_doubt(self, number: int) -> int:
        """The partners of which only a search can decide whether a common case is possible."""
        row = self._analysis.space.row
        return row.all if self._gaps >> row.bit(number) & 1 else self._gaps

    def _side(self, permits: bool) -> tuple[list[tuple[Box, ...]], Regions]:
        if permits not in self._sides:
            analysis = self._analysis
            boxes = [
                tuple(analysis.space.possible_cases.in_boxes(analysis.space.on_side(number, permits)))
                for number in range(len(analysis.policy.rules))
            ]
            self._sides[permits] = (
                boxes,
                Regions(boxes, analysis.space.row, analysis.space.masks, analysis.searcher.bound),
            )
        return self._sides[permits]


class _Overriding:
    """For a rule and an action, the rules that override it there or that it overrides, by their bits in the row."""

    def __init__(self, analysis: Analysis) -> None:
        self._masks: dict[tuple[int, str], int] = {}
        holders: dict[tuple[RuleSet, str], list[int]] = {}
        for number, rule in enumerate(analysis.policy.rules):
            for action, overridden in rule.overrides.items():
                holders.setdefault((overridden, action), []).append(number)
        for (overridden, action), overriding in holders.items():
            self._add(overridden.numbers, action, analysis.space.row.mask(overriding))
            self._add(overriding, action, analysis.space.row.mask(overridden.numbers))

    def _add(self, numbers: Iterable[int], action: str, mask: int) -> None:
        for number in numbers:
            self._masks[number, action] = self._masks.get((number, action), 0) | mask

    def either_way(self, number: int, action: str) -> int:
        """The rules that override a rule on an action, or that it overrides there."""
        return self._masks.get((number, action), 0)


def _find(
    analysis: Analysis, clash: Clash, make: MakeFinding, first: int, second: int, more: Formula
) -> Diagnostic | None:
    rules = analysis.policy.rules
    by_sides: dict[tuple[bool, bool], list[str]] = {}
    for action, effect in rules[first].effects.items():
        clashing = rules[second].effects.get(action)
        if clashing in clash.against.get(effect, ()) and not (
            clash.unless_overridden and _overridden(analysis, first, second, action)
        ):
            by_sides.setdefault((effect.permits, clashing.permits), []).append(action)
    actions: set[str] = set()
    boxes: list[Box] = []
    formulas: list[Formula] = []
    for (side, other_side), on_sides in by_sides.items():
        both = (analysis.space.on_side(first, side), analysis.space.on_side(second, other_side))
        formula = All((inside(both[0]), inside(both[1])))
        common = _some_common(analysis, *both, formula)
        if common:
            actions.update(on_sides)
            boxes += common
            formulas.append(formula)
    box = analysis.searcher.in_boxes(boxes, Any(tuple(formulas)), more)
    if box is None:
        return None
    return make(analysis, first, second, tuple(action for action in analysis.policy.actions if action in actions), box)


def _some_common(
    analysis: Analysis, first_boxes: Sequence[Box], second_boxes: Sequence[Box], formula: Formula
) -> list[Box]:
    """Returns boxes of cases that two regions have in common, if they have any. `formula` holds in all such cases."""
    if len(first_boxes) * len(second_boxes) <= _COMPARED:
        common = [
            box for first in first_boxes for second in second_boxes if (box := intersection(first, second)) is not None
        ]
        return list(analysis.space.possible_cases.in_boxes(common))
    box = analysis.searcher.box(formula)
    return [] if box is None else [box]


def _overridden(analysis: Analysis, first: int, second: int, action: str) -> bool:
    """Returns true if one of two rules overrides the other on an action."""
    rules = analysis.policy.rules
    return second in rules[first].overridden(action) or first in rules[second].overridden(action)


def pair_diagnostic(
    analysis: Analysis,
    code: Code,
    text: str,
    first: int,
    second: int,
    actions: tuple[str, ...],
    box: Box,
    **arguments: typing.Any,
) -> Diagnostic:
    """Returns a finding about two rules.

    Its place is that of the later rule. If only one rule is the policy's own, it is that of this one; if both are a
    standard's, it is the statement by which the policy is subject to it.
    """
    rules = analysis.policy.rules
    place, labels = rules[second].body, [Label(rules[n].body, f"`{rules[n].name}`") for n in (first, second)]
    related = labels[:1]
    if analysis.space.is_own(first) and not analysis.space.is_own(second):
        place, related = rules[first].body, labels[1:]
    elif not analysis.space.is_own(second):
        place, related = _named_at(analysis, second), labels
    point = analysis.space.point(box)
    for rule in (rules[first], rules[second]):
        holds = meaning.truth(rule.condition, analysis.policy.facts, point.case)
        check_witness(holds is not False and meaning.rule_in_force(rule, point.day), code, point)
    return diagnosis(
        text,
        place,
        code=code,
        related=tuple(related),
        rules=(rules[first].name, rules[second].name),
        actions=actions,
        witness=point.witness,
        **arguments,
    )


def _named_at(analysis: Analysis, number: int) -> Place:
    """The statement by which the policy is subject to the standard of a rule."""
    standard = analysis.policy.rules[number].standard
    return next(
        subject.place
        for subject in analysis.policy.subject_to
        if any(member.standard.name == standard for member in all_standards([subject]))
    )
