"""The workload ahead, row by row, of cases with events, dates and a moment: each is decided along its course, where
something moves, at the same time of each day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from forbear.asking.decider import Answer, CourseDecider
from forbear.asking.moving import on_grid
from forbear.asking.when import WhenRequest, courses_of, turns
from forbear.columns.ahead.counts import Counts
from forbear.columns.ahead.table import typed
from forbear.columns.by_rows import cases_of
from forbear.history import moment_of
from forbear.kernel import CaseError, FactSpec, Fault, Wrong

if TYPE_CHECKING:
    from forbear.columns.ahead.moving import Moves
    from forbear.columns.applying import Options
    from forbear.columns.workers import Workers

_ROWS = 500
"""Rows that are sent to a process at a time."""
_MORE = datetime.timedelta(seconds=1)


@frozen(eq=False)
class RowRequest:
    """What is asked of each case: how it goes on from `at`, at the same time of each of the `days` ahead."""

    options: Options
    at: datetime.datetime
    days: int


@frozen(eq=False)
class RowPlanner:
    """Counts frames of the same columns, row by row."""

    told: Sequence[str]
    facts: Mapping[str, FactSpec]
    request: RowRequest
    moves: Moves
    workers: Workers

    @property
    def options(self) -> Options:
        return self.request.options

    @property
    def days(self) -> int:
        return self.request.days

    def count(self, frame: Any, rows: int, *, texts: bool = False, lost: Sequence[int] = ()) -> Counts:
        """The counts of the rows of a frame, as `Planner.count` gives them."""
        frame = typed(frame, self.facts, self.options) if texts else frame
        readable = [row for row in range(rows) if row not in set(lost)] if lost else range(rows)
        tasks = [
            _Task(self.request, frame[list(chunk)] if frame.width else frame, len(chunk))
            for start in range(0, len(readable), _ROWS)
            if (chunk := readable[start : start + _ROWS])
        ]
        counts = sum(self.workers.map(_count, tasks), Counts.nothing(self.told, self.days))
        return counts.with_undecided(len(lost))


@frozen(eq=False)
class _Task:
    """Some rows for one process."""

    request: RowRequest
    frame: Any
    rows: int


def _count(policy: Any, task: _Task) -> Counts:
    request, decider = task.request, policy.course_decider(None)
    counts = Counts.nothing(decider.told, request.days)
    places = {action: number for number, action in enumerate(decider.told)}
    for case in cases_of(task.frame, task.rows, decider.specs.facts, request.options):
        before: frozenset[str] | None = None
        undecided_before = False
        for day, permitted in _changes(_permitted(policy, decider, case, request)):
            if before is None:
                for action in permitted or ():
                    counts.permitted[places[action], 0] += 1
                before = permitted or frozenset()
            now = permitted or frozenset()
            for action in now - before:
                counts.due[places[action], day] += 1
            for action in before - now:
                counts.ended[places[action], day] += 1
            if permitted is None:
                counts.undecided[day:] += 1
            elif undecided_before:
                counts.undecided[day:] -= 1
            undecided_before, before = permitted is None, now
    return counts.with_permitted().with_rows(task.rows)


def _changes(states: Iterator[frozenset[str] | None]) -> Iterator[tuple[int, frozenset[str] | None]]:
    """The first state, with day 0, and each that is another one than that of the day before."""
    before: object = _changes  # no state
    for day, state in enumerate(states):
        if state is not before and state != before:
            yield day, state
            before = state


def _permitted(
    policy: Any, decider: CourseDecider, case: Mapping[str, object] | CaseError, request: RowRequest
) -> Iterator[frozenset[str] | None]:
    """What is permitted on each day; None where the case cannot be decided."""
    days = range(request.days + 1)
    try:
        if isinstance(case, CaseError):
            raise case
        ahead = WhenRequest.of(case, request.at, datetime.timedelta(request.days) + _MORE)
    except CaseError:
        yield from [None for _ in days]
        return
    changes = turns(courses_of(decider, ahead), ahead.at, ahead.stop)
    start = next(changes)
    if _is_wrong(policy, decider, case, request.at, start.answer):
        yield from [None for _ in days]
        return
    state, following = _of(decider, start.answer), next(changes, None)
    for day in days:
        moment = _moment(ahead, request.at + datetime.timedelta(day))
        while moment is not None and following is not None and following.moment <= moment:
            state, following = _of(decider, following.answer), next(changes, None)
        yield None if moment is None else state


def _of(decider: CourseDecider, answer: Answer) -> frozenset[str] | None:
    """What is permitted by an answer."""
    return (
        None
        if isinstance(answer, tuple)
        else frozenset([action for action in decider.told if answer[action].permitted])
    )


def _moment(ahead: WhenRequest, at: datetime.datetime) -> datetime.datetime | None:
    """A time of day as a moment; None where the clocks of the zone skip it."""
    try:
        return moment_of(at, ahead.zones[0], len(ahead.zones))
    except Wrong:
        return None


def _is_wrong(
    policy: Any, decider: CourseDecider, case: Mapping[str, object], at: datetime.datetime, answer: Answer
) -> bool:
    """Whether the case has an error that no day mends: in what no rule reads, and time does not move."""
    if isinstance(answer, tuple):
        unread = case.keys() - {*decider.specs.needed, decider.clock.name if decider.clock is not None else ""}
        return any(isinstance(on_grid(fact, case[name]), Fault) for name, fact in _facts(decider, unread))
    try:
        policy.decide(case, at=at)
    except CaseError:
        return True
    return False


def _facts(decider: CourseDecider, names: Iterable[str]) -> Iterator[tuple[str, FactSpec]]:
    facts = decider.specs.facts
    return ((name, facts[name]) for name in names if name in facts)
