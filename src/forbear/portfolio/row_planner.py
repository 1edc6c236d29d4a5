"""Counts the workload ahead, row by row, for cases with events, dates and a moment: each moves along its timeline from
day to day, and is decided at the same time of each day if something has changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from forbear.kernel.cases import CaseError, Wrong
from forbear.kernel.history.moments import moment_of
from forbear.portfolio.ahead.counts import Workload, workload
from forbear.portfolio.by_rows import cases_of
from forbear.portfolio.io.files import typed
from forbear.portfolio.options import columns_of
from forbear.portfolio.verdicts.bits import packed
from forbear.queries.decider import TimelineDecider
from forbear.queries.timeline import AnyTimeline, reached
from forbear.queries.versions import check
from forbear.queries.when import WhenRequest, timelines_along, together

if TYPE_CHECKING:
    from forbear.portfolio.ahead.days import State
    from forbear.portfolio.ahead.moving import Moves
    from forbear.portfolio.applying import Options
    from forbear.portfolio.workers import Workers

_ROWS = 100
"""Rows that are sent to a process at a time."""
_MORE = datetime.timedelta(hours=2)
"""The most by which the clocks may be put back until the last day."""


@frozen(eq=False)
class RowRequest:
    """The request for each case: how it continues from `at`, at the same time of each of the `days` ahead. `actions`
    are those of each policy, and `options` say how each version of it reads the columns.
    """

    actions: Sequence[Sequence[str]]
    options: Sequence[Sequence[Options]]
    at: datetime.datetime
    days: int


@frozen(eq=False)
class RowPlanner:
    """Counts frames of the same columns, row by row."""

    request: RowRequest
    moves: Moves
    workers: Workers
    """Processes that have the policies."""

    @property
    def actions(self) -> Sequence[Sequence[str]]:
        return self.request.actions

    @property
    def columns(self) -> Sequence[str]:
        return columns_of([options for some in self.request.options for options in some])

    @property
    def days(self) -> int:
        return self.request.days

    def count(self, frame: Any, rows: int, *, texts: bool = False) -> Iterator[Workload]:
        """Yields the workload of some rows after the other."""
        tasks = (
            _Task(self.request, frame.slice(start, _ROWS), min(_ROWS, rows - start), texts)
            for start in range(0, rows, _ROWS)
        )
        return self.workers.each(_count, tasks)


@frozen(eq=False)
class _Task:
    """Some rows for one process."""

    request: RowRequest
    frame: Any
    rows: int
    texts: bool


def _count(policies: Sequence[Any], task: _Task) -> Workload:
    request = task.request
    states = [_states(policies[side], task, side) for side in range(len(policies))]
    return workload(request.actions, request.days, zip(*states, strict=True), task.rows)


def _states(policy: Any, task: _Task, side: int) -> Iterator[State]:
    """The states of the rows on each day by a policy."""
    request, actions, options = task.request, task.request.actions[side], task.request.options[side]
    truths = np.zeros((request.days + 1, len(actions) + 1, task.rows), np.bool_)
    for row, cases in enumerate(zip(*map(partial(_cases, task), policy.versions, options), strict=True)):
        for day, permitted in enumerate(_permitted(policy, cases, request)):
            for place in (-1,) if permitted is None else map(actions.index, permitted):
                truths[day, place, row] = True
    return ([packed(its) for its in of_day] for of_day in truths)


def _cases(task: _Task, version: Any, options: Options) -> Iterator[Mapping[str, object] | CaseError]:
    """The rows as a version reads them."""
    facts = version.applier.tables.facts
    return cases_of(typed(task.frame, facts, options, texts=task.texts), task.rows, facts, options)


def _permitted(
    policy: Any, cases: Sequence[Mapping[str, object] | CaseError], request: RowRequest
) -> Iterator[frozenset[str] | None]:
    """Yields the permitted actions on each day; None if the case cannot be decided."""
    days = range(request.days + 1)
    try:
        ahead, timelines = _timelines(policy, cases, request)
    except CaseError:
        yield from [None for _ in days]
        return
    state = _of(timelines)
    for day in days:
        moment = _moment(ahead, request.at + datetime.timedelta(day))
        if moment is None:
            yield None
            continue
        moving = [timeline for timeline in timelines if reached(timeline, moment)]
        for timeline in moving:
            timeline.advance(moment)
        if moving:
            state = _of(timelines)
        yield state


def _timelines(
    policy: Any, cases: Sequence[Mapping[str, object] | CaseError], request: RowRequest
) -> tuple[WhenRequest, Sequence[AnyTimeline]]:
    """Returns a case in each of its zones, at its beginning. Raises `CaseError` for an error that no later day
    removes.
    """
    readable = []
    for case in cases:
        if isinstance(case, CaseError):
            raise case
        readable.append(case)
    ahead = WhenRequest.of(readable[0], request.at, datetime.timedelta(request.days) + _MORE)
    timelines = timelines_along(policy, None, readable, ahead)
    if len(readable) == 1:  # versions look for errors of their own
        decider: TimelineDecider = policy.timeline_decider(None)
        answer = together([timeline.answer() for timeline in timelines])
        faults = decider.lasting_faults(partial(check, policy, None), readable[0], request.at, answer)
        if faults:
            raise CaseError(faults)
    return ahead, timelines


def _of(timelines: Sequence[AnyTimeline]) -> frozenset[str] | None:
    """Returns the actions permitted at this moment."""
    answer = together([timeline.answer() for timeline in timelines])
    if isinstance(answer, tuple):
        return None
    return frozenset([action for action, decision in answer.items() if decision.permitted])


def _moment(ahead: WhenRequest, at: datetime.datetime) -> datetime.datetime | None:
    """A time of day as a moment; None where the clocks of the zone skip it."""
    try:
        return moment_of(at, ahead.zones[0], len(ahead.zones))
    except Wrong:
        return None
