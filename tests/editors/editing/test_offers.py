"""What can be written for an author where a finding is: the result parses, is laid out where it was, and mends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from offers import findings_of

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


def actions(text: str, code: str) -> list[Action]:
    """The fixes of the first finding of a code."""
    reading = read(text, None)
    one = next(one for one in findings_of(reading) if one.code == code)
    return list(quick_fixes(reading, [one], one.place.span))


def offers(text: str, code: str) -> dict[str, str]:
    """By their titles, what the fixes of the first finding of a code make of a text."""
    return {action.title: applied(text, action.edits) for action in actions(text, code)}


def test_line_ends_stay() -> None:
    """What is offered is in `transcripts/offers.txt`."""
    text = TWO.replace("\n", "\r\n")
    found = offers(text, "contradiction")
    assert found.keys() == offers(TWO, "contradiction").keys()
    for title, after in found.items():
        assert after.replace("\r\n", "\n") == offers(TWO, "contradiction")[title]
        assert layout(after) == (), (title, after)


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
        action for action in quick_fixes(reading, findings_of(reading), (0, len(text))) if "accept" in action.title
    ]
