"""Comparisons of two facts: properties in other files draw them, and here are those of what is known in part."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
import second_values
import strategies
from hypothesis import given, settings

import forbear
from forbear.kernel.cases import InPart, Value
from forbear.language.model.conditions import atoms
from forbear.language.model.facts import Fact
from forbear.language.model.relations import Related
from forbear.semantics import meaning
from forbear.space.predicates import mask as masks
from forbear.space.predicates.specs import specs
from forbear.targets.policy_data import policy_data

IN_PART = """
event e
  has x count
fact n count of e in last 7 days optional
fact d days since last e
fact o days since last e where x > 1
fact u days optional
fact k days
fact m count optional
fact v days or none
action a
rule r0: n > m + 1 then allow a
rule r1: 50% of n <= m then allow a
rule r2: not d = o then allow a
rule r3: d >= 10% of o or d > u then allow a
rule r4: u != o then allow a
rule r5: k - 3 < d then allow a
rule r6: v != u then allow a
rule r7: d between u and o then allow a
rule r8: d is not between v and o then allow a
rule r9: n = m then allow a
rule r10: n + m > 5 then allow a
rule r11: d + o - k < u then allow a
rule r12: d - 50% of o = k then allow a
rule r13: d + v != o + 2 then allow a
"""


@settings(max_examples=strategies.examples(600, by_night=72))
@given(strategies.relations(), strategies.seeds())
def test_a_comparison_means_what_the_reference_says(
    drawn: tuple[Sequence[strategies.Fact], Sequence[strategies.Condition]], seed: int
) -> None:
    facts, conditions = drawn
    generator = random.Random(seed)
    rules = [f"rule r{number}: allow a when {one.text}" for number, one in enumerate(conditions)]
    text = "\n".join(["policy p\n  currency EUR", *[fact.declaration for fact in facts], "action a", *rules])
    policy = forbear.loads(text + "\nrule always_so: always then allow a\n").typed
    for _ in range(12):
        case = {fact.name: generator.choice(strategies.fact_values(fact)) for fact in facts}
        first = case[facts[0].name]
        if isinstance(first, int) and generator.random() < 0.5:  # they are nearly equal
            for fact in facts[1:]:
                near = int(first * facts[0].step / fact.step) + generator.choice([-1, 0, 0, 1])
                case[fact.name] = min(max(near, fact.low), fact.high)
        on_grid = {name: None if isinstance(value, strategies.Absent) else value for name, value in case.items()}
        for rule, one in zip(policy.rules, conditions, strict=False):
            expected = {strategies.TRUE: True, strategies.FALSE: False, strategies.OPEN: None}[one.truth(case)]
            assert meaning.truth(rule.condition, policy.facts, on_grid) is expected, (one.text, case)


def test_relations_are_drawn() -> None:
    found: list[Related] = []

    @settings(max_examples=100, derandomize=True)
    @given(strategies.policies(relations=True))
    def collect(model: strategies.Policy) -> None:
        policy = forbear.loads(model.text).typed
        found.extend(atom for rule in policy.rules for atom in atoms(rule.condition) if isinstance(atom, Related))

    collect()
    assert len({atom.operator for atom in found}) >= 5
    assert any(abs(share) != 1 for atom in found for share in atom.shares.values())
    assert any(atom.left.offset or atom.right.offset for atom in found)


def _value(fact: Fact, derived: bool, generator: random.Random) -> Value:
    chance = generator.random()
    if derived and chance < 0.5:
        low = generator.randint(0, 6)
        high, none = low + generator.randint(0, 4), fact.or_none and generator.random() < 0.5
        return low if low == high and not none else InPart(low, high, none)
    return None if (fact.optional or fact.or_none) and chance < 0.7 else generator.randint(0, 8)


def test_what_is_known_in_part_is_compared_alike_by_oracle_predicates_and_another_evaluator() -> None:
    policy, generator = forbear.loads(IN_PART).typed, random.Random(3)
    tables = specs(policy)
    data: Any = policy_data(policy)
    mask, layout = masks.of_values(tables), masks.layout(tables)
    facts = {fact["name"]: fact for fact in data["facts"]}
    seen = set()
    for _ in range(2_000):
        case = {name: _value(policy.facts[name], name in policy.derived, generator) for name in tables.needed}
        certain, possible, _ = layout.read(mask(*[case[name] for name in tables.needed]))
        of_second = {k: second_values.InPart(*v) if isinstance(v, InPart) else v for k, v in case.items()}
        for number, rule in enumerate(policy.rules):
            truth = meaning.truth(rule.condition, policy.facts, case)
            seen.add((number, truth))
            assert bool(certain >> number & 1) == (truth is True), (rule.name, case)
            assert bool(possible >> number & 1) == (truth is not False), (rule.name, case)
            assert second_values.truth(data["rules"][number]["condition"], of_second, facts) is truth, (rule.name, case)
    assert len(seen) == 3 * len(policy.rules)


def test_a_needed_number_that_is_compared_with_a_fact_has_to_be_known_exactly() -> None:
    policy = forbear.loads(
        "event e\nfact n count of e in last 7 days\nfact k count\naction a\nrule r: n > k then allow a"
    )
    assert policy.permits("a", {"n": {"at_least": 5, "at_most": 5}, "k": 4})
    with pytest.raises(forbear.CaseError, match="does not tell enough"):
        policy.permits("a", {"n": {"at_least": 5, "at_most": 6}, "k": 4})
