"""Any events, any derived facts, any history: counted as by hand, and one meaning however it is asked.

The interpreter, the predicates, the compiled module, the second evaluator and Java decide alike, whether a case tells
what happened or gives what follows from it.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import generated
import pytest
import strategies
from generated import NONE, OVERFLOW, UNKNOWN, Case, Known, Vocabulary
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


Holds = Callable[[Any], bool]


@pytest.fixture(scope="module")
def jvm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jvm]:
    with running_jvm(tmp_path_factory.mktemp("jvm")) as running:
        yield running


def _comparisons(one: generated.Derived, some: int, days: int) -> list[tuple[str, Holds]]:
    """Comparisons with a fact, and whether each holds of a value."""
    name = one.name
    if one.measure == "any":
        return [(name, bool), (f"not {name}", lambda found: not found)]
    if one.measure in generated.OF_DATES:
        number = min(some, one.most_days)
        return [(f"{name} >= {number}", lambda found: found >= number), (f"{name} is 1", lambda found: found == 1)]
    if one.measure == "count":
        return [
            (f"{name} >= {some}", lambda found: found >= some),
            (f"{name} between 1 and 3", lambda found: 1 <= found <= 3),
            (f"{name} is one of 2, 4", lambda found: found in (2, 4)),
        ]
    if one.attribute is None:
        return [
            (f"{name} <= {days}", lambda found: found is not None and found <= days),
            (f"not ({name} > {days})", lambda found: found is None or found <= days),
            (f"{name} is none", lambda found: found is None),
            (f"{name} is not {days}", lambda found: found != days),
            (f"{name} is not between 2 and 9", lambda found: found is None or not 2 <= found <= 9),
        ]
    threshold = _threshold(one, some)
    text = strategies.literal(one.attribute, threshold)
    return [
        (f"{name} >= {text}", lambda found: found is not None and found >= threshold),
        (f"not ({name} < {text})", lambda found: found is None or found >= threshold),
        (f"{name} is not {text}", lambda found: found != threshold),
        *([(f"{name} is none", lambda found: found is None)] if one.none else []),
    ]


def _threshold(one: generated.Derived, some: int) -> int:
    """A number on the grid of a sum, or of what one event has."""
    assert one.attribute is not None
    least, most = generated.limits(one)
    near = [int(value) for value in one.attribute.pool] or [one.attribute.low]
    number = near[some % len(near)] * (1 if one.none else 1 + some % 2)
    return min(max(number, 0 if least is None else least), most)


def policy_of(vocabulary: Vocabulary, generator: random.Random) -> tuple[str, dict[str, Holds]]:
    """A policy that reads every derived fact in one comparison, and whether that holds of a value, None for none."""
    rules = []
    asked: dict[str, Holds] = {}
    for number, one in enumerate(vocabulary.derived):
        comparisons = _comparisons(one, generator.randint(1, 4), generator.randint(0, 7))
        text, asked[one.name] = generator.choice(comparisons)
        effect = generator.choice(["allow", "forbid", "never", "require"])
        rules.append(f"rule r{number}: {effect} {generator.choice(['a', 'b', 'a, b'])} when {text}")
        if effect == "never":
            rules[-1] = rules[-1].replace("never", "forbid") if generator.random() < 0.5 else rules[-1]
    return vocabulary.text + "action a, b\n" + "\n".join(rules) + "\n", asked


def policy_text(vocabulary: Vocabulary, generator: random.Random) -> str:
    """A policy that reads every derived fact."""
    return policy_of(vocabulary, generator)[0]


def near_to(one: generated.Derived, some: int) -> list[int]:
    """Numbers at and around which a comparison may have another truth."""
    around = range(12) if one.attribute is None else [_threshold(one, some) + step for step in (-1, 0, 1)]
    return [*around]


def by_hand(vocabulary: Vocabulary, case: Case, asked: Mapping[str, Holds]) -> tuple[dict[str, object], list[str]]:
    """The facts as a case gives them outright, and those that are missing."""
    values: dict[str, object] = {}
    missing = []
    for one in vocabulary.derived:
        value = generated.value(one, case)
        needed = not one.none and not one.optional
        if isinstance(value, Known):
            values[one.name] = value.given
            near = [number for some in range(5) for number in near_to(one, some)]
            if needed and len(set(map(asked[one.name], value.numbers(near)))) > 1:
                missing.append(one.name)
        elif value == OVERFLOW:
            missing.append(one.name)
        elif value != UNKNOWN:
            plain = isinstance(value, (bool, str)) or one.attribute is None
            values[one.name] = value if plain else generated.on_paper(one.attribute, int(value))
        elif needed:
            missing.append(one.name)
    return values, missing


def run_module(policy: forbear.Policy) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "CHECKED_CASES", 5)
        text = compile_module(policy.typed)
    namespace: dict[str, Any] = {"__name__": "compiled"}
    exec(compile(text, "<compiled>", "exec"), namespace)
    return namespace["decide"]


def counted(
    vocabulary: Vocabulary, case: Case, raw: Any, policy: forbear.Policy, tables: Any, asked: Mapping[str, Holds]
) -> dict[str, object] | None:
    """The facts of a history as by hand, by which the interpreter decides as it is decided; None if one is missing."""
    outright, missing = by_hand(vocabulary, case, asked)
    if missing:
        with pytest.raises(forbear.CaseError) as raised:
            policy.decide(raw, at=case.at)
        assert sorted(str(fault.fact) for fault in raised.value.faults) == sorted(missing)
        return None
    decision = policy.decide(raw, at=case.at)
    expected = meaning.decide(policy.typed, read(tables, outright), None)
    assert {action: decision[action] for action in policy.typed.actions} == dict(expected), (outright, raw)
    return outright


@settings(max_examples=examples(13, by_night=25), deadline=None)
@given(generated.vocabularies(), seeds())
def test_one_meaning_of_a_history(vocabulary: Vocabulary, seed: int) -> None:
    generator = random.Random(seed)
    text, asked = policy_of(vocabulary, generator)
    policy = forbear.loads(text)
    decide = run_module(policy)
    by_rows_of_bits = decider(policy.typed, many=True)
    tables = specs(policy.typed)
    for _ in range(CASES):
        case = generated.drawn(vocabulary, generator)
        raw = generated.written(case, vocabulary, generator)
        assert answer(decide, raw, case.at) == answer(policy.decide, raw, case.at)
        outright = counted(vocabulary, case, raw, policy, tables, asked)
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
def test_the_second_evaluator_and_java_count_alike(jvm: Jvm, vocabulary: generated.Vocabulary, seed: int) -> None:
    generator = random.Random(seed)
    text = policy_text(vocabulary, generator)
    policy = forbear.loads(text)
    evaluator = Evaluator(json.loads(json_form(policy.typed)))
    name = f"Policy{hashlib.sha256(text.encode()).hexdigest()}"
    assert jvm.compile({f"{name}.java": java_class(policy.typed, name)}) == ""
    cases = [generated.drawn(vocabulary, generator) for _ in range(8)]
    given = [json.loads(json.dumps(generated.written(case, vocabulary, generator), default=str)) for case in cases]
    moments = [case.at.isoformat() for case in cases]
    answers = jvm.decide(name, [(raw, None, at) for raw, at in zip(given, moments, strict=True)])
    for raw, at, in_java in zip(given, moments, answers, strict=True):
        try:
            expected = policy.decide(raw, at=at)
        except forbear.CaseError:
            with pytest.raises(Refused):
                evaluator.decide(raw, at=at)
            assert isinstance(in_java, list), (raw, at)
            continue
        for action, found in evaluator.decide(raw, at=at).items():
            its = expected[action]
            told = {"verdict": its.verdict.value, "rules": list(its.rules), "unknown": list(its.unknown)}
            assert found == {**told, "along": {}}, (raw, at)
            assert {"verdict": "unsaid", "rules": [], "unknown": [], **in_java.get(action, {})} == told, (raw, at)


def test_what_is_generated_tells() -> None:
    """It is counted as by hand. Counts, none and unknown all come up, what is known in part, and open conditions."""
    seen: set[object] = set()

    @settings(max_examples=1_000 if NIGHTLY else 50, database=None, deadline=None)
    @given(generated.vocabularies(), seeds())
    def look(vocabulary: Vocabulary, seed: int) -> None:
        generator = random.Random(seed)
        text, asked = policy_of(vocabulary, generator)
        policy = forbear.loads(text)
        for _ in range(CASES):
            case = generated.drawn(vocabulary, generator)
            counted(
                vocabulary, case, generated.written(case, vocabulary, generator), policy, specs(policy.typed), asked
            )
            seen.update(generated.value(one, case) for one in vocabulary.derived)

    look()
    assert {0, 1, 2, NONE, UNKNOWN} <= seen
    in_part = [value for value in seen if isinstance(value, Known)]
    assert {(value.high is None, value.none) for value in in_part} == {
        (limit, none) for limit in (True, False) for none in (True, False)
    }
