"""Chooses how the workload ahead is counted, by columns, or row by row if cases have a moment, and adds it up."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
from attrs import evolve, frozen

from forbear.kernel.cases import CaseError, Wrong
from forbear.kernel.faults import fault
from forbear.kernel.history.moments import moment_of
from forbear.portfolio.ahead.counts import Counts, Numbers, Workload, no_rows, workload
from forbear.portfolio.ahead.days import Ahead, State, by_blocks
from forbear.portfolio.ahead.moving import Moves
from forbear.portfolio.applier import Task, tasks
from forbear.portfolio.by_rows import cases_of
from forbear.portfolio.io.files import Cases, typed
from forbear.portfolio.io.frames import column_names, of_any
from forbear.portfolio.options import Given, columns_of
from forbear.portfolio.verdicts.bits import packed
from forbear.portfolio.workers import Workers
from forbear.queries.decider import TimelineDecider
from forbear.queries.timeline import AnyTimeline, check, day_and_time, first_day, reached
from forbear.queries.when import WhenRequest, timelines_along, together

if TYPE_CHECKING:
    from forbear.portfolio.applying import Options


# Counts the workload ahead, row by row, for cases with events, dates and a moment: each moves along its timeline from
# day to day, and is decided at the same time of each day if something has changed.


_ROWS = 100
"""Rows that are sent to a process at a time."""
_MORE = datetime.timedelta(hours=2)
"""The most by which the clocks may be put back until the last day."""


@frozen(eq=False)
class RowPlanner:
    """Counts frames of the same columns, row by row: how each case continues from `at`, at the same time of each of the
    `days` ahead. `actions` are those of each policy, and `options` say how each version of it reads the columns.
    """

    actions: Sequence[Sequence[str]]
    options: Sequence[Sequence[Options]]
    at: datetime.datetime
    days: int
    moves: Moves
    workers: Workers | None
    """Processes that have the policies; None in such a process."""

    @property
    def columns(self) -> Sequence[str]:
        return columns_of([options for some in self.options for options in some])

    def count(self, frame: Any, rows: int, *, texts: bool = False) -> Iterator[Workload]:
        """Yields the workload of some rows after the other."""
        assert self.workers is not None
        return self.workers.each(_count, tasks(evolve(self, workers=None), frame, rows, _ROWS, texts=texts))


def _count(policies: Sequence[Any], task: Task) -> Workload:
    request = task.request
    states = [_states(policies[side], task, side) for side in range(len(policies))]
    return workload(request.actions, request.days, zip(*states, strict=True), task.rows)


def _states(policy: Any, task: Task, side: int) -> Iterator[State]:
    """The states of the rows on each day by a policy."""
    request, actions, options = task.request, task.request.actions[side], task.request.options[side]
    truths = np.zeros((request.days + 1, len(actions) + 1, task.rows), np.bool_)
    for row, cases in enumerate(zip(*map(partial(_cases, task), policy.versions, options), strict=True)):
        for day, permitted in enumerate(_permitted(policy, cases, request)):
            for place in (-1,) if permitted is None else map(actions.index, permitted):
                truths[day, place, row] = True
    return ([packed(its) for its in of_day] for of_day in truths)


def _cases(task: Task, version: Any, options: Options) -> Iterator[Mapping[str, object] | CaseError]:
    """The rows as a version reads them."""
    facts = version.applier.tables.facts
    return cases_of(typed(task.frame, facts, options, texts=task.texts), task.rows, facts, options)


def _permitted(
    policy: Any, cases: Sequence[Mapping[str, object] | CaseError], request: RowPlanner
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
    policy: Any, cases: Sequence[Mapping[str, object] | CaseError], request: RowPlanner
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


_BEFORE = "_before"
"""The suffix of the columns of the policy that a plan is compared with."""


@frozen
class PlanRequest:
    """The arguments of `Policy.plan` other than the frame."""

    days: int
    on: Any
    at: Any
    jobs: int


@frozen(eq=False)
class InTurn:
    """Counts by several versions in turn, each in force on its own days, as the versions of a book are."""

    name: str
    versions: Sequence[Any]
    version: str | None = None

    @property
    def applier(self) -> Any:
        """The applier of the version that is in force first, which looks ahead along the others."""
        first, *_ = appliers = [version.applier for version in self.versions]
        return first.along(appliers, None)


def following(new: Any, old: Any, on: Any, at: Any, days: int) -> InTurn | None:
    """Returns the planner of a policy or book whose first day is still ahead, preceded by the versions of an old policy
    that are in force until then. None if it is in force on day 0, or on none of the days. Raises `CaseError`.
    """
    day, since = first_day(on, at), new.versions[0].typed.since
    if day is None or since is None or not 0 < since - day.toordinal() <= days:
        return None
    before = [version.ending(since - 1) for version in old.versions if (version.typed.since or 0) < since]
    ahead = [version for version in new.versions if version.typed.since <= day.toordinal() + days]
    return InTurn(new.name, [*before, *ahead])


@frozen(eq=False)
class ColumnPlanner:
    """Counts frames of the same columns by the versions of each policy in turn."""

    policies: Sequence[tuple[Sequence[Ahead], Sequence[str]]]
    days: int

    @property
    def actions(self) -> Sequence[Sequence[str]]:
        return [actions for _, actions in self.policies]

    @property
    def columns(self) -> Sequence[str]:
        return columns_of([part.options for ahead, _ in self.policies for part in ahead])

    @property
    def moves(self) -> Moves:
        """The facts that move with time by the first policy."""
        return Moves.together([part.moves for part in self.policies[0][0]])

    def count(self, frame: pl.DataFrame, rows: int, *, texts: bool = False) -> Iterator[Workload]:
        """Yields the workload of some rows after the other. With `texts` all values are texts, as in CSV."""

        def take(states: Sequence[Iterator[State]], of: int) -> Workload:
            return workload(self.actions, self.days, zip(*states, strict=True), of)

        return iter(by_blocks(self.policies, frame, rows, take, texts=texts))


Planner: TypeAlias = ColumnPlanner | RowPlanner


Reading = tuple[Any, Mapping[str, str], tuple[str, ...]]
"""A policy, the facts of columns that have other names, and the facts whose nulls mean none."""


def planner(policies: Sequence[Reading], columns: Sequence[str], request: PlanRequest, stack: ExitStack) -> Planner:
    """Counts the workload of frames with these columns; `stack` ends the processes that help with that. Raises
    `CaseError`."""
    days, at = request.days, request.at
    actions = [policy.applier.told for policy, _, _ in policies]
    if at is None:
        ahead = [
            policy.applier.ahead(Given(columns, names, none), request.on, days) for policy, names, none in policies
        ]
        return ColumnPlanner(list(zip(ahead, actions, strict=True)), days)
    if request.on is not None:
        raise CaseError([fault("on", "day-and-moment")])
    timelines = [policy.applier.timelines(Given(columns, names, none), days) for policy, names, none in policies]
    options = [[options for options, _ in versions] for versions in timelines]
    workers = stack.enter_context(Workers([policy for policy, _, _ in policies], request.jobs))
    moves = Moves.together([moves for _, moves in timelines[0]])
    return RowPlanner(actions, options, day_and_time(at), days, moves, workers)


def planned(planner: Planner, cases: Cases, advance: Callable[[int], None]) -> Workload:
    """The workload of a file. Raises `Unreadable`."""
    total = no_rows(planner.actions, planner.days)
    for read in cases.batches(planner.columns):
        frame, lost = read.frame, list(read.lost)
        if lost:
            frame = frame[np.delete(np.arange(frame.height), lost)]
            total += no_rows(planner.actions, planner.days, len(lost))
        for some in planner.count(frame, frame.height, texts=cases.texts):
            total += some
            advance(some.rows)
    return total


def table_of(
    policy: Any, against: Any, frame: Any, names: Mapping[str, str], none: tuple[str, ...], request: PlanRequest
) -> Any:
    """The workload of a frame by a policy, and by another one if there is one, as a table of the same library. Raises
    `CaseError`."""
    columns, policies = column_names(frame), [policy]
    if against is not None:
        old = against.undated
        policies = [following(policy, old, request.on, request.at, request.days) or policy, old]
    with ExitStack() as stack:
        counting = planner([(policy, names, none) for policy in policies], columns, request, stack)
        cases = of_any(frame, counting.columns)
        rows = frame.num_rows if hasattr(frame, "num_rows") else cases.height if counting.columns else len(frame)
        total = sum(counting.count(cases, rows), no_rows(counting.actions, request.days))
    return _like(frame, _table(total.counts, first_day(request.on, request.at)))


def _table(counts: Sequence[Counts], first: datetime.date | None) -> pl.DataFrame:
    """A row for each day and action, in that order, with the counts of a policy, or of two."""
    actions = list(dict.fromkeys(action for of_policy in counts for action in of_policy.actions))
    days = len(counts[0].undecided)
    dates = [None if first is None else first + datetime.timedelta(day) for day in range(days)]
    columns = {
        "day": pl.Series(np.repeat(np.arange(days), len(actions)), dtype=pl.Int64),
        "date": pl.Series([day for day in dates for _ in actions], dtype=pl.Date),
        "action": pl.Series(actions * days, dtype=pl.String),
    }
    for of_policy, ending in zip(counts, ("", _BEFORE), strict=False):
        for name in ("permitted", "due", "ended"):
            numbers = getattr(of_policy, name)
            columns[name + ending] = pl.Series(_by_day(of_policy, numbers, actions), dtype=pl.Int64)
        columns["undecided" + ending] = pl.Series(np.repeat(of_policy.undecided, len(actions)), dtype=pl.Int64)
    return pl.DataFrame(columns)


def _by_day(counts: Counts, numbers: Numbers, actions: Sequence[str]) -> Numbers:
    """The numbers of some actions, day by day: 0 for an action that the policy lacks."""
    rows = [
        numbers[counts.actions.index(action)] if action in counts.actions else np.zeros(numbers.shape[1], np.int64)
        for action in actions
    ]
    return np.stack(rows, axis=1).reshape(-1) if rows else np.zeros(0, np.int64)


def _like(frame: Any, result: pl.DataFrame) -> Any:
    """A table as a frame of the same library."""
    if isinstance(frame, pl.LazyFrame):
        return result.lazy()
    if isinstance(frame, pl.DataFrame):
        return result
    if hasattr(frame, "schema") and hasattr(frame, "num_rows"):
        return result.to_arrow()
    return result.to_pandas()


ROW = "row of the plan"


def no_cases(columns: Iterable[str]) -> pa.Table:
    """A table of Arrow with these columns and no row."""
    return pa.table({name: pa.nulls(0) for name in columns})


def numbered(table: pa.Table) -> pa.Table:
    """Returns a workload with the number of each row in the column `ROW`, by which the rows of parts are added up in
    order.
    """
    return table.append_column(ROW, pa.array(range(table.num_rows), pa.int32()))
