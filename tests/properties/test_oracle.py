"""The oracle, and all that leads to it, against section 5 of the reference of the language.

What a generated policy means is known from the model that it was written from (`strategies`): a second evaluator, by
brute force. A few rules by hand follow, each with the sentence of the reference that it is about.
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


# By hand

WORDS = "fact c days clock\nfact f yes/no\nfact o yes/no optional\nfact p yes/no optional\naction a, b\n"


@pytest.mark.parametrize(
    ("rules", "case", "verdict", "deciding"),
    [
        # "if no rule permits it, it is not permitted"
        ("rule r: f then allow a", {"f": False}, "unsaid", []),
        ("rule r: f then allow a", {"f": True}, "allowed", ["r"]),
        # "the deciding rules are those that gave the verdict, in file order"
        (
            "rule r: f then allow a rule s: always then allow a rule t: not f then allow a",
            {"f": True},
            "allowed",
            ["r", "s"],
        ),
        ("rule r: f then allow a rule s: f then require a", {"f": True}, "required", ["s"]),
        ("rule r: f then require a rule s: f then forbid a", {"f": True}, "forbidden", ["s"]),
        # "if any `never` did, the `never`s alone"
        ("rule r: f then forbid a rule s: never a rule t: never a when f", {"f": True}, "forbidden", ["s", "t"]),
        # "a `never` or `forbid` that is not certainly not standing gives forbidden"
        ("rule r: always then allow a rule s: o then forbid a", {}, "forbidden", ["s"]),
        ("rule r: always then allow a rule s: never a when o", {}, "forbidden", ["s"]),
        ("rule r: always then allow a rule s: never a when o", {"o": False}, "allowed", ["r"]),
        # "an `allow` that certainly stands"; Kleene's, not "for every value"
        ("rule r: o then allow a", {}, "unsaid", []),
        ("rule r: o or not o then allow a", {}, "unsaid", []),
        ("rule r: o is unknown then allow a", {}, "allowed", ["r"]),
        ("rule r: o or f then allow a", {"f": True}, "allowed", ["r"]),
        ("rule r: o and f then require a rule s: f then allow a", {"f": True}, "allowed", ["s"]),
        # overrides
        ("rule r: f then forbid a rule s: f then allow a overrides r", {"f": True}, "allowed", ["s"]),
        ("rule r: f then forbid a rule s: o then allow a overrides r", {"f": True}, "forbidden", ["r"]),
        ("rule r: f then allow a rule s: f then forbid a overrides r", {"f": True}, "forbidden", ["s"]),
        ("rule r: f then allow a rule s: o then forbid a overrides r", {"f": True}, "forbidden", ["s"]),
        ("rule r: f then allow a rule s: o then forbid a overrides r", {"f": True, "o": False}, "allowed", ["r"]),
        ("rule r: f then forbid a rule s: f then allow a, b overrides all", {"f": True}, "allowed", ["s"]),
        ("rule r: f then never a rule s: f then allow a overrides all", {"f": True}, "forbidden", ["r"]),
        # "no rule that overrides it stands": an overridden overrider overrides nothing
        (
            "rule r: f then allow a rule s: f then forbid a overrides r rule t: f then require a overrides s",
            {"f": True},
            "required",
            ["t"],
        ),
        (
            "rule r: f then allow a rule s: f then forbid a overrides r rule t: o then require a overrides s",
            {"f": True},
            "forbidden",
            ["s"],
        ),
        (
            "rule r: f then allow a rule s: f then forbid a overrides r rule t: f then allow a overrides s",
            {"f": True},
            "allowed",
            ["r", "t"],
        ),
        # a rule that is perhaps overridden only perhaps overrides
        (
            "rule r: f then forbid a rule s: f then allow a overrides r rule t: o then forbid a overrides s",
            {"f": True},
            "forbidden",
            ["r", "t"],
        ),
        # "`overrides all` means every such rule that does not itself override this one by name"
        ("rule r: f then forbid a overrides s rule s: f then allow a overrides all", {"f": True}, "forbidden", ["r"]),
    ],
)
def test_the_decision(rules: str, case: dict[str, object], verdict: str, deciding: list[str]) -> None:
    policy = forbear.loads(WORDS + rules.replace(" rule ", "\nrule "))
    decided = policy.decide({"f": True, **case})["a"]
    assert (decided.verdict, list(decided.rules)) == (verdict, deciding)
    assert decided.permitted is (verdict in ("allowed", "required"))


def test_an_override_counts_for_its_actions_alone() -> None:
    policy = forbear.loads(
        WORDS + "rule r: f then forbid a, b\nrule s: f then allow a overrides r\nrule t: f then allow b"
    )
    decision = policy.decide({"f": True})
    assert decision["a"].verdict == "allowed"
    assert decision["b"].verdict == "forbidden"


def test_an_override_counts_where_it_opposes_alone() -> None:
    """A rule that permits one action and forbids another overrides on each what opposes it there."""
    policy = forbear.loads(
        WORDS + "rule r: f then allow a and forbid b\nrule s: f then forbid a and allow b\n  overrides r"
    )
    decision = policy.decide({"f": True})
    assert (decision["a"].rules, decision["b"].rules) == (("s",), ("s",))


@pytest.mark.parametrize(
    ("on", "verdict"),
    [("2015-09-20", "allowed"), ("2015-09-21", "forbidden"), ("2015-12-31", "forbidden"), ("2016-01-01", "allowed")],
)
def test_both_days_of_a_suspension_are_in_it(on: str, verdict: str) -> None:
    text = 'rule r: always then allow a\nsuspend a from 2015-09-21 until 2015-12-31 because "told"'
    decided = forbear.loads(WORDS + text).decide({}, on=on)["a"]
    assert decided.verdict == verdict
    assert decided.because == (("told",) if verdict == "forbidden" else ())


def test_a_rule_that_is_not_in_force_overrides_nothing() -> None:
    policy = forbear.loads(
        WORDS + "rule r: always then forbid a\nrule s: always then allow a\n  overrides r\n  in force from 2016-01-01"
    )
    assert policy.decide({}, on="2015-12-31")["a"].rules == ("r",)
    assert policy.decide({}, on="2016-01-01")["a"].rules == ("s",)


@pytest.mark.parametrize(
    ("case", "unknown"),
    [
        ({}, ("o", "p")),  # s is open, and the deciding rule may be
        ({"o": True}, ("p",)),
        ({"p": True}, ("o",)),
        ({"o": False, "p": False}, ()),
    ],
)
def test_unknown_names_what_took_part(case: dict[str, object], unknown: tuple[str, ...]) -> None:
    policy = forbear.loads(WORDS + "rule r: o then forbid a\nrule s: p then allow a")
    assert policy.decide(case)["a"].unknown == unknown
    assert policy.decide(case)["b"].unknown == ()
