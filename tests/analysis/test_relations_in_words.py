"""Cells of forms as conditions: read again, each holds in exactly these cells."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import oracle
import pytest
import small
from night import NIGHTLY
from strategies import examples
from written import texts

import forbear
from forbear.analysis.engine.space import policy_space
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.to_text import type_text
from forbear.space.in_words import box_text
from forbear.space.relations.forms import Form

SEEDS = range(150)
ABSENT = ("", "", " optional", " or none")


def grid(value: oracle.Value) -> int | None:
    assert not isinstance(value, str)
    return None if isinstance(value, oracle.Missing) else int(value)


@pytest.mark.parametrize("chunk", range(3 if NIGHTLY else 1))
def test_a_condition_says_what_the_cells_are(chunk: int) -> None:
    chosen = random.Random(chunk)
    said = 0
    for seed in SEEDS[chunk::3]:
        policy = forbear.loads(small.related_policy(seed)).typed
        space = policy_space(policy).cells
        for form in space.forms.values():
            mask = chosen.randrange(1, form.everything)
            text = box_text({form.name: mask}, space)
            agrees(policy_text(policy, form, text), form, mask)
            said += 1
    assert said > 40


def policy_text(policy: TypedPolicy, form: Form, text: str) -> TypedPolicy:
    declared = "\n".join([f"fact {name} {type_text(policy.facts[name])}" for name in form.facts])
    return forbear.loads(f"{declared}\naction sms\nrule probe: {text} then allow sms\n").typed


def agrees(probe: TypedPolicy, form: Form, mask: int) -> None:
    facts = {name: probe.facts[name] for name in form.facts}
    for values in itertools.product(*[oracle.values_of(fact, ()) for fact in facts.values()]):
        case = dict(zip(facts, values, strict=True))
        cell = form.cell_of({name: grid(value) for name, value in case.items()})
        holds = oracle.truth(probe.rules[0].condition, case, probe.facts) == oracle.TRUE
        assert holds == bool(cell & mask), (probe.rules[0].condition, case)


def test_any_percentage_and_amount_can_be_said() -> None:
    chosen = random.Random(7)
    for _ in range(examples(60)):
        percent = chosen.choice((3, 50, 80, 110, 125, 150, 160, 200, 210, 333, 1024, 0.5, 112.5))
        amount, order = chosen.choice((-3, -1, -0.5, 0.5, 1, 2)), chosen.choice(("<", "<=", ">", ">=", "=", "!="))
        names = chosen.choice((("a", "b"), ("b", "a")))
        facts = "\n".join(
            [f"fact {name} number between 0 and 6 in steps of 0.5{chosen.choice(ABSENT)}" for name in "ab"]
        )
        condition = f"{names[0]} {'-' if amount < 0 else '+'} {abs(amount)} {order} {percent}% of {names[1]}"
        policy = forbear.loads(f"{facts}\naction sms\nrule a: {condition} then allow sms\n").typed
        space = policy_space(policy).cells
        for form in space.forms.values():
            for mask in {chosen.randrange(1, form.everything) for _ in range(3)}:
                agrees(policy_text(policy, form, box_text({form.name: mask}, space)), form, mask)


def test_cells_are_said_as_an_author_would() -> None:
    for one in texts(Path(__file__).with_name("in_words.txt")):
        space = policy_space(forbear.loads(f"{one.head}rule r: {one.text} then allow sms\n").typed)
        [box] = space.of_rule(0)
        assert [box_text(box, space.cells)] == one.found
