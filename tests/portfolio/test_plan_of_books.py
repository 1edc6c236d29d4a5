"""The workload ahead along a book whose versions declare their facts alike, or otherwise."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from days_ahead import DAYS, answers, check_stretches, expected_of

import forbear
from forbear.portfolio import applier
from forbear.portfolio.ahead import days as ahead

ON = datetime.date(2026, 1, 1)
CLOCK = "fact late days clock between -9 and 99\n"
# What two versions declare, with their rules, and the values of the columns
DECLARED: Mapping[str, tuple[str, str, Mapping[str, list[Any]]]] = {
    "nothing otherwise": (
        "rule r: allow a when late > 9\nrule s: never b when late = 3",
        "rule r: allow a when late > 12\nrule s: allow b when late between 2 and 7\nrule t: allow c when late > 12",
        {},
    ),
    "another range": (
        "fact calls count between 0 and 9\nrule r: allow a when calls > 3 and late > 9",
        "fact calls count between 2 and 7\nrule r: allow a when calls > 2 and late > 8",
        {"calls": [*range(11)]},
    ),
    "other steps": (
        "fact score number between 0 and 1 in steps of 0.1\nrule r: allow a when score > 0.3 and late > 9",
        "fact score number between 0 and 1 in steps of 0.05\nrule r: allow a when score > 0.25 and late > 8",
        {"score": ["0.3", "0.35", "0.25", "1", "0.26"]},
    ),
    "steps of a day": (
        "fact left number in steps of 0.5 between -9 and 40\nrule r: allow a when left > 3",
        "fact due date\nfact left days until due\nrule r: allow a when left > -3",
        {"left": [*range(-9, 20)]},
    ),
    "other words": (
        "fact risk one of low < medium < high\nrule r: allow a when risk >= medium and late > 9",
        "fact risk one of high < medium < low < none_yet\nrule r: allow a when risk >= medium and late > 9",
        {"risk": ["low", "medium", "high", "none_yet", "no"]},
    ),
    "words without order": (
        "fact risk one of low, high\nrule r: allow a when risk is not low and late > 9",
        "fact risk one of low < high\nrule r: allow a when risk >= high and late > 8\nrule s: allow b when risk is low",
        {"risk": ["low", "high", "no"]},
    ),
    "texts that the other one does not name": (
        'fact city text\nrule r: allow a when city is "Ulm" and late > 9\nrule s: allow b when city is not "Ulm"',
        'fact city text\nrule r: allow a when city is "Bonn" and late > 9\nrule s: allow b when city is not "other"',
        {"city": ["Ulm", "Bonn", "other", "another", ""]},
    ),
    "a list of texts": (
        'fact city text one of "Ulm", "Bonn"\nrule r: allow a when city is "Ulm" and late > 9',
        'fact city text one of "Ulm", "Bonn", "other"\nrule r: allow a when city is not "Ulm" and late > 9',
        {"city": ["Ulm", "Bonn", "other", "another"]},
    ),
    "unknown, or needed": (
        "fact calls count optional\nrule r: allow a when calls > 3 or late > 9\nrule s: never b when calls < 2",
        "fact calls count\nrule r: allow a when calls > 3 or late > 9\nrule s: never b when calls < 2",
        {"calls": [0, 1, 3, 4, 5, None]},
    ),
    "none, or unknown": (
        "event talk\nfact ago days since last talk\nrule r: allow a when ago is none or ago > 4",
        "fact ago count optional\nrule r: allow a when not (ago < 4)\nrule s: allow b when late > 9 and ago > 1",
        {"ago": [0, 1, 3, 4, 5, None]},
    ),
    "another clock": (
        "fact waited days\nfact late days clock\nrule r: allow a when late > 9 and waited < 9",
        "fact late days\nfact waited days clock\nrule r: allow a when late > 9 and waited < 9",
        {"waited": [*range(4, 12)]},
    ),
    "a clock that leaves its range": (
        "rule r: allow a when late > 9\nrule s: allow b when late > 14",
        "rule r: allow a when late > 8\nrule s: allow b when late < 12",
        {},
    ),
    "what neither reads, and one declares": (
        "rule r: allow a when late > 9",
        "fact calls count between 0 and 3\nrule r: allow a when late > 8",
        {"calls": [*range(6)]},
    ),
    "comparisons of two facts": (
        "fact grace days\nfact more days\nrule r: allow a when late > grace\nrule s: allow b when late > more",
        "fact grace days between 0 and 7\nfact more days\nrule r: allow a when late >= grace\n"
        "rule s: allow b when late > more\nrule t: forbid b when grace > more overrides s",
        {"grace": [*range(10)], "more": [*range(7)]},
    ),
    "overrides in one": (
        "fact asked yes/no\nrule r: allow a when late > 9\nrule s: forbid a when asked overrides r",
        "fact asked yes/no\nrule r: allow a when late > 8\nrule s: never b when asked",
        {"asked": [True, False, None]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DECLARED)
def test_each_day_is_decided_by_what_its_version_declares(what: str, tmp_path: Path) -> None:
    """The third version is as the first was; before it there is a day without one."""
    first, second, values = DECLARED[what]
    days = [(0, 2), (3, 6), (8, DAYS)]
    for number, (text, (since, until)) in enumerate(zip((first, second, first), days, strict=True)):
        clock = "" if "clock" in text else CLOCK.replace("99", "12") if "leaves" in what and number == 1 else CLOCK
        head = f'policy p\n  version "{number}"\n  in force from {_day(since)} until {_day(until)}\n'
        (tmp_path / f"{number}.forbear").write_text(f"{head}{clock}action a, b, c\n{text}")
    book = forbear.load_book(tmp_path)
    columns = {name: [some[row % len(some)] for row in range(150)] for name, some in values.items()}
    frame = pl.DataFrame({"late": [row % 17 - 2 for row in range(150)], **columns}, strict=False)
    moves = {
        version.version: version.applier.ahead(frame.columns, _day(since), 1, names={})[0].moves.by_day
        for version, (since, _) in zip(book.versions, days, strict=True)
    }

    def in_force(day: datetime.date) -> tuple[forbear.Policy, Mapping[str, int]]:
        version = book.on(day)
        return version, moves[version.version]

    rows = expected_of(in_force, "abc", frame, ON)
    assert sum(due for *_, due, _, _ in rows) > 5
    permitted = [
        {action: [verdict in ("allowed", "required") for verdict in verdicts] for action, verdicts in answer.items()}
        for answer in answers(in_force, "abc", frame, ON)
    ]
    with patch.object(ahead, "_BLOCK", 67):
        assert book.plan(frame, DAYS, ON).rows() == rows
        found = book.apply(frame, ON, when=list("abc"), days=DAYS)
    check_stretches(found, permitted, ON, frame, *book.versions)


def _day(number: int) -> datetime.date:
    return ON + datetime.timedelta(number)


def test_a_book_makes_what_it_decides_frames_by_once(tmp_path: Path) -> None:
    for number, dates in enumerate(("until 2026-01-03", "from 2026-01-04")):
        text = f"policy p\n  in force {dates}\nfact late days clock\naction a\nrule r: after {number} days then allow a"
        (tmp_path / f"{number}.forbear").write_text(text)
    book, frame = forbear.load_book(tmp_path), pl.DataFrame({"late": [1, 2]})
    assert book.apply(frame, ON).height == book.plan(frame, 1, ON)["permitted"][0] == 2
    book.plan(frame, DAYS, ON)
    with patch.object(applier, "plan", side_effect=AssertionError), patch.object(applier, "specs"):
        assert book.apply(frame, ON).height == book.plan(frame, DAYS, ON)["permitted"][0] == 2
