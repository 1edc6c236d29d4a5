"""What ends an interval: of all that moved at its end, that without which it would not have ended."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from forbear.kernel.cases import FactSpec, Fault, InPart, as_given, in_part_json, in_part_text
from forbear.language.model.values import plain_json
from forbear.queries.decider import Answer
from forbear.queries.moving import Held, Hourly, Moving, OfDay, OfMoment, Shifted, Since, Windowed
from forbear.queries.timeline import IN_FORCE, Change, Timeline
from forbear.queries.versions import BookTimeline, Version

Told = tuple[str, dict[str, object], str]
"""The code of a cause, its arguments, and its sentence."""
_BEFORE = datetime.timedelta(microseconds=1)


@frozen
class Cause:
    """Why an interval ends: a `code` with `arguments` in JSON values, and the sentence made of them."""

    code: str
    arguments: Mapping[str, object]
    sentence: str

    def as_json(self) -> dict[str, object]:
        return {"code": self.code, **plain_json(self.arguments), "sentence": self.sentence}


def necessary(
    changes: Sequence[Change], without: Callable[[Sequence[Change]], Answer], still: Callable[[Answer], bool]
) -> Sequence[Change]:
    """As few of some changes as it takes: without them the answer is `still` what it was, and each of them is needed
    for that."""
    needed, looked_at = list(changes), 0
    while looked_at < len(needed):  # again from the start after each that goes: one before it may now go as well
        rest = [*needed[:looked_at], *needed[looked_at + 1 :]]
        if rest and still(without(rest)):
            needed, looked_at = rest, 0
        else:
            looked_at += 1
    return needed


def causes(changes: Sequence[Change], zones: int) -> tuple[Cause, ...]:
    """Changes of a case in so many zones as causes. Of several zones, each sentence says in which."""
    by_sentence: dict[str, Cause] = {}
    for change in changes:
        code, arguments, sentence = _told(change)
        zone = str(change.timeline.zone)
        if zones > 1 and zone not in sentence:
            sentence = f"{sentence} (in {zone})"
        by_sentence.setdefault(sentence, Cause(code, {**arguments, "zone": zone}, sentence))
    return tuple(by_sentence.values())


def _told(change: Change) -> Told:
    timeline, part = change.timeline, change.part
    if isinstance(timeline, BookTimeline):
        return _of_version(timeline, change)
    assert isinstance(timeline, Timeline)
    if isinstance(part, tuple):
        return _of_rule(timeline, part[1])
    if part == IN_FORCE:
        policy = timeline.decider.policy
        if isinstance(change.after, Fault):
            return "policy_ends", {"policy": policy.name}, f"policy `{policy.name}` is no longer in force"
        return "policy_begins", {"policy": policy.name}, f"policy `{policy.name}` is in force from now on"
    assert isinstance(part, int)
    mover = timeline.moving[part]
    value: Held = change.after  # type: ignore[assignment]
    about: dict[str, object] = {"fact": mover.fact.name, "value": _json(mover.fact, value)}
    if isinstance(value, Fault):
        return "undecided", {"fact": mover.fact.name, "faults": [value.as_json()]}, value.message
    now = timeline.now.astimezone(timeline.zone)
    if timeline.clocks_changed:
        before = (timeline.now - _BEFORE).astimezone(timeline.zone)
        if isinstance(mover, OfMoment) and mover.spec.measure == "time":
            forward = now.utcoffset() > before.utcoffset()  # type: ignore[operator]
            way = "forward" if forward else "back"
            return "clocks", {**about, "change": way}, f"the clocks of {timeline.zone} are put {way} to {now:%H:%M}"
    return _of_fact(mover, about, _text(mover.fact, value), now, (timeline.now - _BEFORE).astimezone(timeline.zone))


def _of_fact(
    mover: Moving, about: dict[str, object], text: str, now: datetime.datetime, before: datetime.datetime
) -> Told:
    name = mover.fact.name
    match mover:
        case Shifted(clock=True):
            return "clock", about, f"day {text} of `{name}` begins"
        case Shifted():
            return "days", about, f"`{name}` becomes {text}"
        case OfMoment():
            measure = mover.spec.measure
            sentence = f"it is {text}" if measure == "time" else f"{text.capitalize()} begins"
            return measure, about, f"{sentence} in {now.tzinfo}"
        case OfDay() if mover.spec.measure == "working day":
            assert mover.spec.calendar is not None
            what = "a working day" if text == "yes" else "no working day"
            days = {"calendar": mover.spec.calendar.name, "date": now.date().isoformat()}
            return "working_day", {**about, **days}, f"{now.date()} is {what} of `{mover.spec.calendar.name}`"
        case OfDay():
            return "age", about, f"`{name}` becomes {text}"
        case Since():
            return _of_days_since(mover, about, text)
        case Windowed() | Hourly():
            return _of_window(mover, about, text, now, before)
        case _:
            raise AssertionError(mover)


def _of_days_since(mover: Since, about: dict[str, object], text: str) -> Told:
    count = mover.count
    assert count.spec.derived.events is not None
    which, day = ("first", count.first) if count.spec.derived.measure == "days since first" else ("last", count.last)
    days = "days" if count.spec.derived.calendar is None else f"working days of `{count.spec.derived.calendar.name}`"
    if not day or isinstance(about["value"], dict):
        return "days_since", about, f"`{mover.fact.name}` is {text}"
    date = datetime.date.fromordinal(day).isoformat()
    event = count.spec.derived.events.event
    sentence = f"it is {text} {days} since the {which} `{event}` of {date} (`{mover.fact.name}`)"
    return "days_since", {**about, "event": event, "since": date}, sentence


def _of_window(
    mover: Windowed | Hourly, about: dict[str, object], text: str, now: datetime.datetime, before: datetime.datetime
) -> Told:
    spec = mover.count.spec.derived
    assert spec.events is not None
    was, is_now = mover.inside(before), mover.inside(now)
    left = [event_seen for event_seen in was if event_seen not in is_now]
    entered = [event_seen for event_seen in is_now if event_seen not in was]
    end = f"`{mover.fact.name}` is {text}"
    words = {
        "days": f"the last {_many(spec.number, 'day')}",
        "hours": f"the last {_many(spec.number, 'hour')}",
        "months": f"the last {_many(spec.number, 'month')}",
        "week": "this week",
        "month": "this month",
        "at least": f"the days at least {_many(spec.number, 'day')} ago",
        "between": f"the days between {spec.least} and {_many(spec.number, 'day')} ago",
    }[spec.window]
    about = {**about, "window": words}
    for code, verb, moved in (("leaves_window", "leave", left), ("enters_window", "enter", entered)):
        if moved:
            zone = now.tzinfo
            moments = [event_seen.moment.astimezone(zone) for event_seen in moved]
            event = spec.events.event
            arguments = {**about, "event": event, "at": [moment.isoformat() for moment in moments]}
            return code, arguments, f"{_which(event, moments)} {verb}{'s' * (len(moved) == 1)} {words}: {end}"
    return "history_covers", about, f"the history covers {words}: {end}"


def _which(event: str, moments: Sequence[datetime.datetime]) -> str:
    days = list(dict.fromkeys(f"{moment:%Y-%m-%d}" for moment in moments))
    what = f"the `{event}`" if len(moments) == 1 else f"{len(moments)} `{event}`"
    return f"{what} of {days[0] if len(days) == 1 else f'{days[0]} to {days[-1]}'}"


def _many(number: int, what: str) -> str:
    return what if number == 1 else f"{number} {what}s"


def _of_version(timeline: BookTimeline, change: Change) -> Told:
    book = timeline.book
    old: Version | None = change.before  # type: ignore[assignment]
    new: Version | None = change.after  # type: ignore[assignment]
    named = {end: each and (each.policy.version or each.called) for end, each in (("from", old), ("to", new))}
    if new is None:
        assert old is not None
        taken = timeline.taken
        sentence = f"{_of_book(old, book)} ends, and no other is in force"
        if taken is old:
            sentence = f"{_of_book(old, book)} ends"
        elif taken is not None:
            sentence = f"{_of_book(taken, book)} begins, and is not in force in {timeline.zone}"
    else:
        sentence = f"{_of_book(new, book)} begins"
    return "version", {"book": book, **named}, sentence


def _of_book(version: Version, book: str) -> str:
    return f"{version.called} of `{book}`" if version.policy.version else f"of `{book}`, {version.called}"


def _of_rule(timeline: Timeline, number: int) -> Told:
    rule = timeline.decider.specs.policy.rules[number]
    begins = bool(timeline.rules >> number & 1)
    what = "suspension" if rule.suspends else "rule"
    day = rule.since if begins else rule.until
    date = None if day is None else datetime.date.fromordinal(day).isoformat()
    sentence = f"the {what} `{rule.name}` begins, in force from {date}"
    if not begins:
        sentence = f"the {what} `{rule.name}` ends, in force until {date}"
    return f"{what}_{'begins' if begins else 'ends'}", {"rule": rule.name, "date": date}, sentence


def _text(fact: FactSpec, value: Held) -> str:
    if fact.private:
        return "another value (private)"
    if value is None:
        return "none" if fact.absent == "none" else "unknown"
    if isinstance(value, InPart):
        return in_part_text(fact, value)
    shown = _json(fact, value)
    return {True: "yes", False: "no"}[shown] if isinstance(shown, bool) else str(shown)


def _json(fact: FactSpec, value: Held) -> object:
    if fact.private:
        return {"private": None}
    if value is None:
        return "none" if fact.absent == "none" else None
    if isinstance(value, InPart):
        return in_part_json(fact, value)
    if fact.kind == "order" and isinstance(value, int):
        return list(fact.names)[value]
    return as_given(fact, value) if isinstance(value, int) and not isinstance(value, bool) else value
