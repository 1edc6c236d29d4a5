"""What still matters for an action: held against all values of the facts that are open."""

from __future__ import annotations

import datetime
import math
import random
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import product

import pytest
import small
import strategies
from strategies import examples
from test_partial import every_value

import forbear
from forbear.kernel.cases import GridValue
from forbear.language.model.policy import facts_read
from forbear.semantics import meaning
from forbear.semantics.composition.duties import alone

MOST = 3_000


def check(text: str, seed: int, *, related: bool = False) -> tuple[int, int]:
    """Holds the questions about each action of a small policy against brute force, for a case of which some facts are
    given. Returns how many facts were asked for, and how many not, though the rules read them."""
    policy = forbear.loads(text)
    typed, generator = policy.typed, random.Random(seed)
    day = generator.choice(strategies.boundary_days_of(typed))
    on = None if day is None else datetime.date.fromordinal(day)
    asked = left = 0
    for action in typed.actions:
        read = facts_read(alone(typed, action))
        unknown: dict[str, list[GridValue]] = {name: [None] if typed.facts[name].optional else [] for name in read}
        values = {name: [*every_value(typed, name), *unknown[name]] for name in read}
        opened = generator.sample(read, generator.randint(0, len(read)))
        size = 1
        for name in list(opened):
            size *= len(values[name])
            if size > MOST:
                opened.remove(name)
        case = {name: generator.choice(values[name]) for name in read if name not in opened}
        questions = policy.ask(action, strategies.written(typed.facts, case), on)
        answers = {}
        for chosen in product(*[values[name] for name in opened]):
            every: dict[str, GridValue] = {**dict.fromkeys(facts_read(typed)), **case}
            decided = meaning.decide_action(typed, action, {**every, **dict(zip(opened, chosen, strict=True))}, day)
            answers[chosen] = decided.verdict, tuple(its.action for its in decided.along)
        matters = {
            name
            for at, name in enumerate(opened)
            for chosen, answer in answers.items()
            if any(answers[(*chosen[:at], value, *chosen[at + 1 :])] != answer for value in values[name])
        }
        assert {question.fact for question in questions} == matters, (action, case)
        assert (questions.settled is None) is (len({*answers.values()}) > 1)
        permits = {verdict in (forbear.Verdict.ALLOWED, forbear.Verdict.REQUIRED) for verdict, _ in answers.values()}
        assert questions.permitted is (permits.pop() if len(permits) == 1 else None)
        if questions.settled is not None:
            settled = questions.settled.verdict, tuple(its.action for its in questions.settled.along)
            assert settled == next(iter(answers.values()))
        telling = [round(question.telling, 9) for question in questions]  # sums of floats, in another order
        assert telling == sorted(telling, reverse=True)
        if not related:
            gains = information_gains(opened, values, answers)
            assert telling == pytest.approx([gains[question.fact] for question in questions], abs=1e-6)
        asked, left = asked + len(questions), left + len(opened) - len(questions)
    return asked, left


def information_gains(
    opened: Sequence[str], values: Mapping[str, Sequence[GridValue]], answers: Mapping[tuple[GridValue, ...], object]
) -> dict[str, float]:
    """By how much less there is to learn about the answer once each fact is known, as a share of what there is."""
    choices = []
    for at, name in enumerate(opened):
        others: list[Sequence[GridValue]] = [
            [None] if place == at else values[other] for place, other in enumerate(opened)
        ]
        by_answers = {
            tuple([answers[(*chosen[:at], value, *chosen[at + 1 :])] for chosen in product(*others)]): value
            for value in values[name]
        }
        choices.append([*by_answers.values()])
    whole = entropy([answers[chosen] for chosen in product(*choices)])
    gains = {}
    for at, name in enumerate(opened):
        left = [
            entropy([answers[chosen] for chosen in product(*choices[:at], [choice], *choices[at + 1 :])])
            for choice in choices[at]
        ]
        gains[name] = 1 - statistics.mean(left) / whole if whole else 0.0
    return gains


def entropy(equally_likely: Sequence[object]) -> float:
    """In bits."""
    shares = [number / len(equally_likely) for number in Counter(equally_likely).values()]
    return -sum(share * math.log2(share) for share in shares)


@pytest.mark.parametrize("make", [small.small_policy, small.dutiful_policy, small.related_policy])
def test_what_matters_is_asked_for_and_nothing_else(make: Callable[[int], str]) -> None:
    numbers = [check(make(seed), seed, related=make is small.related_policy) for seed in range(examples(25))]
    assert min(map(sum, zip(*numbers, strict=True))) > 5, "neither or both of the two are tried"


RULES = """
action call, sms
fact late days clock between 0 and 90
fact agreed yes/no
fact hour time
fact plan one of no_plan, active, broken optional
rule call: after 13 days and agreed then allow call
rule hours: never call when hour < 08:00 or hour > 21:00
rule hold: forbid call when plan is active
  overrides all
rule remind: from day 3 then allow sms
"""


def test_a_form_ends_with_the_verdict_of_the_whole_case() -> None:
    policy = forbear.loads(RULES)
    generator = random.Random(1)
    for _ in range(40):
        whole = {
            "late": generator.choice((0, 13, 14, 90)),
            "agreed": generator.random() < 0.7,
            "hour": generator.choice(("07:59", "08:00", "21:00", "21:01")),
            "plan": generator.choice(("no_plan", "active", "broken", None)),
        }
        told: dict[str, object] = {}
        while (questions := policy.ask("call", told)).settled is None:
            told[questions[0].fact] = whole[questions[0].fact]
        assert questions.settled.verdict is policy.decide(whole)["call"].verdict


@pytest.mark.parametrize("number", [39, 40, 41, 600])
def test_as_many_flags_as_one_likes(number: int) -> None:
    names = [f"f{at}" for at in range(number)]
    facts = "\n".join(f"fact {name} yes/no" for name in names)
    policy = forbear.loads(f"action call\n{facts}\nrule all_of_them: allow call when {' and '.join(names)}")
    questions = policy.ask("call", {})
    assert [question.fact for question in questions] == names
    # P(permitted) is 2**-n; after one flag it is 0 or 2**(1-n), each equally likely
    left, after = (chance * (power + 1 / math.log(2)) for chance, power in ((1.0, number), (1.0, number - 1)))
    assert [question.telling for question in questions] == pytest.approx([1 - after / left] * number, rel=1e-6)
    assert policy.ask("call", dict.fromkeys(names[1:], True))[0].telling == 1.0
