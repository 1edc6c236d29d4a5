"""Pairs of rules that clash in a case that they have in common. There can be millions: the index finds all partners of
a rule at once, exactly, and those that nobody asks for are only counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from forbear.analysis.engine.analysis import Analysis, Candidate
from forbear.analysis.engine.space import check_witness
from forbear.composition.standards import all_standards
from forbear.diagnostic import Diagnostic, Label
from forbear.model.policy import Effect, RuleSet
from forbear.semantics import meaning
from forbear.source import Place
from forbear.space.formulas import All, Any, Formula, inside
from forbear.space.regions import Box, intersection
from forbear.space.search.rows import Regions

_COMPARED = 4_000
"""Pairs of boxes that are compared one by one."""


@frozen
class Clash:
    """Which effects of two rules on an action clash: each with those against which it stands. Where an override
    settles it, they do not clash on an action for which one of the two overrides the other."""

    code: str
    against: Mapping[Effect, tuple[Effect, ...]]
    settled: bool = False


Told = Callable[[Analysis, int, int, tuple[str, ...], Box], Diagnostic | None]
"""The finding about two rules, the earlier one first, for these actions and in this box of cases."""

LeftOut = Callable[[int], tuple[int, int]]
"""The partners of a rule that do not count, and those that only a search can tell."""


def clashing_pairs(
    analysis: Analysis, clash: Clash, told: Told, left_out: LeftOut = lambda number: (0, 0)
) -> Iterator[Candidate | int]:
    """A candidate for each pair of rules that clash, or a number that counts some exactly."""
    overriding = _Overriding(analysis) if clash.settled else None
    common = _Common(analysis)

    def candidate(one: int, other: int) -> Candidate:
        names = (analysis.policy.rules[one].name, analysis.policy.rules[other].name)
        return Candidate(names, lambda more: _find(analysis, clash, told, one, other, more))

    for number in range(len(analysis.policy.rules)):
        partners = 0 if number in analysis.space.dead else _partners(analysis, clash, number, overriding, common)
        if partners:
            out, open_ones = left_out(number)
            partners &= ~out
            open_ones |= common.in_doubt(number)
            yield from told_or_counted(
                analysis, clash.code, number, partners & ~open_ones, partners & open_ones, candidate
            )


def told_or_counted(
    analysis: Analysis, code: str, number: int, certain: int, open_ones: int, candidate: Callable[[int, int], Candidate]
) -> Iterator[Candidate | int]:
    """A candidate for each pair of a rule with one of the others: those that are findings for certain, and those of
    which it is open. Once enough are told, the certain ones are only counted, but for those that an accept names."""
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
        for its in clash.against.get(effect, ()):
            speak = analysis.by_effect.having(action, its)
            if speak and overriding is not None:
                speak &= ~overriding.either_way(number, action)
            if speak:
                sides = (effect.permits, its.permits)
                among[sides] = among.get(sides, 0) | speak
    place = analysis.space.row.bit(number) + 1
    found = 0
    for (side, its_side), others in among.items():
        later = others >> place << place & ~found
        if later:
            found |= later & common.partners(number, side, its_side)
    return found


class _Common:
    """Which rules have a possible case in common, by their bits in the row.

    Where derived facts are related, rules are looked for by boxes that are narrowed to possible cases. That tells for
    certain but of rules whose boxes have gaps.
    """

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._related = bool(analysis.space.possible_cases.pairs)
        self._sides: dict[bool, tuple[list[tuple[Box, ...]], Regions]] = {}
        gaps = [
            number
            for number in (range(len(analysis.policy.rules)) if self._related else ())
            if any(analysis.space.possible_cases.has_gaps(box) for box in analysis.space.of_rule(number))
        ]
        self._gaps = analysis.space.row.mask(gaps)

    def partners(self, number: int, permits: bool, its_permits: bool) -> int:
        """The rules with a case in common, each on one of its sides."""
        if not self._related:
            return self._analysis.searcher.side(its_permits).meeting(self._analysis.space.on_side(number, permits))
        return self._side(its_permits)[1].meeting(self._side(permits)[0][number])

    def in_doubt(self, number: int) -> int:
        """The partners of which only a search can tell whether the cases in common are possible."""
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

    def _add(self, numbers: Iterable[int], action: str, others: int) -> None:
        for number in numbers:
            self._masks[number, action] = self._masks.get((number, action), 0) | others

    def either_way(self, number: int, action: str) -> int:
        return self._masks.get((number, action), 0)


def _find(analysis: Analysis, clash: Clash, told: Told, one: int, other: int, more: Formula) -> Diagnostic | None:
    rules = analysis.policy.rules
    by_sides: dict[tuple[bool, bool], list[str]] = {}
    for action, effect in rules[one].effects.items():
        its = rules[other].effects.get(action)
        if its in clash.against.get(effect, ()) and not (clash.settled and _settled(analysis, one, other, action)):
            by_sides.setdefault((effect.permits, its.permits), []).append(action)
    actions: set[str] = set()
    boxes: list[Box] = []
    formulas: list[Formula] = []
    for (side, its_side), clashing in by_sides.items():
        both = (analysis.space.on_side(one, side), analysis.space.on_side(other, its_side))
        formula = All((inside(both[0]), inside(both[1])))
        found = _some_common(analysis, *both, formula)
        if found:
            actions.update(clashing)
            boxes += found
            formulas.append(formula)
    box = analysis.searcher.case(boxes, Any(tuple(formulas)), more)
    if box is None:
        return None
    return told(analysis, one, other, tuple(action for action in analysis.policy.actions if action in actions), box)


def _some_common(analysis: Analysis, ones: Sequence[Box], others: Sequence[Box], formula: Formula) -> list[Box]:
    """Some of the common boxes of two regions, if there are any."""
    if len(ones) * len(others) <= _COMPARED:
        return [box for one in ones for other in others if (box := intersection(one, other)) is not None]
    box = analysis.searcher.search().find(formula)
    return [] if box is None else [analysis.searcher.shrunk(formula, box)]


def _settled(analysis: Analysis, one: int, other: int, action: str) -> bool:
    rules = analysis.policy.rules
    return other in rules[one].overridden(action) or one in rules[other].overridden(action)


def pair_diagnostic(
    analysis: Analysis, code: str, one: int, other: int, message: str, help: str, actions: tuple[str, ...], box: Box
) -> Diagnostic:
    """A finding about two rules, at the place of the later one; or at that of the one of the policy's own, if the other
    is a standard's, or where the policy says that it is subject to it, if both are."""
    rules = analysis.policy.rules
    place, (first, second) = rules[other].body, [Label(rules[n].body, f"`{rules[n].name}`") for n in (one, other)]
    related: tuple[Label, ...] = (first,)
    if analysis.space.is_own(one) and not analysis.space.is_own(other):
        place, related = rules[one].body, (second,)
    elif not analysis.space.is_own(other):
        place, related = _named_at(analysis, other), (first, second)
    point = analysis.space.point(box)
    for rule in (rules[one], rules[other]):
        holds = meaning.truth(rule.condition, analysis.policy.facts, point.case)
        check_witness(holds is not False and meaning.rule_in_force(rule, point.day), code, point)
    return Diagnostic(
        code=code,
        message=message,
        place=place,
        help=help,
        related=related,
        rules=(rules[one].name, rules[other].name),
        actions=actions,
        witness=point.witness,
    )


def _named_at(analysis: Analysis, number: int) -> Place:
    """Where the policy says that it is subject to the standard of a rule."""
    standard = analysis.policy.rules[number].standard
    return next(
        subject.place
        for subject in analysis.policy.subject_to
        if any(one.standard.name == standard for one in all_standards([subject]))
    )
