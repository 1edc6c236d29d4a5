"""`decide --record` and `replay`: what is recorded, what is hidden, and what comes of it when it is decided again."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections import ChainMap, UserDict, UserList, deque
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from command import FORBEAR, environment, run, write

import forbear

POLICY = """\
policy house
fact late days clock
fact reached count private
fact score count private
fact sum_ money CNY private
action sms
action visit
event call
  has phone text private
  has minutes count private
fact calls count of call in last 7 days
fact long_calls count of call where minutes > 5 in last 7 days optional
rule remind: after 3 days then allow sms
rule ask: after 9 days and reached > 3 then allow visit
rule many: calls > 2 then forbid sms overrides remind
"""
CASE = '{"late": 12, "reached": 5, "score": 700, "sum_": 12.50, "calls": 0}'
SECRET = b"0123456789abcdef"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", POLICY)


def record(house: Path, case: str, *options: str) -> Path:
    path = house.parent / "decisions.jsonl"
    answer = run("decide", house, "--lines", "--record", path, *options, given=case)
    assert answer.code == 0, answer.err
    return path


# What is recorded


def test_with_a_key_a_value_can_be_shown_to_be_the_one(house: Path) -> None:
    key = house.parent / "key"
    key.write_bytes(SECRET)
    path = record(house, f"{CASE}\n{CASE}", "--record-key", str(key))
    first, second = lines(path)
    assert first["case"]["sum_"] != second["case"]["sum_"], "equal values show"
    text = f"{first['salt']} sum_ CNY 12.50"
    expected = hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()
    assert first["case"]["sum_"] == {"private": f"hmac-sha256:{expected}"}
    assert "12.5" not in path.read_text(encoding="utf-8")


def test_values_of_python_are_recorded_as_json_holds_them(tmp_path: Path) -> None:
    policy = forbear.loads(
        "fact late days clock fact hour time fact day_ date fact sum_ money CNY action sms\n"
        "rule r: after 3 days and hour >= 08:00 and day_ > 2020-01-01 and sum_ > CNY 1 then allow sms"
    )
    case = {"late": 5, "hour": time(9, 30), "day_": date(2026, 3, 1), "sum_": Decimal("12.50")}
    path = tmp_path / "r.jsonl"
    with forbear.Record(path) as sink:
        policy.decide(case, record=sink)
        policy.decide({**case, "zone": "UTC"}, at=datetime(2026, 3, 1, tzinfo=UTC), record=sink)
    assert lines(path)[1]["at"] == "2026-03-01T00:00:00+00:00"
    assert lines(path)[0]["case"] == {"late": 5, "hour": "09:30:00", "day_": "2026-03-01", "sum_": "12.50"}
    with pytest.raises(forbear.RecordError, match="is closed"):
        policy.decide(case, record=sink)


def test_events_of_any_mapping_and_decimals_with_an_exponent_are_replayed(tmp_path: Path) -> None:
    policy = forbear.loads(
        "fact owed money CNY\nfact calls count of contact in last 7 days\naction call\nevent contact\n"
        "  has fee money CNY\n"
        "rule a: owed > CNY 10 and calls >= 1 then allow call\n"
    )
    event = {"event": "contact", "at": "2026-03-01T09:00:00Z", "fee": Decimal("2E+1")}
    case = {
        "owed": Decimal("1E+2"),
        "zone": deque(["UTC"]),
        "history_from": "2020-01-01",
        "history": (ChainMap(event),),
    }
    record = tmp_path / "record.jsonl"
    with forbear.Record(record) as opened:
        assert policy.decide(case, at="2026-03-02T09:00:00Z", record=opened).permits("call")
    document = json.loads(record.read_text(encoding="utf-8"))
    assert document["case"] == {
        "owed": "100", "zone": ["UTC"], "history_from": "2020-01-01",
        "history": [{"event": "contact", "at": "2026-03-01T09:00:00Z", "fee": "20"}],
    }  # fmt: skip
    assert policy.decide(document["case"], at=document["at"]).permits("call")


def test_events_of_any_class_are_recorded_as_objects_of_a_list(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "calls.forbear",
        "event call has minutes count\nfact calls count of call in last 7 days\naction sms\n"
        "rule r: always then allow sms\nrule s: never sms when calls >= 3",
    )
    policy = forbear.load(file)
    event = {"event": "call", "at": "2026-02-28T09:00:00Z", "minutes": 3}
    path = tmp_path / "r.jsonl"
    with forbear.Record(path) as sink:
        for history in (
            [MappingProxyType(event), UserDict({**event, "id": np.int64(5)})],
            deque([event]),
            UserList([MappingProxyType(event)]),
        ):
            case = {"history": history, "history_from": "opening", "zone": "UTC"}
            policy.decide(MappingProxyType(case), at="2026-03-01T09:00:00Z", record=sink)
    assert [one["case"]["history"] for one in lines(path)] == [[event, {**event, "id": 5}], [event], [event]]
    assert "3 decisions: 3 the same" in run("replay", path, "--policy", file).out


# A record that cannot be written


def test_a_line_for_which_there_is_no_room_leaves_nothing(house: Path) -> None:
    """The second line would be longer than a file may be here."""
    path = record(house, CASE)
    before = path.read_bytes()
    limit = f"ulimit -f 1; trap '' XFSZ; exec {' '.join(FORBEAR)} decide {house} --lines --record {path}"
    done = subprocess.run(
        ["bash", "-c", limit],
        input=f"{CASE}\n{CASE}\n{CASE}\n",
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be written: file too large" in done.stderr
    content = path.read_bytes()
    assert content.startswith(before)
    assert len(content) < 1024
    assert [line["case"]["late"] for line in lines(path)] == [12] * len(content.splitlines())
    assert len(done.stdout.splitlines()) == len(content.splitlines()) - 1


# Replay
