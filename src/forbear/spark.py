"""A policy on Spark: `forbear.spark.apply(policy, dataframe)`.

The workers decide batches of Arrow with the very code that decides frames on one machine, so that a cluster and a
laptop agree. They need Forbear with its extra `apply` installed; the policy is sent to them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forbear.library import Policy

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


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
    """The verdicts on each row of a frame of Spark, as texts: what `Policy.apply` says, with the same arguments.

    Raises `CaseError` at once where a column is missing, or the day.
    """
    from pyspark.sql.types import ArrayType, StringType, StructField, StructType

    from forbear.columns.frames import LISTS, kinds

    asked: dict[str, Any] = {
        "on": on,
        "at": at,
        "key": tuple(key),
        "names": dict(names or {}),
        "none": tuple(none),
        "why": why,
        "faults": faults,
    }
    question = policy.applier.question(frame.columns, **asked)
    used = list(dict.fromkeys((*key, *question.asked.facts)))
    selected = frame.select([f"`{name}`" for name in used or frame.columns[:1]])
    fields = [selected.schema[name] for name in key]
    for name, kind in kinds(policy.typed.actions, why=why, faults=faults).items():
        fields.append(StructField(name, ArrayType(StringType()) if kind == LISTS else StringType()))
    return selected.mapInArrow(_deciding(policy, asked), StructType(fields))


def _deciding(policy: Policy, asked: Mapping[str, Any]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What decides the batches of a part of the frame, on a worker."""

    def decide(batches: Iterator[Any]) -> Iterator[Any]:
        from forbear.columns.frames import as_texts

        for batch in batches:
            yield as_texts(policy.apply(batch, **asked))

    return decide
