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
    lines = [json.dumps({name: value for name, value in row.items() if name != "account"}) for row in ROWS]
    write(tmp_path, "cases.jsonl", "\n".join(lines))
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


@pytest.mark.parametrize("cases", ["cases.parquet", "cases.csv", "cases.jsonl"])
def test_the_counts_and_the_rows(folder: Path, cases: str) -> None:
    answer = run("diff", "old.forbear", "new.forbear", "--on-cases", cases, "-o", "rows.jsonl", cwd=folder)
    assert answer.code == 1, answer
    assert answer.out.splitlines() == [
        "action           before   after      rows",
        "phone_call       allowed  forbidden  1",
        "contact_related  unsaid   allowed    1",
        "2 actions changed, in 4 cases",
    ]
    [row] = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    assert row["row"] == 1
    assert row["changes"] == "phone_call allowed -> forbidden; contact_related unsaid -> allowed"
    assert ("account" in row) == (cases != "cases.jsonl")
    told = run("diff", "old.forbear", "new.forbear", "--on-cases", cases, "--format", "json", cwd=folder).json
    assert told == {
        "equivalent": False,
        "rows": 4,
        "changes": [
            {"action": "phone_call", "before": "allowed", "after": "forbidden", "rows": 1},
            {"action": "contact_related", "before": "unsaid", "after": "allowed", "rows": 1},
        ],
    }


@pytest.mark.parametrize("cases", ["cases.parquet", "cases.jsonl"])
def test_nothing_changes(folder: Path, cases: str) -> None:
    answer = run("diff", "new.forbear", "new.forbear", "--on-cases", cases, "-o", "rows.csv", cwd=folder)
    assert answer.code == 0, answer
    assert answer.out == "0 actions changed, in 4 cases\n"
    assert len((folder / "rows.csv").read_text().splitlines()) == 1


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


def test_wrong_use_is_2_and_writes_nothing(folder: Path) -> None:
    for arguments in (
        ["-o", "rows.csv"],
        ["--on-cases", "cases.csv", "-o", "rows.xlsx"],
        ["--on-cases", "none.csv", "-o", "rows.csv"],
        ["--on-cases", "cases.csv", "-o", "rows.csv", "--map", "account=nobody"],
        ["--on-cases", "cases.csv", "-o", "cases.csv"],
        ["--on-cases", "cases.csv", "-o", "rows.csv", "--format", "markdown"],
    ):
        assert run("diff", "old.forbear", "new.forbear", *arguments, cwd=folder).code == 2, arguments
        assert not list(folder.glob("*rows*"))
