"""`forbear when`: calendars of accounts, as another program reads them. What it prints is in `transcripts/when.txt`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import Answer, run, write
from icalendar import Calendar

POLICY = """
policy dialler "The dialler's hours"
event call
fact days_overdue days clock
fact name text private
fact local_time time of decision
fact calls_in_24_hours count of call in last 24 hours
action phone_call, visit
rule call: after 9 days then allow phone_call
rule hours: never phone_call when local_time is not between 08:00 and 21:00
rule once: limit phone_call to 1 by calls_in_24_hours
rule named: name is "Li" then allow visit
"""
CASE = {
    "days_overdue": 8,
    "name": "Li",
    "zone": "America/New_York",
    "at": "2026-03-06T10:00:00-05:00",
    "history_from": "opening",
    "history": [{"event": "call", "at": "2026-03-06T09:30:00.25-05:00"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "dialler.forbear", POLICY)
    write(tmp_path, "case.json", json.dumps(CASE))
    return tmp_path


def ask(folder: Path, *more: str) -> Answer:
    return run("when", "dialler.forbear", "phone_call", "--case", "case.json", *more, cwd=folder)


def called(text: str) -> str:
    """The name of a calendar, read as a text; `icalendar` leaves it as it stands: RFC 5545 has no such property."""
    calendar: Any = Calendar.from_ical(text.replace("X-WR-CALNAME:", "DESCRIPTION:"))
    return str(calendar["description"])


@pytest.mark.parametrize(
    ("account", "read"),
    [
        ("A\n1", "A\n1"),
        ("A\r1", "A\n1"),
        ("A\r\n1", "A\n1"),
        ("A\nEND:VCALENDAR\n", "A\nEND:VCALENDAR\n"),
        ('a,b;c:d\\n"e"', 'a,b;c:d\\n"e"'),
        ("\x1b[31m\x00\u202e", "\\u001b[31m\\u0000\\u202e"),
        ("\u2028\x85\x0b", "\\u2028\\u0085\\u000b"),
        ("微信" * 60, "微信" * 60),
        (" A ", " A "),
    ],
)
def test_a_calendar_of_an_account_is_well_formed_whatever_it_is_called(folder: Path, account: str, read: str) -> None:
    write(folder, "case.json", json.dumps({**CASE, "account": account}))
    done = ask(folder, "--until", "2 days", "--format", "ics", "--key", "account")
    assert (done.code, done.err) == (0, "")
    calendar: Any = Calendar.from_ical(done.out)
    assert [part.name for part in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    assert called(done.out) == f"{read}, phone_call: The dialler's hours"
    [event] = calendar.walk("VEVENT")
    assert str(event["summary"]) == f"phone_call allowed, {read}"


def test_a_calendar_of_an_account_has_its_name_and_the_same_ids_when_its_facts_change(folder: Path) -> None:
    def events(account: str, days: int) -> set[tuple[str, str]]:
        case = {**CASE, "account": account, "days_overdue": days}
        write(folder, "case.json", json.dumps(case))
        done = ask(folder, "--until", "2026-03-10T11:00-04:00", "--format", "ics", "--key", "account")
        calendar: Any = Calendar.from_ical(done.out)
        assert called(done.out) == f"{account}, phone_call: The dialler's hours"
        assert all(str(event["summary"]) == f"phone_call allowed, {account}" for event in calendar.walk("VEVENT"))
        return {(str(event["uid"]), str(event["dtstart"].dt)) for event in calendar.walk("VEVENT")}

    first = events("A-17", 8)
    assert first < events("A-17", 9)
    assert not {uid for uid, _ in first} & {uid for uid, _ in events("A-18", 8)}
