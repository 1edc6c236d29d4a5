"""`forbear diff`: promises, the report page, and revisions. What it prints is in `transcripts/diff.txt`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from command import Answer, run, write

import forbear

OLD = "rule ask: after 60 days and unreachable >= 3 then allow contact_related\n"


def compare(tmp_path: Path, old: str, new: str, *options: str) -> Answer:
    write(tmp_path, "old.forbear", old)
    write(tmp_path, "new.forbear", new)
    return run("diff", "old.forbear", "new.forbear", *options, cwd=tmp_path)


def test_other_days_on_which_they_are_in_force_are_told_on_the_page(tmp_path: Path) -> None:
    compare(tmp_path, f"policy house\n{OLD}", f"policy house in force from 2026-01-01 until 2026-11-27\n{OLD}")
    assert run("report", "old.forbear", "new.forbear", "-o", "page.html", cwd=tmp_path).code == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<b>in force</b>: always -&gt; from 2026-01-01 until 2026-11-27" in page
    assert "but they are in force on other days" in page


PROMISING = """\
policy house
  omits "visits to a workplace"
  read on 2026-11-26 "Order 17"
  reviewed by none until 2099-12-31
  subject to "over.forbear"
define young is days_overdue < 4
rule call: after 13 days then allow phone_call
table notes
  | days_overdue | sms    |
  | under 5      | allow  |
  | over 4       | forbid |
  complete, no overlap
ensure phone_call not allowed when young
ensure conforms to "own.forbear"
accept unguarded of phone_call because "the week is short"
example "late": given days_overdue 14 expect phone_call allowed
"""
LOST = {
    "omits": ('  omits "visits to a workplace"\n', ""),
    "read": ('  read on 2026-11-26 "Order 17"\n', ""),
    "read again": ("on 2026-11-26", "on 2026-11-27"),
    "reviewed": ("by none", 'by "counsel"'),
    "standard": ('  subject to "over.forbear"\n', ""),
    "table": ("  complete, no overlap\n", "  no overlap\n"),
    "ensure": ("ensure phone_call not allowed when young\n", ""),
    "ensure conforms": ('ensure conforms to "own.forbear"\n', ""),
    "accept": ('accept unguarded of phone_call because "the week is short"\n', ""),
    "example": ('example "late": given days_overdue 14 expect phone_call allowed\n', ""),
    "ensure uses": ("define young is days_overdue < 4", "define young is days_overdue < 3"),
    "accept of others": ("of phone_call because", "of phone_call, sms because"),
    "example differs": ("given days_overdue 14", "given days_overdue 15"),
}


@pytest.mark.parametrize("lost", LOST)
def test_a_promise_that_is_gone_changed_or_new_is_a_change(tmp_path: Path, lost: str) -> None:
    """In each case every verdict is as before. It is never called equivalent, and ends with 1: as text and JSON in both
    directions, and in one as Markdown, in Python, and on the page."""
    write(tmp_path, "own.forbear", "standard own\nrule early: never phone_call when days_overdue < 4\n")
    write(
        tmp_path,
        "over.forbear",
        "standard over\nafter 4 days then never sms\n",
    )
    other = PROMISING.replace(*LOST[lost])
    assert other != PROMISING
    for old, new in ((PROMISING, other), (other, PROMISING)):
        answer = compare(tmp_path, old, new)
        assert answer.code == 1, answer
        assert "are equivalent" not in answer.out
        last = answer.out.splitlines()[-1]
        kind = lost.split()[0]
        change = (
            "changed"
            if lost in ("ensure uses", "example differs", "read again", "reviewed")
            else "gone"
            if new is other
            else "new"
        )
        assert last.startswith("every case has the same verdicts in old.forbear and new.forbear, but 1 promise "), last
        found = compare(tmp_path, old, new, "--format", "json").json
        assert (found["equivalent"], found["same_verdicts"], found["changes"]) == (False, True, [])
        assert {(each["kind"], each["change"]) for each in found["promises"]} >= {(kind, change)}
        shown = found["promises"][0]["what"][0]
        assert shown in answer.out
    assert shown in compare(tmp_path, old, new, "--format", "markdown").out
    difference = forbear.diff(forbear.load(tmp_path / "old.forbear"), forbear.load(tmp_path / "new.forbear"))
    assert (difference.equivalent, difference.same_verdicts) == (False, True)
    assert run("report", "old.forbear", "new.forbear", "-o", "page.html", cwd=tmp_path).code == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "are equivalent" not in page
    assert f"{shown[0].upper()}{shown[1:]}" in page or shown in page


def test_a_policy_and_its_layout_are_equivalent(tmp_path: Path) -> None:
    before = Path(__file__).parents[2] / "rules" / "huabei" / "before.forbear"
    text = " ".join(line for line in before.read_text().splitlines() if not line.lstrip().startswith("#"))
    write(tmp_path, "old.forbear", text)
    laid_out = run("format", "-", given=text).out
    assert laid_out != text
    write(tmp_path, "new.forbear", laid_out)
    assert run("diff", "old.forbear", "new.forbear", cwd=tmp_path).code == 0


# Revisions


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a policy that uses another file, changed since it was committed."""
    git(tmp_path, "init", "-q")
    (tmp_path / "rules").mkdir()
    write(tmp_path, "rules/words.forbear", "fact late days clock\naction sms\n")
    write(tmp_path, "rules/house.forbear", 'policy house\nuses "words"\nrule a: after 3 days then allow sms\n')
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    write(tmp_path, "rules/words.forbear", "fact late days clock between 0 and 90\naction sms\n")
    write(tmp_path, "rules/house.forbear", 'policy house\nuses "words"\nrule a: after 5 days then allow sms\n')
    return tmp_path


def test_a_revision_of_the_repository(repository: Path) -> None:
    answer = run("diff", "HEAD:rules/house.forbear", "rules/house.forbear", cwd=repository)
    assert answer.code == 1
    assert "fact late: days clock -> days between 0 and 90 clock" in answer.out
    assert "no longer permitted (allowed -> unsaid) from day 4 to day 5" in answer.out


def test_a_path_of_a_revision_may_start_where_one_stands(repository: Path) -> None:
    rules = repository / "rules"
    assert run("diff", "HEAD:./house.forbear", "house.forbear", cwd=rules).code == 1
    assert run("diff", "HEAD:./house.forbear", "HEAD:rules/house.forbear", cwd=rules).code == 0


def test_a_folder_of_a_revision_is_a_book(repository: Path) -> None:
    (repository / "rules" / "words.forbear").unlink()
    answer = run("diff", "HEAD:rules", "HEAD:rules/house.forbear", "--on", "2015-10-01", cwd=repository)
    assert answer.code == 0


@pytest.mark.parametrize("old", ["HEAD:nothing", "nothing:rules/house.forbear", "--all:x", "HEAD:../../etc", "HEAD:"])
def test_a_revision_that_is_not_there(repository: Path, old: str) -> None:
    answer = run("diff", "--", old, "rules/house.forbear", cwd=repository)
    assert (answer.code, answer.out) == (2, "")
    assert "Traceback" not in answer.err
