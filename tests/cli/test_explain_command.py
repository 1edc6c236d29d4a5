"""`forbear explain`, as text and as JSON. What it says is tested in `tests/runtime/test_explain.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import HOUSE, run, write

import forbear

DAY_34 = '{"days_overdue": 34, "unreachable": 5}'


def test_text_says_what_is_missing_and_what_would_change_it(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, "--case", "-", "contact_related", given=DAY_34)
    assert answer.code == 0
    assert answer.err == ""
    assert "contact_related is unsaid" in answer.out
    assert "needs days_overdue > 60, is 34: 27 more days" in answer.out
    assert "days_overdue 61 -> allowed" in answer.out
    assert "house.forbear:7" in answer.out or "house.forbear:8" in answer.out  # where the rule stands


def test_text_of_what_is_permitted(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, "--case", "-", "contact_related", given='{"days_overdue": 61, "unreachable": 3}')
    assert "contact_related is allowed by ask_related_person" in answer.out
    assert "only where the borrower repeatedly cannot be reached" in answer.out
    assert "Xinhua, 2015-09-22" in answer.out
    assert "needs" not in answer.out


def test_json_is_what_the_library_says(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, "--case", "-", "contact_related", "--format", "json", given=DAY_34)
    assert answer.code == 0
    record = answer.json
    assert record == forbear.load(path).explain("contact_related", {"days_overdue": 34, "unreachable": 5}).as_json()
    assert record["action"] == "contact_related"
    assert record["decision"]["verdict"] == "unsaid"
    assert record["changes"] == [{"fact": "days_overdue", "value": 61, "verdict": "allowed"}]
    [rule] = record["rules"]
    assert rule["name"] == "ask_related_person"
    assert [clause["holds"] for clause in rule["clauses"]] == [False, True]


def test_days_as_for_decide(tmp_path: Path) -> None:
    for arguments, code in (
        ([], 1),
        (["--on", "2015-12-01"], 0),
        (["--on", "2015-11-30"], 1),
        (["--on", "yesterday"], 2),
    ):
        answer = run("explain", "pack:huabei/redesigned", "--case", "-", "sms", *arguments, given=DAY_34)
        assert answer.code == code, arguments
    case = '{"days_overdue": 34, "unreachable": 5, "on": "2015-12-01"}'
    assert run("explain", "pack:huabei/redesigned", "--case", "-", "sms", given=case).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["--case", "-", "contact_relatde"], 1, "contact_related"),
        (["--case", "-"], 2, "ACTION"),
        (["contact_related"], 2, "--case"),
        (["--case", "missing.json", "contact_related"], 2, "missing.json"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], code: int, named: str) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, *arguments, given=DAY_34, cwd=tmp_path)
    assert answer.code == code
    assert named in answer.err
    assert answer.out == ""


def test_a_case_in_error(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    answer = run("explain", path, "--case", "-", "sms", given='{"days_overdue": 34, "unreachabel": 5}')
    assert answer.code == 1
    assert "`unreachable` is missing" in answer.err
    assert "`unreachabel`" in answer.err


def test_the_code_of_a_diagnostic_alone_shows_its_page() -> None:
    answer = run("explain", "dead-rule")
    assert answer.code == 0
    assert answer.out.splitlines()[:3] == ["# dead-rule", "", "Severity: warning"]
    assert run("explain", "deadrule").code == 2
    assert "name the action" in run("explain", "README").err
