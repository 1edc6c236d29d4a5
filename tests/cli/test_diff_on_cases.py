"""`forbear diff --on-cases` of Parquet, no cases, and many. What it prints: `transcripts/diff_on_cases.txt`."""

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


def test_rows_are_counted_over_all_batches(folder: Path) -> None:
    good = '{"account": 1, "days_overdue": 9, "unreachable": 0, "hardship": "no_hardship"}\n'
    write(folder, "many.jsonl", good * 10_000 + "no case\n" + '{"days_overdue": 31, "unreachable": 3}\n' + "nor this\n")
    asked = ("diff", "old.forbear", "new.forbear", "--on-cases", "many.jsonl", "--key", "account", "-o", "rows.jsonl")
    told = run(*asked, "--format", "json", cwd=folder).json
    assert (told["rows"], told["undecided"], told["first_undecided"]["row"]) == (10_003, 2, 10_001)
    [row] = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    assert (row["row"], row["account"]) == (10_002, None)
