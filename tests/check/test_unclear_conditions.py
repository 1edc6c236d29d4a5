"""`missing-brackets` and `unclear-condition`: what people read in two ways, with both ways out."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import found, typed

from forbear.base.diagnostic import Severity
from forbear.base.source import Source
from forbear.editors.editing.edits import applied
from forbear.editors.editing.mending import quick_fixes
from forbear.editors.editing.reading import read
from forbear.language.formatting.format import format_text
from forbear.semantics.to_text import condition_text

TEXT = Path(__file__).with_name("unclear_conditions.txt").read_text("utf-8").strip()
UNCLEAR = [[line.replace("\\n", "\n") for line in row.split("\n")] for row in TEXT.split("\n\n")]
"""Of each a condition, what is underlined, and the two ways to write it."""
PLACES = (
    "never sms when {}",
    "allow sms when {}",
    "after 9 days then allow sms unless {}",
    "define unclear is {}\nrule r: never sms when unclear",
    "ensure sms not allowed when {}",
)
ELSEWHERE = (
    "never sms unless {}",
    "allow sms and forbid call when {}",
    "fact n count of e in last 2 days\nrule l: limit sms to 2 by n when {}",
    "table t\n| days_overdue | sms |\n| under 9 | allow |\nwhen {}",
    "table t\n| days_overdue | sms |\n| under 9 | allow |\nunless {}",
    'never sms\naccept hole of sms when {} because "."',
    *(
        f"fact n {derivation}\nnever sms when n > 1"
        for derivation in (
            "count of e where {} in last 2 days",
            "sum of e.m where {} ever",
            "days with e in last 9 days and since last e where {}",
            "days since first e where {}",
        )
    ),
)
"""Where else a condition may stand; those of events read what an event has."""
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


@pytest.mark.parametrize("place", ELSEWHERE)
def test_brackets_are_wanted_wherever_a_condition_may_stand(place: str) -> None:
    head = "event e\n" + "".join(f"  has {name} yes/no\n" for name in ("x", "y", "z")) + "  has m count\n"
    head += "fact x yes/no\nfact y yes/no\nfact z yes/no\nfact days_overdue days\naction sms, call\n"
    both = [head + place.format(condition) for condition in ("x or (y and z)", "(x or y) and z")]
    text = head + place.format("x or y and z")
    reading = read(text, None)
    [one] = [one for one in reading.diagnostics if one.severity is Severity.ERROR]
    assert one.code == "missing-brackets"
    assert [applied(text, action.edits) for action in quick_fixes(reading, [one], one.place.span)] == both
    assert [one.code for text in both for one in found(text) if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    ("span", "code", "ways"),
    [
        (
            "weekday from monday until friday",
            "unclear-condition",
            ("between monday and thursday", "between monday and friday"),
        ),
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
