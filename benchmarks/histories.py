"""Counting: a case with 10,000 events decided, beside a plain loop that counts the same three facts.

The loop is what an integrator would write: it reads each event's moment, knows the borrower's zone, and checks nothing.
"""

from __future__ import annotations

import datetime
import random
import sys
from functools import partial
from zoneinfo import ZoneInfo

from measure import turn_by_turn, verdict

import forbear

EVENTS = 10_000
POLICY = """\
policy house
fact debt text
event contact
  has medium    one of call, sms, email, letter, visit
  has direction one of outbound, inbound
  has outcome   one of reached, message_left, no_answer, busy, invalid
  has consented yes/no
  has debt      text
fact calls_in_7_days count of contact where medium is call and direction is outbound and debt is this debt
  and not consented and outcome is one of reached, message_left, no_answer in last 7 days
fact days_since_conversation days since last contact where medium is call and outcome is reached
fact unreachable count of contact where medium is call and outcome is not reached
  since last contact where outcome is reached
action phone_call, contact_related
rule seven: never phone_call when calls_in_7_days >= 7
rule silence: never phone_call when days_since_conversation <= 6
rule ask: allow contact_related when unreachable >= 3
"""
AT = datetime.datetime(2026, 3, 10, 16, tzinfo=datetime.UTC)
ZONE = "America/New_York"
Record = dict[str, object]


def history(generator: random.Random) -> list[Record]:
    """Events of two years, as JSON gives them, each with its offset."""
    events: list[Record] = []
    for _ in range(EVENTS):
        moment = AT - datetime.timedelta(seconds=generator.randrange(2 * 365 * 86_400))
        events.append(
            {
                "event": "contact",
                "at": moment.astimezone(ZoneInfo(ZONE)).isoformat(),
                "medium": generator.choice(["call", "call", "sms", "email", "letter"]),
                "direction": generator.choice(["outbound", "outbound", "inbound"]),
                "outcome": generator.choice(["reached", "message_left", "no_answer", "no_answer", "busy"]),
                "consented": generator.random() < 0.1,
                "debt": generator.choice(["A", "B"]),
            }
        )
    return events


def by_hand(events: list[Record], debt: str) -> tuple[int, int, int]:
    """The three facts, counted in one loop."""
    zone = ZoneInfo(ZONE)
    today = AT.astimezone(zone).date()
    first = today - datetime.timedelta(days=6)
    calls = 0
    last_talk: datetime.date | None = None
    reached_at: datetime.datetime | None = None
    missed: list[datetime.datetime] = []
    for event in events:
        moment = datetime.datetime.fromisoformat(str(event["at"]))
        day = moment.astimezone(zone).date()
        if event["outcome"] == "reached" and (reached_at is None or moment > reached_at):
            reached_at = moment
        if event["medium"] != "call":
            continue
        if event["outcome"] == "reached":
            if last_talk is None or day > last_talk:
                last_talk = day
        else:
            missed.append(moment)
        if (
            event["direction"] == "outbound"
            and event["debt"] == debt
            and not event["consented"]
            and event["outcome"] in ("reached", "message_left", "no_answer")
            and first <= day <= today
        ):
            calls += 1
    assert last_talk is not None
    assert reached_at is not None
    return calls, (today - last_talk).days, len([moment for moment in missed if moment > reached_at])


def main() -> None:
    policy = forbear.loads(POLICY)
    events = history(random.Random(5))
    case = {"debt": "A", "history": events, "history_from": "opening", "zone": ZONE}
    calls, silent, missed = by_hand(events, "A")
    counted = {"calls_in_7_days": calls, "days_since_conversation": silent, "unreachable": missed}
    assert policy.decide(case, at=AT) == policy.decide(counted), counted
    ours, plain = turn_by_turn([partial(policy.decide, case, at=AT), partial(by_hand, events, "A")], 25)
    print(f"{EVENTS:,} events: {ours * 1000:.1f} ms, by hand {plain * 1000:.1f} ms")
    sys.exit(0 if verdict("a case with 10,000 events, to a loop that counts by hand", ours / plain, 3.0) else 1)


if __name__ == "__main__":
    main()
