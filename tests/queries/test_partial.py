"""What a policy says where facts are open, held against decisions on every value of these facts."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import pytest
import small
import strategies
from covers import fewest
from hypothesis import given, settings
from strategies import examples

import forbear
from forbear.kernel.cases import ActionDecision, GridValue
from forbear.language.model.conditions import Condition, atoms
from forbear.language.model.policy import TypedPolicy, compared_with_private, facts_read
from forbear.language.model.relations import Related
from forbear.queries.opened.outcomes import Outcome
from forbear.semantics import meaning
from forbear.space.boundaries import boundary_values

MOST_CASES = 60


def opened_of(policy: TypedPolicy, generator: random.Random) -> list[str]:
    """One to three facts that rules read, none compared with a private one that is not among them."""
    opened = generator.sample(facts_read(policy), min(len(facts_read(policy)), generator.randint(1, 3)))
    hidden = compared_with_private(policy, opened)
    while hidden:
        opened = [name for name in opened if name not in hidden]
        hidden = compared_with_private(policy, opened)
    return opened


def completions(
    policy: TypedPolicy, case: Mapping[str, GridValue], opened: Sequence[str], generator: random.Random
) -> Iterator[dict[str, GridValue]]:
    """The case with boundary values of its open facts: all of them, or some where there are very many."""
    values = boundary_values(policy, opened, case)
    choices = [[value for value in values[name] if value is not None or policy.facts[name].or_none] for name in opened]
    every = list(product(*choices))
    for chosen in generator.sample(every, min(len(every), MOST_CASES)):
        yield {**case, **dict(zip(opened, chosen, strict=True))}


def as_told(outcome: Outcome) -> tuple[object, ...]:
    return outcome.verdict, tuple(its.action for its in outcome.along)


def check(
    policy: forbear.Policy, text: str, case: Mapping[str, GridValue], opened: Sequence[str], day: int | None, seed: int
) -> int:
    """Holds the outcomes of a case against decisions. Returns how many there were."""
    typed, generator = policy.typed, random.Random(seed)
    on = None if day is None else datetime.date.fromordinal(day)
    raw = strategies.written(typed.facts, {name: value for name, value in case.items() if name not in opened})
    partial = policy.partial(raw, opened, on)
    conditions = read_again(text, partial, next(iter(typed.actions)))
    number = 0
    for complete in completions(typed, case, opened, generator):
        expected = meaning.decide(typed, complete, day)
        values = {name: strategies.given(typed.facts[name], complete[name]) for name in opened}
        for action, decided in expected.items():
            holding = [outcome for outcome in partial[action] if outcome.holds(values)]
            assert len(holding) == 1, (action, values, holding)
            told = (decided.verdict, tuple(its.action for its in decided.along))
            assert as_told(holding[0]) == told, (action, values)
            assert {*holding[0].rules} <= {*decided.rules} <= {*holding[0].rules, *holding[0].sometimes}, (
                action,
                values,
            )
            assert {*decided.unknown} <= {*holding[0].unknown}
            for outcome in partial[action]:
                truth = meaning.truth(conditions[outcome.when], typed.facts, complete)
                assert truth is (outcome is holding[0]), (outcome.when, values)
            number += 1
    return number


def read_again(text: str, partial: forbear.Partial, action: str) -> dict[str, Condition]:
    """The conditions of the outcomes, read as an author's."""
    texts = list(dict.fromkeys(outcome.when for outcomes in partial.values() for outcome in outcomes))
    rules = [f"rule read_again_{number}: {when} then allow {action}" for number, when in enumerate(texts)]
    found = forbear.loads("\n".join([text, *rules])).typed.rules
    return dict(zip(texts, [rule.condition for rule in found[len(found) - len(texts) :]], strict=True))


@settings(max_examples=examples(150, by_night=30))
@given(strategies.policies(relations=True), strategies.seeds())
def test_outcomes_are_those_of_every_value(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    generator = random.Random(seed)
    if model.applies is not None or not facts_read(policy.typed):
        return  # `applies` is a condition of the rules that read the texts again as well
    days = strategies.boundary_days_of(policy.typed)
    for case in strategies.boundary_cases(policy.typed, seed, 3):
        check(policy, model.text, case, opened_of(policy.typed, generator), generator.choice(days), seed)


def every_value(policy: TypedPolicy, name: str) -> list[GridValue]:
    """All values of a small fact but unknown; of a text those that are named, and another."""
    fact = policy.facts[name]
    if fact.ordered:
        values: list[GridValue] = [*range(fact.low, fact.high + 1)]
    else:
        values = [value for value in boundary_values(policy, [name])[name] if value is not None]
    return [*values, None] if fact.or_none else values


def check_small(text: str, seed: int) -> int:
    """Holds the outcomes of a small policy against all values of its open facts, and their number against the fewest
    there can be. Returns how many conditions there were."""
    policy = forbear.loads(text)
    typed, generator = policy.typed, random.Random(seed)
    read = list(facts_read(typed))
    if not read:
        return 0
    values = {name: every_value(typed, name) for name in read}
    opened = generator.sample(read, min(len(read), generator.choice((1, 2, 2, 3, 3))))
    while len(opened) > 1 and sum(len(values[name]) for name in opened) > 10:
        opened.pop()
    related = any(
        set(atom.facts) <= {*opened}
        for rule in typed.rules
        for atom in atoms(rule.condition)
        if isinstance(atom, Related)
    )
    case = {name: generator.choice([*values[name], *([None] * typed.facts[name].optional)]) for name in read}
    day = generator.choice(strategies.boundary_days_of(typed))
    raw = strategies.written(typed.facts, {name: value for name, value in case.items() if name not in opened})
    partial = policy.partial(raw, opened, None if day is None else datetime.date.fromordinal(day))
    sizes = [len(values[name]) for name in opened]
    decided: dict[str, dict[tuple[int, ...], ActionDecision]] = {action: {} for action in typed.actions}
    for cells in product(*map(range, sizes)):
        complete = {**case, **{name: values[name][cell] for name, cell in zip(opened, cells, strict=True)}}
        for action, its in meaning.decide(typed, complete, day).items():
            decided[action][cells] = its
    number = 0
    for action, by_cells in decided.items():
        told = {cells: (its.verdict, tuple(one.action for one in its.along)) for cells, its in by_cells.items()}
        assert [as_told(outcome) for outcome in partial[action]] == sorted(set(told.values()), key=_order)
        for outcome in partial[action]:
            points = {cells for cells, its in told.items() if its == as_told(outcome)}
            for cells in by_cells:
                given_values = {
                    name: strategies.given(typed.facts[name], values[name][cell])
                    for name, cell in zip(opened, cells, strict=True)
                }
                assert outcome.holds(given_values) is (cells in points)
            deciding = [{*by_cells[cells].rules} for cells in points]
            assert {*outcome.rules} == set.intersection(*deciding)
            assert {*outcome.sometimes} == set.union(*deciding) - {*outcome.rules}
            assert {*outcome.unknown} == {name for cells in points for name in by_cells[cells].unknown}
            along: dict[str, set[str]] = {}
            for one in [one for cells in points for one in by_cells[cells].along]:
                along.setdefault(one.action, set()).update(one.rules)
            assert {its.action: {*its.rules} for its in outcome.along} == along
            number_of_boxes = len(outcome.conditions)
            if not related:  # a condition on two facts is no box of theirs
                assert number_of_boxes == fewest(points, points, sizes, number_of_boxes), (action, outcome.when)
            number += len(outcome.conditions)
    return number


def _order(told: tuple[object, ...]) -> tuple[int, object]:
    return ["required", "allowed", "forbidden", "unsaid"].index(str(told[0])), told[1]


@pytest.mark.parametrize("amount", ["12", "12.5", "13", "2.5", "- 3", "- 6.01"])
def test_a_condition_has_an_amount_that_is_no_multiple_of_steps(amount: str) -> None:
    """As the rule itself has, of facts in steps: what is told of it is the same when it is read again."""
    text = f"""fact a days in steps of 7
fact b days in steps of 5
action sms
rule permit: allow sms when a <= b {amount if amount[0] == "-" else f"+ {amount}"}
"""
    policy = forbear.loads(text)
    outcomes = policy.partial({}, ["a", "b"])["sms"]
    conditions = read_again(text, policy.partial({}, ["a", "b"]), "sms")
    for a, b in product(range(8), range(12)):
        case: dict[str, GridValue] = {"a": a, "b": b}
        verdict = meaning.decide(policy.typed, case, None)["sms"].verdict
        truths = {one.verdict: meaning.truth(conditions[one.when], policy.typed.facts, case) for one in outcomes}
        assert truths == {one.verdict: one.verdict is verdict for one in outcomes}


@pytest.mark.parametrize("make", [small.small_policy, small.dutiful_policy, small.related_policy])
def test_conditions_are_as_few_as_there_can_be(make: Callable[[int], str]) -> None:
    number = sum(check_small(make(seed), seed) for seed in range(examples(150, by_night=20)))
    assert number > 50


def test_a_rule_that_permits_and_blocks_is_told_apart() -> None:
    """`r1` permits in one case, and refuses in another, where what it asks for to go along is forbidden."""
    assert check_small(small.dutiful_policy(20037), 20037) > 0
