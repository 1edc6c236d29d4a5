"""What a policy means: the plain interpreter that defines what is right.

Compiled predicates, the index and each backend are held against it. It is written to be read beside the reference of
the language, section "The decision", and is not made fast.

A case maps each fact that the policy reads to its value on the grid; None is what is unknown (for an optional fact)
or none (for one that may be none). Truth is Kleene's: True, False, or None for unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from forbear.kernel import ActionDecision, GridValue, Verdict
from forbear.model.conditions import Always, And, Between, Compare, Condition, IsKnown, IsNone, Not, OneOf, Or, atoms
from forbear.model.facts import Fact
from forbear.model.policy import Effect, Rule, TypedPolicy

Facts = Mapping[str, Fact]
Case = Mapping[str, GridValue]


def truth(condition: Condition, facts: Facts, case: Case) -> bool | None:
    """Whether a condition holds of a case, by Kleene's strong logic of three values."""
    match condition:
        case Always():
            return True
        case Not(part):
            inner = truth(part, facts, case)
            return None if inner is None else not inner
        case And(parts):
            unknown = False
            for part in parts:
                holds = truth(part, facts, case)
                if holds is False:
                    return False
                unknown = unknown or holds is None
            return None if unknown else True
        case Or(parts):
            unknown = False
            for part in parts:
                holds = truth(part, facts, case)
                if holds is True:
                    return True
                unknown = unknown or holds is None
            return None if unknown else False
        case IsKnown(fact, negated):
            return (case[fact] is not None) != negated
        case IsNone(fact, negated):
            return (case[fact] is None) != negated
        case Compare() | Between() | OneOf():
            if case[condition.fact] is None:
                return _of_none(condition) if facts[condition.fact].or_none else None
            return _of_value(condition, case[condition.fact])
        case never:
            assert_never(never)


def _of_none(atom: Compare | Between | OneOf) -> bool:
    """Equality and order with none are false; the negations of equality, membership and spans are true."""
    match atom:
        case Compare(operator=operator):
            return operator == "!="
        case Between(negated=negated) | OneOf(negated=negated):
            return negated
        case never:
            assert_never(never)


def _of_value(atom: Compare | Between | OneOf, value: GridValue) -> bool:
    match atom:
        case OneOf(values=values, negated=negated):
            return (value in values) != negated
        case Compare(operator="=", value=other):
            return value == other
        case Compare(operator="!=", value=other):
            return value != other
        case Compare(operator=operator, value=other):
            assert isinstance(value, int)
            assert isinstance(other, int)
            return {"<": value < other, "<=": value <= other, ">=": value >= other, ">": value > other}[operator]
        case Between(low=low, high=high, negated=negated):
            assert isinstance(value, int)
            within = low <= value <= high if low <= high else value >= low or value <= high
            return within != negated
        case never:
            assert_never(never)


def rule_in_force(rule: Rule, day: int | None) -> bool:
    """Whether a rule is in force on a day, both ends of its period included."""
    if day is None:
        return True
    return (rule.since is None or rule.since <= day) and (rule.until is None or day <= rule.until)


def overriders(policy: TypedPolicy, action: str) -> dict[int, list[int]]:
    """For each rule that is overridden for an action, the rules that override it there."""
    found: dict[int, list[int]] = {}
    for number, rule in enumerate(policy.rules):
        for overridden in rule.overridden(action):
            found.setdefault(overridden, []).append(number)
    return found


def standing(policy: TypedPolicy, action: str, case: Case, day: int | None) -> dict[int, bool | None]:
    """Whether each rule on an action stands for it: it is in force, its condition holds, and no rule that overrides it
    stands. The overriding rules are decided first."""
    stronger = overriders(policy, action)
    decided: dict[int, bool | None] = {}
    waiting = [number for number, rule in enumerate(policy.rules) if action in rule.effects]
    while waiting:
        number = waiting[-1]
        if number in decided:  # it overrides several, and has waited for each of them
            waiting.pop()
            continue
        first = [other for other in stronger.get(number, ()) if other not in decided]
        if first:
            waiting.extend(first)
            continue
        waiting.pop()
        rule = policy.rules[number]
        holds = truth(rule.condition, policy.facts, case) if rule_in_force(rule, day) else False
        for other in stronger.get(number, ()):
            if decided[other] is True:
                holds = False
            elif decided[other] is None and holds is True:
                holds = None
        decided[number] = holds
    return decided


def decide(policy: TypedPolicy, case: Case, day: int | None) -> dict[str, ActionDecision]:
    """The decision on each action."""
    return {action: decide_action(policy, action, case, day) for action in policy.actions}


def decide_action(policy: TypedPolicy, action: str, case: Case, day: int | None) -> ActionDecision:
    """The verdict on an action, with the rules that gave it, in file order."""
    stand = standing(policy, action, case, day)
    speaking = [(number, rule) for number, rule in enumerate(policy.rules) if action in rule.effects]
    not_certainly_not = [(rule, rule.effects[action]) for number, rule in speaking if stand[number] is not False]
    certainly = [(rule, rule.effects[action]) for number, rule in speaking if stand[number] is True]
    verdict = Verdict.UNSAID
    deciding: list[Rule] = []
    for possible_verdict, effect, candidates in (
        (Verdict.FORBIDDEN, Effect.NEVER, not_certainly_not),
        (Verdict.FORBIDDEN, Effect.FORBID, not_certainly_not),
        (Verdict.REQUIRED, Effect.REQUIRE, certainly),
        (Verdict.ALLOWED, Effect.ALLOW, certainly),
    ):
        deciding = [rule for rule, its in candidates if its is effect]
        if deciding:
            verdict = possible_verdict
            break
    took_part = deciding + [rule for number, rule in speaking if stand[number] is None]
    read = {atom.fact for rule in took_part for atom in atoms(rule.condition)}
    return ActionDecision(
        verdict,
        tuple(rule.name for rule in deciding),
        tuple(rule.because for rule in deciding if rule.because is not None),
        tuple(rule.source for rule in deciding if rule.source is not None),
        tuple(sorted(fact for fact in read if policy.facts[fact].optional and case[fact] is None)),
    )
