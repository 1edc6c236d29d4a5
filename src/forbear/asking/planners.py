"""How a policy counts the workload ahead: by columns, or row by row where cases have a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from attrs import frozen

from forbear.asking.first_day import day_and_time, first_day
from forbear.asking.row_planner import RowPlanner, RowRequest
from forbear.columns.ahead.moving import Moves
from forbear.columns.ahead.table import Counting, Planner, counted, like, table
from forbear.columns.io.frames import column_names
from forbear.columns.workers import Workers
from forbear.faults import fault
from forbear.kernel import CaseError


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
    applier, days = policy.applier, request.days
    reading: dict[str, Any] = {"names": request.names, "none": request.none}
    if request.at is None:
        return Planner(applier.told, applier.ahead(columns, request.on, days, **reading))
    if request.on is not None:
        raise CaseError([fault("on", "day-and-moment")])
    options, moves = zip(*applier.courses(columns, days, **reading), strict=True)
    workers = stack.enter_context(Workers(policy, request.jobs))
    return RowPlanner(RowRequest(applier.told, options, day_and_time(request.at), days), Moves.together(moves), workers)
