"""Decides frames by a policy. It keeps a plan for each set of rules that has been in force on a day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from attrs import evolve, frozen

from forbear import kernel
from forbear.columns.ahead.moving import Moves, course, moves
from forbear.columns.ahead.workload import Ahead
from forbear.columns.applying import Applied, Options, apply, joined
from forbear.columns.by_rows import apply_by_rows, cases_of
from forbear.columns.io.frames import answered, column_names, kinds
from forbear.columns.options import HISTORY, answer_names, clashes, options_of
from forbear.columns.plan import Plan, plan
from forbear.columns.workers import Workers
from forbear.kernel import ActionDecision, CaseError, Fault
from forbear.model.policy import TypedPolicy
from forbear.predicates.specs import Specs, specs

LONGEST = 3_650
"""Days that are looked ahead at most."""
DecideOne = Callable[[Mapping[str, object], Any, Any], Mapping[str, ActionDecision]]
"""`Policy.decide`."""


@frozen(eq=False)
class Request:
    """A request for the verdicts on frames of the same columns. Without a plan, rows are decided one by one."""

    options: Options
    plan: Plan | None
    on: object
    at: object
    workers: Workers | None = None
    """The processes that share rows which are decided one by one."""


class Applier:
    """Decides the rows of frames: column by column, or one by one where rows have a history or a moment."""

    def __init__(self, policy: TypedPolicy, decide: DecideOne) -> None:
        self._policy = policy
        self.decide = decide
        self.tables: Specs = specs(policy)
        self._plans: dict[int, Plan] = {}

    def request(
        self,
        columns: Sequence[str],
        on: object,
        at: object,
        *,
        names: Mapping[str, str],
        key: Sequence[str] = (),
        none: Iterable[str] = (),
        why: bool = False,
        faults: bool = False,
        count: bool = False,
        workers: Workers | None = None,
    ) -> Request:
        """The request for frames with these columns. The arguments are those of `Policy.apply`.

        Raises `CaseError` with every error: a missing column, an unknown fact, a missing day.
        """
        facts = [names.get(column, column) for column in columns]
        has_history = bool(self.tables.history.events) and HISTORY[0] in facts
        by_rows = at is not None or has_history or (on is not None and self._has_dates(facts))
        options = options_of(self.tables, columns, names, key=key, none=none, why=why, faults=faults, by_rows=by_rows)
        options = evolve(options, count=count)
        if by_rows:
            return Request(options, None, on, at, workers)
        policy = self._policy
        day = kernel.decision_day(policy.name, policy.dated, policy.since, policy.until, on)
        return Request(options, self._plan_of(day), on, at)

    def ahead(
        self,
        columns: Sequence[str],
        on: object,
        days: int,
        *,
        names: Mapping[str, str],
        none: Iterable[str] = (),
    ) -> tuple[Options, Ahead]:
        """How to count the workload of frames with these columns. The arguments are those of `Policy.plan`.

        Raises `CaseError` with every error: also where facts follow from a history or a date, of which a column does
        not say what they are on another day.
        """
        facts = [names.get(column, column) for column in columns]
        _check_days(days)
        follows = [name for name in HISTORY[:1] if self.tables.history.events and name in facts]
        if on is not None and not follows and self._has_dates(facts):
            follows = [
                spec.name
                for spec in self.tables.history.derived
                if spec.name in self.tables.needed and spec.name not in facts and (spec.of in facts or spec.calendar)
            ]
        if follows:
            what = "events" if follows == ["history"] else "dates"
            message = f"`{follows[0]}` follows from {what} and the moment: say for which moment, with `at`"
            raise CaseError([Fault(follows[0], message)])
        options = options_of(self.tables, columns, names, key=(), none=none, why=False, faults=False, by_rows=False)
        policy, tables = self._policy, self.tables
        first = kernel.decision_day(policy.name, policy.dated, policy.since, policy.until, on)
        its = moves(policy, list(options.facts.values()), tables.needed)
        plans = [self._plan_of(None if first is None else first + day) for day in range(days + 1)]
        return options, Ahead(plans, its)

    def course(
        self, columns: Sequence[str], days: int, *, names: Mapping[str, str], none: Iterable[str] = ()
    ) -> tuple[Options, Moves]:
        """How to count the workload of frames with these columns row by row. Raises `CaseError`."""
        _check_days(days)
        options = options_of(self.tables, columns, names, key=(), none=none, why=False, faults=False, by_rows=True)
        return options, course(self._policy, list(options.facts.values()), self.tables.needed)

    def _plan_of(self, day: int | None) -> Plan | None:
        """The plan for a day (an ordinal); None where the policy is not in force on it."""
        since, until = self._policy.since, self._policy.until
        if day is not None and ((since is not None and day < since) or (until is not None and until < day)):
            return None
        in_force = kernel.in_force(self.tables.rules, day)
        if in_force not in self._plans:
            self._plans[in_force] = plan(self.tables, in_force)
        return self._plans[in_force]

    def _has_dates(self, facts: Collection[str]) -> bool:
        """Whether an age that some rule reads follows from one of the facts, and is not given itself."""
        return any(
            (spec.of in facts or spec.measure == "working day")
            and spec.name in self.tables.needed
            and spec.name not in facts
            for spec in self.tables.history.derived
        )

    def request_for_lines(self, key: Sequence[str], *, why: bool) -> Request:
        """The request for cases that are read line by line, and counted. Raises `CaseError`."""
        wrong = list(
            clashes(key, key, answer_names(self.tables.told, self.tables.lowered.companions, why=why, faults=False))
        )
        if wrong:
            raise CaseError(wrong)
        return Request(Options({}, why=why, count=True), None, None, None)

    def answer(self, request: Request, frame: pl.DataFrame, rows: int) -> Applied:
        """The verdicts on the `rows` rows of a frame that has the columns of the request."""
        if request.plan is not None:
            return apply(request.plan, frame, rows, request.options)
        if request.workers is not None:
            alone = evolve(request, workers=None)
            return joined(request.workers.map(_answer, list(_tasks(alone, frame, rows))))
        return apply_by_rows(
            self.tables,
            cases_of(frame, rows, self.tables.facts, request.options),
            lambda case: self._decide(request, case),
            request.options,
        )

    def _decide(self, request: Request, case: Mapping[str, object] | CaseError) -> Mapping[str, ActionDecision]:
        if isinstance(case, CaseError):
            raise case
        return self.decide(case, request.on, request.at)

    def frame(
        self,
        frame: Any,
        on: object,
        at: object,
        *,
        names: Mapping[str, str],
        key: Sequence[str],
        none: Iterable[str],
        why: bool,
        faults: bool,
        workers: Callable[[], Workers],
    ) -> Any:
        """The answer for a frame, as a frame of the same library. Raises `CaseError`, `NoFrame` and `WorkerEnded`.

        `workers` gives the processes that share rows which are decided one by one. A lazy frame asks for them later.
        """
        request = self.request(column_names(frame), on, at, names=names, key=key, none=none, why=why, faults=faults)

        def answer(batch: pl.DataFrame, rows: int) -> Applied:
            with workers() as started:
                return self.answer(evolve(request, workers=started), batch, rows)

        return answered(
            frame,
            answer,
            key,
            list(request.options.facts),
            kinds(self.tables.told, self.tables.lowered.companions, why=why, faults=faults),
        )


def _check_days(days: int) -> None:
    if not 1 <= days <= LONGEST:
        raise CaseError([Fault(None, f"a plan goes 1 to {LONGEST:,} days ahead, not {days:,}")])


_ROWS, _ROOM = 1_000, 1 << 18
"""Rows that are sent to a process at a time, and the bytes at which they are fewer."""


@frozen(eq=False)
class _Task:
    """Some rows for one process."""

    request: Request
    frame: pl.DataFrame
    rows: int


def _tasks(request: Request, frame: pl.DataFrame, rows: int) -> Iterable[_Task]:
    size = max(min(_ROWS, _ROOM * rows // max(int(frame.estimated_size()), 1)), 1)
    for start in range(0, max(rows, 1), size):
        yield _Task(request, frame.slice(start, size), min(size, rows - start))


def _answer(policy: Any, task: _Task) -> Applied:
    applied: Applied = policy.applier.answer(task.request, task.frame, task.rows)
    return applied
