"""The workload ahead, row by row, of cases with events, dates and a moment: each is decided along its course, where
something moves, at the same time of each day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, frozen

from forbear.kernel.cases import CaseError, Wrong
from forbear.kernel.history.moments import moment_of
from forbear.portfolio.ahead.counts import Counts
from forbear.portfolio.by_rows import cases_of
from forbear.portfolio.io.files import typed
from forbear.portfolio.options import columns_of
from forbear.queries.decider import Answer, CourseDecider
from forbear.queries.versions import check
from forbear.queries.when import Turn, WhenRequest, courses_along, turns

if TYPE_CHECKING:
    from forbear.portfolio.ahead.moving import Moves
    from forbear.portfolio.applying import Options
    from forbear.portfolio.workers import Workers

_ROWS = 500
"""Rows that are sent to a process at a time."""
_MORE = datetime.timedelta(seconds=1)


@frozen(eq=False)
class RowRequest:
    """What is asked of each case about actions: how it goes on from `at`, at the same time of each of the `days` ahead.
    `options` say how each version reads the columns."""

    told: Sequence[str]
    options: Sequence[Options]
    at: datetime.datetime
    days: int


@frozen(eq=False)
class RowPlanner:
    """Counts frames of the same columns, row by row."""

    request: RowRequest
    moves: Moves
    workers: Workers

    @property
    def told(self) -> Sequence[str]:
        return self.request.told

    @property
    def columns(self) -> Sequence[str]:
        return columns_of(self.request.options)

    @property
    def days(self) -> int:
        return self.request.days

    def count(
        self, frame: Any, rows: int, *, texts: bool = False, lost: Sequence[int] = (), dues: bool = False
    ) -> Counts:
        """The counts of the rows of a frame, as `Planner.count` gives them."""
        readable = [row for row in range(rows) if row not in set(lost)] if lost else range(rows)
        tasks = [
            _Task(self.request, frame[list(chunk)] if frame.width else frame, len(chunk), texts, dues)
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
    texts: bool
    dues: bool


def _count(policy: Any, task: _Task) -> Counts:
    request = task.request
    counts = Counts.nothing(request.told, request.days)
    places = {action: number for number, action in enumerate(request.told)}
    dues: list[list[int]] = [[] for _ in request.told]
    for row, cases in enumerate(zip(*map(partial(_cases, task), policy.versions, request.options), strict=True)):
        before: frozenset[str] | None = None
        undecided_before = False
        for day, permitted in _changes(_permitted(policy, cases, request)):
            if before is None:
                for action in permitted or ():
                    counts.permitted[places[action], 0] += 1
                before = permitted or frozenset()
            now = permitted or frozenset()
            for action in (now if not day else now - before) if task.dues else ():
                dues[places[action]].append(row * (request.days + 1) + day)
            for action in now - before:
                counts.due[places[action], day] += 1
            for action in before - now:
                counts.ended[places[action], day] += 1
            if permitted is None:
                counts.undecided[day:] += 1
            elif undecided_before:
                counts.undecided[day:] -= 1
            undecided_before, before = permitted is None, now
    which = tuple([np.array(each, np.int64) for each in dues]) if task.dues else ()
    return evolve(counts.with_permitted().with_rows(task.rows), dues=which)


def _cases(task: _Task, version: Any, options: Options) -> Iterator[Mapping[str, object] | CaseError]:
    """The rows as a version reads them."""
    facts = version.applier.tables.facts
    return cases_of(typed(task.frame, facts, options, texts=task.texts), task.rows, facts, options)


def _changes(states: Iterator[frozenset[str] | None]) -> Iterator[tuple[int, frozenset[str] | None]]:
    """The first state, with day 0, and each that is another one than that of the day before."""
    before: object = _changes  # no state
    for day, state in enumerate(states):
        if state is not before and state != before:
            yield day, state
            before = state


def _permitted(
    policy: Any, cases: Sequence[Mapping[str, object] | CaseError], request: RowRequest
) -> Iterator[frozenset[str] | None]:
    """What is permitted on each day; None where the case cannot be decided."""
    days = range(request.days + 1)
    try:
        ahead, start, changes = _course(policy, cases, request)
    except CaseError:
        yield from [None for _ in days]
        return
    state, following = _of(start.answer), next(changes, None)
    for day in days:
        moment = _moment(ahead, request.at + datetime.timedelta(day))
        while moment is not None and following is not None and following.moment <= moment:
            state, following = _of(following.answer), next(changes, None)
        yield None if moment is None else state


def _course(
    policy: Any, cases: Sequence[Mapping[str, object] | CaseError], request: RowRequest
) -> tuple[WhenRequest, Turn, Iterator[Turn]]:
    """What is decided of a case at first, and then. Raises `CaseError` for an error that no day mends."""
    readable = []
    for case in cases:
        if isinstance(case, CaseError):
            raise case
        readable.append(case)
    ahead = WhenRequest.of(readable[0], request.at, datetime.timedelta(request.days) + _MORE)
    changes = turns(courses_along(policy, None, readable, ahead), ahead.at, ahead.stop)
    start = next(changes)
    if len(readable) == 1:  # versions look for errors of their own
        decider: CourseDecider = policy.course_decider(None)
        faults = decider.lasting_faults(partial(check, policy, None), readable[0], request.at, start.answer)
        if faults:
            raise CaseError(faults)
    return ahead, start, changes


def _of(answer: Answer) -> frozenset[str] | None:
    """What is permitted by an answer."""
    if isinstance(answer, tuple):
        return None
    return frozenset([action for action, decision in answer.items() if decision.permitted])


def _moment(ahead: WhenRequest, at: datetime.datetime) -> datetime.datetime | None:
    """A time of day as a moment; None where the clocks of the zone skip it."""
    try:
        return moment_of(at, ahead.zones[0], len(ahead.zones))
    except Wrong:
        return None
