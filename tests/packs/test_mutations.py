"""The packs' own examples notice every slip: each mutant of a rule fails some example, and no example is idle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

import forbear
from forbear import resources
from forbear.analysis.findings.promises.failed_example import try_examples
from forbear.model.comparisons import NEGATED, Between, Compare, OneOf
from forbear.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or
from forbear.model.policy import Rule, TypedPolicy

NAMES = [name for name in resources.pack_names() if not name.startswith(("vocabulary/", "examples/"))]

UNNOTICED = {
    "huabei/suspended": {
        "ask_related_person",
        "keep_payment_data_apart",
        "leave_related_persons_alone: since by -1",
    },
    "industry/bank_card_centres": {
        "press_when_lost: Between(fact='days_overdue', low=1, high=60, negated=False), high by 1",
    },
}
"""Rules, and slips of one, that change no verdict: in a pack that is in force while the suspension lasts, all of the
action is forbidden; and after 60 days `press_when_unpaid` permits the same."""


def conditions(policy: TypedPolicy, condition: Condition) -> Iterator[tuple[str, Condition]]:
    """What a condition may be by one slip: a part left out, a comparison turned, a threshold moved, a value lost."""
    match condition:
        case And(parts) | Or(parts):
            for place, part in enumerate(parts):
                rest = (*parts[:place], *parts[place + 1 :])
                yield f"without {part}", rest[0] if len(rest) == 1 else evolve(condition, parts=rest)
                for what, slip in conditions(policy, part):
                    yield what, evolve(condition, parts=(*parts[:place], slip, *parts[place + 1 :]))
        case Not(part):
            for what, slip in conditions(policy, part):
                yield what, Not(slip)
        case OneOf(values=values):
            for value in values:
                left = tuple(other for other in values if other != value)
                if left:
                    yield f"{condition} without {value}", evolve(condition, values=left)
        case Compare(fact, operator, value):
            yield f"{condition} turned", evolve(condition, operator=NEGATED[operator])
            if operator not in ("=", "!=") and isinstance(value, int):
                for by in (-1, 1):
                    if policy.facts[fact].low <= value + by <= policy.facts[fact].high:
                        yield f"{condition} by {by}", evolve(condition, value=value + by)
        case Between(low=low, high=high):
            for by in (-1, 1):
                yield f"{condition}, low by {by}", evolve(condition, low=low + by)
                yield f"{condition}, high by {by}", evolve(condition, high=high + by)
        case IsNone() | IsKnown():
            yield f"{condition} turned", evolve(condition, negated=not condition.negated)
        case Always():
            yield "never", Not(Always())


def shared(policy: TypedPolicy) -> Condition | None:
    """What `applies when` has put in front of the condition of each rule."""
    first = {rule.condition.parts[0] if isinstance(rule.condition, And) else rule.condition for rule in policy.rules}
    return first.pop() if len(first) == 1 and len(policy.rules) > 1 else None


def slips(policy: TypedPolicy) -> Iterator[tuple[str, str, TypedPolicy]]:
    """The policy after one slip: the rule's name, what was done, and what became of the policy."""
    applies = shared(policy)
    for place, rule in enumerate(policy.rules):
        for what, mutant in mutants(policy, rule, applies):
            rules = (*policy.rules[:place], *([mutant] if mutant else []), *policy.rules[place + 1 :])
            yield rule.name, what, evolve(policy, rules=rules)
    if applies is not None:
        for what, slip in [("everywhere", Always()), *conditions(policy, applies)]:
            rules = tuple(evolve(rule, condition=headed(rule, slip)) for rule in policy.rules)
            yield "applies when", what, evolve(policy, rules=rules)


def headed(rule: Rule, applies: Condition) -> Condition:
    """The rule's condition under another `applies when`."""
    return And((applies, *rule.condition.parts[1:])) if isinstance(rule.condition, And) else applies


def mutants(policy: TypedPolicy, rule: Rule, applies: Condition | None) -> Iterator[tuple[str, Rule | None]]:
    """The rule after one slip; None where it is left out."""
    yield "left out", None
    if applies is not None:
        rest = rule.condition.parts[1:] if isinstance(rule.condition, And) else ()
        own: Condition = And(rest) if len(rest) > 1 else rest[0] if rest else Always()
        for what, slip in [("always", Always()), *conditions(policy, own)]:
            if slip != own:
                yield what, evolve(rule, condition=And((applies, slip)))
    else:
        for what, slip in [("always", Always()), *conditions(policy, rule.condition)]:
            if slip != rule.condition:
                yield what, evolve(rule, condition=slip)
    for action in rule.effects:
        left = {name: effect for name, effect in rule.effects.items() if name != action}
        if left:
            yield f"without {action}", evolve(rule, effects=left)
    if rule.since is not None:
        for by in (-1, 1):
            yield f"since by {by}", evolve(rule, since=rule.since + by)
    if rule.until is not None:
        for by in (-1, 1):
            yield f"until by {by}", evolve(rule, until=rule.until + by)


def failing(policy: TypedPolicy) -> set[str]:
    return {outcome.example.title for outcome in try_examples(policy) if outcome.failures}


@pytest.mark.parametrize("name", NAMES)
def test_each_slip_is_noticed_and_each_example_notices_one(name: str) -> None:
    policy = forbear.load(f"pack:{name}").typed
    assert failing(policy) == set()
    survivors: list[str] = []
    useful: set[str] = set()
    for rule, what, slip in slips(policy):
        noticed = failing(slip)
        useful |= noticed
        if not noticed and not {rule, f"{rule}: {what}"} & UNNOTICED.get(name, set()):
            survivors.append(f"{rule}: {what}")
    idle = [example.title for example in policy.examples if example.title not in useful]
    assert survivors == []
    assert idle == []
