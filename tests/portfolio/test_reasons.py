"""Rows that cannot be decided: why, by how many rows, the most frequent error first; and how CSV may be written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from command import run, write

POLICY = """\
policy house
  currency EUR
fact late days clock
fact owed money
fact cease yes/no
action sms
rule r: after 3 days and owed > EUR 10 then allow sms
rule s: never sms when cease
"""
GOOD = {"late": "5", "owed": "20.50", "cease": "no", "zone": "UTC"}
WRONG = [{**GOOD, "cease": "nein"}] * 5 + [{**GOOD, "owed": f"{n},50"} for n in range(3)] + [{**GOOD, "late": "soon"}]
SAID = [
    '5 rows: `cease` needs true or false, not "nein"',
    '3 rows, for example: `owed` needs a sum such as 12.50 or "EUR 12.50", not "0,50"',
    '1 row: `late` needs a whole number, not "soon"',
]


def _in_words(reasons: object) -> list[tuple[int, str]]:
    assert isinstance(reasons, list)
    return [(each["rows"], each["fact"]) for each in reasons]


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "by rows"])
def test_why_rows_are_undecided_is_counted(tmp_path: Path, kind: str) -> None:
    write(tmp_path, "house.forbear", POLICY)
    rows = WRONG
    cases = tmp_path / f"cases.{'csv' if kind == 'by rows' else kind}"
    if kind == "parquet":
        pl.DataFrame(rows).write_parquet(cases)
    elif kind == "jsonl":
        typed = [
            {**row, "late": 5 if row["late"] == "5" else "soon", "cease": row["cease"] == "nein" and "nein"}
            for row in rows
        ]
        cases.write_text(
            "".join(json.dumps({name: row[name] for name in ("late", "owed", "cease")}) + "\n" for row in typed)
        )
    else:
        pl.DataFrame(rows).write_csv(cases)
    at = ("--at", "2026-03-01T12:00:00+00:00") if kind == "by rows" else ()
    answer = run("apply", "house.forbear", cases, "-o", "out.csv", *at, cwd=tmp_path)
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert lines[0] == "9 rows, 9 undecided: out.csv.rejects says why"
    if kind in ("csv", "by rows"):
        assert [line.strip() for line in lines[1:4]] == SAID
        assert len(lines) == 4, "and no zeros"
    found = run("apply", "house.forbear", cases, "-o", "out.csv", "--format", "json", *at, cwd=tmp_path).json
    counts = _in_words(found["reasons"])
    assert counts[-1] == (1, "late")
    assert sorted(counts, reverse=True) == counts
    assert (3, "owed") in counts


def test_a_plan_of_rows_that_are_all_wrong_ends_with_1_and_says_why(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", POLICY)
    pl.DataFrame(WRONG).write_csv(tmp_path / "cases.csv")
    for at in ((), ("--at", "2026-03-01T12:00:00+00:00", "--jobs", "1")):
        answer = run("plan", "house.forbear", "cases.csv", "--days", "3", "-o", "plan.csv", *at, cwd=tmp_path)
        assert (answer.code, answer.out) == (1, "")
        assert answer.err.splitlines() == ["all 9 accounts are undecided on day 0, so nothing is counted", *SAID]
        assert not (tmp_path / "plan.csv").exists()
    pl.DataFrame([*WRONG, GOOD]).write_csv(tmp_path / "cases.csv")
    answer = run("plan", "house.forbear", "cases.csv", "--days", "3", cwd=tmp_path)
    assert answer.code == 0
    assert [line.strip() for line in answer.out.splitlines()[2:6]] == ["9 accounts undecided", *SAID]
    found = run("plan", "house.forbear", "cases.csv", "--days", "3", "--format", "json", cwd=tmp_path).json
    assert _in_words(found["reasons"]) == [(5, "cease"), (3, "owed"), (1, "late")]
    with (tmp_path / "cases.csv").open("a") as file:
        file.write("5,20,false,and,more\n")
    found = run("plan", "house.forbear", "cases.csv", "--days", "3", "--format", "json", cwd=tmp_path).json
    assert (found["rows"], found["undecided"]) == (11, [10, 10, 10, 10])


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("ending", [".csv", ".CSV", ".Csv"])
def test_flags_as_spreadsheets_and_warehouses_write_them(tmp_path: Path, separator: str, ending: str) -> None:
    words = {"true": True, "TRUE": True, "True": True, "yes": True, "Yes": True, "Y": True, "y": True}
    words |= {"false": False, "FALSE": False, "no": False, "NO": False, "N": False, "n": False}
    write(tmp_path, "house.forbear", POLICY)
    lines = [
        separator.join(("word", "late", "owed", "cease")),
        *(f"{w}{separator}5{separator}20{separator}{w}" for w in words),
    ]
    write(tmp_path, f"cases{ending}", "\n".join(lines) + "\n")
    out = f"out{ending}"
    assert run("apply", "house.forbear", f"cases{ending}", "-o", out, "--key", "word", cwd=tmp_path).code == 0
    answer = dict(line.split(",") for line in (tmp_path / out).read_text().splitlines()[1:])
    assert answer == {word: "forbidden" if is_so else "allowed" for word, is_so in words.items()}
    assert run("plan", "house.forbear", f"cases{ending}", "--days", "2", cwd=tmp_path).code == 0
    same = run("diff", "house.forbear", "house.forbear", "--on-cases", f"cases{ending}", cwd=tmp_path)
    assert (same.code, same.out) == (0, f"0 actions changed, in {len(words)} cases\n")


@pytest.mark.parametrize("many", [1, 20_000])
def test_decimal_commas_and_points_of_thousands_are_refused_never_misread(tmp_path: Path, many: int) -> None:
    """In a file that is separated by semicolons `12.500` may be twelve thousand, and `1,50` is no number."""
    sums = ["1,50", '"1.234,50"', "12.500", "1.234.567", "12,500", "12.5", "1234.50", '"EUR 20.00"', "20", '"a;b"']
    rows = [(str(5), owed) for owed in sums] * many
    write(tmp_path, "house.forbear", POLICY)
    lines = [f"{number};{late};{owed};no" for number, (late, owed) in enumerate(rows)]
    write(tmp_path, "cases.csv", "\n".join(["number;late;owed;cease", *lines]) + "\n")
    assert run("apply", "house.forbear", "cases.csv", "-o", "out.csv", "--key", "number", cwd=tmp_path).code == 1
    verdicts = [line.split(",")[1] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    refused, read = ["undecided"] * 5, ["allowed"] * 4
    assert verdicts == [*refused, *read, "undecided"] * many


def test_a_header_of_tabs_is_named(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", POLICY)
    write(tmp_path, "cases.csv", "late\towed\tcease\n5\t20\tno\n")
    answer = run("apply", "house.forbear", "cases.csv", "-o", "out.csv", cwd=tmp_path)
    assert (answer.code, "its values are separated by tabs: write commas or semicolons" in answer.err) == (1, True)
