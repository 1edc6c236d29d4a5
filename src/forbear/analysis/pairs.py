"""Pairs of rules that clash in a case that they have in common. There can be millions: the index finds all partners of
a rule at once, exactly, and those that nobody asks for are only counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic, Label
from forbear.policy import meaning
from forbear.policy.standards import all_standards
from forbear.policy.typed import Effect, RuleSet
from forbear.source import Place
from forbear.space.formulas import All, Any, Formula, inside
from forbear.space.regions import Box, intersection
from forbear.space.rows import Regions

_COMPARED = 4_000
"""Pairs of boxes that are compared one by one."""


@frozen
class Clash:
    """Which effects of two rules on an action clash: each with those against which it stands. Where an override
    settles it, they do not clash on an action for which one of the two overrides the other."""

    code: str
    against: Mapping[Effect, tuple[Effect, ...]]
    settled: bool = False


Told = Callable[[View, int, int, tuple[str, ...], Box], Diagnostic | None]
"""The finding about two rules, the earlier one first, for these actions and in this box of cases."""

LeftOut = Callable[[int], tuple[int, int]]
"""The partners of a rule that do not count, and those that only a search can tell."""


def clashing_pairs(
    view: View, clash: Clash, told: Told, left_out: LeftOut = lambda number: (0, 0)
) -> Iterator[Candidate | int]:
    """A candidate for each pair of rules that clash, or a number that counts some exactly."""
    overriding = _Overriding(view) if clash.settled else None
    common = _Common(view)

    def candidate(one: int, other: int) -> Candidate:
        names = (view.policy.rules[one].name, view.policy.rules[other].name)
        return Candidate(names, lambda more: _find(view, clash, told, one, other, more))

    for number in range(len(view.policy.rules)):
        partners = 0 if number in view.dead else _partners(view, clash, number, overriding, common)
        if partners:
            out, open_ones = left_out(number)
            partners &= ~out
            open_ones |= common.in_doubt(number)
            yield from told_or_counted(view, clash.code, number, partners & ~open_ones, partners & open_ones, candidate)


def told_or_counted(
    view: View, code: str, number: int, certain: int, open_ones: int, candidate: Callable[[int, int], Candidate]
) -> Iterator[Candidate | int]:
    """A candidate for each pair of a rule with one of the others: those that are findings for certain, and those of
    which it is open. Once enough are told, the certain ones are only counted, but for those that an accept names."""
    waiting = certain | open_ones
    while waiting:
        if code in view.counting and certain:
            counted = certain & ~view.named(code).get(number, 0)
            yield (waiting & counted).bit_count()
            waiting &= ~counted
            certain = 0
            continue
        place = (waiting & -waiting).bit_length() - 1
        waiting ^= 1 << place
        yield candidate(number, view.row.number(place))


def _partners(view: View, clash: Clash, number: int, overriding: _Overriding | None, common: _Common) -> int:
    """The later rules with which a rule clashes, by their bits in the row."""
    among: dict[tuple[bool, bool], int] = {}
    for action, effect in view.policy.rules[number].effects.items():
        for its in clash.against.get(effect, ()):
            speak = view.speaking.having(action, its)
            if speak and overriding is not None:
                speak &= ~overriding.either_way(number, action)
            if speak:
                sides = (effect.permits, its.permits)
                among[sides] = among.get(sides, 0) | speak
    place = view.row.bit(number) + 1
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

    def __init__(self, view: View) -> None:
        self._view = view
        self._related = bool(view.possible_cases.pairs)
        self._sides: dict[bool, tuple[list[tuple[Box, ...]], Regions]] = {}
        gaps = [
            number
            for number in (range(len(view.policy.rules)) if self._related else ())
            if any(view.possible_cases.has_gaps(box) for box in view.of_rule(number))
        ]
        self._gaps = view.row.mask(gaps)

    def partners(self, number: int, permits: bool, its_permits: bool) -> int:
        """The rules with a case in common, each on one of its sides."""
        if not self._related:
            return self._view.side(its_permits).meeting(self._view.on_side(number, permits))
        return self._side(its_permits)[1].meeting(self._side(permits)[0][number])

    def in_doubt(self, number: int) -> int:
        """The partners of which only a search can tell whether the cases in common are possible."""
        return self._view.row.all if self._gaps >> self._view.row.bit(number) & 1 else self._gaps

    def _side(self, permits: bool) -> tuple[list[tuple[Box, ...]], Regions]:
        if permits not in self._sides:
            view = self._view
            boxes = [
                tuple(view.possible_cases.in_boxes(view.on_side(number, permits)))
                for number in range(len(view.policy.rules))
            ]
            self._sides[permits] = boxes, Regions(boxes, view.row, view.masks, view.bound)
        return self._sides[permits]


class _Overriding:
    """For a rule and an action, the rules that override it there or that it overrides, by their bits in the row."""

    def __init__(self, view: View) -> None:
        self._masks: dict[tuple[int, str], int] = {}
        holders: dict[tuple[RuleSet, str], list[int]] = {}
        for number, rule in enumerate(view.policy.rules):
            for action, overridden in rule.overrides.items():
                holders.setdefault((overridden, action), []).append(number)
        for (overridden, action), overriding in holders.items():
            self._add(overridden.numbers, action, view.row.mask(overriding))
            self._add(overriding, action, view.row.mask(overridden.numbers))

    def _add(self, numbers: Iterable[int], action: str, others: int) -> None:
        for number in numbers:
            self._masks[number, action] = self._masks.get((number, action), 0) | others

    def either_way(self, number: int, action: str) -> int:
        return self._masks.get((number, action), 0)


def _find(view: View, clash: Clash, told: Told, one: int, other: int, more: Formula) -> Diagnostic | None:
    rules = view.policy.rules
    by_sides: dict[tuple[bool, bool], list[str]] = {}
    for action, effect in rules[one].effects.items():
        its = rules[other].effects.get(action)
        if its in clash.against.get(effect, ()) and not (clash.settled and _settled(view, one, other, action)):
            by_sides.setdefault((effect.permits, its.permits), []).append(action)
    actions: set[str] = set()
    boxes: list[Box] = []
    formulas: list[Formula] = []
    for (side, its_side), clashing in by_sides.items():
        both = (view.on_side(one, side), view.on_side(other, its_side))
        formula = All((inside(both[0]), inside(both[1])))
        found = _some_common(view, *both, formula)
        if found:
            actions.update(clashing)
            boxes += found
            formulas.append(formula)
    box = view.case(boxes, Any(tuple(formulas)), more)
    if box is None:
        return None
    return told(view, one, other, tuple(action for action in view.policy.actions if action in actions), box)


def _some_common(view: View, ones: Sequence[Box], others: Sequence[Box], formula: Formula) -> list[Box]:
    """Some of the common boxes of two regions, if there are any."""
    if len(ones) * len(others) <= _COMPARED:
        return [box for one in ones for other in others if (box := intersection(one, other)) is not None]
    box = view.search().find(formula)
    return [] if box is None else [view.plainer(formula, box)]


def _settled(view: View, one: int, other: int, action: str) -> bool:
    rules = view.policy.rules
    return other in rules[one].overridden(action) or one in rules[other].overridden(action)


def pair_diagnostic(
    view: View, code: str, one: int, other: int, message: str, help: str, actions: tuple[str, ...], box: Box
) -> Diagnostic:
    """A finding about two rules, at the place of the later one; or at that of the one of the policy's own, if the other
    is a standard's, or where the policy says that it is subject to it, if both are."""
    rules = view.policy.rules
    place, (first, second) = rules[other].body, [Label(rules[n].body, f"`{rules[n].name}`") for n in (one, other)]
    related: tuple[Label, ...] = (first,)
    if view.is_own(one) and not view.is_own(other):
        place, related = rules[one].body, (second,)
    elif not view.is_own(other):
        place, related = _named_at(view, other), (first, second)
    point = view.point(box)
    for rule in (rules[one], rules[other]):
        holds = meaning.truth(rule.condition, view.policy.facts, point.case)
        view.replayed(holds is not False and meaning.rule_in_force(rule, point.day), code, point)
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


def _named_at(view: View, number: int) -> Place:
    """Where the policy says that it is subject to the standard of a rule."""
    standard = view.policy.rules[number].standard
    return next(
        subject.place
        for subject in view.policy.subject_to
        if any(one.standard.name == standard for one in all_standards([subject]))
    )
