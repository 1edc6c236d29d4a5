"""The public interface of a policy: every question that a program can ask it."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, TypeVar, cast

from attrs import evolve

from forbear.base.diagnostic import Diagnostic, in_file_order
from forbear.base.extras import missing_extra
from forbear.check.files.gather import Checked
from forbear.kernel.cases import CaseError, read_on, unknown_name
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.composition.standards import provenance

if TYPE_CHECKING:
    from forbear.deciding.deciders.decider import Decider
    from forbear.deciding.decision import Decision, Validity
    from forbear.deciding.deriving import DerivedValue, Deriver
    from forbear.deciding.records.sink import Sink
    from forbear.kernel.history.events import Past
    from forbear.library.explained import Explanation
    from forbear.portfolio.applier import Applier
    from forbear.queries.decider import TimelineDecider
    from forbear.queries.opened.asker import Asker, Partial
    from forbear.queries.opened.questions import Questions
    from forbear.queries.when import Until, When


# The properties of a loaded policy: its names, days, files and provenance.


class Described:
    """A policy as it was loaded: its head, its names, its digest, and where it came from."""

    __slots__ = ("__weakref__", "_digest", "_files", "_origin", "_typed", "_warnings")

    def __init__(self, checked: Checked) -> None:
        assert checked.policy is not None
        self._typed = checked.policy
        self._warnings = checked.diagnostics
        self._files = checked.files
        self._origin = checked.origin
        self._digest: str | None = None

    @property
    def checked(self) -> Checked:
        """The source of the policy."""
        return Checked(self._typed, self._warnings, self._files, origin=self._origin)

    @property
    def typed(self) -> TypedPolicy:
        """The typed policy, from which the analyser and the backends work."""
        return self._typed

    @property
    def name(self) -> str:
        return self._typed.name

    @property
    def title(self) -> str | None:
        return self._typed.title

    @property
    def version(self) -> str | None:
        return self._typed.version

    @property
    def omits(self) -> tuple[str, ...]:
        """What the policy says it leaves out (`omits`), each as one text."""
        return self._typed.omits

    @property
    def provenance(self) -> dict[str, object]:
        """Which sources of the policy were `read`, by whom and until when it is `reviewed`, and which of its rules were
        `not_read`, each with what it rests on instead.
        """
        return provenance(self._typed)

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of the facts that a case may have, in the order of the vocabulary; derived facts are not among
        them."""
        return tuple(name for name in self._typed.facts if name not in self._typed.derived)

    @property
    def actions(self) -> tuple[str, ...]:
        """The names of the actions, in the order of the vocabulary."""
        return tuple(self._typed.actions)

    def in_force(self, on: datetime.date | str) -> bool:
        """Returns true if the policy is in force on a day; one without `in force` always is.

        Raises `CaseError` if `on` is not a day.
        """
        day = read_on(on)
        since, until = self._typed.since, self._typed.until
        return (since is None or since <= day) and (until is None or day <= until)

    @property
    def undated(self) -> Self:
        """The same policy without its own `in force`, so that it decides on any day. The dates of its rules count, and
        its digest is that of its text.
        """
        return self._in_force(None, None)

    def ending(self, last: int) -> Self:
        """The same policy, in force up to a day (an ordinal) at most."""
        until = self._typed.until
        return self._in_force(self._typed.since, last if until is None else min(until, last))

    def _in_force(self, since: int | None, until: int | None) -> Self:
        other = type(self)(evolve(self.checked, policy=evolve(self._typed, since=since, until=until)))
        other._digest = self.digest
        return other

    def __repr__(self) -> str:
        version = "" if self.version is None else f" {self.version}"
        return f"<Policy {self.name}{version} {self.digest[:19]}>"

    @property
    def digest(self) -> str:
        """The digest, `sha256:...`, of the rules with their names, their words and the settings in effect."""
        if self._digest is None:
            from forbear.semantics.to_text import digest

            self._digest = digest(self._typed)
        return self._digest

    @property
    def about(self) -> dict[str, object]:
        """Identifies the policy in JSON answers: name, digest, and version if present."""
        return {"name": self.name, "digest": self.digest, **({} if self.version is None else {"version": self.version})}

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were read from the disk: its own, those that it uses, and those of its standards."""
        return self._files

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics of the checker that are not errors, in file order."""
        return in_file_order(self._warnings)

    def _require_action(self, action: str | None) -> None:
        """Raises `CaseError` if the name is not that of an action; None stands for all actions."""
        if action is not None and action not in self._typed.actions:
            raise CaseError([unknown_name(None, action, self._typed.actions, "action")])


class Versioned(Protocol):
    """A book, as `Policy.plan` takes one to hold a policy against."""

    def looking_ahead(self, on: Any, at: Any, days: int) -> Described:
        """The version in force on a day, which looks so many days ahead along the others."""


Day: TypeAlias = "datetime.date | str | None"
Moment: TypeAlias = "datetime.datetime | str | None"
Frame = TypeVar("Frame")
"""A frame of Polars, pandas or Arrow."""


class Policy(Described):
    """A loaded policy. It never changes, and threads may share it.

    A case maps facts to values:

    - whole numbers are `int`; decimals are `int`, `Decimal`, a text of digits, or a `float`, which counts as the digits
    that Python shows for it; sums of money may have their currency, as in "CNY 12.50";
    - flags are `bool`; names and texts are `str`; days and times are `date` and `time`, or texts;
    - None is unknown, and "none" is none;
    - a number that follows from events may be known in part: `{"at_least": 2, "at_most": 5, "or_none": True}`.

    `on` is the day of the decision, a `date` or a text such as "2015-09-22". It is needed if the policy names dates.
    `at` is the moment of the decision, which takes the place of the day for a case with events: a `datetime`, or a text
    such as "2026-03-01T09:30:00-05:00".
    """

    __slots__ = (
        "_applier",
        "_asker",
        "_decider",
        "_deciders",
        "_deriver",
        "_lock",
        "_timeline_deciders",
    )

    def __init__(self, checked: Checked) -> None:
        super().__init__(checked)
        self._lock = threading.Lock()
        self._applier: Applier | None = None
        self._asker: Asker | None = None
        self._decider: Decider | None = None
        self._deciders: dict[str, Decider] = {}
        self._deriver: Deriver | None = None
        self._timeline_deciders: dict[tuple[str | None, bool, bool], TimelineDecider] = {}

    def __reduce__(self) -> tuple[Callable[..., Policy], tuple[object, ...]]:
        """Pickles what was checked. Another process compiles the policy anew."""
        return Policy, (self.checked,)

    def prepare(self) -> None:
        """Compiles at once what the first decisions would: for callers that must not wait, for example after a
        reload."""
        for decider in (self._all_actions(), *map(self._one_action, self._typed.actions)):
            decider.prepare()

    @property
    def versions(self) -> Sequence[Policy]:
        """The policies by which `plan` and `apply` look ahead: itself, unless it comes from `Book.looking_ahead`."""
        return (self,)

    def deciding(
        self, case: Mapping[str, object], on: Day = None, at: Moment = None, action: str | None = None
    ) -> Policy:
        """Itself; of a book it is the version that decides a case."""
        return self

    def looking_ahead(self, on: Day, at: Moment, days: int, *, early: bool = False) -> Policy:
        """Itself; of a book it is a version that looks ahead along the others."""
        return self

    @property
    def plain(self) -> Policy:
        """The same policy, without instrumentation."""
        return self

    def decide(
        self,
        case: Mapping[str, object],
        on: Day = None,
        at: Moment = None,
        record: Sink | None = None,
        key: str | int | None = None,
        request: str | int | None = None,
    ) -> Decision:
        """The verdict on each action for a case, with the deciding rules.

        With `record`, a `Record` or another sink, the decision is recorded before it is returned, by the name of the
        account (`key`) and the id of the request, if these are given. Raises `CaseError` with every error of the case,
        and `RecordError` if it cannot be recorded.
        """
        past: Past = []
        decider = self._all_actions()
        if record is not None:
            decision = self._recorded(partial(decider.decide, past=past), record, (key, request), None, case, on, at)
        else:
            decision = decider.decide(case, on, at, past)
        return decision if at is None else decision.at_moment(partial(self._validity, case, at, past))

    @property
    def decide_plain(self) -> Callable[[object], Decision | None]:
        """A function for callers that have many cases: `decide` for one alone, without a day or moment and unrecorded.
        It returns None for a case that is not plain: then call `decide`."""
        return self._all_actions().decide_plain

    def permits(
        self,
        action: str,
        case: Mapping[str, object],
        on: Day = None,
        at: Moment = None,
        record: Sink | None = None,
        key: str | int | None = None,
        request: str | int | None = None,
    ) -> bool:
        """Returns true if an action is allowed or required for a case: the check before each contact.

        It reads only the facts that the rules on this action read, and raises `CaseError` for an error in these.
        `decide` checks the whole case. `record`, `key` and `request` are those of `decide`; the decision on this action
        alone is recorded.
        """
        if record is not None:
            return self.decide_alone(action, case, on, at, record, key=key, request=request).permits(action)
        return self._one_action(action).permits(case, on, at)

    def decide_alone(
        self,
        action: str,
        case: Mapping[str, object],
        on: Day = None,
        at: Moment = None,
        record: Sink | None = None,
        key: str | int | None = None,
        request: str | int | None = None,
    ) -> Decision:
        """The decision on one action alone, of which `permits` gives the verdict; the arguments are the same."""
        decider = self._one_action(action)
        if record is not None:
            return self._recorded(decider.decide, record, (key, request), action, case, on, at)
        return decider.decide(case, on, at)

    def _recorded(
        self, decide: Callable[..., Decision], sink: Sink, names: tuple[Any, Any], action: str | None, *asked: object
    ) -> Decision:
        """Returns the decision on all actions, or on one, after it is recorded. `asked` are the case, `on` and `at`."""
        from forbear.deciding.records.sink import Asked, Names, recorded

        return recorded(sink, Names.of(*names), Asked(self._typed, self.digest, action, *asked), decide)

    def derive(
        self, case: Mapping[str, object], at: datetime.datetime | str, *, columns: bool = False
    ) -> dict[str, DerivedValue]:
        """Returns the facts that follow from a case's history and from `at`, as a case without history gives them.

        None is unknown. A number that is known in part is a dictionary, such as `{"at_least": 7, "or_none": True}`.
        With `columns` it is one number, or None for a null, chosen so that compiled SQL of this policy permits no more.
        Facts that follow from events are left out if the case has no history.

        Raises `CaseError` with every error of the events, the moment and the zone; a case may have only one zone here.
        """
        if self._deriver is None:
            from forbear.deciding.deriving import Deriver

            self._deriver = Deriver(self._typed)
        return self._deriver.derive(case, at, columns=columns)

    def apply(
        self,
        frame: Frame,
        on: Day = None,
        at: Moment = None,
        *,
        key: Sequence[str] = (),
        names: Mapping[str, str] | None = None,
        none: Iterable[str] = (),
        why: bool = False,
        faults: bool = False,
        when: Collection[str] = (),
        days: int = 30,
        jobs: int = 1,
    ) -> Frame:
        """Returns the verdicts on each row of a frame, as `decide` does: the `key` columns, then one for each action.

        The frame is one of Polars (eager or lazy), pandas or Arrow, and so is the answer. A column is the fact of its
        name, or the one to which `names` maps it; other columns are ignored. A null is unknown for an optional fact,
        none for a fact in `none`, and otherwise an error. A row with an error has the verdict `undecided` on every
        action, which is not permitted.

        `why` adds a column `ACTION_rules` of the deciding rules for each action. `faults` adds a column `fault` with
        the errors of each undecided row. `when` names actions that get columns `ACTION_from` and `ACTION_until`, the
        ends of the first stretch of time in which the action is permitted if nothing else happens, within `days`: its
        first day and the day after its last if `on` is given, or moments in UTC if `at` is given. Both are null if
        there is no such stretch, and `ACTION_until` if it does not end. `ACTION_held` names the facts held still as the
        case gives them; if there are any, the stretch ends at midnight. With a column `history`, or `at`, rows are
        decided one by one, by up to `jobs` processes.

        Raises `CaseError` if a column or the day is missing and, with `when`, for what `plan` refuses, `TypeError` for
        an object that is not such a frame, `RuntimeError` if a process is killed, and `ImportError` without the extra
        `apply`.
        """
        from forbear.portfolio.workers import Workers

        options: dict[str, Any] = {"key": key, "names": names or {}, "none": none, "why": why, "faults": faults}
        options |= {"when": when, "days": days}
        return cast(Frame, self.applier.frame(frame, on, at, workers=partial(Workers, self, jobs), **options))

    def plan(
        self,
        frame: Frame,
        days: int = 90,
        on: Day = None,
        at: Moment = None,
        *,
        names: Mapping[str, str] | None = None,
        none: Iterable[str] = (),
        against: Policy | Versioned | None = None,
        jobs: int = 1,
    ) -> Frame:
        """Returns how many rows of a frame become due for which action on which of the `days` ahead, if nothing else
        happens.

        The frame is one that `apply` takes; `names`, `none`, `jobs` and `on`, the day 0, are those of `apply`. With
        `at`, the moment of day 0, rows are decided one by one, at the same time of each day, and may have a history;
        the facts that follow from it, from dates and from the moment have their values of that time.

        The answer is a table of the same library, a row for each day from 0 on and each action: how many rows are
        `permitted` it, become `due` (and were not the day before), lose it (`ended`), and are `undecided`. `against`
        adds columns that end with _before for another policy, ignoring its `in force`, or for a book; it also decides
        until the first day of this policy, if that is among the days ahead.

        Raises `CaseError` if a column or the day is missing, or if facts follow from a moment that is missing,
        `TypeError` for an object that is not such a frame, and `ImportError` without the extra `apply`.
        """
        assert self.applier  # raises where the extra is missing
        from forbear.portfolio.planners import PlanRequest, table_of

        other = None if against is None else against.looking_ahead(on, at, days)
        return cast(Frame, table_of(self, other, frame, names or {}, tuple(none), PlanRequest(days, on, at, jobs)))

    @property
    def applier(self) -> Applier:
        """Decides frames, for callers that have many frames of the same columns. Needs the extra `apply`."""
        try:
            from forbear.portfolio.applier import Applier
        except ModuleNotFoundError as error:
            raise ImportError(missing_extra("deciding frames", "apply", error)) from None

        with self._lock:
            if self._applier is None:
                self._applier = Applier(self._typed, self.decide, self._stretch)
            return self._applier

    def explain(self, action: str, case: Mapping[str, object], on: Day = None, at: Moment = None) -> Explanation:
        """Explains why an action has its verdict and not another, with the nearest changes of single facts that would
        alter it.

        It needs only the facts that the rules on this action read. Raises `CaseError` for an error in any given fact.
        """
        from forbear.library.explained import explain

        return explain(self._typed, self.decide_alone(action, case, on, at), action, case, on, at)

    def when(self, action: str, case: Mapping[str, object], at: Moment, until: Until = "30 days") -> When:
        """Returns the intervals from `at` until `until` in which an action has one verdict, if nothing else happens.

        `until` is a moment, a `timedelta` or a text such as "30 days", at most 3,660 days ahead. Time moves the facts
        that the reference of the language names. It needs only the facts that the rules on this action read. Raises
        `CaseError`, as `permits` does; an error that comes later is in the interval in which it comes.
        """
        from forbear.queries.when import WhenRequest, when

        past: Past = []
        decider = self.timeline_decider(action)
        self.plain._one_action(action).decide(case, None, at, past)  # raises the present errors of the case
        return when(decider, WhenRequest.of(case, at, until), past)

    def _stretch(self, *asked: Any) -> Any:
        from forbear.queries.when import stretch

        return stretch(self, *asked)

    def valid_until(self, case: Mapping[str, object], at: Moment) -> datetime.datetime | None:
        """`decide(case, at=at).valid_until`: when the decision on any action first changes by itself."""
        return self.decide(case, at=at).valid_until

    def _validity(self, case: Mapping[str, object], at: Moment, past: Past) -> Validity:
        from forbear.queries.when import timelines_of, validity

        return validity(partial(timelines_of, self.timeline_decider(None), past=past), case, at)

    def timeline_decider(self, action: str | None, *, in_book: bool = False, whole: bool = False) -> TimelineDecider:
        """Returns a decider on an action, or on all, at more than one moment; with `whole`, only at moments at which
        the whole case can be decided. For a version `in_book`, it ignores the days on which the version is in force.
        """
        from forbear.queries.decider import TimelineDecider

        asked = action, in_book, whole
        if asked not in self._timeline_deciders:
            self._require_action(action)
            typed = evolve(self._typed, since=None, until=None) if in_book else self._typed
            self._timeline_deciders[asked] = TimelineDecider(typed, action, whole=whole)
        return self._timeline_deciders[asked]

    def partial(self, case: Mapping[str, object], open: Sequence[str], on: Day = None, at: Moment = None) -> Partial:
        """The verdicts of each action if some facts are `open`, each with its condition on these facts.

        An open fact will have a value, or be none if it may be. A fact that is neither given nor open is unknown, or
        missing. Raises `CaseError` with every error of the case, and if a fact cannot be open because it follows from
        what is given."""
        return self._asked().partial(case, open, on, at)

    def ask(self, action: str, case: Mapping[str, object], on: Day = None, at: Moment = None) -> Questions:
        """Returns the facts that still matter for an action, the most decisive first: those that the case does not
        give, and on which the verdict depends. There are none if it is `settled`.

        A fact that is None in the case is unknown, and not asked for. Raises `CaseError`, as `explain` does.
        """
        return self._asked().ask(action, case, on, at)

    def validate(
        self,
        today: datetime.date | None = None,
        *,
        limit: int | None = None,
        effort: int = 1,
        asked: Collection[str] = (),
    ) -> tuple[Diagnostic, ...]:
        """Returns all findings about the policy, in file order; findings of one cause are one, which has the others in
        `also`. An accepted finding has the author's reason in `accepted`.

        An `accept` that has expired by `today` is stale; without a day none expires. `limit` is the most findings of
        one code: 10,000 rules may have millions. With `effort`, a whole number from 1, the analyser searches that many
        times as far, in up to that many times the time, before something is `undecided`. Codes on request, such as
        `overlap`, must be named in `asked`.
        """
        from forbear.analysis.run import findings
        from forbear.analysis.severities import Severities, all_codes

        every_finding = findings(self._typed, self._warnings, limit=limit, today=today, effort=effort, asked=asked)
        reported = Severities({code: all_codes()[code].severity for code in asked}).findings(every_finding)
        return in_file_order(reported.by_cause().diagnostics)

    def _asked(self) -> Asker:
        from forbear.queries.opened.asker import Asker

        with self._lock:
            self._asker = self._asker or Asker(self._typed)
            return self._asker

    def _all_actions(self) -> Decider:
        if self._decider is None:
            from forbear.deciding.deciders.decider import decider  # imported late: only decisions need it

            with self._lock:
                if self._decider is None:
                    self._decider = decider(self._typed)
        return self._decider

    def _one_action(self, action: str) -> Decider:
        if action not in self._deciders:
            from forbear.deciding.deciders.decider import decider

            self._require_action(action)
            with self._lock:
                if action not in self._deciders:
                    self._deciders[action] = decider(self._typed, action)
        return self._deciders[action]
