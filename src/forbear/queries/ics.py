"""The times at which an action is permitted, as a calendar that any calendar program reads (iCalendar, RFC 5545)."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator
from itertools import groupby

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vText

from forbear.base.characters import escaped
from forbear.deciding.decision import verdict_text
from forbear.queries.when import Interval, When
from forbear.version import __version__

SECOND = datetime.timedelta(seconds=1)
_NAMESPACE = uuid.UUID("6f1d2c0e-58a3-4a87-9f5e-0f0b6c1f2a10")


def to_ics(answer: When, name: str, about: str, account: str | None = None) -> str:
    """Returns a calendar called `name`, with an event for each time at which one verdict permits the action.

    Moments are in UTC, and in whole seconds, within those of the answer. The ids of the events follow from `about`,
    which must distinguish accounts and policies, and from their beginnings: a calendar that is read again replaces its
    earlier version. `account` is in the title of each event, and `name` may contain it. No text of a calendar has
    control characters (RFC 5545, 3.3.11), so hidden ones are escaped.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//Forbear//forbear when {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(escaped(name)))  # `add` knows no type for it, and would escape nothing
    for start, end, run in _permitted(answer):
        last = run[-1]
        assert last.decision is not None
        verdict = verdict_text(last.decision.verdict, last.decision.along)
        rules = dict.fromkeys(
            rule for interval in run if interval.decision is not None for rule in interval.decision.rules
        )
        ends = "; ".join(cause.sentence for cause in last.causes) or "what was asked ends"
        event = Event()
        event.add("uid", str(uuid.uuid5(_NAMESPACE, f"{about} {answer.action} {start.isoformat()}")))
        event.add("dtstamp", answer.intervals[0].start.astimezone(datetime.UTC).replace(microsecond=0))
        event.add("dtstart", start)
        event.add("dtend", end)
        of_account = "" if account is None else f", {account}"
        event.add("summary", escaped(f"{answer.action} {verdict}{of_account}"))
        event.add("description", f"by {', '.join(rules)}\nuntil: {ends}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    if calendar.subcomponents:
        calendar.add("method", "PUBLISH")
    else:
        calendar.add_component(_utc())
    text: bytes = calendar.to_ical()
    return text.decode()


def _utc() -> Timezone:
    """Returns the component of a calendar without events. A calendar needs at least one (RFC 5545, 3.6), and a
    published one an event (RFC 5546, 3.2.1); no program shows a time zone.
    """
    standard = TimezoneStandard()
    standard.add("dtstart", datetime.datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", datetime.timedelta(0))
    standard.add("tzoffsetto", datetime.timedelta(0))
    zone = Timezone()
    zone.add("tzid", "UTC")
    zone.add_component(standard)
    return zone


def _permitted(answer: When) -> Iterator[tuple[datetime.datetime, datetime.datetime, list[Interval]]]:
    """Yields each time at which one verdict permits the action, in whole seconds of UTC, without times shorter than a
    second.
    """

    def verdict(interval: Interval) -> object:
        return interval.permitted and interval.decision and (interval.verdict, interval.decision.along)

    for permits, group in groupby(answer, verdict):
        run = list(group)
        start, end = (moment.astimezone(datetime.UTC) for moment in (run[0].start, run[-1].end))
        start += -(start - start.replace(microsecond=0)) % SECOND
        end = end.replace(microsecond=0)
        if permits and start < end:
            yield start, end, run
