"""What the editor is told of a text is what `forbear validate` says of the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from invoking import forbear, write
from night import NIGHTLY
from offers import findings_of

from forbear.base import resources
from forbear.editors.editing.edits import applied
from forbear.editors.editing.mending import all_safe_fixes, layout, quick_fixes
from forbear.editors.editing.reading import read
from forbear.report.formats.json import diagnostic_json, dumps

RULES = sorted(resources.folder("rules").rglob("*.forbear"))
OF_TESTS = sorted(Path(__file__).parents[2].rglob("*.forbear"))
BROKEN = (
    "rule a: after 60 dais then allow sms\nrule b: after 9 days then allow smss\n",
    "rule a: allow sms\n\nrule b:\n  after 13 days then alow phone_call\n",
    'rule a: after 9 days then allow sms\nrule a: after 9 days then allow sms\naccept overlap of c because ""\n',
    "",
    "policy house\n  source text\n",
)


def said(text: str, path: Path) -> list[object]:
    """What the editor is told, as `validate` writes it, without what it calls the file."""
    return [without_file(json.loads(dumps(diagnostic_json(one)))) for one in findings_of(read(text, path))]


def without_file(record: object) -> object:
    """A record without the names of files."""
    if isinstance(record, dict):
        return {name: without_file(its) for name, its in record.items() if name != "file"}
    return [without_file(its) for its in record] if isinstance(record, list) else record


@pytest.mark.parametrize("path", (RULES + OF_TESTS)[:: 1 if NIGHTLY else 4], ids=lambda path: path.stem)
def test_a_bundled_file_or_one_of_tests(path: Path) -> None:
    answer = forbear("validate", str(path), "--format", "json", "--isolated")
    assert said(path.read_text(encoding="utf-8"), path) == [without_file(one) for one in answer.json["findings"]]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_text(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text, "house.forbear")
    answer = forbear("validate", str(path), "--format", "json")
    assert answer.json["findings"]
    assert said(text, path) == [without_file(one) for one in answer.json["findings"]]


def test_the_project_file_counts(tmp_path: Path) -> None:
    (tmp_path / "forbear.toml").write_text('[settings]\nlate = 20\n[severity]\nunguarded = "ignore"\n')
    text = "setting late is 5\nrule a: after late days then allow sms\nensure sms not allowed when within 20 days\n"
    path = write(tmp_path, text, "house.forbear")
    answer = forbear("validate", str(path), "--format", "json", cwd=tmp_path)
    assert said(text, path) == [without_file(one) for one in answer.json["findings"]]
    assert "failed-ensure" not in {one.code for one in findings_of(read(text, path))}
    (tmp_path / "forbear.toml").write_text("[settings\n")
    assert [one.code for one in read(text, path).diagnostics] == ["bad-project"]


def test_a_text_that_is_open_takes_the_place_of_its_file(tmp_path: Path) -> None:
    used = write(tmp_path, "fact days_overdue days clock\naction call\n", "words.forbear")
    user = tmp_path / "house.forbear"
    text = 'uses "words"\nrule a: after 3 days then allow call\n'
    assert not [one for one in read(text, user).diagnostics if one.code == "unknown-action"]
    changed = {used: "fact days_overdue days clock\naction phone\n"}
    assert [one.code for one in read(text, user, changed).diagnostics] == ["unknown-action"]


def test_a_fix_mends_what_it_says(tmp_path: Path) -> None:
    text = "# 名\r\nrule a: after 9 days then allow smss\r\n"
    reading = read(text, tmp_path / "house.forbear")
    at = text.index("smss")
    [fix] = quick_fixes(reading, reading.diagnostics, (at, at))
    assert not fix.safe
    mended = read(applied(text, fix.edits), tmp_path / "house.forbear")
    assert not [one for one in findings_of(mended) if one.code == "unknown-action"]
    assert not list(quick_fixes(reading, reading.diagnostics, (0, 1)))
    assert all_safe_fixes(reading, reading.diagnostics) is None


def test_layout_within_some_lines_leaves_the_others() -> None:
    text = "rule a:always then allow sms\n\nrule b:always then allow sms\n"
    edits = layout(text, (text.index("rule b"), len(text)))
    assert isinstance(edits, tuple)
    assert applied(text, edits) == "rule a:always then allow sms\n\nrule b:\n  always then allow sms\n"
    assert layout("\0") != ()
