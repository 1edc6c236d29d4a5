"""Finds the intervals in which a case has one decision, if nothing else happens.

`decide` at each moment defines what is right: the case's clock, and its other counts of days, are moved to that day
(docs/reference/language/time.md). This module finds the moments at which something crosses a threshold of the rules,
and decides only there.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from attrs import evolve, frozen

from forbear.deciding.decision import Validity
from forbear.kernel.cases import (
    ActionDecision,
    CaseError,
    FactSpec,
    Fault,
    InPart,
    Verdict,
    Wrong,
    as_dict,
    as_given,
    in_part_json,
    in_part_text,
    own,
)
from forbear.kernel.faults import fault
from forbear.kernel.history.events import Past
from forbear.kernel.history.moments import moment_of, zones_of
from forbear.kernel.history.readings import strictest
from forbear.language.model.values import fields_json, plain_json
from forbear.queries.decider import Answer, TimelineDecider
from forbear.queries.moving import (
    LONGEST,
    SMALLEST,
    Held,
    Moving,
    OfDay,
    OfHours,
    OfMoment,
    Shifted,
    Since,
    Windowed,
    next_midnight,
    offset_of,
)
from forbear.queries.timeline import IN_FORCE, AnyTimeline, BookTimeline, Change, Timeline, Version

# The causes that end an interval: of all changes at its end, those without which it would not have ended.


Told = tuple[str, dict[str, object], str]
"""The code of a cause, its arguments, and its sentence."""


@frozen
class Cause:
    """Why an interval ends: a `code` with `arguments` in JSON values, and the sentence made of them."""

    code: str
    arguments: Mapping[str, object]
    sentence: str

    def as_json(self) -> dict[str, object]:
        return {"code": self.code, **plain_json(self.arguments), "sentence": self.sentence}


def necessary(timelines: Sequence[AnyTimeline], moved: Sequence[Sequence[Change]], earlier: Answer) -> Sequence[Change]:
    """Returns as few changes as suffice, of those that have `moved` in each timeline: without them the answer is still
    the `earlier` one, and each of them is necessary for that. Each attempt decides anew in one timeline only.
    """
    needed = [(place, change) for place, changes in enumerate(moved) for change in changes]
    answers = [_without(timeline, changes) for timeline, changes in zip(timelines, moved, strict=True) if needed[1:]]
    before = 1
    while len(needed) != before:  # again after some go: one before them may now go as well
        before = len(needed)
        for place, change in (*needed,):
            rest = [other for at, other in needed if at == place and other is not change]
            attempt = [*answers]
            attempt[place] = _without(timelines[place], rest)
            if len(needed) > 1 and same(together(attempt), earlier):
                needed.remove((place, change))
                answers = attempt
    return [change for _, change in needed]


def _without(timeline: AnyTimeline, changes: Sequence[Change]) -> Answer:
    """Returns the decision in a timeline at this moment if some of its changes had not happened."""
    return timeline.answer_without(changes) if changes else timeline.answer()


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
    now, before = (moment.astimezone(timeline.zone) for moment in (timeline.now, timeline.now - SMALLEST))
    if timeline.clocks_changed and isinstance(mover, OfMoment) and mover.spec.measure == "time":
        forward = now.utcoffset() > before.utcoffset()  # type: ignore[operator]
        way = "forward" if forward else "back"
        return "clocks", {**about, "change": way}, f"the clocks of {timeline.zone} are put {way} to {now:%H:%M}"
    return _of_fact(mover, about, _text(mover.fact, value), now, before)


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
        case OfHours():
            return "hours", about, f"`{name}` becomes {text} in {now.tzinfo}"
        case OfDay() if mover.spec.calendar is not None and mover.spec.of is None:
            code, what = mover.spec.measure.replace(" ", "_"), f"{'a' if text == 'yes' else 'no'} {mover.spec.measure}"
            days = {"calendar": mover.spec.calendar.name, "date": now.date().isoformat()}
            return code, {**about, **days}, f"{now.date()} is {what} of `{mover.spec.calendar.name}`"
        case OfDay():
            return "age", about, f"`{name}` becomes {text}"
        case Since():
            return _of_days_since(mover, about, text)
        case Windowed():
            return _of_window(mover, about, text, now, before)
        case _:
            raise AssertionError(mover)


def _of_days_since(mover: Since, about: dict[str, object], text: str) -> Told:
    count = mover.count
    assert count.spec.derived.events is not None
    which = "first" if count.spec.derived.measure == "days since first" else "last"
    day = (min if which == "first" else max)(count.days(), default=None)
    days = "days" if count.spec.derived.calendar is None else f"working days of `{count.spec.derived.calendar.name}`"
    if not day or isinstance(about["value"], dict):
        return "days_since", about, f"`{mover.fact.name}` is {text}"
    date = datetime.date.fromordinal(day).isoformat()
    event = count.spec.derived.events.event
    sentence = f"it is {text} {days} since the {which} `{event}` of {date} (`{mover.fact.name}`)"
    return "days_since", {**about, "event": event, "since": date}, sentence


def _of_window(
    mover: Windowed, about: dict[str, object], text: str, now: datetime.datetime, before: datetime.datetime
) -> Told:
    spec = mover.count.spec.derived
    assert spec.events is not None
    was, is_now = ({id(event): event for event in mover.inside(moment)} for moment in (before, now))
    left = [event for number, event in was.items() if number not in is_now]
    entered = [event for number, event in is_now.items() if number not in was]
    end = f"`{mover.fact.name}` is {text}"
    words = {
        "days": f"the last {_many(spec.number, 'day')}",
        "hours": f"the last {_many(spec.number, 'hour')}",
        "working days": f"the last {_many(spec.number, 'working day')}",
        "minutes": f"the last {_many(spec.number, 'minute')}",
        "months": f"the last {_many(spec.number, 'month')}",
        "week": "this week",
        "month": "this month",
        "quarter": "this quarter",
        "at least": f"the days at least {_many(spec.number, 'day')} ago",
        "between": f"the days between {spec.least} and {_many(spec.number, 'day')} ago",
    }.get(spec.window, "")
    words = "the days in a row up to yesterday" if mover.in_row else words
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


Until: TypeAlias = "datetime.datetime | datetime.timedelta | str"
"""A moment, or a length of time: a text such as "30 days" or "12 hours"."""
_LAST_YEAR = 9_970
"""The last year that may be asked about: the calendar ends with 9999, and each zone and window is followed a little
further.
"""
LENGTH = re.compile(r"([0-9]{1,40}) (day|hour|minute)s?")
MOST_CHANGES = 50_000
"""The changes of facts that are looked at in all zones of a case together: a few seconds of work."""
_MOST_UNITS = 10**8
"""A number of units that is longer than any period looked ahead, and within the range of a `timedelta`."""


@frozen
class Interval:
    """An interval, from `start` until just before `end`, in which the action has one verdict by the same rules.

    `decision` is None if the case cannot be decided then; `faults` has the errors at the start. `causes` end the
    interval; the last interval has none, as it ends with the question. The moments have the offset of the first zone.
    """

    start: datetime.datetime
    end: datetime.datetime
    decision: ActionDecision | None
    faults: tuple[Fault, ...] = ()
    causes: tuple[Cause, ...] = ()

    @property
    def permitted(self) -> bool:
        return self.decision is not None and self.decision.permitted

    @property
    def verdict(self) -> Verdict | None:
        return None if self.decision is None else self.decision.verdict

    def as_json(self) -> dict[str, object]:
        """Returns the interval as `forbear when` prints it."""
        decided: Mapping[str, object] = {"verdict": "undecided", "permitted": False}
        if self.decision is not None:
            decided = self.decision.as_json()
        faults = plain_json(self.faults)
        return {
            "from": self.start.isoformat(),
            "until": self.end.isoformat(),
            **decided,
            **({"faults": faults} if faults else {}),
            "ends": plain_json(self.causes),
        }


@frozen
class When:
    """The intervals of an action, without a gap. Facts in `moving` change with time; those in `held` would, but the
    case gives them outright and so they stay as they are. `versions` are those of a book that decide in turn, as
    policies; a policy has none.
    """

    action: str
    intervals: tuple[Interval, ...]
    moving: tuple[str, ...]
    held: tuple[str, ...]
    versions: tuple[Any, ...] = ()

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.intervals)

    def __len__(self) -> int:
        return len(self.intervals)

    @property
    def next_permitted(self) -> datetime.datetime | None:
        """The first moment at which the action is permitted; None if there is none in the period asked about."""
        return next((interval.start for interval in self.intervals if interval.permitted), None)

    def as_json(self) -> dict[str, object]:
        """Returns the intervals as `forbear when` prints them."""
        return {
            **({"versions": [version.about for version in self.versions]} if self.versions else {}),
            **fields_json(self, "action", "moving", "held", "intervals"),
        }


class WhenRequest(NamedTuple):
    """A case with its zones and moments, in UTC."""

    case: Mapping[str, object]
    zones: Sequence[datetime.tzinfo]
    at: datetime.datetime
    stop: datetime.datetime

    @classmethod
    def of(cls, case: object, at: object, until: object) -> WhenRequest:
        """Reads a question. Raises `CaseError`."""
        entries = as_dict(case)
        if entries is None:
            given = {"type": "list" if isinstance(case, list) else "value"}  # its value may be private
            raise CaseError([Fault.of(None, "no-object", given=given)])
        if at is None:
            raise CaseError([fault("at", "missing-start")])
        faults: list[Fault] = []
        zones = zones_of(entries, at, faults)
        if faults:
            raise CaseError(faults)
        start = _moment("at", at, zones)
        if start.year > _LAST_YEAR:
            raise CaseError([fault("at", "late-start", year=_LAST_YEAR)])
        return cls(entries, zones, start, _end(until, start, zones))

    @classmethod
    def farthest(cls, case: object, at: object) -> WhenRequest:
        """The question about all of the time that is looked ahead. Raises `CaseError`."""
        return cls.of(case, at, datetime.timedelta(LONGEST))


def _moment(name: str, raw: object, zones: Sequence[datetime.tzinfo], **length: int) -> datetime.datetime:
    try:
        return moment_of(raw, zones[0], len(zones))
    except Wrong as wrong:
        raise CaseError([wrong.fault(name, name=name, **length)]) from None


def _end(raw: object, start: datetime.datetime, zones: Sequence[datetime.tzinfo]) -> datetime.datetime:
    """Returns the moment at which the period asked about ends. Raises `CaseError`."""
    raw = own(raw)
    length = LENGTH.fullmatch(raw) if isinstance(raw, str) else None
    if length is not None:
        raw = datetime.timedelta(**{f"{length[2]}s": min(int(length[1]), _MOST_UNITS)})
    if isinstance(raw, datetime.timedelta):
        stop = start + min(raw, datetime.timedelta(LONGEST + 1))
    else:
        stop = _moment("until", raw, zones, days=30, hours=12)
    if stop <= start:
        raise CaseError([fault("until", "early-end")])
    if stop - start > datetime.timedelta(LONGEST):
        raise CaseError([fault("until", "late-end", most=LONGEST)])
    return stop


class ChangePoint(NamedTuple):
    """A moment from which on something else is decided, and what moved there in each timeline."""

    moment: datetime.datetime
    answer: Answer
    moved: Sequence[Sequence[Change]] = ()


def change_points(
    timelines: Sequence[AnyTimeline], start: datetime.datetime, stop: datetime.datetime
) -> Iterator[ChangePoint]:
    """Yields the decision at the start, and then each moment before `stop` from which on the decision is different.
    After `MOST_CHANGES` it is an error.
    """
    answer = together([timeline.answer() for timeline in timelines])
    yield ChangePoint(start, answer)
    while True:
        ahead = [timeline.next or stop for timeline in timelines]
        moment = min(ahead)
        if moment >= stop:
            return
        if sum([timeline.work for timeline in timelines]) >= MOST_CHANGES:
            end = in_zone(moment, timelines[0].zone).isoformat()
            yield ChangePoint(moment, (fault(None, "many-changes", moment=end),))
            return
        moved = [
            timeline.advance(moment) if following == moment else ()
            for timeline, following in zip(timelines, ahead, strict=True)
        ]
        if any(moved):
            following_answer = together([timeline.answer() for timeline in timelines])
            if not same(following_answer, answer):
                yield ChangePoint(moment, following_answer, moved)
                answer = following_answer


def together(answers: Sequence[Answer]) -> Answer:
    """Combines the answers of several zones: the strictest, or none if the case cannot be decided in one of them."""
    different = [*{id(answer): answer for answer in answers}.values()]
    for answer in different:
        if isinstance(answer, tuple):
            return answer
    if len(different) == 1:
        return different[0]
    by_zone = [answer for answer in different if not isinstance(answer, tuple)]
    return {action: strictest([decisions[action] for decisions in by_zone]) for action in by_zone[0]}


def same(first: Answer, second: Answer) -> bool:
    """Returns true if two answers are the same. Errors are compared by their facts, because their messages may name the
    day. With several zones, rules are in the order of the zones, so their order is ignored.
    """
    if isinstance(first, tuple) and isinstance(second, tuple):
        return {fault.fact for fault in first} == {fault.fact for fault in second}
    if isinstance(first, tuple) or isinstance(second, tuple):
        return False
    return first == second or _without_order(first) == _without_order(second)


def _without_order(answer: Mapping[str, ActionDecision]) -> dict[str, tuple[object, ...]]:
    return {
        action: (
            decided.verdict,
            *map(frozenset, (decided.rules, decided.because, decided.source, decided.unknown)),
            {companion.action: frozenset(companion.rules) for companion in decided.along},
        )
        for action, decided in answer.items()
    }


def when(decider: TimelineDecider, request: WhenRequest, past: Past) -> When:
    """Returns the intervals of the one action of the decider. The events of the case are those of `past`."""
    assert decider.action is not None
    timelines = timelines_of(decider, request, past)
    return from_change_points(decider.action, timelines, request)


def when_by_versions(action: str, book: str, versions: Sequence[Version], request: WhenRequest) -> When:
    """The intervals of an action by the versions of a book."""
    timelines = timelines_of_versions(book, versions, request)
    found = from_change_points(action, timelines, request)
    return evolve(found, versions=tuple(dict.fromkeys(policy for timeline in timelines for policy in timeline.used)))


def timelines_of(decider: TimelineDecider, request: WhenRequest, past: Past | None = None) -> list[AnyTimeline]:
    """Returns the timelines of a case, one for each of its zones. Its events are those of `past`, if they have been
    read.
    """
    number = len(request.zones)
    return [
        Timeline(decider, request.case, (zone, number), request.at, request.at, request.stop, past)
        for zone in request.zones
    ]


def timelines_of_versions(book: str, versions: Sequence[Version], request: WhenRequest) -> list[BookTimeline]:
    """The case in each of its zones, by the versions of a book."""
    number = len(request.zones)
    return [
        BookTimeline(book, versions, (zone, number), request.zones[0], request.at, request.stop)
        for zone in request.zones
    ]


def from_change_points(action: str, timelines: Sequence[AnyTimeline], request: WhenRequest) -> When:
    """The intervals between change points."""
    zone = request.zones[0]
    intervals: list[Interval] = []
    start, answer = request.at, None
    for point in change_points(timelines, request.at, request.stop):
        if answer is not None:
            if isinstance(point.answer, tuple) and not point.moved:
                ending = tuple([Cause("undecided", {"faults": [it.as_json()]}, it.message) for it in point.answer])
            else:
                ending = causes(necessary(timelines, point.moved, answer), len(timelines))
            intervals.append(_interval(action, zone, (start, point.moment), answer, ending))
        start, answer = point.moment, point.answer
    assert answer is not None
    intervals.append(_interval(action, zone, (start, request.stop), answer, ()))
    moving = dict.fromkeys(name for timeline in timelines for name in timeline.names)
    return When(action, tuple(intervals), tuple(moving), held_in(timelines))


def _interval(
    action: str,
    zone: datetime.tzinfo,
    ends: tuple[datetime.datetime, datetime.datetime],
    answer: Answer,
    ending: tuple[Cause, ...],
) -> Interval:
    start, end = (in_zone(moment, zone) for moment in ends)
    if isinstance(answer, tuple):
        return Interval(start, end, None, answer, ending)
    return Interval(start, end, answer[action], (), ending)


def in_zone(moment: datetime.datetime, zone: datetime.tzinfo) -> datetime.datetime:
    """A moment with the offset of a zone. Such moments are compared as what they are, and not by their clocks."""
    local = moment.astimezone(zone)
    return local.replace(tzinfo=datetime.timezone(offset_of(local)), fold=0)


def timelines_along(
    policy: Any, action: str | None, cases: Sequence[Mapping[str, object]], request: WhenRequest
) -> Sequence[AnyTimeline]:
    """The whole case in each of its zones, by the `versions` along which a policy looks ahead. `cases` are the case as
    each version reads it, or as all do."""
    if len(policy.versions) == 1:
        return timelines_of(policy.timeline_decider(action, whole=True), request)
    of_version = cases if len(cases) > 1 else [cases[0] for _ in policy.versions]
    pairs = zip(policy.versions, of_version, strict=True)
    asked = [Version.of(version, action, case, whole=True) for version, case in pairs]
    return timelines_of_versions(policy.name, asked, request)


def stretch(
    policy: Any, action: str, cases: Sequence[Mapping[str, object]], at: object, days: int
) -> tuple[datetime.datetime | None, datetime.datetime | None, Sequence[str]]:
    """Returns the moment at which an action is next permitted (or is now), and the one from which it no longer is: in
    UTC, None if that is not within `days` of 24 hours from `at`. The third result names the facts that this rests on
    and that are held still: if there are any, the action is permitted at most until the next midnight. The other
    arguments are those of `timelines_along`. Errors of the case at `at` are left to `Policy.decide`. Raises
    `CaseError`.
    """
    request = WhenRequest.farthest(cases[0], at)
    asked = request.at + datetime.timedelta(days)
    request = request._replace(stop=min(asked, request.stop))
    timelines = timelines_along(policy, action, cases, request)
    start, end = None, None
    for point in change_points(timelines, request.at, request.stop):
        if end is not None and point.moment >= end:
            break
        permitted = not isinstance(point.answer, tuple) and point.answer[action].permitted
        if permitted and start is None:
            start = point.moment
            end = _until_known(timelines, start) if held_in(timelines) else request.stop
        elif not permitted and start is not None:
            return start, point.moment, held_in(timelines)
    return start, None if end is None or end >= asked else end, held_in(timelines)


def validity(timelines_in: Callable[[WhenRequest], Sequence[AnyTimeline]], case: object, at: object) -> Validity:
    """Returns until when a decision on all the asked actions is valid. Raises `CaseError`."""
    request = WhenRequest.farthest(case, at)
    timelines = timelines_in(request)
    held = held_in(timelines)
    end = _until_known(timelines, request.at) if held else None
    changes = change_points(timelines, request.at, end or request.stop)
    next(changes)
    following = next(changes, None)
    moment = end if following is None else following.moment
    return Validity(None if moment is None else in_zone(moment, request.zones[0]), held)


def held_in(timelines: Sequence[AnyTimeline]) -> tuple[str, ...]:
    """The facts that are held in some zone."""
    return tuple(dict.fromkeys(name for timeline in timelines for name in timeline.held))


def _until_known(timelines: Sequence[AnyTimeline], moment: datetime.datetime) -> datetime.datetime:
    """The first midnight after a moment, in some zone: what is held is known until then."""
    return min(next_midnight(timeline.zone, moment) for timeline in timelines)
