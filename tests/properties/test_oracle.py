"""The oracle, and all that leads to it, against section 5 of the reference of the language.

What a generated policy means is known from the model that it was written from (`strategies`): a second evaluator, by
brute force. A few rules by hand are in `transcripts/decisions.txt` of the room `semantics`.
"""

from __future__ import annotations

import datetime
import itertools
import random
from fractions import Fraction

import pytest
import strategies
from attrs import evolve
from hypothesis import given, settings
from strategies import Absent, examples

import forbear
from forbear.semantics import meaning


def _expected(model: strategies.Policy, case: strategies.Case, day: int | None) -> dict[str, tuple[object, ...]]:
    names = model.rule_names()
    expected: dict[str, tuple[object, ...]] = {}
    for action in model.actions:
        decided = model.decide(action, case, day)
        rules = [model.rules[number] for number in decided.rules]
        expected[action] = (
            decided.verdict,
            tuple(names[number] for number in decided.rules),
            tuple(rule.because for rule in rules if rule.because is not None),
            tuple(rule.source for rule in rules if rule.source is not None),
            decided.unknown,
            tuple((name, tuple(names[number] for number in asking)) for name, asking in decided.along),
        )
    return expected


@settings(max_examples=examples(60, by_night=120))
@given(strategies.policies(relations=True), strategies.seeds())
def test_a_policy_means_what_the_reference_says(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    generator = random.Random(seed)
    facts = {fact.name: fact for fact in model.facts}
    days = model.days()
    for _ in range(30):
        case = model.case(generator)
        day = generator.choice(days)
        expected = _expected(model, case, day)
        on_grid = {name: None if isinstance(value, Absent) else value for name, value in case.items()}
        interpreted = meaning.decide(policy.typed, on_grid, day)
        assert {action: tuple(its) for action, its in interpreted.items()} == expected, (case, day)
        raw = strategies.written(facts, case, generator)
        on = None if day is None else datetime.date.fromordinal(day)
        assert {action: tuple(its) for action, its in policy.decide(raw, on).items()} == expected, (raw, day)


@settings(max_examples=examples(30, by_night=60))
@given(strategies.policies(rules=3, relations=True), strategies.seeds())
def test_ends_of_what_a_fact_may_be(model: strategies.Policy, seed: int) -> None:
    """Both ends of a range are in it, their neighbours outside are not; what lies between two steps is no value."""
    policy = forbear.loads(model.text)
    generator = random.Random(seed)
    facts = {fact.name: fact for fact in model.facts}
    day = model.days()[0]
    on = None if day is None else datetime.date.fromordinal(day)
    case = dict(strategies.written(facts, model.case(generator)))
    for fact in model.facts:
        if fact.kind not in strategies.STEPS:
            continue
        for inside in (fact.low, fact.high):
            policy.decide({**case, fact.name: strategies.given(fact, inside)}, on)
        for outside in (fact.low - 1, fact.high + 1):
            with pytest.raises(forbear.CaseError, match=f"`{fact.name}` (is|has)"):
                policy.decide({**case, fact.name: strategies.given(fact, outside)}, on)
        between = strategies.digits((fact.low + Fraction(1, 2)) * fact.step)
        with pytest.raises(forbear.CaseError, match=f"`{fact.name}` needs"):
            policy.decide({**case, fact.name: between}, on)


@settings(max_examples=examples(38, by_night=75))
@given(strategies.policies(rules=5, depth=1, relations=True), strategies.seeds())
def test_circles_of_overrides_are_found(model: strategies.Policy, seed: int) -> None:
    """Overrides at random: an error exactly where the model finds a circle."""
    generator = random.Random(seed)
    rules = list(model.rules)
    for number, rule in enumerate(rules):
        others = [
            other
            for other in range(len(rules))
            if rules[other].name and any(model.opposes(number, other, action) for action in model.actions)
        ]
        chosen = tuple(generator.sample(others, generator.randint(0, len(others))))
        rules[number] = evolve(rule, overrides=chosen, overrides_all=not chosen and generator.random() < 0.3)
    model = evolve(model, rules=tuple(rules))
    if model.circular():
        with pytest.raises(forbear.PolicyError) as error:
            forbear.loads(model.text)
        assert {found.code for found in error.value.diagnostics if found.severity == "error"} == {"circular-override"}
        return
    policy = forbear.loads(model.text)
    facts = {fact.name: fact for fact in model.facts}
    for _ in range(5):
        case, day = model.case(generator), generator.choice(model.days())
        on_grid = {name: None if isinstance(value, Absent) else value for name, value in case.items()}
        expected = _expected(model, case, day)
        interpreted = meaning.decide(policy.typed, on_grid, day)
        assert {action: tuple(its) for action, its in interpreted.items()} == expected
        decided = policy.decide(
            strategies.written(facts, case), None if day is None else datetime.date.fromordinal(day)
        )
        assert {action: tuple(its) for action, its in decided.items()} == expected


@settings(max_examples=examples(38, by_night=75))
@given(strategies.override_chains())
def test_chains_of_overrides(model: strategies.Policy) -> None:
    """Every case of two flags that may be unknown."""
    policy = forbear.loads(model.text)
    facts = {fact.name: fact for fact in model.facts}
    values: tuple[strategies.Value, ...] = (True, False, Absent.UNKNOWN)
    for o, p in itertools.product(values, values):
        case = {"o": o, "p": p}
        expected = _expected(model, case, None)
        on_grid = {name: None if isinstance(value, Absent) else value for name, value in case.items()}
        interpreted = meaning.decide(policy.typed, on_grid, None)
        assert {action: tuple(its) for action, its in interpreted.items()} == expected, case
        decided = policy.decide(strategies.written({name: facts[name] for name in case}, case))
        assert {action: tuple(its) for action, its in decided.items()} == expected, case
