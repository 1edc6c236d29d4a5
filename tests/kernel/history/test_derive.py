"""`Policy.derive`: what follows from a history decides elsewhere as the history does here, or permits no more."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import generated
import polars as pl
import pytest
from generated import Vocabulary
from hypothesis import given, settings
from node import Node, running_node
from strategies import examples, seeds
from test_bad_cases import AT as BAD_AT
from test_bad_cases import POLICY as BAD_POLICY
from test_bad_cases import outright
from test_generated import CASES, policy_text, run_module

import forbear
from forbear.deciding.deciders.decider import decider
from forbear.kernel.cases import read_case
from forbear.semantics import meaning
from forbear.space.predicates.specs import specs
from forbear.targets.policy_data import policy_data
from forbear.targets.sql.statement import select_statement

POLICY = forbear.loads("""\
event contact
  has medium one of call, sms
  has reached yes/no optional
fact debt text
fact calls count of contact where medium is call in last 7 days
fact missed count of contact where not reached in last 7 days optional
fact called any contact where medium is call ever
fact since_talk days since last contact where reached
fact unread count of contact this month
fact clock_time time of decision
fact today_ date of decision
fact weekday weekday of decision
action call, sms, letter
rule call: always then allow call
rule two: limit call to 2 by calls
rule silence: never call when since_talk <= 6
rule sms: allow sms when missed <= 3
rule letter: allow letter when since_talk is none or since_talk > 30
""")
AT = "2026-03-10T12:00:00-04:00"


def event(day: str, medium: str = "call", reached: object = False) -> dict[str, object]:
    return {"event": "contact", "at": f"{day}T10:00:00-04:00", "medium": medium, "reached": reached}


def case(history_from: str, *events: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"zone": "America/New_York", "history_from": history_from, "history": [*events], **more}


def test_what_is_given() -> None:
    """All facts, in the order of the vocabulary, of plain types; what no rule reads is not left out."""
    moment = {"clock_time": datetime.time(12), "today_": datetime.date(2026, 3, 10), "weekday": "tuesday"}
    assert POLICY.derive(case("opening", event("2026-03-02"), event("2026-03-09", reached=True)), AT) == {
        "calls": 1,
        "missed": 0,
        "called": True,
        "since_talk": 1,
        "unread": 2,
        **moment,
    }
    in_part = POLICY.derive(case("2026-03-08", event("2026-03-09", "sms", None)), AT)
    assert in_part == {
        "calls": {"at_least": 0},
        "missed": {"at_least": 0},
        "called": None,
        "since_talk": {"at_least": 1, "or_none": True},
        "unread": {"at_least": 1},
        **moment,
    }
    opened = POLICY.derive(case("opening", event("2026-03-09", "sms", None)), AT)
    assert (opened["missed"], opened["since_talk"]) == (
        {"at_least": 0, "at_most": 1},
        {"at_least": 1, "at_most": 1, "or_none": True},
    )
    assert POLICY.derive({"zone": "America/New_York", "other": 3}, AT) == moment
    assert json.loads(json.dumps(in_part, default=str))["clock_time"] == "12:00:00"


def test_what_is_wrong() -> None:
    with pytest.raises(forbear.CaseError, match="`zone` names 2 time zones, but facts are derived in one"):
        POLICY.derive(case("opening", zone=["America/New_York", "Asia/Tokyo"]), AT)
    wrong: list[dict[str, object]] = [{"history_from": "x"}, {"zone": "x"}, {"history": [{}]}]
    for broken in wrong:
        with pytest.raises(forbear.CaseError):
            POLICY.derive({**case("opening"), **broken}, AT)
    for moment in (None, 3, "2026-03-10"):
        with pytest.raises(forbear.CaseError, match="`at`"):
            POLICY.derive(case("opening"), moment)  # type: ignore[arg-type]


def test_columns() -> None:
    """What no rule tells apart is its least number; else a null of what is unknown, and no null of what may be none."""
    columns = POLICY.derive(case("2026-03-08", event("2026-03-09"), event("2026-03-08")), AT, columns=True)
    assert columns | {"clock_time": 0, "today_": 0, "weekday": 0} == {
        "calls": 2,
        "missed": None,
        "called": True,
        "since_talk": -1,
        "unread": 2,
        "clock_time": 0,
        "today_": 0,
        "weekday": 0,
    }
    assert POLICY.derive(case("opening"), AT, columns=True)["since_talk"] is None
    silent = forbear.loads(POLICY.typed.place.source.text.replace("since_talk is none or ", "").replace("> 30", "<= 3"))
    assert silent.derive(case("2016-03-10"), AT, columns=True)["since_talk"] == 3653
    asked = forbear.loads(POLICY.typed.place.source.text.replace("missed <= 3", "missed is unknown"))
    assert asked.derive(case("2026-03-08", event("2026-03-09")), AT, columns=True)["missed"] is None


def test_sql_permits_no_more_and_where_no_comparison_is_open_the_same() -> None:
    some = [event("2026-03-09"), event("2026-03-08", "sms", None), event("2026-01-05", reached=True)]
    some += [event("2026-03-07", reached=True), event("2026-03-06"), event("2026-03-06")]
    starts = ("2026-03-11", "2026-03-09", "2026-03-05", "2026-03-04", "2026-01-01", "2016-01-01", "opening")
    cases = [case(start, *some[first:last]) for start in starts for first in range(6) for last in range(first, 7)]
    rows = [POLICY.derive(one, AT, columns=True) for one in cases]
    kinds = {"calls": pl.Int64, "missed": pl.Int64, "called": pl.Boolean, "since_talk": pl.Int64}
    frame = pl.DataFrame({name: pl.Series([row[name] for row in rows], dtype=kind) for name, kind in kinds.items()})
    with duckdb.connect() as connection:
        connection.register("cases", frame.to_arrow())
        found = connection.execute(select_statement(POLICY.typed, "duckdb", None))
        names = [column[0] for column in found.description or ()]
        answers = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    same = 0
    for one, row, said in zip(cases, rows, answers, strict=True):
        try:
            decided = {action: decision.verdict.value for action, decision in POLICY.decide(one, at=AT).items()}
        except forbear.CaseError:
            decided = dict.fromkeys(POLICY.actions, "undecided")
        for action in POLICY.actions:
            assert said[action] in (decided[action], "undecided"), (one, row, said)
        same += all(said[action] == decided[action] for action in POLICY.actions)
        assert said["undecided"] or -1 not in row.values()
    assert 100 < same < len(cases)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running_node(tmp_path_factory.mktemp("node")) as running:
        yield running


@settings(max_examples=examples(40), deadline=None)
@given(generated.vocabularies(), seeds())
def test_javascript_decides_by_it_as_python_does_by_the_history(node: Node, vocabulary: Vocabulary, seed: int) -> None:
    generator = random.Random(seed)
    policy = forbear.loads(policy_text(vocabulary, generator))
    questions: list[tuple[object, None]] = []
    expected: list[object] = []
    for _ in range(CASES):
        one = generated.drawn(vocabulary, generator)
        raw = generated.written(one, vocabulary, generator)
        try:
            derived = {name: value for name, value in policy.derive(raw, one.at).items() if value is not None}
        except forbear.CaseError:  # a sum is out of its range
            continue
        questions.append((json.loads(json.dumps(derived, default=str)), None))
        try:
            expected.append(policy.decide(raw, at=one.at).as_json())
        except forbear.CaseError as error:
            expected.append({str(fault.fact) for fault in error.faults})
    answers = node.ask(data=policy_data(policy.typed), cases=questions)
    for answer, wanted in zip(answers, expected, strict=True):
        assert (answer if isinstance(answer, dict) else {fact for fact, *_ in answer}) == wanted


CONDITIONS = ["<= 4", "> 4", "is 4", "is not 4", "between 3 and 5", "is not between 3 and 5", "is one of 2, 3, 7"]
CONDITIONS += ["is not one of 4, 5", "is none", "is not none", "is one of 2, 7", "is one of 2, 3, 4, 5, 6"]


@pytest.mark.parametrize("fact", ["since_talk", "missed"])
def test_every_way_compares_alike_what_is_known_in_part(node: Node, fact: str) -> None:
    """The rules that allow `call` are those that certainly hold, those that never allow `sms` possibly do."""
    conditions = [f"{fact} {condition}" for condition in CONDITIONS if fact == "since_talk" or "none" not in condition]
    if fact == "missed":
        conditions += ["missed is known", "missed is unknown", "not (missed > 3 and missed is known)"]
    vocabulary = POLICY.typed.place.source.text.partition("rule call:")[0]
    policy = forbear.loads(
        vocabulary
        + "".join(f"rule c{at}: allow call when {text}\n" for at, text in enumerate(conditions))
        + "".join(f"rule s{at}: never sms when {text}\n" for at, text in enumerate(conditions))
    )
    known: list[dict[str, Any]] = [{"at_least": low} for low in range(9)]
    known += [{"at_least": low, "at_most": high} for high in range(9) for low in range(high + 1)]
    known += [{**one, "or_none": True} for one in known] if fact == "since_talk" else []
    cases = [{fact: one} for one in known]
    module = run_module(policy)
    by_rows_of_bits = decider(policy.typed, many=True)
    tables = specs(policy.typed)
    for one, answer in zip(
        cases, node.ask(data=policy_data(policy.typed), cases=[(one, None) for one in cases]), strict=True
    ):
        values = read_case(tables.facts, tables.needed, one)
        expected = {action: its.as_json() for action, its in meaning.decide(policy.typed, values, None).items()}
        assert answer == module(one) == policy.decide(one).as_json() == expected, one
        assert by_rows_of_bits.decide(one).as_json() == expected


def test_javascript_says_the_same_of_what_is_wrong(node: Node) -> None:
    known: list[dict[str, Any]] = [
        {"ago": {"at_least": 9, "at_most": 99, "or_none": True}},
        {"ago": {"at_least": 9, "at_most": 9}},
        {"ago": {"or_none": True}},
        {"hourly": {"at_least": 0}},
        {"hourly": {"at_most": 7}},
        {"calls": {"at_least": "2"}},
        {"calls": {"at_least": 1}},
        {"calls": {"at_most": 2}},
        {"calls": {"at_least": 1, "or_none": True}},
        {"calls": {"at_least": 3, "at_most": 2}},
        {"calls": {"at_least": -1}},
        {"calls": {"at_most": 1.5}},
        {"ago": {"or_none": 1}},
        {"calls": {}},
        {"calls": {"least": 1}},
        {"calls": [1]},
        {"ever_": {"at_least": 1}},
        {"extra": {"at_least": 1}},
    ]
    moment = {"t": "12:00", "day_": "2026-03-10", "w": "tuesday"}
    cases = [outright(**one) for one in known]
    given_moment = [{**{name: value for name, value in one.items() if name != "zone"}, **moment} for one in cases]
    answers = node.ask(data=policy_data(BAD_POLICY.typed), cases=[(one, None) for one in given_moment])
    for one, answer in zip(cases, answers, strict=True):
        expected: object
        try:
            expected = BAD_POLICY.decide(one, at=BAD_AT).as_json()
        except forbear.CaseError as error:
            expected = [[fault.fact, fault.message, fault.code, fault.arguments] for fault in error.faults]
        assert answer == expected
