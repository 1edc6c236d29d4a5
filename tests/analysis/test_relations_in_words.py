"""Cells of forms as conditions: read again, each holds in exactly these cells."""

from __future__ import annotations

import itertools
import random

import oracle
import pytest
import small
from night import NIGHTLY
from strategies import examples

import forbear
from forbear.analysis.engine.space import policy_space
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.to_text import type_text
from forbear.space.in_words import box_text
from forbear.space.relations.forms import Form

SEEDS = range(150)
ABSENT = ("", "", " optional", " or none")
HALVES = "fact a number between 0 and 6 in steps of 0.5\nfact b number between 0 and 6 in steps of 0.5"


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
        ("fact a money CNY\nfact b money CNY", "b + CNY 1 > 110% of a", "b + CNY 1 > 110% of a"),
        ("fact a money CNY\nfact b money CNY", "b - CNY 2 <= 150% of a", "b - CNY 2 <= 150% of a"),
        ("fact a money CNY\nfact b money CNY", "b + CNY 1 > 1024% of a", "b + CNY 1 > 1024% of a"),
        (HALVES, "a - 1 < 150% of b", "a - 1 < 150% of b"),
        (HALVES, "b + 1 > 150% of a", "b + 1 > 150% of a"),
    ],
)
def test_it_is_said_as_an_author_would(declared: str, condition: str, expected: str) -> None:
    policy = forbear.loads(f"{declared}\naction sms\nrule a: {condition} then allow sms\n").typed
    space = policy_space(policy)
    [box] = space.regions[0].certain
    assert box_text(box, space.cells) == expected


AXES = """fact late days clock
fact calls count
fact seen count optional
fact owed money CNY
fact promised date or none
fact hour time
fact risk one of low < mid < high
fact origin one of declared, referee, other
fact debt text
fact flag yes/no
fact told yes/no or none
action sms
"""


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("late > 60", "after 60 days"),
        ("late <= 60", "within 60 days"),
        ("late = 60", "on day 60"),
        ("late > 30 and late <= 60", "from day 31 to day 60"),
        ("calls > 3", "calls >= 4"),
        ("calls < 9", "calls <= 8"),
        ("calls != 5", "calls != 5"),
        ("calls >= 3 and calls <= 8", "calls between 3 and 8"),
        ("not (calls between 3 and 8)", "calls <= 2 or calls >= 9"),
        ("seen > 3 or seen is unknown", "seen >= 4 or seen is unknown"),
        ("seen is known", "seen is known"),
        ("owed > CNY 1000", "owed > CNY 1000"),
        ("owed < CNY 1000", "owed < CNY 1000"),
        ("promised is not none", "promised is not none"),
        ("promised != 2026-01-05", "promised != 2026-01-05"),
        ("promised != 2026-01-05 and promised is not none", "promised != 2026-01-05 and promised is not none"),
        ("hour between 21:00 and 08:00", "hour between 21:00 and 08:00"),
        ("risk is mid or risk is high", "risk >= mid"),
        ("origin is declared or origin is other", "origin is not referee"),
        ("origin is referee", "origin is referee"),
        ('debt is "x" or debt is "y"', 'debt is one of "x", "y"'),
        ('not (debt is "x")', 'debt is not "x"'),
        ("not flag", "not flag"),
        ("told is no", "told is no"),
        ("told is no or told is none", "told is no or told is none"),
    ],
)
def test_cells_of_a_fact_are_said_as_an_author_would(condition: str, expected: str) -> None:
    space = policy_space(forbear.loads(f"{AXES}rule r: {condition} then allow sms\n").typed)
    [box] = space.of_rule(0)
    assert box_text(box, space.cells) == expected
