"""Related facts: pairs of facts that are derived from the same events.

If one of two such facts selects fewer events, or has a shorter window, it is never stronger: a count of today's calls
is no greater than one of this week's, and a call 3 days ago is a call in the last 7 days. Pairs are enough: whatever
follows by way of a third fact follows from a pair too.

Sums of facts are not covered: answered and unanswered calls are, together, all calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from attrs import evolve, frozen

from forbear.kernel.history.counting import OF_DATES
from forbear.language.model.conditions import Condition
from forbear.language.model.derived import ALWAYS, Derived, Event, Selection, Window
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.lowered.from_conditions import lower
from forbear.semantics.lowered.guards import Guard, RelatedValues, Values, at_least, leaves
from forbear.space.axes import Space, axes_of
from forbear.space.formulas import All, Neither, inside
from forbear.space.regions import TooManyBoxes, full_masks, region
from forbear.space.relations.ages import AGES
from forbear.space.search import bound
from forbear.space.search.search import Search

WEAKEST = -(10**15)
"""The strength of days since an event that never happened: weaker than any number of days."""
_MOST_STEPS = 100
"""The most numbers of days with a constraint of their own; greater numbers have the constraint of this one."""
_WORK = 20_000
"""The most boxes that are compared to decide whether one condition on events is narrower than another."""


@frozen
class Related:
    """Two facts; the events of the first are among those of the second.

    `least` maps the strength of the first to the lowest strength of the second, and never falls. The strength of a
    number is its value, that of a flag is 1 or 0. `falls` says for which of the two it is the negative: for days since
    an event, if it matters how lately the event was.
    """

    fewer: str
    more: str
    least: Callable[[int], int]
    falls: tuple[bool, bool] = (False, False)
    cuts: tuple[Sequence[int], Sequence[int]] = ((), ())
    """The values of each fact, from 0, that change the lowest value of the other; none if every value changes it."""
    share: tuple[int, int, int] | None = None
    """p, q and r, if q times the strength of the second is at least p times that of the first, less r; None if this
    does not hold, or constrains nothing.
    """

    def renamed(self, fact: str, copy: str) -> Related:
        """The same of the fact of another case."""
        fewer, more = (copy if name == fact else name for name in (self.fewer, self.more))
        return evolve(self, fewer=fewer, more=more)

    def thresholds(self) -> Iterator[tuple[str, int]]:
        """The facts with their cuts."""
        for name, cuts in zip((self.fewer, self.more), self.cuts, strict=True):
            yield from [(name, cut) for cut in cuts]


def related_facts(policy: TypedPolicy, names: Iterable[str]) -> list[Related]:
    """The pairs of related facts among these."""
    known = list(names)
    derived = [(name, policy.derived[name]) for name in known if name in policy.derived]
    narrower = Narrower(policy.events)
    related = list(_ages(derived, known))
    for fewer, narrow in derived:  # facts derived from the same hours are equal
        same = [
            more for more, wide in derived if more != fewer and wide.hours is not None and wide.hours == narrow.hours
        ]
        related += [Related(fewer, more, _same) for more in same]
    for fewer, narrow in derived:
        for more, wide in derived:
            if fewer != more and narrow.events is not None and wide.events is not None:
                first, second = _Measured(narrow, policy.events), _Measured(wide, policy.events)
                pairs = list(_pairs(first, second, narrower))
                if pairs and narrower(narrow.events, wide.events):
                    related += [Related(fewer, more, *pair) for pair in pairs]
    return related


def _ages(derived: Sequence[tuple[str, Derived]], names: Collection[str]) -> Iterator[Related]:
    """The pairs of ages that follow from one date, and of an age and its date: where one is none, all are."""
    ages = [(name, derivation) for name, derivation in derived if derivation.of is not None]
    for name, derivation in ages:
        assert derivation.of is not None
        if derivation.of in names:
            yield Related(name, derivation.of, _exists)
            yield Related(derivation.of, name, _exists)
        for second, of_other in ages:
            if name != second and derivation.of == of_other.of and (derivation.calendar or of_other.calendar):
                yield Related(name, second, _exists)  # their other constraints come from the calendar
            elif name != second and derivation.of == of_other.of:
                yield _of_one_date(name, second, derivation.measure, of_other.measure)


def cuts(
    policy: TypedPolicy, facts: Mapping[str, Fact], guards: Sequence[Guard], given: Collection[str] = ()
) -> Iterator[Values]:
    """Yields the values that divide the axes of facts that some guards read, if facts that follow from the same events
    constrain one another, or if the values of `given` facts constrain them: cases of one cell may differ there. This
    happens if guards compare facts, if the stronger value of a fact for one fact is the weaker for another, and if
    cases that differ in a fact with which pressure rises have the others in common.
    """
    axes = axes_of(facts, guards)
    if axes.keys().isdisjoint(policy.derived):
        return
    relations = [leaf.relation for guard in guards for leaf in leaves(guard) if isinstance(leaf, RelatedValues)]
    pairs = related_facts(policy, [*axes, *given])
    sides = {side for pair in pairs for side in zip((pair.fewer, pair.more), pair.falls, strict=True)}
    cut = {name for name, falls in sides if (name, not falls) in sides}
    cut.update([name for relation in relations for name in relation.facts])
    cut.update([name for ladder in policy.ladders.values() for name in ladder.rising])
    for pair in pairs:
        if pair.fewer in cut or pair.more in cut:
            yield from [at_least(name, value) for name, value in pair.thresholds() if name in axes]


def _exists(strength: int) -> int:
    return _EXISTS if strength >= _EXISTS else WEAKEST


def _of_one_date(name: str, second: str, measure: str, of_other: str) -> Related:
    relation = AGES[measure, of_other]
    return Related(
        name,
        second,
        lambda strength: relation.least(strength) if strength >= _EXISTS else WEAKEST,
        falls=(measure == "days until", of_other == "days until"),
        share=relation.share,
    )


class _Pair(NamedTuple):
    """The constraint that one fact puts on another: see `Related`."""

    least: Callable[[int], int]
    falls: tuple[bool, bool]
    cuts: tuple[Sequence[int], Sequence[int]] = ((), ())
    share: tuple[int, int, int] | None = None


_RISES = (False, False)
_EXISTS = WEAKEST + 1
"""The lowest strength of a fact that is not none."""


class _Measured:
    """A derived fact with its window, and what an event adds to it: from `least` to `most`."""

    def __init__(self, derived: Derived, events: Mapping[str, Event]) -> None:
        assert derived.events is not None
        assert derived.window is not None
        self.measure = derived.measure
        self.calendar = derived.calendar
        self.window = derived.window
        self.attribute = derived.attribute
        attribute = None if derived.attribute is None else events[derived.events.event].attributes[derived.attribute]
        self.may_be_none = attribute is not None and attribute.or_none
        self.least, self.most = (1, 1) if attribute is None else (attribute.low, attribute.high)
        if self.may_be_none and derived.measure == "sum":
            self.least = min(self.least, 0)
        self.of_dates = derived.measure in OF_DATES
        self.is_number = self.of_dates or (derived.measure in ("count", "any", "sum") and self.least >= 0)
        """Whether it is the stronger the more events there are in its window."""
        least, self.earliest = self.window.lies_in
        self.in_row = derived.measure == "days in a row"
        self.latest = max(least, 1) if self.in_row else least
        """From how many to how many days ago its events were: those of a row up to yesterday."""
        self.is_day = derived.measure in ("days since", "days since first")

    @property
    def cut(self) -> Sequence[int]:
        """The values from which on there is an event; none for a flag."""
        return () if self.measure == "any" else (max(self.least, 1),)

    def events(self, strength: int) -> int:
        """Returns the least number of events for a strength."""
        if self.measure != "sum":
            return max(strength, 0)
        return -(-strength // self.most) if strength > 0 < self.most else 0

    def days(self, strength: int) -> int:
        """Returns the least number of days with events for a strength."""
        return self.events(strength) if self.of_dates else min(self.events(strength), 1)

    def of_events(self, number: int, days: int | None = None) -> int:
        """The lowest strength of so many events in the window, on so many of its days, or of its row."""
        if self.of_dates:
            return days if days is not None else min(number, 0 if self.in_row else 1)
        return min(number, 1) if self.measure == "any" else number * self.least

    def of_days(self, other: _Measured, held: tuple[int, int] | None, strength: int) -> int:
        """Returns the lowest strength if another number has a strength: of the days on which it had events, those may
        be missing that are beyond this window, which holds those of some days.
        """
        days = other.days(strength)
        if held is None or not days:
            return 0
        latest, earliest = max(self.latest, held[0]), held[1]
        if other.in_row:  # on each of them, from the last one on
            first, missing = other.latest + days - 1, 0
        else:
            first, missing = other.earliest, other.earliest - other.latest + 1 - days
        inside = min(first, earliest) - max(other.latest, latest) + 1
        if self.in_row:
            return max(inside, 0) if other.latest <= latest and not missing else 0
        days = max(inside - missing, 0)
        return self.of_events(days, days)


def _pairs(narrow: _Measured, wide: _Measured, narrower: Narrower) -> Iterator[_Pair]:
    """Yields the constraints of a fact on another that selects all of its events: from its strength to the lowest
    strength of the other, with `falls` and `cuts`.
    """
    if narrow.is_day:
        yield from _from_day(wide)
    elif narrow.is_number and wide.is_number:
        within = _within(narrow.window, wide.window, narrower)
        if wide.in_row:  # a row is within another if both end on one day
            within = within and narrow.in_row and narrow.latest == wide.latest
        if within and narrow.measure == wide.measure and narrow.attribute == wide.attribute:
            yield _Pair(_same, _RISES, share=(1, 1, 0))
        elif within and wide.of_events(1):
            cuts = ((), ()) if narrow.of_dates and wide.measure != "any" else (narrow.cut, wide.cut)
            # Each event adds at most so much to the first, and at least so much to the second, which may add nothing.
            adds = wide.least > 0 and narrow.measure != "any" and (not wide.of_dates or narrow.of_dates)
            share = (wide.least, narrow.most, 0) if adds and wide.measure != "any" else None
            yield _Pair(
                (lambda strength: wide.of_events(narrow.events(strength), narrow.days(strength))), _RISES, cuts, share
            )
        elif not within and (narrow.of_dates or wide.in_row) and _begins_within(narrow.window, wide.window, narrower):
            held = _holds(evolve(wide.window, anchor=None, of=None))
            yield _by_steps(narrow, lambda strength: wide.of_days(narrow, held, strength))
    elif narrow.of_dates:
        yield from _from_dates(narrow, wide)
    elif narrow.is_number:
        least, most = narrow.window.lies_in
        yield from _from_one(lambda strength: narrow.events(strength) > 0, narrow.cut, wide, least, most)
    elif narrow.measure == "working days since" and wide.calendar == narrow.calendar:
        yield _Pair(_same, (True, True), share=(1, 1, 0))
    elif narrow.measure in ("last", "first", "working days since"):
        yield from _from_one(lambda strength: strength >= _EXISTS, (), wide, 0, ALWAYS)


def _from_day(wide: _Measured) -> Iterator[_Pair]:
    """Yields the constraints that follow from an event that many days ago."""
    if wide.measure in ("days since", "working days since"):
        yield _Pair(_same, (True, True), share=(1, 1, 0))
    elif wide.measure == "days since first":
        yield _Pair(_same, _RISES, share=(1, 1, 0))
    elif wide.is_number:
        held, weakest = _holds(wide.window), wide.of_events(1)
        if held is None or not weakest:
            return
        least, most = held
        if least == 0:
            latest = max(-most, _EXISTS)
            cut = () if most == ALWAYS else (most + 1,)
            yield _Pair((lambda strength: weakest if strength >= latest else 0), (True, False), (cut, wide.cut))
        elif most == ALWAYS:
            yield _Pair((lambda strength: weakest if strength >= least else 0), _RISES, ((least,), wide.cut))
    else:
        yield from _from_one(lambda strength: strength >= _EXISTS, (), wide, 0, ALWAYS)


def _from_dates(narrow: _Measured, wide: _Measured) -> Iterator[_Pair]:
    """Yields the constraints that follow from days with events, all of them in a window, or in a row up to its last
    day.
    """
    first, last = narrow.latest, narrow.earliest
    if wide.measure == "days since first":
        yield _by_steps(narrow, lambda days: first + days - 1 if days > 0 else WEAKEST)
    elif wide.measure in ("days since", "working days since") and last < ALWAYS and not narrow.in_row:
        yield _by_steps(narrow, lambda days: days - 1 - last if days > 0 else WEAKEST, falls=True)
    else:
        yield from _from_one(lambda days: days > 0, (1,), wide, first, first if narrow.in_row else last)


def _by_steps(narrow: _Measured, least: Callable[[int], int], *, falls: bool = False) -> _Pair:
    """Returns the constraint that follows from a number of days, at each of its first values that changes it."""
    most = min(narrow.earliest - narrow.latest + 1, _MOST_STEPS) if narrow.of_dates else 1
    steps = [days for days in range(1, most + 1) if least(days) > least(days - 1)]
    demanded = [1 - least(days) if falls else least(days) for days in steps]
    return _Pair(lambda days: least(min(days, most)), (False, falls), (steps, [value for value in demanded if value]))


def _from_one(
    there_is: Callable[[int], bool], cut: Sequence[int], wide: _Measured, least: int, most: int
) -> Iterator[_Pair]:
    """Yields the constraints that follow from an event from `least` to `most` days ago."""
    if wide.measure in ("days since", "working days since"):
        latest = max(-most, _EXISTS)
        last = () if most == ALWAYS else (most + 1,)
        yield _Pair((lambda strength: latest if there_is(strength) else WEAKEST), (False, True), (cut, last))
    elif wide.measure == "days since first":
        yield _Pair(
            (lambda strength: least if there_is(strength) else WEAKEST), _RISES, (cut, (least,) if least else ())
        )
    elif wide.is_number:
        if wide.of_events(1) and _holds(wide.window) == (0, ALWAYS):
            yield _Pair((lambda strength: wide.of_events(1) if there_is(strength) else 0), _RISES, (cut, wide.cut))
    elif wide.measure in ("last", "first") and not wide.may_be_none:
        yield _Pair((lambda strength: _EXISTS if there_is(strength) else WEAKEST), _RISES, (cut, ()))


def _same(strength: int) -> int:
    return strength


def _begins_within(window: Window, wider: Window, narrower: Narrower) -> bool:
    """Returns true if each event late enough for the beginning of a window is late enough for that of another one."""
    if wider.of is not None and window.of != wider.of:
        return False
    # The last of fewer events is no later, so at least as many events come after it.
    return wider.anchor is None or (window.anchor is not None and narrower(wider.anchor, window.anchor))


def _within(window: Window, wider: Window, narrower: Narrower) -> bool:
    """Returns true if each event in a window is in another one too, at any moment of decision."""
    if not _begins_within(window, wider, narrower):
        return False
    if wider.span == "since":
        return True
    if window.minutes and wider.minutes:
        return window.minutes <= wider.minutes
    if window.span == wider.span and window.calendar != wider.calendar:
        return False
    if window.span == wider.span and window.span not in ("at least", "between"):
        return window.number <= wider.number
    if (window.span, wider.span) in (("month", "months"), ("month", "quarter")):
        return True
    if (window.span, wider.span) == ("quarter", "months"):
        return wider.number >= 3
    held = _holds(evolve(wider, anchor=None, of=None))
    least, most = window.lies_in
    return held is not None and held[0] <= least and most <= held[1]


def _holds(window: Window) -> tuple[int, int] | None:
    """Returns from how many to how many days ago every event is in a window; None if there is no such day. A day has 25
    hours or less.
    """
    if window.anchor is not None or window.of is not None:
        return None
    match window.span:
        case "hours" | "minutes":
            days = window.minutes // (25 * 60)
            return (0, days - 1) if days else None
        case "months":
            return 0, 28 * window.number - 1
        case "working days":
            return 0, window.number - 1
        case "week" | "month" | "quarter":
            return 0, 0
        case _:
            return window.lies_in


class Narrower:
    """Decides whether each event of a selection is also one of another selection. False also if the search reaches its
    bound.

    The answers are memoised across policies: those that use one vocabulary have the same events.
    """

    def __init__(self, events: Mapping[str, Event]) -> None:
        self._facts = {name: event.facts for name, event in events.items()}
        self._known = {name: _known(tuple(facts.items())) for name, facts in self._facts.items()}

    def __call__(self, selection: Selection, wider: Selection) -> bool:
        if selection.event != wider.event:
            return False
        known, facts = self._known[selection.event], self._facts[selection.event]
        answer = known.get((selection.where, wider.where))
        if answer is None:
            answer = known[selection.where, wider.where] = _searched(selection.where, wider.where, facts)
        return answer


@lru_cache(maxsize=16)
def _known(facts: tuple[tuple[str, Fact], ...]) -> dict[tuple[Condition, Condition], bool]:
    """The answers for conditions on an event with these facts."""
    return {}


def _searched(where: Condition, wider: Condition, facts: Mapping[str, Fact]) -> bool:
    certain = lower(where, facts, when_unknown=False)
    possible = lower(wider, facts, when_unknown=True)
    space = Space(axes_of(facts, (certain, possible)), (None,), ())
    try:
        selected = inside(region(certain, space))
        by_other = inside(region(possible, space))
        return Search(full_masks(space), bound.Bound(_WORK)).find(All((selected, Neither((by_other,))))) is None
    except (bound.BoundReached, TooManyBoxes):
        return False
