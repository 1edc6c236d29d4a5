"""Derived facts that speak of the same events: which values two of them never have together.

A fact that means fewer events, or a shorter window, is never the stronger: a count of the calls of today is no greater
than that of the week, and who was spoken with 3 days ago was spoken with in the last 7 days. Two facts at a time are
enough: what follows over a third one follows from the two as well.

Left aside are sums: the calls that were answered and those that were not are, together, the calls. What is unknown says
nothing of another fact.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from attrs import frozen

from forbear.kernel import GridValue
from forbear.policy.derived import Derived, Event, Selection, Window
from forbear.policy.typed import TypedPolicy
from forbear.space.axes import Axis, Space, axes_of
from forbear.space.bound import Bound, BoundReached
from forbear.space.formulas import All, Neither, inside
from forbear.space.regions import Box, TooManyBoxes, full_masks, region
from forbear.space.search import Search
from forbear.vocabulary.facts import Kind

_WORK = 20_000
"""Boxes that may be compared to find out whether one condition on events is narrower than another."""
_EVER = 10**15
"""More days than there are."""


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


def impossible(related: Iterable[Related], cut: Space) -> list[Box]:
    """The boxes of a space in which no case lies: two facts have values there that they never have together."""
    boxes: list[Box] = []
    for pair in related:
        axis, other = cut.axes[pair.fewer], cut.axes[pair.more]
        for cell, values in _cells(axis):
            demand = pair.least(_strength(axis, values[0]))
            out = sum(1 << at for at, its in _cells(other) if _strength(other, its[-1]) < demand)
            if out:
                boxes.append({pair.fewer: 1 << cell, pair.more: out})
    return boxes


def settled(case: Mapping[str, GridValue], box: Box, related: Sequence[Related], cut: Space) -> dict[str, GridValue]:
    """The case, and where two of its facts are never as they are there, one of them as the box lets it be: the one that
    means more events as strong as it has to be, or else the other as weak."""
    found = dict(case)
    for pair in [*related] * len(related):
        if pair.fewer in found and pair.more in found:
            found.update(_settled_pair(pair, found, box, cut))
    return found


def _settled_pair(pair: Related, case: Mapping[str, GridValue], box: Box, cut: Space) -> Mapping[str, GridValue]:
    """What has to change in a case."""
    axis, other = cut.axes[pair.fewer], cut.axes[pair.more]
    if _is_unknown(axis, case[pair.fewer]) or _is_unknown(other, case[pair.more]):
        return {}
    strength = _strength(other, case[pair.more])
    demand = pair.least(_strength(axis, case[pair.fewer]))
    if strength >= demand:
        return {}
    places = [(_first(its, lambda value: _strength(other, value) >= demand), its) for _, its in _cells(other, box)]
    stronger = [its[at] for at, its in places if at < len(its)]
    if stronger:
        return {pair.more: min(stronger, key=partial(_strength, other))}
    places = [
        (_first(its, lambda value: pair.least(_strength(axis, value)) > strength), its) for _, its in _cells(axis, box)
    ]
    weaker = [its[at - 1] for at, its in places if at]
    return {pair.fewer: max(weaker, key=partial(_strength, axis))} if weaker else {}


def _first(values: Sequence[GridValue], holds: Callable[[GridValue], bool]) -> int:
    """The place of the first value of which something holds that holds of all that follow it."""
    return bisect_left(values, True, key=holds)


def _cells(axis: Axis, box: Box | None = None) -> Iterator[tuple[int, Sequence[GridValue]]]:
    """The cells of a fact's axis that a box has, each with its values, the weakest first; that of unknown left out."""
    mask = axis.everything if box is None else box.get(axis.fact.name, axis.everything)
    for cell in range(axis.size):
        if not mask >> cell & 1 or (cell == len(axis.first) and axis.fact.optional):
            continue
        if cell == len(axis.first):
            yield cell, (None,)
        elif axis.fact.kind is Kind.FLAG:
            yield cell, (axis.first[cell],)
        else:
            first, last = axis.first[cell], axis.last(cell)
            assert isinstance(first, int)
            assert isinstance(last, int)
            yield cell, range(last, first - 1, -1) if axis.fact.kind is Kind.DAYS else range(first, last + 1)


def _is_unknown(axis: Axis, value: GridValue) -> bool:
    return value is None and axis.fact.optional


def _strength(axis: Axis, value: GridValue) -> int:
    if value is None:
        return -_EVER
    assert isinstance(value, int)
    return -value if axis.fact.kind is Kind.DAYS else value


# Which facts are related


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
            return lambda strength: 1 - days if strength >= 1 else -_EVER
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
    """So many days, today among them, hold the window. A day has 23 hours or more."""
    match window.span:
        case "days":
            return window.number
        case "hours":
            return -(-window.number // 23) + 1
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
    cut = Space(axes_of(events[selection.event].facts, (selection.where, other.where)), (None,), ())
    try:
        meant = inside(region(selection.where, cut, when_unknown=False))
        its = inside(region(other.where, cut, when_unknown=True))
        return Search(full_masks(cut), Bound(_WORK)).find(All((meant, Neither((its,))))) is None
    except (BoundReached, TooManyBoxes):
        return False
