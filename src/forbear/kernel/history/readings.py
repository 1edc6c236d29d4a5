"""Derives facts from the events of a case and the moment of its decision.

Like the kernel, the files of this folder import the standard library alone, and use no module while they load. `forbear
compile` copies them into modules whose policy derives facts, so a compiled module and the library count with the same
code.
"""

from __future__ import annotations

import datetime
from collections import abc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from forbear.kernel.cases import (
    HIDDEN,
    ActionDecision,
    Along,
    CaseError,
    FactSpec,
    Fault,
    GridValue,
    Verdict,
    Wrong,
    as_argument,
    as_dict,
    hours_of,
    nearest,
    own,
    read_day,
    read_value,
)
from forbear.kernel.history.counting import (
    BEGINNING,
    OPENING,
    Count,
    CountSpec,
    DerivedSpec,
    EventSpec,
    add_effects,
    days_of,
    told,
)
from forbear.kernel.history.events import EventReader, Events, Past
from forbear.kernel.history.moments import (
    OF_CALENDAR,
    as_list,
    check_covered,
    is_within,
    moment_of,
    of_moment,
    whole_months,
    whole_years,
    worked_between,
    worked_days,
    zones_of,
)

OF_HISTORY: Final = frozenset({"history", "history_from", "zone"})
"""The fields of a case that are not facts."""


class Reading(NamedTuple):
    """A case in one of its time zones: the day there, the case with the values of its derived facts, and the moment."""

    day: datetime.date | None
    case: Mapping[str, object]
    moment: datetime.datetime | None = None


class HistorySpec:
    """The tables by which a history is read.

    `facts` are those of the case. `needed` are the derived facts that some rule reads; the others are not counted.
    Everything that follows from these alone is prepared once, and effects of events are remembered: see `EventReader`.
    """

    def __init__(
        self,
        facts: Mapping[str, FactSpec],
        events: Mapping[str, EventSpec],
        derived: tuple[DerivedSpec, ...],
        needed: frozenset[str],
    ) -> None:
        self.facts = facts
        self.events = events
        self.derived = derived
        self.needed = needed
        compared = [fact for event in events.values() for _, fact, _ in event.same]
        begun = [spec.since for spec in derived if spec.since is not None and spec.name in needed]
        self.compared = dict.fromkeys([*compared, *begun])
        """The facts of the case that events are compared with, and with whose dates windows begin."""
        self.of_moment = [spec for spec in derived if spec.measure in ("time", "date", "weekday")]
        self.of_hours = [spec for spec in derived if spec.hours is not None]
        self.of_day = [spec for spec in derived if spec.name in needed and (spec.of or spec.measure in OF_CALENDAR)]
        self.unread = {
            spec.name: spec
            for spec in derived
            if spec.name not in needed and (spec.of or spec.measure in ("date", "weekday", *OF_CALENDAR))
        }
        self.of_absent = [
            spec for spec in derived if spec.of is not None and facts[spec.of].absent in ("none", "unknown")
        ]
        """What follows from a date that may be none or unknown, and then is so too."""
        self.dates = [spec.name for spec in derived if spec.measure == "date"]
        """The facts that are the day of the decision."""
        self.by_date = frozenset(
            [spec.name for spec in derived if spec.of or spec.measure in ("date", "weekday", *OF_CALENDAR)]
        )
        """These, and what else goes with that day."""
        self.of_events = [spec.name for spec in derived if spec.events is not None]
        """The facts that follow from the moment, from the day (those that are needed), and from events. `unread` has
        the others that follow from the day, which are only checked."""
        self.counted = [
            CountSpec.of(spec, facts[spec.name], events[spec.events.event])
            for spec in derived
            if spec.events is not None and spec.name in needed
        ]
        self.readers = {name: EventReader(spec, facts, self.counted) for name, spec in events.items()}

    def but(self, **changed: Any) -> HistorySpec:
        """The same tables but for some."""
        return HistorySpec(
            **{"facts": self.facts, "events": self.events, "derived": self.derived, "needed": self.needed, **changed}
        )


def readings(specs: HistorySpec, case: object, on: object, at: object, past: Past | None = None) -> list[Reading]:
    """The case in each of its time zones. Raises `CaseError` with every error of its events and moments.

    A case may have `history`, a list of events; `history_from`, the first day that the history covers, or "opening";
    and `zone`, one name of the IANA database or several. `on` and `at` are the day and the moment of the decision. What
    its events do is added to `past`.
    """
    faults: list[Fault] = []
    entries = as_dict(case)
    if entries is None:
        given = HIDDEN if any(spec.private for spec in specs.facts.values()) else as_argument(case)
        raise CaseError([Fault.of(None, "no-object", given=given)])
    facts = {name: value for name, value in entries.items() if name not in OF_HISTORY}
    zones = zones_of(entries, at, faults)
    if at is None:
        if "history" in entries:
            faults.append(Fault.of("history", "history-without-moment"))
        ages = {}
        if on is not None and not faults:
            today = _on(on)
            faults += other_days(specs, facts, today)
            ages = ages_of(specs, facts, today, faults)
        elif (name := day_given(specs, facts)) is not None and not faults:
            check_day(specs, facts, name, faults)
        elif not faults:
            faults += halves(specs, facts)
        if faults:
            raise CaseError(faults)
        return [Reading(None, {**facts, **ages})]
    moments = []
    for zone in zones:
        try:
            moments.append(moment_of(at, zone, len(zones)))
        except Wrong as wrong:
            faults.append(wrong.fault("at", name="at"))
    if faults:
        raise CaseError(dict.fromkeys(faults))
    by_zone = []
    clocks = [moment.astimezone(zone) for moment, zone in zip(moments, zones, strict=True)]
    counts = counts_of(specs, entries, clocks, len(zones), faults, past) if "history" in entries else None
    for place, local in enumerate(clocks):
        counted = {} if counts is None else _counted(specs, facts, counts[0][place], local, counts[1], faults)
        ages = ages_of(specs, facts, local.date(), faults)
        values = {**facts, **of_decision(specs, facts, local, faults), **ages, **counted}
        by_zone.append(Reading(local.date(), values, local))
    if on is not None and not faults:
        _agree(on, [reading.day for reading in by_zone], faults)
    if faults:
        raise CaseError(dict.fromkeys(faults))
    return by_zone


def _agree(on: object, days: Iterable[datetime.date | None], faults: list[Fault]) -> None:
    try:
        day = read_day(on)
    except Wrong as wrong:
        faults.append(wrong.fault("on"))
        return
    for local_day in days:
        if local_day is not None and local_day.toordinal() != day:
            faults.append(Fault.of("on", "another-day", day=local_day.isoformat()))


def of_decision(
    specs: HistorySpec, facts: Mapping[str, object], local: datetime.datetime, faults: list[Fault]
) -> dict[str, object]:
    """The values of the facts that are derived from the moment of the decision."""
    derived: dict[str, object] = {}
    for spec in specs.of_moment:
        derived[spec.name] = of_moment(spec.measure, local)
        if spec.name in facts:
            faults.append(Fault.of(spec.name, "follows", name=spec.name, other="at"))
    for spec in specs.of_hours:
        hours = hours_given(specs, spec, facts, faults)
        if hours is not None:
            derived[spec.name] = is_within(hours, local)
    return derived


def hours_given(
    specs: HistorySpec, spec: DerivedSpec, facts: Mapping[str, object], faults: list[Fault]
) -> list[tuple[int, int]] | None:
    """The weekly hours of a case from which a fact follows at its moment; None if they are unknown, or if the case
    gives the fact itself without them."""
    assert spec.hours is not None
    fact = specs.facts[spec.hours]
    if spec.hours not in facts:
        return None
    if spec.name in facts:
        faults.append(Fault.of(spec.name, "follows", name=spec.name, other=spec.hours))
    try:
        text = read_value(fact, facts[spec.hours])
    except Wrong as wrong:
        faults.append(wrong.fault(spec.hours, name=spec.hours))
        return None
    return None if text is None and fact.absent == "unknown" else hours_of(text or "")


def day_given(specs: HistorySpec, facts: Mapping[str, object]) -> str | None:
    """Returns the fact by which a case without `on` names the day of its decision, if the case also gives a fact that
    must agree with that day.
    """
    if len(specs.by_date.intersection(facts)) < 2:
        return None
    return next((name for name in specs.dates if facts.get(name) is not None), None)


def check_day(specs: HistorySpec, facts: Mapping[str, object], name: str, faults: list[Fault]) -> None:
    """Checks the facts that must agree with the day of the decision, which the case names by a fact. Nothing is derived
    from that day: it is not the day that was asked about.
    """
    try:
        today = datetime.date.fromordinal(int(read_value(specs.facts[name], facts[name]) or 0))
    except Wrong:
        return  # which is an error of the fact
    faults += other_days(specs, facts, today, name)
    ages_of(specs, facts, today, faults, derive=False)


def pairs_given(specs: HistorySpec, facts: Collection[str]) -> list[DerivedSpec]:
    """Returns the facts that a case gives together with the date from which they follow, if the date may be none or
    unknown.
    """
    return [spec for spec in specs.of_absent if spec.name in facts and spec.of in facts]


def halves(specs: HistorySpec, facts: Mapping[str, object]) -> Iterator[Fault]:
    """The faults of a date and what follows from it, of which a case without a day gives one alone a value."""
    for spec in pairs_given(specs, facts):
        assert spec.of is not None
        date = specs.facts[spec.of]
        try:
            read = [read_value(fact, facts[fact.name]) for fact in (specs.facts[spec.name], date)]
        except Wrong:
            continue  # which is an error of the fact
        if (read[0] is None) != (read[1] is None):
            given = {"given": facts[spec.name], "following": facts[spec.of]}
            private = specs.facts[spec.name].private or date.private
            shown = {name: HIDDEN if private else as_argument(each) for name, each in given.items()}
            yield Wrong("half-given", shown, other=spec.of).fault(spec.name, name=spec.name)


def other_days(specs: HistorySpec, facts: Mapping[str, object], today: datetime.date, other: str = "on") -> list[Fault]:
    """Returns the faults of facts that name a different day of decision than `today`, which comes from `other`. Unknown
    facts name none.
    """
    faults = []
    midnight = datetime.datetime.combine(today, datetime.time())
    for spec in specs.of_moment:
        if spec.measure != "time" and facts.get(spec.name) is not None:
            try:
                _check_same(specs, spec, facts[spec.name], of_moment(spec.measure, midnight), other)
            except Wrong as wrong:
                faults.append(wrong.fault(spec.name, name=spec.name))
    return faults


def reads_day(specs: HistorySpec) -> bool:
    """Returns true if some rule reads a fact that must agree with the day of the decision: an age, that day, whether it
    is worked.
    """
    return bool(specs.of_day) or any(spec.measure != "time" and spec.name in specs.needed for spec in specs.of_moment)


def _on(on: object) -> datetime.date:
    try:
        return datetime.date.fromordinal(read_day(on))
    except Wrong as wrong:
        raise CaseError([wrong.fault(None)]) from None


def ages_of(
    specs: HistorySpec, facts: Mapping[str, object], today: datetime.date, faults: list[Fault], *, derive: bool = True
) -> dict[str, object]:
    """Returns the values of the facts that follow from the day of the decision: whether it is a working day or a
    holiday; and, with a date of the case, an age. An age is given outright if the case has no such date.

    A case may also give such a fact, even one that no rule reads; it must be right. Without `derive` only these are
    looked at.
    """
    values: dict[str, object] = {}

    def follows(spec: DerivedSpec, value: object) -> None:
        try:
            if spec.name in facts:
                _check_same(specs, spec, facts[spec.name], value, spec.of)
        except Wrong as wrong:
            faults.append(wrong.fault(spec.name, name=spec.name))
        else:
            if value is not None:
                values[spec.name] = value

    given = [spec for name, spec in specs.unread.items() if name in facts and spec.measure not in ("date", "weekday")]
    for spec in [*specs.of_day, *given]:
        if not derive and (spec.name not in facts or (spec.of is not None and spec.of not in facts)):
            continue
        if spec.of is None:
            try:
                assert spec.calendar is not None
                check_covered(spec.calendar, today.toordinal())
            except Wrong as wrong:
                faults.append(wrong.fault(spec.name, name=spec.name))
            else:
                follows(spec, worked_days(spec.calendar, today.toordinal() - 1, today.toordinal()) == 1)
            continue
        of = specs.facts[spec.of]
        if spec.of not in facts:
            if spec.name not in facts and of.absent != "unknown":
                faults.append(Fault.of(spec.of, "missing-for-fact", name=spec.of, other=spec.name))
            continue
        try:
            day = read_value(of, facts[spec.of])
        except Wrong as wrong:
            faults.append(wrong.fault(spec.of, name=spec.of))
            continue
        if day is None:
            follows(spec, "none" if of.absent == "none" else None)
            continue
        date = datetime.date.fromordinal(int(day))
        if spec.measure == "days until":
            follows(spec, int(day) - today.toordinal())
        elif spec.calendar is not None:
            try:
                follows(spec, worked_between(spec.calendar, int(day), today.toordinal()))
            except Wrong as wrong:
                private = of.private or specs.facts[spec.name].private
                faults.append((wrong.hidden() if private else wrong).fault(spec.name, name=spec.name))
        elif date > today:
            after = Wrong("after-day", {"date": date.isoformat()})
            faults.append((after.hidden() if of.private else after).fault(spec.of, name=spec.of))
        else:
            follows(spec, (whole_years if spec.measure == "years since" else whole_months)(date, today))
    return values


def _check_same(specs: HistorySpec, spec: DerivedSpec, raw: object, value: object, other: str | None) -> None:
    """Raises `Wrong` if a case gives another value than the one that follows from `other`, a fact or `on`."""
    fact = specs.facts[spec.name]
    if read_value(fact, raw) == (None if value is None else read_value(fact, value)):
        return
    if spec.of is None and spec.calendar is not None:
        raise Wrong("another-working-day", calendar=spec.calendar.name)
    private = fact.private or (other is not None and other in specs.facts and specs.facts[other].private)
    following = str(value) if isinstance(value, datetime.date) else value
    given = {"given": raw, "following": following}
    shown = {name: HIDDEN if private else as_argument(each) for name, each in given.items()}
    raise Wrong("not-of-day" if spec.of is None else "another-age", shown, other=other)


def has_history(specs: HistorySpec, case: object, on: object, at: object) -> bool:
    """Returns true if a case has a history, a moment of decision, a day from which ages follow, or an age with its
    date; also if it is not a case at all but has a moment, an error that `readings` reports.
    """
    if at is not None:
        return True
    entries = case if type(case) is dict else as_dict(case)
    if on is not None and (reads_day(specs) or (entries is not None and not specs.unread.keys().isdisjoint(entries))):
        return type(case) is dict or isinstance(case, abc.Mapping)
    if entries is not None and on is None and (pairs_given(specs, entries) or day_given(specs, entries) is not None):
        return True
    return bool(specs.events) and entries is not None and not OF_HISTORY.isdisjoint(entries)


def _unknown_beside(specs: HistorySpec, facts: Mapping[str, object], derived: DerivedSpec) -> list[str]:
    """The unknown facts of the case on which it may depend whether an event counts."""
    events = [specs.events[selection.event] for selection in (derived.events, derived.anchor) if selection is not None]
    compared = {fact for event in events for _, fact, _ in event.same}
    compared |= {derived.since} if derived.since is not None else set()
    return [name for name in sorted(compared) if specs.facts[name].absent == "unknown" and facts.get(name) is None]


def _counted(
    specs: HistorySpec,
    facts: Mapping[str, object],
    counts: Iterable[Count],
    local: datetime.datetime,
    covered: int,
    faults: list[Fault],
) -> dict[str, object]:
    """The values of the facts that are derived from the events of a case."""
    values: dict[str, object] = {}
    today = local.toordinal()
    for count in counts:
        fact = count.spec.fact
        value = told(count, fact, today, covered)
        if isinstance(value, Fault):
            unknown = _unknown_beside(specs, facts, count.spec.derived) if value.code == "half-known" else []
            more = {"facts": unknown} if unknown else {}
            faults.append(Fault.of(value.fact, value.code, **value.arguments, **more))
        elif value is not None:
            values[fact.name] = value
    return values


def counts_of(
    specs: HistorySpec,
    case: Mapping[str, object],
    clocks: Sequence[datetime.datetime],
    zones: int,
    faults: list[Fault],
    past: Past | None,
) -> tuple[list[list[Count]], int] | None:
    """Counts the events of a case for each needed fact, on each of the clocks, and returns the first day that the
    history covers too; None if that is an error, or not all events could be read.

    The clocks show the moment of the decision in some of the `zones` that the case has. The effects of the events are
    added to `past`.
    """
    events = as_list(case["history"])
    if events is None:
        hides = any(event.hides for event in specs.events.values())
        faults.append(Fault.of("history", "no-history", given=HIDDEN if hides else as_argument(case["history"])))
        return None
    covered = covered_from(case, faults)
    case_values = _this(specs, case, faults)
    if case_values is None or covered is None:
        return None
    for name in specs.of_events:
        if name in case:
            faults.append(Fault.of(name, "follows", name=name, other="history"))
    counts = []
    for local in clocks:
        counts.append([Count(spec, local) for spec in specs.counted])
        _begin(specs, counts[-1], case_values)
    read = Events(specs.readers, events, case_values, faults).read(clocks, counts, zones, past)
    return (counts, covered) if read else None


def past_of(
    specs: HistorySpec, case: Mapping[str, object], local: datetime.datetime, zones: int, faults: list[Fault]
) -> Past | None:
    """Returns the effects of the events of a case, and their moments; None if there are errors."""
    past: Past = []
    return None if counts_of(specs, case, [local], zones, faults, past) is None else past


def counts_ahead(
    specs: HistorySpec, case: Mapping[str, object], local: datetime.datetime, past: Past, faults: list[Fault]
) -> tuple[list[Count], int]:
    """Counts that keep what may still count later, of events that have been read, and the first day that the history
    covers. Clocks may go back over a midnight."""
    before = local - datetime.timedelta(days=1)
    counts = [Count(spec, local, days_of(spec.derived, before, None)[0]) for spec in specs.counted]
    _begin(specs, counts, _this(specs, case, faults) or {})
    for effects, (moment, zone, day) in past:
        add_effects(
            counts, effects, moment, day if zone is local.tzinfo else moment.astimezone(local.tzinfo).toordinal()
        )
    return counts, covered_from(case, faults) or BEGINNING


def _begin(specs: HistorySpec, counts: Sequence[Count], case_values: Mapping[str, GridValue]) -> None:
    """Lets the windows begin that do with a date of the case."""
    for count in counts:
        since = count.spec.derived.since
        if since is not None:
            day = case_values.get(since)
            count.begin_with(specs.facts[since], None if day is None else int(day))


def covered_from(case: Mapping[str, object], faults: list[Fault]) -> int | None:
    """The first day, as an ordinal, from which on all events are known; None where that is an error."""
    if "history_from" not in case:
        near = nearest("history_from", [name for name in case if type(name) is str])
        faults.append(Fault.of("history_from", "no-history-from", **({} if near is None else {"nearest": near})))
        return None
    first = own(case["history_from"])
    if type(first) is str and first == OPENING:
        return BEGINNING
    try:
        return read_day(case["history_from"])
    except Wrong as wrong:
        faults.append(wrong.fault("history_from", name="history_from", word=OPENING))
        return None


def _this(specs: HistorySpec, case: Mapping[str, object], faults: list[Fault]) -> dict[str, GridValue] | None:
    """The values of the facts that events are compared with; None where one is an error."""
    values: dict[str, GridValue] = {}
    for name in specs.compared:
        spec = specs.facts[name]
        if name not in case and spec.absent != "unknown":
            faults.append(Fault.of(name, "missing-for-events", name=name))
            return None
        try:
            values[name] = read_value(spec, case.get(name))
        except Wrong as wrong:
            faults.append(wrong.fault(name, name=name))
            return None
    return values


# All errors of a case together: those of zones, moments and events, and those of facts.


def readings_or_all_errors(
    specs: HistorySpec,
    case: object,
    on: object,
    at: object,
    read: Callable[[Mapping[str, object]], object],
    past: Past | None = None,
) -> list[Reading]:
    """Returns the case in each of its time zones, as `readings` does. Raises `CaseError` with the errors of that and
    with those of the facts, which `read` finds and raises.

    Possible consequences of an error are left out: that a fact is missing which would be derived, other errors of the
    same fact, and an unknown name that is a misspelt `zone`.
    """
    try:
        return readings(specs, case, on, at, past)
    except CaseError as error:
        faults = list(error.faults)
    entries = as_dict(case)
    if entries is None:
        raise CaseError(faults)
    told = {fault.fact for fault in faults}
    told |= {fault.arguments.get("nearest") for fault in faults if fault.fact in OF_HISTORY}
    derived = {spec.name for spec in specs.derived}

    def is_its_own(fault: Fault) -> bool:
        return fault.fact not in told and not (fault.code == "missing" and fault.fact in derived)

    try:
        read({name: value for name, value in entries.items() if name not in OF_HISTORY})
    except CaseError as error:
        faults += filter(is_its_own, error.faults)
    raise CaseError(faults)


# The decisions on a case in several time zones, combined into the strictest.


def strictest(decisions: Sequence[ActionDecision]) -> ActionDecision:
    """The decision on a case with several time zones, from those in each: an action is permitted if it is in all."""
    if len(decisions) == 1:
        return decisions[0]
    verdicts = {decision.verdict for decision in decisions}
    verdict = next(
        verdict
        for verdict in (Verdict.FORBIDDEN, Verdict.UNSAID, Verdict.REQUIRED, Verdict.ALLOWED)
        if verdict in verdicts
    )
    giving = [decision for decision in decisions if decision.verdict is verdict]
    return ActionDecision(
        verdict,
        tuple(dict.fromkeys(rule for decision in giving for rule in decision.rules)),
        tuple(dict.fromkeys(because for decision in giving for because in decision.because)),
        tuple(dict.fromkeys(source for decision in giving for source in decision.source)),
        tuple(sorted({fact for decision in decisions for fact in decision.unknown})),
        _along(decisions) if giving[0].permitted else (),
    )


def _along(decisions: Sequence[ActionDecision]) -> tuple[Along, ...]:
    """Returns the actions that must accompany an action by any of some decisions."""
    rules: dict[str, dict[str, None]] = {}
    for companion in [companion for decision in decisions for companion in decision.along]:
        rules.setdefault(companion.action, {}).update(dict.fromkeys(companion.rules))
    return tuple([Along(action, tuple(rules[action])) for action in sorted(rules)])
