"""Any events, any derived facts, any history: counted as by hand, and one meaning however it is asked.

The interpreter, the predicates, the compiled module and the second evaluator decide alike, whether a case tells what
happened or gives what follows from it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import generated
import pytest
from counter import NONE, UNKNOWN
from generated import Case, Vocabulary
from hypothesis import given, settings
from moments import answer
from second_evaluator import Evaluator
from second_values import Refused
from strategies import examples, seeds

import forbear
from forbear import kernel
from forbear.backends import module_check, python_module
from forbear.backends.json_form import json_form
from forbear.predicates.specs import specs
from forbear.semantics import meaning

CASES = 8


def policy_text(vocabulary: Vocabulary, generator: random.Random) -> str:
    """A policy that reads every derived fact."""
    rules = []
    for number, one in enumerate(vocabulary.derived):
        asked = {
            "any": [one.name, f"not {one.name}"],
            "count": [f"{one.name} >= {generator.randint(1, 4)}", f"{one.name} between 1 and 3"],
            "days since": [f"{one.name} <= {generator.randint(0, 7)}", f"{one.name} is none", f"{one.name} is not 0"],
        }[one.measure]
        effect = generator.choice(["allow", "forbid", "never", "require"])
        rules.append(f"rule r{number}: {effect} {generator.choice(['a', 'b', 'a, b'])} when {generator.choice(asked)}")
        if effect == "never":
            rules[-1] = rules[-1].replace("never", "forbid") if generator.random() < 0.5 else rules[-1]
    return vocabulary.text + "action a, b\n" + "\n".join(rules) + "\n"


def by_hand(vocabulary: Vocabulary, case: Case) -> tuple[dict[str, object], list[str]]:
    """The facts as a case gives them outright, and those that are missing."""
    values = {one.name: generated.value(one, case) for one in vocabulary.derived}
    missing = [one.name for one in vocabulary.derived if values[one.name] == UNKNOWN and not one.optional]
    return {name: value for name, value in values.items() if value != UNKNOWN}, missing


def run_module(policy: forbear.Policy) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module_check, "CHECKED_CASES", 5)
        text = python_module.compile_module(policy.typed)
    namespace: dict[str, Any] = {"__name__": "compiled"}
    exec(compile(text, "<compiled>", "exec"), namespace)
    return namespace["decide"]


@settings(max_examples=examples(60), deadline=None)
@given(generated.vocabularies(), seeds())
def test_one_meaning_of_a_history(vocabulary: Vocabulary, seed: int) -> None:
    generator = random.Random(seed)
    policy = forbear.loads(policy_text(vocabulary, generator))
    decide = run_module(policy)
    tables = specs(policy.typed)
    for _ in range(CASES):
        case = generated.drawn(vocabulary, generator)
        raw = generated.written(case, vocabulary, generator)
        outright, missing = by_hand(vocabulary, case)
        assert answer(decide, raw, case.at) == answer(policy.decide, raw, case.at)
        if missing:
            with pytest.raises(forbear.CaseError) as raised:
                policy.decide(raw, at=case.at)
            assert sorted(str(fault.fact) for fault in raised.value.faults) == sorted(missing)
            continue
        decision = policy.decide(raw, at=case.at)
        expected = meaning.decide(policy.typed, read(tables, outright), None)
        assert {action: decision[action] for action in policy.typed.actions} == dict(expected), (outright, raw)
        assert policy.decide(outright).as_json() == decision.as_json()


def read(tables: Any, case: Mapping[str, object]) -> Mapping[str, kernel.GridValue]:
    return kernel.read_case(tables.facts, tables.needed, case)


@settings(max_examples=examples(15), deadline=None)
@given(generated.vocabularies(), seeds())
def test_the_second_evaluator_counts_alike(vocabulary: generated.Vocabulary, seed: int) -> None:
    generator = random.Random(seed)
    policy = forbear.loads(policy_text(vocabulary, generator))
    evaluator = Evaluator(json.loads(json_form(policy.typed)))
    for _ in range(8):
        case = generated.drawn(vocabulary, generator)
        raw = json.loads(json.dumps(generated.written(case, vocabulary, generator), default=str))
        at = case.at.isoformat()
        try:
            expected = policy.decide(raw, at=at)
        except forbear.CaseError:
            with pytest.raises(Refused):
                evaluator.decide(raw, at=at)
            continue
        for action, found in evaluator.decide(raw, at=at).items():
            its = expected[action]
            told = {"verdict": its.verdict.value, "rules": list(its.rules), "unknown": list(its.unknown)}
            assert found == told, (raw, at)


def test_what_is_generated_tells() -> None:
    """Counts, none and unknown all come up, and conditions that are open."""
    seen: set[object] = set()

    @settings(max_examples=60, database=None, deadline=None)
    @given(generated.vocabularies(), seeds())
    def look(vocabulary: Vocabulary, seed: int) -> None:
        generator = random.Random(seed)
        for _ in range(CASES):
            case = generated.drawn(vocabulary, generator)
            seen.update(generated.value(one, case) for one in vocabulary.derived)

    look()
    assert {0, 1, 2, NONE, UNKNOWN} <= seen
