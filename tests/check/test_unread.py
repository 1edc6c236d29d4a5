"""What a policy's own file declares and nothing reads is one finding, and no assumption of the report."""

from __future__ import annotations

from pathlib import Path

import pytest
from invoking import forbear, write

from forbear import load, loads
from forbear.base.resources import pack_names

HEAD = """\
policy tried
setting most is 3
setting idle is USD 3 "Nothing rests on it"
setting few is 3 "Only what nothing reads rests on it"
fact late days clock
fact misses count usually 0
fact lost count usually 0
fact calls count of call in last 3 days usually 0
fact born date usually 1990-01-01
fact age years since born usually 20
fact debt text usually "x"
event call
  has debt text
event letter
define often is misses > most
define seldom is lost > few
define deep is seldom and after 3 days
action sms
"""
RULE = "rule a: often and age > 3 then allow sms\n"
UNREAD = ["idle", "few", "lost", "calls", "debt", "call", "letter", "seldom", "deep"]


def unread(text: str) -> list[str]:
    found = [one for one in loads(text).warnings if one.code == "unread"]
    assert len(found) <= 1
    return [place.text for one in found for place in (one.place, *[label.place for label in one.related])]


@pytest.mark.parametrize(
    ("more", "gone"),
    [
        ("", []),
        ("ensure sms not allowed when calls > 300\n", ["calls", "call"]),
        ("fact sent count of letter in last most days\nensure sms not allowed when sent > 300\n", ["letter"]),
        (
            "fact own any call where debt is this debt ever usually no\nensure sms not allowed when own and not own\n",
            ["debt", "call"],
        ),
        ("rule b: never sms when seldom\n", ["few", "lost", "seldom"]),
        ("rule b: never sms when overdue > idle\nfact overdue money USD usually USD 0\n", ["idle"]),
        ("ladder l: sms rising with calls\n", ["calls", "call"]),
        ("table t\n  | calls | then |\n  | 3 | allow sms |\n", ["calls", "call"]),
        ('accept hole of sms when calls > 3 because "x"\n', ["calls", "call"]),
    ],
)
def test_what_nothing_reads_is_one_finding(more: str, gone: list[str]) -> None:
    assert unread(HEAD + RULE + more) == [name for name in UNREAD if name not in gone]


def test_rules_without_a_head_are_tried_out_on_facts() -> None:
    assert unread(HEAD.replace("policy tried\n", "") + RULE) == ["idle", "few", "seldom", "deep"]


def test_it_is_printed_though_nobody_asks_for_notes(tmp_path: Path) -> None:
    report = forbear("validate", write(tmp_path, HEAD + RULE))
    assert (
        "note[unread]: nothing reads `idle`, `few`, `lost`, `calls`, `debt`, `call`, `letter`, `seldom`, `deep`\n"
        in report.out
    )
    assert "unread" not in report.out.splitlines()[-2]  # what is not shown
    assert report.code == 0


def test_an_example_reads_nothing_and_the_clock_is_read_by_days() -> None:
    assert unread(HEAD + RULE + 'example "e": given lost 3, debt "y" expect sms unsaid\n') == UNREAD


def test_what_others_may_read_is_not_unread(tmp_path: Path) -> None:
    write(tmp_path, HEAD.replace("policy tried", "vocabulary words"), "words.forbear")
    law = "standard law\nfact idle yes/no usually no\nfact late days clock\naction sms\nrule a: never sms when idle\n"
    write(tmp_path, law, "law.forbear")
    house = write(tmp_path, f'policy house\n  uses "words"\n{RULE}')
    assert [one.code for one in load(house).warnings] == []
    assert [one.code for one in load(tmp_path / "words.forbear").warnings] == []
    for clause, promise in (('  subject to "law"\n', ""), ("", 'ensure conforms to "law"\n')):
        facts = "fact idle yes/no usually no\nfact late days clock\naction sms\n"
        text = f"policy house\n{clause}{facts}rule b: from day 3 then allow sms\n"
        assert [one.code for one in load(write(tmp_path, text + promise)).warnings] == []


def test_no_shipped_policy_declares_what_it_does_not_read() -> None:
    for name in pack_names():
        assert "unread" not in [one.code for one in load(f"pack:{name}").warnings], name


def test_the_report_does_not_assume_what_nothing_reads(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert forbear("report", write(tmp_path, HEAD + RULE), "-o", page).code == 0
    assumed = page.read_text(encoding="utf-8").split('id="assumes"')[1].split("</ul>")[0]
    assert "Most" in assumed
    assert "Idle" not in assumed
    assert "Few" not in assumed
