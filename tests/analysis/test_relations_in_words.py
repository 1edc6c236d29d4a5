"""Cells of forms as conditions: read again, each holds in exactly these cells."""

from __future__ import annotations

import itertools
import random

import oracle
import pytest
import small

import forbear
from forbear.analysis.engine.space import policy_space
from forbear.model.policy import TypedPolicy
from forbear.semantics.to_text import type_text
from forbear.space.in_words import box_text
from forbear.space.relations.forms import Form

SEEDS = range(150)


def grid(value: oracle.Value) -> int | None:
    assert not isinstance(value, str)
    return None if isinstance(value, oracle.Missing) else int(value)


@pytest.mark.parametrize("chunk", range(3))
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


@pytest.mark.parametrize(
    ("declared", "condition", "expected"),
    [
        ("fact a money CNY\nfact b money CNY", "a > 10% of b", "a > 10% of b"),
        ("fact a money CNY\nfact b money CNY", "10% of b <= a", "a >= 10% of b"),
        ("fact a money CNY\nfact b money CNY", "a < b", "a < b"),
        ("fact a money CNY in steps of CNY 1\nfact b money CNY", "a < b + CNY 100", "a < b + CNY 100"),
        ("fact a date\nfact b date", "a + 3 days < b", "a + 3 days < b"),
        ("fact a date\nfact b date", "a > b - 3 days", "a + 3 days > b"),
        ("fact a count\nfact b count", "30% of a >= b", "b <= 30% of a"),
        ("fact a count\nfact b count", "30% of a >= 70% of b", "30% of a >= 70% of b"),
    ],
)
def test_it_is_said_as_an_author_would(declared: str, condition: str, expected: str) -> None:
    policy = forbear.loads(f"{declared}\naction sms\nrule a: {condition} then allow sms\n").typed
    space = policy_space(policy)
    [box] = space.regions[0].certain
    assert box_text(box, space.cells) == expected
