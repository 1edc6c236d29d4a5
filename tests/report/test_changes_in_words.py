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


def test_what_several_conditions_share_is_said_once_and_in_brackets() -> None:
    """Consent is no longer asked for in two ways; without brackets `and` and `or` would be read otherwise."""
    old = """\
fact late days clock
fact agreed days or none
fact ended yes/no optional
fact calls count
action call
rule call: after 10 days then allow call
rule often: never call when calls >= 7 unless agreed <= 6 and not ended
"""
    assert (
        "\nnewly permitted (forbidden -> allowed) "
        "where calls = 7 and (agreed >= 7 or agreed is none or ended or ended is unknown)"
    ) in told(old, ("calls >= 7", "calls >= 8"))


DUTIES = """\
fact late days clock
fact ill yes/no
fact plan yes/no
fact away yes/no
action sms, email, notice
rule remind: after 3 days then allow sms, email
rule hold: never sms, email when plan or late > 30 and away
rule opt_out: require notice with sms, email
"""


def test_a_lost_duty_is_told_by_what_it_needs_besides_a_permission() -> None:
    """Wherever the action is permitted: the conditions of that are none of the duty's."""
    assert told(DUTIES, ("with sms, email", "with sms")).splitlines()[1:3] == [
        "no longer required (required -> unsaid) wherever it is permitted",
        "  email with notice   so far by `opt_out`",
    ]
    assert told(DUTIES, ("with sms, email", "with sms, email when not ill")).splitlines()[1:3] == [
        "no longer required (required -> unsaid) where ill, where it is permitted",
        "  sms with notice, email with notice   so far by `opt_out`",
    ]


def test_a_case_leaves_out_what_is_usual_though_it_is_compared() -> None:
    old = """\
fact late days clock
fact owed money CNY
fact limit money CNY usually CNY 20000
fact paid money CNY usually CNY 0
fact income money CNY
action sms, call
rule much: owed > 10% of limit then allow sms
rule pays: never sms when paid > owed
rule poor: owed > income then allow call
"""
    text = told(old, ("10%", "8%"))
    assert "\n  e.g. owed CNY 1600.01, income CNY 0\n" in text
