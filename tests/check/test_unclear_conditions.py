"""`missing-brackets` and `unclear-condition`: what people read in two ways, with both ways out."""

from __future__ import annotations

import re

import pytest
from checking import found, typed

from forbear.base.source import Source
from forbear.editors.editing.edits import applied
from forbear.editors.editing.mending import quick_fixes
from forbear.editors.editing.reading import read
from forbear.language.formatting.format import format_text
from forbear.semantics.to_text import condition_text

UNCLEAR = [
    # a condition, what is underlined, the two ways to write it
    (
        "deceased or bankruptcy and vulnerable",
        "deceased or bankruptcy and vulnerable",
        "deceased or (bankruptcy and vulnerable)",
        "(deceased or bankruptcy) and vulnerable",
    ),
    (
        "deceased and time_barred or bankruptcy and (vulnerable or after 3 days) or after 9 days",
        "deceased and time_barred or bankruptcy and (vulnerable or after 3 days) or after 9 days",
        "(deceased and time_barred) or (bankruptcy and (vulnerable or after 3 days)) or after 9 days",
        "deceased and (time_barred or bankruptcy) and ((vulnerable or after 3 days) or after 9 days)",
    ),
    (
        '(deceased) and (time_barred) or debt is "#or" and (vulnerable or after 3 days)',
        '(deceased) and (time_barred) or debt is "#or" and (vulnerable or after 3 days)',
        '((deceased) and (time_barred)) or (debt is "#or" and (vulnerable or after 3 days))',
        '(deceased) and ((time_barred) or debt is "#or") and (vulnerable or after 3 days)',
    ),
    (
        "after 9 days and (deceased or # a comment\n bankruptcy and vulnerable)",
        "deceased or # a comment\n bankruptcy and vulnerable",
        "deceased or (bankruptcy and vulnerable)",
        "(deceased or bankruptcy) and vulnerable",
    ),
    (
        "not deceased or bankruptcy",
        "not deceased or bankruptcy",
        "(not deceased) or bankruptcy",
        "not (deceased or bankruptcy)",
    ),
    (
        "after 3 days and (time_barred or not deceased or (bankruptcy and vulnerable))",
        "not deceased or (bankruptcy and vulnerable)",
        "(not deceased) or (bankruptcy and vulnerable)",
        "not (deceased or (bankruptcy and vulnerable))",
    ),
    (
        "not deceased or not bankruptcy",
        "not deceased or not bankruptcy",
        "not (deceased and bankruptcy)",
        "not (deceased or bankruptcy)",
    ),
]
PLACES = (
    "never sms when {}",
    "allow sms when {}",
    "after 9 days then allow sms unless {}",
    "define unclear is {}\nrule r: never sms when unclear",
    "ensure sms not allowed when {}",
)
CLEAR = [
    "never sms when deceased or (bankruptcy and vulnerable)",
    "never sms when (deceased or # another\n bankruptcy) and (  # a comment\n vulnerable or after 3 days )",
    f"never sms when (# {'a long comment ' * 50}\n deceased and time_barred) or vulnerable",
    "never sms when local_time between 08:00 and 09:00 or local_time between 12:00 and 13:00",
    "allow sms when (not deceased) or bankruptcy",
    "allow sms when bankruptcy or not deceased",
    "allow sms when not (deceased and bankruptcy)",
    "allow sms when not (deceased and bankruptcy) or vulnerable",
    "rule r: limit phone_call to 7 by calls_in_7_days when deceased or bankruptcy",
    "rule r: never phone_call when calls_in_7_days > 0",
    "rule r: allow phone_call when calls_in_7_days > 7",
    "rule a: limit calls to 7 by calls_in_7_days rule b: never phone_call when calls_in_7_days > 7",
]
CODES = {"missing-brackets": "error", "unclear-condition": "warning"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("condition", "marked", "first", "second"), UNCLEAR)
def test_a_condition_with_two_readings_is_shown_in_both(
    place: str, condition: str, marked: str, first: str, second: str
) -> None:
    text = place.format(condition)
    reading = read(text, None)
    [one] = [one for one in reading.diagnostics if one.code in CODES]
    assert (one.place.text, one.severity, one.fix) == (marked, CODES[one.code], None)
    assert [fix.title for fix in one.choices] == [f"write `{first}`", f"write `{second}`"]
    assert all(f"`{way}`" in one.help for way in (first, second))
    assert format_text(Source("house", text)).text is not None

    actions = list(quick_fixes(reading, [one], one.place.span))
    assert [action.preferred for action in actions] == [False, False]
    ways = [applied(text, action.edits) for action in actions]
    assert [one.message for way in ways for one in found(way) if one.code in CODES] == []
    read_so, meant_so = [conditions(way) for way in ways]
    for written in (*read_so, *meant_so):
        assert "missing-brackets" not in [again.code for again in found(f"never sms when {written}")]
    assert read_so != meant_so
    if one.severity == "warning" and "not deceased or not" not in condition:
        assert conditions(text) == read_so


@pytest.mark.parametrize(
    ("span", "code", "ways"),
    [
        (
            "weekday from monday until friday",
            "unclear-condition",
            ("between monday and thursday", "between monday and friday"),
        ),
        ("weekday from monday until tuesday", "unclear-condition", ("is monday", "between monday and tuesday")),
        (
            "weekday from friday until monday",
            "empty-span",
            ("between friday and sunday", "is one of friday, saturday, sunday, monday"),
        ),
        ("weekday from sunday until monday", "empty-span", ("is sunday", "is one of sunday, monday")),
        ("| monday until friday", "unclear-condition", ("monday to thursday", "monday to friday")),
        ("| not sunday until tuesday", "empty-span", ("not sunday, monday", "not sunday, monday, tuesday")),
    ],
)
def test_until_a_named_value_is_shown_without_it_and_with_it(span: str, code: str, ways: tuple[str, str]) -> None:
    [one] = found(f"table t\n| weekday | sms |\n{span} | forbid |\n" if span[0] == "|" else f"never sms when {span}")
    name = "" if span[0] == "|" else "weekday "
    assert (one.code, one.place.text, one.fix) == (code, span.removeprefix("| "), None)
    assert [fix.title for fix in one.choices] == [f"write `{name}{way}`" for way in ways]


def conditions(text: str) -> list[str]:
    """Those of its rules and promises, as they are read."""
    policy = typed(text)
    read_as = [one.condition for one in policy.rules] + [one.when for one in policy.ensures if one.when is not None]
    return [condition_text(one, policy.facts) for one in read_as]


@pytest.mark.parametrize("text", CLEAR)
def test_what_is_clear_is_not_reported(text: str) -> None:
    assert [one.message for one in found(text) if one.code in CODES] == []


@pytest.mark.parametrize("bound", ["{}", "{} or deceased", "after 3 days and ({} or deceased)"])
def test_a_bound_that_lets_one_more_through_is_shown_both_ways(bound: str) -> None:
    [one] = found(f"rule r: never phone_call when {bound.format('calls_in_7_days > 7')}")
    assert one.code == "unclear-condition"
    most = "limit phone_call to 7 by calls_in_7_days" if bound == "{}" else "calls_in_7_days >= 7"
    assert f"`{most}` if 7 is the most, or `calls_in_7_days >= 8`" in one.help


@pytest.mark.parametrize(
    ("condition", "always"),
    [
        ('state is not "CA" or state is not "NV"', True),
        ('state is not one of "CA", "NV" or state != "NY"', True),
        ('state is not one of "CA", "NV" or state is not "CA"', False),
        ('state is not "CA" or city is not "Queens"', False),
        ('state is not "CA" and state is not "NV"', False),
        ('state is "CA" or state is not "NV"', False),
        ('state is "NV" or state is not "NV"', True),
        ("days_overdue > 3 or days_overdue < 5", True),
        ("days_overdue > 3 or days_overdue < 4", True),
        ("days_overdue >= 5 or days_overdue < 4", False),
        ("days_overdue > 3 or days_since_conversation < 5", False),
        ("days_overdue > 3 and days_overdue < 5", False),
        ("local_time > 08:00 or local_time < 21:00", True),
        ("local_time > 21:00 or local_time < 08:00", False),
        ("days_overdue is not between 3 and 5 or deceased or days_overdue > 2", True),
        ("days_since_conversation > 3 or days_since_conversation < 5", False),
        ("days_since_conversation is not 3 or days_since_conversation < 5", True),
        ('state is not "CA" or deceased or state is not "NV"', True),
    ],
)
def test_comparisons_of_which_each_value_meets_one_are_reported(condition: str, always: bool) -> None:
    codes = [one.code for one in found(f"never sms when {condition}")]
    assert ("decided-comparison" in codes) is always
    assert re.sub("decided-comparison", "", "".join(codes)) == ""
