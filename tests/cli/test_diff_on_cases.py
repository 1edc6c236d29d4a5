"""`forbear diff --on-cases`: what a change would do to a portfolio."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from command import run, write

OLD = """\
rule ask: after 60 days and unreachable >= 3 then allow contact_related
rule call: after 13 days then allow phone_call
"""
NEW = """\
rule ask: after 30 days and unreachable >= 3 then allow contact_related
rule call: after 13 days then allow phone_call
rule hold: never phone_call when hardship is plan_active
"""
OFTEN = '`hardship` needs one of no_hardship, requested, plan_active, plan_broken, not "often"'
ROWS: list[dict[str, object]] = [
    {"account": 1, "days_overdue": 31, "unreachable": 3, "hardship": "plan_active"},
    {"account": 2, "days_overdue": 31, "unreachable": 2, "hardship": "no_hardship"},
    {"account": 3, "days_overdue": 61, "unreachable": 3, "hardship": "no_hardship"},
    {"account": 4, "days_overdue": 9, "unreachable": 0, "hardship": "often"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "old.forbear", OLD)
    write(tmp_path, "new.forbear", NEW)
    frame = pl.DataFrame(ROWS)
    frame.write_parquet(tmp_path / "cases.parquet")
    frame.write_csv(tmp_path / "cases.csv")
    write(tmp_path, "cases.jsonl", "\n".join(map(json.dumps, ROWS)))
    return tmp_path


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_of_no_cases_none_changes(folder: Path, suffix: str) -> None:
    nobody = pl.DataFrame(ROWS).clear()
    cases = folder / f"nobody{suffix}"
    cases.write_text(nobody.write_csv() if suffix == ".csv" else "")
    if suffix == ".parquet":
        nobody.write_parquet(cases)
    answer = run("diff", "old.forbear", "new.forbear", "--on-cases", cases, "-o", "rows.parquet", cwd=folder)
    assert (answer.code, answer.out) == (0, "0 actions changed, in 0 cases\n"), answer
    given = ["case"] if suffix == ".jsonl" else nobody.columns
    assert pl.read_parquet(folder / "rows.parquet").columns == ["row", *given, "changes"]


def test_other_days_on_which_they_are_in_force_are_told(folder: Path) -> None:
    write(folder, "later.forbear", f"policy house in force from 2026-01-01 until 2026-11-27\n{OLD}")
    asked = ("diff", "old.forbear", "later.forbear", "--on-cases", "cases.csv", "--max-rejects", "1")
    answer = run(*asked, cwd=folder)
    assert answer.code == 0
    assert answer.out.splitlines()[:2] == [
        "in force: always -> from 2026-01-01 until 2026-11-27",
        "0 actions changed, in 4 cases",
    ]
    found = run(*asked, "--format", "json", cwd=folder).json
    assert found["in_force"] == run(*asked[:3], "--format", "json", cwd=folder).json["in_force"]
    assert found["in_force"]["new"] == {"from": "2026-01-01", "until": "2026-11-27"}


@pytest.mark.parametrize("cases", ["cases.parquet", "cases.csv", "cases.jsonl"])
def test_the_counts_and_the_rows(folder: Path, cases: str) -> None:
    asked = ("diff", "old.forbear", "new.forbear", "--on-cases", cases, "--key", "account")
    answer = run(*asked, "-o", "rows.jsonl", cwd=folder)
    assert answer.code == 1, answer
    assert answer.out.splitlines() == [
        "action           before   after      rows",
        "phone_call       allowed  forbidden  1",
        "contact_related  unsaid   allowed    1",
        "2 actions changed, in 4 cases",
        f"1 undecided under both, the first in row 4: {OFTEN}",
    ]
    [row] = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    assert list(row.items())[:2] == [("row", 1), ("account", {"cases.parquet": 1}.get(cases, "1"))]
    assert row["changes"] == "phone_call allowed -> forbidden; contact_related unsaid -> allowed"
    assert run(*asked, "--format", "json", cwd=folder).json == {
        "equivalent": False,
        "rows": 4,
        "undecided": 1,
        "first_undecided": {"row": 4, "reason": OFTEN},
        "changes": [
            {"action": "phone_call", "before": "allowed", "after": "forbidden", "rows": 1},
            {"action": "contact_related", "before": "unsaid", "after": "allowed", "rows": 1},
        ],
        "in_force": None,
    }


@pytest.mark.parametrize("cases", ["cases.parquet", "cases.jsonl"])
def test_nothing_changes_but_of_what_neither_can_decide_nothing_is_known(folder: Path, cases: str) -> None:
    asked = ("diff", "new.forbear", "new.forbear", "--on-cases", cases, "--key", "account", "-o", "rows.csv")
    for tolerated in (0, 1):
        answer = run(*asked, "--max-rejects", str(tolerated), cwd=folder)
        assert answer.code == 1 - tolerated, answer
        assert answer.out == (f"0 actions changed, in 4 cases\n1 undecided under both, the first in row 4: {OFTEN}\n")
        told = run(*asked, "--max-rejects", str(tolerated), "--format", "json", cwd=folder).json
        assert told["equivalent"] == bool(tolerated)
        assert len((folder / "rows.csv").read_text().splitlines()) == 1


def test_lines_with_a_field_that_is_no_fact_are_not_equivalent(folder: Path) -> None:
    answer = run("diff", "old.forbear", "new.forbear", "--on-cases", "cases.jsonl", cwd=folder)
    assert answer.code == 1, answer
    assert "0 actions changed, in 4 cases\n4 undecided under both, the first in row 1: " in answer.out
    assert "`account`" in answer.out


def test_rows_are_counted_over_all_batches(folder: Path) -> None:
    good = '{"account": 1, "days_overdue": 9, "unreachable": 0, "hardship": "no_hardship"}\n'
    write(folder, "many.jsonl", good * 10_000 + "no case\n" + '{"days_overdue": 31, "unreachable": 3}\n' + "nor this\n")
    asked = ("diff", "old.forbear", "new.forbear", "--on-cases", "many.jsonl", "--key", "account", "-o", "rows.jsonl")
    told = run(*asked, "--format", "json", cwd=folder).json
    assert (told["rows"], told["undecided"], told["first_undecided"]["row"]) == (10_003, 2, 10_001)
    [row] = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    assert (row["row"], row["account"]) == (10_002, None)


def test_a_row_that_one_side_alone_can_decide_is_a_change(folder: Path) -> None:
    policy = "policy visits\nfact days_overdue days clock\n{}action visit\nrule v: after 60 days then allow visit\n"
    write(folder, "small.forbear", policy.format(""))
    write(folder, "tiny.forbear", policy.format("fact account count between 0 and 3 optional\n"))
    asked = ("diff", "small.forbear", "tiny.forbear", "--on-cases", "cases.jsonl", "--format", "json")
    write(folder, "cases.jsonl", '{"days_overdue": 61, "account": 1}\n{"days_overdue": 61, "account": 4}\n')
    told = run(*asked, cwd=folder).json
    assert told["changes"] == [{"action": "visit", "before": "undecided", "after": "allowed", "rows": 1}]
    assert (told["undecided"], told["first_undecided"]["row"]) == (1, 2)


def test_an_action_that_one_side_lacks_is_unsaid_there(folder: Path) -> None:
    write(
        folder,
        "small.forbear",
        "policy small\nfact days_overdue days clock\naction visit, knock\nrule k: after 60 days then allow knock\n",
    )
    write(
        folder,
        "tiny.forbear",
        "policy tiny\nfact days_overdue days clock\naction visit\nrule v: after 60 days then allow visit\n",
    )
    told = run("diff", "small.forbear", "tiny.forbear", "--on-cases", "cases.csv", "--format", "json", cwd=folder).json
    assert {(its["action"], its["before"], its["after"]) for its in told["changes"]} == {
        ("knock", "allowed", "unsaid"),
        ("visit", "unsaid", "allowed"),
    }


@pytest.mark.parametrize("cases", ["cases.csv", "cases.jsonl"])
def test_an_action_that_is_called_as_what_goes_along_with_another(folder: Path, cases: str) -> None:
    """In one policy `visit_along` is an action, in the other a column of what goes along with `visit`."""
    head = "fact days_overdue days clock\naction visit\naction letter\naction visit_along\n"
    write(folder, "named.forbear", f"{head}rule v: after 30 days then allow visit, visit_along\n")
    with_letter = head.replace("action visit_along\n", "") + "rule v: after 30 days then allow visit with letter\n"
    write(folder, "with.forbear", with_letter)
    write(folder, "cases.csv", "days_overdue\n31\n2\n")
    write(folder, "cases.jsonl", '{"days_overdue": 31}\n{"days_overdue": 2}\n')
    told = run("diff", "named.forbear", "with.forbear", "--on-cases", cases, "--format", "json", cwd=folder).json
    assert {(its["action"], its["before"], its["after"], its["rows"]) for its in told["changes"]} == {
        ("visit", "allowed", "allowed with letter", 1),
        ("visit_along", "allowed", "unsaid", 1),
    }


def test_wrong_use_is_2_and_writes_nothing(folder: Path) -> None:
    write(folder, "own.csv", "row,days_overdue,unreachable,hardship\n1,31,3,no_hardship\n")
    for arguments in (
        ["-o", "rows.csv"],
        ["--on-cases", "cases.csv", "-o", "rows.xlsx"],
        ["--on-cases", "none.csv", "-o", "rows.csv"],
        ["--on-cases", "cases.csv", "-o", "rows.csv", "--map", "account=nobody"],
        ["--on-cases", "cases.csv", "-o", "rows.csv", "--key", "acount"],
        ["--on-cases", "cases.jsonl", "-o", "rows.csv", "--key", "acount"],
        ["--on-cases", "cases.jsonl", "-o", "rows.csv", "--key", "case"],
        ["--on-cases", "cases.csv", "-o", "rows.csv", "--key", "account", "--key", "account"],
        ["--on-cases", "own.csv", "-o", "rows.csv"],
        ["--key", "account"],
        ["--max-rejects", "1"],
        ["--on-cases", "cases.csv", "-o", "cases.csv"],
        ["--on-cases", "cases.csv", "-o", "rows.csv", "--format", "markdown"],
    ):
        answer = run("diff", "old.forbear", "new.forbear", *arguments, cwd=folder)
        assert answer.code == 2, arguments
        assert "it is no path" not in answer.err
        assert not list(folder.glob("*rows*"))
