"""How a policy counts the workload ahead: by columns, or row by row where cases have a moment."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from attrs import frozen

from forbear.asking.row_planner import RowPlanner, RowRequest
from forbear.columns.ahead.table import Counting, Planner, counted, like, table
from forbear.columns.io.frames import column_names
from forbear.columns.workers import Workers
from forbear.faults import fault
from forbear.kernel import CaseError, as_argument, read_on


@frozen
class PlanRequest:
    """What `Policy.plan` is asked besides a frame."""

    days: int
    on: Any
    at: Any
    names: Mapping[str, str]
    none: tuple[str, ...]
    jobs: int


def table_of(policies: Sequence[Any], frame: Any, request: PlanRequest) -> Any:
    """The workload of a frame by a policy, and by another one, as a table of the same library. Raises `CaseError`."""
    columns = column_names(frame)
    with ExitStack() as stack:
        counts = counted([planner(policy, columns, request, stack) for policy in policies], frame)
    return like(frame, table(counts[0], first_day(request.on, request.at), *counts[1:]))


def planner(policy: Any, columns: Sequence[str], request: PlanRequest, stack: ExitStack) -> Counting:
    """Counts the workload of frames with these columns by a policy; `stack` ends the processes that help with that.
    Raises `CaseError`."""
    applier = policy.applier
    if request.at is None:
        return Planner(
            applier, *applier.ahead(columns, request.on, request.days, names=request.names, none=request.none)
        )
    if request.on is not None:
        raise CaseError([fault("on", "day-and-moment")])
    options, moves = applier.course(columns, request.days, names=request.names, none=request.none)
    course = RowRequest(options, _moment(request.at), request.days)
    workers = stack.enter_context(Workers(policy, request.jobs))
    return RowPlanner(applier.tables.told, applier.tables.facts, course, moves, workers)


def first_day(on: Any, at: Any) -> datetime.date | None:
    """Day 0, if it is named. Raises `CaseError`."""
    if at is not None:
        return _moment(at).date()
    return None if on is None else datetime.date.fromordinal(read_on(on))


def _moment(at: Any) -> datetime.datetime:
    """The moment of day 0, of which each later day has one at the same time. Raises `CaseError`."""
    try:
        return at if isinstance(at, datetime.datetime) else datetime.datetime.fromisoformat(str(at))
    except ValueError:
        raise CaseError([fault("at", "no-day-and-time", given=as_argument(at))]) from None
