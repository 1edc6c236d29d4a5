"""Cases that tell what happened, on the command line: the moment of the decision, and the record of it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from command import run, write

POLICY = """\
policy house
event contact
  has medium one of call, sms
fact calls_in_7_days count of contact where medium is call in last 7 days
fact local_time time of decision
action phone_call
rule often: never phone_call when calls_in_7_days >= 2
rule late: never phone_call when local_time is not between 08:00 and 21:00
rule call: allow phone_call when always
"""
AT = "2026-03-10T12:00:00-04:00"
TUESDAY = "2026-03-10T09:00:00"


def case(*moments: str, zone: object = "America/New_York", **more: object) -> dict[str, object]:
    events = [{"event": "contact", "at": moment, "medium": "call"} for moment in moments]
    return {"history": events, "history_from": "opening", "zone": zone, **more}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", POLICY)


def ask(policy: Path, given: dict[str, object], *arguments: str) -> Any:
    return run("decide", policy, "--case", "-", *arguments, given=json.dumps(given))


def test_now_is_the_moment_of_the_command(policy: Path) -> None:
    record = ask(policy, case(), "--at", "now", "--format", "json").json
    told = datetime.datetime.fromisoformat(record["at"])
    assert abs(told - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=2)


def test_the_record_can_be_decided_again(policy: Path) -> None:
    record = ask(policy, case(TUESDAY), "--at", AT, "--format", "json").json
    assert record["at"] == AT
    again = ask(policy, {**record["case"], "at": record["at"]}, "--format", "json").json
    assert again == record
