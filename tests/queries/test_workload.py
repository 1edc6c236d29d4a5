"""The workload ahead of cases with histories, dates and a moment is what `decide` says at that time of each day."""

from __future__ import annotations

import datetime
import json
import random
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from strategies import examples

import forbear
from forbear.portfolio.workers import Workers
from forbear.queries.when import When

DAYS = 12
AT = datetime.datetime(2026, 3, 1, 7, 30, tzinfo=ZoneInfo("America/New_York"))
TEXT = """
policy p
  in force from 2026-01-01 until 2026-03-11
event contact
  has reached yes/no
fact late days clock between 0 and 40
fact calls count of contact in last 7 days
fact hours count of contact in last 24 hours
fact ago days since last contact where reached
fact old days since first contact
fact born date optional
fact age years since born
fact due date or none
fact left days until due
fact clock_time time of decision
fact weekday weekday of decision
fact asked yes/no this day
fact unread days between 0 and 20 rising with days optional
action a, b, c
rule r1: after 20 days and calls < 3 then allow a
rule r2: never a, c when ago <= 3
rule r3: allow b when left between 0 and 4 or (age >= 18 and not asked)
rule r4: never b when weekday is sunday or clock_time >= 20:30
rule r5: allow c when late > 10 and hours < 1 in force from 2026-03-04
rule r6: forbid b when old > 30
"""
POLICY = forbear.loads(TEXT)
SPRING = "America/New_York"
"""Its clocks change on 8 March 2026: until then it is 20:30 in Shanghai at that time, and then 19:30."""


def drawn(generator: random.Random) -> dict[str, Any]:
    events = [
        {
            "event": "contact",
            "at": (AT - datetime.timedelta(hours=generator.randrange(1, 900))).isoformat(),
            "reached": generator.random() < 0.4,
        }
        for _ in range(generator.randrange(5))
    ]
    case: dict[str, Any] = {
        "late": generator.randrange(45),
        "asked": generator.random() < 0.3,
        "unread": generator.choice([None, 3, 12, 30]) if generator.random() < 0.2 else 1,
        "born": generator.choice(["2008-03-05", "2008-03-12", "1990-01-01", "2026-03-06", None]),
        "due": str(datetime.date(2026, 3, generator.randrange(1, 28))),
        "zone": generator.choice([SPRING, SPRING, "Asia/Shanghai", "nowhere"]),
        "history_from": generator.choice(["opening", "2026-02-27", "2025-01-01"]),
        "history": json.dumps(events) if generator.random() < 0.95 else "[",
    }
    return case


def by_decide(case: dict[str, Any], day: int, policy: forbear.Policy | forbear.Book = POLICY) -> frozenset[str] | None:
    """What is permitted on a day, by the version of its date where the borrower lives; None if it is undecided."""
    given = {name: value for name, value in case.items() if value is not None}
    moment = AT + datetime.timedelta(day)
    try:
        given["history"] = json.loads(given["history"])
        for rising in {"late", "unread"} & given.keys():
            given[rising] += day
        if isinstance(policy, forbear.Book):
            policy = policy.on(moment.astimezone(ZoneInfo(case["zone"])).date())
            given = {name: value for name, value in given.items() if name in (*policy.facts, *ALWAYS)}
        decision = policy.decide(given, at=moment)
    except (forbear.CaseError, ValueError, KeyError):
        return None
    return frozenset(action for action in policy.actions if decision.permits(action))


ALWAYS = ("zone", "history", "history_from")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> forbear.Book:
    """Three versions and a day without one. The second lacks an action and a fact, and has others; the third has other
    rules."""
    folder = tmp_path_factory.mktemp("book")
    second = re.sub(r"\ba\b", "d", TEXT).replace("unread", "score").replace("asked yes/no", "asked yes/no optional")
    third = TEXT.replace("after 20 days", "after 8 days").replace("old > 30", "old > 9")
    dates = ("from 2026-01-01 until 2026-03-04", "from 2026-03-05 until 2026-03-08", "from 2026-03-10")
    for number, (text, days) in enumerate(zip((TEXT, second, third), dates, strict=True)):
        head = f'policy p\n  version "{number}"\n  in force {days}'
        (folder / f"{number}.forbear").write_text(re.sub(r"policy p\n  in force.*", head, text))
    return forbear.load_book(folder)


@pytest.mark.parametrize("seed", range(examples(3)))
def test_cases_with_histories_are_counted_as_they_are_decided(seed: int) -> None:
    generator = random.Random(seed)
    cases = [drawn(generator) for _ in range(40)]
    found = POLICY.plan(pl.DataFrame(cases, infer_schema_length=None), DAYS, at=AT)
    rows = []
    for day in range(DAYS + 1):
        now = [by_decide(case, day) for case in cases]
        was = [by_decide(case, max(day - 1, 0)) for case in cases]
        for action in POLICY.actions:
            there = [(action in (one or ()), action in (before or ())) for one, before in zip(now, was, strict=True)]
            counts = [sum(one for one, _ in there), there.count((True, False)), there.count((False, True))]
            rows.append((day, AT.date() + datetime.timedelta(day), action, *counts, now.count(None)))
    assert found.rows() == rows
    assert found["due"].sum() > 10
    assert 0 < found["undecided"].min() < found["undecided"].max() == len(cases)  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(examples(2)))
def test_a_book_counts_each_day_by_its_version_where_the_borrower_lives(seed: int, book: forbear.Book) -> None:
    generator = random.Random(50 + seed)
    cases = [{**drawn(generator), "score": generator.choice([None, 1, 1, 12])} for _ in range(40)]
    for case in cases:
        case["zone"] = generator.choice([case["zone"], "Pacific/Kiritimati", "Pacific/Pago_Pago"])
        case["asked"] = generator.choice([True, False, None])
    found = book.plan(pl.DataFrame(cases, infer_schema_length=None), DAYS, at=AT)
    actions = ["a", "b", "c", "d"]
    expected = []
    for day in range(DAYS + 1):
        now = [by_decide(case, day, book) for case in cases]
        was = [by_decide(case, max(day - 1, 0), book) for case in cases]
        for action in actions:
            there = [(action in (one or ()), action in (before or ())) for one, before in zip(now, was, strict=True)]
            counts = [sum(one for one, _ in there), there.count((True, False)), there.count((False, True))]
            expected.append((day, AT.date() + datetime.timedelta(day), action, *counts, now.count(None)))
    assert found.rows() == expected
    until_the_next = book.plan(pl.DataFrame(cases, infer_schema_length=None), 3, at=AT)  # which begins in the east
    assert until_the_next.filter(pl.col("action") != "d").rows() == [row for row in expected[:16] if row[2] != "d"]
    assert all(found.filter(pl.col("action") == action)["due"].sum() for action in actions)
    assert found["undecided"].n_unique() > 4


def test_what_follows_from_a_moment_needs_it() -> None:
    frame = pl.DataFrame([drawn(random.Random(1))])
    with pytest.raises(forbear.CaseError, match="`history` follows from events and the moment: give the moment"):
        POLICY.plan(frame, on="2026-03-01")
    with pytest.raises(forbear.CaseError, match="leave out `on`"):
        POLICY.plan(frame, on="2026-03-01", at=AT)
    with pytest.raises(forbear.CaseError, match="`at` needs a date and a time"):
        POLICY.plan(frame, at="noon")
    with Workers(POLICY, 1):
        assert POLICY.plan(frame, 1, at="2026-03-01T07:30:00-05:00").height == 6


def test_a_moment_with_an_offset_is_another_time_after_the_clocks_change() -> None:
    text = "policy p\nfact today date of decision\naction a\nallow a when today >= 2026-03-09"
    found = forbear.loads(text).plan(pl.DataFrame({"zone": [SPRING]}), 3, at="2026-03-06T23:30:00-05:00")
    assert found["permitted"].to_list() == [0, 0, 1, 1]


def undecided_from(case: Mapping[str, Any]) -> datetime.datetime | None:
    """The midnight from which on the whole case cannot be decided, within the days that are looked ahead."""
    for days in range(1, DAYS + 1):
        day = AT.astimezone(ZoneInfo(case["zone"])).date() + datetime.timedelta(days)
        moment = datetime.datetime.combine(day, datetime.time(), ZoneInfo(case["zone"]))
        moved = {name: case[name] + days for name in ("late", "unread") if name in case}
        try:
            POLICY.decide({**case, **moved}, at=moment)
        except forbear.CaseError:
            return moment
    return None


def until_known(
    found: When, zone: str, first: datetime.datetime | None, end: datetime.datetime | None
) -> datetime.datetime | None:
    """The end of a stretch: while something is held, the midnight after its beginning at most."""
    if first is None or not found.held:
        return end
    local = first.astimezone(ZoneInfo(zone))
    midnight = datetime.datetime.combine(local.date() + datetime.timedelta(1), datetime.time(), ZoneInfo(zone))
    midnight = midnight.astimezone(datetime.UTC)
    return min(midnight, end or midnight)


@pytest.mark.parametrize("seed", range(examples(2)))
def test_a_row_has_the_first_stretch_of_time_that_when_gives(seed: int) -> None:
    cases = [drawn(random.Random(100 * seed + number)) for number in range(25)]
    frame = pl.DataFrame(cases, infer_schema_length=None)
    found = POLICY.apply(frame, at=AT, when="abc", days=DAYS, faults=True)
    ends = 0
    for row, case in enumerate(cases):
        for action in "abc":
            first = end = None
            if found["fault"][row] is None:
                given = {name: value for name, value in case.items() if value is not None}
                given["history"] = json.loads(given["history"])
                found_when = POLICY.when(action, given, AT, f"{DAYS} days")
                for interval in found_when:
                    if interval.permitted and first is None:
                        first = interval.start
                    if not interval.permitted and first is not None:
                        end = end or interval.start
                gone = undecided_from(given)
                first = None if first is None or (gone is not None and first >= gone) else first
                end = until_known(found_when, case["zone"], first, min(end or gone, gone) if first and gone else end)
            assert (found[f"{action}_from"][row], found[f"{action}_until"][row]) == (first, end), (row, action)
            ends += end is not None
    assert ends > 2
    assert found["fault"].null_count() < len(cases)


def test_a_row_has_the_first_stretch_of_time_along_a_book(book: forbear.Book) -> None:
    """As `Book.when` gives it: also of actions that one of the versions lacks."""
    generator = random.Random(7)
    drawn_cases = [drawn(generator) for _ in range(45)]
    cases = [{**case, "score": 1, "asked": False, "late": case["late"] % 36} for case in drawn_cases]
    frame = pl.DataFrame(cases, infer_schema_length=None)
    found = book.apply(frame, at=AT, when="abcd", days=DAYS, faults=True)
    assert found.columns[:3] == ["a", "b", "c"]
    later = dict.fromkeys("abcd", 0)
    for row, case in enumerate(cases):
        for action in later:
            first = end = None
            if found["fault"][row] is None:
                told_by_some = ("score", "unread")  # the others have no such fact
                given = {name: value for name, value in case.items() if value is not None and name not in told_by_some}
                given["history"] = json.loads(given["history"])
                begins = datetime.datetime(2026, 3, 5, tzinfo=ZoneInfo(case["zone"]))  # the second version
                start = begins if action == "d" else AT
                given["late"] += (start.date() - AT.date()).days
                found_when = book.when(action, given, start, AT + datetime.timedelta(DAYS))
                for interval in found_when:
                    if interval.permitted and first is None:
                        first = interval.start
                    if not interval.permitted and first is not None:
                        end = end or interval.start
                end = until_known(found_when, case["zone"], first, end)
                later[action] += (first or AT) > begins or (end or AT) > begins
            assert (found[f"{action}_from"][row], found[f"{action}_until"][row]) == (first, end), (row, action)
    assert min(later.values()) > 1


@pytest.mark.parametrize("moment", [{"at": "2026-03-01T07:30:00Z"}, {"on": "2026-03-01"}])
def test_a_stretch_goes_on_where_another_rule_permits_or_a_duty_begins(moment: dict[str, Any]) -> None:
    policy = forbear.loads(
        "fact late days clock\naction a\nrule first: from day 3 to day 5 then allow a\n"
        "rule then_other: from day 6 to day 7 then allow a\nrule duty: from day 8 to day 9 then require a"
    )
    found = policy.apply(pl.DataFrame({"late": [1], "zone": ["UTC"]}), when=["a"], days=20, **moment)
    assert [str(found[name][0])[:10] for name in ("a_from", "a_until")] == ["2026-03-03", "2026-03-10"]
