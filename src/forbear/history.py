"""From the events of a case, and the moment of its decision, to the facts that are derived from them.

Like the kernel, this file imports the standard library alone, and uses no module while it loads. `forbear compile`
copies it into modules whose policy derives facts, so a compiled module and the library count with the same code.

A day is a calendar date in the borrower's own time zone. Each event is read once, in any order, however many facts are
derived from it. Whether it counts for a fact depends on its attributes alone, so that is memoised by their values.
"""

from __future__ import annotations

import bisect
import calendar
import datetime
import operator
import re
from collections import abc
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from forbear.kernel import (
    HIDDEN,
    LONGEST_NAME,
    ActionDecision,
    Along,
    CaseError,
    FactSpec,
    Fault,
    GridValue,
    InPart,
    Verdict,
    Wrong,
    as_argument,
    as_dict,
    as_given,
    has_half_a_character,
    is_scalar,
    nearest,
    number_argument,
    own,
    read_day,
    read_value,
    tells_enough,
    unknown_name,
)

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OPENING: Final = "opening"
"""The value of `history_from` for a history of every event since the account was opened."""
OF_HISTORY: Final = frozenset({"history", "history_from", "zone"})
"""What a case may hold besides facts."""
_OF_EVERY_EVENT: Final = ("event", "at")
_BEGINNING: Final = 0
_MOST_DIGITS: Final = 4_300
"""Digits of an id, as of every number of a case in JSON: a longer one cannot be written down."""
_FEW_BITS: Final = 3 * _MOST_DIGITS
"""No number of so many bits has more digits, as 8 is less than 10."""
_MOST_ZONES: Final = 100
_MOST_FAULTS: Final = 100
"""After so many errors of events no other event is read."""
_DAYS_OF_MONTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MOST_FORMS: Final = 32
_MOST_EFFECTS: Final = 500
_MOST_MOMENTS: Final = 10_000
_MOST_ZONES_REMEMBERED: Final = 12
_MOST_DAYS: Final = 50
"""So many of each are remembered: a memory that is full is emptied."""

Where: TypeAlias = "Callable[..., bool | None]"
"""From the values of an event's attributes, and then of its flags, to whether the event is selected; None is
unknown."""


def never_counted(*values: object) -> bool | None:
    """The selection of a fact that no rule reads: no event counts."""
    return False


class EventSpec(NamedTuple):
    """How an event is read.

    `same` has, for each flag, the number of an attribute and the fact of the case that it is compared with. `read` has
    the numbers of those that selections read themselves. No error message shows a `private_id`.
    """

    name: str
    attributes: tuple[FactSpec, ...]
    same: tuple[tuple[int, str], ...]
    read: tuple[int, ...]
    private_id: bool

    @property
    def hides(self) -> bool:
        """Whether the id or an attribute is private."""
        return self.private_id or any(attribute.private for attribute in self.attributes)


class Selection(NamedTuple):
    """The events of one name for which `where` is true."""

    event: str
    where: Where


class CalendarSpec(NamedTuple):
    """Which days are worked, from the `first` to the `last` (ordinals). `weekend` has days of the week, Monday as 0;
    `holidays` are not worked, and of the weekend the `working` days are."""

    name: str
    first: int
    last: int
    weekend: tuple[int, ...]
    holidays: tuple[int, ...]
    working: tuple[int, ...]


class DerivedSpec(NamedTuple):
    """How a fact is derived.

    `measure` is `count`, `sum`, `any`, `days since`, `days since first`, `last`, `first`, `years since`,
    `months since`, `days until`, `working day`, `working days since`, `time`, `date` or `weekday`. `window` is `days`,
    `hours`, `months`, `week`, `month`, `at least`, `between`, `since` or `ever`. `number` is its length in days, hours
    or months, or how many days ago it begins or, `at least`, ends; `least`, how many days ago `between` ends; and
    `anchor` the events after which it begins. `attribute` is the number of that which is summed, or taken of the last
    or first event. `of` is the fact of the case whose date an age follows from, `calendar` that of working days.
    """

    name: str
    measure: str
    events: Selection | None = None
    window: str = "ever"
    number: int = 0
    anchor: Selection | None = None
    least: int = 0
    attribute: int | None = None
    of: str | None = None
    calendar: CalendarSpec | None = None


class Reading(NamedTuple):
    """A case in one of its time zones: the day there, the case with the values of its derived facts, and the moment."""

    day: datetime.date | None
    case: Mapping[str, object]
    moment: datetime.datetime | None = None


class HistorySpec:
    """The tables by which a history is read.

    `facts` are those of the case. `needed` are the derived facts that some rule reads; the others are not counted.
    What can be told from these alone is prepared once, and what events do is remembered: see `_Reader`.
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
        self.compared = dict.fromkeys(fact for event in events.values() for _, fact in event.same)
        """The facts of the case that events are compared with."""
        self.of_moment = [spec for spec in derived if spec.measure in ("time", "date", "weekday")]
        self.of_day = [spec for spec in derived if spec.name in needed and (spec.of or spec.measure == "working day")]
        self.of_events = [spec.name for spec in derived if spec.events is not None]
        """The facts that follow from the moment, from the day (those that are needed), and from events."""
        self.counted = [
            CountSpec.of(spec, facts[spec.name], events[spec.events.event])
            for spec in derived
            if spec.events is not None and spec.name in needed
        ]
        self.readers = {name: _Reader(spec, facts, self.counted) for name, spec in events.items()}
        self.windows: dict[int, list[tuple[int, int]]] = {}
        """By the last days asked: the first and the last day of each window that depends on the day alone."""

    def but(self, **changed: Any) -> HistorySpec:
        """The same tables but for some."""
        return HistorySpec(
            **{"facts": self.facts, "events": self.events, "derived": self.derived, "needed": self.needed, **changed}
        )


def readings(
    specs: HistorySpec, case: Mapping[str, object], on: object, at: object, past: Past | None = None
) -> list[Reading]:
    """The case in each of its time zones. Raises `CaseError` with every error of its events and moments.

    A case may have `history`, a list of events; `history_from`, the first day that the history covers, or "opening";
    and `zone`, one name of the IANA database or several. `on` and `at` are the day and the moment of the decision. What
    its events do is added to `past`.
    """
    faults: list[Fault] = []
    entries = as_dict(case)
    if entries is None:
        raise CaseError([Fault.of(None, "no-object", given=as_argument(case))])
    facts = {name: value for name, value in entries.items() if name not in OF_HISTORY}
    zones = zones_of(entries.get("zone"), at, faults)
    if at is None:
        if "history" in entries:
            faults.append(Fault.of("history", "history-without-moment"))
        ages = {}
        if on is not None and not faults:
            today = _on(on)
            faults += other_days(specs, facts, today)
            ages = ages_of(specs, facts, today, faults)
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
        counted = {} if counts is None else _counted(counts[0][place], local, counts[1], faults)
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
    return derived


def of_moment(measure: str, local: datetime.datetime) -> object:
    """The time, the date or the weekday of a moment on the clocks of a zone."""
    if measure == "time":
        return local.time().replace(microsecond=0, fold=0)
    return local.date() if measure == "date" else WEEKDAYS[local.weekday()]


def other_days(specs: HistorySpec, facts: Mapping[str, object], today: datetime.date) -> list[Fault]:
    """The faults of facts that name another day than `today` as that of the decision. Unknown ones name none."""
    faults = []
    midnight = datetime.datetime.combine(today, datetime.time())
    for spec in specs.of_moment:
        if spec.measure != "time" and spec.name in specs.needed and facts.get(spec.name) is not None:
            try:
                _check_same(specs, spec, facts[spec.name], of_moment(spec.measure, midnight))
            except Wrong as wrong:
                faults.append(wrong.fault(spec.name, name=spec.name))
    return faults


def reads_day(specs: HistorySpec) -> bool:
    """Whether some rule reads what has to go with the day of the decision: an age, that day, whether it is worked."""
    return bool(specs.of_day) or any(spec.measure != "time" and spec.name in specs.needed for spec in specs.of_moment)


def _on(on: object) -> datetime.date:
    try:
        return datetime.date.fromordinal(read_day(on))
    except Wrong as wrong:
        raise CaseError([wrong.fault(None)]) from None


def ages_of(
    specs: HistorySpec, facts: Mapping[str, object], today: datetime.date, faults: list[Fault]
) -> dict[str, object]:
    """The values of the facts that follow from the day of the decision: whether it is a working day; and, with a date
    of the case, an age, which is given outright where the case has no such date.

    A case may give such a fact as well, as what it is.
    """
    values: dict[str, object] = {}

    def follows(spec: DerivedSpec, value: object) -> None:
        try:
            if spec.name in facts:
                _check_same(specs, spec, facts[spec.name], value)
        except Wrong as wrong:
            faults.append(wrong.fault(spec.name, name=spec.name))
        else:
            if value is not None:
                values[spec.name] = value

    for spec in specs.of_day:
        if spec.of is None:
            try:
                assert spec.calendar is not None
                _check_covered(spec.calendar, today.toordinal())
            except Wrong as wrong:
                faults.append(wrong.fault(spec.name, name=spec.name))
            else:
                follows(spec, _worked(spec.calendar, today.toordinal() - 1, today.toordinal()) == 1)
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
        elif date > today:
            after = Wrong("after-day", {"date": date.isoformat()})
            faults.append((after.hidden() if of.private else after).fault(spec.of, name=spec.of))
        else:
            follows(spec, (whole_years if spec.measure == "years since" else whole_months)(date, today))
    return values


def _check_same(specs: HistorySpec, spec: DerivedSpec, raw: object, value: object) -> None:
    """Raises `Wrong` where a case gives another value than the one that follows."""
    fact = specs.facts[spec.name]
    if read_value(fact, raw) == (None if value is None else read_value(fact, value)):
        return
    if spec.calendar is not None:
        raise Wrong("another-working-day", calendar=spec.calendar.name)
    private = fact.private or (spec.of is not None and specs.facts[spec.of].private)
    following = str(value) if isinstance(value, datetime.date) else value
    given = {"given": raw, "following": following}
    shown = {name: HIDDEN if private else as_argument(each) for name, each in given.items()}
    raise Wrong("not-of-day", shown) if spec.of is None else Wrong("another-age", shown, other=spec.of)


@lru_cache(maxsize=100)
def working_days(days: CalendarSpec) -> tuple[int, ...]:
    """The working days that a calendar covers, in order."""
    holidays, working = frozenset(days.holidays), frozenset(days.working)
    return tuple(
        [
            day
            for day in range(days.first, days.last + 1)
            if day not in holidays and (day in working or (day - 1) % 7 not in days.weekend)
        ]
    )


def _worked(days: CalendarSpec, after: int, until: int) -> int:
    """How many working days there are after a day, until another one."""
    worked = working_days(days)
    return max(bisect.bisect_right(worked, until) - bisect.bisect_left(worked, after + 1), 0)


def _check_covered(days: CalendarSpec, day: int) -> None:
    """Raises `Wrong` for a day that a calendar does not cover."""
    if not days.first <= day <= days.last:
        first, last, uncovered = (
            datetime.date.fromordinal(ordinal).isoformat() for ordinal in (days.first, days.last, max(day, 1))
        )
        raise Wrong("not-covered", {"day": uncovered}, calendar=days.name, first=first, last=last)


def whole_years(date: datetime.date, today: datetime.date) -> int:
    """How many years are complete: in common years 29 February comes round on 1 March."""
    return today.year - date.year - ((today.month, today.day) < (date.month, date.day))


def whole_months(date: datetime.date, today: datetime.date) -> int:
    """How many months are complete: a day that a month does not have comes round on its last day."""
    months = (today.year - date.year) * 12 + today.month - date.month
    return months - (today.day < min(date.day, _length(today.year, today.month)))


def _length(year: int, month: int) -> int:
    """The days of a month, as `calendar.monthrange` gives them in twice the time."""
    return 29 if month == 2 and calendar.isleap(year) else _DAYS_OF_MONTHS[month - 1]


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
    """What goes along with an action by any of some decisions."""
    rules: dict[str, dict[str, None]] = {}
    for companion in [companion for decision in decisions for companion in decision.along]:
        rules.setdefault(companion.action, {}).update(dict.fromkeys(companion.rules))
    return tuple([Along(action, tuple(rules[action])) for action in sorted(rules)])


def has_history(specs: HistorySpec, case: object, on: object, at: object) -> bool:
    """Whether a case has a history, a moment of decision, or a day from which ages follow, besides facts."""
    if at is not None or (on is not None and reads_day(specs)):
        return type(case) is dict or isinstance(case, abc.Mapping)
    entries = case if type(case) is dict else as_dict(case)
    return bool(specs.events) and entries is not None and not OF_HISTORY.isdisjoint(entries)


# Moments and zones

_YEARS: Final = range(1000, 9999)
"""Years so far from the ends of the calendar that no zone and no window exceeds them."""

MOMENT = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)  # without groups it is four times as fast
"""A moment as a text. Digits of a second beyond the sixth are read and not counted: `fromisoformat` cuts them off."""


def zones_of(raw: object, at: object, faults: list[Fault]) -> list[datetime.tzinfo]:
    """The time zones of a case, or the zone of `at` where the case names none."""
    import zoneinfo  # a case without moments does not need it

    if raw is None:
        own_zone = at.tzinfo if isinstance(at, datetime.datetime) else None
        if isinstance(own_zone, zoneinfo.ZoneInfo):
            return [own_zone]
        if at is not None:
            faults.append(Fault.of("zone", "zone-missing"))
        return []
    names = None if type(raw) is str else _listed(raw)
    if names is None:
        names = [raw]
    zones: list[datetime.tzinfo] = []
    if len(names) > _MOST_ZONES:
        faults.append(Fault.of("zone", "too-many-zones", number=len(names), most=_MOST_ZONES))
        return []
    for name in names:
        zone = _zone(name)
        if zone is None:
            lacking = {} if zoneinfo.available_timezones() else {"package": "tzdata"}
            faults.append(Fault.of("zone", "no-zone", given=as_argument(name), **lacking))
        else:
            zones.append(zone)
    if not names:
        faults.append(Fault.of("zone", "empty-zone"))
    return zones


def _zone(raw: object) -> datetime.tzinfo | None:
    """A time zone as given; None where there is none of that name. Raises `OSError` where it cannot be looked up, as
    where no more files may be open: that says nothing of the name."""
    import errno
    import zoneinfo

    try:
        name = raw if isinstance(raw, datetime.tzinfo) else own(raw)
    except Exception:  # a foreign class may raise anything
        return None
    if isinstance(name, datetime.tzinfo):
        return name
    try:
        return zoneinfo.ZoneInfo(name) if isinstance(name, str) else None
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL):
            return None  # such as "America", a folder of zones
        raise
    except Exception:  # no name of a zone
        return None


def moment_of(raw: object, zone: datetime.tzinfo, zones: int) -> datetime.datetime:
    """A moment as given, in UTC. Without an offset it is local time, if the case has one zone. Raises `Wrong`."""
    try:
        return _read_moment(own(raw), zone, zones)
    except Wrong:
        raise
    except Exception:  # a foreign class may raise anything
        raise Wrong("unreadable-moment", {"given": as_argument(raw)}) from None


def _read_moment(raw: object, zone: datetime.tzinfo, zones: int) -> datetime.datetime:
    if type(raw) is str and MOMENT.fullmatch(raw):
        try:
            moment = datetime.datetime.fromisoformat(raw)
        except ValueError:
            raise Wrong("no-such-moment", {"given": as_argument(raw)}) from None
    elif isinstance(raw, datetime.datetime):
        moment = raw
    else:
        zoneless = {"type": "datetime64"} if type(raw).__name__ == "datetime64" else {}
        raise Wrong("no-moment", {"given": as_argument(raw), **_with_colon(raw)}, **zoneless)
    if not _YEARS.start <= moment.year < _YEARS.stop:
        raise Wrong("out-of-years", {"given": as_argument(raw)}, first=_YEARS.start, last=_YEARS.stop - 1)
    if moment.tzinfo is not None:
        return moment.astimezone(datetime.UTC)  # Python compares moments of one zone by what its clocks show
    if zones > 1:
        raise Wrong("no-offset", {"given": as_argument(raw)})
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        twice = first.utcoffset() > second.utcoffset()  # type: ignore[operator]
        raise Wrong("shown-twice" if twice else "never-shown", {"given": as_argument(raw)})
    return first.astimezone(datetime.UTC)


def _with_colon(raw: object) -> dict[str, str]:
    """The offset with a colon, of a moment that lacks it alone, as many formatters write one: `+0000`."""
    if type(raw) is not str or not MOMENT.fullmatch(f"{raw[:-2]}:{raw[-2:]}"):
        return {}
    return {"offset": f"{raw[-5:-2]}:{raw[-2:]}"}


# Counting


class Seen(NamedTuple):
    """An event that is kept: its moment and day, whether it is selected, and its least and greatest amount, which are
    None where it is none."""

    moment: datetime.datetime
    day: int
    truth: bool | None
    low: int | None
    high: int | None


class CountSpec(NamedTuple):
    """How a fact is counted, by how it is `derived`.

    `attribute` is the one that is summed, or taken of one event, and `amounts` are the least and the greatest that an
    event may add. `of_days` counts days since events, `of_one` tells of one event, and `of_anchor` begins at one.
    """

    derived: DerivedSpec
    fact: FactSpec
    attribute: FactSpec | None
    amounts: tuple[int, int]
    of_days: bool
    of_one: bool
    of_anchor: bool

    @classmethod
    def of(cls, derived: DerivedSpec, fact: FactSpec, event: EventSpec) -> CountSpec:
        attribute = None if derived.attribute is None else event.attributes[derived.attribute]
        return cls(
            derived,
            fact,
            attribute,
            (1, 1) if attribute is None else (attribute.low, attribute.high),
            derived.measure in ("days since", "days since first", "working days since"),
            derived.measure in ("last", "first"),
            derived.window == "since",
        )

    def effect(self, place: int, is_anchor: bool, truth: bool | None, values: Sequence[GridValue]) -> Effect:
        """What an event does for the fact, the count of which has a `place`, by the values of its attributes."""
        low: int | None
        high: int | None
        low, high = self.amounts
        if self.attribute is not None and not is_anchor:
            assert self.derived.attribute is not None
            value = values[self.derived.attribute]
            if value is not None:
                low = high = int(value)
            elif self.attribute.absent == "none":
                low = high = None if self.of_one else 0
        if truth is None and not self.of_one:
            assert low is not None
            assert high is not None
            low, high = min(low, 0), max(high, 0)
        return place, is_anchor, truth, low, high


Effect: TypeAlias = "tuple[int, bool, bool | None, int | None, int | None]"
"""What an event does for a fact: the place of its count, whether the event is an anchor or counts, and whether it is
selected (None is unknown); and its least and greatest amount."""


class Count:
    """What events give for one fact: the sum of those in its window, and when the last and first were.

    A count is a sum of ones. An event of which it is unknown whether it counts is *open*; it adds its amount or none.
    `window` has its first and its last day. With `kept_since` a count keeps the events from a day on, instead of adding
    them up: those that may still count later.
    """

    low = high = 0
    """The least and the greatest sum of the events in the window, unless it begins at an anchor."""
    last = _BEGINNING
    first: int | None = None
    """The days of the last and of the first event that counts."""
    last_open = _BEGINNING
    first_open: int | None = None
    """The days of the last and of the first open event."""
    anchor: datetime.datetime | None = None
    """The last event that certainly is an anchor. `anchor_day` is its day."""
    anchor_day = _BEGINNING
    start: datetime.datetime | None = None
    """The moment at which a window of hours begins, in UTC."""

    def __init__(
        self, spec: CountSpec, local: datetime.datetime, window: tuple[int, int], kept_since: int | None
    ) -> None:
        self.spec = spec
        self.begin, self.end = window
        """The first and the last day of the window, as ordinals."""
        span = spec.derived.window
        if span == "hours":
            self.start = start_of(spec.derived, local)
            self.begin, self.end = days_of(spec.derived, local, self.start)
        whole = spec.of_one or spec.of_anchor
        self.keeps = whole or (kept_since is not None and not spec.of_days and span != "ever")
        if self.keeps:
            self.kept_since = kept_since if kept_since is not None and not whole else _BEGINNING
            self.seen: list[Seen] = []
            """The events that count if they are after the anchor, or the last or first."""
            self.open_anchors: list[datetime.datetime] = []
            """The events that may be anchors."""


def start_of(spec: DerivedSpec, local: datetime.datetime) -> datetime.datetime | None:
    return local.astimezone(datetime.UTC) - datetime.timedelta(hours=spec.number) if spec.window == "hours" else None


def days_of(spec: DerivedSpec, local: datetime.datetime, start: datetime.datetime | None) -> tuple[int, int]:
    """The first and the last day of a window."""
    today = local.toordinal()
    if start is not None:
        return start.astimezone(local.tzinfo).toordinal(), today
    match spec.window:
        case "days":
            return today - spec.number + 1, today
        case "months":
            return _first_of_months(local.date(), spec.number), today
        case "week":
            return today - local.weekday(), today
        case "month":
            return today - local.day + 1, today
        case "at least":
            return _BEGINNING, today - spec.number
        case "between":
            return today - spec.number, today - spec.least
        case _:
            return _BEGINNING, today


def _first_of_months(today: datetime.date, number: int) -> int:
    """The first day since which fewer than so many whole months are complete.

    A month is complete on the same day of a later month, or on its last day where it has no such day.
    """
    year, month = divmod(today.year * 12 + today.month - 1 - number, 12)
    length = _length(year, month + 1)
    is_last = today.day == _length(today.year, today.month)
    day = length if is_last else min(today.day, length)
    return datetime.date(year, month + 1, day).toordinal() + 1


def _counted(counts: Iterable[Count], local: datetime.datetime, covered: int, faults: list[Fault]) -> dict[str, object]:
    """The values of the facts that are derived from the events of a case."""
    values: dict[str, object] = {}
    today = local.toordinal()
    for count in counts:
        fact = count.spec.fact
        value = told(count, fact, today, covered)
        if isinstance(value, Fault):
            faults.append(value)
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
    """What the events of a case give for each fact that is needed, on each of the clocks, and the first day that the
    history covers; None where that is an error, or not all events are read.

    The clocks show the moment of the decision in some of the `zones` that the case has. What events do is added to
    `past`.
    """
    events = _listed(case["history"])
    if events is None:
        hides = any(event.hides for event in specs.events.values())
        faults.append(Fault.of("history", "no-history", given=HIDDEN if hides else as_argument(case["history"])))
        return None
    covered = _covered(case, faults)
    case_values = _this(specs, case, faults)
    if case_values is None or covered is None:
        return None
    for name in specs.of_events:
        if name in case:
            faults.append(Fault.of(name, "follows", name=name, other="history"))
    counts = []
    for local in clocks:
        windows = zip(specs.counted, _windows(specs, local), strict=True)
        counts.append([Count(spec, local, window, None) for spec, window in windows])
    read = _Events(specs, events, case_values, faults).read(clocks, counts, zones, past)
    return (counts, covered) if read else None


def past_of(
    specs: HistorySpec, case: Mapping[str, object], local: datetime.datetime, zones: int, faults: list[Fault]
) -> Past | None:
    """What the events of a case do, and when they were; None where there are errors."""
    past: Past = []
    return None if counts_of(specs, case, [local], zones, faults, past) is None else past


def counts_ahead(
    specs: HistorySpec, case: Mapping[str, object], local: datetime.datetime, past: Past, faults: list[Fault]
) -> tuple[list[Count], int]:
    """Counts that keep what may still count later, of events that have been read, and the first day that the history
    covers. Clocks may go back over a midnight."""
    before = _windows(specs, local - datetime.timedelta(days=1))
    counts = [
        Count(spec, local, window, kept_since)
        for spec, window, (kept_since, _) in zip(specs.counted, _windows(specs, local), before, strict=True)
    ]
    for effects, (moment, zone, day) in past:
        _add(counts, effects, moment, day if zone is local.tzinfo else moment.astimezone(local.tzinfo).toordinal())
    return counts, _covered(case, faults) or _BEGINNING


def _windows(specs: HistorySpec, local: datetime.datetime) -> list[tuple[int, int]]:
    """The first and the last day of the window of each count. A window of hours has them by its moment."""
    today = local.toordinal()
    windows = specs.windows.get(today)
    if windows is None:
        windows = [days_of(spec.derived, local, None) for spec in specs.counted]
        _remember(specs.windows, today, windows, _MOST_DAYS)
    return windows


def _remember(memory: dict[Any, Any], key: object, value: object, most: int) -> None:
    """Adds to a memory of so many, which is emptied when it is full. Threads may share it."""
    if len(memory) >= most:
        memory.clear()
    memory[key] = value


def told(count: Count, fact: FactSpec, today: int, covered: int) -> object:
    """What the events tell of a derived fact on a day: its value, an `InPart`, None where it is unknown; or a `Fault`
    where that is an error."""
    try:
        value = _value(count, fact, today, covered)
    except Wrong as wrong:
        return (wrong.hidden() if fact.private else wrong).fault(fact.name, name=fact.name)
    if fact.absent == "needed" and not (tells_enough(fact, value) if isinstance(value, InPart) else value is not None):
        if not _lacks_events(count, covered):
            return Fault.of(fact.name, "half-known", name=fact.name)
        needed = _first_day(count)
        told_since = needed > _BEGINNING and not fact.private  # it may be the day of an event
        since = {"needed": datetime.date.fromordinal(needed).isoformat()} if told_since else {}
        first = datetime.date.fromordinal(covered).isoformat()
        return Fault.of(fact.name, "history-too-short", name=fact.name, first=first, word=OPENING, **since)
    return value


def _listed(raw: object) -> list[object] | None:
    """Any sequence as a list; None for anything else, and for a text."""
    if type(raw) is list:
        return raw
    try:
        if isinstance(raw, abc.Sequence) and not isinstance(raw, (str, bytes, bytearray, memoryview)):
            return list(raw)
    except Exception:  # a foreign class may raise anything
        pass
    return None


def _covered(case: Mapping[str, object], faults: list[Fault]) -> int | None:
    """The first day, as an ordinal, from which on all events are known; None where that is an error."""
    if "history_from" not in case:
        near = nearest("history_from", [name for name in case if type(name) is str])
        faults.append(Fault.of("history_from", "no-history-from", **({} if near is None else {"nearest": near})))
        return None
    first = own(case["history_from"])
    if type(first) is str and first == OPENING:
        return _BEGINNING
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


Past: TypeAlias = "list[tuple[Sequence[Effect], When]]"
"""What the events of a case do, and when they were."""
When: TypeAlias = "tuple[datetime.datetime, datetime.tzinfo, int]"
"""The moment of an event in UTC, and its day, as an ordinal, in a zone."""
_WHEN: Final[dict[tuple[datetime.tzinfo, bool], dict[str, When]]] = {}
"""When events were by the texts of their moments, for a zone, alone or one of several."""


def _remembered(zone: datetime.tzinfo, several: bool) -> dict[str, When]:
    """What is remembered of moments in a zone: nothing where its class does not tell zones apart."""
    try:
        if (zone, several) not in _WHEN:
            _remember(_WHEN, (zone, several), {}, _MOST_ZONES_REMEMBERED)
        return _WHEN[zone, several]
    except Exception:  # it has no hash, or another thread has just emptied the memory
        return {}


def _when(at: object, zone: datetime.tzinfo, zones: int, remembered: dict[str, When]) -> When:
    """When an event was, by its moment as given. Raises `Wrong`."""
    moment = moment_of(at, zone, zones)
    when = moment, zone, moment.astimezone(zone).toordinal()
    if type(at) is str:
        _remember(remembered, at, when, _MOST_MOMENTS)
    return when


class _Events:
    """The events of a case, each of which is read once. `case_values` are those that events are compared with."""

    def __init__(
        self, specs: HistorySpec, events: Sequence[Any], case_values: Mapping[str, GridValue], faults: list[Fault]
    ) -> None:
        self._specs = specs
        self._events = events
        self._case_values = case_values
        self._faults = faults
        self._first_numbers: dict[object, int] = {}
        """The number of the first event of each id. Objects do not tell, as one may be there more than once."""

    def read(
        self,
        clocks: Sequence[datetime.datetime],
        counts: Sequence[Sequence[Count]],
        zones: int,
        past: Past | None,
    ) -> bool:
        """Adds what the events do to the counts, on each of the clocks, and to `past`. Returns whether all events were
        read: reading ends after very many errors.

        A plain event takes the fast path; any other, and one with errors, the slow path, which finds them.
        """
        if not self._events:
            return True
        now = clocks[0].astimezone(datetime.UTC)
        by_zone = [(local.tzinfo, its) for local, its in zip(clocks, counts, strict=True)]
        zone: Any = by_zone[0][0]
        readers = {
            name: (reader, reader.forms, reader.of_case(self._case_values))
            for name, reader in self._specs.readers.items()
        }
        first_numbers, remembered = self._first_numbers, _remembered(zone, zones > 1)
        before = len(self._faults)
        for number, raw in enumerate(self._events):
            when = None
            if type(raw) is dict:
                try:
                    reader, forms, this = readers[raw["event"]]
                    form = forms.get(tuple(raw)) or reader.form_of(raw)
                    key = form.key(raw, this)
                    effects = form.known.get(key)
                    if effects is None:
                        effects = reader.learn(form, key, raw, self._case_values)
                    at = raw["at"]
                    when = remembered.get(at) if type(at) is str else None
                    if when is None or when[1] is not zone:
                        when = _when(at, zone, zones, remembered)
                    if when[0] > now or (
                        form.has_id and _plain_id(raw["id"]) and first_numbers.setdefault(raw["id"], number) != number
                    ):
                        when = None
                except Exception:  # the slow path finds out what it is
                    when = None
            if when is None:
                read = self._slow_path(number, zone, now, zones)
                if read is None:
                    if len(self._faults) - before >= _MOST_FAULTS and number + 1 < len(self._events):
                        self._faults.append(Fault.of("history", "not-looked-at", event=number))
                        return False
                    continue
                effects, when = read
            if effects:
                if past is not None:
                    past.append((effects, when))
                moment, _, day = when
                for its_zone, its in by_zone:
                    _add(its, effects, moment, day if its_zone is zone else moment.astimezone(its_zone).toordinal())
        return True

    def _slow_path(
        self, number: int, zone: datetime.tzinfo, now: datetime.datetime, zones: int
    ) -> tuple[Sequence[Effect], When] | None:
        """The effects of an event, and when it was; None where it repeats an earlier event, or has errors."""
        given, faults = self._events[number], self._faults
        raw = as_dict(given)
        name = None if raw is None else own(raw.get("event"))
        reader = self._specs.readers.get(name) if type(name) is str else None
        if raw is None or reader is None:
            faults.append(_no_event(given, raw, number, self._specs.events))
            return None
        try:
            identity = _id(raw.get("id"))
        except Wrong as wrong:
            faults.append((wrong.hidden() if reader.spec.private_id else wrong).fault("history", event=number))
            return None
        first = number if identity is None else self._first_numbers.setdefault(identity, number)
        effects = reader.effects_of(raw, number, self._case_values, faults)
        if "at" not in raw:
            faults.append(Fault.of("history", "moment-missing", event=number))
            return None
        try:
            when = _when(raw["at"], zone, zones, {})
        except Wrong as wrong:
            faults.append(wrong.fault("history", name="at", event=number))
            return None
        if when[0] > now:
            faults.append(Fault.of("history", "after-decision", event=number, given=as_argument(raw["at"])))
            return None
        if effects is None:
            return None
        if first != number:
            if not reader.alike(raw, as_dict(self._events[first]), when[0], zone, zones):
                shown = HIDDEN if reader.spec.private_id else as_argument(identity)
                faults.append(Fault.of("history", "another-event", event=number, given=shown))
            return None
        return effects, when


def _id(raw: object) -> str | int | None:
    """The id of an event as Python's own text or number, None where there is none. Raises `Wrong`."""
    raw = own(raw)
    if raw is None:
        return None
    if type(raw) is str:
        if has_half_a_character(raw):
            raise Wrong("half-character-in-id")
        return raw
    try:
        number = None if type(raw) is bool else operator.index(raw)  # type: ignore[arg-type]  # of NumPy and the like
    except Exception:  # what a class from elsewhere does when it is looked at
        number = None
    if type(number) is not int:
        raise Wrong("no-id", {"given": as_argument(raw)})
    if number.bit_length() > _FEW_BITS and abs(number) >= 10**_MOST_DIGITS:
        raise Wrong("long-id", most=_MOST_DIGITS)
    return number


def _add(counts: Sequence[Count], effects: Iterable[Effect], moment: datetime.datetime, day: int) -> None:
    """Adds the effects of an event to the counts. `day` is that of its moment, in the zone of these."""
    for place, is_anchor, truth, low, high in effects:
        count = counts[place]
        if is_anchor:
            if truth is None:
                count.open_anchors.append(moment)
            elif count.anchor is None or moment > count.anchor:
                count.anchor, count.anchor_day = moment, day
        elif count.keeps:
            if day >= count.kept_since and (count.start is None or moment >= count.start):
                count.seen.append(Seen(moment, day, truth, low, high))
        elif count.spec.of_days:
            if truth is None:
                count.last_open = max(count.last_open, day)
                count.first_open = day if count.first_open is None else min(count.first_open, day)
                continue
            if day > count.last:
                count.last = day
            if count.first is None or day < count.first:
                count.first = day
        elif count.begin <= day <= count.end and (count.start is None or moment >= count.start):
            count.low += low  # type: ignore[operator]
            count.high += high  # type: ignore[operator]


def _plain_id(raw: object) -> bool:
    """Whether an event has an id. Raises `Wrong` for any that is not plain."""
    if type(raw) is str and raw.isascii():
        return True
    if raw is not None and not (type(raw) is int and raw.bit_length() <= _FEW_BITS):
        raise Wrong("no-id")
    return raw is not None


def _value(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    """What the events tell of a derived fact: its value, an `InPart`, or None where it is unknown.

    Raises `Wrong` where a sum is out of its range.
    """
    if count.spec.of_days:
        since = _DAYS_SINCE[count.spec.derived.measure]
        return since(count, spec, today, covered)
    if count.spec.of_one:
        return _of_one(count, spec, covered)
    low, high = _since_anchor(count, covered) if count.spec.of_anchor else (count.low, count.high)
    lacks = _lacks_events(count, covered)
    if count.spec.derived.measure == "any":
        return True if low else None if high or lacks else False
    if lacks:
        least, most = count.spec.amounts
        low = spec.low if least < 0 else low
        high = spec.high if most > 0 else high
    if low > spec.high or high < spec.low:
        raise Wrong("sum-out-of-range", {"sum": number_argument(spec, low if low > spec.high else high)})
    low, high = max(low, spec.low), min(high, spec.high)
    return as_given(spec, low) if low == high else InPart(low, high, none=False)


def _since_anchor(count: Count, covered: int) -> tuple[int, int]:
    """The least and the greatest sum of the events after the last anchor, which may be any of the open ones."""
    since = count.anchor
    after_anchor = sorted(
        (event for event in count.seen if since is None or event.moment > since), key=lambda event: event.moment
    )
    lows, highs = [0], [0]
    for event in reversed(after_anchor):
        lows.append(lows[-1] + event.low)  # type: ignore[operator]
        highs.append(highs[-1] + event.high)  # type: ignore[operator]
    moments = [event.moment for event in after_anchor]
    begins = {0, *(bisect.bisect_right(moments, anchor) for anchor in count.open_anchors)}
    least = [lows[len(after_anchor) - begin] for begin in begins]
    most = [highs[len(after_anchor) - begin] for begin in begins]
    if _lacks_events(count, covered):  # an anchor may have been just before the days of which all events are known
        known = [event for event in after_anchor if event.day >= covered]
        least.append(sum(event.low for event in known))  # type: ignore[misc]
        most.append(sum(event.high for event in known))  # type: ignore[misc]
    return min(least), max(most)


def _of_one(count: Count, spec: FactSpec, covered: int) -> object:
    """What is known of an attribute of the last or first event. Events of one moment are all the last, or the first."""
    first = count.spec.derived.measure == "first"
    certain = [event.moment for event in count.seen if event.truth]
    decisive = (min(certain) if first else max(certain)) if certain else None
    may_be = [
        event
        for event in count.seen
        if decisive is None
        or event.moment == decisive
        or (event.moment < decisive if first else event.moment > decisive)
    ]
    may_be_unseen = covered > _BEGINNING and (first or all(event.day < covered for event in may_be if event.truth))
    assert count.spec.attribute is not None
    none = (
        decisive is None
        or (may_be_unseen and count.spec.attribute.absent == "none")
        or any(event.low is None for event in may_be)
    )
    ends = [(event.low, event.high) for event in may_be if event.low is not None and event.high is not None]
    ends += [count.spec.amounts] if may_be_unseen else []
    if not ends:
        return "none"
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return as_given(spec, low) if low == high and not none else InPart(low, high, none)


def _days_since_first(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    # The first event may be an open one, or one on a day before those of which all events are known.
    latest = max(count.last_open, covered - 1) if count.first is None else count.first
    if latest <= _BEGINNING:
        return "none"
    low = max(today - latest, 0)
    earliest = min(day for day in (count.first, count.first_open, today) if day is not None)
    high = spec.high if covered > _BEGINNING else today - earliest
    return low if low == high and count.first is not None else InPart(low, high, none=count.first is None)


def _days_since(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    # The last event may be an open one, or one on a day before those of which all events are known.
    latest = max(count.last, count.last_open, covered - 1)
    if latest <= _BEGINNING:
        return "none"
    low = max(today - latest, 0)
    if count.last:
        high = today - count.last
        return high if low == high else InPart(low, high, none=False)
    high = spec.high if count.first_open is None or covered > _BEGINNING else today - count.first_open
    return InPart(low, high, none=True)


def _working_since(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    days = count.spec.derived.calendar
    assert days is not None
    latest = max(count.last, count.last_open, covered - 1)
    if latest <= _BEGINNING:
        return "none"
    _check_covered(days, today)
    low = _worked(days, latest, today)
    if count.last:
        _check_covered(days, min(count.last + 1, today))
        high = _worked(days, count.last, today)
        return high if low == high else InPart(low, high, none=False)
    known = count.first_open is not None and covered == _BEGINNING and count.first_open >= days.first - 1
    return InPart(low, _worked(days, count.first_open or 0, today) if known else spec.high, none=True)


_DAYS_SINCE: Final[Mapping[str, Callable[[Count, FactSpec, int, int], object]]] = {
    "days since": _days_since,
    "days since first": _days_since_first,
    "working days since": _working_since,
}


def _lacks_events(count: Count, covered: int) -> bool:
    """Whether events may count that are not in the history, because they were before the days that it covers."""
    if covered == _BEGINNING:
        return False
    return _first_day(count) < covered


def _first_day(count: Count) -> int:
    """The first day whose events may count."""
    return count.anchor_day if count.spec.of_anchor else count.begin


class _Form(NamedTuple):
    """Events of one name with the same fields in one order.

    `key` gives of an event all on which its effects depend, by the values of its `names` and by what its case is to it;
    `known` has the effects by that.
    """

    key: Callable[[Any, Any], object]
    names: Sequence[str]
    known: dict[object, Sequence[Effect]]
    has_id: bool


class _Same(dict[object, object]):
    """By a text of an event: whether it is none or unknown, and whether it is each of some values of the case.

    Raises `Wrong` for what the attribute cannot be.
    """

    def __init__(self, attribute: FactSpec, values: Sequence[GridValue]) -> None:
        self._attribute = attribute
        self._values = values

    def __missing__(self, raw: object) -> object:
        text = read_value(self._attribute, raw)
        found = (text is None, *[None if value is None else text == value for value in self._values])
        if type(raw) is str:
            self[raw] = found
        return found


class _Reader:
    """Reads events of one name.

    Effects are remembered from case to case: some thousands, by the values of the attributes that they depend on, if
    these are short. Ids are not remembered, nor texts that are only compared with facts of the case.
    """

    def __init__(self, spec: EventSpec, facts: Mapping[str, FactSpec], counts: Sequence[CountSpec]) -> None:
        self.spec = spec
        self._facts = facts
        self._names = tuple(attribute.name for attribute in spec.attributes)
        self._texts = {
            its.name: (its, [fact for number, fact in spec.same if number == place])
            for place, its in enumerate(spec.attributes)
            if its.kind == "text" and place not in spec.read
        }
        """The attributes that are texts and no more than compared with facts, which are these."""
        self._others = [fact for place, fact in spec.same if self._names[place] not in self._texts]
        self.forms: dict[tuple[str, ...], _Form] = {}
        """By the names of an event's fields, in order."""
        self._selections = [
            (place, is_anchor, selection.where, count)
            for place, count in enumerate(counts)
            for is_anchor, selection in ((False, count.derived.events), (True, count.derived.anchor))
            if selection is not None and selection.event == spec.name
        ]

    def effects_of(
        self, raw: Mapping[str, object], event: int, case_values: Mapping[str, GridValue], faults: list[Fault]
    ) -> Sequence[Effect] | None:
        """The effects of an event, by its number; None where it has errors."""
        before = len(faults)
        values: list[GridValue] = []
        for spec in self.spec.attributes:
            if spec.name not in raw and spec.absent != "unknown":
                faults.append(Fault.of("history", "attribute-missing", event=event, attribute=spec.name))
                continue
            try:
                values.append(read_value(spec, raw.get(spec.name)))
            except Wrong as wrong:
                faults.append(wrong.fault("history", name=spec.name, event=event))
        for name in raw:
            if name not in self._names and name not in _OF_EVERY_EVENT and name != "id":
                faults.append(unknown_name("history", name, self._names, "attribute", event=event))
        if len(faults) > before:
            return None
        for attribute, fact in self.spec.same:
            of_event, of_case = values[attribute], case_values[fact]
            # None is equal to nothing; whether an unknown value is equal is unknown.
            unknown = (of_event is None and self.spec.attributes[attribute].absent == "unknown") or (
                of_case is None and self._facts[fact].absent == "unknown"
            )
            values.append(None if unknown else of_event is not None and of_event == of_case)
        effects: list[Effect] = []
        for place, is_anchor, where, count in self._selections:
            truth = where(*values)
            if truth is not False:
                effects.append(count.effect(place, is_anchor, truth, values))
        return effects

    def of_case(self, case_values: Mapping[str, GridValue]) -> dict[str | None, Any]:
        """What the case is to its events, for their keys: which texts are the same, and the values of other facts."""
        this: dict[str | None, Any] = {None: tuple([case_values[fact] for fact in self._others])}
        for name, (attribute, facts) in self._texts.items():
            this[name] = _Same(attribute, [case_values[fact] for fact in facts])
        return this

    def form_of(self, raw: dict[str, Any]) -> _Form:
        """The form of an event, to be remembered."""
        attributes = [its for its in self.spec.attributes if its.name in raw and its.name not in self._texts]
        key = _key(attributes, [name for name in self._texts if name in raw])
        form = _Form(key, [its.name for its in attributes], {}, "id" in raw)
        _remember(self.forms, tuple(raw), form, _MOST_FORMS)
        return form

    def learn(
        self, form: _Form, key: object, raw: dict[str, Any], case_values: Mapping[str, GridValue]
    ) -> Sequence[Effect]:
        """The effects of an event, to be remembered if its values are short. Raises `Wrong` where it has errors."""
        effects = self.effects_of(raw, 0, case_values, [])
        if effects is None:
            raise Wrong("no-event")
        if all(is_scalar(type(raw[name])) and len(str(raw[name])) <= LONGEST_NAME for name in form.names):
            _remember(form.known, key, effects, _MOST_EFFECTS)
        return effects

    def alike(self, raw: Any, earlier: Any, moment: datetime.datetime, zone: datetime.tzinfo, zones: int) -> bool:
        """Whether an event without errors is equal to another one, however each is written."""
        try:
            return (
                own(earlier["event"]) == self.spec.name
                and earlier.keys() - {"event", "at", "id"} <= set(self._names)
                and moment_of(earlier.get("at"), zone, zones) == moment
                and all(
                    read_value(attribute, raw.get(attribute.name)) == read_value(attribute, earlier.get(attribute.name))
                    for attribute in self.spec.attributes
                )
            )
        except Wrong:
            return False


def _key(attributes: Sequence[FactSpec], texts: Sequence[str]) -> Callable[[Any, Any], object]:
    """The `key` of a form that has these attributes and, besides, `texts`."""
    names = [attribute.name for attribute in attributes]
    # `True`, 1 and 1.0 are equal as keys, and are different values: their types are part of the key.
    typed = [attribute.name for attribute in attributes if attribute.kind not in ("choice", "order", "text")]
    get: Callable[[Any], object] = operator.itemgetter(*names) if names else len
    get_typed: Callable[[Any], Any] = operator.itemgetter(*typed) if typed else len
    if not texts and len(typed) > 1:
        return lambda event, this: (get(event), this[None], *map(type, get_typed(event)))
    if not texts:
        return lambda event, this: (get(event), this[None], type(get_typed(event)))
    if len(typed) < 2 and len(texts) == 1:
        [text] = texts
        return lambda event, this: (get(event), this[None], type(get_typed(event)), this[text][event[text]])

    def key(event: Any, this: Any) -> object:
        parts = [get(event), this[None]]
        for name in typed:
            parts.append(type(event[name]))
        for name in texts:
            parts.append(this[name][event[name]])
        return tuple(parts)

    return key


def _no_event(event: object, raw: Mapping[str, object] | None, number: int, known: Mapping[str, EventSpec]) -> Fault:
    if raw is None:
        hides = any(spec.hides for spec in known.values())
        return Fault.of("history", "no-event", event=number, given=HIDDEN if hides else as_argument(event))
    if "event" not in raw:
        return Fault.of("history", "event-missing", event=number, names=list(known))
    return unknown_name("history", raw["event"], known, "event", event=number)
