"""Examples in a file: tried by `validate`, and by nothing else."""

from __future__ import annotations

import pytest
from checking import assert_well_worded, each

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


def failures(text: str) -> list[forbear.Diagnostic]:
    return [one for one in each(forbear.loads(text).validate()) if one.code == "failed-example"]


@pytest.mark.parametrize(
    "example",
    [
        "given n 3 expect a allowed, b unsaid, c forbidden, x unsaid",
        "given n 5 expect b required, g allowed",
        "given n 5 expect b allowed",
        "given n 7 expect g forbidden, g not allowed, everything except x not unsaid",
        "given n 2 expect everything not allowed",
        "given n 2 expect a, b, x unsaid",
        "given n 3 expect a not unsaid",
    ],
)
def test_an_example_that_holds(example: str) -> None:
    assert failures(f'{WORDS}example "e": {example}') == []


@pytest.mark.parametrize(
    ("example", "actions"),
    [
        ("given n 2 expect a allowed", ["a"]),
        ("given n 3 expect a required", ["a"]),
        ("given n 3 expect a unsaid", ["a"]),
        ("given n 3 expect a forbidden", ["a"]),
        ("given n 3 expect a not allowed", ["a"]),
        ("given n 2 expect a not unsaid", ["a"]),
        ("given n 5 expect g required", ["a"]),
        ("given n 7 expect g allowed, c allowed", ["a", "b", "c"]),
        ("given n 3 expect a forbidden, a unsaid", ["a", "a"]),
    ],
)
def test_an_example_that_fails(example: str, actions: list[str]) -> None:
    found = failures(f'{WORDS}example "e": {example}')
    assert [one.actions for one in found] == [(action,) for action in actions]
    policy = forbear.loads(WORDS)
    for one in found:
        assert_well_worded(one)
        assert one.witness is not None
        decided = policy.decide(dict(one.witness))[one.actions[0]]
        assert decided.verdict.value in one.message
        assert decided.rules == one.rules


def test_a_failed_example_does_not_keep_a_policy_from_loading() -> None:
    policy = forbear.loads(f'{WORDS}example "e": given n 2 expect a allowed')
    assert policy.warnings == ()
    assert policy.permits("a", {"n": 3})
    assert [one.code for one in policy.validate() if one.code == "failed-example"] == ["failed-example"]


def test_what_an_example_leaves_out() -> None:
    """Unknown if optional, else the usual value."""
    policy = forbear.loads(
        WORDS + "rule r: u is 7 and o is unknown and v is unknown then allow x\n"
        'example "left out": given n 1 expect x allowed\n'
        'example "given": given n 1, u 6 expect x unsaid\n'
        'example "known": given n 1, o 3 expect x unsaid\n'
        'example "said to be unknown": given n 1, o unknown expect x allowed\n'
    )
    assert [one.message for one in policy.validate() if one.code == "failed-example"] == []
    assert policy.typed.examples[0].given == {"n": 1, "u": 7, "o": "unknown", "v": "unknown"}


def test_a_real_case_never_takes_the_usual_value() -> None:
    policy = forbear.loads("fact u count usually 7\naction a\nrule r: u is 7 then allow a")
    with pytest.raises(forbear.CaseError, match="`u` is missing"):
        policy.decide({})


def test_none_in_an_example() -> None:
    text = WORDS + "rule r: w is none then allow x\n"
    assert failures(text + 'example "e": given n 1, w none expect x allowed') == []
    assert failures(text + 'example "e": given n 1, w 2015-09-22 expect x unsaid') == []


DATED = """policy p in force from 2015-01-01 until 2015-12-31
fact n count usually 1
action a
rule r: always then allow a
suspend a from 2015-09-21 until 2015-10-31
"""


def test_an_example_speaks_of_its_day_or_of_every_day() -> None:
    assert failures(DATED + 'example "e": on 2015-09-20 expect a allowed') == []
    assert failures(DATED + 'example "e": on 2015-09-21 expect a forbidden') == []
    assert failures(DATED + 'example "e": on 2015-10-31 expect a forbidden') == []
    assert failures(DATED + 'example "e": on 2015-11-01 expect a allowed') == []
    for expected in ("allowed", "forbidden"):
        (one,) = failures(f'{DATED}example "e": expect a {expected}')
        assert one.witness is not None
        day = str(one.witness["on"])
        assert forbear.loads(DATED).decide({}, on=day)["a"].verdict != expected


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


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ("born 2000-01-02, age 26, worked yes", []),
        ("age 30", ["`age` is given as 30, and by `born` it is 25: leave it out, or mend one of the two"]),
        (
            "born 2000-01-02, age 27",
            ["`age` is given as 27, and by `born` it is 26: leave it out, or mend one of the two"],
        ),
        (
            "born 2000-01-02, worked no",
            ["`worked` is not so by the calendar `k`: leave it out, or mend one of the two"],
        ),
    ],
)
def test_an_example_gives_what_follows_from_its_day_as_it_is(given: str, messages: list[str]) -> None:
    text = f"""\
calendar k covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
fact born date usually 2001-01-01
fact age years since born
fact worked working day of k
action a
rule adults: allow a when age >= 18 and worked and born > 1900-01-01
example "a Wednesday": given {given} on 2026-07-01 expect a allowed
"""
    if not messages:
        assert forbear.loads(text).validate() == forbear.loads(text.partition("example")[0]).validate()
        return
    with pytest.raises(forbear.PolicyError) as raised:
        forbear.loads(text)
    assert [(one.code, one.message) for one in raised.value.diagnostics] == [("bad-example", each) for each in messages]
    for one in raised.value.diagnostics:
        assert_well_worded(one)
