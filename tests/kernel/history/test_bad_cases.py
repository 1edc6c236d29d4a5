"""Cases with a history: what is wrong with each, said alike by a policy and by its compiled module."""

from __future__ import annotations

import datetime
import os
import resource
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import forbear
from forbear.targets.python.module import compile_module

POLICY = forbear.loads("""\
fact debt text
fact extra count optional
event touch
  has medium one of call, sms
  has debt text
  has minutes count usually 0
  has note text optional
event visit has minutes count
fact calls count of touch where medium is call and debt is this debt in last 7 days
fact hourly count of touch in last 24 hours optional
fact ever_ any touch ever optional
fact ago days since last touch
fact t time of decision
fact day_ date of decision
fact w weekday of decision
action a
rule r: never a when calls >= 2 or hourly > 100 or ever_ and ago is 5000 or t > 23:00 and w is sunday
  or day_ is 2020-01-01
rule s: allow a when always
""")
MODULE: dict[str, Any] = {"__name__": "compiled"}
exec(compile(compile_module(POLICY.typed), "<compiled>", "exec"), MODULE)

AT = "2026-03-10T12:00:00-04:00"
GONE = object()


def too_short(first: str) -> str:
    return (
        f"`calls` is missing: the history begins on {first}, and earlier events count, from 2026-03-04 on: "
        'read them too, write "opening" in `history_from` if there were none, or give the fact'
    )


HALF = "an id with half a character, a surrogate without its other half"
CASE = {"debt": "A", "zone": "America/New_York", "history": [], "history_from": "opening"}
TOUCH = {"event": "touch", "at": "2026-03-09T10:00:00", "medium": "call", "debt": "A", "minutes": 0}


def case(**changes: object) -> dict[str, object]:
    return {name: value for name, value in {**CASE, **changes}.items() if value is not GONE}


def touch(**changes: object) -> dict[str, object]:
    return {name: value for name, value in {**TOUCH, **changes}.items() if value is not GONE}


def outright(**changes: object) -> dict[str, object]:
    """A case that gives what follows from events."""
    return case(**{"history": GONE, "history_from": GONE, "calls": 0, "hourly": 0, "ever_": True, "ago": 4, **changes})


NOT_ENOUGH = "which does not tell enough"
ONE_WITH = 'one with "at_least", "at_most" or "or_none" says what is known of a number'


# A case, the moment of its decision, and what is wrong with it, or the rule that decides
ROWS: list[tuple[dict[str, object], object, list[str] | str]] = [
    (case(history=[touch()]), AT, "s"),
    (case(history=[touch()]), None, ["a history needs the moment of the decision: give `at`"]),
    (case(), "2026-03-10", ['`at` needs a date and time such as "2026-03-01T09:30:00-05:00", not "2026-03-10"']),
    (case(), "2026-03-10T12:00", "s"),
    (case(), "2026-03-10T25:00:00", ['`at` is "2026-03-10T25:00:00", a moment that does not exist']),
    (case(), 3, ['`at` needs a date and time such as "2026-03-01T09:30:00-05:00", not 3']),
    (
        case(),
        datetime.date(2026, 3, 10),
        ['`at` needs a date and time such as "2026-03-01T09:30:00-05:00", not 2026-03-10'],
    ),
    (case(), "2026-02-30T12:00:00", ['`at` is "2026-02-30T12:00:00", a moment that does not exist']),
    (
        case(),
        "2026-03-10T12:00:00-04",
        ['`at` needs a date and time such as "2026-03-01T09:30:00-05:00", not "2026-03-10T12:00:00-04"'],
    ),
    (case(zone=GONE), AT, ['`zone` is missing: the borrower\'s time zone, such as "America/New_York"']),
    (
        case(zone=GONE, zonee="America/New_York"),
        AT,
        ['`zone` is missing: the borrower\'s time zone, such as "America/New_York"; did you mean it by `zonee`?'],
    ),
    *[
        (
            case(zone=given),
            AT,
            [f'`zone` needs a time zone such as "America/New_York", not "{given}"; did you mean `{meant}`?'],
        )
        for given, meant in [
            ("Europe/Berlim", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("paris", "Europe/Paris"),
            ("New York", "America/New_York"),
        ]
    ],
    (case(zone="West"), AT, ['`zone` needs a time zone such as "America/New_York", not "West"']),  # which of two?
    (case(zone="Mars/Base"), AT, ['`zone` needs a time zone such as "America/New_York", not "Mars/Base"']),
    (case(zone="America"), AT, ['`zone` needs a time zone such as "America/New_York", not "America"']),
    (case(zone="a" * 300), AT, [f'`zone` needs a time zone such as "America/New_York", not "{"a" * 56}...']),
    (case(zone=3), AT, ['`zone` needs a time zone such as "America/New_York", not 3']),
    (case(zone=[]), AT, ["`zone` is an empty list: name the borrower's time zone"]),
    (case(zone=["UTC"] * 101), AT, ["`zone` names 101 time zones, and a case has at most 100"]),
    (case(zone=["America/New_York", 5]), AT, ['`zone` needs a time zone such as "America/New_York", not 5']),
    (
        case(zone=["America/New_York", "Asia/Tokyo"]),
        "2026-03-10T12:00:00",
        ['`at` is "2026-03-10T12:00:00", without offset, and the case has several zones'],
    ),
    (case(history_from=GONE), AT, ['`history_from` is missing: the first day that the history covers, or "opening"']),
    (
        case(history_from=GONE, history_form="opening"),
        AT,
        [
            '`history_from` is missing: the first day that the history covers, or "opening"; '
            "did you mean it by `history_form`?"
        ],
    ),
    (
        case(history_from="open"),
        AT,
        ['`history_from` needs a date such as "2015-09-22", not "open"; or write "opening"'],
    ),
    (case(history_from=3), AT, ['`history_from` needs a date such as "2015-09-22", not 3; or write "opening"']),
    (
        case(history_from="2026-02-30"),
        AT,
        ['`history_from` is "2026-02-30", a day that does not exist; or write "opening"'],
    ),
    (
        case(history_from="2026-03-11"),
        AT,
        [
            too_short("2026-03-11"),
        ],
    ),
    (
        case(history_from="2026-03-10"),
        AT,
        [
            too_short("2026-03-10"),
        ],
    ),
    (case(history_from="2026-03-04"), AT, "r"),
    (case(history=[touch(), touch(minutes=1)], history_from="2026-03-09"), AT, "r"),
    (case(history=[touch()], history_from="2026-03-10"), AT, [too_short("2026-03-10")]),
    (
        case(history_from="2026-03-05"),
        AT,
        [
            too_short("2026-03-05"),
        ],
    ),
    (case(history=[touch()], history_from="2026-03-04"), AT, "s"),
    (
        case(history=[touch()], history_from="2026-03-05"),
        AT,
        [too_short("2026-03-05")],
    ),
    (case(history=None), AT, ["`history` is a list of events, not null"]),
    (case(history={}), AT, ["`history` is a list of events, not an object"]),
    (case(history="x"), AT, ['`history` is a list of events, not "x"']),
    (case(history=[3]), AT, ["`history[0]` is an object with `event` and `at`, not 3"]),
    (case(history=["x"]), AT, ['`history[0]` is an object with `event` and `at`, not "x"']),
    (case(history=[None]), AT, ["`history[0]` is an object with `event` and `at`, not null"]),
    (case(history=[[]]), AT, ["`history[0]` is an object with `event` and `at`, not a list"]),
    (case(history=[touch(event=GONE)]), AT, ["`history[0]` has no `event`: one of touch, visit"]),
    (case(history=[touch(event="call")]), AT, ["`history[0]`: the vocabulary has no event `call`"]),
    (
        case(history=[touch(event="toch")]),
        AT,
        ["`history[0]`: the vocabulary has no event `toch`; did you mean `touch`?"],
    ),
    (case(history=[touch(event=3)]), AT, ["`history[0]`: 3 is no name of an event"]),
    (case(history=[touch(event=None)]), AT, ["`history[0]`: null is no name of an event"]),
    (case(history=[touch(at=GONE)]), AT, ["`history[0]` has no `at`: when it happened"]),
    (
        case(history=[touch(at=None)]),
        AT,
        ['`at` of `history[0]` needs a date and time such as "2026-03-01T09:30:00-05:00", not null'],
    ),
    (
        case(history=[touch(at=3)]),
        AT,
        ['`at` of `history[0]` needs a date and time such as "2026-03-01T09:30:00-05:00", not 3'],
    ),
    (
        case(history=[touch(at="2026-03-09")]),
        AT,
        ['`at` of `history[0]` needs a date and time such as "2026-03-01T09:30:00-05:00", not "2026-03-09"'],
    ),
    (
        case(history=[touch(at="2026-03-09T10:00:00Z0")]),
        AT,
        ['`at` of `history[0]` needs a date and time such as "2026-03-01T09:30:00-05:00", not "2026-03-09T10:00:00Z0"'],
    ),
    (
        case(history=[touch(at="2026-13-09T10:00:00")]),
        AT,
        ['`at` of `history[0]` is "2026-13-09T10:00:00", a moment that does not exist'],
    ),
    (
        case(history=[touch(at="2026-03-10T12:00:01")]),
        AT,
        ['`history[0]` is of "2026-03-10T12:00:01", after the decision'],
    ),
    (case(history=[touch(at="2026-03-10T12:00:00")]), AT, "s"),
    (
        case(history=[touch(at="2026-03-10T16:00:00.5Z")]),
        AT,
        ['`history[0]` is of "2026-03-10T16:00:00.5Z", after the decision'],
    ),
    (
        case(history=[touch(at="9999-12-31T23:59:59Z")]),
        AT,
        ['`at` of `history[0]` is "9999-12-31T23:59:59Z", out of the years 1000 to 9998'],
    ),
    (
        case(history=[touch(at="0001-01-01T00:00:00Z")]),
        AT,
        ['`at` of `history[0]` is "0001-01-01T00:00:00Z", out of the years 1000 to 9998'],
    ),
    (
        case(history=[touch(at="0001-01-01T00:00:00+14:00")]),
        AT,
        ['`at` of `history[0]` is "0001-01-01T00:00:00+14:00", out of the years 1000 to 9998'],
    ),
    (
        case(history=[touch(at="2026-03-08T02:30:00")]),
        AT,
        ['`at` of `history[0]` is "2026-03-08T02:30:00", which the clocks there show never: give its offset'],
    ),
    (
        case(history=[touch(at="2025-11-02T01:30:00")]),
        AT,
        ['`at` of `history[0]` is "2025-11-02T01:30:00", which the clocks there show twice: give its offset'],
    ),
    (case(history=[touch(at="2025-11-02T01:30:00-05:00")]), AT, "s"),
    (
        case(),
        "2026-03-08T02:30:00",
        ['`at` is "2026-03-08T02:30:00", which the clocks there show never: give its offset'],
    ),
    (
        case(),
        "2025-11-02T01:30:00",
        ['`at` is "2025-11-02T01:30:00", which the clocks there show twice: give its offset'],
    ),
    (
        case(zone=["America/New_York", "Asia/Tokyo"], history=[touch()]),
        AT,
        ['`at` of `history[0]` is "2026-03-09T10:00:00", without offset, and the case has several zones'],
    ),
    (case(history=[touch(medium=GONE)]), AT, ["`history[0]` has no `medium`"]),
    (case(history=[touch(medium="fax")]), AT, ['`medium` of `history[0]` needs one of call, sms, not "fax"']),
    (case(history=[touch(medium=3)]), AT, ["`medium` of `history[0]` needs one of call, sms, not 3"]),
    (
        case(history=[touch(medium=None)]),
        AT,
        ["`medium` of `history[0]` is null, which means unknown, and it is not optional"],
    ),
    (case(history=[touch(debt=3)]), AT, ["`debt` of `history[0]` needs a text, not 3"]),
    (case(history=[touch(minutes=GONE)]), AT, ["`history[0]` has no `minutes`"]),
    (case(history=[touch(minutes=True)]), AT, ["`minutes` of `history[0]` needs a whole number, not true"]),
    (case(history=[touch(minutes=1.5)]), AT, ["`minutes` of `history[0]` needs a whole number, not 1.5"]),
    (case(history=[touch(minutes=-1)]), AT, ["`minutes` of `history[0]` is -1, out of its range 0 to 999999999999999"]),
    (case(history=[touch(minutes="1")]), AT, "s"),
    (case(history=[touch(note=None)]), AT, "s"),
    (case(history=[touch(note=3)]), AT, ["`note` of `history[0]` needs a text, not 3"]),
    (case(history=[touch(colour="red")]), AT, ["`history[0]`: the vocabulary has no attribute `colour`"]),
    (
        case(history=[touch(Medium="call", medium=GONE)]),
        AT,
        [
            "`history[0]` has no `medium`",
            "`history[0]`: the vocabulary has no attribute `Medium`; did you mean `medium`?",
        ],
    ),
    (case(history=[touch(id="1"), touch(id="1")]), AT, "s"),
    (
        case(history=[touch(id="1"), touch(minutes=3, id="1")]),
        AT,
        ['`history[1]` has the id "1" of another event, and says something else'],
    ),
    (
        case(history=[touch(id="1"), touch(at="2026-03-08T10:00:00", id="1")]),
        AT,
        ['`history[1]` has the id "1" of another event, and says something else'],
    ),
    (case(history=[touch(id=1), touch(id="1")]), AT, "r"),
    (case(history=[touch(id=True)]), AT, ["`history[0]` has the id true, which is no text and no number"]),
    (case(history=[touch(id=1.0)]), AT, ["`history[0]` has the id 1.0, which is no text and no number"]),
    (case(history=[touch(id=None)]), AT, "s"),
    (case(history=[touch(id=np.int64(7)), touch(id=7)]), AT, "s"),
    (case(history=[touch(id="\u00e9"), touch(id="\u00e9")]), AT, "s"),
    (case(history=[touch(id="\ud800")]), AT, [f"`history[0]` has {HALF}"]),
    (case(history=[touch(), touch(id="\ud800")]), AT, [f"`history[1]` has {HALF}"]),
    (case(history=[touch(id=10**4300 - 1)]), AT, "s"),
    (case(history=[touch(id=-(10**4300))]), AT, ["`history[0]` has an id of more than 4,300 digits"]),
    (case(history=[touch(id=[])]), AT, ["`history[0]` has the id a list, which is no text and no number"]),
    (case(history=[touch(id="")]), AT, "s"),
    (
        case(history=[touch(id="1"), {"event": "visit", "at": "2026-03-09T10:00:00", "minutes": 1, "id": "1"}]),
        AT,
        ['`history[1]` has the id "1" of another event, and says something else'],
    ),
    (
        case(history=[touch(id=1), touch(minutes=False, id=1)]),
        AT,
        ["`minutes` of `history[1]` needs a whole number, not false"],
    ),
    (
        case(history=[touch()], calls=3),
        AT,
        ["`calls` follows from `history`, and is given as well: give one of the two"],
    ),
    (
        case(history=[touch()], ago="none"),
        AT,
        ["`ago` follows from `history`, and is given as well: give one of the two"],
    ),
    (case(history=[touch()], t="12:00"), AT, ["`t` follows from `at`, and is given as well: give one of the two"]),
    (case(history=[touch()], w="tuesday"), AT, ["`w` follows from `at`, and is given as well: give one of the two"]),
    (case(calls=3, ago=4, history=GONE, history_from=GONE), AT, "r"),
    (
        case(calls=3, ago=4, t="12:00", w="tuesday", day_="2026-03-10", zone=GONE, history=GONE, history_from=GONE),
        None,
        "r",
    ),
    (case(history_from="2026-03-01", calls=3, ago=4, history=GONE), AT, "r"),
    (outright(ago={"at_least": 9, "at_most": 99, "or_none": True}), AT, "s"),
    (outright(ago={"at_least": 9, "at_most": 9}), AT, "s"),
    (outright(ago={"or_none": True}), AT, "r"),
    (outright(calls={"at_least": 2}), AT, "r"),
    (outright(calls={"at_most": 1}), AT, "s"),
    (outright(calls={"at_least": 1}), AT, [f"`calls` is missing: it is known to be at least 1, {NOT_ENOUGH}"]),
    (
        outright(calls={"at_least": 1, "at_most": 2}),
        AT,
        [f"`calls` is missing: it is known to be 1 to 2, {NOT_ENOUGH}"],
    ),
    (outright(calls={"at_least": 1, "or_none": True}), AT, ["`calls` says `or_none`, and cannot be none"]),
    (outright(calls={"at_least": 3, "at_most": 2}), AT, ["`calls` is at least 3, at most 2, which nothing is"]),
    (outright(calls={"at_least": -1}), AT, ["`calls` has an `at_least` that is -1, out of its range"]),
    (outright(calls={"at_most": 1.5}), AT, ["`calls` needs a whole number, not 1.5"]),
    (outright(ago={"or_none": 1}), AT, ["`ago` has an `or_none` that is neither true nor false, but 1"]),
    (outright(calls={}), AT, [f"`calls` is an object: {ONE_WITH}"]),
    (outright(calls={"least": 1}), AT, [f"`calls` is an object: {ONE_WITH}"]),
    (outright(calls=[1]), AT, ["`calls` needs a whole number, not a list"]),
    (outright(ever_={"at_least": 1}), AT, ["`ever_` needs true or false, not an object"]),
    (outright(extra={"at_least": 1}), AT, ["`extra` needs a whole number, not an object"]),
    (
        case(history=GONE, history_from=GONE),
        AT,
        ["`calls` is missing", '`ago` is missing; write "none" where there is none'],
    ),
    (case(history=GONE), AT, ["`calls` is missing", '`ago` is missing; write "none" where there is none']),
    (case(debt=GONE), AT, ["`debt` is missing: events are compared with it"]),
    (case(debt=3), AT, ["`debt` needs a text, not 3"]),
    (case(hourly=3), AT, ["`hourly` follows from `history`, and is given as well: give one of the two"]),
    (case(nonsense=3), AT, ["the vocabulary has no fact `nonsense`"]),
    (case(history=[touch(at=datetime.datetime(2026, 3, 9, 10, 0))]), AT, "s"),
    (case(history=[touch(at=datetime.datetime(2026, 3, 9, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo")))]), AT, "s"),
    (case(), datetime.datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("America/New_York")), "s"),
    (case(zone=GONE), datetime.datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("America/New_York")), "s"),
]


@pytest.mark.parametrize(("given", "at", "expected"), ROWS)
def test_what_is_said_of_a_case(given: dict[str, object], at: object, expected: list[str] | str) -> None:
    if isinstance(expected, str):
        assert POLICY.decide(given, at=at)["a"].rules == (expected,)  # type: ignore[arg-type]
        assert MODULE["decide"](given, None, at)["a"]["rules"] == [expected]
        return
    both: list[tuple[Any, Any]] = [(POLICY.decide, forbear.CaseError), (MODULE["decide"], MODULE["CaseError"])]
    for decide, error in both:
        with pytest.raises(error) as raised:
            decide(given, None, at)
        assert [fault.message for fault in raised.value.faults] == expected


@pytest.mark.parametrize("decide", [POLICY.decide, MODULE["decide"]], ids=["library", "compiled"])
@pytest.mark.parametrize("zone", ["Asia/Thimphu", "Mars/Base"])
def test_a_system_that_can_open_no_file_says_nothing_of_a_zone(decide: Any, zone: str) -> None:
    ZoneInfo.clear_cache()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_file = os.dup(0)
    os.close(next_file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_file, limits[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            decide(case(zone=zone), None, AT)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    error = forbear.CaseError if decide == POLICY.decide else MODULE["CaseError"]
    if zone == "Mars/Base":
        with pytest.raises(error):
            decide(case(zone=zone), None, AT)
    else:
        decide(case(zone=zone), None, AT)


def test_an_order_of_events_makes_no_fault() -> None:
    """Neither may a wrong event hide behind a right one with its id."""
    events = [touch(id="1"), touch(id="1", minutes=False)]
    for history in (events, events[::-1]):
        with pytest.raises(forbear.CaseError):
            POLICY.decide(case(history=history), at=AT)
