"""What a policy hands to a sink, and what comes of it where a sink fails: no answer without its record."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import threading
from collections import UserDict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import compatibility
import numpy as np
import pytest

import forbear
from forbear.deciding.records.chain import Chain

POLICY = forbear.loads("""\
policy house
  version "3"
fact late days clock
fact income money CNY private
fact state text
fact paid_on date
fact hour time
fact unread count optional private
fact agreed yes/no optional
fact spared weekly hours optional
action sms, visit, letter
event call
  has phone text private
  has minutes count
fact calls count of call in last 7 days optional
rule remind: after 3 days and state is "NY" then allow sms
rule ask: after 9 days and income > CNY 100 and paid_on > 2020-01-01 and hour > 08:00 then allow visit
rule many: calls > 2 then forbid letter
""")
CASE = {"late": 12, "income": "3400.07", "state": "NY", "paid_on": "2026-03-01", "hour": "09:30"}
SECRET = b"0123456789abcdef"


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.entries: list[forbear.RecordEntry] = []

    def add(self, entry: forbear.RecordEntry, /) -> None:
        self.entries.append(entry)

    @property
    def last(self) -> dict[str, Any]:
        """The last document."""
        return self.entries[-1].as_json()


@pytest.fixture
def kept() -> Kept:
    return Kept()


# What is handed over


def test_an_entry_of_a_decision_says_what_was_asked_and_by_whom(kept: Kept) -> None:
    answer = POLICY.decide(CASE, "2026-03-05", record=kept, key="A-17", request=41)
    (entry,) = kept.entries
    assert (entry.policy, entry.digest, entry.version) == ("house", POLICY.digest, "3")
    assert (entry.key, entry.request, entry.action, entry.is_refused) == ("A-17", "41", None, False)
    assert entry.decision is answer
    assert entry.recorded.tzinfo is UTC
    document = entry.as_json()
    assert document.pop("recorded") == entry.recorded.isoformat(timespec="milliseconds")
    assert document == {
        "format": "forbear-record/1",
        "forbear": forbear.__version__,
        "request": "41",
        "key": "A-17",
        "policy": {"name": "house", "digest": POLICY.digest, "version": "3"},
        "on": "2026-03-05",
        "case": {**CASE, "income": {"private": None}},
        "decisions": {
            "sms": {"verdict": "allowed", "rules": ["remind"]},
            "visit": {"verdict": "allowed", "rules": ["ask"]},
            "letter": {"verdict": "forbidden", "rules": ["many"], "unknown": ["calls"]},
        },
    }  # fmt: skip
    assert "\n" not in entry.text()
    assert "3400" not in repr(entry) + entry.text()


def test_permits_is_recorded_as_the_decision_on_its_action(kept: Kept) -> None:
    case = {"late": 12, "state": "NY", "income": "x", "hour": math.nan, "name": "Zhang", "unread": [1]}
    assert POLICY.permits("sms", case, record=kept, key="A-17")
    assert kept.entries[0].action == "sms"
    document = kept.last
    assert (document["permits"], document["key"]) == ("sms", "A-17")
    assert document["decisions"] == {"sms": {"verdict": "allowed", "rules": ["remind"]}}
    # What it does not need it does not read, so that the record shows nothing of it that may be private.
    assert document["case"] == {
        "late": 12, "state": "NY", "income": {"private": None}, "hour": {"unreadable": "nan"},
        "name": {"private": None}, "unread": {"private": None},
    }  # fmt: skip
    assert not POLICY.permits("sms", {**case, "late": 1}, record=kept)
    assert "key" not in kept.last
    assert len(kept.entries) == 2
    with pytest.raises(forbear.CaseError, match="has no action `post`"):
        POLICY.permits("post", case, record=kept)


def test_permits_is_recorded_where_many_rules_are_on_its_action(kept: Kept) -> None:
    rules = [f"rule r{day}: allow a when late = {day}" for day in range(60)]
    policy = forbear.loads("\n".join(["fact late days clock", "action a, b", *rules]))
    assert policy.permits("a", {"late": 7}, record=kept)
    assert kept.last["decisions"] == {"a": {"verdict": "allowed", "rules": ["r7"]}}
    assert not policy.permits("a", {"late": 70}, record=kept)


def test_a_refused_case_is_handed_over_with_its_errors(kept: Kept) -> None:
    for ask in (lambda case: POLICY.decide(case, record=kept), lambda case: POLICY.permits("sms", case, record=kept)):
        with pytest.raises(forbear.CaseError) as caught:
            ask({**CASE, "late": "many", "incom": 3400})
        assert kept.entries[-1].is_refused
        assert kept.entries[-1].faults == caught.value.faults
        assert kept.last["faults"] == [fault.as_json() for fault in caught.value.faults]
        assert kept.last["case"] == {**CASE, "late": "many", "income": {"private": None}, "incom": {"private": None}}
        assert "decisions" not in kept.last
    assert [entry.action for entry in kept.entries] == [None, "sms"]


def test_of_an_event_only_what_the_vocabulary_knows_is_shown(kept: Kept) -> None:
    event: dict[Any, Any] = {"event": "call", "at": "2026-02-28T09:00:00Z", "phone": "0551-2", "minutes": 3}
    case = {**CASE, "zone": "UTC", "history_from": "opening"}
    events = [{**event, "phon": "0551-2", 5: "0551-2"}, {**event, "event": "cal"}, "0551-2"]
    with pytest.raises(forbear.CaseError):
        POLICY.decide({**case, "history": events}, at="2026-03-01T09:00:00Z", record=kept)
    hidden = {"private": None}
    assert kept.last["case"]["history"] == [{**event, "phone": hidden, "phon": hidden, "5": hidden}, hidden, hidden]


class Bomb:
    def _fail(self, *_: object) -> Any:
        raise RuntimeError("do not look at me")

    __str__ = __repr__ = __index__ = __eq__ = __len__ = __iter__ = __float__ = _fail
    __hash__ = object.__hash__


class BombList(list[object]):
    def __iter__(self) -> Iterator[object]:
        raise RuntimeError("do not look at me")


LOOP: list[object] = []
LOOP.append(LOOP)
ODD: tuple[object, ...] = (
    Bomb(), LOOP, {"a": LOOP}, BombList([1]), math.nan, math.inf, 10**5000, Decimal("NaN"), Decimal("1e999999999"),
    Decimal("1e-999999"), "\ud800", b"x", {1, 2}, np.array([1, 2]), np.timedelta64(5, "D"), np.datetime64("NaT"),
    np.bool_(True), Fraction(1, 3), object, UserDict({"x": Bomb()}), datetime(2026, 3, 1, tzinfo=UTC), True, None, 2.5,
)  # fmt: skip


@pytest.mark.parametrize("odd", range(len(ODD)))
@pytest.mark.parametrize("secret", [None, SECRET])
def test_whatever_is_in_a_case_its_refusal_is_recorded(kept: Kept, odd: int, secret: bytes | None) -> None:
    value = ODD[odd]
    event = {"event": "call", "at": "2026-02-28T09:00:00Z", "phone": "0551-2", "minutes": 3}
    moment: dict[str, Any] = {"zone": "UTC", "history_from": "opening"}
    cases: list[Any] = [
        value, {**CASE, "colour": value}, {**CASE, "history": value}, {**CASE, **moment, "history": [value, event]},
        {**CASE, "colour": 1, **moment, "zone": [value]}, {**CASE, "late": "x", **moment, "history_from": value},
        *({**CASE, "late": "x", name: value} for name in ("income", "state", "paid_on", "hour", "unread")),
        *({**CASE, **moment, "late": "x", "history": [{**event, name: value}]} for name in (*event, "id", "odd")),
    ]  # fmt: skip
    for case in cases:
        for at in ("2026-03-01T09:00:00Z", value):
            before = len(kept.entries)
            with suppress(forbear.CaseError):
                POLICY.decide(case, at=at, record=kept)  # type: ignore[arg-type]
            assert len(kept.entries) == before + 1
            entry = kept.entries[-1]
            document = entry.as_json(secret)
            text = json.dumps(document)
            assert json.loads(text, parse_constant=pytest.fail) == document
            assert [fault["message"] for fault in document.get("faults", ())] == [one.message for one in entry.faults]
            assert "3400.07" not in text
            assert "0551-2" not in text


def test_values_of_python_and_of_numpy_are_in_json(kept: Kept) -> None:
    case: dict[str, Any] = {
        "late": np.int64(12), "income": np.float32(3400.5), "state": np.str_("NY"),
        "paid_on": np.datetime64("2026-03-01"),
        "agreed": np.bool_(True), "hour": time(9, 30), "zone": [ZoneInfo("UTC")],
        "history_from": date(2020, 1, 1), "history": [],
    }  # fmt: skip
    at = datetime(2026, 3, 5, tzinfo=UTC)
    assert POLICY.decide(case, at=at, record=kept).permits("visit")
    want = {
        "late": 12, "income": {"private": None}, "state": "NY", "paid_on": "2026-03-01", "hour": "09:30:00",
        "agreed": True, "zone": ["UTC"], "history_from": "2020-01-01", "history": [],
    }  # fmt: skip
    assert kept.last["case"] == want
    assert kept.last["at"] == at.isoformat()
    assert POLICY.permits("visit", case, at=at, record=kept)
    assert kept.last["case"] == want
    assert POLICY.permits("visit", {**kept.last["case"], "income": "3400.50"}, at=kept.last["at"])


@pytest.mark.parametrize(
    "value",
    [
        {"calls": {"at_most": 2}},
        {"calls": UserDict({"at_least": Decimal(1), "at_most": np.int64(7)})},
        {"spared": ["sun 09:00-10:00", "sat 09:00-10:00"]},
        {"spared": ("sun 09:00-10:00",)},
    ],
)
def test_a_value_of_several_parts_is_recorded_by_permits_as_by_decide(kept: Kept, value: Any) -> None:
    POLICY.decide({**CASE, **value}, record=kept)
    assert POLICY.permits("letter", {**CASE, **value}, record=kept) is False
    decided, asked = (entry.as_json()["case"] for entry in kept.entries)
    assert asked == decided
    assert POLICY.decide({**asked, "income": 3400}) == kept.entries[0].decision
    with pytest.raises(forbear.CaseError):
        POLICY.decide({**CASE, **value, "late": "x"}, record=kept)
    assert kept.last["case"] == {**decided, "late": "x"}


def test_private_values_are_hashed_with_a_secret(kept: Kept) -> None:
    for ask in (POLICY.decide, lambda case, record: POLICY.permits("visit", case, record=record)):
        ask(CASE, record=kept)
        first, second = (kept.entries[-1].as_json(SECRET) for _ in range(2))
        assert first["case"]["income"]["private"].startswith("hmac-sha256:")
        assert first["salt"] != second["salt"]
        assert first.keys() <= compatibility.names()["record"]
        assert first["case"]["income"] != second["case"]["income"]


@pytest.mark.parametrize(
    ("name", "error"), [(True, TypeError), (b"x", TypeError), ("", ValueError), ("x" * 1001, ValueError)]
)
def test_what_is_no_name_is_an_error_and_no_answer(kept: Kept, name: Any, error: type[Exception]) -> None:
    for names in ({"key": name}, {"request": name}):
        with pytest.raises(error, match=f"`{next(iter(names))}` "):
            POLICY.decide(CASE, record=kept, **names)
    assert kept.entries == []


# A sink that fails


class Failing:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def add(self, entry: forbear.RecordEntry, /) -> None:
        raise self.error


def test_where_a_sink_fails_there_is_no_answer() -> None:
    for case in (CASE, {}):  # of a refused case it is no answer either, but another error
        for error in (sqlite3.OperationalError("disk full"), ValueError("x"), forbear.CaseError([])):
            for ask in (POLICY.decide, lambda case, record: POLICY.permits("sms", case, record=record)):
                with pytest.raises(forbear.RecordError) as caught:
                    ask(case, record=Failing(error))
                assert caught.value.__cause__ is error
                assert str(caught.value).startswith(f"the record was not written: {type(error).__name__}")
        with pytest.raises(forbear.RecordError, match=r"^full$"):
            POLICY.decide(case, record=Failing(forbear.RecordError("full")))
        with pytest.raises(KeyboardInterrupt):
            POLICY.decide(case, record=Failing(KeyboardInterrupt()))


def test_threads_may_be_in_a_sink_at_once() -> None:
    """Nobody holds a lock while a sink is called: each thread waits until all of them are in it."""
    together = threading.Barrier(4, timeout=20)

    class Waiting:
        def add(self, entry: forbear.RecordEntry, /) -> None:
            together.wait()

    threads = [threading.Thread(target=lambda: POLICY.decide(CASE, record=Waiting())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not together.broken


# A file is a sink


def test_a_record_adds_refused_cases_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    asked: forbear.Sink
    for refused, lines in ((False, 2), (True, 4)):
        with forbear.Record(path, SECRET, refused=refused) as asked:
            for case in (CASE, {**CASE, "late": "x"}):
                for ask in (POLICY.decide, lambda case, record: POLICY.permits("visit", case, record=record)):
                    with suppress(forbear.CaseError):
                        ask(case, record=asked)
        assert len(path.read_bytes().splitlines()) == lines
        chain = Chain(SECRET)
        assert not [said for line in path.read_bytes().splitlines() for said in chain.breaks(line, bool)]
        assert (chain.linked, chain.sealed) == (lines, lines)
        os.unlink(path)
