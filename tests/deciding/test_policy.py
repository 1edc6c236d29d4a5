"""What a loaded policy says of itself."""

from __future__ import annotations

import datetime

import pytest

import forbear

DATED = """\
policy house version "2"
  in force from 2026-01-02 until 2026-03-04
event contact
  has medium one of call, letter
fact late days clock
fact calls count of contact where medium is call in last 7 days
action sms, visit
rule a: after 3 days and calls < 3 then allow sms
"""


def test_the_facts_of_a_case_and_the_actions() -> None:
    policy = forbear.loads(DATED)
    assert (policy.facts, policy.actions) == (("late",), ("sms", "visit"))


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-01-01", False), ("2026-01-02", True), ("2026-03-04", True), ("2026-03-05", False)]
)
def test_the_days_on_which_it_is_in_force(day: str, expected: bool) -> None:
    policy = forbear.loads(DATED)
    assert policy.in_force(day) is expected
    assert policy.in_force(datetime.date.fromisoformat(day)) is expected
    assert forbear.loads("never sms").in_force(day)
    with pytest.raises(forbear.CaseError):
        policy.in_force("soon")


def test_its_repr_has_name_version_and_digest() -> None:
    policy = forbear.loads(DATED)
    assert repr(policy) == f"<Policy house 2 {policy.digest[:19]}>"
    assert repr(forbear.loads("never sms")).startswith("<Policy policy sha256:")
