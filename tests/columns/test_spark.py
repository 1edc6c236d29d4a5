"""A policy on Spark, with two workers, says what it says on one machine."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import portfolio
import pytest
import strategies
from hypothesis import HealthCheck, Phase, given, settings

import forbear
from forbear import spark as on_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SOURCES = str(Path(forbear.__file__).parent.parent)


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join([SOURCES, os.environ.get("PYTHONPATH", "")]))
        builder = SparkSession.builder.master("local[2]")
        for name, value in {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.execution.arrow.maxRecordsPerBatch": "70",
            "spark.default.parallelism": "2",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
        }.items():
            builder = builder.config(name, value)
        found = builder.getOrCreate()
        found.sparkContext.setLogLevel("ERROR")
        yield found
        found.stop()


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of types that Spark has too."""
    texts = [name for name, kind in frame.schema.items() if kind in (pl.Categorical, pl.Enum, pl.Time, pl.Object)]
    changed = [
        pl.Series(name, [None if one is None else str(one) for one in frame[name].to_list()], dtype=pl.String)
        for name in texts
    ]
    return frame.with_columns(changed)


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(strategies.policies(dates=False), strategies.seeds())
def test_spark_says_what_one_machine_says(session: SparkSession, model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    frame = _plain(portfolio.frame_for(policy.typed, seed, 300))
    given_ = session.createDataFrame(frame.to_arrow()).repartition(2)
    answer = on_spark.apply(policy, given_, key=["account id"], why=True, faults=True)
    found = pl.from_arrow(answer.toArrow())
    assert isinstance(found, pl.DataFrame)
    expected = policy.apply(frame, key=["account id"], why=True, faults=True)
    order = found.sort("account id")
    assert order.columns == expected.columns
    assert portfolio.said(policy, order) == portfolio.said(policy, expected)
    assert portfolio.said(policy, order) == portfolio.expected(policy, frame, None)


def test_what_is_wrong_is_said_before_anything_runs(session: SparkSession) -> None:
    policy = forbear.loads("rule call: after 3 days then allow phone_call")
    with pytest.raises(forbear.CaseError, match="`days_overdue` is missing"):
        on_spark.apply(policy, session.range(3))


def test_a_policy_can_be_sent_to_another_process() -> None:
    policy = forbear.loads("policy p in force from 2020-01-01  rule call: after 3 days then allow phone_call")
    sent = pickle.loads(pickle.dumps(policy))
    assert sent.digest == policy.digest
    assert sent.typed == policy.typed
    assert sent.permits("phone_call", {"days_overdue": 4}, "2020-01-01")
