"""`blocked-duty`: a rule requires what a safeguard never allows, in the same case; or it asks for a companion that
another rule forbids, so that an action is forbidden which would be permitted otherwise.

A pair within a standard that the policy is subject to is reported for the standard alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, last_word
from forbear.analysis.engine.space import check_witness
from forbear.analysis.findings.pairs.clashes import Clash, clashing_pairs, pair_diagnostic
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.kernel.cases import Verdict
from forbear.language.model.policy import REFUSING, Effect
from forbear.semantics import meaning
from forbear.space.formulas import FALSE, All, Formula, any_of, inside
from forbear.space.regions import Box
from forbear.space.search.bound import BoundReached

_CLASH = Clash({Effect.REQUIRE: (Effect.NEVER,), Effect.NEVER: (Effect.REQUIRE,)})


def blocked_duties(analysis: Analysis) -> Iterator[Candidate | int]:
    """A candidate for each pair, or an exact number of pairs."""

    def of_one_standard(number: int) -> tuple[int, int]:
        return (0 if analysis.space.is_own(number) else analysis.space.brought_with(number)), 0

    yield from clashing_pairs(analysis, BLOCKED_DUTY.code, _CLASH, _finding, of_one_standard)
    for number in range(len(analysis.policy.rules)):
        if analysis.policy.rules[number].along and analysis.space.looked_at(number):
            for forbidding in _forbidding(analysis, number) if number not in analysis.space.dead else ():
                if not of_one_standard(number)[0] >> analysis.space.row.bit(forbidding) & 1:
                    yield _blocked(analysis, number, forbidding)


def _forbidding(analysis: Analysis, number: int) -> list[int]:
    """Returns the rules that forbid a companion that a rule asks for, or that ask in turn for a forbidden one."""
    companions = {companion for needed in analysis.policy.rules[number].along.values() for companion in needed}
    numbers = []
    for candidate, rule in enumerate(analysis.policy.rules):
        forbids = any(rule.effects.get(name) in REFUSING for name in companions)
        if candidate != number and analysis.space.looked_at(candidate) and (forbids or companions & rule.along.keys()):
            numbers.append(candidate)
    return numbers


def _blocked(analysis: Analysis, number: int, forbidding: int) -> Candidate:
    """Returns the candidate for cases in which a rule asks for a companion that another one forbids, and the action
    would be permitted without companions.
    """
    rules, formulas = analysis.policy.rules, analysis.formulas

    def find(more: Formula) -> Diagnostic | None:
        for action, companions in rules[number].along.items():
            if analysis.space.is_too_large(action):
                raise BoundReached
            otherwise = All((inside(analysis.space.on_side(number, False)), formulas.permitted_alone(action)))
            for companion in companions:
                formula = All((otherwise, _forbids(analysis, forbidding, companion), more))
                box = analysis.searcher.search().find(formula)
                if box is not None:
                    return _told(
                        analysis, number, forbidding, (action, companion), analysis.searcher.shrunk(formula, box)
                    )
        return None

    return Candidate((rules[number].name, rules[forbidding].name), find)


def _forbids(analysis: Analysis, number: int, action: str) -> Formula:
    """Returns the formula for when a rule forbids an action, or asks for a forbidden companion of it."""
    rule, formulas = analysis.policy.rules[number], analysis.formulas
    refuses = rule.effects.get(action) in REFUSING
    by_itself = formulas.active(action).decides_as(number) if refuses else FALSE
    return any_of((by_itself, formulas.blocked_by(number, action))) if action in rule.along else by_itself


def _told(analysis: Analysis, number: int, forbidding_number: int, actions: tuple[str, str], box: Box) -> Diagnostic:
    rules, point = analysis.policy.rules, analysis.space.point(box)
    blocked = meaning.duties_blocked(analysis.policy, actions[0], point.case, point.day)
    shown = number in blocked and blocked[number].holds is not False
    check_witness(shown and analysis.space.verdict(actions[0], point) is Verdict.FORBIDDEN, BLOCKED_DUTY.code, point)
    forbidding = rules[forbidding_number]
    own = [rules[candidate].name for candidate in (number, forbidding_number) if analysis.space.is_own(candidate)]
    diagnostic = pair_diagnostic(
        analysis,
        BLOCKED_DUTY.code,
        f"blocked-duty.{'forbidden' if actions[1] in forbidding.effects else 'asked-in-turn'}",
        min(number, forbidding_number),
        max(number, forbidding_number),
        actions,
        box,
        asking=rules[number].name,
        forbidding=forbidding.name,
        action=actions[0],
        companion=actions[1],
        own=own and own[0],
    )
    return evolve(diagnostic, by=(forbidding.name,))


def _finding(analysis: Analysis, first: int, second: int, actions: tuple[str, ...], box: Box) -> Diagnostic:
    rules = analysis.policy.rules
    requires, never = (first, second) if rules[first].effects[actions[0]] is Effect.REQUIRE else (second, first)
    own = [rules[number].name for number in (requires, never) if analysis.space.is_own(number)]
    diagnostic = pair_diagnostic(
        analysis,
        BLOCKED_DUTY.code,
        f"blocked-duty.{('two-standards', 'standard', 'never')[len(own)]}",
        first,
        second,
        actions,
        box,
        requires=rules[requires].name,
        required=[*actions],
        never=rules[never].name,
        own=own and own[0],
    )
    return evolve(diagnostic, by=(rules[never].name,))


BLOCKED_DUTY = Finding(
    Code("blocked-duty", Severity.WARNING, acceptable=True, of_pair=True),
    blocked_duties,
    of_rules_alone=True,
    causes=lambda finding: last_word(finding.by),
)
