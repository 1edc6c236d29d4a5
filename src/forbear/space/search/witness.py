"""Witnesses: a minimal case in which a formula holds, in the form that `decide` takes.

A fact that does not matter has its usual value, or else the mildest. A fact that matters has a value near a threshold.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

from forbear.kernel.cases import GridValue, bits
from forbear.language.model.cases import PLAIN_DATE, is_unbounded_below
from forbear.language.model.facts import Absent
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import value_json
from forbear.space.axes import DAY, Axis, Space, usual_value
from forbear.space.formulas import All, Formula, Inside, Neither
from forbear.space.regions import Box
from forbear.space.relations.systems import Unsolved
from forbear.space.search.bound import BoundReached
from forbear.space.search.search import Search


def shrink_order(axis: Axis) -> list[int]:
    """Returns the cells of an axis, the minimal one first: that of the usual value, or of a text that no condition
    names, then from mild to harsh, absence last.

    On an axis that is unbounded below, values near 0 are mild.
    """
    cells = list(range(axis.size))
    mild = _mildest(axis)
    if mild is not None:
        cells.sort(key=lambda cell: _apart(minimal_value(axis, cell), mild))
    usual = usual_value(axis)
    first = axis.cell_of(usual) if usual is not None else None
    if isinstance(axis.fact.usually, Absent) and axis.absent:
        first = len(axis.first)
    elif first is None and axis.fact.kind.storage is Storage.TEXT:
        first = len(axis.first) - 1  # a text that no condition names
    return cells if first is None else [first, *[cell for cell in cells if cell != first]]


def _mildest(axis: Axis) -> int | None:
    """The value to which others are the milder the nearer they are: 0, or an adult's; None if it is the least."""
    if axis.fact.usually is None and (adult := usual_value(axis)) is not None:
        return int(adult)
    return 0 if is_unbounded_below(axis.fact) else None


def _apart(value: GridValue, mild: int) -> tuple[bool, int, bool]:
    return (False, abs(value - mild), value < mild) if isinstance(value, int) else (True, 0, False)


def minimal_value(axis: Axis, cell: int) -> GridValue:
    """The value of a cell that is as usual and as mild as can be."""
    if cell == len(axis.first):
        return None
    usual = usual_value(axis)
    if usual is not None and axis.cell_of(usual) == cell:
        return usual
    first, mild = axis.first[cell], _mildest(axis)
    kind = axis.fact.kind
    if kind.storage is Storage.DATE and mild is None and first == kind.limits[0]:
        last = axis.last(cell)  # the ends of the calendar are not realistic dates
        return PLAIN_DATE if last == kind.limits[1] else last
    if mild is not None:
        last = axis.last(cell)
        assert isinstance(first, int)
        assert isinstance(last, int)
        return max(first, min(last, mild))
    return first


def minimal_case(
    box: Box, policy: TypedPolicy, space: Space, needed: Sequence[str], ends: Mapping[str, bool]
) -> tuple[dict[str, GridValue], int | None]:
    """Returns the minimal case of a box, on the grids, and its day (an ordinal; None if the policy names no dates).

    It has each `needed` fact, and each fact on which the box depends. A fact in `ends` has its greatest known value in
    the box if `ends` maps it to True, and its least otherwise.
    """
    case: dict[str, GridValue] = {}
    for name in policy.facts:
        if name in space.axes:
            if name in box or name in needed:
                axis = space.axes[name]
                mask = box.get(name, axis.everything)
                if name in ends:
                    known = mask & axis.known
                    lowest = axis.first[(known & -known).bit_length() - 1]
                    case[name] = axis.last(known.bit_length() - 1) if ends[name] else lowest
                else:
                    case[name] = minimal_value(axis, next(cell for cell in shrink_order(axis) if mask >> cell & 1))
        elif name in needed:
            raise AssertionError(name)
    mask = box.get(DAY, space.all_days)
    return case, space.days[(mask & -mask).bit_length() - 1]


def minimal_box(boxes: Iterable[Box], space: Space) -> Box:
    """The first of the boxes in which the fewest facts are unusual, and among those the fewest others not mildest."""

    def distance(box: Box) -> tuple[int, int]:
        axes = [space.axes[name] for name in box if name in space.axes]
        out = [axis.fact for axis in axes if not box[axis.fact.name] >> shrink_order(axis)[0] & 1]
        unusual = sum(fact.usually is not None for fact in out)
        return unusual, len(out) - unusual

    return min(boxes, key=distance)


def shrink(
    box: Box, formula: Formula, search: Search, orders: Mapping[str, Sequence[int]], needed: Sequence[str]
) -> Box:
    """Returns a box in which the formula holds, with the most minimal case that is found within the bound of the
    search.

    `box` is the box to shrink. Axis by axis, in the order of `orders`, it is moved to the first cell of the axis, in
    the order given there, for which the formula has a case. An axis that is not `needed` is left free if it does not
    matter. The axes of forms come last, and have as many cells as can be.
    """
    try:
        box = search.narrowed(box)
        fixed: dict[str, int] = {}
        for name, cells in orders.items():
            at = _first(box, name, cells)
            while at:
                better = sum(1 << cell for cell in cells[:at])
                smaller = search.find(formula, {**fixed, name: better})
                if smaller is None:
                    break
                box = search.narrowed(smaller)
                at = _first(box, name, cells)
            fixed[name] = 1 << cells[at]
        forms = [name for name in box if name not in orders]
        box = {**{name: box[name] for name in forms}, **fixed}
        for name in forms:
            for cell in bits(search.masks[name] & ~box[name]):
                wider = {**box, name: box[name] | 1 << cell}
                if search.holds(formula, wider):
                    box = wider
        box = {name: mask for name, mask in box.items() if name not in forms or mask != search.masks[name]}
        for name in fixed:
            rest = {axis: mask for axis, mask in box.items() if axis != name}
            if name not in needed and search.holds(formula, rest):
                box = rest
    except (BoundReached, Unsolved):
        pass
    return box


def _first(box: Box, name: str, cells: Sequence[int]) -> int:
    """The index, in `cells`, of the first cell that a box has on an axis."""
    return next((at for at, cell in enumerate(cells) if box[name] >> cell & 1), 0) if name in box else 0


def case_json(policy: TypedPolicy, case: Mapping[str, GridValue], day: int | None) -> dict[str, object]:
    """Returns a case in the form that `decide` takes. Unknown facts are omitted, and the day is the value of `"on"`."""
    record: dict[str, object] = {
        name: value_json(policy.facts[name], value)
        for name, value in case.items()
        if value is not None or not policy.facts[name].optional
    }
    if day is not None:
        record[DAY] = datetime.date.fromordinal(day).isoformat()
    return record


# All cases in which a formula holds, as few and wide disjoint boxes.
#
# Each box that is found is widened, axis by axis, as long as the formula holds in all of it. The search then continues
# outside of the boxes found so far. How far a box can be widened on an axis depends on the axes before it. So several
# orders are tried, and the box is kept that leaves most axes free, and among those the one with most cells.


_ORDERS = 6


def cover(formula: Formula, search: Search, masks: Mapping[str, int], known: Sequence[Box] = ()) -> Iterator[Box]:
    """The boxes, disjoint. Raises `BoundReached`; the formula holds in the boxes that came before that too. Those that
    are `known`, in which it holds, are not among them, and may meet them."""
    covered = [*known]
    while True:
        left = All((Neither((Inside(tuple(covered)),)), formula)) if covered else formula
        box = search.find(left)
        if box is None:
            return
        box = _widest(box, formula if known else left, search, masks)
        covered.append(box)
        yield box


def _widest(box: Box, formula: Formula, search: Search, masks: Mapping[str, int]) -> Box:
    axes = [name for name, mask in box.items() if mask != masks[name]]
    boxes = [grown(box, order, formula, search, masks) for order in orders(axes)]
    return max(boxes, key=lambda wide: (-len(wide), _size(wide, masks)))


def orders(axes: Sequence[str]) -> list[Sequence[str]]:
    """Orders in which a box may be widened on some axes."""
    return [[*axes[at:], *axes[:at]] for at in range(min(len(axes), _ORDERS))] or [axes]


def grown(box: Box, order: Sequence[str], formula: Formula, search: Search, masks: Mapping[str, int]) -> Box:
    """The box, widened on one axis after the other as long as the formula holds in all of it."""
    wide = {name: box[name] for name in order}
    for name in order:
        more = masks[name] & ~wide[name]
        while more:
            outside = search.find(Neither((formula,)), {**wide, name: more})
            if outside is None:
                break
            more &= ~outside[name]
        wide[name] |= more
        if wide[name] == masks[name]:
            del wide[name]
    return wide


def _size(box: Box, masks: Mapping[str, int]) -> float:
    """The share of all cells that a box has."""
    size = 1.0
    for name, mask in box.items():
        size *= mask.bit_count() / masks[name].bit_count()
    return size
