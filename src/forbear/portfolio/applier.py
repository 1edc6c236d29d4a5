"""Decides frames by a policy. It keeps a plan for each set of rules that has been in force on a day."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

import polars as pl
from attrs import evolve, frozen

from forbear.kernel import cases as kernel
from forbear.kernel.cases import ActionDecision, CaseError, Fault
from forbear.kernel.faults import fault
from forbear.kernel.history.counting import DerivedSpec
from forbear.kernel.history.moments import OF_CALENDAR
from forbear.kernel.history.readings import check_day, day_given, other_days, pairs_given
from forbear.language.model.policy import TypedPolicy
from forbear.portfolio.ahead.counts import stretches
from forbear.portfolio.ahead.days import Ahead
from forbear.portfolio.ahead.moving import OF_THE_DAY, Moves, moves, timeline
from forbear.portfolio.applying import Applied, Options, apply, joined
from forbear.portfolio.asked import DecideOne, Look, Request, Stretch, StretchOne, with_stretches
from forbear.portfolio.by_rows import apply_by_rows, cases_of, plain
from forbear.portfolio.io.files import typed
from forbear.portfolio.io.frames import answered, column_names
from forbear.portfolio.options import HISTORY, Given, clashes, kinds, options_of, unknown_actions
from forbear.portfolio.verdicts.plan import Plan, plan
from forbear.portfolio.workers import Workers
from forbear.space.predicates.specs import Specs, specs

LONGEST = 3_650
"""Days that are looked ahead at most."""


class Applier:
    """Decides the rows of frames: column by column, or one by one where rows have a history or a moment."""

    versions: Sequence[Applier]
    """The appliers of the versions of the book along which the policy looks ahead, including itself."""

    def __init__(self, policy: TypedPolicy, decide: DecideOne, stretch: StretchOne | None = None) -> None:
        self._policy = policy
        self.decide = decide
        self._stretch = stretch
        self.tables: Specs = specs(policy)
        self._plans: dict[int, Plan] = {}
        self._days = frozenset(spec.name for spec in self.tables.history.of_moment if spec.measure != "time")
        self._dates = frozenset(self.tables.history.dates)
        self.versions = (self,)

    def along(self, versions: Sequence[Applier], stretch: StretchOne) -> Applier:
        """The same, which looks ahead along the versions of a book, itself among them. It keeps its plans for both."""
        applier = copy(self)
        applier._stretch = stretch
        applier.versions = [applier if version is self else version for version in versions]
        return applier

    @property
    def told(self) -> Sequence[str]:
        """The actions of all versions."""
        return list(dict.fromkeys(action for version in self.versions for action in version.tables.told))

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
        """Returns the request for frames with these columns. The arguments are those of `Policy.apply`.

        Raises `CaseError` with every error: a missing column, an unknown fact, a missing day.
        """
        given, when = Given(columns, names, tuple(none)), tuple(dict.fromkeys(when))
        look = self._look(given, on, at, when, days)
        given = self._concerning(self, given)
        facts = given.facts
        has_history = bool(self.tables.history.events) and HISTORY[0] in facts
        day_told = on is not None or not self._dates.isdisjoint(facts)
        by_rows = at is not None or has_history or (day_told and bool(self._of_day(facts, unread=True)))
        by_rows = by_rows or bool(pairs_given(self.tables.history, facts))
        extras: dict[str, Any] = {"key": key, "why": why, "faults": faults, "when": when, "actions": self.told}
        options = evolve(options_of(self.tables, given, by_rows=by_rows, **extras), count=count)
        if by_rows:
            return Request(options, None, on, at, workers, look)
        policy = self._policy
        day = kernel.decision_day(policy.name, policy.dated, policy.since, policy.until, on)
        return Request(options, self._plan_of(day), on, at, None, look)

    def _look(self, given: Given, on: object, at: object, when: Sequence[str], days: int) -> Look | None:
        """Returns how to look for stretches of time. Raises `CaseError`, as `ahead` does."""
        if not when:
            return None
        _check_days(days)
        if at is not None:
            timelines = self.timelines(given, days) if len(self.versions) > 1 else ()
            return Look(when, days, by_version=[options for options, _ in timelines])
        if on is None:
            raise CaseError([fault(None, "neither-day-nor-moment")])
        ahead = self.ahead(given, on, days)
        held = {action: dict(pair for part in ahead for pair in part.held(action)) for action in when}
        return Look(when, days, ahead, held, datetime.date.fromordinal(kernel.read_on(on)))

    def _concerning(self, version: Applier, given: Given) -> Given:
        return given.concerning(version.tables, [each.tables for each in self.versions])

    def ahead(self, given: Given, on: object, days: int) -> Sequence[Ahead]:
        """Returns how to count the workload of frames with some columns, by each version in turn. The arguments are
        those of `Policy.plan`.

        Raises `CaseError` with every error, including facts that follow from a history or a date, because a column does
        not give their values on another day.
        """
        _check_days(days)
        policy = self._policy
        first = kernel.decision_day(policy.name, policy.dated, policy.since, policy.until, on)
        versions, begins = [self], [0]
        for version in self.versions:
            since = version._policy.since
            if first is not None and since is not None and first < since <= first + days:
                versions.append(version)
                begins.append(since - first)
        ahead = []
        for version, begin, following in zip(versions, begins, [*begins[1:], days + 1], strict=True):
            with self._errors_of(version):
                ahead.append(version._ahead(first, range(begin, following), self._concerning(version, given)))
        return ahead

    @contextmanager
    def _errors_of(self, version: Applier) -> Iterator[None]:
        """Adds the name of another version to an error that it finds in columns."""
        try:
            yield
        except CaseError as error:
            if version is self:
                raise
            policy = version._policy
            day = {} if policy.since is None else {"day": datetime.date.fromordinal(policy.since).isoformat()}
            raise CaseError([*error.faults, fault(None, "error-of-version", version=policy.called, **day)]) from None

    def _ahead(self, first: int | None, days: range, given: Given) -> Ahead:
        """Returns how to count on some days from the day `first` on (an ordinal), by this version. Raises
        `CaseError`.
        """
        facts = given.facts
        follows = [name for name in HISTORY[:1] if self.tables.history.events and name in facts]
        if not follows:
            of_day = pairs_given(self.tables.history, facts) if first is None else self._of_day(facts, unread=True)
            follows = [spec.name for spec in of_day]
        if follows:
            code = "follows-from-events" if follows == ["history"] else "follows-from-dates"
            lacking = {} if HISTORY[-1] in facts else {"zone": HISTORY[-1]}
            raise CaseError([fault(follows[0], code, name=follows[0], **lacking)])
        other: list[Fault] = []
        derived = self.tables.history.derived
        of_moment = [spec.name for spec in derived if spec.measure in (*OF_THE_DAY, "time") and spec.name in facts]
        for spec in derived:
            if spec.measure in OF_THE_DAY and (spec.name in self.tables.needed or (first and spec.name in facts)):
                column = {"column": "` and `".join(of_moment)} if of_moment and not other else {}
                other.append(fault(spec.name, "other-each-day", name=spec.name, **column))
        if other:
            raise CaseError(other)
        options = options_of(self.tables, given, by_rows=False)
        moving = moves(self._policy, list(options.facts.values()), self.tables.needed)
        return Ahead(self._policy, self.tables.facts, options, moving, days.start, self._plans_of(first, days))

    def timelines(self, given: Given, days: int) -> Sequence[tuple[Options, Moves]]:
        """Returns how to count the workload of frames with some columns row by row, by each version. Raises
        `CaseError`.
        """
        _check_days(days)
        timelines = []
        for version in self.versions:
            with self._errors_of(version):
                options = options_of(version.tables, self._concerning(version, given), by_rows=True)
            timelines.append((options, timeline(version._policy, list(options.facts.values()), version.tables.needed)))
        return timelines

    def _plans_of(self, first: int | None, days: range) -> list[Plan | None]:
        """The plans for some days from the day `first` on: another one only where a date of the policy or a rule
        passes."""
        dates = [(self._policy.since, self._policy.until), *((rule.since, rule.until) for rule in self.tables.rules)]
        turns = {since for since, _ in dates} | {until + 1 for _, until in dates if until is not None}
        plans = [self._plan_of(None if first is None else first + days.start)]
        for day in days[1:]:
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

    def _of_day(self, facts: Collection[str], *, unread: bool = False) -> list[DerivedSpec]:
        """Returns the facts that rules read and that follow from the day of the decision, as an age does from one of
        the facts; with `unread` also those that no rule reads, which are only checked.
        """
        history = self.tables.history
        given = [spec for name, spec in history.unread.items() if name in facts] if unread else []
        return [spec for spec in [*history.of_day, *given] if spec.of in facts or spec.measure in OF_CALENDAR]

    def _names_another_day(self, request: Request, frame: pl.DataFrame) -> bool:
        """Returns true if a row names another day as that of its decision, or two. The slow path reports it."""
        history, facts = self.tables.history, self.tables.facts
        days = {column: name for column, name in request.options.facts.items() if name in self._days}
        faults: list[Fault] = []
        columns = [column for column in days if frame[column].dtype != pl.Object]  # which no value is read from
        for row in frame.select(columns).unique().iter_rows(named=True) if columns else ():
            case = {days[column]: plain(facts[days[column]], value) for column, value in row.items()}
            if request.on is not None:
                faults += other_days(history, case, datetime.date.fromordinal(kernel.read_on(request.on)))
            elif (name := day_given(history, case)) is not None:
                check_day(history, case, name, faults)
        return any(fault.code == "not-of-day" for fault in faults)

    def request_for_lines(self, key: Sequence[str], *, why: bool, when: Iterable[str] = (), days: int = 30) -> Request:
        """The request for cases that are read line by line, and counted. Raises `CaseError`."""
        when, tables = tuple(dict.fromkeys(when)), self.tables
        answer = kinds(tables.told, tables.lowered.companions, why=why, faults=False, when=when)
        taken = [name for name, _ in answer]
        wrong = [*unknown_actions(self.told, when), *clashes(key, key, taken)]
        if wrong:
            raise CaseError(wrong)
        _check_days(days)
        return Request(Options({}, why=why, count=True), None, None, None, None, Look(when, days) if when else None)

    def answer(self, request: Request, frame: pl.DataFrame, rows: int, *, texts: bool = False) -> Applied:
        """The verdicts on the `rows` rows of a frame that has the columns of the request. With `texts` all values are
        texts, as in CSV."""
        look, options, facts = request.look, request.options, self.tables.facts
        own = None if request.plan is None else typed(frame, facts, options, texts=texts)
        if request.plan is not None and own is not None and not self._names_another_day(request, own):
            applied = apply(request.plan, own, rows, options)
        elif request.workers is not None:
            alone = evolve(request, workers=None)
            size = max(min(_ROWS, _ROOM * rows // max(int(frame.estimated_size()), 1)), 1)
            return joined([*request.workers.each(_answer, tasks(alone, frame, rows, size, texts=texts))])
        else:
            applied = self._by_rows(request, frame, rows, texts=texts)
        if look is None or not look.ahead:
            return applied
        columns = stretches(look, applied.rejects, frame, rows, texts=texts)
        return evolve(applied, columns={**applied.columns, **columns})

    def _by_rows(self, request: Request, frame: pl.DataFrame, rows: int, *, texts: bool) -> Applied:
        """The verdicts on rows that are decided one by one, each read as a case and then, to look ahead along a book,
        as each of its versions reads it."""
        look = request.look
        readings = [(self.tables.facts, request.options)]
        if look is not None and look.by_version:
            tables = [version.tables for version in self.versions]
            readings += [(table.facts, read) for table, read in zip(tables, look.by_version, strict=True)]
        cases = zip(
            *[cases_of(typed(frame, facts, read, texts=texts), rows, facts, read) for facts, read in readings],
            strict=True,
        )
        along: list[Sequence[Stretch]] = []
        applied = apply_by_rows(self.tables, cases, lambda case: self._decide(request, case, along), request.options)
        return applied if look is None or look.ahead else with_stretches(applied, look, along)

    def _decide(
        self, request: Request, cases: Sequence[Mapping[str, object] | CaseError], along: list[Sequence[Stretch]]
    ) -> Mapping[str, ActionDecision]:
        """Returns the decision on a row. Adds the stretches of time of the requested actions to `along`."""
        ends: Sequence[Stretch] = ()
        try:
            readable = [case for case in cases if not isinstance(case, CaseError)]
            for case in cases:
                if isinstance(case, CaseError):
                    raise case
            decision, look = self.decide(readable[0], request.on, request.at), request.look
            if look is not None and not look.ahead:
                ends = self.stretches_of(look.actions, readable[1:] or readable, request.at, look.days)
        finally:
            along.append(ends)
        return decision

    def stretches_of(
        self, actions: Iterable[str], cases: Sequence[Mapping[str, object]], at: object, days: int
    ) -> Sequence[Stretch]:
        """Returns the stretches of time in which a case is permitted each of some actions, within that many days. The
        case is given as each version of a book reads it, or once for all. Raises `CaseError`.
        """
        actions = tuple(actions)
        if actions and at is None:
            raise CaseError([fault("at", "missing-start")])
        assert self._stretch is not None
        return [self._stretch(action, cases, at, days) for action in actions]

    def frame(self, frame: Any, on: object, at: object, workers: Callable[[], Workers], **options: Any) -> Any:
        """Returns the answer for a frame, as a frame of the same library; the `options` are those of `request`. Raises
        `CaseError`, `NoFrame` and `WorkerEnded`.

        `workers` returns the processes that share rows which are decided one by one. A lazy frame asks for them later.
        """
        request = self.request(column_names(frame), on, at, **options)
        extras = {name: options[name] for name in ("why", "faults")}
        extras["when"] = () if request.look is None else request.look.actions

        def answer(batch: pl.DataFrame, rows: int) -> Applied:
            with workers() as started:
                return self.answer(evolve(request, workers=started), batch, rows)

        columns = kinds(self.tables.told, self.tables.lowered.companions, moments=at is not None, **extras)
        return answered(frame, answer, options["key"], request.columns, columns, faults=options["faults"])


def _check_days(days: int) -> None:
    if not 1 <= days <= LONGEST:
        raise CaseError([fault(None, "too-far", most=LONGEST, days=days)])


_ROWS, _ROOM = 1_000, 1 << 18
"""Rows that are sent to a process at a time, and the bytes at which they are fewer."""


@frozen(eq=False)
class Task:
    """Some rows for one process."""

    request: Any
    frame: pl.DataFrame
    rows: int
    texts: bool


def tasks(request: object, frame: pl.DataFrame, rows: int, size: int, *, texts: bool) -> Iterable[Task]:
    """Yields all rows, `size` at a time; of no rows, one task that has none."""
    for start in range(0, max(rows, 1), size):
        yield Task(request, frame.slice(start, size), min(size, rows - start), texts)


def _answer(policy: Any, task: Task) -> Applied:
    applied: Applied = policy.applier.answer(task.request, task.frame, task.rows, texts=task.texts)
    return applied
