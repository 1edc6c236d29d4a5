"""A frame is decided as `Policy.decide` decides each of its rows: verdicts, rules, and what is wrong with a row."""

from __future__ import annotations

import datetime
import random
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import polars as pl
import portfolio
import pyarrow as pa
import pytest
import small
import strategies
from hypothesis import given, settings
from strategies import examples

import forbear
from forbear.portfolio import applying

ROWS = 150


def _day(model: strategies.Policy, policy: forbear.Policy, seed: int) -> datetime.date | None:
    number = random.Random(seed).choice(strategies.boundary_days_of(policy.typed))
    return None if number is None else datetime.date.fromordinal(number)


@settings(max_examples=examples(60))
@given(strategies.policies(relations=True), strategies.seeds())
def test_a_frame_is_decided_as_its_rows_are(model: strategies.Policy, seed: int) -> None:
    """By one thread alone; and as large ones are, by loops and threads, which share blocks, or the columns of one."""
    policy = forbear.loads(model.text)
    frame = portfolio.frame_for(policy.typed, seed, ROWS)
    on = _day(model, policy, seed)
    none = [fact.name for fact in policy.typed.facts.values() if fact.or_none and seed % 2]
    rows = portfolio.expected(policy, frame, on, none)
    answer = policy.apply(frame, on, key=["account id"], none=none, why=True, faults=True)
    assert portfolio.said(policy, answer) == rows
    assert answer["account id"].equals(frame["account id"])
    with patch.object(applying, "_FEW", 1):
        with patch.object(applying, "_MOST_TRUTHS", 100):
            assert policy.apply(frame, on, key=["account id"], none=none, why=True, faults=True).equals(answer)
        with patch.object(applying, "BLOCK", 64), patch.object(applying, "_MOST_BITS", 1 << (seed % 40)):
            verdicts = policy.apply(frame, on, none=none)
    assert verdicts.equals(answer.select(portfolio.columns_of(policy, why=False)))


@pytest.mark.parametrize("large", [False, True])
def test_a_fact_that_no_rule_reads_is_looked_at_too(large: bool) -> None:
    policy = forbear.loads("""
        action sms
        fact days_overdue days clock
        fact dispute one of raised, verified or none
        fact risk one of low < high
        fact placed yes/no
        fact score count between 0 and 9
        fact due date
        rule r: after 3 days then allow sms
    """)
    rows: list[dict[str, object]] = [
        {"days_overdue": 4, "dispute": "verified", "risk": "low", "placed": True, "score": 9, "due": "2026-01-01"},
        {"days_overdue": 4, "dispute": "verifed", "risk": "middling", "placed": None, "score": 10, "due": None},
    ]
    frame = pl.DataFrame(rows).with_columns(pl.col("due").str.to_date())
    with patch.object(applying, "_FEW", 1 if large else applying._FEW):
        answer = policy.apply(frame, why=True, faults=True)
    assert portfolio.said(policy, answer) == portfolio.expected(policy, frame, None)
    assert answer["sms"].to_list() == ["allowed", "undecided"]


@settings(max_examples=examples(60))
@given(strategies.override_chains(), strategies.seeds())
def test_chains_of_overrides_are_decided_alike(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    frame = portfolio.frame_for(policy.typed, seed, ROWS)
    answer = policy.apply(frame, why=True, faults=True)
    assert portfolio.said(policy, answer) == portfolio.expected(policy, frame, None)


def test_policies_under_standards_are_decided_alike(tmp_path: Path) -> None:
    for seed in range(examples(30)):
        policy = small.loaded(small.under_standards(seed, 1 + seed % 2), tmp_path)
        if policy is None:
            continue
        frame = portfolio.frame_for(policy.typed, seed, ROWS)
        number = random.Random(seed).choice(strategies.boundary_days_of(policy.typed))
        on = None if number is None else datetime.date.fromordinal(number)
        answer = policy.apply(frame, on, why=True, faults=True)
        assert portfolio.said(policy, answer) == portfolio.expected(policy, frame, on), seed


@settings(max_examples=examples(30))
@given(strategies.policies(relations=True), strategies.seeds())
def test_each_kind_of_frame_has_the_same_answer(model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    frame = portfolio.frame_for(policy.typed, seed, ROWS, faulty=False)
    frame = frame.select(name for name in frame.columns if frame[name].dtype != pl.Object)
    on = _day(model, policy, seed)
    if any(name not in frame.columns and not policy.typed.facts[name].optional for name in _read(policy)):
        return
    answer = policy.apply(frame, on, key=["account id"])
    assert policy.apply(frame.lazy(), on, key=["account id"]).collect().equals(answer)
    assert policy.apply(frame.lazy(), on, key=["account id"]).collect(engine="streaming").equals(answer)
    table = policy.apply(frame.to_arrow(), on, key=["account id"])
    assert table.to_pylist() == answer.to_arrow().to_pylist()
    texts = [name for name, kind in answer.schema.items() if not isinstance(kind, pl.List)]
    assert pl.DataFrame(table.to_pandas()[texts]).cast(pl.String).equals(answer.select(texts).cast(pl.String))
    batch = policy.apply(frame.to_arrow().combine_chunks().to_batches()[0], on, key=["account id"])
    assert batch.to_pylist() == table.to_pylist()
    pandas = policy.apply(frame.to_pandas(use_pyarrow_extension_array=True), on, key=["account id"])
    assert pandas[texts].astype(str).to_dict("records") == answer.select(texts).cast(pl.String).to_dicts()
    for name in answer.columns:
        if name not in texts:
            assert [list(found) for found in pandas[name]] == answer[name].to_list()


TAKEN = ("fault", "call", "call_rules", "call_along", "call_from", "call_until", "history", "zone", "row", "changes")


@pytest.mark.parametrize("action", TAKEN)
def test_actions_that_are_called_as_other_columns_are(action: str) -> None:
    """Where the answer has no other column of that name they are decided; where it has, it is refused by the name."""
    names = dict.fromkeys(("call", "other", action))
    declared = "".join(f"action {name}\n" for name in names)
    policy = forbear.loads(f"fact late days clock\n{declared}rule r: after 3 days then allow {', '.join(names)}\n")
    frame = pl.DataFrame({"late": [3, 4, None]})
    for cases in (frame, frame.lazy(), frame.to_arrow(), frame.to_arrow().to_batches()[0], frame.to_pandas()):
        answer = policy.apply(cases)
        answer = answer.collect() if isinstance(answer, pl.LazyFrame) else answer
        for name in names:
            assert [str(value) for value in list(answer[name])] == ["unsaid", "allowed", "undecided"]
        for faults, column in ((True, "fault"), (False, "call_rules")):
            if action == column:
                with pytest.raises(forbear.CaseError, match=f"two columns `{action}`"):
                    policy.apply(cases, faults=faults, why=not faults)
            else:
                policy.apply(cases, faults=faults, why=not faults)


ODD = forbear.loads("""fact n count optional
fact f yes/no or none
action sms
rule many: allow sms when n > 3
rule silent: never sms when f
""")


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["none", True, np.bool_(True), "yes"], dtype=object, name="f"),
        pd.Series([2**70, 5, np.int64(5), None], dtype=object, name="n"),
        pd.Series([5 + 0j, 1], name="n"),
        pd.Series([Decimal("5.00"), Decimal("1e40"), Decimal("2.5")], dtype=object, name="n"),
        pd.Series([Decimal("5.00"), Decimal("1e40")], dtype=pd.ArrowDtype(pa.decimal256(76, 2)), name="n"),
    ],
    ids=["flags with none", "a number that is too large", "complex", "decimals of many digits", "decimal256"],
)
def test_columns_of_pandas_that_arrow_lacks_are_decided_row_by_row(column: Any) -> None:
    frame = pd.DataFrame({"f": False, "n": 5} | {column.name: column})
    given = [{name: _as_python(value) for name, value in row.items()} for row in frame.to_dict("records")]
    assert list(ODD.apply(frame)["sms"]) == [_verdict(case) for case in given]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([Decimal("5.00"), Decimal("3"), Decimal("2.5"), None], pa.decimal256(50, 2)),
        pa.RunEndEncodedArray.from_arrays(pa.array([2, 4]), pa.array([5, 3])),
        pa.array([None] * 4, pa.month_day_nano_interval()),
    ],
    ids=["decimal256", "runs", "intervals"],
)
def test_columns_of_arrow_that_polars_lacks_are_decided_row_by_row(column: Any) -> None:
    table = pa.table({"n": column, "f": [False] * 4})
    assert ODD.apply(table)["sms"].to_pylist() == [_verdict(case) for case in table.to_pylist()]
    assert ODD.apply(table.to_batches()[0])["sms"].to_pylist() == [_verdict(case) for case in table.to_pylist()]


def test_a_column_of_faults_alone_takes_little_memory() -> None:
    rows = 20_000
    frame = pl.DataFrame({"n": [f"many {row}" for row in range(rows)], "f": [False] * rows})
    tracemalloc.start()
    try:
        answer = ODD.apply(frame, faults=True)
        taken = tracemalloc.get_traced_memory()[1] / rows
    finally:
        tracemalloc.stop()
    assert answer["fault"][-1] == f'`n` needs a whole number, not "many {rows - 1}"'
    assert taken < 1200, f"{taken:.0f} bytes a row"


def _as_python(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _verdict(case: dict[str, object]) -> str:
    try:
        return ODD.decide(case)["sms"].verdict.value
    except forbear.CaseError:
        return "undecided"


def _read(policy: forbear.Policy) -> set[str]:
    from forbear.language.model.policy import facts_read

    return set(facts_read(policy.typed))
