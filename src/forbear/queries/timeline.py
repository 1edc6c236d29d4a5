"""The timeline of a case in one of its time zones: the moments at which a change with time may matter, and the decision
at each.
"""

from __future__ import annotations

import datetime
import heapq
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from forbear.kernel.cases import CaseError, Fault, as_argument, bits, read_on, unknown_name
from forbear.kernel.faults import fault
from forbear.kernel.history.counting import Count
from forbear.kernel.history.events import Past
from forbear.kernel.history.moments import OF_CALENDAR
from forbear.kernel.history.readings import ages_of, counts_ahead, hours_given, past_of
from forbear.language.model.held import BY_A_DAY
from forbear.queries.decider import Answer, TimelineDecider
from forbear.queries.moving import (
    SMALLEST,
    Cuts,
    Held,
    Local,
    Moving,
    OfDay,
    OfHours,
    OfMoment,
    Shifted,
    Since,
    Windowed,
    between_cuts,
    changes,
    counted,
    midnight,
    on_grid,
)

OF_MOMENT = ("time", "date", "weekday")
IN_FORCE = "in force"
VERSION = "version"
Part: TypeAlias = "int | str | tuple[str, int]"
"""The part that changes: a fact, by its position among those that change with time; a rule by its number, `("rule",
3)`; whether the policy is in force; the version of a book.
"""
_DATES = -1


def reached(timeline: AnyTimeline, moment: datetime.datetime) -> bool:
    """Returns true if something changes by then."""
    following = timeline.next
    return following is not None and following <= moment


class Change(NamedTuple):
    """Something has moved so that it may matter. `before` and `after` are its values."""

    timeline: AnyTimeline
    part: Part
    before: object
    after: object

    @property
    def what(self) -> object:
        """The name of the changed fact or rule, which is the same in all versions of a book."""
        part = self.part
        if isinstance(part, str) or not isinstance(self.timeline, Timeline):
            return part
        if isinstance(part, int):
            return self.timeline.moving[part].fact.name, "fact"
        return self.timeline.decider.specs.policy.rules[part[1]].name, "rule"


class Timeline:
    """The timeline of a case in one time zone.

    `at` is the moment of the case, at which its given values hold. The timeline begins at `now`, in UTC. `past` has the
    effects of the case's events, if they have been read.
    """

    def __init__(
        self,
        decider: TimelineDecider,
        case: Mapping[str, object],
        zones: tuple[datetime.tzinfo, int],
        at: datetime.datetime,
        now: datetime.datetime,
        stop: datetime.datetime,
        past: Past | None = None,
    ) -> None:
        self.decider = decider
        self.read = frozenset(decider.specs.needed)
        """The facts that the rules on what is asked read."""
        self.zone, number_of_zones = zones
        self.now = now
        self.held: list[str] = []
        """The facts that time would move if the case had what they follow from, and that it gives outright; what
        it gives of this day alone; and numbers of days of which nothing says what they follow from."""
        self.problems: list[Fault] = []
        """Errors of the case that no time mends."""
        self._fixed: dict[str, Held] = {}
        self.moving = self._begin(case, at.astimezone(self.zone), number_of_zones, past)
        self.values: list[Held] = [None] * len(self.moving)
        self._seen: list[object] = [None] * len(self.moving)
        self._queue: list[tuple[datetime.datetime, int]] = []
        self._changes = changes(self.zone, now, stop)[::-1]
        self.clocks_changed = False
        """Whether the clocks have changed just now."""
        self._known: dict[object, Answer] = {}
        self.work = 0
        local = now.astimezone(self.zone)
        self.rules = decider.in_force(local.toordinal())
        """A bit for each rule that is in force."""
        self.why_not = decider.why_not(local.toordinal())
        self._look([*range(len(self.moving))], local)
        self._turn(local)

    def _begin(self, case: Mapping[str, object], local: Local, zones: int, past: Past | None) -> list[Moving]:
        """Returns the facts, among those that the rules of the policy read, whose values change as time passes. The
        others keep their values.
        """
        decider, history, facts = self.decider, self.decider.history, self.decider.facts
        counts: dict[str, Count] = {}
        covered = 0
        if "history" in case and any(spec.events and spec.name in history.needed for spec in history.derived):
            if past is None:
                past = past_of(history, case, local, zones, self.problems)
            if past is not None:
                found, covered = counts_ahead(history, case, local, past, self.problems)
                counts = {count.spec.derived.name: count for count in found}
        makers: dict[str, Callable[[Cuts], Moving]] = {}
        for spec in history.derived:
            name = spec.name
            if name not in history.needed:
                continue
            if spec.measure in OF_MOMENT:
                makers[name] = partial(OfMoment, facts[name], spec=spec)
            elif spec.hours is not None:
                hours = hours_given(history.but(derived=(spec,)), spec, case, self.problems)
                if hours is not None:
                    makers[name] = partial(OfHours, facts[name], hours=hours)
            elif spec.measure in OF_CALENDAR or (spec.of is not None and spec.of in case):
                specs = history.but(derived=(spec,))
                if name in case:
                    ages_of(specs, case, local.date(), self.problems)
                others = {given: value for given, value in case.items() if given != name}
                makers[name] = partial(OfDay, facts[name], spec=spec, specs=specs, case=others)
            elif name in case and spec.measure in BY_A_DAY:
                start_value = on_grid(facts[name], case[name])
                sign = BY_A_DAY[spec.measure]
                makers[name] = partial(Shifted, facts[name], given=start_value, first=local, sign=sign, clock=False)
            elif name in case:
                continue
            elif name in counts:
                count = counts[name]
                if count.spec.of_days:
                    makers[name] = partial(Since, facts[name], count=count, covered=covered)
                elif decider.policy.derived[name].stays:
                    self._fixed[name] = counted(count, facts[name], local, covered)
                else:
                    makers[name] = partial(Windowed, facts[name], count=count, covered=covered, local=local)
        for name in [name for name in decider.by_day if name in case]:
            is_clock = decider.policy.facts[name].clock
            start_value = on_grid(facts[name], case[name])
            makers[name] = partial(Shifted, facts[name], given=start_value, first=local, sign=1, clock=is_clock)
        for name in decider.needed:
            if name not in makers and name not in self._fixed:
                self._fixed[name] = on_grid(facts[name], case.get(name))
        self.held = decider.may_be_held.given_in(case)
        return [make(decider.cuts(name, self._fixed, makers)) for name, make in makers.items()]

    @property
    def names(self) -> Sequence[str]:
        """The facts that change with time, among those that the rules on the asked actions read."""
        return [mover.fact.name for mover in self.moving if mover.fact.name in self.read]

    @property
    def next(self) -> datetime.datetime | None:
        """The next moment at which something moves, in UTC."""
        ahead = [moment for moment, _ in self._queue[:1]] + self._changes[-1:]
        return min(ahead, default=None)

    def advance(self, moment: datetime.datetime) -> list[Change]:
        """Goes on to the next moment, or to a later one. Returns what has moved there so that it may matter."""
        self.now = moment
        local = moment.astimezone(self.zone)
        due = set()
        while self._queue and self._queue[0][0] <= moment:
            due.add(heapq.heappop(self._queue)[1])
        self.clocks_changed = False
        while self._changes and self._changes[-1] <= moment:
            self._changes.pop()
            self.clocks_changed = True
        if self.clocks_changed:
            self._queue.clear()
            due = {_DATES, *range(len(self.moving))}
        moved = self._look(sorted(due - {_DATES}), local)
        return moved + self._turn(local) if _DATES in due else moved

    def _look(self, numbers: Sequence[int], local: Local) -> list[Change]:
        """Looks at facts again, and finds out when to look at them next."""
        moved = []
        for number in numbers:
            mover = self.moving[number]
            self.work += mover.work
            before, value = self.values[number], mover.value(local)
            self.values[number] = value
            between = between_cuts(value, mover.cuts)
            if between != self._seen[number]:
                moved.append(Change(self, number, before, value))
                self._seen[number] = between
            following = mover.next(local, value)
            if following is not None:
                assert following > self.now, mover
                heapq.heappush(self._queue, (following, number))
        return moved

    def _turn(self, local: Local) -> list[Change]:
        """Finds out which rules are in force today, and when others are."""
        days, today = self.decider.change_days, local.toordinal()
        later = bisect_right(days, today)
        if later < len(days):
            heapq.heappush(self._queue, (midnight(local, days[later] - today), _DATES))
        was, self.rules = self.rules, self.decider.in_force(today)
        why_not, self.why_not = self.why_not, self.decider.why_not(today)
        moved = [Change(self, ("rule", number), None, None) for number in bits(was ^ self.rules)]
        if (why_not is None) != (self.why_not is None):
            moved.append(Change(self, IN_FORCE, why_not, self.why_not))
        return moved

    def add_problems(self, faults: Sequence[Fault]) -> None:
        """Adds errors that no time mends: nothing is decided any more."""
        if faults:
            self.problems += faults
            self._known.clear()

    def answer(self) -> Answer:
        """Returns the decision at this moment."""
        key = (*self._seen, self.rules, self.why_not is None)
        known_answer = self._known.get(key)
        if known_answer is None:
            known_answer = self.answer_without(())
            if not isinstance(known_answer, tuple):  # the error may name the day
                self._known[key] = known_answer
        return known_answer

    def answer_without(self, changes: Sequence[Change]) -> Answer:
        """Returns the decision at this moment if some of its changes had not happened."""
        held = {change.part: change for change in changes if change.timeline is self}
        why_not = held[IN_FORCE].before if IN_FORCE in held else self.why_not
        if isinstance(why_not, Fault):
            return (why_not,)
        values = dict(self._fixed)
        for number, mover in enumerate(self.moving):
            before = held.get(number)
            values[mover.fact.name] = self.values[number] if before is None else before.before  # type: ignore[assignment]
        faults = [*self.problems, *[value for value in values.values() if isinstance(value, Fault)]]
        if faults:
            return tuple(faults)
        rules = self.rules
        for number in range(len(self.decider.specs.rules)) if any(isinstance(part, tuple) for part in held) else ():
            if ("rule", number) in held:
                rules ^= 1 << number
        return self.decider.decide([values[name] for name in self.decider.specs.needed], rules)


# The timeline of a case through the versions of a book: at each moment by the version that `decide` takes, which is in
# force on the day of the case's first zone. Where it is another day in another zone, on which this version is not in
# force, nothing is decided.


class Version(NamedTuple):
    """A version of a book for a question about a case: the policy, what it is called, its first and last day (ordinals,
    None for no end), its decider without these days, what raises `CaseError` where it cannot decide a case at a moment,
    and how it reads the case."""

    policy: Any
    called: str
    since: int | None
    until: int | None
    decider: Callable[[], TimelineDecider]
    check: Callable[..., object]
    case: Mapping[str, object]
    lacks: Fault | None = None
    """The error that it lacks the action that is asked about, if it does."""

    @classmethod
    def of(cls, policy: Any, action: str | None, case: Mapping[str, object], *, whole: bool = False) -> Version:
        """A policy as a version, for a question about an action, or about all."""
        typed = policy.typed
        lacks = action is not None and action not in typed.actions
        fault = unknown_name(None, action, typed.actions, "action") if lacks else None

        def decider() -> TimelineDecider:
            decider: TimelineDecider = policy.timeline_decider(action, in_book=True, whole=whole)
            return decider

        return cls(
            policy,
            typed.called,
            typed.since,
            typed.until,
            decider,
            partial(check, policy, None if whole else action),
            case,
            fault,
        )


def check(policy: Any, action: str | None, case: Mapping[str, object], at: datetime.datetime) -> None:
    """Raises `CaseError` where a policy cannot decide on an action, or on all."""
    if action is None:
        policy.plain.decide(case, at=at)
    else:
        policy.plain.permits(action, case, at=at)


class BookTimeline:
    """The timeline of a case in one time zone by the versions of a book; `home` is its first zone."""

    def __init__(
        self,
        book: str,
        versions: Sequence[Version],
        zones: tuple[datetime.tzinfo, int],
        home: datetime.tzinfo,
        at: datetime.datetime,
        stop: datetime.datetime,
    ) -> None:
        self.book = book
        self.zone = zones[0]
        self.home = home
        self.now = at
        self.held: list[str] = []
        self.used: list[Any] = []
        """The versions that have been taken up to now, as policies."""
        self._names: dict[str, None] = {}
        self._versions = versions
        self._asked = (zones, at, stop)
        self._changes = sorted({*changes(self.zone, at, stop), *changes(home, at, stop)}, reverse=True)
        ends = {version.since for version in versions} | {
            None if version.until is None else version.until + 1 for version in versions
        }
        self._change_days = sorted(day for day in ends if day is not None)
        self._version: Version | None = None
        self._old: Timeline | None = None
        self._timeline: Timeline | None = None
        self._worked = 0
        self._moved: list[Change] = []
        """The changes of this moment, in the old timeline and the new one."""
        self._take(at)

    @property
    def work(self) -> int:
        """The facts that have been looked at, by the time that it takes."""
        return self._worked + (0 if self._timeline is None else self._timeline.work)

    @property
    def names(self) -> Sequence[str]:
        """The facts that move by some version."""
        return tuple(self._names)

    def _take(self, start: datetime.datetime) -> None:
        """Takes the version that is in force now. Its timeline begins at a moment up to which nothing moves in it."""
        self._version = self._in_force_here()
        self._worked = self.work
        self._old, self._timeline = self._timeline, None
        if self._version is not None and self._version.lacks is None:
            case, (zones, at, stop) = self._version.case, self._asked
            decider = self._version.decider()
            self._timeline = timeline = Timeline(decider, case, zones, at, start, stop)
            if timeline.next == self.now:
                self._moved += timeline.advance(self.now)
            self._names |= dict.fromkeys(timeline.names)
            self.held += [name for name in timeline.held if name not in self.held]
            here = {**case, "zone": self.zone}
            timeline.add_problems(decider.lasting_faults(self._version.check, here, self.now, timeline.answer()))

    @property
    def taken(self) -> Version | None:
        """The version by which `decide` decides: that of the day of the first zone."""
        return next((version for version in self._versions if _in_force(version, self._today(self.home))), None)

    def _in_force_here(self) -> Version | None:
        """The version that is taken, if it is in force on the day of this zone too."""
        taken = self.taken
        if taken is not None and taken.policy not in self.used:
            self.used.append(taken.policy)
        return taken if taken is not None and _in_force(taken, self._today(self.zone)) else None

    def _today(self, zone: datetime.tzinfo) -> int:
        return self.now.astimezone(zone).toordinal()

    @property
    def next(self) -> datetime.datetime | None:
        """The next moment at which something moves, in UTC."""
        ahead = self._changes[-1:]
        for zone in (self.home, self.zone):
            local = self.now.astimezone(zone)
            ahead += [midnight(local, day - local.toordinal()) for day in self._turns_after(local)[:1]]
        if self._timeline is not None and self._timeline.next is not None:
            ahead.append(self._timeline.next)
        return min(ahead, default=None)

    def _turns_after(self, local: datetime.datetime) -> Sequence[int]:
        return [day for day in self._change_days if day > local.toordinal()]

    def advance(self, moment: datetime.datetime) -> list[Change]:
        """Goes on to the next moment, or to a later one. Returns what has moved there so that it may matter."""
        self.now = moment
        while self._changes and self._changes[-1] <= moment:
            self._changes.pop()
        timeline, version = self._timeline, self._version
        self._moved = timeline.advance(moment) if timeline is not None and reached(timeline, moment) else []
        if self._in_force_here() is not version:
            self._take(moment - SMALLEST)
        moved: dict[object, Change] = {}
        for change in self._moved:
            moved.setdefault(change.what, change)
        if self._version is not version:
            moved[VERSION] = Change(self, VERSION, version, self._version)
        return list(moved.values())

    def answer(self) -> Answer:
        """Returns the decision at this moment."""
        return self._nothing() if self._timeline is None else self._timeline.answer()

    def answer_without(self, changes: Sequence[Change]) -> Answer:
        """Returns the decision at this moment if some of its changes had not happened."""
        held = any(change.part == VERSION and change.timeline is self for change in changes)
        timeline = self._old if held else self._timeline
        if timeline is None:
            return self._nothing()
        own = [change for change in changes if change.timeline in (self._old, self._timeline)]
        held_in_both = {change.what for change in own}
        return timeline.answer_without([change for change in self._moved if change.what in held_in_both])

    def _nothing(self) -> Answer:
        taken = self.taken
        if taken is not None and self._version is None:
            return (fault(None, "policy-not-in-force", policy=self.book, day=self._day_in(self.zone)),)
        if taken is not None and taken.lacks is not None:
            return (taken.lacks,)
        return (fault(None, "no-version", book=self.book, day=self._day_in(self.home)),)

    def _day_in(self, zone: datetime.tzinfo) -> str:
        return self.now.astimezone(zone).date().isoformat()


def _in_force(version: Version, day: int) -> bool:
    return (version.since is None or version.since <= day) and (version.until is None or day <= version.until)


AnyTimeline: TypeAlias = "Timeline | BookTimeline"
"""The timeline of a case in one of its zones."""


# The day from which on days ahead are counted.


def first_day(on: Any, at: Any) -> datetime.date | None:
    """Day 0, if it is named. Raises `CaseError`."""
    if at is not None:
        return day_and_time(at).date()
    return None if on is None else datetime.date.fromordinal(read_on(on))


def day_and_time(at: Any) -> datetime.datetime:
    """The moment of day 0, of which each later day has one at the same time. Raises `CaseError`."""
    try:
        return at if isinstance(at, datetime.datetime) else datetime.datetime.fromisoformat(str(at))
    except ValueError:
        raise CaseError([fault("at", "no-day-and-time", given=as_argument(at))]) from None
