"""The lowered form says what the interpreter says: guards where a condition is true, tables what overrides what."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import strategies
from hypothesis import given, settings
from strategies import examples

import forbear
from forbear.kernel.cases import GridValue, Verdict
from forbear.semantics import meaning
from forbear.semantics.lowered.actions import ActionTable
from forbear.semantics.lowered.from_policy import lowered
from forbear.semantics.lowered.guards import (
    AllOf,
    AnyOf,
    Guard,
    RelatedValues,
    Values,
    among,
    leaves,
)

CASES = 40


def holds(guard: Guard, case: Mapping[str, GridValue]) -> bool:
    match guard:
        case AllOf(parts):
            return all(holds(part, case) for part in parts)
        case AnyOf(parts):
            return any(holds(part, case) for part in parts)
        case RelatedValues(relation, truly, absences):
            for name, its in absences:
                if case[name] is None:
                    return its
            values = [case[name] for name in relation.facts]
            assert None not in values, "a fact that always has a value"
            return relation.holds(*map(int, values)) == truly  # type: ignore[arg-type]
        case _:
            value = case[guard.fact]
            if value is None:
                assert guard.absent is not None, "a fact that always has a value"
                return guard.absent
            return of_value(guard, value)


def of_value(leaf: Values, value: int | str) -> bool:
    if leaf.single is not None:
        return (value in leaf.single) == leaf.inside
    assert isinstance(value, int)
    return leaf.inside == any(
        (first is None or first <= value) and (last is None or value <= last) for first, last in leaf.numbers
    )


@settings(max_examples=examples(50, by_night=100))
@given(strategies.policies(relations=True), strategies.seeds())
def test_guards_hold_where_the_interpreter_says_so(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text).typed
    its = lowered(policy)
    for guards in its.guards:
        for leaf in leaves(guards.certain):
            if isinstance(leaf, RelatedValues):
                continue
            fact = policy.facts[leaf.fact]
            assert (leaf.absent is None) == (not fact.optional and not fact.or_none)
    for case in strategies.boundary_cases(policy, seed, CASES):
        for rule, guards in zip(policy.rules, its.guards, strict=False):  # after them come those of duties
            truth = meaning.truth(rule.condition, policy.facts, case)
            assert holds(guards.certain, case) == (truth is True), (rule.name, case)
            assert holds(guards.possible, case) == (truth is not False), (rule.name, case)


def by_table(table: ActionTable, certain: set[int], possible: set[int]) -> tuple[Verdict, set[int]]:
    """A verdict and the rules that give it, from a table and the rules that hold."""
    certain, possible = set(certain), set(possible)
    for number in table.overridden:
        others = table.overriders(number)
        overriding, maybe_overriding = certain & others, possible & others
        if overriding:
            possible.discard(number)
        if maybe_overriding:
            certain.discard(number)
    for branch in table.branches:
        deciding = {number for number in branch.rules if number in (possible if branch.possible else certain)}
        if deciding:
            return branch.verdict, deciding
    return Verdict.UNSAID, set()


@settings(max_examples=examples(50, by_night=100))
@given(strategies.policies(relations=True), strategies.seeds())
def test_tables_decide_as_the_interpreter_does(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text).typed
    its = lowered(policy)
    for case in strategies.boundary_cases(policy, seed, CASES):
        day = strategies.boundary_days_of(policy)[0]
        truths = [
            meaning.truth(rule.condition, policy.facts, case) if meaning.rule_in_force(rule, day) else False
            for rule in its.policy.rules  # those of duties too
        ]
        certain = {number for number, truth in enumerate(truths) if truth is True}
        possible = {number for number, truth in enumerate(truths) if truth is not False}
        for action in policy.actions:
            verdict, deciding = by_table(its.actions[action], certain, possible)
            expected = meaning.decide_action(policy, action, case, day)
            assert (verdict, list(dict.fromkeys(its.policy.rules[number].name for number in sorted(deciding)))) == (
                expected.verdict,
                list(expected.rules),
            )


OVERRIDES_ALL = """\
fact n count
action call
{permits}{forbids}"""


def test_rules_that_override_the_same_rules_share_one_set() -> None:
    permits = "".join(f"rule p{number}: n > {number} then allow call\n" for number in range(50))
    forbids = "".join(f"rule f{number}: n < {number + 2} then forbid call overrides all\n" for number in range(50))
    (table,) = lowered(forbear.loads(OVERRIDES_ALL.format(permits=permits, forbids=forbids)).typed).actions.values()
    assert len(table.overridden) == 50
    assert len(set(table.overridden.values())) == 1
    assert len(table.overriders(0)) == 50


@pytest.mark.parametrize(
    ("condition", "leaf"),
    [
        ("not (n > 3)", Values("n", ((None, 3),), True, None)),
        ("not (seen <= 3)", Values("seen", ((4, None),), True, False)),
        ("hour between 21:00 and 08:00", Values("hour", ((8 * 3600 + 1, 21 * 3600 - 1),), False, None)),
        ("hour is not between 21:00 and 08:00", Values("hour", ((8 * 3600 + 1, 21 * 3600 - 1),), True, None)),
        ("flag != yes", among("flag", (False,), True, None)),
        ("promised is none", among("promised", (), True, True)),
        ("promised is not none", among("promised", (), False, False)),
        ("not (promised = 2015-01-02)", among("promised", (735600,), False, True)),
        ("seen is known", among("seen", (), False, False)),
    ],
)
def test_a_condition_becomes_a_leaf(condition: str, leaf: Values) -> None:
    text = f"fact n count\nfact seen count optional\nfact hour time\nfact flag yes/no\nfact promised date or none\n\
action call\nrule a: {condition} then allow call\n"
    assert lowered(forbear.loads(text).typed).guards[0].certain == leaf
