"""Related facts: pairs of facts that are derived from the same events.

Of two such facts, one that selects fewer events, or has a shorter window, is never stronger: a count of today's calls
is no greater than one of this week's, and a call 3 days ago is a call in the last 7 days. Pairs are enough: whatever
follows by way of a third fact follows from a pair too.

Sums are not covered: answered and unanswered calls are, together, all calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from attrs import frozen

from forbear.lowered.from_conditions import lower
from forbear.model.conditions import Condition
from forbear.model.derived import Derived, Event, Selection, Window
from forbear.model.facts import Fact
from forbear.model.policy import TypedPolicy
from forbear.space.axes import Space, axes_of
from forbear.space.formulas import All, Neither, inside
from forbear.space.regions import TooManyBoxes, full_masks, region
from forbear.space.search.bound import Bound, BoundReached
from forbear.space.search.search import Search

WEAKEST = -(10**15)
"""The strength of days since an event that never happened: weaker than any number of days."""
_EVER = 10**15
_WORK = 20_000
"""How many boxes may be compared to find out whether one condition on events is narrower than another."""


@frozen
class Related:
    """Two facts; the events of the first are among those of the second.

    `least` gives the lowest strength of the second from the strength of the first. The strength of a count is its
    value, that of a flag is 1 or 0, and that of days since an event is their negative.
    """

    fewer: str
    more: str
    least: Callable[[int], int]
    cuts: tuple[int | None, int | None] = (None, None)
    """The values of each, from 0, at which another of the other one is demanded; None where each value demands one."""

    @property
    def as_strong(self) -> bool:
        """Whether the second is at least as strong as the first."""
        return self.least is _same

    def thresholds(self) -> Iterator[tuple[str, int]]:
        """The facts with their cuts."""
        for name, cut in zip((self.fewer, self.more), self.cuts, strict=True):
            if cut is not None:
                yield name, cut


def related_facts(policy: TypedPolicy, names: Iterable[str]) -> list[Related]:
    """The pairs of related facts among these."""
    derived = [(name, policy.derived[name]) for name in names if name in policy.derived]
    narrower = _Narrower(policy.events)
    related = []
    for fewer, narrow in derived:
        for more, wide in derived:
            if fewer != more and narrow.events is not None and wide.events is not None:
                least = _least(narrow, wide, narrower)
                if least is not None and narrower(narrow.events, wide.events):
                    related.append(Related(fewer, more, least, _cuts(narrow, wide)))
    return related


def _cuts(narrow: Derived, wide: Derived) -> tuple[int | None, int | None]:
    assert narrow.window is not None
    assert wide.window is not None
    count = {"count": 1}
    match narrow.measure, wide.measure:
        case "days since", "days since":
            return None, None
        case "days since", measure:
            return _holds_days(wide.window), count.get(measure)
        case measure, "days since":
            return count.get(measure), _lies_in_days(narrow.window)
        case measure, _:
            return (count.get(measure), None) if measure != wide.measure else (None, None)


def _least(narrow: Derived, wide: Derived, narrower: _Narrower) -> Callable[[int], int] | None:
    """From the strength of a fact to the lowest strength of another that selects all of its events; None where their
    windows do not determine it."""
    window, wider = narrow.window, wide.window
    assert window is not None
    assert wider is not None
    match narrow.measure, wide.measure:
        case "days since", "days since":
            return _same
        case "days since", _:
            days = _holds_days(wider)
            return lambda strength: 1 if strength > -days else 0
        case _, "days since":
            days = _lies_in_days(window)
            return lambda strength: 1 - days if strength >= 1 else WEAKEST
        case ("any", _) | ("count", "count") if _within(window, wider, narrower):
            return _same
        case ("count", "any") if _within(window, wider, narrower):
            return lambda strength: min(strength, 1)
        case _:
            return None


def _same(strength: int) -> int:
    return strength


def _within(window: Window, other: Window, narrower: _Narrower) -> bool:
    """Whether each event in a window is in another one too, at any moment of decision."""
    if window.anchor is not None and other.anchor is not None:
        # The last of fewer events is no later, so at least as many events come after it.
        return narrower(other.anchor, window.anchor)
    same = window.span == other.span and window.number <= other.number
    return other.span == "ever" or same or _lies_in_days(window) <= _holds_days(other)


def _lies_in_days(window: Window) -> int:
    """How many days, today included, contain a window.

    A day has 23 hours or more, except for a day that a place skipped when it moved across the date line.
    """
    match window.span:
        case "days":
            return window.number
        case "hours":
            return window.number // 23 + 3
        case "week":
            return 7
        case "month":
            return 31
        case _:
            return _EVER


def _holds_days(window: Window) -> int:
    """How many days, today included, a window contains. A day has 25 hours or less."""
    match window.span:
        case "days":
            return window.number
        case "hours":
            return window.number // 25
        case "week" | "month":
            return 1
        case "ever":
            return _EVER
        case _:
            return 0


class _Narrower:
    """Whether each event of a selection is of another one too. False also where the search reaches its bound.

    The answers are memoised across policies: those that use one vocabulary have the same events.
    """

    def __init__(self, events: Mapping[str, Event]) -> None:
        self._facts = {name: event.facts for name, event in events.items()}
        self._known = {name: _known(tuple(facts.items())) for name, facts in self._facts.items()}

    def __call__(self, selection: Selection, other: Selection) -> bool:
        if selection.event != other.event:
            return False
        known, facts = self._known[selection.event], self._facts[selection.event]
        answer = known.get((selection.where, other.where))
        if answer is None:
            answer = known[selection.where, other.where] = _searched(selection.where, other.where, facts)
        return answer


@lru_cache(maxsize=16)
def _known(facts: tuple[tuple[str, Fact], ...]) -> dict[tuple[Condition, Condition], bool]:
    """The answers for conditions on an event with these facts."""
    return {}


def _searched(where: Condition, other: Condition, facts: Mapping[str, Fact]) -> bool:
    certain = lower(where, facts, when_unknown=False)
    possible = lower(other, facts, when_unknown=True)
    space = Space(axes_of(facts, (certain, possible)), (None,), ())
    try:
        selected = inside(region(certain, space))
        by_other = inside(region(possible, space))
        return Search(full_masks(space), Bound(_WORK)).find(All((selected, Neither((by_other,))))) is None
    except (BoundReached, TooManyBoxes):
        return False
