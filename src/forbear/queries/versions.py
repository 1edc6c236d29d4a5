"""The timeline of a case through the versions of a book: at each moment by the version that `decide` takes, which is in
force on the day of the case's first zone. Where it is another day in another zone, on which this version is not in
force, nothing is decided."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from forbear.kernel.cases import Fault, unknown_name
from forbear.kernel.faults import fault
from forbear.queries.decider import Answer, TimelineDecider
from forbear.queries.moving import changes, midnight
from forbear.queries.timeline import VERSION, Change, Timeline, reached

_SMALLEST = datetime.timedelta(microseconds=1)


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
            self._take(moment - _SMALLEST)
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
