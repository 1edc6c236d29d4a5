"""The cases of `test_dates_in_every_engine`, and each construct, on PostgreSQL and on Spark: in SQL, and histories by
`forbear.spark`."""

from __future__ import annotations

import datetime
import json
import random
from typing import TYPE_CHECKING, Any

import constructs
import dated
import polars as pl
import psycopg
import pytest
from dated import Dated
from engines import Engine
from strategies import examples
from test_dates_in_every_engine import CASES, decided, rows, sql, table

import forbear
from forbear import spark as on_spark
from forbear.targets.sql.statement import select_statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TYPES = {pl.Date: "date", pl.Int64: "bigint", pl.Boolean: "boolean", pl.String: "text"}


def drawn(seed: str) -> tuple[Dated, list[dict[str, Any]], list[dict[str, Any]], str]:
    """A policy, cases of its day, the same with histories, and their moment."""
    asked, chance = dated.drawn(random.Random(seed)), random.Random(f"cases {seed}")
    of_day = asked.cases(chance, CASES)
    return asked, of_day, [asked.with_history(case, chance) for case in of_day], f"{asked.day}T12:00Z"


def test_postgresql(postgres: psycopg.Connection[Any]) -> None:
    def answers(asked: Dated, frame: pl.DataFrame) -> pl.DataFrame:
        columns = ", ".join(f'"{name}" {TYPES[type(dtype)]}' for name, dtype in frame.schema.items())
        with postgres.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS cases; CREATE TABLE cases ({columns})".encode())
            with cursor.copy(b"COPY cases FROM STDIN") as copy:
                for row in frame.iter_rows():
                    copy.write_row(row)
            cursor.execute(select_statement(asked.policy.typed, "postgres", asked.day.toordinal()).encode())
            names = [column.name for column in cursor.description or ()]
            found = [{name: row[names.index(name)] for name in ("place", *asked.policy.actions)} for row in cursor]
        return pl.DataFrame(found)

    for number in range(examples(2, by_night=20)):
        asked, of_day, histories, at = drawn(f"postgres {number}")
        sql(asked, of_day, [decided(asked.policy, case, on=asked.day) for case in of_day], answers)
        sql(asked, histories, [decided(asked.policy, case, at=at) for case in histories], answers)


def test_spark(session: SparkSession) -> None:
    def answers(asked: Dated, frame: pl.DataFrame) -> pl.DataFrame:
        session.createDataFrame(frame.to_arrow()).createOrReplaceTempView("cases")
        query = select_statement(asked.policy.typed, "spark", asked.day.toordinal()).rstrip(";\n ")
        return pl.DataFrame(session.sql(query).select("place", *asked.policy.actions).toArrow())

    for number in range(examples(1, by_night=4)):
        asked, of_day, histories, at = drawn(f"spark {number}")
        said = [decided(asked.policy, case, at=at) for case in histories]
        sql(asked, of_day, [decided(asked.policy, case, on=asked.day) for case in of_day], answers)
        sql(asked, histories, said, answers)
        texts = table(
            [{**case, "history": json.dumps(case["history"])} for case in histories], [*histories[0]], typed=False
        )
        given = session.createDataFrame(
            texts.insert_column(0, pl.Series("place", range(CASES))).to_arrow()
        ).repartition(2)
        answer = on_spark.apply(asked.policy, given, at=at, key=["place"])
        assert rows(pl.DataFrame(answer.toArrow()).sort("place")) == said, number


@pytest.mark.parametrize("dialect", ["postgres", "spark"])
def test_each_construct(dialect: str, request: pytest.FixtureRequest) -> None:
    text, case, verdicts = constructs.together()
    policy, engine = forbear.loads(text), Engine(dialect, request)

    def literal(value: object) -> str:
        kind = {datetime.date: "DATE", datetime.time: "TIME" if dialect == "postgres" else "", str: ""}.get(type(value))
        return str(value) if kind is None else f"{kind} '{value}'"

    row = ", ".join(f"{literal(value)} AS {name}" for name, value in constructs.columns(policy, case).items())
    (engine.session.sql if dialect == "spark" else engine.execute)(f"CREATE TEMPORARY VIEW constructs AS SELECT {row}")
    statement = select_statement(policy.typed, dialect, None, "constructs").rstrip(";\n")
    assert engine.rows(f"SELECT {', '.join(verdicts)} FROM ({statement}) AS found") == [tuple(verdicts.values())]
    if dialect == "spark":
        frame = pl.DataFrame([{**case, "history": json.dumps(case["history"])}])
        answer = on_spark.apply(policy, engine.session.createDataFrame(frame.to_arrow()), at=constructs.AT)
        assert [tuple(row) for row in answer.select(*verdicts).collect()] == [tuple(verdicts.values())]
