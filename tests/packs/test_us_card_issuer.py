"""The worked policy of a card issuer keeps Regulation F and Massachusetts, and keeps them by its rules."""

from __future__ import annotations

import re
from functools import cache

import pytest
from night import NIGHTLY

import forbear
from forbear.base import resources
from forbear.base.diagnostic import Severity

TEXT = (resources.folder("rules") / "examples" / "us_card_issuer.forbear").read_text("utf-8")
RULES = re.findall(r"^rule (\w+)", TEXT, re.MULTILINE)
OF_ITS_OWN = {
    # treatment, relief and holds
    *("remind", "call", "call_automatically", "write", "call_at_work", "locate", "report", "place", "warn_of_suit"),
    *("sue", "charge_off", "offer_plan", "refer", "hardship_hold", "promise_hold", "call_after_broken_promise"),
    # what Regulation F and Massachusetts do not ask for, or what no rule of the policy would permit anyway
    *("say_that_efforts_end", "bankruptcy_stay", "deceased_cardholder", "private"),
}


@cache
def standards() -> list[forbear.Policy]:
    return [forbear.load(f"pack:regulation/{name}") for name in ("us-reg-f", "us-massachusetts")]


def test_it_has_as_many_rules_as_a_real_one() -> None:
    assert 25 <= len(RULES) <= 50
    assert set(RULES) >= OF_ITS_OWN


def test_it_is_clean_down_to_the_notes() -> None:
    findings = forbear.load("pack:examples/us_card_issuer").validate()
    assert [found.message for found in findings if found.accepted is None] == []
    assert {found.severity for found in findings} == {Severity.NOTE}


def test_it_conforms() -> None:
    conformance = forbear.conform(forbear.load("pack:examples/us_card_issuer"), *standards())
    assert conformance.conforms
    assert conformance.violations == ()


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in OF_ITS_OWN][:: 1 if NIGHTLY else 3])
def test_without_a_rule_of_the_law_it_does_not_conform(rule: str) -> None:
    without = re.sub(rf"^rule {rule}\b.*?\n(?=\S)", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert without != TEXT
    assert not forbear.conform(forbear.loads(without), *standards()).conforms
