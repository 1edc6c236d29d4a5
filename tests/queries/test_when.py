"""`when` is what is decided of its action at each moment: over 60 days, in zones whose clocks change, for policies that
read all that moves.

CI looks at the moments around the ends of intervals and at some minutes of one day of 200 policies, and at each seventh
minute of 60 days of a few and of a book whose version changes; FORBEAR_PROFILE=nightly at every minute of a day, or at
minutes of all days, of thousands.

The worlds of which all 60 days are tried read each kind of fact twice or more, each of the four zones is in at least 5,
four have two zones, and seven have eight events or more.
"""

from __future__ import annotations

import datetime
import itertools
import json
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock
from zoneinfo import ZoneInfo, available_timezones

import polars as pl
import pytest
import worlds
from night import NIGHTLY
from worlds import World

import forbear
import forbear.queries.when as queries_when
from forbear.queries.timeline import Timeline
from forbear.queries.when import Interval, When

SEEDS = range(10_000, 15_000) if NIGHTLY else range(300)
FEWER = SEEDS if NIGHTLY else SEEDS[:30]
"""The worlds of which more than `when` is asked."""
WHOLE = [56, 65, 90, 95, 193, 357, 422, 426, 432, 458, 682, 690, 698, 719, 980, 982, 1069, 1126, 1198, 1210]
WHOLE = WHOLE if NIGHTLY else WHOLE[::5]
"""The worlds of which all days are tried: by day 12,343 decisions each, or twice as many."""
WHOLE_BOOKS = frozenset([543, 684, 754, 1101])
"""The worlds of CI whose policy changes within the 60 days, and of which all days are tried."""
WHOLE_AT_NIGHT = 0.6
"""The part of the worlds of a night of which all days are tried."""
STEP = 1 if NIGHTLY else 7
"""Minutes from one moment that is tried to the next."""
SCATTERED = 37
"""The same of a day of CI, and of all days of a world of a night: each minute of a day comes up within 37 days."""
SPAN = datetime.timedelta(days=60)
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
SMALLEST = datetime.timedelta(microseconds=1)


def moments_of(world: World, found: When, chance: random.Random, *, whole: bool) -> list[datetime.datetime]:
    """The moments to try, in order: those near ends of intervals, and those of all days, or of one. By day, of the
    minutes in which nothing can be decided each fifteenth: to find every error takes the longest."""
    near = {moment for interval in chance.sample(list(found), min(len(found), 15)) for moment in _near(interval)}
    start, span, step = world.at + chance.randrange(SPAN // DAY) * DAY, DAY, STEP if NIGHTLY else SCATTERED
    if whole or (NIGHTLY and chance.random() < WHOLE_AT_NIGHT):
        start, span, step = world.at, SPAN, STEP if whole else SCATTERED
    minutes = {start + number * MINUTE for number in range(0, span // MINUTE, step)}
    for interval in found if not NIGHTLY else ():
        if interval.verdict is None:
            minutes -= {moment for moment in minutes if interval.start <= moment < interval.end and moment.minute % 15}
    return sorted(moment for moment in near | minutes if world.at <= moment < world.at + SPAN)


def _near(interval: Interval) -> list[datetime.datetime]:
    end = interval.end
    minute = end.replace(second=0, microsecond=0)
    return [end - SMALLEST, end, minute - MINUTE, minute + MINUTE]


def check(found: When, moments: list[datetime.datetime], answers: Callable[[datetime.datetime], list[Any]]) -> None:
    """Each interval has what is decided in the zones of a case at each of the moments in it."""
    intervals = list(found)
    last = None
    for moment in moments:
        while intervals[0].end <= moment:
            del intervals[0]
            last = None
        by_zone = answers(moment)
        if by_zone != last:
            decision = intervals[0].decision
            expected = None if decision is None else worlds.simple(decision)
            answer = worlds.strictest(by_zone)
            assert (None if isinstance(answer, frozenset) else worlds.simple(answer)) == expected, moment
            last = by_zone


@pytest.mark.parametrize("seed", sorted({*SEEDS, *WHOLE}))
def test_each_interval_has_what_is_decided_at_each_of_its_moments(seed: int) -> None:
    world = worlds.world(seed)
    if world is None:
        return
    found = world.policy.when("call", world.case, world.at, SPAN)
    intervals = list(found)
    assert (intervals[0].start, intervals[-1].end) == (world.at, world.at + SPAN)
    assert all(one.end == other.start for one, other in itertools.pairwise(intervals))
    moments = moments_of(world, found, random.Random(seed), whole=seed in WHOLE)
    check(found, moments, lambda moment: world.answers("call", moment))


@pytest.mark.parametrize("seed", FEWER if NIGHTLY else FEWER[::4])
def test_a_decision_is_valid_until_the_first_end_of_an_interval_of_any_action(seed: int) -> None:
    """And at no moment before that does a new `decide` with the same knowledge answer otherwise."""
    world = worlds.world(seed)
    if world is None or not world.is_decided(world.at):
        return
    decision = world.policy.decide(world.case, at=world.at)
    until = decision.valid_until
    stop = world.at + SPAN if until is None else until + MINUTE
    chance, last = random.Random(seed), min(until or stop, world.at + SPAN) - SMALLEST
    for moment in (last, *(world.at + chance.random() * (last - world.at) for _ in range(3))):
        for action, its in decision.items():
            assert world.answer(action, moment) == worlds.strictest([its]), (action, moment)
    found = [world.policy.when(action, world.case, world.at, stop) for action in world.policy.actions]
    assert {*decision.held} == {name for one in found for name in one.held}
    ends = [one.intervals[0].end for one in found if len(one) > 1] + (midnights(world) if decision.held else [])
    if until is not None and until != min(ends, default=None):  # what no rule reads leaves its range
        for moment, decided in ((until - SMALLEST, True), (until, False)):
            assert decided == world.is_decided(moment)
        return
    assert until == min(ends, default=None)


def midnights(world: World) -> list[datetime.datetime]:
    """When the next day begins in each zone of a world."""
    found = []
    for zone in map(ZoneInfo, world.zones):
        tomorrow = world.at.astimezone(zone).date() + DAY
        minute = world.at.replace(second=0, microsecond=0)
        while minute.astimezone(zone).date() < tomorrow:
            minute += MINUTE
        found.append(minute)
    return found


def book_of(world: World, chance: random.Random, folder: Path) -> forbear.Book:
    """Three versions, of which the first is the policy of the world, and at times a gap of days between the others."""
    today = world.at.date()
    ends = [today + datetime.timedelta(days=days) for days in sorted(chance.sample(range(1, 50), 2))]
    days = [(None, ends[0]), (ends[0] + DAY, ends[1]), (ends[1] + chance.choice([1, 1, 4]) * DAY, None)]
    for number, (first, last) in enumerate(days):
        text = world.text if number == 0 else worlds.text_of(chance)
        dates = f"{'' if first is None else f' from {first}'}{'' if last is None else f' until {last}'}"
        head = f'policy world\n  version "{number}"\n  in force{dates}'
        (folder / f"{number}.forbear").write_text(re.sub(r"policy world(\n  in force.*)?", head, text))
    return forbear.load_book(folder)


Answer = TypeVar("Answer")


def in_each_zone(
    book: forbear.Book,
    world: World,
    moment: datetime.datetime,
    ask: Callable[[forbear.Policy, Mapping[str, Any]], Answer],
) -> list[Answer | frozenset[str | None]]:
    """What the version of the first zone's day says to a question in each zone, or the facts in error."""
    answers: list[Answer | frozenset[str | None]] = []
    for zone in world.zones:
        try:
            version = book.on(moment.astimezone(ZoneInfo(world.zones[0])).date())
            answers.append(ask(version, world.case_at(zone, moment)))
        except forbear.CaseError as error:
            answers.append(frozenset(fault.fact for fault in error.faults))
    return answers


@pytest.mark.parametrize("seed", FEWER[:: 4 if NIGHTLY else 6])
def test_a_book_is_valid_until_something_else_is_decided(seed: int, tmp_path: Path) -> None:
    world = worlds.world(seed)
    if world is None:
        return
    chance = random.Random(seed)
    book = book_of(world, chance, tmp_path)

    def answer(moment: datetime.datetime) -> object:
        found = in_each_zone(book, world, moment, lambda version, case: version.decide(case, at=moment))
        decided = [one for one in found if not isinstance(one, frozenset)]
        if len(decided) < len(found):
            return None
        actions = decided[0] if len({tuple(one) for one in decided}) == 1 else ()
        return [worlds.simple(worlds.strictest([one[action] for one in decided])) for action in actions]

    try:
        until, held = book.validity(world.case, world.at)
    except forbear.CaseError:
        assert answer(world.at) is None
        return
    first = answer(world.at)
    span = SPAN if until is None else until - world.at
    moments = [world.at + span * chance.random() for _ in range(20)]
    for moment in moments if until is None else [*moments, until - SMALLEST]:
        assert answer(moment) == first, (moment, until)
    if until is not None:
        assert answer(until) != first or (held and until == min(midnights(world)))
    assert until is not None or not held


@pytest.mark.parametrize(
    "seed", sorted({*FEWER[:: 4 if NIGHTLY else 6], *(WHOLE_BOOKS if NIGHTLY else sorted(WHOLE_BOOKS)[:1])})
)
def test_a_book_decides_each_day_by_its_version_in_each_zone(seed: int, tmp_path: Path) -> None:
    world = worlds.world(seed)
    if world is None:
        return
    chance = random.Random(seed)
    book = book_of(world, chance, tmp_path)

    def answers(moment: datetime.datetime) -> list[Any]:
        return in_each_zone(
            book, world, moment, lambda version, case: version.decide_alone("call", case, at=moment)["call"]
        )

    try:
        found = book.when("call", world.case, world.at, SPAN)
    except forbear.CaseError:
        assert isinstance(worlds.strictest(answers(world.at)), frozenset)
        return
    check(found, moments_of(world, found, chance, whole=seed in WHOLE_BOOKS), answers)


@pytest.mark.parametrize("at", ["1000-01-02T00:00:00Z", "1950-06-01T00:00:00Z", "9970-12-31T00:00:00Z"])
def test_it_looks_ten_years_ahead_near_the_ends_of_the_calendar_too(at: str) -> None:
    policy = forbear.loads(
        "fact days_overdue days clock\nevent call\nfact calls count of call in last 100000 days\n"
        "fact hours count of call in last 100000 hours\nfact months count of call in last 1200 months\naction sms\n"
        "rule sends: calls >= 1 and hours >= 1 and months >= 1 and days_overdue < 90000 then allow sms\n"
    )
    history = [{"event": "call", "at": at}]
    for zone in ("Africa/Monrovia", "Pacific/Apia"):
        case = {"days_overdue": 1, "zone": zone, "history": history, "history_from": "opening"}
        assert len(policy.when("sms", case, at, "3660 days")) == 1
        assert policy.valid_until(case, at) is None


@pytest.mark.parametrize("events", [0, 1000])
def test_too_much_changes(monkeypatch: pytest.MonkeyPatch, events: int) -> None:
    """Beyond some work nobody looks: 100 zones whose clocks move a day over 48 edges, or a window of hours that each
    of 1,000 events leaves. What moves in one zone is undone there alone."""
    asked, most = mock.Mock(side_effect=Timeline.answer_without), 600
    monkeypatch.setattr(Timeline, "answer_without", lambda *given: asked(*given))
    monkeypatch.setattr(queries_when, "MOST_CHANGES", most)
    edges = "calls is 990 or calls is 7"
    if not events:
        edges = " or ".join(f"hour between {hour:02}:00 and {hour:02}:29" for hour in range(24))
    policy = forbear.loads(
        "fact hour time of decision\nevent call\nfact calls count of call in last 1000 hours\naction a, b\n"
        f"rule r: {edges} then allow a\nrule s: calls >= 0 or {edges} then allow b\n"
    )
    at = datetime.datetime(2026, 3, 1, 0, 10, tzinfo=datetime.UTC)
    zones = ["UTC"] if events else [name for name in sorted(available_timezones()) if name.startswith("America/")][:100]
    history = [{"event": "call", "at": str(at - (1000 - number) * HOUR)} for number in range(events)]
    case = {"zone": zones, "history": history, "history_from": "opening"}
    found = policy.when("a", case, at, "3660 days")
    *_, before, last = found
    (cause,), (error,) = before.causes, last.faults
    assert (last.decision, cause.code, cause.sentence, error.code) == (None, "undecided", error.message, "many-changes")
    assert last.start.isoformat() in error.message
    assert asked.call_count < 3 * most
    assert (last.start - at) / HOUR < most / 6
    moments = [at + number * (last.start - at) / 5 for number in range(5)] + [last.start - SMALLEST]
    check(found, moments, lambda moment: [policy.decide(case, at=moment)["a"]])
    rows = pl.DataFrame([{name: json.dumps(value) for name, value in case.items() if name != "history_from"}])
    ahead = policy.apply(rows.with_columns(history_from=pl.lit("opening")), at=at, when=["b"], days=3_650)
    assert at < ahead["b_until"][0] <= last.start


def test_a_decision_without_its_moment_does_not_tell_how_long_it_is_valid() -> None:
    decision = forbear.loads("after 9 days then allow sms").decide({"days_overdue": 10})
    with pytest.raises(forbear.CaseError, match="decide with `at`"):
        decision.valid_until  # noqa: B018


def test_a_decision_is_valid_by_the_events_that_it_was_made_of(tmp_path: Path) -> None:
    policy = forbear.loads(
        "event call\nfact calls count of call in last 7 days\naction sms\nrule sends: calls < 1 then allow sms\n"
    )
    history = [{"event": "call", "at": "2026-03-01T09:00:00Z"}]
    case = {"zone": "UTC", "history": history, "history_from": "opening"}
    decision = policy.decide(case, at="2026-03-02T09:00:00Z")
    with forbear.Record(tmp_path / "record.jsonl") as record:
        recorded = policy.decide(case, at="2026-03-02T09:00:00Z", record=record)
    history.append({"event": "call", "at": "2026-03-02T09:05:00Z"})
    assert decision.valid_until == recorded.valid_until == datetime.datetime(2026, 3, 8, tzinfo=datetime.UTC)


def test_what_is_held_is_known_until_midnight_where_the_borrower_lives() -> None:
    policy = forbear.loads(
        "fact late days clock\nfact since_consent days or none\nfact holiday days optional\nevent call\n"
        "fact calls count of call in last 7 days\nfact hour time or none\naction a, b, c\n"
        "rule consent: since_consent <= 6 then allow a\nrule few: calls < 2 then allow b\n"
        "rule late: never b when late > 2\nrule by_hour: hour between 08:00 and 21:00 then allow c"
    )
    at, case = "2026-03-07T22:00:00-05:00", {"late": 2, "calls": 1, "since_consent": 6, "zone": "America/New_York"}
    case["hour"] = "none"
    by_hour = policy.when("c", {**case, "hour": "09:00"}, at, "1 day")  # nothing says that it is the time of decision
    assert (by_hour.held, by_hour.moving) == (("hour",), ())
    decision = policy.decide(case, at=at)
    assert (decision.permits("a"), decision.held) == (True, ("calls", "since_consent"))
    assert decision.valid_until == policy.valid_until(case, at)
    assert str(decision.valid_until) == "2026-03-08 00:00:00-05:00"
    assert str(policy.valid_until({**case, "late": 1}, at)) == "2026-03-08 00:00:00-05:00"
    there = policy.decide({**case, "zone": ["America/New_York", "Australia/Sydney"]}, at="2026-03-07T07:00-05:00")
    assert str(there.valid_until) == "2026-03-07 08:00:00-05:00"  # 8 March in Sydney
    events = {"history": [], "history_from": "opening"}
    free = {"late": 1, "since_consent": "none", "hour": "none", "zone": "America/New_York", **events}
    assert policy.decide(free, at=at).held == ()  # what is none stays none
    assert str(policy.decide(free, at=at).valid_until) == "2026-03-09 00:00:00-04:00"
    rows = pl.DataFrame(
        [case, {**case, "since_consent": "none"}], schema_overrides={"since_consent": pl.String}, strict=False
    )
    found = policy.apply(rows, at=at, when=["a", "b"])
    assert found["a_until"].to_list() == [decision.valid_until, None]
    assert found["a_held"].to_list() == [["since_consent"], []]
    assert found["b_held"].to_list() == [["calls"]] * 2
    by_days = policy.apply(rows.drop("zone"), on="2026-03-07", when=["a", "b"])
    assert by_days["a_until"].to_list() == [datetime.date(2026, 3, 8), None]
    assert by_days["b_until"].to_list() == [datetime.date(2026, 3, 8)] * 2
    assert by_days.select("a_held", "b_held").equals(found.select("a_held", "b_held"))


def test_what_is_of_this_day_is_held_and_what_rises_with_the_days_moves() -> None:
    """The same at each door; and at no moment before `valid_until` does a new `decide` answer otherwise, whatever the
    next day brings."""
    policy = forbear.loads(
        "fact late days clock\nfact feast yes/no this day\nfact slot one of am, pm or none this day\n"
        "fact reply text optional this day\nfact told days or none rising with days\nfact born date this day\n"
        "fact age years since born\nevent call has line text\n"
        "fact mine any call where line is this reply ever optional\n"
        "action a, b, c, d\nrule feasts: not feast and slot is none then allow a\nrule tell: told between 3 and 5 "
        'then allow b\nrule reply: reply is "yes" or age > 30 then allow c\nrule mine: mine then allow d'
    )
    at, case = "2026-03-07T22:00-05:00", {"late": 1, "feast": False, "slot": "none", "told": 4, "age": 9}
    case = {**case, "zone": "America/New_York"}
    held = {action: policy.when(action, case, at, "9 days").held for action in "abcd"}
    assert held == {"a": ("feast", "slot"), "b": (), "c": ("age",), "d": ()}  # what is none today may be there tomorrow
    del case["age"]
    case |= {"reply": "no", "born": "1996-03-09", "history": [], "history_from": "opening"}
    held = {action: policy.when(action, case, at, "9 days").held for action in "cd"}
    assert held == {"c": ("reply", "born"), "d": ("reply",)}  # what follows from it is no more certain
    decision = policy.decide(case, at=at)
    assert decision.held == ("feast", "slot", "reply", "born")
    assert str(decision.valid_until) == "2026-03-08 00:00:00-05:00"
    told = policy.when("b", case, at, "9 days")
    assert [str(interval.end) for interval in told][:1] == ["2026-03-09 00:00:00-04:00"]
    assert (told.moving, told.intervals[0].causes[0].sentence) == (("told",), "`told` becomes 6")
    row = {"late": 1, "feast": False, "slot": None, "told": 4, "reply": None, "age": 9}
    rows = pl.DataFrame([{**row, "zone": "America/New_York"}], schema_overrides={"slot": pl.String, "reply": pl.String})
    options: dict[str, Any] = {"when": ["a", "b"], "days": 9, "none": ["slot", "told"]}
    by_moment, by_day = (
        policy.apply(rows, at=at, **options),
        policy.apply(rows.drop("zone"), on="2026-03-07", **options),
    )
    assert (by_moment["a_until"][0], by_moment["b_until"][0]) == (decision.valid_until, told.intervals[0].end)
    assert [by_day[f"{action}_until"][0].day for action in "ab"] == [8, 9]
    for found in (by_moment, by_day):
        assert [found[f"{action}_held"].to_list() for action in "ab"] == [[["feast", "slot"]], [[]]]
    none = options["none"]
    plans = [policy.plan(rows, 3, at=at, none=none), policy.plan(rows.drop("zone"), 3, on="2026-03-07", none=none)]
    assert [its.filter(pl.col("action") == "b")["permitted"].to_list() for its in plans] == [[1, 1, 0, 0]] * 2


def test_a_record_names_what_is_held_but_for_what_is_private(tmp_path: Path) -> None:
    policy = forbear.loads(
        "fact since_consent days or none\nfact since_loss days or none private\nfact unread days\nevent call\n"
        "fact calls count of call in last 7 days\nfact born date optional private this day\n"
        "fact age years since born\naction a\n"
        "rule consent: since_consent <= 6 and since_loss > 3 and calls < 2 and age > 3 then allow a"
    )
    at, case = "2026-03-07T22:00Z", {"since_consent": 6, "since_loss": 9, "unread": 3, "calls": 1, "zone": "UTC"}
    case |= {"born": "1990-01-01"}
    none = {**case, "since_consent": "none", "history": [], "history_from": "opening"}
    del none["calls"]
    with forbear.Record(tmp_path / "record.jsonl") as record:
        decision = policy.decide(case, at=at, record=record)
        policy.decide(none, at=at, record=record)
        policy.permits("a", case, at=at, record=record)
    assert decision.held == ("calls", "since_consent", "since_loss", "born")
    lines = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    assert [line.get("held") for line in lines] == [["calls", "since_consent"], None, None]


@pytest.mark.parametrize(
    "wrong", [{"working": 5}, {"late": "many"}, {"lat": 9}, {"income": "CNY 5"}, {"working": None}]
)
def test_a_case_that_decide_refuses_has_intervals_where_the_rules_on_the_action_do_not_read_what_is_wrong(
    wrong: Any, tmp_path: Path
) -> None:
    (tmp_path / "calls.forbear").write_text(
        "policy calls\nfact late days clock\nfact working yes/no\nfact income money USD optional\naction call, visit\n"
        "rule calling: always then allow call\nrule visiting: working and income > USD 5 then allow visit"
    )
    case = {"late": 9, "working": True, "zone": "UTC", **wrong}
    for asked in (forbear.load(tmp_path / "calls.forbear"), forbear.load_book(tmp_path)):
        with pytest.raises(forbear.CaseError):
            asked.decide(case, at="2026-03-08T12:00")
        assert [one.verdict for one in asked.when("call", case, "2026-03-08T12:00")] == ["allowed"]
        assert asked.permits("call", case, at="2026-03-08T12:00")
