"""The mutation score: equivalent mutants are those of a brute force, and each suggested example notices its mutants."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import small
from attrs import evolve
from night import NIGHTLY
from test_comparison import cases

import forbear
from forbear.analysis.findings.promises.failed_example import meets, try_examples
from forbear.analysis.mutation.mutants import Mutant, mutants
from forbear.analysis.mutation.score import idle_examples, mutation_score
from forbear.language.model.facts import Absent
from forbear.language.model.policy import Example, Expectation, Expected, TypedPolicy, facts_read
from forbear.report.examples import unnoticed_examples
from forbear.report.mutation import slip_text
from forbear.semantics import meaning
from forbear.space.boundaries import boundary_days, boundary_values


@pytest.mark.parametrize("seed", range(400 if NIGHTLY else 5))
def test_exactly_the_mutants_without_effect_are_equivalent(seed: int) -> None:
    policy = forbear.loads(small.small_policy(seed)).typed.with_promises()
    score = mutation_score(policy)
    assert score.undecided == ()
    assert score.noticed == 0
    unchanged = [mutant for mutant in mutants(policy) if _same_verdicts(policy, mutant)]
    assert [(one.rule, one.slip) for one in score.equivalent] == [(one.rule, one.slip) for one in unchanged]
    text = small.small_policy(seed) + "".join(unnoticed_examples(score))
    examples = forbear.loads(text).typed.examples[-len(score.unnoticed) :] if score.unnoticed else ()
    for unnoticed, example in zip(score.unnoticed, examples, strict=True):
        for mutant in unnoticed.mutants:
            [outcome] = try_examples(evolve(mutant.policy, examples=(example,)))
            assert outcome.failures, (example.title, slip_text(mutant))


def _same_verdicts(policy: TypedPolicy, mutant: Mutant) -> bool:
    return all(
        case.old[action].word == case.new[action].word
        for case in cases(policy, mutant.policy)
        for action in policy.actions
    )


@pytest.mark.parametrize("make", [small.small_policy, small.dutiful_policy])
@pytest.mark.parametrize("seed", range(200 if NIGHTLY else 4))
def test_idle_are_those_that_fail_on_no_mutant(seed: int, make: Callable[[int], str]) -> None:
    """Of drawn policies with drawn examples that hold, of any expectation."""
    policy = forbear.loads(make(seed)).typed
    generator = random.Random(seed)
    drawn = [_held(policy, generator, f"drawn {nth}") for nth in range(12)]
    policy = policy.with_promises(examples=tuple(drawn))
    assert not any(outcome.failures for outcome in try_examples(policy))
    failed = {
        outcome.example.title
        for mutant in mutants(policy)
        for outcome in try_examples(mutant.policy)
        if outcome.failures
    }
    assert failed
    idle = [example for example in policy.examples if example.title not in failed]
    assert list(idle_examples(policy)) == idle


def _held(policy: TypedPolicy, generator: random.Random, title: str) -> Example:
    """An example of a case of boundary values, with something that holds of one or two actions."""
    values = boundary_values(policy, facts_read(policy))
    case = {name: generator.choice(values[name]) for name in values}
    day = generator.choice([day for day in boundary_days(policy) if day is not None] or [None])
    expected = []
    for action in generator.sample(list(policy.actions), 2):
        verdict = meaning.decide_action(policy, action, case, day).verdict
        fitting = [expectation for expectation in Expectation if meets(verdict, expectation)]
        expected.append(Expected((action,), generator.choice(fitting), policy.place))
    given = {name: Absent.UNKNOWN if value is None else value for name, value in case.items()}
    return Example(title, given, day, tuple(expected), policy.place)
