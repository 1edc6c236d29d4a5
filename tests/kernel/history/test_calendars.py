"""Calendars: working days, against the library from which they are written, and against counting by hand."""

from __future__ import annotations

import datetime
import random
from typing import Any

import holidays
import pytest
from hypothesis import given, settings
from moments import answer
from night import NIGHTLY
from strategies import examples, seeds

import forbear
from forbear.cli.calendar import calendar_text

REST = """\
event letter
  has sort one of reminder, notice optional
fact worked working day of office
fact feast holiday of office
fact since_letter working days of office since last letter where sort is reminder
action visit, call, sms
rule visit: allow visit when worked
rule call: allow call when since_letter >= 3 and not feast
rule sms: forbid sms when since_letter between 1 and 2
rule always_sms: always then allow sms
"""


def policy(country: str, first: int, last: int) -> forbear.Policy:
    return forbear.loads(calendar_text(country, None, first, last, "office") + REST.replace("forbid sms", "never sms"))


CHINA = policy("CN", 2026, 2026)


@pytest.mark.parametrize(
    ("country", "first", "last"),
    [
        ("CN", 2004, 2026),
        ("US", 2015, 2037),
        *([("CN", 1950, 1976), ("CN", 1977, 2003)] if NIGHTLY else []),
        *([("US", first, min(first + 49, 2100)) for first in range(1900, 2101, 50)] if NIGHTLY else []),
    ],
)
def test_each_day_is_worked_that_the_library_says(country: str, first: int, last: int) -> None:
    found = policy(country, first, last)
    known: Any = holidays.country_holidays(country, years=range(first, last + 1))
    day = datetime.date(first, 1, 1)
    while day.year <= last:
        case = {"since_letter": "none"}
        assert found.permits("visit", case, day) == known.is_working_day(day), day
        day += datetime.timedelta(days=1)


NOTICE_OF_2026 = """
2026-01-01 to 2026-01-03, 2026-02-15 to 2026-02-23, 2026-04-04 to 2026-04-06, 2026-05-01 to 2026-05-05,
2026-06-19 to 2026-06-21, 2026-09-25 to 2026-09-27, 2026-10-01 to 2026-10-07
"""
"""The days off that the State Council published for 2026, weekends within them too."""
FEASTS = {
    datetime.date.fromordinal(day)
    for span in NOTICE_OF_2026.split(",")
    for first, last in [[datetime.date.fromisoformat(day.strip()).toordinal() for day in span.split(" to ")]]
    for day in range(first, last + 1)
}


def test_a_holiday_of_china_has_its_weekends_where_saturdays_are_worked() -> None:
    text = " ".join(calendar_text("CN", None, 2026, 2026, "office").split())
    assert f"holidays {' '.join(NOTICE_OF_2026.split())} working" in text
    days = [datetime.date(2026, 1, 1) + datetime.timedelta(days=number) for number in range(365)]
    letter = {"since_letter": 9}  # a Saturday that is worked is no holiday, and no other Sunday is one
    assert {day for day in days if not CHINA.permits("call", letter, day)} == FEASTS
    assert "2022-01-31 to 2022-02-06" in calendar_text("CN", None, 2022, 2022, "office")
    assert "2022-12-31\n" in calendar_text("CN", None, 2022, 2022, "office"), "new year's day is in the next one"


def test_a_calendar_is_laid_out_as_any_rule_file() -> None:
    text = calendar_text("CN", None, 2025, 2026, "office")
    assert forbear.format(text) == text
    assert max(map(len, text.splitlines())) <= 120


def test_a_holiday_on_a_saturday_stays_one_where_saturdays_are_worked() -> None:
    text = calendar_text("DE", None, 2026, 2026, "office").replace("weekend saturday, sunday", "weekend sunday")
    found = forbear.loads(text + REST.replace("forbid sms", "never sms"))
    worked = {
        day: found.permits("visit", {"since_letter": "none"}, datetime.date.fromisoformat(f"2026-{day}"))
        for day in ("10-03", "10-10", "12-26", "12-27")
    }
    assert worked == {"10-03": False, "10-10": True, "12-26": False, "12-27": False}


def by_hand(calendar: Any, after: datetime.date, today: datetime.date) -> int:
    days = 0
    while after < today:
        after += datetime.timedelta(days=1)
        days += calendar.is_working_day(after)
    return days


@settings(max_examples=examples(100), deadline=None)
@given(seeds())
def test_working_days_since_a_letter_are_counted_as_by_hand(seed: int) -> None:
    generator = random.Random(seed)
    known: Any = holidays.country_holidays("CN", years=2026)
    today = datetime.date(2026, 1, 1) + datetime.timedelta(days=generator.randint(-1, 365))
    backs = [
        datetime.timedelta(days=generator.choice([0, 1, 2, 3, 9, generator.randint(0, 60)]))
        for _ in range(generator.choice([0, 1, 1, 2, 3]))
    ]
    events = [{"event": "letter", "at": f"{today - back}T01:00:00Z", "sort": "reminder"} for back in backs]
    case = {"zone": "UTC", "history_from": "opening", "history": events}
    expected = answer(CHINA.decide, case, f"{today}T12:00:00Z")
    last = today - min(backs) if backs else None
    if today.year != 2026 or (last is not None and last < datetime.date(2025, 12, 31)):
        assert isinstance(expected, list)
        return
    days = None if last is None else by_hand(known, last, today)
    assert isinstance(expected, dict)
    assert expected["visit"]["permitted"] == known.is_working_day(today)
    assert expected["call"]["permitted"] == (days is not None and days >= 3 and today not in FEASTS)
    assert expected["sms"]["permitted"] == (days is None or not 1 <= days <= 2)
