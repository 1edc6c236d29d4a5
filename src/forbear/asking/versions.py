"""The course of a case through the versions of a book: on each day of its zone by the version that is in force."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from forbear.asking.clocks import changes
from forbear.asking.course import VERSION, Change, Course
from forbear.asking.decider import Answer, CourseDecider
from forbear.asking.moving import midnight
from forbear.faults import fault
from forbear.kernel import CaseError


class Version(NamedTuple):
    """A version of a book: what it is called, its first and last day (ordinals, None for no end), its decider without
    these days, and what raises `CaseError` where it cannot decide a case at a moment."""

    name: str
    since: int | None
    until: int | None
    decider: Callable[[], CourseDecider]
    check: Callable[[Mapping[str, object], datetime.datetime], object]


class BookCourse:
    """A case on its course through one time zone by the versions of a book."""

    def __init__(
        self,
        book: str,
        versions: Sequence[Version],
        case: Mapping[str, object],
        zones: tuple[datetime.tzinfo, int],
        at: datetime.datetime,
        stop: datetime.datetime,
    ) -> None:
        self.book = book
        self.zone = zones[0]
        self.now = at
        self.held: list[str] = []
        self._names: dict[str, None] = {}
        self._versions = versions
        self._asked = (case, zones, at, stop)
        self._changes = changes(self.zone, at, stop)[::-1]
        ends = {version.since for version in versions} | {
            None if version.until is None else version.until + 1 for version in versions
        }
        self._turns = sorted(day for day in ends if day is not None)
        self._version: Version | None = None
        self._old: Course | None = None
        self._course: Course | None = None
        self._take()

    @property
    def names(self) -> Sequence[str]:
        """The facts that move by some version."""
        return tuple(self._names)

    def _take(self) -> None:
        """Takes the version that is in force now."""
        today = self.now.astimezone(self.zone).toordinal()
        self._version = next((version for version in self._versions if _in_force(version, today)), None)
        self._old, self._course = self._course, None
        if self._version is not None:
            case, zones, at, stop = self._asked
            self._course = course = Course(self._version.decider(), case, zones, at, self.now, stop)
            self._names |= dict.fromkeys(course.names)
            self.held += [name for name in course.held if name not in self.held]
            if not isinstance(course.answer(), tuple):
                try:
                    self._version.check({**case, "zone": self.zone}, self.now)
                except CaseError as error:
                    course.problems += error.faults

    @property
    def next(self) -> datetime.datetime | None:
        """The next moment at which something moves, in UTC."""
        local = self.now.astimezone(self.zone)
        ahead = self._changes[-1:] + [midnight(local, day - local.toordinal()) for day in self._turns_after(local)[:1]]
        if self._course is not None and self._course.next is not None:
            ahead.append(self._course.next)
        return min(ahead, default=None)

    def _turns_after(self, local: datetime.datetime) -> Sequence[int]:
        return [day for day in self._turns if day > local.toordinal()]

    def advance(self, moment: datetime.datetime) -> list[Change]:
        """Goes on to the next moment. Returns what has moved there so that it may matter."""
        self.now = moment
        if self._changes[-1:] == [moment]:
            self._changes.pop()
        moved = []
        if self._course is not None and self._course.next == moment:
            moved = self._course.advance(moment)
        today = moment.astimezone(self.zone).toordinal()
        before = self._version
        if before is None or not _in_force(before, today):
            self._take()
            if self._version is not before:
                moved.append(Change(self, VERSION, before and before.name, self._version and self._version.name))
        return moved

    def answer(self) -> Answer:
        """What is decided now."""
        return self._nothing() if self._course is None else self._course.answer()

    def answer_without(self, changes: Sequence[Change]) -> Answer:
        """What would be decided now if some changes of now had not been."""
        held = any(change.part == VERSION and change.course is self for change in changes)
        course = self._old if held else self._course
        return self._nothing() if course is None else course.answer_without(changes)

    def _nothing(self) -> Answer:
        day = self.now.astimezone(self.zone).date().isoformat()
        return (fault(None, "no-version", book=self.book, day=day),)


def _in_force(version: Version, day: int) -> bool:
    return (version.since is None or version.since <= day) and (version.until is None or day <= version.until)
