"""Derived facts that speak of the same events.

A fact that means fewer events, or a shorter window, is never the stronger: a count of the calls of today is no greater
than that of the week, and who was spoken with 3 days ago was spoken with in the last 7 days. Two facts at a time are
enough: what follows over a third one follows from the two as well.

Left aside are sums: the calls that were answered and those that were not are, together, the calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import frozen

from forbear.lowered.from_conditions import lower
from forbear.model.derived import Derived, Event, Selection, Window
from forbear.model.policy import TypedPolicy
from forbear.space.axes import Space, axes_of
from forbear.space.formulas import All, Neither, inside
from forbear.space.regions import TooManyBoxes, full_masks, region
from forbear.space.search.bound import Bound, BoundReached
from forbear.space.search.search import Search

WEAKEST = -(10**15)
"""How strong days since an event are that never was: weaker than any number of days."""
_EVER = 10**15
_WORK = 20_000
"""Boxes that may be compared to find out whether one condition on events is narrower than another."""


@frozen
class Related:
    """Two facts, the one that means fewer events first. `least` says how strong the other is at least.

    A count is as strong as it is great, a flag is 1 or 0, and days since an event are the stronger the fewer they are.
    """

    fewer: str
    more: str
    least: Callable[[int], int]


def related_facts(policy: TypedPolicy, names: Iterable[str]) -> list[Related]:
    """Which of these facts are related."""
    derived = [(name, policy.derived[name]) for name in names if name in policy.derived]
    found = []
    for name, its in derived:
        for other, wider in derived:
            if name != other and its.events is not None and wider.events is not None:
                least = _least(its, wider, policy)
                if least is not None and _narrower(its.events, wider.events, policy.events):
                    found.append(Related(name, other, least))
    return found


def _least(its: Derived, wider: Derived, policy: TypedPolicy) -> Callable[[int], int] | None:
    """How strong a fact is at least, from how strong one is that means no event that it does not mean; None where
    their windows do not tell."""
    mine, other = its.window, wider.window
    assert mine is not None
    assert other is not None
    match its.measure, wider.measure:
        case "days since", "days since":
            return lambda strength: strength
        case "days since", _:
            days = _holds_days(other)
            return lambda strength: 1 if strength > -days else 0
        case _, "days since":
            days = _lies_in_days(mine)
            return lambda strength: 1 - days if strength >= 1 else WEAKEST
        case ("any", _) | ("count", "count") if _within(mine, other, policy.events):
            return lambda strength: strength
        case ("count", "any") if _within(mine, other, policy.events):
            return lambda strength: min(strength, 1)
        case _:
            return None


def _within(window: Window, other: Window, events: Mapping[str, Event]) -> bool:
    """Whether each event of a window lies in another one, whenever that is."""
    if window.anchor is not None and other.anchor is not None:
        # The last of fewer events is no later: what came since it is no less.
        return _narrower(other.anchor, window.anchor, events)
    same = window.span == other.span and window.number <= other.number
    return other.span == "ever" or same or _lies_in_days(window) <= _holds_days(other)


def _lies_in_days(window: Window) -> int:
    """So many days, today among them, hold the window. A day has 23 hours or more, but one that a place has left out,
    as it moved over the date line."""
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
    """So many days, today among them, lie in the window. A day has 25 hours or less."""
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


def _narrower(selection: Selection, other: Selection, events: Mapping[str, Event]) -> bool:
    """Whether each event that is meant is meant by another selection too. Where that takes long to find out, it is not
    said."""
    if selection.event != other.event:
        return False
    facts = events[selection.event].facts
    certain = lower(selection.where, facts, when_unknown=False)
    possible = lower(other.where, facts, when_unknown=True)
    space = Space(axes_of(facts, (certain, possible)), (None,), ())
    try:
        meant = inside(region(certain, space))
        its = inside(region(possible, space))
        return Search(full_masks(space), Bound(_WORK)).find(All((meant, Neither((its,))))) is None
    except (BoundReached, TooManyBoxes):
        return False
