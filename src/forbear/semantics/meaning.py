"""The meaning of a policy: the oracle, a plain interpreter that defines which decisions are right.

Compiled predicates, the index and each backend are checked against it. It follows the section "The decision" of the
language reference, and favours clarity over speed.

A case maps each fact that the policy reads to its value on the grid. None means unknown for an optional fact, and
"none" for a fact that may be none. A number may be known in part: it is one of several, or none. Truth is Kleene's:
True, False, or None for unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import product
from typing import assert_never

from attrs import evolve, frozen

from forbear.kernel.cases import ActionDecision, Along, GridValue, InPart, Value, Verdict
from forbear.language.model.comparisons import Between, Compare, Comparison, OneOf
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, facts_in
from forbear.language.model.facts import Fact
from forbear.language.model.policy import REFUSING, Effect, Rule, TypedPolicy
from forbear.language.model.relations import Related

Facts = Mapping[str, Fact]
Case = Mapping[str, Value]


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
            return (case[fact] is not None and not isinstance(case[fact], InPart)) != negated
        case Related():
            return _related(condition, facts, case)
        case atom:
            value = case[atom.fact]
            if not isinstance(value, InPart):
                return _of_one(atom, facts[atom.fact], value)
            truths = {_of_one(atom, facts[atom.fact], number) for number in _each(atom, value)}
            return truths.pop() if len(truths) == 1 else None


def _of_one(atom: Comparison | IsNone, fact: Fact, value: GridValue) -> bool | None:
    if isinstance(atom, IsNone):
        return (value is None) != atom.negated
    if value is None:
        return _of_none(atom) if fact.or_none else None
    return _of_value(atom, value)


def _related(atom: Related, facts: Facts, case: Case) -> bool | None:
    """A comparison of facts. What is known in part may be each value from its least to its greatest, or none."""
    if any(isinstance(case[name], InPart) for name in atom.facts) and atom.operator in ("=", "!="):
        equal = And((evolve(atom, operator="<="), evolve(atom, operator=">=")))
        return truth(equal if atom.operator == "=" else Not(equal), facts, case)
    truths = {_of_several(atom, facts, values) for values in product(*[InPart.each(case[name]) for name in atom.facts])}
    return truths.pop() if len(truths) == 1 else None


def _of_several(atom: Related, facts: Facts, of_facts: Sequence[GridValue]) -> bool | None:
    """A comparison of the values of facts, as rational numbers. Unknown goes before none."""
    values = dict(zip(atom.facts, of_facts, strict=True))
    if any(value is None and facts[name].optional for name, value in values.items()):
        return None
    known = {name: value for name, value in values.items() if value is not None}
    if len(known) < len(values):
        return atom.operator == "!="
    left, right = atom.left.value(facts, known), atom.right.value(facts, known)
    return {
        "<": left < right,
        "<=": left <= right,
        "=": left == right,
        "!=": left != right,
        ">=": left >= right,
        ">": left > right,
    }[atom.operator]


def _each(atom: Comparison | IsNone, value: InPart) -> list[int | None]:
    """All that a number may be; of many numbers the ends, and those at and around the thresholds of a comparison."""
    limits: tuple[object, ...] = ()
    match atom:
        case Compare(value=limit):
            limits = (limit,)
        case Between(low=low, high=high):
            limits = (low, high)
        case OneOf(values=values):
            limits = tuple(values)
    near = [limit + step for limit in limits if isinstance(limit, int) for step in (-1, 0, 1)]
    numbers: list[int | None] = [
        number for number in (value.low, *near, value.high) if value.low <= number <= value.high
    ]
    return [*numbers, None] if value.none else numbers


def _of_none(atom: Comparison) -> bool:
    """Of none, equality and order are false, and the negations of equality, membership and ranges are true."""
    return atom.operator == "!=" if isinstance(atom, Compare) else atom.negated


def _of_value(atom: Comparison, value: GridValue) -> bool:
    match atom:
        case OneOf(members=members, negated=negated):
            return (value in members) != negated
        case Compare(operator="=", value=threshold):
            return value == threshold
        case Compare(operator="!=", value=threshold):
            return value != threshold
        case Compare(operator=operator, value=threshold):
            assert isinstance(value, int)
            assert isinstance(threshold, int)
            return {
                "<": value < threshold,
                "<=": value <= threshold,
                ">=": value >= threshold,
                ">": value > threshold,
            }[operator]
        case Between(low=low, high=high, negated=negated):
            assert isinstance(value, int)
            within = low <= value <= high if low <= high else value >= low or value <= high
            return within != negated
        case never:
            assert_never(never)


def rule_in_force(rule: Rule, day: int | None) -> bool:
    """Whether a rule is in force on a day (an ordinal), both ends of its period included; without a day, whether it
    is one that has no last day."""
    if day is None:
        return rule.until is None
    return (rule.since is None or rule.since <= day) and (rule.until is None or day <= rule.until)


def overriders(policy: TypedPolicy, action: str) -> dict[int, list[int]]:
    """For each rule, by its place, that others override on an action: the places of these rules."""
    overriding: dict[int, list[int]] = {}
    for number, rule in enumerate(policy.rules):
        for overridden in rule.overridden(action):
            overriding.setdefault(overridden, []).append(number)
    return overriding


def active_rules(policy: TypedPolicy, action: str, case: Case, day: int | None) -> dict[int, bool | None]:
    """Whether each rule on an action, by its place, is active; None is unknown.

    A rule is active where it is in force, its condition holds, and no rule that overrides it is active.
    """
    overriding = overriders(policy, action)
    active: dict[int, bool | None] = {}
    waiting = [number for number, rule in enumerate(policy.rules) if action in rule.effects]
    while waiting:
        number = waiting[-1]
        if number in active:  # it overrides several rules, and was waiting once for each of them
            waiting.pop()
            continue
        first = [overrider for overrider in overriding.get(number, ()) if overrider not in active]
        if first:
            waiting.extend(first)
            continue
        waiting.pop()
        rule = policy.rules[number]
        holds = truth(rule.condition, policy.facts, case) if rule_in_force(rule, day) else False
        for overrider in overriding.get(number, ()):
            if active[overrider] is True:
                holds = False
            elif active[overrider] is None and holds is True:
                holds = None
        active[number] = holds
    return active


def decide(policy: TypedPolicy, case: Case, day: int | None) -> dict[str, ActionDecision]:
    """The decision on each action, on a day (an ordinal); None where the policy has no dates."""
    return {action: decide_action(policy, action, case, day) for action in policy.actions}


def decide_action(policy: TypedPolicy, action: str, case: Case, day: int | None) -> ActionDecision:
    """The decision on one action. The arguments are those of `decide`."""
    if not any(rule.along for rule in policy.rules):
        return _verdict(policy, action, case, day, {})
    blocked = duties_blocked(policy, action, case, day)
    decided = _verdict(policy, action, case, day, blocked)
    if not decided.permitted:
        return decided
    along: dict[str, dict[str, None]] = {}
    unknown = set(decided.unknown)
    waiting = [action]
    for reached in waiting:
        for companion in companions(policy, reached):
            asking = [
                rule
                for rule in policy.rules
                if companion in rule.along.get(reached, ()) and condition_holds(policy, rule, case, day) is not False
            ]
            if asking:
                unknown.update(_unknown_of(policy, case, asking))
                if companion not in along:
                    waiting.append(companion)
                along.setdefault(companion, {}).update((rule.name, None) for rule in asking)
    sorted_along = tuple([Along(name, tuple(along[name])) for name in sorted(along)])
    return decided._replace(unknown=tuple(sorted(unknown)), along=sorted_along)


def companions(policy: TypedPolicy, action: str) -> list[str]:
    """Returns the actions that some rule asks for along with an action, in the order of the vocabulary."""
    named = {companion for rule in policy.rules for companion in rule.along.get(action, ())}
    return [companion for companion in policy.actions if companion in named]


def condition_holds(policy: TypedPolicy, rule: Rule, case: Case, day: int | None) -> bool | None:
    """Returns whether a rule is in force and its condition holds; None if that is unknown."""
    return truth(rule.condition, policy.facts, case) if rule_in_force(rule, day) else False


@frozen
class Blocked:
    """Whether some rules refuse (None if unknown), and the places of all rules that decide it."""

    holds: bool | None
    read: frozenset[int]


def duties_blocked(policy: TypedPolicy, action: str, case: Case, day: int | None) -> dict[int, Blocked]:
    """For each rule in force that asks for a companion which may be forbidden: whether it is."""
    order: TopologicalSorter[str] = TopologicalSorter()
    waiting, met = [action], {action}
    while waiting:
        needing = waiting.pop()
        needed = companions(policy, needing)
        order.add(needing, *needed)
        waiting += [companion for companion in needed if companion not in met]
        met.update(needed)
    blocked: dict[str, dict[int, Blocked]] = {}
    forbidden: dict[str, Blocked | None] = {}
    for current in order.static_order():  # companions come first
        blocked[current] = {}
        for number, rule in enumerate(policy.rules):
            known = [
                refused for companion in rule.along.get(current, ()) if (refused := forbidden[companion]) is not None
            ]
            if known and rule_in_force(rule, day):
                holds = _both(truth(rule.condition, policy.facts, case), _any(refused.holds for refused in known))
                blocked[current][number] = Blocked(
                    holds, frozenset({number}).union(*[refused.read for refused in known])
                )
        forbidden[current] = _forbidden(policy, current, case, day, list(blocked[current].values()))
    return blocked[action]


def _forbidden(
    policy: TypedPolicy, action: str, case: Case, day: int | None, blocked: Sequence[Blocked]
) -> Blocked | None:
    """Returns whether an action is forbidden; None if no rule in force can forbid it."""
    active = active_rules(policy, action, case, day)
    overriding = overriders(policy, action)
    refusing = [
        number
        for number in active
        if policy.rules[number].effects[action] in REFUSING and rule_in_force(policy.rules[number], day)
    ]
    if not refusing and not blocked:
        return None
    read: set[int] = set()
    waiting = list(refusing)
    while waiting:
        number = waiting.pop()
        if number not in read and rule_in_force(policy.rules[number], day):
            read.add(number)
            waiting += overriding.get(number, ())
    holds = _any([*[active[number] for number in refusing], *[duty.holds for duty in blocked]])
    return Blocked(holds, frozenset(read).union(*[duty.read for duty in blocked]))


def _any(truths: Iterable[bool | None]) -> bool | None:
    values = set(truths)
    return True if True in values else None if None in values else False


def _both(first: bool | None, second: bool | None) -> bool | None:
    return False if False in (first, second) else None if None in (first, second) else True


def _verdict(
    policy: TypedPolicy, action: str, case: Case, day: int | None, blocked: Mapping[int, Blocked]
) -> ActionDecision:
    """Returns the decision on an action without its companions."""
    active = active_rules(policy, action, case, day)
    on_action = [(number, rule) for number, rule in enumerate(policy.rules) if action in rule.effects]
    possibly = [(rule, rule.effects[action]) for number, rule in on_action if active[number] is not False]
    possibly += [(policy.rules[number], Effect.NEVER) for number, duty in blocked.items() if duty.holds is not False]
    certainly = [(rule, rule.effects[action]) for number, rule in on_action if active[number] is True]
    verdict = Verdict.UNSAID
    deciding: list[Rule] = []
    for possible_verdict, deciding_effect, candidates in (
        (Verdict.FORBIDDEN, Effect.NEVER, possibly),
        (Verdict.FORBIDDEN, Effect.FORBID, possibly),
        (Verdict.REQUIRED, Effect.REQUIRE, certainly),
        (Verdict.ALLOWED, Effect.ALLOW, certainly),
    ):
        deciding = [rule for rule, effect in candidates if effect is deciding_effect]
        if deciding:
            verdict = possible_verdict
            break
    took_part = deciding + [rule for number, rule in on_action if active[number] is None]
    for duty in blocked.values():
        if duty.holds is not False:
            took_part += [policy.rules[number] for number in duty.read]
    return ActionDecision(
        verdict,
        tuple(rule.name for rule in deciding),
        tuple(rule.because for rule in deciding if rule.because is not None),
        tuple(rule.cited for rule in deciding if rule.cited is not None),
        tuple(sorted(_unknown_of(policy, case, took_part))),
    )


def _unknown_of(policy: TypedPolicy, case: Case, rules: Iterable[Rule]) -> set[str]:
    """The facts that some rules read, and that are unknown."""
    read = {name for rule in rules for name in facts_in(rule.condition)}
    return {fact for fact in read if _is_unknown(policy.facts[fact], case[fact])}


def _is_unknown(fact: Fact, value: Value) -> bool:
    """Returns true if a fact is unknown. A number known in part counts as known only if every comparison has one
    truth.
    """
    return (fact.optional or fact.or_none) if isinstance(value, InPart) else fact.optional and value is None
