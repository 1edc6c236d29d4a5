"""Decides frames by a policy. It keeps a plan for each set of rules that has been in force on a day."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from attrs import evolve, frozen

from forbear import kernel
from forbear.columns.ahead.moving import Moves, course, moves
from forbear.columns.ahead.stretches import stretches
from forbear.columns.ahead.workload import Ahead
from forbear.columns.applying import MOMENT, Applied, Options, apply, from_column, joined, until_column
from forbear.columns.by_rows import apply_by_rows, cases_of, plain
from forbear.columns.io.frames import answered, column_names, kinds
from forbear.columns.options import HISTORY, answer_names, clashes, options_of, unknown_actions
from forbear.columns.verdicts.plan import Plan, plan
from forbear.columns.workers import Workers
from forbear.faults import fault
from forbear.history import other_days
from forbear.kernel import ActionDecision, CaseError, Fault
from forbear.model.policy import TypedPolicy
from forbear.predicates.specs import Specs, specs

LONGEST = 3_650
"""Days that are looked ahead at most."""
DecideOne = Callable[[Mapping[str, object], Any, Any], Mapping[str, ActionDecision]]
"""`Policy.decide`."""
Stretch = tuple["datetime.datetime | None", "datetime.datetime | None"]
"""From when on something is permitted, and from when on it no longer is."""
StretchOne = Callable[[str, Mapping[str, object], Any, int], Stretch]
"""What `asking.when.stretch` says of an action, a case, a moment and so many days."""


@frozen(eq=False)
class Look:
    """The actions of which the answer says from when until when they are permitted, within so many days."""

    actions: Sequence[str]
    days: int
    ahead: Ahead | None = None
    """How columns are moved on from day to day; None where rows are decided one by one, each along its course."""
    first: datetime.date = datetime.date.min
    """The day of the decision, where columns are moved on."""


@frozen(eq=False)
class Request:
    """A request for the verdicts on frames of the same columns. Without a plan, rows are decided one by one."""

    options: Options
    plan: Plan | None
    on: object
    at: object
    workers: Workers | None = None
    """The processes that share rows which are decided one by one."""
    look: Look | None = None


class Applier:
    """Decides the rows of frames: column by column, or one by one where rows have a history or a moment."""

    def __init__(self, policy: TypedPolicy, decide: DecideOne, stretch: StretchOne | None = None) -> None:
        self._policy = policy
        self.decide = decide
        self._stretch = stretch
        self.tables: Specs = specs(policy)
        self._plans: dict[int, Plan] = {}
        self._days = frozenset(spec.name for spec in self.tables.history.derived if spec.measure == "date")

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
        when: Iterable[str] = (),
        days: int = 30,
    ) -> Request:
        """The request for frames with these columns. The arguments are those of `Policy.apply`.

        Raises `CaseError` with every error: a missing column, an unknown fact, a missing day.
        """
        none, when = tuple(none), tuple(dict.fromkeys(when))
        look = self._look(columns, on, at, names=names, none=none, when=when, days=days)
        facts = [names.get(column, column) for column in columns]
        has_history = bool(self.tables.history.events) and HISTORY[0] in facts
        by_rows = at is not None or has_history or (on is not None and self._has_dates(facts))
        arguments: dict[str, Any] = {"key": key, "none": none, "why": why, "faults": faults, "when": when}
        options = evolve(options_of(self.tables, columns, names, by_rows=by_rows, **arguments), count=count)
        if by_rows:
            return Request(options, None, on, at, workers, look)
        policy = self._policy
        day = kernel.decision_day(policy.name, policy.dated, policy.since, policy.until, on)
        return Request(options, self._plan_of(day), on, at, None, look)

    def _look(
        self,
        columns: Sequence[str],
        on: object,
        at: object,
        *,
        names: Mapping[str, str],
        none: Iterable[str],
        when: Sequence[str],
        days: int,
    ) -> Look | None:
        """How to look for stretches of time. Raises `CaseError`, as `ahead` does."""
        if not when:
            return None
        _other_dayss(days)
        if at is not None:
            return Look(when, days)
        if on is None:
            raise CaseError([fault(None, "neither-day-nor-moment")])
        _, ahead = self.ahead(columns, on, days, names=names, none=none)
        return Look(when, days, ahead, datetime.date.fromordinal(kernel.read_on(on)))

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
        _other_dayss(days)
        follows = [name for name in HISTORY[:1] if self.tables.history.events and name in facts]
        if on is not None and not follows and self._has_dates(facts):
            follows = [
                spec.name
                for spec in self.tables.history.derived
                if spec.name in self.tables.needed and spec.name not in facts and (spec.of in facts or spec.calendar)
            ]
        if follows:
            code = "follows-from-events" if follows == ["history"] else "follows-from-dates"
            raise CaseError([fault(follows[0], code, name=follows[0])])
        options = options_of(self.tables, columns, names, key=(), none=none, why=False, faults=False, by_rows=False)
        policy, tables = self._policy, self.tables
        first = kernel.decision_day(policy.name, policy.dated, policy.since, policy.until, on)
        moving = moves(policy, list(options.facts.values()), tables.needed)
        return options, Ahead(self._plans_of(first, days), moving)

    def course(
        self, columns: Sequence[str], days: int, *, names: Mapping[str, str], none: Iterable[str] = ()
    ) -> tuple[Options, Moves]:
        """How to count the workload of frames with these columns row by row. Raises `CaseError`."""
        _other_dayss(days)
        options = options_of(self.tables, columns, names, key=(), none=none, why=False, faults=False, by_rows=True)
        return options, course(self._policy, list(options.facts.values()), self.tables.needed)

    def _plans_of(self, first: int | None, days: int) -> list[Plan | None]:
        """The plans for a day and so many after it: another one only where a date of the policy or a rule passes."""
        dates = [(self._policy.since, self._policy.until), *((rule.since, rule.until) for rule in self.tables.rules)]
        turns = {since for since, _ in dates} | {until + 1 for _, until in dates if until is not None}
        plans = [self._plan_of(first)]
        for day in range(1, days + 1):
            plans.append(self._plan_of(first + day) if first is not None and first + day in turns else plans[-1])
        return plans

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
        """Whether what some rule reads follows from the day of the decision, as an age does from one of the facts."""
        return any(
            (spec.of in facts or spec.measure == "working day") and spec.name in self.tables.needed
            for spec in self.tables.history.derived
        )

    def _names_another_day(self, request: Request, frame: pl.DataFrame) -> bool:
        """Whether a row names another day as that of its decision. The slow path says so."""
        faults: list[Fault] = []
        for column, name in request.options.facts.items() if request.on is not None else ():
            if name in self._days and frame[column].dtype != pl.Object:  # which no value is read from
                today = datetime.date.fromordinal(kernel.read_on(request.on))
                for value in frame[column].unique():
                    case = {name: plain(self.tables.facts[name], value)}
                    faults += other_days(self.tables.history, case, today)
        return any(fault.code == "not-of-day" for fault in faults)

    def request_for_lines(self, key: Sequence[str], *, why: bool, when: Iterable[str] = (), days: int = 30) -> Request:
        """The request for cases that are read line by line, and counted. Raises `CaseError`."""
        when, tables = tuple(dict.fromkeys(when)), self.tables
        names = answer_names(tables.told, tables.lowered.companions, why=why, faults=False, when=when)
        wrong = [*unknown_actions(tables, when), *clashes(key, key, names)]
        if wrong:
            raise CaseError(wrong)
        _other_dayss(days)
        return Request(Options({}, why=why, count=True), None, None, None, None, Look(when, days) if when else None)

    def answer(self, request: Request, frame: pl.DataFrame, rows: int) -> Applied:
        """The verdicts on the `rows` rows of a frame that has the columns of the request."""
        look = request.look
        if request.plan is not None and not self._names_another_day(request, frame):
            applied = apply(request.plan, frame, rows, request.options)
            if look is None or look.ahead is None:
                return applied
            ends_by_column = stretches(look.ahead, look.actions, look.first, frame, rows, request.options)
            return evolve(applied, columns={**applied.columns, **ends_by_column})
        if request.workers is not None:
            alone = evolve(request, workers=None)
            return joined(request.workers.map(_answer, list(_tasks(alone, frame, rows))))
        along: list[Sequence[Stretch]] = []
        cases = cases_of(frame, rows, self.tables.facts, request.options)
        applied = apply_by_rows(self.tables, cases, lambda case: self._decide(request, case, along), request.options)
        return with_stretches(applied, look, along)

    def _decide(
        self, request: Request, case: Mapping[str, object] | CaseError, along: list[Sequence[Stretch]]
    ) -> Mapping[str, ActionDecision]:
        """The decision on a row. The stretches of time of the actions that are asked for are added `along`."""
        ends: Sequence[Stretch] = ()
        try:
            if isinstance(case, CaseError):
                raise case
            decision = self.decide(case, request.on, request.at)
            if request.look is not None:
                ends = self.stretches_of(request.look.actions, case, request.at, request.look.days)
        finally:
            along.append(ends)
        return decision

    def stretches_of(
        self, actions: Iterable[str], case: Mapping[str, object], at: object, days: int
    ) -> Sequence[Stretch]:
        """From when until when a case is permitted each of some actions, within so many days. Raises `CaseError`."""
        actions = tuple(actions)
        if actions and at is None:
            raise CaseError([fault("at", "missing-start")])
        assert self._stretch is not None
        return [self._stretch(action, case, at, days) for action in actions]

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
        when: Iterable[str],
        days: int,
        workers: Callable[[], Workers],
    ) -> Any:
        """The answer for a frame, as a frame of the same library. Raises `CaseError`, `NoFrame` and `WorkerEnded`.

        `workers` gives the processes that share rows which are decided one by one. A lazy frame asks for them later.
        """
        extras: dict[str, Any] = {"why": why, "faults": faults, "when": tuple(dict.fromkeys(when))}
        request = self.request(column_names(frame), on, at, names=names, key=key, none=none, days=days, **extras)

        def answer(batch: pl.DataFrame, rows: int) -> Applied:
            with workers() as started:
                return self.answer(evolve(request, workers=started), batch, rows)

        return answered(
            frame,
            answer,
            key,
            list(request.options.facts),
            kinds(self.tables.told, self.tables.lowered.companions, moments=at is not None, **extras),
        )


def with_stretches(applied: Applied, look: Look | None, along: Sequence[Sequence[Stretch]]) -> Applied:
    """An answer with the ends of the stretches of each row, of which one that cannot be decided has none."""
    if look is None:
        return applied
    ends = {
        name: pl.Series(name, [row[place][end] if row else None for row in along], dtype=MOMENT)
        for place, action in enumerate(look.actions)
        for end, name in enumerate((from_column(action), until_column(action)))
    }
    return evolve(applied, columns={**applied.columns, **ends})


def _other_dayss(days: int) -> None:
    if not 1 <= days <= LONGEST:
        raise CaseError([fault(None, "too-far", most=LONGEST, days=days)])


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
