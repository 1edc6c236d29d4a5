"""A policy on Spark: `forbear.spark.apply(policy, dataframe)`.

The workers decide batches of Arrow by the code that decides frames on one machine, so the answers agree. They need
Forbear with its extra `apply`. The policy is sent to them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forbear.base.extras import missing_extra
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
) -> DataFrame:
    """The verdicts on each row of a Spark frame, as texts. The arguments and columns are those of `Policy.apply`.

    Raises `CaseError`, before any row is decided, where a column or the day is missing, and `ImportError` without the
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
    }
    request = policy.applier.request(frame.columns, **arguments)
    selected = columns_of(frame, (*key, *request.options.facts))
    fields = [selected.schema[name] for name in key]
    fields += answer_fields(policy, why=why, faults=faults)
    try:
        return selected.mapInArrow(_deciding(policy, arguments), StructType(fields))
    except ImportError as error:  # of pandas, say, without which Spark sends no batch of Arrow
        raise ImportError(missing_extra("`forbear.spark`", "spark", error)) from None


def columns_of(frame: DataFrame, names: Iterable[str]) -> DataFrame:
    """Columns of a frame, each once. If none is named it is the first, so that the number of rows is kept."""
    used = list(dict.fromkeys(names)) or frame.columns[:1]
    quoted = [name.replace("`", "``") for name in used]
    return frame.select([f"`{name}`" for name in quoted])


def answer_fields(policy: Policy, *, why: bool, faults: bool) -> list[StructField]:
    """The columns of an answer after its keys, as fields of Spark."""
    from pyspark.sql.types import ArrayType, StringType, StructField

    from forbear.portfolio.io.frames import LISTS, kinds

    typed = policy.typed
    return [
        StructField(name, ArrayType(StringType()) if kind == LISTS else StringType())
        for name, kind in kinds(typed.actions, companions_of(typed), why=why, faults=faults).items()
    ]


def _deciding(policy: Policy, arguments: Mapping[str, Any]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """A function that decides the batches of a partition, on a worker."""

    def decide(batches: Iterator[Any]) -> Iterator[Any]:
        from forbear.portfolio.io.frames import as_texts

        for batch in batches:
            yield as_texts(policy.apply(batch, **arguments))

    return decide
