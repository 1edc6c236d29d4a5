"""Examples in a file: tried by `validate`, and by nothing else."""

from __future__ import annotations

import pytest

import forbear
from forbear.analysis.findings.promises.failed_example import meets, try_examples
from forbear.kernel.cases import Verdict
from forbear.language.model.policy import Expectation

WORDS = """fact n count
fact o count optional
fact w date or none
fact u count usually 7
fact v count optional usually 7
action a, b, c, x
group g is a, b
rule allows: n >= 3 then allow a
rule demands: n >= 5 then require b
rule stops: n >= 7 then forbid a, b
rule guards: never c
"""


def test_a_failed_example_does_not_keep_a_policy_from_loading() -> None:
    policy = forbear.loads(f'{WORDS}example "e": given n 2 expect a allowed')
    assert policy.warnings == ()
    assert policy.permits("a", {"n": 3})
    assert [one.code for one in policy.validate() if one.code == "failed-example"] == ["failed-example"]


def test_which_rules_decide_in_an_example() -> None:
    policy = forbear.loads(f'{WORDS}example "e": given n 7 expect a forbidden\nexample "f": given n 5 expect g allowed')
    assert [outcome.deciding for outcome in try_examples(policy.typed)] == [{"stops"}, {"allows", "demands"}]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_expectations(verdict: Verdict) -> None:
    permitted = verdict in ("allowed", "required")
    assert meets(verdict, Expectation.ALLOWED) is permitted
    assert meets(verdict, Expectation.NOT_ALLOWED) is not permitted
    assert meets(verdict, Expectation.FORBIDDEN) is (verdict == "forbidden")
    assert meets(verdict, Expectation.REQUIRED) is (verdict == "required")
    assert meets(verdict, Expectation.UNSAID) is (verdict == "unsaid")
    assert meets(verdict, Expectation.NOT_UNSAID) is (verdict != "unsaid")
