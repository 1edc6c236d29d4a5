"""How a policy counts the workload ahead: by columns, or row by row where cases have a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from attrs import frozen

from forbear.kernel.cases import CaseError
from forbear.kernel.faults import fault
from forbear.portfolio.ahead.moving import Moves
from forbear.portfolio.ahead.table import Counting, Planner, counted, like, table
from forbear.portfolio.io.frames import column_names
from forbear.portfolio.row_planner import RowPlanner, RowRequest
from forbear.portfolio.workers import Workers
from forbear.queries.first_day import day_and_time, first_day


@frozen
class PlanRequest:
    """What `Policy.plan` is asked besides a frame."""

    days: int
    on: Any
    at: Any
    names: Mapping[str, str]
    none: tuple[str, ...]
    jobs: int


@frozen(eq=False)
class InTurn:
    """What counts by several versions in turn, each in force on its own days, as the versions of a book are."""

    name: str
    versions: Sequence[Any]
    version: str | None = None

    @property
    def applier(self) -> Any:
        """That of the version that is in force first, which looks ahead along the others."""
        first, *_ = appliers = [version.applier for version in self.versions]
        return first.along(appliers, None)


def following(new: Any, old: Any, on: Any, at: Any, days: int) -> InTurn | None:
    """A policy or book of which the first day is still ahead, and until then an old policy, by the versions of it that
    are in force within the days. None where it is in force on day 0, or on none of the days. Raises `CaseError`."""
    day, since = first_day(on, at), new.versions[0].typed.since
    if day is None or since is None or not 0 < since - day.toordinal() <= days:
        return None
    before = [version.ending(since - 1) for version in old.versions if (version.typed.since or 0) < since]
    ahead = [version for version in new.versions if version.typed.since <= day.toordinal() + days]
    return InTurn(new.name, [*before, *ahead])


def table_of(policy: Any, against: Any, frame: Any, request: PlanRequest) -> Any:
    """The workload of a frame by a policy, and by another one if there is one, as a table of the same library. Raises
    `CaseError`."""
    columns, policies = column_names(frame), [policy]
    if against is not None:
        old = against.undated
        policies = [following(policy, old, request.on, request.at, request.days) or policy, old]
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
