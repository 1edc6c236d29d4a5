"""Books: the versions of one policy, each in force on its own days. The day of a decision selects the version."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, Self

from attrs import frozen

from forbear.base.diagnostic import Diagnostic, Label, PolicyError, has_errors, in_file_order
from forbear.base.logs import LOG, loaded
from forbear.base.source import Place, Source
from forbear.check.files.gather import Checked, Opened, open_rule_file
from forbear.check.files.locations import Location, rule_files_in, unreadable
from forbear.kernel.cases import CaseError, Fault, Wrong, as_dict, read_on
from forbear.kernel.faults import fault
from forbear.kernel.history.moments import moment_of, zones_of
from forbear.language.model.messages import diagnosis
from forbear.library.loading import Settings, check_opened
from forbear.library.policy import Day, Frame, Moment, Policy

if TYPE_CHECKING:
    from forbear.deciding.decision import Decision, Validity
    from forbear.library.explained import Explanation
    from forbear.portfolio.applier import Applier
    from forbear.queries.timeline import Version
    from forbear.queries.when import Until, When, WhenRequest


class Dated(Protocol):
    """A version, by what its book has to know of it: its name, and the days on which it is in force, as ordinals."""

    @property
    def name(self) -> str: ...
    @property
    def since(self) -> int | None: ...
    @property
    def until(self) -> int | None: ...
    @property
    def place(self) -> Place: ...


_MOST_NEAR = 3
"""Versions before a day without one, and after it, that an error names."""


@frozen
class Book:
    """The versions of a policy, in the order of the days on which they are in force."""

    name: str
    versions: tuple[Policy, ...]

    def on(self, day: datetime.date | str, action: str | None = None) -> Policy:
        """The version in force on a day: a `date`, or a text such as "2015-09-22". Raises `CaseError` if no version is
        in force, or if this one lacks a given `action` that another version has.
        """
        number = read_on(day)
        shown = datetime.date.fromordinal(number).isoformat()
        for policy in self.versions:
            since, until = _days(policy.typed)
            if since <= number <= until:
                LOG.debug("of book %s the version %r is in force on %s", self.name, policy.version, day)
                self._check_action(action, policy, shown)
                return policy
        raise CaseError([fault(None, "no-version", book=self.name, day=shown, **self._near(number))])

    def deciding(
        self, case: Mapping[str, object], on: Day = None, at: Moment = None, action: str | None = None
    ) -> Policy:
        """The version that decides a case: the one of the day `on`, or of the day of the moment `at` where the borrower
        lives, in the first of several zones. Raises `CaseError`, as `on` does.
        """
        at = at if isinstance(at, (str, datetime.datetime)) else None  # in a record it may be of any type
        if on is None and at is None and self.alone is not None:
            return self.alone
        day = _day_of(at, case) if on is None and at is not None else on
        if day is None:
            raise CaseError([self.without_day])
        return self.on(day, action)

    def decide(self, case: Mapping[str, object], on: Day = None, at: Moment = None, **options: Any) -> Decision:
        """The verdict on each action by the version that decides the case, as `Policy.decide` gives them. It is valid
        by the versions that `when` takes."""
        decision = self.deciding(case, on, at).decide(case, on, at, **options)
        return decision if at is None else decision.at_moment(partial(self.validity, case, at))

    def permits(
        self, action: str, case: Mapping[str, object], on: Day = None, at: Moment = None, **options: Any
    ) -> bool:
        """Returns true if the version that decides the case permits an action, as `Policy.permits` does."""
        return self.deciding(case, on, at, action).permits(action, case, on, at, **options)

    def explain(self, action: str, case: Mapping[str, object], on: Day = None, at: Moment = None) -> Explanation:
        """Explains why an action has its verdict by the version that decides the case, as `Policy.explain` does."""
        return self.deciding(case, on, at, action).explain(action, case, on, at)

    def _check_action(self, action: str | None, version: Policy, day: str) -> None:
        if action is None or action in version.actions:
            return
        other = next((policy for policy in self.versions if action in policy.actions), None)
        if other is not None:
            which = {"version": version.typed.called, "day": day, "other": other.typed.called}
            raise CaseError([fault(None, "action-of-other-version", action=action, **which)])

    @property
    def alone(self) -> Policy | None:
        """The only version, if it is in force on every day: then no day has to pick it."""
        first = self.versions[0].typed
        return self.versions[0] if len(self.versions) == 1 and first.since is first.until is None else None

    @property
    def without_day(self) -> Fault:
        """Returns the error of a case that has no day. A book of one version is a policy in force on certain days."""
        if len(self.versions) == 1:
            return Fault.of(None, "no-day", policy=self.name)
        return fault(None, "book-without-day", book=self.name)

    def _near(self, day: int) -> Mapping[str, object]:
        """The versions before and after a day, with the days on which they are in force, as arguments of an error."""
        after = sum(_days(policy.typed)[1] < day for policy in self.versions)
        near = self.versions[max(0, after - _MOST_NEAR) : after + _MOST_NEAR]
        name = "versions" if len(near) == len(self.versions) else "nearest"
        return {name: ", ".join(map(_in_force, near))}

    def when(self, action: str, case: Mapping[str, object], at: Moment, until: Until = "30 days") -> When:
        """The intervals in which an action has one verdict, as `Policy.when` gives them, on each day by the version
        that is in force where the borrower lives, in the first of several zones. Raises `CaseError`, also where none is
        at `at`, and where it is not in force in another zone."""
        from forbear.queries.when import WhenRequest, when_by_versions

        request = WhenRequest.of(case, at, until)
        return when_by_versions(action, self.name, self._checked(action, request), request)

    def valid_until(self, case: Mapping[str, object], at: Moment) -> datetime.datetime | None:
        """The first moment after `at` at which the decision on any action changes by itself, as `Policy.valid_until`
        gives it, and by the versions that `when` takes. Raises what that does."""
        return self.validity(case, at).until

    def validity(self, case: Mapping[str, object], at: Moment) -> Validity:
        """The same, with the facts that are held, as `Decision.validity` gives them."""
        from forbear.queries.when import timelines_of_versions, validity

        return validity(
            lambda request: timelines_of_versions(self.name, self._checked(None, request), request), case, at
        )

    def _checked(self, action: str | None, request: WhenRequest) -> list[Version]:
        """The versions, for a question about an action, or about all. Raises what is wrong with the case now."""
        from forbear.queries.timeline import Version, check

        policy = self.on(request.at.astimezone(request.zones[0]).date(), action)
        check(policy, action, {**request.case, "zone": [*request.zones]}, request.at)
        return [Version.of(policy, action, request.case) for policy in self.versions]

    def apply(
        self,
        frame: Frame,
        on: Day = None,
        at: Moment = None,
        *,
        when: Collection[str] = (),
        days: int = 30,
        **options: Any,
    ) -> Frame:
        """Returns the verdicts on each row of a frame by the version in force on the day, or on the day of the moment
        in its own zone, as `Policy.apply` does. The stretches of time of the actions in `when`, of any version, are
        those of `Book.when`. Raises what `Policy.apply` does, and `CaseError` if no version is in force then.
        """
        policy = self.looking_ahead(on, at, days if when else 0)
        return policy.apply(frame, on, at, when=when, days=days, **options)

    def plan(
        self,
        frame: Frame,
        days: int = 90,
        on: Day = None,
        at: Moment = None,
        *,
        against: Policy | Book | None = None,
        **options: Any,
    ) -> Frame:
        """Returns how many rows of a frame become due for which action on which of the `days` ahead, as `Policy.plan`
        counts them, using on each day the version that is in force. On a day without a version no row can be decided.

        Raises what `Policy.plan` does, and `CaseError` if no version is in force on day 0, or if a column is missing
        that a version in force within the days needs.
        """
        version = self.looking_ahead(on, at, days, early=against is not None)
        return version.plan(frame, days, on, at, against=against, **options)

    def looking_ahead(self, on: Day, at: Moment, days: int, *, early: bool = False) -> Policy:
        """Returns the version in force on a day, or on the day of a moment in its own zone, prepared for `plan`, and
        for `apply` with `when`, to look that many days ahead along the book. With `early`, it may be the first version,
        if that begins within these days. Raises `CaseError`.
        """
        from forbear.queries.timeline import first_day

        if self.alone is not None:
            return self.alone
        day = first_day(on, at)
        if day is None:
            raise CaseError([self.without_day])
        first, begin = day.toordinal(), _days(self.versions[0].typed)[0]
        version = self.versions[0] if early and first < begin <= first + days else self.on(day)
        near = []
        for policy in self.versions:
            since, until = _days(policy.typed)
            if since <= first + days + 1 and first - 1 <= until:  # elsewhere it is another day
                near.append(policy)
        return _LookingAhead(version, near)


def _day_of(at: datetime.datetime | str, case: object) -> datetime.date | str:
    """Returns the day of a moment where the borrower lives, if the case is valid that far; the decision reports its
    other errors. Raises `CaseError` if the moment has no day.
    """
    zones = zones_of(as_dict(case) or {}, at, [])
    own_day = at.date() if isinstance(at, datetime.datetime) else at[:10]
    try:
        moment = moment_of(at, zones[0] if zones else datetime.UTC, len(zones))
    except Wrong as wrong:
        try:
            read_on(own_day)
        except CaseError:
            raise CaseError([wrong.fault("at", name="at")]) from None
        return own_day
    return moment.astimezone(zones[0]).date() if zones else own_day


class _LookingAhead(Policy):
    """A version of a book that looks ahead along it: along the `versions` in force within some days, itself among
    them."""

    __slots__ = ("_version", "_versions")

    def __init__(self, version: Policy, versions: Sequence[Policy]) -> None:
        super().__init__(version.checked)
        self._version = version
        self._versions = versions

    def __reduce__(self) -> tuple[Callable[..., Policy], tuple[object, ...]]:
        return _LookingAhead, (self._version, self._versions)

    @property
    def versions(self) -> Sequence[Policy]:
        return self._versions

    @property
    def undated(self) -> Self:
        """Returns itself, because each day has its version."""
        return self

    @property
    def applier(self) -> Applier:
        return self._version.applier.along([policy.applier for policy in self._versions], self._stretch)


def _in_force(policy: Policy) -> str:
    """A version and its days: `version 2 from 2015-10-01 until 2015-12-31`."""
    since, until = policy.typed.since, policy.typed.until
    words = [f"version {policy.version}" if policy.version else "one without a name"]
    words += [] if since is None else ["from", datetime.date.fromordinal(since).isoformat()]
    words += ["on"] if until is None else ["until", datetime.date.fromordinal(until).isoformat()]
    return " ".join(words)


def load_book(folder: str | Path, settings: Mapping[str, object] | None = None) -> Book:
    """Loads the book in a folder: the policies that have a head, in all rule files of the folder.

    A setting is applied to each version that declares it. Raises `PolicyError` if a version has errors, if two are in
    force on one day, if no version declares a setting, and if the folder holds no policy, or policies of several
    names."""
    values = settings or {}
    book, used = book_with_its_own(Path(folder), values)
    require_settings(folder, values, used)
    for version in book.versions:
        loaded(version, str(version.files[0]))
    return book


def require_settings(folder: str | Path, values: Iterable[str], used: Collection[str]) -> None:
    """Raises `PolicyError` if a setting that is `given` is not used by any version of a book."""
    unused = [name for name in values if name not in used]
    if unused:
        raise PolicyError(
            tuple(
                diagnosis("unknown-name.setting-of-book", Place(Source(str(folder), ""), (0, 0)), setting=name)
                for name in unused
            )
        )


def book_with_its_own(
    folder: Location, given: Mapping[str, object], of_project: Mapping[str, object] = MappingProxyType({})
) -> tuple[Book, frozenset[str]]:
    """Returns the book in a folder, with the `given` settings that a version declares; and the names of these settings,
    without those of the project.

    Raises `PolicyError`, as `load_book` does.
    """
    try:
        files = rule_files_in(folder)
    except OSError as error:
        raise PolicyError((unreadable(str(error.filename or folder), error),)) from None
    by_name, diagnostics, used = headed_policies(files, given, of_project)
    if len(by_name) != 1 and not has_errors(diagnostics):
        diagnostics.append(
            diagnosis(
                "missing-file.book",
                Place(Source(str(folder), ""), (0, 0)),
                folder=f"{folder}",
                policies=", ".join(sorted(by_name)) or None,
            )
        )
    diagnostics += overlaps(by_name)
    if has_errors(diagnostics):
        raise PolicyError(in_file_order(diagnostics))
    ((name, versions),) = by_name.items()
    return book_of(name, versions), used


def book_of(name: str, versions: Iterable[Policy]) -> Book:
    """The book of some versions, in any order, of which no two are in force on one day."""
    return Book(name, tuple(sorted(versions, key=lambda policy: _days(policy.typed))))


def headed_policies(
    files: Iterable[Location], given: Settings, of_project: Settings
) -> tuple[Mapping[str, Sequence[Policy]], list[Diagnostic], frozenset[str]]:
    """The policies that have a head in some rule files, by their names, with the settings that each declares; all that
    the checker has to say, and an error for each file with rules that no name is given to; and the names of those
    `given` settings that are declared."""
    by_name: dict[str, list[Policy]] = {}
    diagnostics: list[Diagnostic] = []
    used: set[str] = set()
    for file in files:
        checked, own = check_with_its_own(open_rule_file(file, str(file)), given, of_project)
        diagnostics += checked.diagnostics
        if checked.policy is None:
            continue
        if checked.policy.headed:
            used |= own
            by_name.setdefault(checked.policy.name, []).append(Policy(checked))
        elif checked.policy.rules:
            place = checked.policy.rules[0].place  # of rules that would not decide
            diagnostics.append(diagnosis("missing-file.nameless", place, file=place.source.name))
    return by_name, diagnostics, frozenset(used)


def overlaps(by_name: Mapping[str, Sequence[Policy]]) -> list[Diagnostic]:
    """Diagnostics of the days on which two versions of a name are in force."""
    problems = [version_problems([policy.typed for policy in versions]) for versions in by_name.values()]
    return [problem for each in problems for problem in each if problem.code == "version-overlap"]


def check_with_its_own(
    opened: Opened, settings: Settings, of_project: Settings = MappingProxyType({})
) -> tuple[Checked, frozenset[str]]:
    """Checks a text with the settings that it declares. The second result is the names of these settings.

    Settings of the project, which `settings` override, are not among them.
    """
    checked = check_opened(opened, {})
    own = {name: value for name, value in settings.items() if name in checked.settings}
    taken = {**checked.settings_of_project(of_project), **own}
    return (check_opened(opened, taken) if taken else checked), frozenset(own)


def version_problems(policies: Sequence[Dated]) -> list[Diagnostic]:
    """Diagnostics of the days on which two versions are in force, and of gaps between versions."""
    problems: list[Diagnostic] = []
    ordered = sorted(policies, key=_days)
    longest = ordered[0] if ordered else None
    for later in ordered[1:]:
        assert longest is not None
        last, first = _days(longest)[1], _days(later)[0]
        if first <= last:
            shown = datetime.date.fromordinal(first).isoformat()
            related = (Label(longest.place, "the other version"),)
            problems.append(
                diagnosis("version-overlap.day", later.place, policy=later.name, day=shown, related=related)
            )
        elif first > last + 1:
            gap = (datetime.date.fromordinal(last + 1).isoformat(), datetime.date.fromordinal(first - 1).isoformat())
            related = (Label(longest.place, "the version before"),)
            problems.append(
                diagnosis(
                    "version-gap.days", later.place, policy=later.name, first=gap[0], last=gap[1], related=related
                )
            )
        if _days(later)[1] > last:
            longest = later
    return problems


def _days(policy: Dated) -> tuple[int, int]:
    """The first and the last day of a version, as ordinals."""
    since = policy.since if policy.since is not None else datetime.date.min.toordinal()
    until = policy.until if policy.until is not None else datetime.date.max.toordinal()
    return since, until
