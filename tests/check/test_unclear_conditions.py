"""`unclear-condition`: what is read in one way and often meant in another, with both ways to write it."""

from __future__ import annotations

import re

import pytest
from checking import found, typed

from forbear.semantics.to_text import condition_text

UNCLEAR = [
    # a statement, what is underlined, how it is read, the other way
    (
        "never sms when deceased or bankruptcy and vulnerable",
        "deceased or bankruptcy and vulnerable",
        "deceased or (bankruptcy and vulnerable)",
        "(deceased or bankruptcy) and vulnerable",
    ),
    (
        "never sms when deceased and time_barred or bankruptcy and (vulnerable or after 3 days) or after 9 days",
        "deceased and time_barred or bankruptcy and (vulnerable or after 3 days) or after 9 days",
        "(deceased and time_barred) or (bankruptcy and (vulnerable or after 3 days)) or after 9 days",
        "deceased and (time_barred or bankruptcy) and ((vulnerable or after 3 days) or after 9 days)",
    ),
    (
        "after 9 days then allow sms unless (deceased or # a comment\n bankruptcy and vulnerable)",
        "deceased or # a comment\n bankruptcy and vulnerable",
        None,
        None,
    ),
    (
        "allow sms when not deceased or bankruptcy",
        "not deceased or bankruptcy",
        "(not deceased) or bankruptcy",
        "not (deceased or bankruptcy)",
    ),
    (
        "after 3 days and (not deceased or bankruptcy) then allow sms",
        "not deceased or bankruptcy",
        "(not deceased) or bankruptcy",
        "not (deceased or bankruptcy)",
    ),
    (
        "rule r: never phone_call when calls_in_7_days > 7",
        "never phone_call when calls_in_7_days > 7",
        "calls_in_7_days >= 8",
        "calls_in_7_days >= 7",
    ),
]
CLEAR = [
    "never sms when deceased or (bankruptcy and vulnerable)",
    "never sms when (deceased or # a comment\n bankruptcy) and (  # another\n vulnerable or after 3 days )",
    "never sms when (deceased and time_barred) or vulnerable",
    "allow sms when (not deceased) or bankruptcy",
    "allow sms when bankruptcy or not deceased",
    "allow sms when not deceased or not bankruptcy",
    "never sms when not deceased or bankruptcy",  # more is forbidden, not more permitted
    "rule r: limit phone_call to 7 by calls_in_7_days",
    "rule r: never phone_call when calls_in_7_days > 0",
    "rule r: allow phone_call when calls_in_7_days > 7",
    "rule a: limit calls to 7 by calls_in_7_days rule b: never phone_call when calls_in_7_days > 7",
]


@pytest.mark.parametrize(("text", "marked", "as_read", "otherwise"), UNCLEAR)
def test_a_condition_with_two_readings_is_shown_in_both(
    text: str, marked: str, as_read: str | None, otherwise: str | None
) -> None:
    [warning] = [one for one in found(text) if one.code == "unclear-condition"]
    assert (warning.place.text, warning.severity) == (marked, "warning")
    assert warning.fix is None
    for written in filter(None, (as_read, otherwise)):
        assert f"`{written}`" in warning.help
    if as_read is not None and otherwise is not None and "calls" not in text:
        policies = [typed(one) for one in (text, text.replace(marked, as_read), text.replace(marked, otherwise))]
        before, read, other = (condition_text(one.rules[0].condition, one.facts) for one in policies)
        assert read == before != other


@pytest.mark.parametrize("text", CLEAR)
def test_what_is_clear_is_not_reported(text: str) -> None:
    assert [one.message for one in found(text) if one.code == "unclear-condition"] == []


@pytest.mark.parametrize(
    ("condition", "always"),
    [
        ('state is not "CA" or state is not "NV"', True),
        ('state is not one of "CA", "NV" or state != "NY"', True),
        ('state is not one of "CA", "NV" or state is not "CA"', False),
        ('state is not "CA" or city is not "Queens"', False),
        ('state is not "CA" and state is not "NV"', False),
        ('state is "CA" or state is not "NV"', False),
        ('state is not "CA" or deceased or state is not "NV"', True),
    ],
)
def test_two_exclusions_of_one_fact_exclude_nothing(condition: str, always: bool) -> None:
    codes = [one.code for one in found(f"never sms when {condition}")]
    assert ("decided-comparison" in codes) is always
    assert re.sub("decided-comparison", "", "".join(codes)) == ""
