"""The worked strategy of a card centre uses what the language has, and keeps the standard that it follows."""

from __future__ import annotations

import forbear
from forbear.base import resources

TEXT = (resources.folder("rules") / "examples" / "cn_card_strategy.forbear").read_text("utf-8")
USED = (
    "table early",  # a matrix of segment, product and age, proved complete
    "complete, no overlap",
    "part_of_limit of credit_limit",  # facts against facts: a part, a difference, dates
    "balance < balance_last_month",
    "promised_for + 3 days >= today",
    "sum of payment.amount",
    "due_on of last promise_made",
    "days since first promise_made",
    "in last 6 months",
    "at least 7 days ago",
    "years since birth_date",
    "months since opened_on",
    "working day of cn_2026",
    "require opt_out_notice with messages",
)


def test_it_has_as_many_rules_as_a_real_one_and_uses_what_there_is() -> None:
    policy = forbear.loads(TEXT).typed
    assert 40 <= len(policy.rules) <= 50
    assert [words for words in USED if words not in TEXT] == []


def test_it_is_clean_down_to_the_notes() -> None:
    findings = forbear.load("pack:examples/cn_card_strategy").validate()
    assert [found.message for found in findings if found.accepted is None] == []


def test_it_keeps_its_standard_by_rules_of_its_own() -> None:
    policy = forbear.load("pack:examples/cn_card_strategy")
    assert forbear.conform(policy, forbear.load("pack:regulation/cn-gbt-45251")).conforms
