"""Facts against facts at the limits of what is stored, by night in a million cases, and in a thousand by day: sums of
15 digits, shares of 0.01 %, days at the ends of months and of February, unknown and none. Whatever can compare two
facts says of each case what the interpreter says."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import psycopg
import pytest
from night import NIGHTLY
from node import running_node
from test_agreement import compiled, read, run_module

import forbear
from forbear import spark as on_spark
from forbear.portfolio.verdicts import comparing
from forbear.semantics import meaning
from forbear.targets.policy_data import policy_data
from forbear.targets.sql.statement import select_statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CASES = 1_000_000 if NIGHTLY else 1_000
PART = 50_000
"""Cases that are in memory as objects at a time."""

TEXT = """\
policy limits
  currency CNY
fact owed money between CNY -9999999999999.99 and CNY 9999999999999.99
fact bound money between CNY 0 and CNY 9999999999999.99 optional
fact earlier money between CNY -9999999999999.99 and CNY 9999999999999.99 or none
fact income money between CNY -9999999999999.99 and CNY 9999999999999.99 optional
fact score number between -99999999999.9999 and 99999999999.9999 in steps of 0.0001
fact other number between -99999999999.9999 and 99999999999.9999 in steps of 0.0001 optional
fact used percent between 0% and 100% in steps of 0.01%
fact tried count between 0 and 999999999999999
fact shown count between 0 and 999999999999999 optional
fact promised date
fact ending date or none
fact opened time
fact closed time optional
fact today date of decision
setting hundredth is 0.01%
action share, tiny, twice, moved, spread, lead, part, counts, kept, broken, ended, hours, inside, apart

rule share: owed > 10% of bound then allow share
rule tiny: owed < hundredth of bound then allow tiny
rule twice: not (199.99% of owed >= earlier) then allow twice
rule moved: owed + CNY 0.01 < earlier then allow moved
rule spread: owed between 5% of income and 20.01% of income then allow spread
rule lead: score - 0.0001 >= other then allow lead
rule part: used != 33.33% of used then allow part
rule counts: 0.01% of tried = shown then allow counts
rule counted: tried + 1 <= shown then forbid counts
rule kept: promised + 3 days < today then allow kept
rule broken: ending < promised or ending is none then allow broken
rule ended: today > ending - 29 days then allow ended
rule hours: opened < closed then allow hours
rule inside: today between promised and ending then allow inside
rule apart: 10% of score < other and not (promised = ending) then require apart
rule apart_never: never apart when owed = earlier
"""
DAY = datetime.date(2028, 2, 29)
OPTIONAL = ("bound", "income", "other", "shown", "closed")
OR_NONE = ("earlier", "ending")
TIMES = ("00:00", "23:59:59", "08:00", "08:00:01")


def _near(generator: random.Random, exact: int, least: int, most: int) -> int:
    return min(max(exact + generator.choice([0, 0, 1, -1, 2]), least), most)


def _case(generator: random.Random) -> dict[str, Any]:
    """A case, half of its pairs next to equality, as an author's share or distance has it."""
    reach = 10 ** generator.choice([0, 2, 5, 9, 15]) - 1
    owed = generator.choice([reach, -reach, generator.randint(-reach, reach), 0, 10**15 - 1])
    bound = _near(generator, generator.choice([owed * 10, owed * 10_000, owed, reach]), 0, 10**15 - 1)
    earlier = _near(
        generator, generator.choice([owed, owed + 1, owed * 19_999 // 10_000, -reach]), -(10**15) + 1, 10**15 - 1
    )
    income = _near(generator, generator.choice([owed * 20, owed * 10_000 // 2_001, reach]), -(10**15) + 1, 10**15 - 1)
    score = generator.choice([reach, -reach, generator.randint(-reach, reach)])
    other = _near(generator, generator.choice([score, score // 10, -score]), -(10**15) + 1, 10**15 - 1)
    tried = generator.choice([reach, generator.randint(0, reach), generator.randint(0, reach) // 10_000 * 10_000])
    shown = _near(generator, generator.choice([tried // 10_000, tried]), 0, 10**15 - 1)
    promised = DAY + datetime.timedelta(generator.choice([0, -1, 1, -2, -3, -4, 29, 366, -365, -366, -60]))
    ending = promised + datetime.timedelta(generator.choice([0, 1, -1, 29, 28, 30, 3, -3]))
    if generator.random() < 0.01:
        promised = generator.choice([datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.date(2100, 2, 28)])
        ending = generator.choice([promised, datetime.date(9999, 12, 31), datetime.date(1, 1, 1)])
    opened, closed = (datetime.time.fromisoformat(generator.choice(TIMES)) for _ in range(2))
    case: dict[str, Any] = {
        "owed": Decimal(owed).scaleb(-2),
        "bound": Decimal(bound).scaleb(-2),
        "earlier": Decimal(earlier).scaleb(-2),
        "income": Decimal(income).scaleb(-2),
        "score": Decimal(score).scaleb(-4),
        "other": Decimal(other).scaleb(-4),
        "used": Decimal(generator.choice([0, 1, 3333, 9999, 10_000])).scaleb(-2),
        "tried": tried,
        "shown": shown,
        "today": DAY,
        "promised": promised,
        "ending": ending,
        "opened": opened,
        "closed": closed,
    }
    for name in (*OPTIONAL, *OR_NONE):
        if generator.random() < 0.05:
            case[name] = None
    return case


def _parts() -> Iterator[list[dict[str, Any]]]:
    generator = random.Random(20281231)
    for start in range(0, CASES, PART):
        yield [_case(generator) for _ in range(min(PART, CASES - start))]


def _given(case: dict[str, Any]) -> dict[str, Any]:
    """As `decide` takes it: a null of the table is none where a fact may be none."""
    return {name: "none" if value is None and name in OR_NONE else value for name, value in case.items()}


SCHEMA: dict[str, Any] = {
    "owed": pl.Decimal(15, 2),
    "bound": pl.Decimal(15, 2),
    "earlier": pl.Decimal(15, 2),
    "income": pl.Decimal(17, 4),
    "score": pl.Decimal(15, 4),
    "other": pl.Decimal(38, 6),
    "used": pl.Decimal(5, 2),
    "tried": pl.Int64,
    "shown": pl.Int64,
    "today": pl.Date,
    "promised": pl.Date,
    "ending": pl.Date,
    "opened": pl.Time,
    "closed": pl.Time,
}


def _table(cases: Sequence[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            pl.Series("row", range(len(cases)), pl.Int64),
            *[pl.Series(name, [case[name] for case in cases], kind) for name, kind in SCHEMA.items()],
        ]
    )


def test_each_backend_says_of_each_case_what_the_interpreter_says(
    postgres: psycopg.Connection[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = forbear.loads(TEXT)
    actions = list(policy.actions)
    module = run_module(compiled(policy.typed))
    data = policy_data(policy.typed)
    on_duckdb, on_postgres = (select_statement(policy.typed, name, DAY.toordinal()) for name in ("duckdb", "postgres"))
    seen: set[tuple[int, str]] = set()
    with running_node(tmp_path) as node, duckdb.connect() as connection, postgres.cursor() as cursor:
        for cases in _parts():
            table, asked = _table(cases), [_given(case) for case in cases]
            expected = []
            for case in asked:
                said = meaning.decide(policy.typed, read(policy.typed, case), DAY.toordinal())
                assert dict(policy.decide(case, DAY)) == said, case
                answer = {name: its.as_json() for name, its in said.items()}
                assert module(case, DAY) == answer, case
                expected.append(tuple(said[name].verdict.value for name in actions))
            seen.update((at, verdict) for row in set(expected) for at, verdict in enumerate(row))

            def held(answer: pl.DataFrame, expected: list[tuple[str, ...]] = expected) -> bool:
                return answer.select(pl.col(actions).cast(pl.String)).rows() == expected

            assert held(policy.apply(table, on=DAY, none=[*OR_NONE]))
            with monkeypatch.context() as patch:
                patch.setattr(comparing, "loops", lambda: None)  # as where Numba is not installed
                assert held(policy.apply(table, on=DAY, none=[*OR_NONE]))
            connection.register("cases", table.to_arrow())
            assert held(pl.DataFrame(connection.sql(on_duckdb).to_arrow_table()).sort("row"))
            cursor.execute(_created(table).encode())
            with cursor.copy(b"COPY cases FROM STDIN") as copy:
                for row in table.iter_rows():
                    copy.write_row(row)
            cursor.execute(on_postgres.encode())
            names = [column.name for column in cursor.description or ()]
            assert held(pl.DataFrame(cursor.fetchall(), names, orient="row").sort("row"))
            for start in range(0, len(asked), 5_000):
                answers = node.ask(
                    data=data, cases=[[_json(case), DAY.isoformat()] for case in asked[start : start + 5_000]]
                )
                found = [tuple(one[name]["verdict"] for name in actions) for one in answers]
                assert found == expected[start : start + 5_000]
    assert len(seen) >= 2 * len(actions), "each action with two verdicts at least"


def _created(table: pl.DataFrame) -> str:
    types: dict[Any, str] = {pl.Int64: "bigint", pl.Date: "date", pl.Time: "time"}
    columns = ", ".join(
        f'"{name}" {types.get(type(kind) if isinstance(kind, pl.Decimal) else kind, "numeric")}'
        for name, kind in table.schema.items()
    )
    return f"DROP TABLE IF EXISTS cases; CREATE TABLE cases ({columns})"


def _json(case: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat()
        if isinstance(value, (datetime.date, datetime.time))
        else str(value)
        if isinstance(value, Decimal)
        else value
        for name, value in case.items()
    }


def test_spark_says_the_same(session: SparkSession) -> None:
    """By columns, in batches, and by its own SQL; both held against columns here, which the test above holds."""
    policy = forbear.loads(TEXT)
    actions = list(policy.actions)
    statement = select_statement(policy.typed, "spark", DAY.toordinal()).rstrip(";\n")
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "10000")
    try:
        for cases in _parts():
            table = _table(cases).with_columns(pl.col("opened", "closed").cast(pl.String))
            here = policy.apply(table, on=DAY, none=[*OR_NONE], key=["row"]).cast({pl.Enum: pl.String})
            there = session.createDataFrame(table.to_arrow()).repartition(4)
            said = pl.from_arrow(on_spark.apply(policy, there, on=DAY, none=[*OR_NONE], key=["row"]).toArrow())
            assert isinstance(said, pl.DataFrame)
            assert said.sort("row").equals(here)
            there.createOrReplaceTempView("cases")
            by_sql = pl.from_arrow(session.sql(statement).toArrow())
            assert isinstance(by_sql, pl.DataFrame)
            assert by_sql.sort("row").select(actions).equals(here.select(actions))
    finally:
        session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "70")
