"""`forbear apply --engine spark` writes what `forbear apply` writes of the same cases, in folders of parts."""

from __future__ import annotations

import csv
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import portfolio
import pyspark
import pytest
from invoking import Answer, forbear, write
from night import NIGHTLY

from forbear import load, loads
from forbear.report.portfolio import Summary
from forbear.spark.places import NotWritten
from forbear.spark.portfolio import decided, read_cases
from forbear.spark.publishing import publish
from forbear.spark.session import SparkFailed, spark_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

POLICY = """\
policy house
  currency CNY

fact days_overdue days clock
fact owed money optional
fact promised date or none
fact silent yes/no optional
fact found one of declared, shipping_record
fact name text optional
action sms
action visit

rule remind: after 3 days then allow sms
rule big: after 10 days and owed >= CNY 100.50 then require visit
rule promised_to: never sms, visit when promised is none
rule apart: never sms when found is shipping_record and silent
rule somebody: never sms when name is "x"
"""
KEYS = ["a", 'b "q", c', "two\nlines", "", None, "é", "back\\slash"]


def _frame(rows: int, seed: int) -> pl.DataFrame:
    """Cases of which some have faults, under keys that are hard to write."""
    frame = portfolio.plain(portfolio.frame_for(loads(POLICY).typed, seed, rows)).drop("account id")
    keys = random.Random(seed).choices(KEYS, k=frame.height)
    return frame.with_columns(pl.Series("account", keys, dtype=pl.String), pl.Series("number", range(frame.height)))


def _written(frame: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".csv":
        frame.write_csv(path)
    else:
        lines = [json.dumps(row, default=str, ensure_ascii=False) for row in frame.to_dicts()]
        path.write_text("\n".join([*lines, "no json", '{"number": 1, "number": 2}']), encoding="utf-8")


def _rows(path: Path, suffix: str) -> list[dict[str, Any]]:
    """The rows of a file, or of the parts in a folder, in an order of their own."""
    files = sorted(path.glob("part-*")) if path.is_dir() else [path]
    if suffix == ".parquet":
        rows = [row for file in files for row in pl.read_parquet(file, hive_partitioning=False).to_dicts()]
    elif suffix == ".jsonl":
        rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    else:
        rows = []
        for file in files:
            with file.open(encoding="utf-8", newline="") as lines:
                rows += csv.DictReader(lines)
    return sorted(rows, key=str)


def _apply(*arguments: str | Path, spark: bool) -> Answer:
    return forbear("apply", *arguments, *(["--engine", "spark"] if spark else []), "--format", "json")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return write(tmp_path, POLICY)


WAYS = ((".parquet", ".csv"), (".csv", ".jsonl"), (".jsonl", ".parquet"))


@pytest.mark.parametrize(("out_of", "into"), WAYS if NIGHTLY else WAYS[:1])
def test_both_engines_say_the_same(session: SparkSession, policy: Path, tmp_path: Path, out_of: str, into: str) -> None:
    cases, here, there = (tmp_path / f"{name}{its}" for name, its in (("in", out_of), ("here", into), ("spark", into)))
    _written(_frame(400, 7), cases)
    options = ["--key", "number", "--key", "account", "--why", "--none", "promised"]
    ours, its = (
        _apply(policy, cases, "-o", here, *options, spark=False),
        _apply(policy, cases, "-o", there, *options, spark=True),
    )
    assert ours.code == its.code == 1, its.out
    assert ours.json.pop("output") != its.json.pop("output")
    assert {**ours.json, "output": None} == {**its.json, "output": None}
    assert 0 < its.json["undecided"] < its.json["rows"]
    rows = _rows(there, into)
    assert rows == _rows(here, into)
    assert len(rows) == its.json["rows"]
    rejects = _rows(tmp_path / f"here{into}.rejects", ".csv")
    for row in rejects:
        del row["row"]
    assert _rows(tmp_path / f"spark{into}.rejects", ".csv") == sorted(rejects, key=str)
    assert not list(tmp_path.glob(".forbear*"))


def test_a_line_that_gives_a_fact_by_two_names_is_undecided(
    session: SparkSession, policy: Path, tmp_path: Path
) -> None:
    case = '"found": "declared", "promised": "2020-01-01", "name": "y"'
    lines = [f'{{"number": 1, "late": 5, {case}}}', f'{{"number": 2, "days_overdue": 2, "late": 5, {case}}}']
    cases = write(tmp_path, "\n".join(lines), "in.jsonl")
    answer = _apply(
        policy, cases, "-o", tmp_path / "out.jsonl", "--key", "number",
        "--map", "late=days_overdue", "--max-rejects", "1", spark=True,
    )  # fmt: skip
    assert answer.code == 0, answer.out
    assert [row["sms"] for row in _rows(tmp_path / "out.jsonl", ".jsonl")] == ["allowed", "undecided"]
    [reject] = _rows(tmp_path / "out.jsonl.rejects", ".csv")
    assert reject == {"number": "2", "reason": "`days_overdue` is given by two names, `days_overdue` and `late`"}


def _cases(folder: Path, name: str = "in.csv") -> Path:
    header = "number,days_overdue,found,promised,name\n"
    return write(folder, header + "1,4,declared,none,y\n2,5,declared,2020-01-01,y\n", name)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_answer_replaces_the_last_one_and_a_guard_keeps_it_back(
    session: SparkSession, policy: Path, tmp_path: Path
) -> None:
    cases, out = _cases(tmp_path), write(tmp_path, "of another engine", "out.csv")
    arguments: list[str | Path] = [policy, cases, "-o", out, "--key", "number"]
    guarded = _apply(*arguments, "--guard", "sms permitted < 50%", spark=True)
    assert guarded.code == 1
    assert "a guard does not hold, so nothing was written" in guarded.json["error"]
    assert out.read_text() == "of another engine"
    assert _names(tmp_path) == ["house.forbear", "in.csv", "out.csv"]
    assert _apply(*arguments, "--guard", "sms permitted <= 50%", spark=True).code == 0
    write(tmp_path, "number,days_overdue,found,promised\n3,4,nowhere,none\n", "in.csv")
    assert _apply(*arguments, "--max-rejects", "1", spark=True).code == 0
    assert _rows(out, ".csv") == [{"number": "3", "sms": "undecided", "visit": "undecided"}]
    assert [row["number"] for row in _rows(tmp_path / "out.csv.rejects", ".csv")] == ["3"]
    assert _names(tmp_path) == ["house.forbear", "in.csv", "out.csv", "out.csv.rejects"]


def test_a_folder_of_parts_is_read_and_zero_rows_are_an_answer(
    session: SparkSession, policy: Path, tmp_path: Path
) -> None:
    (tmp_path / "accounts").mkdir()
    for number in (1, 2):
        frame = pl.DataFrame({"number": [number], "days_overdue": [9], "found": ["declared"], "promised": ["none"]})
        frame.head(number - 1).write_parquet(tmp_path / "accounts" / f"{number}.parquet")
    answer = _apply(policy, tmp_path / "accounts", "-o", tmp_path / "out", "--key", "number", spark=True)
    assert (answer.code, answer.json["rows"]) == (0, 1)
    one = tmp_path / "accounts" / "1.parquet"
    assert _apply(policy, one, "-o", tmp_path / "out", "--key", "number", spark=True).json["rows"] == 0
    [part] = (tmp_path / "out").glob("part-*")
    assert pl.read_parquet(part).columns == ["number", "sms", "visit"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["in.csv", "-o", "out.csv"], 2, "name with `--key` the columns"),
        (["none.csv", "-o", "out.csv", "--key", "number"], 2, "there is no file or folder"),
        (["in.csv", "-o", "out.xlsx", "--key", "number"], 2, "is an unsupported file type"),
        (["in.csv", "-o", "/dev/null", "--key", "number"], 2, "is not a regular file: name one"),
        (["in.csv", "-o", "in.csv", "--key", "number"], 2, "is read by this command"),
        (["of/in.csv", "-o", "of", "--key", "number"], 2, "is read by this command"),
        (["in.csv", "-o", "house", "--key", "number"], 2, "with other things than parts of an answer"),
        (["in.csv", "-o", "none/out.csv", "--key", "number"], 1, "there is no folder for it"),
        (["in.csv", "-o", "nowhere:/out.csv", "--key", "number"], 1, 'No FileSystem for scheme "nowhere"'),
        (["in.csv", "-o", "http://host/out.csv", "--key", "number"], 2, "is in an object store"),
        (["in.csv", "-o", "out.csv", "--key", "id"], 1, "there is no column `id`"),
        (["in.csv", "-o", "out.csv", "--key", "number", "--map", "found=name"], 1, "`found` is missing"),
        (["ragged.csv", "-o", "out.csv", "--key", "number"], 1, "ragged.csv: "),
        (["quoted.csv", "-o", "out.csv", "--key", "number"], 1, "Unescaped quote character"),
        (
            ["time.parquet", "-o", "out.csv", "--key", "number"],
            1,
            "of the type TIME, `at`, `seen`, which Spark",
        ),
        (["bad.parquet", "-o", "out.csv", "--key", "number"], 1, "bad.parquet"),
        (["in.csv", "-o", "out.csv", "--key", "number", "--key", "Number"], 1, "there is no column `Number`"),
        (["in.jsonl", "-o", "out.csv", "--key", "nummer"], 1, "no line has a field `nummer` to use as a key"),
        (["twice.csv", "-o", "out.csv", "--key", "SMS"], 1, "The column `sms` already exists"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(
    session: SparkSession, policy: Path, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    for name in ("in.csv", "of/in.csv", "house/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        _cases(tmp_path, name)
    write(tmp_path, "number,days_overdue,found,promised\n1,4\n", "ragged.csv")
    write(tmp_path, 'number,days_overdue,found,promised\n1,"4"1"",declared,none\n', "quoted.csv")
    write(tmp_path, "SMS,days_overdue,found,promised\n1,4,declared,none\n", "twice.csv")
    write(tmp_path, "PAR1 but no more", "bad.parquet")
    hour = datetime.time(8)
    pl.DataFrame({"number": [1], "at": [hour], "name": ["x"], "seen": [hour]}).write_parquet(tmp_path / "time.parquet")
    write(tmp_path, '{"number": 1}\nno case\n', "in.jsonl")
    before = sorted(tmp_path.rglob("*"))
    cases, option, out, *others = arguments
    out = out if ":" in out else str(tmp_path / out)
    answer = _apply(policy, tmp_path / cases, option, out, *others, spark=True)
    assert answer.code == code, answer.out
    assert said in answer.json["error"]
    assert "\n" not in answer.json["error"]
    assert sorted(tmp_path.rglob("*")) == before


def test_rows_that_do_not_arrive_are_missed(session: SparkSession, policy: Path, tmp_path: Path) -> None:
    loaded = load(policy)
    asked: dict[str, Any] = {
        "on": None,
        "at": None,
        "names": {},
        "key": ("number",),
        "none": (),
        "why": False,
        "count": True,
    }
    answer = decided(loaded, read_cases(session, str(_cases(tmp_path)), ".csv"), asked, texts=True)
    summary = Summary(list(loaded.typed.actions), [])
    summary.rows = -1
    with pytest.raises(NotWritten, match="of 2 rows 1 came there"):
        publish(session, answer, str(tmp_path / "out.csv"), ".csv", ["number"], [], summary, lambda: None)
    assert _names(tmp_path) == ["house.forbear", "in.csv"]


def test_what_workers_say_is_told_in_a_sentence(session: SparkSession) -> None:
    def lacking(batches: Any) -> Any:
        import nowhere_to_be_found  # type: ignore[import-not-found]  # noqa: F401

        yield from batches

    def failing(batches: Any) -> Any:
        raise RuntimeError("too bad")

    def said_of(function: Any) -> str:
        try:
            with spark_session() as active:
                assert active is session
                active.range(3).mapInArrow(function, "id long").collect()
        except SparkFailed as failed:
            return str(failed)
        raise AssertionError("nothing failed")

    assert said_of(failing) == "a worker of Spark failed: RuntimeError: too bad"
    assert said_of(lacking).startswith("the workers of Spark have no nowhere_to_be_found: install forbear there")


# A process of its own, without a session


def _process(folder: Path, start: list[str], seconds: float = 100, **changes: str) -> subprocess.CompletedProcess[str]:
    settings = "spark.master local[2]\nspark.ui.enabled false\nspark.driver.host 127.0.0.1\nspark.log.level OFF\n"
    (folder / "conf").mkdir(exist_ok=True)
    write(folder / "conf", settings, "spark-defaults.conf")
    write(folder, POLICY)
    _cases(folder)
    asked = ["apply", "house.forbear", "in.csv", "-o", "out.jsonl", "--key", "number", "--engine", "spark"]
    return subprocess.run(
        [*start, *asked],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "SPARK_CONF_DIR": str(folder / "conf"), **changes},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@pytest.mark.parametrize("submitted", [False, True])
def test_a_session_of_its_own_and_one_of_spark_submit(tmp_path: Path, submitted: bool) -> None:
    program = write(tmp_path, "from forbear.cli.main import main\nmain()\n", "forbear_on_spark.py")
    submit = [str(Path(pyspark.__file__).parent / "bin" / "spark-submit"), str(program)]
    if submitted:
        done = _process(tmp_path, submit, PYSPARK_PYTHON=sys.executable)
    else:
        done = _process(tmp_path, [sys.executable, "-m", "forbear"])
    assert done.returncode == 0, done.stderr
    assert "\n2 rows\n" in f"\n{done.stdout}"
    assert [row["sms"] for row in _rows(tmp_path / "out.jsonl", ".jsonl")] == ["forbidden", "allowed"]


def test_killed_at_any_moment_it_leaves_what_was_there_or_all(tmp_path: Path) -> None:
    start = [sys.executable, "-m", "forbear"]
    started = time.monotonic()
    assert _process(tmp_path, start).returncode == 0
    takes, whole = time.monotonic() - started, _rows(tmp_path / "out.jsonl", ".jsonl")
    generator = random.Random(5)
    for _ in range(5):
        with suppress(subprocess.TimeoutExpired):  # it is killed then
            _process(tmp_path, start, seconds=generator.uniform(0.3, 1.0) * takes)
        assert _rows(tmp_path / "out.jsonl", ".jsonl") == whole


def test_without_java_or_pyspark_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    for name in ("bash", "dirname", "env"):
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    done = _process(tmp_path, [sys.executable, "-m", "forbear"], PATH=str(tmp_path / "bin"), JAVA_HOME="")
    assert done.returncode == 1
    assert "error: Spark did not start: it needs Java 17 or later" in done.stderr
    (tmp_path / "other").mkdir()
    without = "import sys; sys.modules['pyspark'] = None; from forbear.cli.main import main; main()"
    done = _process(tmp_path / "other", [sys.executable, "-c", without])
    assert done.returncode == 1
    assert done.stderr.startswith("error: `--engine spark` needs the extra `spark` of forbear: there is no pyspark; ")
    assert "pip install '.[spark]'" in done.stderr
    assert not list(tmp_path.rglob("*out*"))
