"""`forbear apply`: files of cases in, a file of verdicts out, whole or not at all."""

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
from command import DATED, FORBEAR, HOUSE, environment, run, write
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


def test_keys_are_as_they_were_and_reasons_are_not_what_a_spreadsheet_runs(policy: Path, tmp_path: Path) -> None:
    cases = write(tmp_path, "keys.csv", "account,days_overdue,unreachable\n=1+1,3,0\n@a,=2\u202e,0\n")
    run("apply", policy, cases, "-o", tmp_path / "out.csv", "--key", "account")
    assert [line.split(",")[0] for line in (tmp_path / "out.csv").read_text().splitlines()] == ["account", "=1+1", "@a"]
    [_, reject] = (tmp_path / "out.csv.rejects").read_text(encoding="utf-8").splitlines()
    assert reject.startswith('2,@a,"`days_overdue` ')
    assert "=2\\u202e" in reject


def test_rejects_beyond_what_is_tolerated_are_exit_1(policy: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert run("apply", policy, cases_file(tmp_path, ".csv"), "-o", out, "--max-rejects", "1").code == 1
    assert len(read(out)) == len(ROWS)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_rules_and_names_of_columns(policy: Path, tmp_path: Path, suffix: str) -> None:
    rows: list[dict[str, object]] = [{"dpd": 61, "unreachable": 3, "contact_source": "declared"}]
    out = tmp_path / "out.jsonl"
    answer = run(
        "apply", policy, cases_file(tmp_path, suffix, rows), "-o", out, "--why", "--map", "dpd=days_overdue",
    )  # fmt: skip
    assert answer.code == 0, answer
    [row] = read(out)
    assert row["contact_related_rules"] == ["ask_related_person"]
    assert row["sms_rules"] == []
    assert "decided nothing: remind_by_message, apart" in answer.out


def test_the_summary_in_json(policy: Path, tmp_path: Path) -> None:
    answer = run("apply", policy, cases_file(tmp_path, ".parquet"), "-o", tmp_path / "o.parquet", "--format", "json")
    assert answer.code == 1
    assert answer.json["rows"] == 4
    assert answer.json["undecided"] == 2
    assert answer.json["actions"]["contact_related"] == {
        "allowed": 1, "required": 0, "forbidden": 1, "unsaid": 0, "undecided": 2,
    }  # fmt: skip
    assert answer.json["rules"]["keep_purchases_private"] == {"disclose_item_details": 2}
    assert answer.json["unused"] == []
    assert answer.json["policy"]["digest"] == forbear.loads(POLICY).digest


@pytest.mark.parametrize(
    ("guard", "code"),
    [
        ("contact_related permitted <= 25%", 0),
        ("contact_related permitted < 25%", 1),
        ("contact_related allowed <= 0", 1),
        ("sms undecided > 1", 0),
        ("nobody permitted <= 5%", 1),
        ("sms often <= 5%", 2),
        ("sms permitted <= 100%", 0),
        ("sms permitted <= 100.5%", 2),
        ("sms permitted <= 500%", 2),
    ],
)
def test_a_guard_that_does_not_hold_keeps_the_answer_back(policy: Path, tmp_path: Path, guard: str, code: int) -> None:
    out = tmp_path / "out.parquet"
    out.write_text("yesterday's")
    cases = cases_file(tmp_path, ".csv")
    answer = run("apply", policy, cases, "-o", out, "--guard", guard, "--max-rejects", "9")
    assert answer.code == code, answer
    assert (out.read_bytes() == b"yesterday's") == (code > 0)
    assert (tmp_path / "out.parquet.rejects").exists() == (code == 0)
    assert len(list(tmp_path.iterdir())) == (4 if code == 0 else 3)


def test_deciding_rules_that_are_not_shown_are_counted(tmp_path: Path) -> None:
    for rules, said in ((10, None), (11, "and 1 more deciding rule:"), (13, "and 3 more deciding rules:")):
        text = "".join(f"rule r{number}: from day {number + 1} then allow sms\n" for number in range(rules))
        policy = write(tmp_path, "many.forbear", f"policy many\n{text}rule idle: after 90 days then allow email\n")
        cases = write(tmp_path, "cases.csv", "days_overdue\n30\n")
        answer = run("apply", policy, cases, "-o", tmp_path / "out.csv")
        assert answer.code == 0, answer.err
        assert ("more deciding" in answer.out) == (said is not None)
        assert said is None or said in answer.out
        assert "decided nothing: idle" in answer.out


def test_the_same_of_json_lines_as_decide_says(policy: Path, tmp_path: Path) -> None:
    lines = (
        '{"days_overdue": 61, "unreachable": 3}\n{"days_overdue": 61, "days_overdue": 2}\nno json\n'
        '{"days_overdue": 61.0, "unreachable": "3", "on": "2020-01-01"}\n{"days_overdue": true, "nobody": 1}\n'
    )
    cases = write(tmp_path, "cases.jsonl", lines)
    out = tmp_path / "out.jsonl"
    assert run("apply", policy, cases, "-o", out).code == 1
    decided = [json.loads(line) for line in run("decide", policy, "--lines", given=lines).out.splitlines()]
    rows = read(out)
    rejects = (tmp_path / "out.jsonl.rejects").read_text()
    for number, (row, said) in enumerate(zip(rows, decided, strict=True), 1):
        if "error" in said:
            assert set(row.values()) == {"undecided"}
            assert f"\n{number}," in rejects
        else:
            assert row == {name: its["verdict"] for name, its in said["decisions"].items()}


def test_a_fact_that_a_line_gives_by_two_names_is_undecided(policy: Path, tmp_path: Path) -> None:
    """Whichever comes first, and also where one of the two is a key."""
    one, other, rest = '"dpd": 61', '"days_overdue": 61', '"unreachable": 3, "contact_source": "declared"'
    given = (one, f"{one}, {other}", f"{other}, {one}", other)
    lines = "".join(f'{{"account": {number}, {facts}, {rest}}}\n' for number, facts in enumerate(given, 1))
    cases, out = write(tmp_path, "cases.jsonl", lines), tmp_path / "out.jsonl"
    options = ["--map", "dpd=days_overdue", "--key", "account", "--key", "dpd", "--max-rejects", "2"]
    answer = run("apply", policy, cases, "-o", out, *options)
    assert answer.code == 0, answer
    assert [row["contact_related"] for row in read(out)] == ["allowed", "undecided", "undecided", "allowed"]
    assert (tmp_path / "out.jsonl.rejects").read_text().splitlines() == [
        "row,account,dpd,reason",
        '2,2,61,"`days_overdue` is given by two names, `dpd` and `days_overdue`"',
        '3,3,61,"`days_overdue` is given by two names, `days_overdue` and `dpd`"',
    ]


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


@pytest.mark.parametrize(
    ("name", "content", "arguments", "said"),
    [
        ("cases.csv", "days_overdue\n1\n", [], "`unreachable` is missing: there is no column of that name"),
        ("cases.csv", 'days_overdue,"unreach"able\n1,2\n', [], "its first line, which names the columns, is wrong"),
        (
            "cases.csv",
            "days_overdue,unreachable,days_overdue\n1,2,3\n",
            [],
            "two of its columns are called `days_overdue`",
        ),
        ("cases.csv", "", [], "cannot be read"),
        ("cases.parquet", "PAR1 but no more", [], "cannot be read"),
        ("cases.csv", "days_overdue,unreachable\n1,2\n", ["--key", "id"], "there is no column `id`"),
        ("cases.csv", "days_overdue,unreachable\n1,2\n", ["--map", "a=days_overdue"], "there is no column `a`"),
        ("cases.csv", "dpd,days_overdue,unreachable\n1,2,3\n", ["--map", "dpd=days_overdue"], "by two columns"),
        ("cases.csv", "days_overdue,unreachable\n1,2\n", ["--map", "unreachable=unreach"], "no fact `unreach`"),
        ("cases.csv", "dpd,unreachable\n1,2\n", ["--map", "days_overdue=dpd"], "write `dpd=days_overdue`, COLUMN=FACT"),
        ("cases.jsonl", '{"dpd": 1}\n', ["--map", "days_overdue=dpd"], "write `dpd=days_overdue`, COLUMN=FACT"),
        ("cases.csv", "days_overdue,unreachable\n1,2\n", ["--none", "unreachable"], "may not be none"),
        ("cases.csv", "days_overdue,unreachable,sms\n1,2,3\n", ["--key", "sms"], "two columns `sms`"),
        ("cases.jsonl", '{"sms": 1}\n', ["--key", "sms"], "two columns `sms`"),
        ("cases.jsonl", 'no case\n{"account": 1}\n', ["--key", "acount"], "no line has a field `acount`"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(
    policy: Path, tmp_path: Path, name: str, content: str | bytes, arguments: list[str], said: str
) -> None:
    cases = write(tmp_path, name, content)
    out = tmp_path / "out.csv"
    answer = run("apply", policy, cases, "-o", out, *arguments)
    assert answer.code == 1, answer
    assert said in answer.err
    assert answer.err.count("\n") <= 2
    assert not list(tmp_path.glob("*out.csv*"))


def test_a_pipe_of_columns_is_refused_rather_than_waited_for(policy: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cases.csv")
    answer = run("apply", policy, tmp_path / "cases.csv", "-o", tmp_path / "out.csv")
    assert answer.code == 1, answer
    assert "cannot be read: it is no file of its own" in answer.err


def test_a_column_may_be_called_as_a_second_one_would_be(policy: Path, tmp_path: Path) -> None:
    cases = write(tmp_path, "cases.csv", "unreachable,days_overdue,days_overdue_duplicated_0\n0,10,3\n")
    answer = run("apply", policy, cases, "-o", tmp_path / "out.csv")
    assert answer.code == 0, answer


def test_keys_of_json_lines_stand_as_they_are_written(policy: Path, tmp_path: Path) -> None:
    keys = ['"a"', "1", "1.50", "true", "null"]
    lines = [f'{{"account": {key}, "days_overdue": 1, "unreachable": 0}}\n' for key in keys]
    cases = write(tmp_path, "cases.jsonl", "".join(lines))
    answer = run("apply", policy, cases, "-o", tmp_path / "out.jsonl", "--key", "account")
    assert answer.code == 0, answer
    assert [row["account"] for row in read(tmp_path / "out.jsonl")] == ["a", "1", "1.50", "true", None]


def test_a_key_that_some_lines_lack_is_null_there(policy: Path, tmp_path: Path) -> None:
    given = (
        '{"days_overdue": 1, "unreachable": 0}\n' * 10_000 + '{"account": "a", "days_overdue": 1, "unreachable": 0}\n'
    )
    out = tmp_path / "out.jsonl"
    answer = run("apply", policy, write(tmp_path, "cases.jsonl", given), "-o", out, "--key", "account")
    assert answer.code == 0, answer
    assert [row["account"] for row in read(out)] == [None] * 10_000 + ["a"]


@pytest.mark.parametrize("moment", ['"2026-03-07T10:00Z"', "5"])
def test_a_line_whose_moment_is_wrong_keeps_its_key(policy: Path, tmp_path: Path, moment: str) -> None:
    given = f'{{"account": "A1", "days_overdue": 1, "unreachable": 0, "at": {moment}}}\n{{"x": 1}}\n'
    cases, out, said = write(tmp_path, "cases.jsonl", given), tmp_path / "out.jsonl", moment.strip('"')
    moments = ("--key", "account", "--key", "at", "--at", "2026-03-08T10:00Z")
    answer = run("apply", policy, cases, "-o", out, *moments, "--max-rejects", "2")
    assert answer.code == 0, answer
    assert [(row["account"], row["at"]) for row in read(out)] == [("A1", said), (None, None)]
    rejects = (tmp_path / "out.jsonl.rejects").read_text().splitlines()
    assert rejects[1].startswith(f"1,A1,{said},")
    assert rejects[2].startswith("2,,,")


def test_lines_that_cannot_be_read_may_have_any_key(policy: Path, tmp_path: Path) -> None:
    cases, out = write(tmp_path, "cases.jsonl", "no case\n"), tmp_path / "out.jsonl"
    answer = run("apply", policy, cases, "-o", out, "--key", "account", "--max-rejects", "1")
    assert answer.code == 0, answer
    assert '1,,"the case is no JSON' in (tmp_path / "out.jsonl.rejects").read_text()


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


def test_wrong_use(policy: Path, tmp_path: Path) -> None:
    cases = cases_file(tmp_path, ".csv")
    assert run("apply", policy, tmp_path / "none.csv", "-o", tmp_path / "out.csv").code == 2
    assert run("apply", policy, cases, "-o", tmp_path / "out.xlsx").code == 2
    assert run("apply", policy, cases).code == 2
    assert run("apply", policy, cases, "-o", tmp_path / "no_folder" / "out.csv").code == 1
    assert run("apply", policy, cases, "-o", tmp_path / "out.csv", "--map", "x").code == 2
    assert run("apply", policy, cases, "-o", tmp_path / "out.csv", "--map", "a=b", "--map", "a=c").code == 2


def test_a_policy_with_errors_decides_nothing(tmp_path: Path) -> None:
    policy = write(tmp_path, "bad.forbear", "rule a: after x days then allow sms\n")
    answer = run("apply", policy, cases_file(tmp_path, ".csv"), "-o", tmp_path / "out.csv")
    assert answer.code == 1
    assert not (tmp_path / "out.csv").exists()


def test_the_day_is_asked_for(tmp_path: Path) -> None:
    policy, cases = write(tmp_path, "dated.forbear", DATED), cases_file(tmp_path, ".csv", [{"days_overdue": 5}])
    out = tmp_path / "out.csv"
    assert "depends on dates" in run("apply", policy, cases, "-o", out).err
    assert not out.exists()
    assert run("apply", policy, cases, "-o", out, "--on", "2015-07-01").code == 0
    assert read(out)[0]["sms"] == "forbidden"


def test_of_a_book_one_version_decides_all_rows(tmp_path: Path) -> None:
    """That of the day, or of the day of the moment where it was told; a row of another version's day is undecided."""
    write(tmp_path, "book/1.forbear", "policy p in force until 2015-09-20\nrule r: after 30 days then allow sms\n")
    write(tmp_path, "book/2.forbear", "policy p in force from 2015-09-21\nrule r: after 60 days then allow sms\n")
    ours = '{"days_overdue": 45, "zone": "Asia/Shanghai"}\n'
    cases = write(tmp_path, "cases.jsonl", ours + ours.replace("Asia/Shanghai", "Pacific/Auckland"))
    out = tmp_path / "out.jsonl"
    answer = run("apply", tmp_path / "book", cases, "-o", out)
    assert (answer.code, answer.err) == (
        1,
        "error: `p` has versions: say for which day or moment, with `on` or `at` (`--on`, `--at`)\n",
    )
    for options, said in (
        (["--on", "2015-09-20"], ["allowed", "allowed"]),
        (["--on", "2015-09-21"], ["unsaid", "unsaid"]),
        (["--at", "2015-09-20T23:00:00+08:00"], ["allowed", "undecided"]),
        (["--at", "2015-09-21T03:00:00+08:00"], ["unsaid", "unsaid"]),
    ):
        assert run("apply", tmp_path / "book", cases, "-o", out, "--max-rejects", "1", *options).code == 0
        assert [row["sms"] for row in read(out)] == said, options


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
    assert "is no file" in answer.err
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
