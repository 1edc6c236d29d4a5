"""A table means exactly its rules, written out one by one."""

from __future__ import annotations

import pytest
import small
from checking import each
from night import NIGHTLY

import forbear
from forbear.base.diagnostic import Severity
from forbear.library.loading import check_text
from forbear.semantics.to_text import canonical_text

SEEDS = 4000 if NIGHTLY else 100
OF_TEXT = {"table-gap", "table-overlap", "decided-comparison"}
"""Of tables alone, and of a comparison where it stands: in a cell, or in the clause of all rows."""


@pytest.mark.parametrize("chunk", range(4))
def test_a_table_is_its_rules(chunk: int) -> None:
    """The same canonical text, so the same digest, and the same for every backend; and the same is found of both."""
    compared = 0
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        both = small.with_a_table(seed)
        if both is None:
            continue
        policies = [forbear.loads(text) for text in both]
        assert canonical_text(policies[0].typed) == canonical_text(policies[1].typed), both
        assert policies[0].digest == policies[1].digest
        if seed % 20 == 0:
            found = [
                sorted((one.code, one.rules, one.actions) for one in each(policy.validate()) if one.code not in OF_TEXT)
                for policy in policies
            ]
            assert found[0] == found[1], both
        compared += 1
    assert compared > SEEDS // 4


@pytest.mark.parametrize("chunk", range(4))
def test_a_formatted_table_stays_as_it_is(chunk: int) -> None:
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        both = small.with_a_table(seed)
        if both is not None:
            formatted = forbear.format(both[0])
            assert forbear.format(formatted) == formatted
            rows = [line for line in formatted.splitlines() if line.startswith("  |")]
            assert len({len(row) for row in rows}) == 1


def test_each_row_is_called_by_the_table_and_its_number() -> None:
    text = (
        "table t\n| days_overdue | rule | sms |\n| 1 | | allow |\n| 2 | | |\n| 3 | third | allow |\n| 4 | | never |\n"
        "rule x: on day 1 then forbid sms overrides t\n"
    )
    checked = check_text(text)
    assert checked.policy is not None
    assert [one for one in checked.diagnostics if one.severity is Severity.ERROR] == []
    assert [rule.name for rule in checked.policy.rules] == ["t.1", "third", "t.4", "x"]
    assert [row.name for row in checked.policy.tables[0].rows] == ["t.1", "t.2", "third", "t.4"]
    assert checked.policy.rules[3].overridden("sms") == (0, 1)  # those of opposite effect


def test_the_case_of_a_gap_is_in_the_gap_that_is_named() -> None:
    rows = "| n | m | a |\n| 3 to 5 | 3 to 5 | allow |\n| under 3 | any | allow |\n"
    [gap] = forbear.loads(f"fact n count\nfact m count\naction a\ntable t\n{rows}complete").validate()[:1]
    assert gap.message.endswith("holds where n >= 6")
    assert gap.cases[0]["n"] == 6


def test_a_gap_names_no_fact_that_the_table_does_not_test() -> None:
    text = (
        'policy p\nsubject to "regulation/us-reg-f"\nfact n days clock\n'
        "table t\n| n | phone_call |\n| over 9 | allow |\n| 1 to 5 | allow |\ncomplete"
    )
    [gap] = [one for one in forbear.loads(text).validate() if one.code == "table-gap"]
    assert gap.message.endswith("holds where on day 0 or from day 6 to day 9")


def test_a_row_otherwise_to_which_no_case_is_left_says_so() -> None:
    text = "fact n count\naction a\ntable t\n| n | a |\n| over 9 | allow |\n| <= 9 | |\n| otherwise | never |\n"
    [dead] = [one for one in forbear.loads(text).validate() if one.code == "dead-rule"]
    assert str(dead.help).startswith("the rows above leave no case for it; take it out")
