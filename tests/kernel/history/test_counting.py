"""What is derived from events, against counting by hand: over zones, changes of the clocks, leap days, year ends."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import counter
import polars as pl
from counter import NONE, UNKNOWN, UTC, WEEKDAYS, Case, Event
from hypothesis import given, settings
from moments import MOMENTS, ZONES, answer, moment_text
from strategies import examples, seeds

import forbear
from forbear.kernel.history import readings
from forbear.space.predicates.specs import specs
from forbear.space.related import related_facts
from forbear.targets.python.module import compile_module

VOCABULARY = """\
fact debt text
event contact
  has medium one of call, sms, letter
  has outcome one of reached, no_answer, busy
  has consented yes/no
  has debt text
  has cost count
event payment
  has amount count
action sms
"""
CALL = "medium is call and debt is this debt"


def call(event: Mapping[str, object]) -> bool:
    return event["medium"] == "call" and event["debt"] == "A"


def reached(event: Mapping[str, object]) -> bool:
    return call(event) and event["outcome"] == "reached"


def missed(event: Mapping[str, object]) -> bool:
    return call(event) and event["outcome"] != "reached"


def consented(event: Mapping[str, object]) -> bool:
    return bool(event["consented"]) or event["medium"] == "letter"


def whole(case: Case, value: object) -> object:
    """The value of a history that goes back to the opening."""
    return value if case.known_from is None else UNKNOWN


def ago(case: Case, where: Callable[[Mapping[str, object]], bool]) -> list[int]:
    """How many days ago each event was."""
    today = case.now.date()
    return [(today - case.day(event)).days for event in case.events if where(event.attributes)]


def row(case: Case, last: int) -> int:
    """On how many days in a row there was a call, so many days ago and before."""
    return next(days - last for days in range(last, 10**6) if days not in ago(case, call))


def cost(case: Case, within: Callable[[int], bool]) -> int:
    today = case.now.date()
    calls = [event for event in case.events if call(event.attributes) and within((today - case.day(event)).days)]
    return sum(int(str(event.attributes["cost"])) for event in calls)


def last_cost(case: Case) -> object:
    calls = [event for event in case.events if call(event.attributes)]
    found = {event.attributes["cost"] for event in calls if event.at == max(one.at for one in calls)}
    return found.pop() if len(found) == 1 else UNKNOWN if found else NONE


DERIVED: dict[str, tuple[str, Callable[[Case], object]]] = {
    **{
        f"calls_{number}": (
            f"count of contact where {CALL} in last {number} days optional",
            partial(counter.count, where=call, span="days", number=number),
        )
        for number in (1, 2, 6, 7, 30)
    },
    **{
        f"hours_{number}": (
            f"count of contact where {CALL} in last {number} hours optional",
            partial(counter.count, where=call, span="hours", number=number),
        )
        for number in (1, 24, 168)
    },
    "week": (
        f"any contact where {CALL} this week optional",
        lambda case: positive(counter.count(case, call, "week", 0)),
    ),
    "of_month": (
        "count of contact where consented or medium is letter this month optional",
        lambda case: counter.count(case, consented, "month", 0),
    ),
    "of_quarter": (
        "count of contact where consented or medium is letter this quarter optional",
        lambda case: counter.count(case, consented, "quarter", 0),
    ),
    "minutes": (
        f"count of contact where {CALL} in last 90 minutes optional",
        partial(counter.count, where=call, span="minutes", number=90),
    ),
    "in_a_row": (
        f"count of contact where {CALL} and outcome is not reached "
        f"since last contact where {CALL} and outcome is reached optional",
        lambda case: counter.count(case, missed, "since", 0, reached),
    ),
    "spoken": (
        f"any contact where {CALL} and outcome is reached ever optional",
        lambda case: positive(counter.count(case, reached, "ever", 0)),
    ),
    "all_of_them": ("count of contact ever optional", lambda case: counter.count(case, lambda event: True, "ever", 0)),
    "days_since": (
        f"days since last contact where {CALL} and outcome is reached",
        lambda case: counter.days_since(case, reached),
    ),
    "called": (f"days since last contact where {CALL}", lambda case: counter.days_since(case, call)),
    "days_since_first": (
        f"days since first contact where {CALL} and outcome is reached",
        lambda case: whole(case, max(ago(case, reached), default=NONE)),
    ),
    **{
        f"months_{number}": (
            f"count of contact where {CALL} in last {number} months optional",
            partial(counter.count, where=call, span="months", number=number),
        )
        for number in (1, 3)
    },
    **{
        f"before_{number}": (
            f"any contact where {CALL} at least {number} days ago optional",
            partial(lambda case, number: whole(case, any(days >= number for days in ago(case, call))), number=number),
        )
        for number in (2, 7)
    },
    "of_days_3_to_20": (
        f"count of contact where {CALL} between 3 and 20 days ago optional",
        lambda case: whole(case, sum(3 <= days <= 20 for days in ago(case, call))),
    ),
    "days_9": (
        f"days with contact where {CALL} in last 9 days optional",
        lambda case: whole(case, len({days for days in ago(case, call) if days < 9})),
    ),
    "days_early": (
        f"days with contact where {CALL} between 3 and 20 days ago optional",
        lambda case: whole(case, len({days for days in ago(case, call) if 3 <= days <= 20})),
    ),
    "row": (f"days in a row with contact where {CALL} ever optional", lambda case: whole(case, row(case, 1))),
    "row_early": (
        f"days in a row with contact where {CALL} between 2 and 5 days ago optional",
        lambda case: whole(case, min(row(case, 2), 4)),
    ),
    "cost_7": (
        f"sum of contact.cost where {CALL} in last 7 days optional",
        lambda case: whole(case, cost(case, lambda days: days < 7)),
    ),
    "cost_ever": (
        f"sum of contact.cost where {CALL} ever optional",
        lambda case: whole(case, cost(case, lambda days: True)),
    ),
    "last_cost": (f"cost of last contact where {CALL}", lambda case: whole(case, last_cost(case))),
}


def positive(number: int | str) -> bool | str:
    return number if isinstance(number, str) else number > 0


def renamed(name: str) -> str:
    return "of_week" if name == "week" else name


POLICY = forbear.loads(
    VOCABULARY
    + "".join(f"fact {renamed(name)} {text}\n" for name, (text, _) in DERIVED.items())
    + "fact clock_time time of decision\nfact the_day date of decision\nfact day_name weekday of decision\n"
    + "rule r: allow sms when "
    + " and ".join(
        f"{renamed(name)} is known" if "optional" in text else f"{renamed(name)} is not none"
        for name, (text, _) in DERIVED.items()
    )
    + " and clock_time >= 08:00 and the_day >= 2020-01-01 and day_name is not sunday\n"
)
TABLES = specs(POLICY.typed)


def drawn(seed: int) -> Case:
    """A case: a moment near a change of the clocks or an end, and events before it, many of them close to midnight."""
    generator = random.Random(seed)
    zone = ZoneInfo(generator.choice(ZONES))
    at = datetime.datetime.fromisoformat(generator.choice(MOMENTS)).replace(tzinfo=UTC)
    at += datetime.timedelta(minutes=generator.choice([0, 0, 1, -1, 30, 60, 719, 1440, generator.randint(-3000, 3000)]))
    events = []
    for _ in range(generator.choice([0, 1, 3, 10, 30])):
        back = generator.choice([0, 1, 59, 60, 61, 24 * 60, 7 * 24 * 60, generator.randint(0, 60 * 24 * 60)])
        moment = at - datetime.timedelta(minutes=back)
        if generator.random() < 0.4:  # at or around the midnight of that place
            midnight = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            moment = midnight.astimezone(UTC) + datetime.timedelta(seconds=generator.choice([-1, 0, 1]))
        if moment <= at:
            attributes = {
                "medium": generator.choice(["call", "call", "sms", "letter"]),
                "outcome": generator.choice(["reached", "no_answer", "no_answer", "busy"]),
                "consented": generator.random() < 0.2,
                "debt": generator.choice(["A", "A", "B"]),
                "cost": generator.choice([0, 1, 1, 5]),
            }
            events.append(Event(moment, attributes))
    known = generator.choice([None, None, generator.randint(0, 70), generator.randint(0, 8)])
    known_from = None if known is None else at.astimezone(zone).date() - datetime.timedelta(days=known)
    return Case(events, known_from, at, zone)


def written(case: Case, generator: random.Random) -> dict[str, object]:
    """The case as `decide` takes it: events in any order, each with some offset or none."""
    records: list[dict[str, object]] = []
    for number, event in enumerate(case.events):
        record: dict[str, object] = {"event": "contact", "at": moment_text(event.at, case.zone, generator)}
        record |= dict(event.attributes)
        if generator.random() < 0.3:
            record["id"] = number
            if generator.random() < 0.3:
                records.append(dict(record))  # once more, the same
        records.append(record)
    generator.shuffle(records)
    return {
        "debt": "A",
        "history": records,
        "history_from": "opening" if case.known_from is None else case.known_from.isoformat(),
        "zone": str(case.zone),
    }


@settings(max_examples=examples(200, by_night=400))
@given(seeds())
def test_facts_are_what_counting_by_hand_gives(seed: int) -> None:
    case = drawn(seed)
    given_case = written(case, random.Random(seed))
    expected = {renamed(name): by_hand(case) for name, (_, by_hand) in DERIVED.items()}
    [reading] = readings.readings(TABLES.history, given_case, None, case.at)
    for name, value in expected.items():
        if value != UNKNOWN:  # `test_generated` knows what is known in part
            assert reading.case[name] == value, (name, case)
    assert reading.day == case.now.date()
    assert reading.case["day_name"] == WEEKDAYS[case.now.weekday()]
    assert reading.case["clock_time"] == case.now.time().replace(tzinfo=None, microsecond=0, fold=0)
    outright = {name: value for name, value in reading.case.items() if name != "debt"}
    assert POLICY.decide(given_case, at=case.at)["sms"] == POLICY.decide(outright)["sms"]


RELATED = related_facts(POLICY.typed, POLICY.typed.derived)


@settings(max_examples=examples(200, by_night=400))
@given(seeds())
def test_no_history_gives_related_facts_values_that_they_never_have_together(seed: int) -> None:
    case = drawn(seed)
    values = {renamed(name): by_hand(case) for name, (_, by_hand) in DERIVED.items()}
    for pair in RELATED:
        fewer, more = values[pair.fewer], values[pair.more]
        if UNKNOWN not in (fewer, more):
            least = pair.least(strength(fewer, pair.falls[0]))
            assert strength(more, pair.falls[1]) >= least, (pair, fewer, more, case)


def strength(value: object, falls: bool) -> int:
    if value == NONE:
        return -(10**15)
    assert isinstance(value, int)
    return -value if falls else int(value)


TOGETHER = """
calls_1 calls_7, calls_7 all_of_them, calls_30 all_of_them, hours_24 calls_7, calls_2 hours_168,
of_week calls_7, calls_1 of_week, days_since spoken, days_since calls_7, spoken days_since,
calls_7 months_1, months_1 months_3, days_since days_since_first, days_since_first days_since,
days_since_first before_7, days_since before_7, of_days_3_to_20 before_2, of_days_3_to_20 called,
before_7 before_2, days_9 calls_7, days_9 row, calls_1 days_9, row days_9, row_early days_early,
days_early called, cost_7 cost_ever, cost_7 calls_7, cost_7 called, last_cost all_of_them,
calls_2 last_cost
"""
"""Pairs of facts of which a value of the first says something of the second."""
APART = """
calls_7 calls_2, calls_2 hours_24, calls_7 of_week, of_week calls_6, calls_7 days_since,
of_month calls_30, in_a_row calls_30, days_since in_a_row, months_1 calls_30, before_2 before_7,
calls_7 before_2, cost_ever cost_7, calls_7 cost_7
"""
"""Those of which it does not: a call may cost nothing, for example."""


def test_facts_are_related_that_should_be() -> None:
    found = {(pair.fewer, pair.more) for pair in RELATED}
    together, apart = ({(*pair.split(),) for pair in text.split(",")} for text in (TOGETHER, APART))
    assert together <= found
    assert not apart & found


MODULE: dict[str, Any] = {"__name__": "compiled"}
exec(compile(compile_module(POLICY.typed), "<compiled>", "exec"), MODULE)


@settings(max_examples=examples(100, by_night=200))
@given(seeds())
def test_a_compiled_module_counts_and_refuses_as_the_policy_does(seed: int) -> None:
    case = drawn(seed)
    generator = random.Random(seed)
    given_case = written(case, generator)
    match generator.randrange(8):
        case 0:
            given_case["zone"] = [str(case.zone), "Asia/Tokyo"]
        case 1:
            del given_case["history_from"]
        case 2:
            given_case["calls_7"] = 3
        case 3 if isinstance(given_case["history"], list):
            given_case["history"] += [{"event": "contact", "at": "2020-01-01"}, {"event": "visit"}, 3]
        case _:
            pass
    assert answer(MODULE["decide"], given_case, case.at) == answer(POLICY.decide, given_case, case.at)


@settings(max_examples=examples(50, by_night=100))
@given(seeds())
def test_a_frame_of_histories_is_decided_as_its_rows_are(seed: int) -> None:
    case = drawn(seed)
    given_case = written(case, random.Random(seed))
    frame = pl.DataFrame([{**given_case, "history": json.dumps(given_case["history"], default=str)}])
    decided = POLICY.apply(frame, at=case.at, why=True).row(0, named=True)
    try:
        expected = POLICY.decide(given_case, at=case.at)["sms"]
    except forbear.CaseError:
        assert decided["sms"] == "undecided"
    else:
        assert (decided["sms"], tuple(decided["sms_rules"])) == (expected.verdict.value, expected.rules)
