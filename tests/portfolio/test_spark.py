"""A policy on Spark, with two workers, says what it says on one machine."""

from __future__ import annotations

import datetime
import pickle
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import portfolio
import pyarrow as pa
import pytest
import strategies
from fences import fences
from hypothesis import HealthCheck, Phase, given, settings
from night import NIGHTLY

import forbear
from forbear import spark as on_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PAGE = Path(__file__).parent.parent.parent / "docs" / "guides" / "spark.md"
MORNING = datetime.datetime(2026, 3, 9, 6, tzinfo=datetime.UTC)
ZONES = {"us": ["America/New_York", "America/Los_Angeles"], "gb": ["Europe/London"], "cn": ["Asia/Shanghai"]}


@settings(
    max_examples=8 if NIGHTLY else 3,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(strategies.policies(dates=False, relations=True), strategies.seeds())
def test_spark_says_what_one_machine_says(session: SparkSession, model: strategies.Policy, seed: int) -> None:
    policy = forbear.loads(model.text)
    frame = portfolio.plain(portfolio.frame_for(policy.typed, seed, 300))
    given_ = session.createDataFrame(frame.to_arrow()).repartition(2)
    answer = on_spark.apply(policy, given_, key=["account id"], why=True, faults=True)
    found = pl.from_arrow(answer.toArrow())
    assert isinstance(found, pl.DataFrame)
    expected = policy.apply(frame, key=["account id"], why=True, faults=True)
    order = found.sort("account id")
    assert order.columns == expected.columns
    assert portfolio.said(policy, order) == portfolio.said(policy, expected)
    assert portfolio.said(policy, order) == portfolio.expected(policy, frame, None)


def test_spark_looks_ahead_as_one_machine_does(session: SparkSession) -> None:
    policy = forbear.loads(
        "event touch\nfact late days clock\nfact touched count of touch in last 7 days\naction sms, visit\n"
        "rule a: after 3 days and touched < 1 then allow sms\nrule b: allow visit when late between 5 and 9\n"
    )
    at = "2026-03-01T10:00:00Z"
    history = [[{"event": "touch", "at": f"2026-02-{day}T10:00:00Z"}] for day in (20, 24, 27, 28)]
    cases = pl.DataFrame({"id": range(4), "late": range(2, 6), "history": history}).with_columns(
        pl.lit("opening").alias("history_from"), pl.lit("Asia/Kolkata").alias("zone")
    )
    on_two = session.createDataFrame(cases.to_arrow()).repartition(2)
    found = on_spark.apply(policy, on_two, at=at, key=["id"], when=["sms", "visit"], days=9).orderBy("id").toArrow()
    expected = policy.apply(cases, at=at, key=["id"], when=["sms", "visit"], days=9)
    assert _frame(found).equals(expected.with_columns(pl.col("sms", "visit").cast(pl.String)))
    counts = on_spark.plan(policy, on_two, 9, at=at).toArrow()
    assert _frame(counts).equals(policy.plan(cases, 9, at=at))
    with pytest.raises(forbear.CaseError, match="`late` is missing"):
        on_spark.plan(policy, session.range(3), 9, on="2026-03-01")


def test_the_morning_of_the_page(session: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its program decides each account as its policy does, with events that come in any order and twice."""
    for fence in fences(PAGE.read_text(encoding="utf-8")):
        if fence.attributes.get("file", "nightly.py") != "nightly.py":
            (tmp_path / fence.attributes["file"]).write_text(fence.text, encoding="utf-8")
    chance = random.Random(1)
    accounts: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for number in range(600):
        country = chance.choice(list(ZONES))
        late = None if number == 7 else chance.randrange(12)
        account = {"account": f"A{number}", "country": country, "zone": chance.choice(ZONES[country])}
        accounts.append({**account, "days_overdue": late})
        for event in range(chance.randrange(12) if number % 5 else 0):
            at = (MORNING - datetime.timedelta(minutes=chance.randrange(10 * 1440))).isoformat()
            medium = chance.choice(["call", "call", "letter"])
            known = {"event": "contact", "at": at, "medium": medium, "id": f"{number}-{event}"}
            events += [{"account": f"A{number}", **known}] * chance.choice((1, 1, 2))
    chance.shuffle(events)
    for name, rows in (("accounts", accounts), ("events", events)):
        (tmp_path / name).mkdir()
        pl.DataFrame(rows).write_parquet(tmp_path / name / "part-0.parquet")
    monkeypatch.chdir(tmp_path)
    session.conf.set("spark.sql.shuffle.partitions", "2")
    program = (tmp_path / "morning.py").read_text(encoding="utf-8")  # whose paths Java takes to be of its own folder
    exec(program.replace('parquet("', f'parquet("{tmp_path}/').replace('parquet(f"', f'parquet(f"{tmp_path}/'), {})
    verdicts: set[str] = set()
    for country in ZONES:
        policy = forbear.load(f"{country}.forbear")
        found = {row["account"]: row for row in pl.read_parquet(f"verdicts/{country}/*.parquet").to_dicts()}
        of_country = [account for account in accounts if account["country"] == country]
        assert found.keys() == {account["account"] for account in of_country}
        for account in of_country:
            row = found[account["account"]]
            verdicts.add(row["phone_call"])
            if account["days_overdue"] is None:
                assert "days_overdue" in row["fault"]
                continue
            its = [event for event in events if event["account"] == account["account"]]
            history = [{key: value for key, value in event.items() if key != "account"} for event in its]
            case: dict[str, Any] = {"days_overdue": account["days_overdue"], "zone": account["zone"]}
            case |= {"history": history, "history_from": "opening"}
            assert row["phone_call"] == policy.decide(case, at=MORNING)["phone_call"].verdict.value
            intervals = policy.when("phone_call", case, MORNING, "1 days").intervals
            first = next((interval for interval in intervals if interval.permitted), None)
            starts = row["phone_call_from"]
            assert (starts and starts.replace(tzinfo=datetime.UTC)) == (first and first.start)
    assert verdicts == {"allowed", "unsaid", "forbidden", "undecided"}


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


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
