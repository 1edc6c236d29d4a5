"""An answer on Spark becomes files: counted first, then written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from forbear.report.portfolio import Summary
from forbear.spark.places import NotWritten, whole_folder
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
    """Counts an answer in `summary`, and writes it to a folder in the format of an ending, with its rejects beside it.
    `check`, called when all is counted, ends it by raising. `inputs` are names of what is read. Raises as
    `whole_folder` does."""
    from pyspark import StorageLevel

    inputs = tuple(inputs)
    kept = answer.persist(StorageLevel.DISK_ONLY)  # it is counted, and written later: each row is decided once
    try:
        with (
            whole_folder(session, f"{target}.rejects", inputs) as rejects,
            whole_folder(session, target, inputs) as out,
        ):
            for counts in counts_of(kept):
                summary.add(*counts)
            check()
            write_answer(kept, out, suffix)
            write_rejects(kept, key, rejects)
            written = read_cases(session, out, suffix).count() if summary.rows else 0
            if written != summary.rows:  # on a disk that the workers do not share each writes where nobody looks
                raise NotWritten(
                    f"{target!r} cannot be written: {written} of {summary.rows} rows came there. Workers on other "
                    "machines need a place that they all share"
                )
    finally:
        kept.unpersist()
