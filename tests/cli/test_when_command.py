"""`forbear when`: text for people, JSON and a calendar for programs."""

from __future__ import annotations

import datetime
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


def test_rows_of_one_verdict_are_one_and_full_tells_each(folder: Path) -> None:
    short = ask(folder, "--until", "3 days")
    assert short.code == 0
    assert short.out.splitlines()[0] == (
        "phone_call is permitted from Sun 2026-03-08 08:00-04:00 until Sun 2026-03-08 21:00:01-04:00"
    )
    full = ask(folder, "--until", "3 days", "--full")
    assert len(full.out.splitlines()) > len(short.out.splitlines())
    assert "the `call` of 2026-03-06 leaves the last 24 hours: `calls_in_24_hours` is 0" in full.out


def test_json_hides_what_is_private_and_has_causes_with_arguments(folder: Path) -> None:
    answer = ask(folder, "--until", "2 days", "--format", "json").json
    assert answer["case"]["name"] == {"private": None}
    causes = [cause for interval in answer["intervals"] for cause in interval["ends"]]
    left = next(cause for cause in causes if cause["code"] == "leaves_window")
    assert (left["event"], left["at"], left["value"]) == ("call", ["2026-03-06T09:30:00.250000-05:00"], 0)
    ends = [interval["until"] for interval in answer["intervals"]]
    assert "2026-03-07T09:30:00.250001-05:00" in ends
    assert answer["intervals"][-1]["ends"] == []


def test_a_misspelt_fact_is_heard_of_also_where_the_action_does_not_read_it(folder: Path) -> None:
    write(folder, "case.json", json.dumps({**CASE, "nmae": "Li", "late": 3}))
    said = ask(folder)
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "error: the vocabulary has no fact `nmae`; did you mean `name`?\nerror: the vocabulary has no fact `late`\n"
    )
    write(folder, "case.json", json.dumps({**CASE, "id": "A-1"}))
    assert ask(folder).code == 1
    assert ask(folder, "--key", "id").code == 0
    write(folder, "case.json", json.dumps({**CASE, "id": "A-1", "asked": 7}))
    assert ask(folder, "--key", "id", "--request", "asked").code == 0


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


def test_a_calendar_has_the_permitted_times_in_whole_seconds(folder: Path) -> None:
    done = ask(folder, "--until", "4 days", "--format", "ics")
    calendar: Any = Calendar.from_ical(done.out)
    events = [(event["dtstart"].dt, event["dtend"].dt, str(event["summary"])) for event in calendar.walk("VEVENT")]
    utc = datetime.UTC
    assert events == [
        (
            datetime.datetime(2026, 3, day, 12, tzinfo=utc),
            datetime.datetime(2026, 3, day + 1, 1, 0, 1, tzinfo=utc),
            what,
        )
        for day, what in ((8, "phone_call allowed"), (9, "phone_call allowed"))
    ] + [
        (
            datetime.datetime(2026, 3, 10, 12, tzinfo=utc),
            datetime.datetime(2026, 3, 10, 15, tzinfo=utc),
            "phone_call allowed",
        )
    ]
    assert called(done.out) == "phone_call: The dialler's hours"
    assert "Li" not in done.out
    assert done.out == ask(folder, "--until", "4 days", "--format", "ics").out


def test_a_calendar_without_permitted_times_has_a_component_that_no_program_shows(folder: Path) -> None:
    done = ask(folder, "--until", "2 hours", "--format", "ics")
    calendar: Any = Calendar.from_ical(done.out)
    assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE"]
    assert [part.name for part in calendar.subcomponents[0].subcomponents] == ["STANDARD"]
    assert "METHOD" not in calendar
    assert done.out.count("+0000") == 2


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


@pytest.mark.parametrize("command", ["when", "explain", "ask"])
def test_the_field_that_names_the_account_is_no_fact(folder: Path, command: str) -> None:
    write(folder, "case.json", json.dumps({**CASE, "account": "A-17"}))
    words = (command, "dialler.forbear", "phone_call", "--case", "case.json")
    if command == "explain":
        words = ("explain", "dialler.forbear", "--case", "case.json", "phone_call")
    named = run(*words, "--key", "account", cwd=folder)
    write(folder, "case.json", json.dumps(CASE))
    assert (named.code, named.out) == (0, run(*words, cwd=folder).out)
    in_words = run(
        command, "dialler.forbear", "phone_call", "--given", "days_overdue 9", "--key", "account", cwd=folder
    )
    assert in_words.code == 2


def test_a_case_in_words_has_its_events_in_the_zone(folder: Path) -> None:
    words = "days_overdue 9, call on 2026-03-06 at 09:30"
    asked = ("--given", words, "--at", "2026-03-06T10:00", "--zone", "Europe/Berlin", "--until", "1 day")
    done = run("when", "dialler.forbear", "phone_call", *asked, "--format", "json", cwd=folder)
    ends = {interval["until"] for interval in done.json["intervals"]}
    assert "2026-03-07T09:30:00.000001+01:00" in ends


@pytest.mark.parametrize(
    ("days", "until", "said"),
    [
        (1, "1 day", "sms is not permitted in the time asked (until Sat 2026-03-07 10:00+00:00)"),
        (1, "3 days", "sms is permitted from Sun 2026-03-08 00:00+00:00, to the end of the time asked (Mon"),
        (1, "9 days", "sms is permitted from Sun 2026-03-08 00:00+00:00 until Tue 2026-03-10 00:00+00:00"),
        (3, "1 day", "sms is permitted now, to the end of the time asked (Sat 2026-03-07 10:00+00:00)"),
        (3, "9 days", "sms is permitted now, until Sun 2026-03-08 00:00+00:00"),
    ],
)
def test_the_end_of_what_was_asked_is_no_end_of_a_verdict(tmp_path: Path, days: int, until: str, said: str) -> None:
    write(tmp_path, "p.forbear", "policy p\nrule r: from day 3 to day 4 then allow sms\n")
    asked = ("--given", f"days_overdue {days}", "--at", "2026-03-06T10:00", "--until", until)
    assert run("when", "p.forbear", "sms", *asked, cwd=tmp_path).out.startswith(said)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--case", "case.json", "--given", "days_overdue 9"), 2, "name one case"),
        (("--case", "case.json", "--zone", "UTC"), 2, "--zone is for a case in words"),
        (("--given", "days_overdue 9"), 1, "name the moment from which on to look"),
        (("--given", "days_overdue 9", "--at", "2026-03-06T10:00", "--zone", "Nowhere"), 1, "`zone` needs a time zone"),
        (
            ("--given", "", "--at", "0999-01-01T00:00"),
            1,
            "`at` is 0999-01-01 00:00:00, out of the years 1000 to 9998\n",
        ),
        (
            ("--given", "", "--at", "9999-01-01T00:00"),
            1,
            "`at` is 9999-01-01 00:00:00, out of the years 1000 to 9998\n",
        ),
        (("--case", "case.json", "--until", "soon"), 1, "or say how long: `30 days`, `12 hours`"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(folder: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run("when", "dialler.forbear", "phone_call", *arguments, cwd=folder)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", ["when", "decide", "explain"])
def test_days_until_a_date_and_an_age_that_words_leave_out_are_assumed_and_go_on(tmp_path: Path, command: str) -> None:
    policy = """
    policy consent
    fact late days clock
    fact consent_until date
    fact consent_left days until consent_until
    fact birth date
    fact age years since birth
    action sms
    rule remind: after 2 days and consent_left >= -5 and age < 80 then allow sms
    """
    write(tmp_path, "consent.forbear", policy)
    what = () if command == "decide" else ("sms",)

    def asked(given: str, *more: str) -> Answer:
        return run(command, "consent.forbear", *what, "--given", given, "--at", "2026-03-10T10:00", *more, cwd=tmp_path)

    text = asked("late 3")
    assert "assumed, since it is not given: consent_left 0, age 0" in text.out
    assert asked("late 3", "--format", "json").json["assumed"] == ["consent_left", "age"]
    assert "undecided" not in text.out
    dates = asked("late 3, consent_until 2026-03-12, birth 1990-01-01", "--format", "json").json
    assert dates["assumed"] == []
