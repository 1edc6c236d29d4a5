"""Writes an answer of Spark to files: first it is counted, then it is written as a whole or not at all.

On a disk that the workers do not share, each worker would write its part to its own machine. So the rows that arrive
are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from forbear.report.portfolio import Summary
from forbear.spark.places import NotWritten, scratch_folder, whole_folder
from forbear.spark.portfolio import counts_of, read_cases, write_answer, write_rejects

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def publish(
    session: SparkSession,
    answer: DataFrame,
    target: str,
    suffix: str,
    key: Sequence[str],
    inputs: Iterable[str],
    summary: Summary,
    check: Callable[[], None],
) -> None:
    """Counts an answer in `summary`, and writes it to a folder in the format of the suffix, and its rejects to a second
    folder, `TARGET.rejects`.

    `check` is called when all is counted; if it raises, nothing is written. `inputs` are qualified names of what is
    read. Raises `Misplaced` and `NotWritten`, as `whole_folder` does.
    """
    from pyspark.sql import Observation
    from pyspark.sql.functions import count, lit

    def all_came(rows: int) -> None:
        decided = sent.get.get("rows", 0)
        if rows != decided:
            raise NotWritten(
                f"{target!r} cannot be written: of {decided:,} rows {rows:,} came there. "
                "Workers on other machines need a place that they all share"
            )

    inputs, sent = tuple(inputs), Observation()
    with (
        whole_folder(session, f"{target}.rejects", inputs) as rejects,
        whole_folder(session, target, inputs) as out,
        scratch_folder(session, target) as scratch,
    ):
        # Each row is decided once, so the counts are those of the written rows.
        answer.observe(sent, count(lit(1)).alias("rows")).write.parquet(scratch)
        decided_rows = session.read.schema(answer.schema).parquet(scratch)
        for counts in counts_of(decided_rows):
            summary.add(*counts)
        all_came(summary.rows)
        check()
        write_answer(decided_rows, out, suffix)
        write_rejects(decided_rows, key, rejects)
        all_came(read_cases(session, out, suffix).count() if summary.rows else 0)
