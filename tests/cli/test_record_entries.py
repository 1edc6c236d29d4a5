"""Entries of a record by account and request, refused cases and `permits` among them: decided again, and explained."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from command import write
from invoking import forbear as run

import forbear

POLICY = """\
policy house
fact late days clock
fact income money CNY private
fact reached count
action visit, sms
event call
  has phone text private
  has minutes count
fact calls count of call where minutes > 5 in last 7 days optional
rule visit_rarely: after 60 days and income >= CNY 3000 then allow visit
rule remind: after 3 days and reached < 5 then allow sms
rule many: limit sms to 3 by calls
"""
SECRET = b"0123456789abcdef"
EVENT = {"event": "call", "at": "2026-02-28T09:00:00Z", "phone": "0551-2", "minutes": 9}
HISTORY = {"zone": "UTC", "history_from": "opening", "history": [EVENT]}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", POLICY)


def entries_of(house: Path, secret: bytes | None = None) -> Path:
    """A record with `permits` of private and of public facts, refused and not, and with events."""
    path = house.parent / "p.jsonl"
    policy = forbear.load(house)
    case: dict[str, Any] = {"late": 90, "income": "3400.00", "reached": 0, "calls": 0}
    counted = {"late": 90, "income": "3400.00", "reached": 0, **HISTORY}
    at = "2026-03-01T09:00:00Z"
    with forbear.Record(path, secret, refused=True) as record:
        for number, (action, asked, moment) in enumerate([
            ("sms", case, None), ("visit", case, None), ("sms", {**case, "late": None, "income": "x"}, None),
            ("sms", counted, at), ("sms", {**counted, "history": [{**EVENT, "minute": 3}]}, at),
        ], 1):  # fmt: skip
            with suppress(forbear.CaseError):
                policy.permits(action, asked, at=moment, record=record, key="A-17", request=f"r-{number}")
        policy.decide(counted, at=at, record=record, request="r-6")
        with suppress(forbear.CaseError):
            policy.decide({**counted, "history": [{**EVENT, "event": "met"}]}, at=at, record=record)
    return path


@pytest.mark.parametrize("secret", [None, SECRET])
def test_permits_is_decided_again_on_its_action_alone(house: Path, secret: bytes | None) -> None:
    path = entries_of(house, secret)
    answer = run("replay", path, "--policy", house)
    assert answer.out.splitlines()[:4] == [
        "line 2: it depends on `income`, which is private",
        "line 6: it depends on `income`, which is private",
        "line 7: it was refused, and what is private of its events may be why",
        "7 decisions: 4 the same, 3 not to be decided again",
    ]
    assert "a chain of 7 lines, unbroken" in answer.out
    later = write(house.parent, "later.forbear", POLICY.replace("reached < 5", "reached < 1"))
    text = (
        POLICY.replace("visit, sms", "visit, email")
        .replace("allow sms", "allow email")
        .replace("limit sms", "limit email")
    )
    without = write(house.parent, "without.forbear", text)
    assert "7 decisions: 4 the same" in run("replay", path, "--policy", later).out
    text = POLICY.replace("event call", "event met\n  has phone text private\n  has minutes count\nevent call")
    known = write(
        house.parent, "known.forbear", text.replace("has minutes", "has minute count private optional\n  has minutes")
    )
    assert run("replay", path, "--policy", known).out.splitlines()[1:4:2] == [
        f"line {number}: it was refused, and what is private of its events may be why" for number in (5, 7)
    ]
    assert run("replay", path, "--policy", without, "--limit", "1").out.startswith(
        "line 1: sms: allowed by remind -> no rule\n"
    )
    unknown = write(
        house.parent,
        "unknown.forbear",
        POLICY.replace("rule many", "fact held yes/no optional\nrule held_too: allow sms when held\nrule many"),
    )
    assert run("replay", path, "--policy", unknown, "--limit", "1").out.startswith(
        "line 1: sms: allowed by remind -> allowed by remind; unknown: held\n"
    )


# An auditor asks why


def test_a_line_is_explained_by_the_policy_that_decided_it(house: Path) -> None:
    path = entries_of(house)
    recorded = [entry["recorded"] for entry in lines(path)]
    answer = run("explain", house, "--record", path, "--request", "r-6", "sms")
    assert answer.out == (
        f"line 6, recorded {recorded[5]}, request r-6\n"
        "sms is allowed by remind\n  case    late 90, reached 0\n  at      2026-03-01 09:00 in UTC\n\n"
        "allow by remind: active  (house.forbear:11)\n  yes     late > 3\n  yes     reached < 5\n\n"
        "never by many: does not hold  (house.forbear:12)\n  no      needs calls >= 3, is 1: 2 more\n\n"
        "what would change it:\n  late 3 -> no rule\n  reached 5 -> no rule\n  calls 3 -> forbidden\n"
    ).replace("house.forbear:", f"{house}:")
    document = run("explain", house, "--record", path, "--line", "1", "--format", "json").json
    assert document["entry"] == {"line": 1, "recorded": recorded[0], "request": "r-1", "key": "A-17"}
    assert (document["action"], document["decision"]["verdict"]) == ("sms", "allowed")
    assert document["policy"] == {"name": "house", "digest": forbear.load(house).digest}
    faults = run("explain", house, "--record", path, "--line", "3", "--format", "json").json
    assert (faults["policy"], faults["faults"][0]["fact"]) == (document["policy"], "late")
    refused = run("explain", house, "--record", path, "--line", "3")
    assert (refused.code, refused.out.splitlines()[1]) == (
        0,
        "  `late` is null, which means unknown, and it is not optional",
    )


def test_what_cannot_be_explained_is_told(house: Path) -> None:
    path = entries_of(house)
    altered = write(house.parent, "altered.jsonl", path.read_text().replace('"late": 90', '"late": 89', 1))
    for file, policy, options, code, said in (
        (path, house, ("--line", "2"), 1, "line 2: the rules on `visit` read `income`, which the record leaves out as"),
        (path, house, ("--line", "6"), 2, "name the action to explain"),
        (path, house, ("--line", "1", "visit"), 1, "line 1: it has no decision on `visit`, only on sms"),
        (path, house, ("--line", "99", "sms"), 1, f"'{path}' has no line 99"),
        (path, house, ("--request", "r-9", "sms"), 1, "has no line of request 'r-9'"),
        (path, house, ("sms",), 2, "name the line of the record, with --request ID or --line N"),
        (
            path,
            house,
            ("--line", "1", "--on", "2026-03-01", "sms"),
            2,
            "leave out --case, --given, --example, --on and --at",
        ),
        (altered, house, ("--line", "1", "sms"), 1, "line 1: the line was altered: its digest is not that of its text"),
    ):
        answer = run("explain", policy, "--record", file, *options, "--format", "json")
        assert (answer.code, answer.json.keys()) == (code, {"error"}), options
        assert said in answer.json["error"]
    assert run("explain", house, "--line", "1", "sms").code == 2
