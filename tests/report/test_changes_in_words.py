"""The whole text of a change: what is told first, under which edit, and what is left out."""

from __future__ import annotations

import os
from pathlib import Path

import forbear
from forbear.report.comparison import difference_lines

HOUSE = """\
policy house
uses collections

rule remind: from day 3 then allow sms, email
rule call: after 13 days then allow phone_call
rule visit_home: after 45 days and unreachable >= 3 then allow visit
rule hardship_hold: forbid calls, visit when hardship is plan_active
rule agreed_call: allow phone_call when hardship is plan_active and manager_approved overrides hardship_hold
rule cease: never contact_consumer when cease_requested
rule attorney: never contact_consumer when attorney_represented
rule dispute: never contact_consumer when dispute is unverified
rule night: never contact_consumer when local_time between 21:00 and 08:00
rule deceased: never contact_consumer when deceased
rule bankruptcy: never contact_consumer when bankruptcy
"""
MATRIX = """\
policy matrix
fact late days clock
fact risk one of low < medium < high
action sms, call
rule low_sms: risk is low and after 5 days then allow sms
rule medium_sms: risk is medium and after 3 days then allow sms
rule high_sms: risk is high and after 1 day then allow sms
rule low_call: risk is low and after 30 days then allow call
rule medium_call: risk is medium and after 15 days then allow call
rule high_call: risk is high and after 7 days then allow call
"""
TWO = """\
policy two
fact late days clock
fact consent yes/no
fact plan yes/no
action call
rule call: after 10 days then allow call
rule hold: never call when plan
rule pause: never call when plan and after 5 days
"""


def check(name: str, text: str) -> None:
    """Compares a text with the one that was read; FORBEAR_GOLDEN=write writes it anew."""
    golden = Path(__file__).parent / "golden" / "changes" / f"{name}.txt"
    if os.environ.get("FORBEAR_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


def told(old: str, *replaced: tuple[str, str], whole: bool = False) -> str:
    """The text of the change that is made to a policy by replacing some of its words."""
    new = old
    for before, after in replaced:
        assert new.count(before) == 1, before
        new = new.replace(before, after)
    found = forbear.diff(forbear.loads(old, "old.forbear"), forbear.loads(new, "new.forbear"), findings=True)
    lines = difference_lines(found, "old.forbear", "new.forbear", 3, whole=whole)
    return "".join("".join(text for text, _ in line) + "\n" for line in lines)


def test_one_moved_threshold() -> None:
    check("threshold", told(HOUSE, ("after 13 days", "after 12 days")))


def test_one_weakened_safeguard() -> None:
    edit = ("when cease_requested", "when cease_requested unless contact_consent")
    check("safeguard", told(HOUSE, edit))
    check("safeguard_whole", told(HOUSE, edit, whole=True))


def test_one_missing_row_of_a_matrix() -> None:
    row = "rule medium_call: risk is medium and after 15 days then allow call\n"
    check("matrix", told(MATRIX, (row, "")))


def test_one_lost_override() -> None:
    check("override", told(HOUSE, (" overrides hardship_hold", "")))


def test_one_new_action() -> None:
    check("action", told(HOUSE, ("then allow visit", "then allow visit, visit_workplace")))


def test_an_edit_that_changes_nothing() -> None:
    check("nothing", told(HOUSE, ("after 13 days", "from day 14")))


def test_two_edits_that_only_together_change_something() -> None:
    """Each of the two safeguards still forbids what the other one no longer does."""
    edits = (
        ("when plan\n", "when plan unless consent\n"),
        ("plan and after 5 days", "plan and not consent and after 5 days"),
    )
    check("together", told(TWO, *edits))
    for edit in edits:
        assert "permitted (" not in told(TWO, edit)


def test_a_change_hangs_under_the_edits_that_it_needs() -> None:
    """Without either of two safeguards a call is possible; a third edit on calls has its own changes."""
    text = told(
        TWO,
        ("when plan\n", "when plan unless consent\n"),
        ("plan and after 5 days", "plan and not consent and after 5 days"),
        ("after 10 days then", "after 9 days then"),
    )
    blocks = [block.splitlines() for block in text.split("\n\n")]
    assert blocks[0][:2] == [
        "call (line 6)   after 10 days → after 9 days",
        "newly permitted (unsaid -> allowed) on day 10 and not plan",
    ]
    assert blocks[1][:3] == [
        "hold (line 7)   unless consent   added",
        "pause (line 8)   not consent   added",
        "newly permitted (forbidden -> allowed) after 10 days and consent and plan",
    ]
    assert blocks[2][:2] == [
        "call and hold and pause, as above",
        "newly permitted (forbidden -> allowed) on day 10 and consent and plan",
    ]
