"""`forbear.spark` on `local[2]`, beside the same rules by hand in Spark's SQL, and beside `Policy.apply` alone.

Ten rules on plain rows; and with histories under Regulation F, decided at a moment, with `when`, and planned ahead.
`on_spark.py ROWS HISTORIES` takes so many of each. The start of Spark is not measured, that of its workers is.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

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
AT = "2026-03-10T15:00:00Z"


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


def main() -> None:
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
        cases.write_parquet(told, row_group_size=HISTORIES // 4)
        its = session.read.parquet(str(told))
        took("ten rules, Spark's SQL by hand", ROWS, lambda: written(session.sql(sql_by_hand(ten.typed))))
        took("ten rules, forbear.spark.apply", ROWS, lambda: written(forbear.spark.apply(ten, on_two)))
        took("ten rules, Policy.apply", ROWS, lambda: ten.apply(frame))
        took("histories, Policy.apply", HISTORIES, lambda: house.apply(cases, at=AT))
        for what, when in (("", []), (" with when", ["phone_call"])):
            asked = forbear.spark.apply(house, its, at=AT, key=["debt"], when=when, days=7)
            took(f"histories, forbear.spark.apply{what}", HISTORIES, partial(written, asked))
        took(
            "histories, forbear.spark.plan of 7 days",
            HISTORIES,
            lambda: forbear.spark.plan(house, its, 7, at=AT).collect(),
        )
    session.stop()


if __name__ == "__main__":
    main()
