"""Any events, any derived facts, any history: counted as by the second evaluator, and one meaning however it is asked.

The interpreter, the predicates, the compiled module, the second evaluator and Java decide alike, whether a case tells
what happened or gives what follows from it.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import generated
import polars as pl
import pytest
import strategies
from generated import Vocabulary
from hypothesis import given, settings
from jvm import Jvm, running_jvm
from moments import answer
from night import NIGHTLY
from second_evaluator import Evaluator
from second_values import Refused
from strategies import examples, seeds

import forbear
from forbear.deciding.deciders.decider import decider
from forbear.kernel import cases as kernel
from forbear.semantics import meaning
from forbear.space.predicates.specs import specs
from forbear.targets.java.module import java_class
from forbear.targets.json_form import json_form
from forbear.targets.python import check
from forbear.targets.python.module import compile_module

CASES = 8


@pytest.fixture(scope="module")
def jvm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jvm]:
    with running_jvm(tmp_path_factory.mktemp("jvm")) as running:
        yield running


def _comparisons(one: generated.Derived, some: int, days: int) -> list[str]:
    """Comparisons with a fact."""
    if one.measure == "any":
        return ["{}", "not {}"]
    if one.measure in generated.OF_DATES:
        return [f"{{}} >= {min(some, one.most_days)}", "{} is 1"]
    if one.measure == "count":
        return [f"{{}} >= {some}", "{} between 1 and 3", "{} is one of 2, 4"]
    if one.attribute is None:
        of_days = [f"{{}} <= {days}", f"not ({{}} > {days})", "{} is none", f"{{}} is not {days}"]
        return [*of_days, "{} is not between 2 and 9"]
    text = strategies.literal(one.attribute, _threshold(one, one.attribute, some))
    return [f"{{}} >= {text}", f"not ({{}} < {text})", f"{{}} is not {text}", *["{} is none"] * one.none]


def _threshold(one: generated.Derived, its: strategies.Fact, some: int) -> int:
    """A number on the grid of a sum, or of what one event has."""
    near = [int(value) for value in its.pool] or [its.low]
    number = near[some % len(near)] * (1 if one.none else 1 + some % 2)
    if one.none:
        return min(max(number, its.low), its.high)
    most = int((10**15 - 1) / max(its.step, Fraction(1)))
    return min(max(number, -most if its.low < 0 else 0), most)


def policy_text(vocabulary: Vocabulary, generator: random.Random) -> str:
    """A policy that reads every derived fact in one comparison."""
    rules = []
    for number, one in enumerate(vocabulary.derived):
        text = generator.choice(_comparisons(one, generator.randint(1, 4), generator.randint(0, 7))).format(one.name)
        effect = generator.choice(["allow", "forbid", "forbid", "never", "require"])
        rules.append(f"rule r{number}: {effect} {generator.choice(['a', 'b', 'a, b'])} when {text}")
    return vocabulary.text + "action a, b\n" + "\n".join(rules) + "\n"


def run_module(policy: forbear.Policy) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "CHECKED_CASES", 5)
        text = compile_module(policy.typed)
    namespace: dict[str, Any] = {"__name__": "compiled"}
    exec(compile(text, "<compiled>", "exec"), namespace)
    return namespace["decide"]


def counted(policy: forbear.Policy, evaluator: Evaluator, raw: Any, at: datetime.datetime) -> dict[str, object] | None:
    """The facts of a history as the second evaluator counts them, by which the interpreter decides as it is decided;
    None if one is missing."""
    found = answer(policy.decide, raw, at)
    try:
        outright: dict[str, object] = generated.counted(evaluator, raw, at)
        by_another = evaluator.decide(generated.as_json(raw), at=at.isoformat())
    except Refused as error:
        refused = error.names
    else:
        expected = meaning.decide(policy.typed, read(specs(policy.typed), outright), None)
        decision = policy.decide(raw, at=at)
        assert {action: decision[action] for action in policy.actions} == dict(expected), (outright, raw)
        for action, its in expected.items():
            told = {"verdict": its.verdict.value, "rules": list(its.rules), "unknown": list(its.unknown)}
            assert by_another[action] == {**told, "along": {}}, raw
        return outright
    assert isinstance(found, list), raw
    assert refused <= {fault[0] for fault in found}
    return None


@settings(max_examples=examples(13, by_night=25), deadline=None)
@given(generated.vocabularies(), seeds())
def test_one_meaning_of_a_history(vocabulary: Vocabulary, seed: int) -> None:
    generator = random.Random(seed)
    policy = forbear.loads(policy_text(vocabulary, generator))
    decide, by_rows_of_bits = run_module(policy), decider(policy.typed, many=True)
    evaluator = Evaluator(json.loads(json_form(policy.typed)))
    for _ in range(CASES):
        case = generated.drawn(vocabulary, generator)
        raw = generated.written(case, vocabulary, generator)
        decided = answer(policy.decide, raw, case.at)
        assert answer(decide, raw, case.at) == decided
        as_row = generated.as_json({**raw, "history": json.dumps(raw["history"], default=str)})
        row = policy.apply(pl.DataFrame([as_row]), at=case.at).row(0, named=True)
        for action in policy.actions:
            assert row[action] == (decided[action]["verdict"] if isinstance(decided, dict) else "undecided"), raw
        outright = counted(policy, evaluator, raw, case.at)
        if outright is None:
            continue
        decision = policy.decide(raw, at=case.at)
        assert policy.decide(outright).as_json() == decision.as_json() == decide(outright)
        assert by_rows_of_bits.decide(raw, None, case.at).as_json() == decision.as_json()
        for action in policy.actions:
            assert policy.permits(action, raw, at=case.at) == decision.permits(action)


def read(tables: Any, case: Mapping[str, object]) -> Mapping[str, kernel.Value]:
    return kernel.read_case(tables.facts, tables.needed, case)


@settings(max_examples=examples(15, by_night=30), deadline=None)
@given(generated.vocabularies(), seeds())
def test_what_is_settled_holds_in_every_history_of_which_a_case_may_be_a_part(
    vocabulary: Vocabulary, seed: int
) -> None:
    """Whatever happened before, and whatever unknown attributes are, no settled condition has another truth.

    Where events are asked whether something of them is known, that is a matter of form.
    """
    generator = random.Random(seed)
    policy = forbear.loads(policy_text(vocabulary, generator))
    tables = specs(policy.typed)
    facts = policy.typed.facts
    of_form = ["known" in one.events.text + str(one.anchor) for one in vocabulary.derived]
    for _ in range(CASES):
        case = generated.drawn(vocabulary, generator)
        try:
            derived = policy.derive(generated.written(case, vocabulary, generator), case.at)
            values = read(tables, {name: value for name, value in derived.items() if value is not None})
        except forbear.CaseError:
            continue
        truths = [meaning.truth(rule.condition, facts, values) for rule in policy.typed.rules]
        decided = meaning.decide(policy.typed, values, None)
        for _ in range(3):
            whole = generated.completed(case, vocabulary, generator)
            try:
                found = read(tables, policy.derive(generated.written(whole, vocabulary, generator), whole.at))
            except forbear.CaseError:  # a sum is out of its range
                continue
            for rule, truth, form in zip(policy.typed.rules, truths, of_form, strict=True):
                assert form or truth in (None, meaning.truth(rule.condition, facts, found)), (rule, values, found)
            after = meaning.decide(policy.typed, found, None)
            for action, decision in decided.items():
                assert any(of_form) or after[action].permitted or not decision.permitted


@settings(max_examples=examples(8, by_night=15), deadline=None)
@given(generated.vocabularies(), seeds())
def test_java_counts_alike(jvm: Jvm, vocabulary: generated.Vocabulary, seed: int) -> None:
    generator = random.Random(seed)
    text = policy_text(vocabulary, generator)
    policy = forbear.loads(text)
    name = f"Policy{hashlib.sha256(text.encode()).hexdigest()}"
    assert jvm.compile({f"{name}.java": java_class(policy.typed, name)}) == ""
    cases = [generated.drawn(vocabulary, generator) for _ in range(8)]
    given = [generated.as_json(generated.written(case, vocabulary, generator)) for case in cases]
    moments = [case.at.isoformat() for case in cases]
    answers = jvm.decide(name, [(raw, None, at) for raw, at in zip(given, moments, strict=True)])
    for raw, at, in_java in zip(given, moments, answers, strict=True):
        try:
            expected = policy.decide(raw, at=at)
        except forbear.CaseError:
            assert isinstance(in_java, list), (raw, at)
            continue
        for action, its in expected.items():
            told = {"verdict": its.verdict.value, "rules": list(its.rules), "unknown": list(its.unknown)}
            assert {"verdict": "unsaid", "rules": [], "unknown": [], **in_java.get(action, {})} == told, (raw, at)


def test_what_is_generated_tells() -> None:
    """It is counted as by the second evaluator; counts, none and all that is known in part come up."""
    seen: list[object] = []

    @settings(max_examples=1_000 if NIGHTLY else 50, database=None, deadline=None)
    @given(generated.vocabularies(), seeds())
    def look(vocabulary: Vocabulary, seed: int) -> None:
        generator = random.Random(seed)
        policy = forbear.loads(policy_text(vocabulary, generator))
        evaluator = Evaluator(json.loads(json_form(policy.typed)))
        for _ in range(CASES):
            case = generated.drawn(vocabulary, generator)
            raw = generated.written(case, vocabulary, generator)
            if counted(policy, evaluator, raw, case.at) is not None:
                seen.extend(policy.derive(raw, case.at).values())

    look()
    assert [value for value in (0, 1, 2, "none", {"at_least": 0}) if value not in seen] == []
    forms = {("at_most" in value, "or_none" in value) for value in seen if isinstance(value, dict)}
    assert forms == {*itertools.product((False, True), repeat=2)}
