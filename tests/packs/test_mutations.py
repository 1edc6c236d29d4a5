"""The packs' promises notice every slip that changes a verdict, and no example is idle."""

from __future__ import annotations

import pytest
from attrs import evolve
from night import NIGHTLY

import forbear
from forbear.analysis.findings.promises.failed_example import try_examples
from forbear.analysis.mutation.mutants import mutants
from forbear.analysis.mutation.score import idle_examples, mutation_score
from forbear.base import resources
from forbear.language.model.policy import Expectation, Expected
from forbear.report.mutation import slip_text
from forbear.semantics.composition.rebasing import NEVER

NAMES = [name for name in resources.pack_names() if not name.startswith("vocabulary/")]
LARGE = {"examples/cn_card_strategy", "examples/us_card_issuer", "regulation/us-reg-f"}
"""Of these each slip is tried at night; by day those of the others are, one of which is under a standard too."""


@pytest.mark.parametrize("name", NAMES if NIGHTLY else [name for name in NAMES if name not in LARGE][::6])
def test_each_slip_is_noticed_and_each_example_notices_one(name: str) -> None:
    policy = forbear.load(f"pack:{name}").typed
    assert not any(outcome.failures for outcome in try_examples(policy))
    score = mutation_score(policy)
    assert [slip_text(mutant) for unnoticed in score.unnoticed for mutant in unnoticed.mutants] == []
    assert score.undecided == ()
    assert [example.title for example in score.idle] == []
    assert idle_examples(policy) == ()


@pytest.mark.parametrize("name", sorted(LARGE) if NIGHTLY else ["regulation/us-reg-f"])
def test_each_example_of_a_large_pack_holds_and_notices_a_slip(name: str) -> None:
    policy = forbear.load(f"pack:{name}").typed
    assert not any(outcome.failures for outcome in try_examples(policy))
    assert idle_examples(policy) == ()


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("regulation/")])
def test_what_the_law_says_is_missed_by_an_example_where_a_rule_is_left_out(name: str) -> None:
    """So each section that has rules has an example. What goes along, a standard that permits nothing does not show."""
    policy = forbear.load(f"pack:{name}").typed
    for rule in policy.rules:
        left = evolve(policy, rules=tuple(evolve(its, condition=NEVER) if its is rule else its for its in policy.rules))
        assert rule.along or any(outcome.failures for outcome in try_examples(left)), rule.name


_WEAKER = {
    Expectation.FORBIDDEN: Expectation.NOT_ALLOWED,
    Expectation.UNSAID: Expectation.NOT_ALLOWED,
    Expectation.ALLOWED: Expectation.NOT_UNSAID,
    Expectation.REQUIRED: Expectation.NOT_UNSAID,
}


@pytest.mark.parametrize("name", NAMES if NIGHTLY else ["examples/strategy_matrix"])
def test_of_examples_that_expect_less_those_are_idle_that_fail_on_no_mutant(name: str) -> None:
    policy = forbear.load(f"pack:{name}").typed
    examples = [evolve(its, expected=tuple(map(_weaker, its.expected))) for its in policy.examples]
    policy = policy.with_promises(examples=tuple(examples))
    failed = {
        outcome.example.title
        for mutant in mutants(policy)
        for outcome in try_examples(mutant.policy)
        if outcome.failures
    }
    assert idle_examples(policy) == tuple([example for example in examples if example.title not in failed])


def _weaker(expected: Expected) -> Expected:
    return evolve(expected, expectation=_WEAKER.get(expected.expectation, expected.expectation))
