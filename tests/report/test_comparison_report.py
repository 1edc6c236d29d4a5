"""The report of a difference, whole: short enough to be read aloud. FORBEAR_GOLDEN=write writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from invoking import forbear

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(("form", "name"), [("text", "huabei_diff.txt"), ("markdown", "huabei_diff.md")])
def test_from_huabei_before_to_huabei_redesigned(form: str, name: str) -> None:
    report = forbear("diff", "pack:huabei/before", "pack:huabei/redesigned", "--format", form).out
    if os.environ.get("FORBEAR_GOLDEN") == "write":
        (GOLDEN / name).write_text(report, encoding="utf-8", newline="\n")
    assert report == (GOLDEN / name).read_text(encoding="utf-8")
    assert form != "text" or len(report.split()) < 400


OLD = """\
policy house
  omits "visits"
rule call: after 13 days then allow phone_call
ensure phone_call not allowed when within 13 days
ensure letter not allowed when
  before day 20  # as agreed
"""
NEW = """\
policy house
  omits "the court"
rule call: after 13 days then allow phone_call
ensure letter not allowed when before day 20
ensure phone_call not allowed when within 12 days
"""


def test_promises_and_what_is_left_out_that_come_and_go_are_told(tmp_path: Path) -> None:
    paths = [tmp_path / "old.forbear", tmp_path / "new.forbear"]
    for path, text in zip(paths, (OLD, NEW), strict=True):
        path.write_text(text, encoding="utf-8")
    old, new = map(str, paths)
    answer = forbear("diff", old, new)
    assert answer.out.splitlines() == [
        f"ensure phone_call not allowed when within 13 days ({old}:4)   the promise is gone",
        f"ensure phone_call not allowed when within 12 days ({new}:5)   the promise is new",
        f'omits "visits" ({old}:1)   no longer said to be left out',
        f'omits "the court" ({new}:1)   said to be left out',
        "",
        f"every case has the same verdicts in {old} and {new}, but 2 promises gone, 2 new; no finding comes or goes",
    ]
    promises = forbear("diff", old, new, "--format", "json").json["promises"]
    assert [(edit["change"], edit["kind"], edit["what"]) for edit in promises] == [
        ("gone", "ensure", ["the promise is gone"]),
        ("new", "ensure", ["the promise is new"]),
        ("gone", "omits", ["no longer said to be left out"]),
        ("new", "omits", ["said to be left out"]),
    ]


def test_a_promise_that_is_gone_is_not_folded(tmp_path: Path) -> None:
    paths = [tmp_path / "old.forbear", tmp_path / "new.forbear"]
    rules = [f'rule r{number}: after {number} days then allow sms because "%s"\n' for number in range(9)]
    paths[0].write_text("".join(rules) % (*"abcdefghi",) + OLD.split("\n", 3)[3], encoding="utf-8")
    paths[1].write_text("".join(rules) % (*"ABCDEFGHI",), encoding="utf-8")
    lines = forbear("diff", *map(str, paths)).out.splitlines()
    assert lines[0].startswith("ensure phone_call not allowed when within 13 days"), lines
    assert lines[1].startswith("ensure letter not allowed when before day 20"), lines


LADDER = """\
ladder pressure: sms, phone_call
rule message: from day 3 and unreachable > 3 then allow sms
rule call: after 13 days and autodial_consent then allow phone_call
"""


def test_a_skipped_rung_of_an_edited_rule_neither_comes_nor_goes(tmp_path: Path) -> None:
    paths = [tmp_path / "old.forbear", tmp_path / "new.forbear"]
    for path, text in zip(paths, (LADDER, LADDER.replace(" and autodial_consent", "")), strict=True):
        path.write_text(text, encoding="utf-8")
        assert "skipped-rung" in forbear("validate", str(path)).out
    assert forbear("diff", *map(str, paths)).out.strip().endswith("no finding comes or goes")
