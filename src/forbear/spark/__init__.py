"""A policy on Spark: `forbear.spark.apply(policy, dataframe)`.

The workers decide batches of Arrow by the code that decides frames on one machine, so the answers agree. They need
Forbear with its extra `apply`. The policy is sent to them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forbear.base.extras import missing_extra
from forbear.library.book import Book
from forbear.library.policy import Policy
from forbear.semantics.composition.duties import companions_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructField


def apply(
    policy: Policy,
    frame: DataFrame,
    on: datetime.date | str | None = None,
    at: datetime.datetime | str | None = None,
    *,
    key: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    none: Iterable[str] = (),
    why: bool = False,
    faults: bool = False,
    when: Collection[str] = (),
    days: int = 30,
) -> DataFrame:
    """Returns the verdicts on each row of a Spark frame, as texts. The arguments and columns are those of
    `Policy.apply`.

    Raises `CaseError`, before any row is decided, if a column or the day is missing, and `ImportError` without the
    extra `spark`.
    """
    try:
        from pyspark.sql.types import StructType
    except ModuleNotFoundError as error:
        raise ImportError(missing_extra("`forbear.spark`", "spark", error)) from None

    arguments: dict[str, Any] = {
        "on": on,
        "at": at,
        "key": tuple(key),
        "names": dict(names or {}),
        "none": tuple(none),
        "why": why,
        "faults": faults,
        "when": tuple(when),
        "days": days,
    }
    request = policy.applier.request(frame.columns, **arguments)
    selected = columns_of(frame, (*key, *request.options.facts))
    fields = [selected.schema[name] for name in key]
    fields += answer_fields(policy, why=why, faults=faults, when=arguments["when"], moments=at is not None)
    try:
        return selected.mapInArrow(_deciding(policy, arguments), StructType(fields))
    except ImportError as error:  # of pandas, say, without which Spark sends no batch of Arrow
        raise ImportError(missing_extra("`forbear.spark`", "spark", error)) from None


def columns_of(frame: DataFrame, names: Iterable[str]) -> DataFrame:
    """Columns of a frame, each once. If none is named it is the first, so that the number of rows is kept."""
    used = list(dict.fromkeys(names)) or frame.columns[:1]
    quoted = [name.replace("`", "``") for name in used]
    return frame.select([f"`{name}`" for name in quoted])


def answer_fields(
    policy: Policy, *, why: bool, faults: bool, when: Sequence[str] = (), moments: bool = False
) -> list[StructField]:
    """Returns the columns of an answer after its keys, as fields of Spark. The arguments are those of `kinds`."""
    from pyspark.sql.types import ArrayType, DataType, DateType, StringType, StructField, TimestampType

    from forbear.portfolio.io.frames import is_date, is_moment
    from forbear.portfolio.options import LISTS, kinds

    def type_of(kind: object) -> DataType:
        if kind == LISTS:
            return ArrayType(StringType())
        return DateType() if is_date(kind) else TimestampType() if is_moment(kind) else StringType()

    typed = policy.typed
    columns = kinds(typed.actions, companions_of(typed), why=why, faults=faults, when=when, moments=moments)
    return [StructField(name, type_of(kind)) for name, kind in columns]


def plan(
    policy: Policy,
    frame: DataFrame,
    days: int = 90,
    on: datetime.date | str | None = None,
    at: datetime.datetime | str | None = None,
    *,
    names: Mapping[str, str] | None = None,
    none: Iterable[str] = (),
    against: Policy | Book | None = None,
) -> DataFrame:
    """How many rows of a Spark frame become due for which action on which of the `days` ahead. The arguments and
    columns are those of `Policy.plan`; the workers count, and their counts are added up.

    Raises as `apply` does.
    """
    try:
        from pyspark.sql import functions
        from pyspark.sql.pandas.types import from_arrow_type
        from pyspark.sql.types import StructField, StructType
    except ModuleNotFoundError as error:
        raise ImportError(missing_extra("`forbear.spark`", "spark", error)) from None
    from forbear.portfolio.planners import ROW, no_cases, numbered

    arguments: dict[str, Any] = {"names": dict(names or {}), "none": tuple(none), "against": against}

    def counted(cases: Any) -> Any:
        return numbered(policy.plan(cases, days, on, at, **arguments))

    empty = counted(no_cases(frame.columns))
    schema = StructType([StructField(field.name, from_arrow_type(field.type)) for field in empty.schema])

    def count(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield from counted(batch).to_batches()

    try:
        counts = frame.mapInArrow(count, schema)
    except ImportError as error:
        raise ImportError(missing_extra("`forbear.spark`", "spark", error)) from None
    rows = frame.sparkSession.createDataFrame(empty.to_pylist(), schema)
    about = (ROW, "day", "date", "action")
    sums = [functions.sum(name).alias(name) for name in schema.names if name not in about]
    return rows.unionAll(counts).groupBy(*about).agg(*sums).orderBy(ROW).drop(ROW)


def _deciding(policy: Policy, arguments: Mapping[str, Any]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """A function that decides the batches of a partition, on a worker."""

    def decide(batches: Iterator[Any]) -> Iterator[Any]:
        from forbear.portfolio.io.frames import as_texts

        for batch in batches:
            yield as_texts(policy.apply(batch, **arguments))

    return decide
