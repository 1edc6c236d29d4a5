"""Until when: 100 rules on one action and 100 events, all intervals of a month, beside `decide` each minute; and the
next change alone, beside one `decide`. And what is open: two policies of 43 rules with four open facts, and the
first questions of a form, which knows nothing yet.

The loop is what a dialler does today. It finds the same ends, to the minute.
"""

from __future__ import annotations

import datetime
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from measure import turn_by_turn, verdict

import forbear
from forbear.check.promises.promises import written_case
from forbear.language.model.policy import facts_read

RULES, EVENTS = 100, 100
AT = datetime.datetime(2026, 3, 1, 15, tzinfo=datetime.UTC)
SPAN = datetime.timedelta(days=31)
MINUTE = datetime.timedelta(minutes=1)
ZONE = "America/New_York"
HEAD = """\
policy dialler
event contact
  has medium  one of call, sms, letter
  has outcome one of reached, message_left, no_answer
fact days_overdue days clock
fact segment one of low < middle < high
fact balance money USD
fact local_time time of decision
fact weekday weekday of decision
fact calls_in_7_days count of contact where medium is call in last 7 days
fact calls_in_24_hours count of contact where medium is call in last 24 hours
fact letters_in_3_months count of contact where medium is letter in last 3 months
fact days_since_talk days since last contact where medium is call and outcome is reached
action phone_call
rule hours: never phone_call when local_time is not between 08:00 and 21:00
rule sundays: never phone_call when weekday is sunday
rule seven: limit phone_call to 7 by calls_in_7_days
rule two: limit phone_call to 2 by calls_in_24_hours
rule silence: never phone_call when days_since_talk <= 6
rule easter: suspend phone_call from 2026-04-03 until 2026-04-06
"""


def policy() -> forbear.Policy:
    """Rules of bands of days, segments and sums, as strategies have them."""
    chance = random.Random(1)
    rules = []
    for number in range(RULES - 6):
        first = chance.randrange(0, 90)
        effect = chance.choice(["allow", "allow", "allow", "never"])
        segment = chance.choice(["low", "middle", "high"])
        least = chance.randrange(0, 5_000)
        also = chance.choice(["balance >= USD {n}", "letters_in_3_months >= 1", "calls_in_7_days <= 4"]).format(n=least)
        rules.append(
            f"rule band_{number}: from day {first} to day {first + 9} and segment is {segment} and {also} "
            f"then {effect} phone_call"
        )
    return forbear.loads(HEAD + "\n".join(rules) + "\n")


def case() -> dict[str, object]:
    chance = random.Random(2)
    events = []
    for _ in range(EVENTS):
        moment = AT - datetime.timedelta(seconds=chance.randrange(60 * 86_400))
        medium = chance.choice(["call", "call", "sms", "letter"])
        outcome = chance.choice(["message_left", "no_answer", "no_answer", "no_answer", "reached"])
        events.append({"event": "contact", "at": moment.isoformat(), "medium": medium, "outcome": outcome})
    facts = {"days_overdue": 20, "segment": "middle", "balance": "1200.50", "zone": ZONE}
    return {**facts, "history": events, "history_from": "opening"}


def each_minute(asked: forbear.Policy, given: dict[str, object]) -> list[datetime.datetime]:
    """The minutes from which on something else is decided."""
    ends: list[datetime.datetime] = []
    before = None
    today = AT.astimezone(ZoneInfo(ZONE)).date()
    for number in range(SPAN // MINUTE):
        moment = AT + number * MINUTE
        days = 20 + (moment.astimezone(ZoneInfo(ZONE)).date() - today).days
        decided = asked.decide_alone("phone_call", {**given, "days_overdue": days}, at=moment)["phone_call"]
        if before is not None and decided != before:
            ends.append(moment)
        before = decided
    return ends


OPEN = {
    "us_card_issuer": ["local_time", "contact_party", "calls_in_7_days", "days_since_conversation"],
    "cn_card_strategy": ["local_time", "segment", "balance", "complained"],
}


def open_facts() -> tuple[float, float]:
    """The worst milliseconds of all actions with four open facts, and of the first questions about a call."""
    whole = first = 0.0
    for name, opened in OPEN.items():
        asked = forbear.load(Path(__file__).parent.parent / "rules" / "examples" / f"{name}.forbear")
        read = [fact for fact in facts_read(asked.typed) if fact not in opened]
        given = written_case("days_overdue 34", asked.typed, read).case
        outcomes = partial(asked.partial, given, opened)
        questions = partial(asked.ask, "phone_call", {})
        number = sum(len(its) > 1 for its in outcomes().values())
        one, other = (best * 1000 for best in turn_by_turn([outcomes, questions], 5))
        print(f"{name}: {number} of {len(asked.actions)} actions open, {one:.1f} ms; ", end="")
        print(f"{len(questions())} questions, {other:.1f} ms")
        whole, first = max(whole, one), max(first, other)
    return whole, first


def main() -> None:
    asked, given = policy(), case()
    when = partial(asked.when, "phone_call", given, AT, SPAN)
    start = time.perf_counter()
    ends = each_minute(asked, given)
    loop = time.perf_counter() - start
    exact = [interval.end.astimezone(datetime.UTC) for interval in when()][:-1]
    assert ends == sorted({end + -(end - AT) % MINUTE for end in exact}), "the loop finds other ends"
    decide = partial(asked.decide, given, at=AT)
    asks: list[Callable[[], object]] = [when, lambda: decide().valid_until, decide]
    span, following, once = turn_by_turn(asks, 60)
    print(f"{RULES} rules, {EVENTS} events, {SPAN.days} days: {len(exact) + 1} intervals in {span * 1000:.2f} ms")
    print(f"the next change {following * 1e6:.0f} us, a `decide` {once * 1e6:.0f} us, each minute {loop:.1f} s")
    whole, first = open_facts()
    held = [
        verdict("all actions with four open facts, in milliseconds", whole, 100.0),
        verdict("the first questions about a call, in milliseconds", first, 300.0),
        verdict("the intervals of a month, in milliseconds", span * 1000, 5.0),
        verdict("decide and its valid_until, to decide", following / once, 3.0),
        verdict("the intervals of a month, to decide each minute", span / loop, 0.01),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
