"""Hours that repeat are one line: days of the same hours together, and the others named."""

from __future__ import annotations

import datetime
import random
import re

import pytest

from forbear.report.hours import Span, repeated

DAY = datetime.timedelta(days=1)
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def spans_of(days: str, *hours: str) -> list[Span]:
    """The spans of some hours on days of January 2026, which begins on a Thursday: `5-9 12`."""
    found = []
    for part in days.split():
        first, _, last = part.partition("-")
        for day in range(int(first), int(last or first) + 1):
            midnight = datetime.datetime(2026, 1, day)
            for span in hours:
                start, end = [datetime.timedelta(hours=float(hour)) for hour in span.split("-")]
                found.append((midnight + start, midnight + end))
    return sorted(found)


JANUARY = moment("2026-01-01"), moment("2026-02-01")
TOLD = [
    (spans_of("1-31", "8-12", "14-21"), ["each day 08:00 to 12:00 and 14:00 to 21:00, to Sat 2026-01-31"]),
    (
        spans_of("5-10 12-17 19-24 26-30", "8-20.5"),
        ["each day 08:00 to 20:30, from Mon 2026-01-05 to Fri 2026-01-30, but not on Sundays"],
    ),
    (
        spans_of("5-10 12-13 15-17 19-24", "8-20"),
        ["each day 08:00 to 20:00, from Mon 2026-01-05 to Sat 2026-01-24, but not on Sundays or Wed 2026-01-14"],
    ),
    (spans_of("5 12 19 26", "9-10"), ["on Mondays 09:00 to 10:00, from Mon 2026-01-05 to Mon 2026-01-26"]),
    (
        spans_of("5-15", "8-20") + spans_of("16-31", "8-12"),
        [
            "each day 08:00 to 20:00, from Mon 2026-01-05 to Thu 2026-01-15",
            "each day 08:00 to 12:00, from Fri 2026-01-16 to Sat 2026-01-31",
        ],
    ),
    (
        spans_of("5-9 12-16", "8-20") + spans_of("10 17", "9-12"),
        [
            "each day 08:00 to 20:00, from Mon 2026-01-05 to Fri 2026-01-16, but not on Saturdays and Sundays",
            "on Saturdays 09:00 to 12:00, from Sat 2026-01-10 to Sat 2026-01-17",
        ],
    ),
    ([(moment("2026-01-03T18:00"), moment("2026-01-06T00:00"))], ["18:00 to 24:00 on Sat 2026-01-03",
        "each day at all hours, from Sun 2026-01-04 to Mon 2026-01-05"]),
    (spans_of("3 7 8 20 30", "9-10"), ["09:00 to 10:00 on Sat 2026-01-03, Wed 2026-01-07 to Thu 2026-01-08, "
        "Tue 2026-01-20, Fri 2026-01-30"]),
]  # fmt: skip


@pytest.mark.parametrize(("spans", "told"), TOLD)
def test_what_repeats_is_one_line(spans: list[Span], told: list[str]) -> None:
    assert repeated(sorted(spans), JANUARY) == told


def test_a_day_that_is_asked_about_in_part_is_one_of_those_that_it_is_a_part_of() -> None:
    asked = moment("2026-01-01T10:00"), moment("2026-01-31T15:00")
    cut = [(max(start, asked[0]), min(end, asked[1])) for start, end in spans_of("1-31", "8-12", "14-21")]
    assert repeated(cut, asked) == ["each day 08:00 to 12:00 and 14:00 to 21:00, to Sat 2026-01-31"]


def read(text: str) -> set[datetime.date]:
    """The days that a line names, read again."""
    text, _, but = text.partition(", but not on ")
    runs = re.findall(r"\w{3} ([-0-9]{10})(?: to \w{3} ([-0-9]{10}))?", text)
    if text.startswith(("each", "on ")):
        [dates] = runs[-1:]
        first, last = dates if dates[1] else ("2026-01-01", dates[0])
        runs = [(first, last)]
    days = set()
    for first, last in runs:
        day = datetime.date.fromisoformat(first)
        while day <= datetime.date.fromisoformat(last or first):
            days.add(day)
            day += DAY
    if text.startswith("on "):
        days = {day for day in days if WEEK[day.weekday()] in text}
    return {day for day in days if WEEK[day.weekday()] not in but and day.isoformat() not in but}


@pytest.mark.parametrize("seed", range(60))
def test_the_lines_name_exactly_the_days(seed: int) -> None:
    chance = random.Random(seed)
    off = chance.sample(range(7), chance.randint(0, 6))
    dates = [datetime.date(2026, 1, 1) + DAY * at for at in range(31)]
    days = {day for day in dates if (day.weekday() in off) == (chance.random() < 0.05 * chance.randint(0, 3))}
    lines = repeated(spans_of(" ".join(str(day.day) for day in sorted(days)), "8-20"), JANUARY)
    assert "more times" in "".join(lines) or {day for line in lines for day in read(line)} == days, (lines, days)
