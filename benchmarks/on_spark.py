"""`forbear.spark` on `local[2]`, beside the same rules by hand in Spark's SQL, and beside `Policy.apply` alone.

Ten rules on plain rows; and with histories under Regulation F, decided at a moment, with `when`, and planned ahead.
`on_spark.py ROWS HISTORIES` takes so many of each, and with a third argument, a checkout of an earlier commit, measures
that one too: where it lacks `when` or `plan`, as one had to do there, row by row and day by day. The start of Spark is
not measured, that of its workers is.
"""

from __future__ import annotations

import datetime
import inspect
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import replaying
from applying import accounts, sql_by_hand
from pyspark.sql import SparkSession
from workload import TEN_RULES

import forbear
import forbear.spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

ROWS, HISTORIES = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (2_000_000, 20_000)
AT = datetime.datetime(2026, 3, 10, 15, tzinfo=datetime.UTC)
DAYS = datetime.timedelta(days=7)


def took(what: str, rows: int, do: Callable[[], object]) -> None:
    """Prints the better time of two."""
    best = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        do()
        best = min(best, time.perf_counter() - start)
    print(f"{what}: {best:.1f} s, {rows / best:,.0f} rows/s", flush=True)


def written(frame: DataFrame) -> None:
    """Computes all of a frame, and writes it nowhere."""
    frame.write.format("noop").mode("overwrite").save()


def when_row_by_row(house: forbear.Policy, its: DataFrame) -> DataFrame:
    """From when until when a call is permitted, by `Policy.when` for each row."""

    def stretches(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            found = []
            for case in batch.to_pylist():
                debt = case["debt"]
                permitted = [one for one in house.when("phone_call", case, AT, AT + DAYS) if one.permitted]
                found.append((debt, *((permitted[0].start, permitted[0].end) if permitted else (None, None))))
            moment = pl.Datetime("us", "UTC")
            schema = {"debt": pl.String(), "start": moment, "end": moment}
            yield from (
                pl.DataFrame(found, schema, orient="row").to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()
            )

    return its.mapInArrow(stretches, "debt string, start timestamp, end timestamp")


def main() -> None:
    if len(sys.argv) == 4:
        for what, of in (("before", sys.argv[3]), ("now", Path(__file__).parents[1])):
            print(what, flush=True)
            environment = {**os.environ, "PYTHONPATH": str(Path(of, "src"))}
            subprocess.run([sys.executable, __file__, *sys.argv[1:3]], env=environment, check=True)
        return
    whole = "when" in inspect.signature(forbear.spark.apply).parameters
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.sql.files.maxPartitionBytes", "2m")
    session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    ten, house = forbear.loads(TEN_RULES), forbear.loads(replaying.POLICY)
    with tempfile.TemporaryDirectory() as folder:
        plain, told = Path(folder, "plain.parquet"), Path(folder, "told.parquet")
        frame = accounts(ROWS)
        frame.write_parquet(plain, row_group_size=ROWS // 4)
        on_two = session.read.parquet(str(plain))
        on_two.createOrReplaceTempView("accounts")
        cases = pl.DataFrame(list(replaying.cases(house, HISTORIES)))
        cases = cases.drop({"inconvenient_hours"} - {*house.typed.facts})  # which the pack had not yet
        cases.write_parquet(told, row_group_size=HISTORIES // 4)
        its = session.read.parquet(str(told))
        took("ten rules, Spark's SQL by hand", ROWS, lambda: written(session.sql(sql_by_hand(ten.typed))))
        took("ten rules, forbear.spark.apply", ROWS, lambda: written(forbear.spark.apply(ten, on_two)))
        took("ten rules, Policy.apply", ROWS, lambda: ten.apply(frame))
        took("histories, Policy.apply", HISTORIES, lambda: house.apply(cases, at=AT))
        asked = forbear.spark.apply(house, its, at=AT, key=["debt"])
        took("histories, forbear.spark.apply", HISTORIES, partial(written, asked))
        if whole:
            asked = forbear.spark.apply(house, its, at=AT, key=["debt"], when=["phone_call"], days=DAYS.days)
            took("histories, forbear.spark.apply with when", HISTORIES, partial(written, asked))
            plan = partial(forbear.spark.plan, house, its, DAYS.days, at=AT)
            took("histories, forbear.spark.plan of 7 days", HISTORIES, lambda: plan().collect())
        else:
            took("histories, when row by row", HISTORIES, lambda: written(when_row_by_row(house, its)))
            days = [AT + datetime.timedelta(days=day) for day in range(DAYS.days + 1)]

            def each_day() -> None:
                for day in days:
                    forbear.spark.apply(house, its, at=day).groupBy("phone_call").count().collect()

            took("histories, apply on each of 7 days", HISTORIES, each_day)
    session.stop()


if __name__ == "__main__":
    main()
