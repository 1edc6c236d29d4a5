"""A million rows at once, by night (and a fifth of them by day): columns, SQL on DuckDB, and Spark say of each what
`decide` says of it alone."""

from __future__ import annotations

import datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import polars as pl
import portfolio
from night import NIGHTLY

import forbear
from forbear import spark as on_spark
from forbear.targets.sql.statement import select_statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = 1_000_000 if NIGHTLY else 100_000
PART = 100_000
"""Rows that are held against `decide` at a time."""
NONE = ["promised"]
TEXT = """\
policy house
  currency CNY

fact days_overdue days clock
fact owed money between CNY 0 and CNY 100000
fact score number optional
fact used percent optional
fact promised date or none
fact local_time time
fact found one of declared, shipping_record, chat
fact kind one of tiny < small < large
fact silent yes/no optional
fact state text optional
action sms
action visit
action sell

rule remind: after 3 days then allow sms
rule big: after 10 days and owed >= CNY 100.50 then require visit
rule kept: never sms, visit when promised >= 2026-03-01
rule at_night: never sms when local_time between 21:00 and 08:00
rule apart: never visit when found is shipping_record and silent
rule sold: after 60 days and kind >= small and (score < 1.25 or used > 80%) then allow sell
rule not_here: never sell when state is "NY"
rule promised_by_large: forbid sell when promised is not none and kind is large overrides sold
"""
DAY = datetime.date(2026, 2, 20)


def _frame() -> pl.DataFrame:
    """Columns drawn apart from each other, in the types that they may come in, each in chunks of its own. About one row
    in a hundred cannot be decided."""
    generator = np.random.default_rng(20260301)

    def column(name: str, pool: list[Any], dtype: Any, rare: list[Any]) -> pl.Series:
        values = pl.Series(name, [*pool, *rare], dtype=dtype, strict=False)
        chosen = generator.integers(0, len(pool), ROWS)
        unlikely = generator.random(ROWS) < 0.002
        chosen[unlikely] = generator.integers(0, len(values), int(unlikely.sum()))
        drawn = values.gather(pl.Series(chosen))
        ends = [0, *sorted(generator.integers(1, ROWS, int(generator.integers(0, 5))).tolist()), ROWS]
        parts = [drawn[start:end] for start, end in pairwise(ends)]
        return pl.concat(parts, rechunk=False)

    times = [datetime.time(hour, minute, second) for hour in range(24) for minute, second in ((0, 0), (59, 59))]
    promised = [None, *[DAY + datetime.timedelta(days) for days in range(20)]]
    cents = [Decimal(number) / 100 for number in (0, 1, 10_049, 10_050, 10_051, 9_999_999)]
    columns = [
        column("account", list(range(1000)), pl.Int64, []),
        column("days_overdue", list(range(90)), pl.Int32, [None, -1]),
        column("owed", cents, pl.Decimal(14, 3), [None, Decimal("100000.01"), Decimal("0.005"), Decimal(-1)]),
        column("score", [None, 1.24, 1.25, 1.26, -3.0], pl.Float64, [0.1 + 0.2, 1e300]),
        column("used", [Decimal(80), Decimal("80.01"), Decimal(100), None], pl.Decimal(6, 3), [Decimal("0.001")]),
        column("promised", promised, pl.Date, []),
        column("local_time", times, pl.Time, [None]),
        column("found", ["declared", "shipping_record", "chat"], pl.Categorical, [None, "shipping record"]),
        column("kind", ["tiny", "small", "large"], pl.Enum(["large", "none", "tiny", "small"]), [None, "none"]),
        column("silent", [True, False, None], pl.Boolean, []),
        column("state", ["NY", "ny", "CA", None], pl.String, []),
    ]
    return pl.DataFrame(columns)


def test_so_many_rows_are_decided_as_each_is_alone() -> None:
    policy = forbear.loads(TEXT)
    frame = _frame()
    answer = policy.apply(frame, key=["account"], none=NONE, why=True, faults=True)
    assert answer["account"].equals(frame["account"])
    actions = list(policy.typed.actions)
    for start in range(0, ROWS, PART):
        part = answer.slice(start, PART)
        rows = portfolio.expected(policy, frame.slice(start, PART), None, NONE)
        assert part["fault"].to_list() == [row["fault"] for row in rows]
        for name in actions:
            assert part[name].to_list() == [row[name][0] for row in rows], name
            assert part[f"{name}_rules"].to_list() == [row[name][1] for row in rows], name
    assert 0 < answer["fault"].count() < ROWS / 50
    assert all(answer[name].n_unique() == 4 for name in ("sms", "sell")), answer["sms"].value_counts()
    with duckdb.connect() as connection:
        table = frame.with_columns(pl.col("found", "kind").cast(pl.String)).to_arrow()
        connection.register("cases", table)
        said = pl.DataFrame(connection.execute(select_statement(policy.typed, "duckdb", None)).to_arrow_table())
    assert said.select(actions).equals(answer.select(pl.col(actions).cast(pl.String)))


def test_so_many_rows_on_spark(session: SparkSession) -> None:
    policy = forbear.loads(TEXT)
    numbered = portfolio.plain(_frame()).with_row_index("row").cast({"row": pl.Int64})
    asked: dict[str, Any] = {"none": NONE, "why": True, "faults": True}
    given = session.createDataFrame(numbered.to_arrow()).repartition(8)
    few = str(session.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch"))
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "10000")
    try:
        found = pl.from_arrow(on_spark.apply(policy, given, key=["row"], **asked).toArrow())
    finally:
        session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", few)
    assert isinstance(found, pl.DataFrame)
    here = policy.apply(numbered, key=["row"], **asked)
    assert found.sort("row").equals(here.cast({pl.Enum: pl.String}))
