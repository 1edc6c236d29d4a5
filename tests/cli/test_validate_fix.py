"""`forbear validate --fix`: safe fixes are written, guesses only with `--unsafe-fixes`, and the rest is reported."""

from __future__ import annotations

from pathlib import Path

from command import run, write

TEXT = """\
rule a: after 3 days then allow sms
never visit # nobody goes there
accept hole of sms because "gone"
"""


def test_safe_fixes_are_written_and_the_rest_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT + "rule dead: never letter when after 5 days and before day 3\n")
    answer = run("validate", path, "--fix")
    assert "2 fixes written" in answer.out
    assert "dead-rule" in answer.out
    assert path.read_text() == (
        "rule a: after 3 days then allow sms\n"
        "rule never_visit: never visit # nobody goes there\n"
        "rule dead: never letter when after 5 days and before day 3\n"
    )
    again = run("validate", path, "--fix")
    assert "fixes written" not in again.out


def test_what_was_meant_is_written_only_when_asked_for(tmp_path: Path) -> None:
    text = "rule a: after 3 days then alow smss\nrule b: unreachable at least 3 then permit letter\n"
    path = write(tmp_path, "p.forbear", text)
    assert run("validate", path, "--fix").code == 1
    assert path.read_text() == text
    answer = run("validate", path, "--unsafe-fixes")
    assert answer.code == 0
    assert "4 fixes written" in answer.out
    assert path.read_text() == "rule a: after 3 days then allow sms\nrule b: unreachable >= 3 then allow letter\n"


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    used = write(tmp_path, "words.forbear", "uses collections\nfact mine yes/no\nrule w: never visit\nnever letter\n")
    path = write(tmp_path, "p.forbear", 'uses "words.forbear"\n' + TEXT)
    before = used.read_text()
    run("validate", path, "--fix")
    assert used.read_text() == before


def test_machine_formats_stay_one_document(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT)
    assert run("validate", path, "--fix", "--format", "json").json["counts"]["warning"] == 0


def test_what_is_no_file_is_not_fixed() -> None:
    for words in (["-"], ["pack:huabei/before"]):
        assert run("validate", *words, "--fix", given=TEXT).code == 2
