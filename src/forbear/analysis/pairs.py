"""Pairs of rules that have a case in common: the index proposes, the boxes decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from forbear.analysis.view import View
from forbear.diagnostic import Diagnostic, Label
from forbear.kernel import bits
from forbear.policy import meaning
from forbear.policy.typed import Effect
from forbear.space.regions import Box, intersection
from forbear.space.search import TRUE, All, Formula, inside


def common_boxes(view: View, one: tuple[int, Effect], other: tuple[int, Effect]) -> Iterator[Box]:
    """The common cases of two rules, each seen with one of its effects."""
    for first in view.of_effect(*one):
        for second in view.of_effect(*other):
            box = intersection(first, second)
            if box is not None:
                yield box


Clash = Callable[[Effect, Effect], bool]


def clashing_effects(view: View, one: int, other: int, clash: Clash) -> Iterator[tuple[str, Effect, Effect]]:
    """The actions on which two rules clash, with the effect of each."""
    first, second = view.policy.rules[one].effects, view.policy.rules[other].effects
    for action, effect in first.items():
        its = second.get(action)
        if its is not None and clash(effect, its):
            yield action, effect, its


def common_case(view: View, boxes: Iterable[Box], more: Formula) -> Box | None:
    """A box of cases of one of the boxes that meet one more condition."""
    found = tuple(boxes)
    if more is TRUE:
        return view.plainest_of(found) if found else None
    formula = All((inside(found), more))
    box = view.search().find(formula)
    return None if box is None else view.plainer(formula, box)


def pair_diagnostic(
    view: View, code: str, one: int, other: int, message: str, help: str, actions: tuple[str, ...], box: Box
) -> Diagnostic:
    """A finding about two rules, at the place of the later one."""
    first, second = sorted((one, other))
    rules = view.policy.rules
    point = view.point(box)
    for rule in (rules[first], rules[second]):
        holds = meaning.truth(rule.condition, view.policy.facts, point.case)
        view.replayed(holds is not False and meaning.rule_in_force(rule, point.day), code, point)
    return Diagnostic(
        code=code,
        message=message,
        place=rules[second].body,
        help=help,
        related=(Label(rules[first].body, f"`{rules[first].name}`"),),
        rules=(rules[first].name, rules[second].name),
        actions=actions,
        witness=point.witness,
    )


def partners(view: View, number: int, among: int) -> list[int]:
    """Those of some rules that may have a case in common with a rule."""
    return bits(view.index.meeting(view.hulls[number]) & among & ~(1 << number))
