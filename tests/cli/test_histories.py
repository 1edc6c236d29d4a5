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


def test_line_by_line(policy: Path) -> None:
    lines = [case(TUESDAY, at=AT), case(TUESDAY), case("2026-03-09T09:00:00", TUESDAY, at=AT)]
    answer = run("decide", policy, "--lines", given="".join(json.dumps(line) + "\n" for line in lines))
    records = [json.loads(line) for line in answer.out.splitlines()]
    assert [record.get("decisions", {}).get("phone_call", {}).get("rules") for record in records] == [
        ["call"],
        None,
        ["often"],
    ]
    assert records[1]["line"] == 2
    assert answer.code == 1


def test_a_column_of_texts_gives_several_zones_as_json(policy: Path, tmp_path: Path) -> None:
    zones = ["America/New_York", '["America/New_York", "America/Los_Angeles"]', '["America/New_York", "Nowhere"]', "["]
    quoted = ['"' + zone.replace('"', '""') + '"' for zone in zones]
    rows = "".join(f"{zone},[],opening\n" for zone in quoted)
    write(tmp_path, "cases.csv", f"zone,history,history_from\n{rows}")
    answer = run("apply", policy, "cases.csv", "-o", "out.csv", "--at", "2026-03-10T09:30:00-04:00", cwd=tmp_path)
    assert answer.code == 1
    assert (tmp_path / "out.csv").read_text().split() == [
        "phone_call",
        "allowed",
        "forbidden",
        "undecided",
        "undecided",
    ]
    rejects = (tmp_path / "out.csv.rejects").read_text().splitlines()
    assert rejects[1].startswith('3,"`zone` needs a time zone')
    assert rejects[2].startswith('4,"`zone` is no JSON')
