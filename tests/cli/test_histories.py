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
A_WEEK_AGO = "2026-03-03T23:00:00"


def case(*moments: str, zone: object = "America/New_York", **more: object) -> dict[str, object]:
    events = [{"event": "contact", "at": moment, "medium": "call"} for moment in moments]
    return {"history": events, "history_from": "opening", "zone": zone, **more}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", POLICY)


def ask(policy: Path, given: dict[str, object], *arguments: str, command: str = "decide") -> Any:
    action = ["phone_call"] if command == "explain" else []
    return run(command, policy, "--case", "-", *action, *arguments, given=json.dumps(given))


def rules(policy: Path, given: dict[str, object], *arguments: str) -> Any:
    answer = ask(policy, given, *arguments, "--format", "json")
    assert answer.code == 0, answer.err
    return answer.json["decisions"]["phone_call"]["rules"]


def test_the_moment_stands_in_the_case_or_on_the_command_line(policy: Path) -> None:
    assert rules(policy, case(TUESDAY, TUESDAY), "--at", AT) == ["often"]
    assert rules(policy, case(TUESDAY, A_WEEK_AGO), "--at", AT) == ["call"]
    assert rules(policy, case(TUESDAY, TUESDAY, at=AT)) == ["often"]
    assert rules(policy, case(TUESDAY, at="2026-03-10T21:00:01")) == ["late"]


def test_a_case_with_two_zones_is_decided_in_both(policy: Path) -> None:
    both = case("2026-03-10T09:00:00-04:00", zone=["America/New_York", "America/Los_Angeles"])
    assert rules(policy, both, "--at", "2026-03-10T12:00:00-04:00") == ["call"]
    assert rules(policy, both, "--at", "2026-03-10T09:30:00-04:00") == ["late"]


def test_now_is_the_moment_of_the_command(policy: Path) -> None:
    record = ask(policy, case(), "--at", "now", "--format", "json").json
    told = datetime.datetime.fromisoformat(record["at"])
    assert abs(told - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=2)


def test_the_record_can_be_decided_again(policy: Path) -> None:
    record = ask(policy, case(TUESDAY), "--at", AT, "--format", "json").json
    assert record["at"] == AT
    again = ask(policy, {**record["case"], "at": record["at"]}, "--format", "json").json
    assert again == record


def test_explain_counts(policy: Path) -> None:
    answer = ask(policy, case(TUESDAY, TUESDAY), "--at", AT, command="explain")
    assert answer.code == 0
    assert "phone_call is forbidden by often" in answer.out
    assert "calls_in_7_days 1 -> allowed" in answer.out


@pytest.mark.parametrize(
    ("given", "arguments", "message"),
    [
        (case(TUESDAY), (), "a history needs the moment of the decision: give `at`"),
        (case(TUESDAY, at=AT), ("--at", "2026-03-10T13:00:00-04:00"), "the case says `at` 2026-03-10T12:00:00-04:00"),
        (case(TUESDAY, at=3), (), '`at` needs a date and time such as "2026-03-01T09:30:00-05:00"'),
        (case(TUESDAY), ("--at", "tomorrow"), "`at` needs a date and time such as"),
        (case("2026-03-10T13:00:00"), ("--at", AT), '`history[0]` is of "2026-03-10T13:00:00", after the decision'),
        (case(TUESDAY, zone="Mars/Base"), ("--at", AT), '`zone` needs a time zone such as "America/New_York"'),
        (
            case(TUESDAY, calls_in_7_days=1),
            ("--at", AT),
            "`calls_in_7_days` follows from `history`, and is given as well",
        ),
        (case(TUESDAY), ("--at", AT, "--on", "2026-03-11"), "`on` and `at` are of different days"),
    ],
)
def test_what_is_wrong_with_it(
    policy: Path, given: dict[str, object], arguments: tuple[str, ...], message: str
) -> None:
    answer = ask(policy, given, *arguments)
    assert answer.code == 1
    assert message in answer.err


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
