"""A portfolio on Spark: reads files of cases, decides them, and writes files of verdicts.

Rows of Spark have no order and no number: a row is identified by its keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forbear.library.policy import Policy
from forbear.spark import answer_fields, columns_of
from forbear.spark.session import SparkFailed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from forbear.portfolio.lines import CaseLine, Counts

_TIME_ENABLED = "spark.sql.timeType.enabled"
_NEVER = "\0forbear"
"""A text that no file has. So only an empty value without quotes is null, as on one machine."""
_CSV: Mapping[str, Any] = {"header": True, "escape": '"', "emptyValue": ""}
_READ_CSV: Mapping[str, Any] = {
    **_CSV,
    "inferSchema": False,
    "multiLine": True,  # a quoted value may hold line ends; so one worker reads a file
    "mode": "FAILFAST",
    "enforceSchema": False,
    "columnPruning": False,  # otherwise a row of too few values is noticed only if a selected one is missing
    "nullValue": _NEVER,
    "unescapedQuoteHandling": "RAISE_ERROR",  # otherwise `"20"1""` has a value
}


def read_cases(session: SparkSession, path: str, suffix: str) -> DataFrame:
    """The rows of a file or a folder: texts of `.csv`, lines as bytes of `.jsonl` and `.ndjson`, else of Parquet.

    Raises `SparkFailed` where columns have a type that Spark is not configured to read, or are separated by semicolons,
    and Spark's own exceptions.
    """
    if suffix == ".csv":
        frame = session.read.options(**_READ_CSV).csv(path)
        if len(frame.columns) == 1 and ";" in frame.columns[0]:
            raise SparkFailed(f"{path!r} is separated by semicolons, which `--engine local` reads: write commas")
        return frame
    if suffix in (".jsonl", ".ndjson"):
        return session.read.text(path, lineSep="\n").selectExpr("cast(value as binary)")
    from pyspark.errors import AnalysisException

    try:
        return session.read.parquet(path)
    except AnalysisException as error:
        if error.getCondition() != "UNSUPPORTED_TIME_TYPE":
            raise
        columns = ", ".join(f"`{name}`" for name in _time_columns(session, path))
        raise SparkFailed(
            f"{path!r} has columns of the type TIME, {columns}, which Spark reads where `{_TIME_ENABLED}` is true; "
            "or write them as texts such as 08:00:30"
        ) from None


def _time_columns(session: SparkSession, path: str) -> Sequence[str]:
    """The columns of the type TIME. Spark has this type from 4.1 on, and at first only if it is configured."""
    before = session.conf.get(_TIME_ENABLED, None)
    session.conf.set(_TIME_ENABLED, "true")
    try:
        fields = session.read.parquet(path).schema.fields
    finally:
        if before is None:
            session.conf.unset(_TIME_ENABLED)
        else:
            session.conf.set(_TIME_ENABLED, before)
    return [field.name for field in fields if field.dataType.typeName() == "time"]


def decided(policy: Policy, cases: DataFrame, arguments: Mapping[str, Any], *, texts: bool) -> DataFrame:
    """The keys and verdicts of each row, with the columns `REASON` and `COUNTS`.

    `arguments` are those of `Applier.request`. Raises `CaseError`, before any row is decided, where a column or the
    day is missing.
    """
    from forbear.portfolio.lines import decided_batch

    key = arguments["key"]
    used = columns_of(cases, (*key, *policy.applier.request(cases.columns, **arguments).options.facts))

    def decide(batches: Iterator[Any]) -> Iterator[Any]:
        applier, request = policy.applier, None
        for batch in batches:
            if request is None:
                request = applier.request(batch.schema.names, **arguments)
            yield decided_batch(applier, request, batch, key, texts=texts)

    return _mapped(policy, used, decide, [used.schema[name] for name in key], arguments["why"])


def decided_lines(
    policy: Policy, lines: DataFrame, line_of: Callable[[bytes], CaseLine], key: Sequence[str], *, why: bool
) -> DataFrame:
    """The same for lines of JSON. `line_of` reads and decides a line. Raises `CaseError`."""
    from pyspark.sql.types import StringType, StructField

    from forbear.portfolio.lines import decided_lines_batch

    policy.applier.request_for_lines(key, why=why)

    def decide(batches: Iterator[Any]) -> Iterator[Any]:
        applier = policy.applier
        request = applier.request_for_lines(key, why=why)
        for batch in batches:
            read = [line_of(line) for line in batch.column(0).to_pylist()]
            yield decided_lines_batch(applier, request, read, key)

    return _mapped(policy, lines, decide, [StructField(name, StringType()) for name in key], why)


def _mapped(
    policy: Policy, frame: DataFrame, decide: Callable[[Iterator[Any]], Iterator[Any]], keys: Iterable[Any], why: bool
) -> DataFrame:
    from pyspark.sql.types import StringType, StructField, StructType

    from forbear.portfolio.lines import COUNTS, REASON

    more = [StructField(name, StringType()) for name in (REASON, COUNTS)]
    return frame.mapInArrow(decide, StructType([*keys, *answer_fields(policy, why=why, faults=False), *more]))


def counts_of(answer: DataFrame) -> Iterable[Counts]:
    """The counts of an answer, batch by batch."""
    from forbear.portfolio.lines import COUNTS, read_counts

    counted = answer.select(COUNTS).where(f"`{COUNTS}` is not null")
    return read_counts(row[0] for row in counted.toLocalIterator())


def write_answer(answer: DataFrame, path: str, suffix: str) -> None:
    """Writes keys and verdicts to a folder, in the format of the suffix, as `io.files` does to a file."""
    from pyspark.sql import functions
    from pyspark.sql.types import ArrayType

    from forbear.portfolio.lines import COUNTS, REASON

    answer_columns = answer.drop(REASON, COUNTS)
    if suffix == ".csv":
        lists = [field.name for field in answer_columns.schema if isinstance(field.dataType, ArrayType)]
        joined = {name: functions.array_join(f"`{name}`", " ") for name in lists}
        answer_columns.withColumns(joined).write.options(**_CSV).csv(path)
    elif suffix in (".jsonl", ".ndjson"):
        answer_columns.write.json(path, ignoreNullFields=False)
    else:
        answer_columns.write.parquet(path)


def write_rejects(answer: DataFrame, key: Sequence[str], path: str) -> None:
    """Writes the keys of the undecided rows, with the reasons, to a folder with one file of CSV."""
    from forbear.portfolio.lines import REASON

    rejects = columns_of(answer.where(f"`{REASON}` is not null"), (*key, REASON)).withColumnRenamed(REASON, "reason")
    rejects.coalesce(1).write.options(**_CSV).csv(path)
