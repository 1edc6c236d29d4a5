"""The errors of a case: each code of the reference is that of some case, and its text what code and arguments give."""

from __future__ import annotations

import datetime
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import invoking
import polars as pl
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from strategies import examples

import forbear
from forbear.check.promises.promises import written_case
from forbear.cli.cases.case_reader import written, written_from_now_on
from forbear.cli.cases.lines import CaseOptions, check_keys, line_case
from forbear.kernel import cases as kernel
from forbear.kernel import faults
from forbear.kernel.cases import CaseError, Fault, filled
from forbear.kernel.strict_json import read_json
from forbear.library.answering import Asking, Request, answer_when, request_of
from forbear.report.formats.schema import case_schema

ROOT = Path(__file__).parent.parent
TEXTS: Mapping[str, str] = {**kernel.TEXTS, **faults.TEXTS}

PLAIN = forbear.loads("""\
policy plain
  currency CNY
  in force from 2020-01-01 until 2029-12-31
fact late  days clock
fact sum   money optional
fact euros money EUR optional
fact rate  number between 0 and 9 in steps of 0.1 optional
fact many  count optional
fact flag  yes/no optional
fact state text optional
fact hours weekly hours optional
fact sort  text one of "a1", "b1", "c1", "d1", "e1", "f1", "g1", "h1", "i1", "j1", "k1", "l1", "m1" optional
fact paid  date optional
fact hour  time optional
action sms
rule r: after 3 days then allow sms in force from 2021-01-01
""")
NO_CURRENCY = forbear.loads("fact sum money optional  action sms  rule r: sum is known then allow sms")
EVENTS = forbear.loads("""\
calendar office "office" covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
fact debt text
fact same text
fact born date optional
fact age years since born
fact working working day of office
event touch
  has debt text
  has minutes count usually 0
event visit has same text
fact calls count of touch where debt is this debt in last 7 days
fact spent sum of touch.minutes in last 7 days
fact seen any visit where same is this same in last 7 days optional
fact ago days since last touch
fact clock_ time of decision
action a
rule r: calls >= 2 and spent > 3 and ago > 1 and ago is not none and age > 18 and working and clock_ > 08:00 and seen
  then allow a
""")
BY_WEEKDAY = forbear.loads("fact name weekday of decision  action a  rule r: name is monday then allow a")
BY_DAY = forbear.loads("fact today date of decision  action a  rule r: today > 2026-03-01 then allow a")
OPTIONAL = forbear.loads("fact many count optional  action a  rule r: many > 3 then allow a")
MISSING_DATE = forbear.loads("fact born date  fact age years since born  action a  rule r: age > 18 then allow a")
MAYBE_DATE = forbear.loads("fact born date or none  fact age years since born  action a  rule r: age > 18 then allow a")
HALF_KNOWN = forbear.loads("""\
event touch has kind one of call, sms optional
fact calls count of touch where kind is call in last 7 days
action a
rule r: calls >= 1 then allow a
""")
TOUCH = {"event": "touch", "at": "2026-03-09T10:00:00Z", "debt": "A", "minutes": 0}
CASE = {
    "debt": "A",
    "same": "S",
    "born": "1990-01-01",
    "zone": "Europe/Paris",
    "history": [],
    "history_from": "opening",
}
AT = "2026-03-10T12:00:00+01:00"
GONE = object()


class Bomb:
    def __index__(self) -> int:
        raise ValueError


class Nowhere(datetime.tzinfo):
    def utcoffset(self, moment: datetime.datetime | None) -> datetime.timedelta:
        raise ValueError

    dst = utcoffset

    def tzname(self, moment: datetime.datetime | None) -> str:
        raise ValueError


def plain(on: object = "2025-03-01", /, **case: object) -> object:
    return PLAIN.decide({"late": 9, **case}, on)  # type: ignore[arg-type]


def events(at: object = AT, /, **case: object) -> object:
    given = {name: value for name, value in {**CASE, **case}.items() if value is not GONE}
    return EVENTS.decide(given, at=at)  # type: ignore[arg-type]


def touch(at: object = AT, /, **event: object) -> object:
    given = {name: value for name, value in {**TOUCH, **event}.items() if value is not GONE}
    return events(at, history=[given])


def outright(**case: object) -> object:
    """A case that gives what follows from events."""
    without: dict[str, object] = {"history": GONE, "history_from": GONE, "calls": 0, "spent": 0, "ago": 4, "seen": True}
    return events(**{**without, **case})


OF_KERNEL: Mapping[str, Callable[[], object]] = {
    "no-object": lambda: PLAIN.decide([], "2025-03-01"),  # type: ignore[arg-type]
    "missing": lambda: PLAIN.decide({}, "2025-03-01"),
    "unknown-fact": lambda: plain(laet=3),
    "unknown-action": lambda: PLAIN.decide({"late": 9}, "2025-03-01").permits("smss"),
    "no-name-of-fact": lambda: PLAIN.decide({"late": 9, 5: 1}, "2025-03-01"),  # type: ignore[dict-item]
    "no-name-of-action": lambda: PLAIN.decide({"late": 9}, "2025-03-01").permits(5),  # type: ignore[arg-type]
    "unreadable-value": lambda: plain(many=Bomb()),
    "no-null": lambda: plain(late=None),
    "no-flag": lambda: plain(flag="yes"),
    "no-text": lambda: plain(state=3),
    "no-hours": lambda: plain(hours="mon"),
    "half-character": lambda: plain(state="\ud800"),
    "not-one-of": lambda: plain(sort="A1"),
    "no-date": lambda: plain(paid="yesterday"),
    "no-such-day": lambda: plain(paid="2025-02-30"),
    "no-time": lambda: plain(hour="8"),
    "no-whole-seconds": lambda: plain(hour="08:00:00.5"),
    "no-number": lambda: plain(rate=[1]),
    "no-whole-number": lambda: plain(many=1.5),
    "no-sum": lambda: plain(sum={}),
    "other-currency": lambda: plain(sum="USD 3"),
    "no-currency": lambda: NO_CURRENCY.decide({"sum": "USD 3"}),
    "too-many-digits": lambda: plain(many=10**15),
    "off-grid": lambda: plain(rate="0.25"),
    "out-of-range": lambda: plain(rate=10),
    "no-part": lambda: outright(calls={}),
    "no-or-none": lambda: outright(ago={"or_none": 1}),
    "never-none": lambda: outright(calls={"or_none": True}),
    "unreadable-end": lambda: outright(calls={"at_least": Bomb()}),
    "end-out-of-range": lambda: outright(calls={"at_least": -1}),
    "impossible": lambda: outright(calls={"at_least": 3, "at_most": 2}),
    "known-too-little": lambda: outright(calls={"at_least": 1, "at_most": 3}),
    "no-day": lambda: plain(None),
    "not-in-force": lambda: plain("2030-01-01"),
    "history-without-moment": lambda: events(None),
    "no-moment": lambda: events("soon"),
    "unreadable-moment": lambda: events(datetime.datetime(2026, 3, 10, 12, tzinfo=Nowhere())),
    "no-such-moment": lambda: events("2026-02-30T12:00:00Z"),
    "out-of-years": lambda: events("0999-01-01T12:00:00Z"),
    "no-offset": lambda: events("2026-03-10T12:00:00", zone=["Europe/Paris", "Asia/Tokyo"]),
    "shown-twice": lambda: events("2026-10-25T02:30:00"),
    "never-shown": lambda: events("2026-03-29T02:30:00"),
    "another-day": lambda: EVENTS.decide(CASE, "2026-03-11", at=AT),
    "zone-missing": lambda: events(zone=GONE),
    "no-zone": lambda: events(zone="Paris"),
    "empty-zone": lambda: events(zone=[]),
    "too-many-zones": lambda: events(zone=["Europe/Paris"] * 101),
    "follows": lambda: events(calls=3),
    "another-age": lambda: events(age=30),
    "half-given": lambda: MAYBE_DATE.decide({"born": "none", "age": 30}),
    "another-working-day": lambda: events(working=False),
    "not-of-day": lambda: BY_DAY.decide({"today": "2026-03-09"}, "2026-03-10"),
    "missing-for-fact": lambda: MISSING_DATE.decide({}, "2026-03-10"),
    "missing-for-events": lambda: events(debt=GONE),
    "after-day": lambda: events(born="2030-01-01"),
    "not-covered": lambda: events("2030-03-10T12:00:00Z"),
    "sum-out-of-range": lambda: events(history=[{**TOUCH, "minutes": 999_999_999_999_999}] * 2),
    "history-too-short": lambda: events(history_from="2026-03-10"),
    "half-known": lambda: HALF_KNOWN.decide(
        {
            "zone": "Europe/Paris",
            "history_from": "opening",
            "history": [{"event": "touch", "at": "2026-03-09T10:00:00Z"}],
        },
        at=AT,
    ),
    "no-history": lambda: events(history="none"),
    "no-history-from": lambda: events(history_from=GONE),
    "no-event": lambda: events(history=[3]),
    "event-missing": lambda: touch(event=GONE),
    "unknown-event": lambda: touch(event="tuoch"),
    "no-name-of-event": lambda: touch(event=5),
    "attribute-missing": lambda: touch(minutes=GONE),
    "unknown-attribute": lambda: touch(minute=5),
    "no-name-of-attribute": lambda: events(history=[{**TOUCH, 5: 5}]),
    "moment-missing": lambda: touch(at=GONE),
    "after-decision": lambda: touch(at="2026-03-11T10:00:00Z"),
    "no-id": lambda: touch(id=1.5),
    "half-character-in-id": lambda: touch(id="\ud800"),
    "long-id": lambda: touch(id=10**4300),
    "another-event": lambda: events(history=[{**TOUCH, "id": 1}, {**TOUCH, "id": 1, "minutes": 3}]),
    "not-looked-at": lambda: events(history=[3] * 101),
}


OPEN = forbear.loads("""\
event touch has debt text
fact debt text
fact calls count of touch where debt is this debt in last 7 days
fact born date
fact age years since born
fact hour time of decision
fact hours weekly hours optional
fact in_hours now within hours
calendar office "office" covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
fact working working day of office
fact limit count
fact secret count private
fact many count
action a
rule r: calls >= 2 and age > 18 and in_hours and hour > 08:00 and working and many >= 3 then allow a
rule s: many > secret then forbid a
""")


BOOK = forbear.Book("plain", (PLAIN,))
VERSION = "policy p in force {}  fact late days clock  fact more count  action a  rule r: allow a when {} > 3"
VERSIONS = [
    forbear.loads(VERSION.format(days, fact))
    for days, fact in (("until 2026-03-09", "late"), ("from 2026-03-10", "more"))
]
LACKING = [
    forbear.loads(VERSION.format(days, "late").replace("action a", actions))
    for days, actions in (("until 2026-03-10", "action a"), ("from 2026-03-11", "action a, b"))
]


def text(content: bytes | str) -> object:
    return read_json(content)


def when(at: object = AT, until: object = "30 days") -> object:
    return HALF_KNOWN.when("a", {"zone": "Europe/Paris", "calls": 0}, at, until)  # type: ignore[arg-type]


def opened(*names: str, at: object = None, on: object = None, **case: object) -> object:
    return OPEN.partial(case, names, on=on, at=at)  # type: ignore[arg-type]


def plan(**options: Any) -> object:
    return NO_CURRENCY.plan(pl.DataFrame({"sum": ["3"]}), **options)


def columns(on: object = "2025-03-01", **options: Any) -> object:
    return PLAIN.apply(pl.DataFrame({"late": [3], "account": ["A"]}), on, **options)  # type: ignore[arg-type]


def many_changes() -> None:
    with mock.patch("forbear.queries.when.MOST_CHANGES", 1):
        by_hour = forbear.loads("fact hour time of decision  action a  rule r: hour > 09:00 then allow a")
        raise CaseError(by_hour.when("a", {"zone": "UTC"}, AT).intervals[-1].faults)


BEYOND: Mapping[str, Callable[[], object]] = {
    "no-utf8": lambda: text(b"\xff"),
    "too-long": lambda: read_json("1" * 3_000_000, longest=2 * 1024 * 1024),
    "too-many-values": lambda: text(f"[{'1,' * 1_000_001}1]"),
    "too-many-names": lambda: text("{" + ", ".join(f'"a{number}": 1' for number in range(10_001)) + "}"),
    "too-deep": lambda: text("[" * 101 + "]" * 101),
    "too-long-number": lambda: text("1" * 4_301),
    "no-json": lambda: text("{"),
    "no-json-number": lambda: text("NaN"),
    "half-character-in-json": lambda: text(r'"\ud800"'),
    "given-twice": lambda: text('{"a": 1, "a": 2}'),
    "no-written-case": lambda: written_case('late 3 expect sms unsaid\nexample "x": given late 3', PLAIN.typed, ()),
    "bad-written-case": lambda: written_case("laet 3", PLAIN.typed, ()),
    "written-day": lambda: written_case("late 3 on 2025-03-01", PLAIN.typed, (), moment=datetime.date(2025, 3, 1)),
    "written-moment": lambda: written_case(
        "late 3 on 2025-03-01", PLAIN.typed, (), moment=datetime.datetime(2025, 3, 1)
    ),
    "nothing-to-decide": lambda: written_case("late 3", forbear.loads("fact late days clock").typed, ()),
    "day-without-form": lambda: request_of({"on": 3}, None, None),
    "moment-without-form": lambda: request_of({"at": 3}, None, None),
    "two-days": lambda: request_of({"on": "2025-03-01"}, datetime.date(2025, 3, 2), None),
    "two-moments": lambda: request_of({"at": AT}, None, "2025-03-01T10:00:00Z"),
    "book-without-day": lambda: forbear.Book("p", (*VERSIONS,)).deciding({}),
    "no-version": lambda: BOOK.on("2030-03-01"),
    "action-of-other-version": lambda: forbear.Book("p", (*LACKING,)).when("b", {"zone": "UTC", "late": 1}, AT),
    "error-of-version": lambda: forbear.Book("p", (*VERSIONS,)).plan(pl.DataFrame({"late": [1]}), 9, "2026-03-05"),
    "missing-moment": lambda: EVENTS.derive(CASE, None),  # type: ignore[arg-type]
    "decided-without-moment": lambda: PLAIN.decide({"late": 9}, "2025-03-01").valid_until,
    "no-start": lambda: answer_when(PLAIN, "sms", Request({}, None, None), "30 days"),
    "missing-start": lambda: when(None),
    "late-start": lambda: when("9980-01-01T10:00:00Z"),
    "early-end": lambda: when(until=AT),
    "late-end": lambda: when(until="9999999999 days"),
    "many-changes": many_changes,
    "given-and-open": lambda: opened("many", many=3),
    "open-for-events": lambda: opened("debt", history=[]),
    "open-hours": lambda: opened("hours", at="2026-03-10T09:00:00Z"),
    "open-date": lambda: opened("born", on="2026-03-10", age=30),
    "open-after-open-date": lambda: opened("born", "age", on="2026-03-10"),
    "open-after-history": lambda: opened("calls", history=[]),
    "open-after-date": lambda: opened("age", on="2026-03-10", born="1990-01-01"),
    "open-after-moment": lambda: opened("hour", at=AT),
    "open-after-day": lambda: opened("working", on="2026-03-10"),
    "open-beside-private": lambda: opened("many", calls=1, age=3, hour="09:00", working=True, secret=3),
    "open-without-value": lambda: OPTIONAL.partial({}, ["many"])["a"][0].holds({}),
    "open-and-unknown": lambda: OPTIONAL.partial({}, ["many"])["a"][0].holds({"many": None}),
    "day-and-moment": lambda: plan(on="2026-03-10", at=AT),
    "no-day-and-time": lambda: plan(at="soon"),
    "other-each-day": lambda: BY_WEEKDAY.plan(pl.DataFrame({"name": ["monday"]}), on="2026-03-10"),
    "neither-day-nor-moment": lambda: columns(on=None, when=["sms"]),
    "too-far": lambda: columns(when=["sms"], days=10_000),
    "no-column": lambda: columns(names={"dpd": "sum"}),
    "column-for-fact": lambda: columns(names={"sum": "account"}),
    "no-key-column": lambda: columns(key=["id"]),
    "column-missing": lambda: PLAIN.apply(pl.DataFrame({"account": ["A"]}), "2025-03-01"),
    "two-columns": lambda: columns(names={"account": "late"}),
    "two-answer-columns": lambda: columns(key=["account", "account"]),
    "not-none": lambda: columns(none=["sum"]),
    "derived-in-one-zone": lambda: EVENTS.derive({**CASE, "zone": ["Europe/Paris", "Asia/Tokyo"]}, AT),
}


PARTS = forbear.loads("fact late days in steps of 7 clock  action a  rule r: allow a when late > 7")
ENDING = forbear.loads(
    "policy p in force until 2026-03-02  fact late days clock  action a  rule r: allow a when late > 3"
)
LAST = forbear.loads("""\
event touch has minutes count
fact minutes minutes of last touch
action a
rule r: allow a when minutes > 3
""")
LATE = "2026-03-10T23:00:00Z"
AGES = forbear.loads("fact d date  fact many count  fact age years since d  action a  rule r: allow a when age >= many")
TERMS = forbear.loads("""\
fact d date
fact age years since d
fact term months since d
action a
rule r: allow a when age >= 1 and term >= 1 and d > 2020-01-01
""")
MANY = forbear.loads(
    "".join(f"fact f{one} count\n" for one in range(14))
    + "action a\n"
    + "".join(
        f"rule r{one}: allow a when (f{one} > {3 + one} and f{13 - one} < {one}) or f{one} = 99\n" for one in range(14)
    )
)
LINES = CaseOptions(names={"dpd": "late"}, none=(), on=None, at=None, key=(), why=False)


def on_days(policy: forbear.Policy, **columns: list[str]) -> object:
    return policy.plan(pl.DataFrame(columns), on="2026-03-10")


def line(content: bytes) -> object:
    answer = line_case(PLAIN.typed.facts, PLAIN.decide, content, LINES).outcome
    if isinstance(answer, CaseError):
        raise answer
    return answer


def later_on(policy: forbear.Policy) -> object:
    [*_, last] = policy.when("a", {"late": 9, "zone": "UTC"}, "2026-03-01T10:00", "9 days")
    raise CaseError(last.faults)


def when_on_command_line() -> object:
    given = invoking.forbear("when", "pack:huabei/before", "sms", "--case", "-", "--format", "json", given="{}")
    raise CaseError([Fault(**one) for one in given.json["faults"]])


IN_WORDS = ("late 3", "sms")
OF_COMMANDS: Mapping[str, Callable[[], object]] = {
    "two-names": lambda: line(b'{"late": 3, "dpd": 3, "on": "2025-03-01"}'),
    "bad-key": lambda: Asking(PLAIN, key="id").named({"id": ""}),
    "no-key-field": lambda: check_keys([frozenset({"id"})]),
    "no-moment-in-option": lambda: written(PLAIN, *IN_WORDS, None, "soon"),
    "no-start-in-option": lambda: written_from_now_on(PLAIN, IN_WORDS[0], None, "UTC"),
    "no-start-at-all": when_on_command_line,
    "policy-not-in-force": lambda: later_on(ENDING),
    "parts-of-days": lambda: on_days(PARTS, late=["7"]),
    "follows-from-events": lambda: on_days(HALF_KNOWN, history=["[]"]),
    "follows-from-dates": lambda: on_days(MISSING_DATE, born=["2000-01-01"]),
    "open-on-two-days": lambda: AGES.partial({"zone": ["America/New_York", "Asia/Tokyo"]}, ["d", "many"], at=LATE),
    "no-case-of-open": lambda: TERMS.ask("a", {"age": 1, "term": 30}),
    "too-many-cases": lambda: MANY.partial({}, MANY.facts),
    "part-in-column": lambda: LAST.derive(
        {"zone": "UTC", "history_from": "2026-03-01", "history": []}, AT, columns=True
    ),
}
"""Those of lines and options of a command, and of what is asked of a program that goes on from there."""

ELSEWHERE = {"cases-of-relations", "cases-of-dates", "withheld-private", "withheld-beside-private"}
"""Those of searches that would take long: tests/queries/ makes them short. What an explanation withholds is no error:
tests/deciding/test_private.py has it."""


def refused(ask: Callable[[], object]) -> tuple[Fault, ...]:
    with pytest.raises(CaseError) as caught:
        ask()
    return caught.value.faults


def check(fault: Fault) -> None:
    """The text is what code and arguments give, also after they were sent as JSON."""
    sent = json.loads(json.dumps(fault.as_json()))
    assert filled(TEXTS[sent["code"]], sent["arguments"]) == sent["message"] == fault.message


@pytest.mark.parametrize("code", [*OF_KERNEL, *BEYOND, *OF_COMMANDS])
def test_each_code_is_that_of_a_case(code: str) -> None:
    found = refused({**OF_KERNEL, **BEYOND, **OF_COMMANDS}[code])
    assert code in [fault.code for fault in found], found
    for fault in found:
        check(fault)


UNSEEN = """\
no-day history-without-moment not-in-force another-day not-of-day after-day after-decision not-covered
no-zone no-offset shown-twice never-shown
impossible another-age half-given another-working-day another-event sum-out-of-range
known-too-little history-too-short half-known
half-character half-character-in-id"""
"""The errors that the schema of a case cannot see, by the lines of docs/reference/case.md: what the day and the moment
decide, which may come from elsewhere; the names and clocks of zones; values that contradict each other, or tell too
little; and what is no JSON."""


def test_the_schema_refuses_each_other_error_of_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[forbear.Policy, object, object, object]] = []
    decide = forbear.Policy.decide

    def noting(policy: forbear.Policy, case: Any, on: Any = None, at: Any = None) -> object:
        asked.append((policy, case, on, at))
        return decide(policy, case, on, at)

    monkeypatch.setattr(forbear.Policy, "decide", noting)
    taken = set()
    for code in OF_KERNEL.keys() - {"long-id", "no-name-of-fact", "unknown-action", "no-name-of-action"}:
        refused(OF_KERNEL[code])
        policy, case, on, at = asked[-1]
        outside = {name: value for name, value in (("on", on), ("at", at)) if value is not None}
        try:
            sent = json.loads(json.dumps({**case, **outside} if isinstance(case, dict) else case))
        except TypeError:  # a value that JSON does not have
            continue
        if Draft202012Validator(case_schema(policy.typed)).is_valid(sent):
            taken.add(code)
    assert taken == set(UNSEEN.split())


TOGETHER = """\
fact debt text
fact region text optional
fact born date
fact married date optional
fact spared weekly hours or none
event contact
  has debt text
  has region text
fact calls count of contact where debt is this debt in last 7 days
fact here any contact where region is this region in last 7 days
fact unread count of contact in last 7 days
fact ago days since last contact
fact age years since born
fact wed years since married
fact hour time of decision
fact name weekday of decision
fact quiet now within spared
action sms
"""
ENTRIES: Mapping[str, tuple[object, ...]] = {
    "debt": ("A",),
    "region": ("R", None),
    "born": ("1990-01-01",),
    "married": ("2020-01-01", None),
    "spared": ("sun 09:00-10:00", "none"),
    "history": ([], [{"event": "contact", "at": "2026-03-09T10:00:00Z", "debt": "A", "region": "R"}]),
    "history_from": ("opening",),
    "calls": (0, {"at_most": 0}),
    "here": (False,),
    "unread": (0,),
    "ago": (3,),
    "age": (36,),
    "wed": (6,),
    "hour": ("12:00",),
    "name": ("tuesday",),
    "quiet": (False,),
    "zone": ("UTC", ["UTC"]),
    "at": ("2026-03-10T12:00:00Z", None),
    "on": ("2026-03-10", None),
}
COMPLETE = (
    "debt region born married spared history history_from zone at",
    "debt born spared history history_from zone at",
    "calls here ago age wed hour name quiet",
    "born calls here ago quiet on hour name",
)
"""Entries that a case may have and needs no others with; each drawn case has some more, or lacks some."""


def test_of_a_drawn_case_the_schema_sees_all_but_these() -> None:
    """Whichever of its entries are there. The moment or the day, from which facts follow, may come from elsewhere."""
    unseen = {*UNSEEN.split(), *(f"missing {name}" for name in ("hour", "name", "quiet", "age", "wed"))}
    chance, found = random.Random(2026), Counter[tuple[bool, bool]]()
    conditions = ["calls > 3", "here", "ago > 3", "age > 3", "wed > 3", "hour > 21:00", "name is monday", "quiet"]
    for _ in range(examples(30)):
        condition = " or ".join(chance.sample(conditions, chance.choice([1, 1, 2, 4])))
        policy = forbear.loads(f"{TOGETHER}rule r: never sms when {condition}\n")
        validator = Draft202012Validator(case_schema(policy.typed))
        for _ in range(40):
            complete, often = chance.choice(COMPLETE).split(), chance.choice([0, 0.05, 0.1, 0.5])
            names = [name for name in ENTRIES if (name in complete) != (chance.random() < often)]
            case = {name: chance.choice(ENTRIES[name]) for name in names}
            outside = {name: case[name] for name in ("on", "at") if name in case}
            try:
                policy.decide({name: value for name, value in case.items() if name not in outside}, **outside)  # type: ignore[arg-type]
                codes = set()
            except CaseError as error:
                codes = {f"missing {fault.fact}" if fault.code == "missing" else fault.code for fault in error.faults}
            found[validator.is_valid(case), not codes] += 1
            assert codes <= unseen if validator.is_valid(case) else codes, (case, condition, codes)
    assert found[True, True] > found.total() / 50, found


def test_no_code_is_left_out() -> None:
    assert OF_KERNEL.keys() == kernel.TEXTS.keys()
    assert BEYOND.keys() | OF_COMMANDS.keys() == faults.TEXTS.keys() - ELSEWHERE


def test_no_code_has_two_texts_and_each_is_used() -> None:
    assert not kernel.TEXTS.keys() & faults.TEXTS.keys()
    source = "".join(
        path.read_text("utf-8") for path in (ROOT / "src" / "forbear").rglob("*.py") if path.name != "faults.py"
    )
    assert [code for code in faults.TEXTS if f'"{code}"' not in source] == []


PRIVATE = forbear.loads("""\
fact income money CNY private optional
fact paid date private optional
fact code text one of "a", "b" private optional
event touch has amount money CNY private optional
fact spent sum of touch.amount in last 7 days private
action a
rule r: income > CNY 5 and paid > 2020-01-01 and code is "a" and spent > CNY 3 then allow a
""")


@pytest.mark.parametrize(
    "given",
    [
        {"income": "XSECRET"},
        {"income": "SEC 8765"},
        {"income": "8765.4321"},
        {"income": [8765]},
        {"paid": "8765-13-01"},
        {"code": "SECRET"},
        {"spent": {"at_least": "1.21"}},
        {"spent": {"at_least": "8765.4321"}},
        {"spent": {"at_least": 4, "at_most": 3, "or_none": "SECRET"}},
        {"spent": {"at_least": "1", "at_most": "4.21"}},
        {"spent": 0, "history": [8765]},
        {"history": "SECRET", "history_from": "opening", "zone": "Europe/Paris"},
    ],
)
def test_no_argument_tells_what_is_private(given: dict[str, object]) -> None:
    at = AT if "history" in given else None
    found = refused(lambda: PRIVATE.decide({"spent": 0, **given} if at is None else given, at=at))
    assert found
    for fault in found:
        check(fault)
        assert not re.search("SEC|8765|4321|[14]\\.21", json.dumps(fault.as_json())), fault


def test_a_count_that_hangs_on_an_unknown_fact_names_it() -> None:
    policy = forbear.loads("""\
event payment has amount money CNY
fact minimum_payment money CNY optional
fact full count of payment where amount >= this minimum_payment ever
action a
rule r: full >= 1 then allow a
""")
    history = [{"event": "payment", "at": "2026-03-09T10:00:00Z", "amount": 5}]
    with pytest.raises(forbear.CaseError, match=r"or of the case: `minimum_payment`$"):
        policy.decide({"zone": "Europe/Paris", "history_from": "opening", "history": history}, at=AT)
