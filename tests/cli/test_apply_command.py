"""`forbear apply`: kinds of files, and whole answers or none. What it prints is in `transcripts/apply.txt`."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest
from command import FORBEAR, HOUSE, environment, run, write
from night import NIGHTLY

import forbear

ROWS: list[dict[str, object]] = [
    {"account": "a", "days_overdue": 10, "unreachable": 0, "contact_source": None},
    {"account": "b", "days_overdue": 61, "unreachable": 3, "contact_source": "declared"},
    {"account": "c", "days_overdue": None, "unreachable": 3, "contact_source": "declared"},
    {"account": 'd, "q"', "days_overdue": 61, "unreachable": -1, "contact_source": "declared"},
]
POLICY = HOUSE + "rule apart: never contact_related when contact_source is shipping_record\n"


def cases_file(folder: Path, suffix: str, rows: list[dict[str, object]] = ROWS) -> Path:
    """A file of cases. In JSON lines a key is a field like any other."""
    path = folder / f"cases{suffix}"
    frame = pl.DataFrame(rows)
    if suffix == ".parquet":
        frame.write_parquet(path)
    elif suffix == ".csv":
        frame.write_csv(path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(path: Path) -> list[dict[str, object]]:
    """The rows of an answer, with texts alone."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).cast({pl.Enum: pl.String, pl.Categorical: pl.String}).to_dicts()
    if path.suffix == ".csv":
        return pl.read_csv(path).to_dicts()
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", POLICY)


@pytest.mark.parametrize("out_of", [".parquet", ".csv", ".jsonl"])
@pytest.mark.parametrize("into", [".parquet", ".csv", ".jsonl"])
def test_each_kind_of_file_into_each(policy: Path, tmp_path: Path, out_of: str, into: str) -> None:
    out = tmp_path / f"out{into}"
    answer = run("apply", policy, cases_file(tmp_path, out_of), "-o", out, "--key", "account", "--max-rejects", "2")
    assert answer.code == 0, answer
    assert "4 rows, 2 undecided" in answer.out
    loaded = forbear.loads(POLICY)
    for row, given in zip(read(out), ROWS, strict=True):
        assert row.pop("account") == given["account"]
        case = {name: value for name, value in given.items() if name != "account"}
        try:
            expected = {name: its.verdict.value for name, its in loaded.decide(case).items()}
        except forbear.CaseError:
            expected = dict.fromkeys(loaded.typed.actions, "undecided")
        assert row == expected
    rejects = (tmp_path / f"out{into}.rejects").read_text().splitlines()
    assert rejects[0] == "row,account,reason"
    assert rejects[1].startswith('3,c,"`days_overdue` is null')
    assert rejects[2].startswith('4,"d, ""q""",')
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["house.forbear", f"cases{out_of}", f"out{into}", f"out{into}.rejects"]
    )


@pytest.mark.parametrize("out_of", [".parquet", ".csv", ".jsonl"])
def test_of_no_rows_the_answer_has_its_columns_all_the_same(policy: Path, tmp_path: Path, out_of: str) -> None:
    cases, columns = tmp_path / f"cases{out_of}", ["account", *forbear.loads(POLICY).typed.actions]
    nobody = pl.DataFrame(ROWS).clear()
    cases.write_text(nobody.write_csv() if out_of == ".csv" else "")
    if out_of == ".parquet":
        nobody.write_parquet(cases)
    for into in (".parquet", ".csv", ".jsonl"):
        out = tmp_path / f"out{into}"
        answer = run("apply", policy, cases, "-o", out, "--key", "account")
        assert answer.code == 0, answer
        assert answer.out.startswith("0 rows\n")
    assert pl.read_parquet(tmp_path / "out.parquet").columns == columns
    assert (tmp_path / "out.csv").read_text() == ",".join(columns) + "\n"
    assert (tmp_path / "out.jsonl").read_text() == ""


def test_histories_are_counted_row_by_row(tmp_path: Path) -> None:
    policy = write(tmp_path, "counted.forbear", COUNTED)
    at = "2026-03-01T09:30:00-05:00"
    events = [{"event": "attempt", "at": f"2026-02-2{day}T10:00:00-05:00"} for day in (6, 7)]
    rows: list[dict[str, object]] = [
        {"account": 1, "days_overdue": 9, "history": events[:1], "history_from": "opening", "zone": "America/New_York"},
        {"account": 2, "days_overdue": 9, "history": events, "history_from": "opening", "zone": "America/New_York"},
        {"account": 3, "days_overdue": 9, "history": events, "history_from": "opening", "zone": "Nowhere"},
    ]
    texts = [{**row, "history": json.dumps(row["history"])} for row in rows]
    for suffix, given in ((".parquet", rows), (".parquet", texts), (".csv", texts), (".jsonl", rows)):
        out = tmp_path / "out.jsonl"
        answer = run("apply", policy, cases_file(tmp_path, suffix, given), "-o", out, "--key", "account", "--at", at)
        assert answer.code == 1, answer
        assert [row["phone_call"] for row in read(out)] == ["allowed", "forbidden", "undecided"], suffix
        assert "`zone` needs a time zone" in (tmp_path / "out.jsonl.rejects").read_text()


COUNTED = """\
policy counted

event attempt
  has reached yes/no optional
fact days_overdue days clock
fact attempts count of attempt in last 7 days
action phone_call

rule call: after 3 days then allow phone_call
rule enough: never phone_call when attempts >= 2
"""


# What stops a run


def test_a_pipe_of_columns_is_refused_rather_than_waited_for(policy: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cases.csv")
    answer = run("apply", policy, tmp_path / "cases.csv", "-o", tmp_path / "out.csv")
    assert answer.code == 1, answer
    assert "cannot be read: it is not a regular file" in answer.err


def test_a_column_may_be_called_as_a_second_one_would_be(policy: Path, tmp_path: Path) -> None:
    cases = write(tmp_path, "cases.csv", "unreachable,days_overdue,days_overdue_duplicated_0\n0,10,3\n")
    answer = run("apply", policy, cases, "-o", tmp_path / "out.csv")
    assert answer.code == 0, answer


def test_a_key_that_some_lines_lack_is_null_there(policy: Path, tmp_path: Path) -> None:
    given = (
        '{"days_overdue": 1, "unreachable": 0}\n' * 10_000 + '{"account": "a", "days_overdue": 1, "unreachable": 0}\n'
    )
    out = tmp_path / "out.jsonl"
    answer = run("apply", policy, write(tmp_path, "cases.jsonl", given), "-o", out, "--key", "account")
    assert answer.code == 0, answer
    assert [row["account"] for row in read(out)] == [None] * 10_000 + ["a"]


def test_columns_of_any_type_are_read_and_those_that_cannot_be_written_said(policy: Path, tmp_path: Path) -> None:
    wide = pl.Series("wide", [1, 2**100], dtype=pl.Int128)
    cases = pl.DataFrame({"id": [b"\x00", b"\xff"], "days_overdue": [10, 61], "unreachable": [0, 3]})
    cases.with_columns(wide).write_parquet(tmp_path / "cases.parquet")
    arguments = ("apply", policy, tmp_path / "cases.parquet", "--key", "id")
    answer = run(*arguments, "-o", tmp_path / "out.parquet")
    assert answer.code == 0, answer
    for suffix in (".csv", ".jsonl"):
        answer = run(*arguments, "-o", tmp_path / f"out{suffix}")
        assert answer.code == 1, answer
        assert "cannot be written" in answer.err
        assert not list(tmp_path.glob(f"*out{suffix}*"))


def test_the_number_of_processes_alters_nothing(policy: Path, tmp_path: Path) -> None:
    """So few rows are decided without others; `tests/portfolio/test_workers.py` has those that are not."""
    cases = cases_file(tmp_path, ".jsonl", [{"days_overdue": day, "unreachable": 3} for day in range(70)])
    for jobs in ("1", "3"):
        arguments = ("--at", "2026-03-01T12:00:00+00:00", "--jobs", jobs, "--max-rejects", "70")
        assert run("apply", policy, cases, "-o", tmp_path / f"{jobs}.parquet", *arguments).code == 0
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "3.parquet").read_bytes()
    assert run("apply", policy, cases, "-o", tmp_path / "0.parquet", "--jobs", "0").code == 2


def test_a_disk_that_is_full_leaves_what_was_there(policy: Path, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"days_overdue": day, "unreachable": 0} for day in range(20_000)]
    cases = cases_file(tmp_path, ".csv", rows)
    for suffix in (".csv", ".parquet", ".jsonl"):
        out = write(tmp_path, f"out{suffix}", "yesterday's")
        answer = run(
            "apply", policy, cases, "-o", out, "--why",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        )  # fmt: skip
        assert answer.code == 1, answer
        assert "cannot be written" in answer.err
        assert out.read_text() == "yesterday's"
        assert len(list(tmp_path.glob("*out*"))) == 1
        out.unlink()


def test_where_there_is_no_room_for_the_rejects_there_is_no_answer(tmp_path: Path) -> None:
    policy = write(tmp_path, "small.forbear", "fact n count\naction sms\nrule r: n > 3 then allow sms\n")
    cases = write(tmp_path, "cases.csv", "n\n" + "many\n" * 100)
    out = write(tmp_path, "out.parquet", "yesterday's")
    answer = run(
        "apply", policy, cases, "-o", out, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    )
    assert answer.code == 1, answer
    assert "cannot be written" in answer.err
    assert out.read_text() == "yesterday's"
    assert len(list(tmp_path.glob("*out*"))) == 1


def test_what_is_no_file_or_is_read_is_not_written_over(policy: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv").symlink_to("/dev/full")
    cases = cases_file(tmp_path, ".csv")
    answer = run("apply", policy, cases, "-o", tmp_path / "out.csv")
    assert answer.code == 2
    assert "is not a regular file: name one" in answer.err
    assert Path("/dev/full").is_char_device()
    before = cases.read_bytes()
    assert run("apply", policy, cases, "-o", cases).code == 2
    assert cases.read_bytes() == before


def test_killed_at_any_moment_it_leaves_what_was_there_or_all(policy: Path, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"days_overdue": day % 99, "unreachable": day % 7} for day in range(300_000)]
    cases = cases_file(tmp_path, ".parquet", rows)
    out = tmp_path / "out.parquet"
    started = time.monotonic()
    assert run("apply", policy, cases, "-o", out).code == 0
    takes, whole = time.monotonic() - started, out.read_bytes()
    generator = random.Random(5)
    for _ in range(20 if NIGHTLY else 5):
        out.write_bytes(b"yesterday's")
        process = subprocess.Popen(
            [*FORBEAR, "apply", str(policy), str(cases), "-o", str(out)],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(generator.uniform(0.3, 1.0) * takes)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert out.read_bytes() in (b"yesterday's", whole)
    assert os.path.exists(out)
