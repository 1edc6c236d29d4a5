"""What can be written for an author where a finding is: the result parses, is laid out where it was, and mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forbear.analysis.comparison.difference import difference
from forbear.analysis.comparison.pair import ChangeEffect
from forbear.editors.editing.edits import applied
from forbear.editors.editing.mending import layout, quick_fixes
from forbear.editors.editing.offers.action import Action
from forbear.editors.editing.reading import read

HOLD = """\
rule call_in_person:
  after 13 days then allow phone_call

rule hardship_hold:
  forbid phone_call when hardship is plan_active
"""
TWO = """\
rule call_in_person:
  after 13 days or unreachable > 3 then allow phone_call
  unless deceased

rule other:  # why
  always then allow sms

rule hardship_hold:
  forbid phone_call, sms when hardship is plan_active
  overrides other
"""
KEPT = """\
rule call_in_person:
  after 13 days then allow phone_call

ensure phone_call not allowed when hardship is plan_active
"""
TWICE = """\
rule early:
  after 3 days then allow sms

rule later:
  after 9 days then allow sms
"""

NONE = """\
rule call:
  after 9 days then allow calls

rule quiet:
  never calls when {bound}
"""


def actions(text: str, code: str) -> list[Action]:
    """The fixes of the first finding of a code."""
    reading = read(text, None)
    one = next(one for one in reading.findings() if one.code == code)
    return list(quick_fixes(reading, [one], one.place.span))


def offers(text: str, code: str) -> dict[str, str]:
    """By their titles, what the fixes of the first finding of a code make of a text."""
    return {action.title: applied(text, action.edits) for action in actions(text, code)}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "code", "titles"),
    [
        (
            HOLD,
            "contradiction",
            [
                "`hardship_hold` overrides all",
                "`hardship_hold` overrides `call_in_person`",
                "`call_in_person` overrides `hardship_hold`",
                "narrow `call_in_person`: not where `hardship_hold` holds",
                "narrow `hardship_hold`: not where `call_in_person` holds",
                "accept this contradiction, with a reason",
            ],
        ),
        (
            TWO,
            "contradiction",
            [
                "`hardship_hold` overrides all",
                "`hardship_hold` overrides `call_in_person`",
                "`call_in_person` overrides `hardship_hold`",
                "narrow `call_in_person`: not where `hardship_hold` holds",
                "narrow `hardship_hold`: not where `call_in_person` holds",
                "accept this contradiction, with a reason",
            ],
        ),
        *[
            (
                NONE.format(bound=bound),
                "none-escapes",
                [
                    "`quiet` forbids where `days_since_conversation` is none",
                    "`quiet` does not forbid where `days_since_conversation` is none",
                    "accept this none-escapes, with a reason",
                ],
            )
            for bound in (
                "days_since_conversation <= 6",
                "deceased and days_since_conversation between 0 and 6",
                "deceased or 6 >= days_since_conversation",
                "days_since_conversation > 1 and days_since_conversation < days_overdue",
                "not (deceased or not (days_since_conversation < 7 or bankruptcy))\n  unless vulnerable",
                "recently\n\ndefine recently is deceased or days_since_conversation <= 6",
            )
        ],
        (TWICE, "subsumed", ["take `later` out", "accept this subsumed, with a reason"]),
        (KEPT, "failed-ensure", ["narrow `call_in_person`: not where the ensure says so"]),
    ],
)
def test_each_way_out_of_a_finding_is_one(text: str, code: str, titles: list[str], line_end: str) -> None:
    text = text.replace("\n", line_end)
    assert layout(text) == ()
    found = offers(text, code)
    pin = "write its case as an example"
    assert list(found) == [*titles, pin]
    for title, after in found.items():
        reading = read(after, None)
        assert reading.policy is not None, (title, [one.message for one in reading.diagnostics])
        assert layout(after) == (), (title, after)
        again = [one for one in reading.findings() if one.code == code and one.accepted is None]
        assert bool(again) == (title == pin), (title, after)
    assert 'example "' in found[pin]


@pytest.mark.parametrize(
    ("text", "code", "careful"),
    [
        (HOLD, "contradiction", [True, True, False, True, False]),
        (NONE.format(bound="days_since_conversation <= 6"), "none-escapes", [True, False]),
        (KEPT, "failed-ensure", [True]),
        (TWICE, "subsumed", [True]),
    ],
)
def test_a_careful_way_out_permits_nothing_more(text: str, code: str, careful: list[bool]) -> None:
    old = read(text, None).policy
    assert old is not None
    ways = actions(text, code)
    assert [way.careful for way in ways] == [*careful, *[False] * (len(ways) - len(careful))]
    for way in ways:
        new = read(applied(text, way.edits), None).policy
        assert new is not None
        effects = {change.effect for change in difference(old, new).changes}
        assert not way.careful or ChangeEffect.NEWLY_PERMITTED not in effects, way.title


def test_a_rule_is_narrowed_by_where_the_other_holds() -> None:
    narrowed = offers(TWO, "contradiction")["narrow `hardship_hold`: not where `call_in_person` holds"]
    assert narrowed.endswith("  overrides other\n  unless (after 13 days or unreachable > 3) and not (deceased)\n")
    narrowed = offers(TWO, "contradiction")["narrow `call_in_person`: not where `hardship_hold` holds"]
    assert "\n  unless deceased or hardship is plan_active\n" in narrowed


@pytest.mark.parametrize(
    ("bound", "forbids", "does_not"),
    [
        (
            "{days} <= 6",
            "never calls when {days} <= 6 or {days} is none",
            "never calls when {days} <= 6 and {days} is not none",
        ),
        (
            "deceased and {days} <= 6",
            "never calls when deceased and ({days} <= 6 or {days} is none)",
            "never calls when deceased and {days} <= 6 and {days} is not none",
        ),
        (
            "deceased or {days} <= 6\n  unless vulnerable",
            "never calls when deceased or {days} <= 6 or {days} is none",
            "never calls when deceased or ({days} <= 6 and {days} is not none)",
        ),
        (
            "vulnerable and recently\n\ndefine recently is deceased or {days} <= 6",
            "define recently is deceased or {days} <= 6 or {days} is none",
            "define recently is deceased or ({days} <= 6 and {days} is not none)",
        ),
    ],
)
def test_what_none_means_is_said_beside_the_bound(bound: str, forbids: str, does_not: str) -> None:
    days = "days_since_conversation"
    found = list(offers(NONE.format(bound=bound.format(days=days)), "none-escapes").values())
    for text, after in zip((forbids, does_not), found, strict=False):
        assert text.format(days=days) in " ".join(after.split()), after


def test_what_none_means_is_said_beside_what_holds_a_permission_back() -> None:
    found = offers("rule a:\n  after 3 days then allow sms\n  unless days_since_conversation <= 6\n", "none-escapes")
    titles, texts = list(found)[:2], [text.split("unless ")[1].strip() for text in list(found.values())[:2]]
    assert titles == [f"`a` {does} where `days_since_conversation` is none" for does in ("does not permit", "permits")]
    bound = "days_since_conversation <= 6 {} days_since_conversation is {}"
    assert texts == [bound.format("or", "none"), bound.format("and", "not none")]


def test_a_text_that_is_not_laid_out_stays_as_it_is() -> None:
    text = HOLD.replace("\n\nrule", "\nrule").replace("hold:\n  forbid", "hold:   forbid")
    found = offers(text, "contradiction")
    assert found["`hardship_hold` overrides `call_in_person`"] == text.rstrip("\n") + " overrides call_in_person\n"


def test_what_is_called_by_its_place_or_is_in_a_table_is_not_overridden() -> None:
    text = HOLD.replace("rule call_in_person:\n  after", "after")
    overriding = [title for title in offers(text, "contradiction") if "overrides" in title or "accept" in title]
    assert [title.partition(" overrides ")[2] for title in overriding] == ["all", "`hardship_hold`"]
    table = "table t\n  | days_overdue | phone_call |\n  | over 9       | allow      |\n\n" + HOLD.partition("\n\n")[2]
    titles = list(offers(table, "contradiction"))
    assert [title for title in titles if "overrides" in title] == ["`hardship_hold` overrides all"]
    assert "narrow `hardship_hold`: not where `t.1` holds" not in titles


@pytest.mark.parametrize("head", ["", 'policy house "A house"\n\n', "# a comment\n\n", "policy house\n  uses more\n\n"])
def test_a_missing_uses_is_offered(tmp_path: Path, head: str) -> None:
    (tmp_path / "more.forbear").write_text("fact score count\n")
    vocabulary = tmp_path / "words.forbear"
    vocabulary.write_text("fact days_overdue days clock\naction call_home\n")
    if "uses" not in head:
        (tmp_path / "bare.forbear").write_text("action call_home\n")  # with it there would be no clock
    (tmp_path / "another.forbear").write_text("policy another\naction call_home\n")
    (tmp_path / "broken.forbear").write_bytes(b"\xff call_home")
    house = tmp_path / "house.forbear"
    text = head.replace("uses more", 'uses "more"') + "rule a:\n  after 3 days then allow call_home\n"
    reading = read(text, house)
    at = text.index("call_home")
    actions = list(quick_fixes(reading, reading.diagnostics, (at, at), lambda: sorted(tmp_path.glob("*.forbear"))))
    assert [action.title for action in actions] == ['add `uses "words"`']
    after = applied(text, actions[0].edits)
    assert not read(after, house).diagnostics
    assert layout(after) == (), after


def test_the_standard_vocabulary_is_offered() -> None:
    text = "fact score count\nrule a: after 3 days then allow sms\n"
    reading = read(text, None)
    at = text.index("sms")
    titles = [action.title for action in quick_fixes(reading, reading.diagnostics, (at, at))]
    assert "add `uses collections`" in titles


def test_a_stale_digest_is_corrected(tmp_path: Path) -> None:
    (tmp_path / "words.forbear").write_text("fact days_overdue days clock\naction call_home\n")
    text = f'uses "words" pinned "sha256:{"0" * 64}"\n\nrule a:\n  after 3 days then allow call_home\n'
    reading = read(text, tmp_path / "house.forbear")
    [action] = quick_fixes(reading, reading.diagnostics, (0, len(text)))
    assert action.diagnostic is not None
    assert action.diagnostic.code == "wrong-digest"
    assert not action.safe
    after = applied(text, action.edits)
    assert not read(after, tmp_path / "house.forbear").diagnostics
    assert layout(after) == ()


def test_what_is_accepted_has_no_way_out() -> None:
    text = HOLD + '\naccept contradiction of call_in_person, hardship_hold because "so"\n'
    reading = read(text, None)
    assert not [
        action for action in quick_fixes(reading, reading.findings(), (0, len(text))) if "accept" in action.title
    ]
