"""Witnesses: of the cases in which a formula holds the plainest, as `decide` takes it.

A fact that does not matter has its usual value, else the mildest; one that matters stands near a threshold.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from forbear.kernel import GridValue
from forbear.model.facts import DEFAULT_RANGE, NUMERIC, Absent, Kind
from forbear.model.policy import TypedPolicy
from forbear.model.values import value_json
from forbear.space.axes import DAY, Axis, Space, usual_value
from forbear.space.formulas import Formula
from forbear.space.regions import Box
from forbear.space.search.bound import BoundReached
from forbear.space.search.search import Search

_PLAIN_DATE = datetime.date(2000, 1, 1).toordinal()


def plain_cells(axis: Axis) -> list[int]:
    """The cells of an axis, the plainest first: that of the usual value, then from mild to harsh, absence last. On a
    line without a lower end, what is near 0 is mild."""
    cells = list(range(axis.size))
    if _unbounded_below(axis):
        cells.sort(key=lambda cell: _from_zero(_plain_value(axis, cell)))
    usual = usual_value(axis)
    first = axis.cell_of(usual) if usual is not None else None
    if isinstance(axis.fact.usually, Absent) and axis.absent:
        first = len(axis.first)
    return cells if first is None else [first, *[cell for cell in cells if cell != first]]


def _from_zero(value: GridValue) -> tuple[bool, int, bool]:
    return (False, abs(value), value < 0) if isinstance(value, int) else (True, 0, False)


def _unbounded_below(axis: Axis) -> bool:
    return axis.fact.kind in NUMERIC and axis.fact.low < 0 and axis.fact.low == DEFAULT_RANGE[axis.fact.kind][0]


def _plain_value(axis: Axis, cell: int) -> GridValue:
    if cell == len(axis.first):
        return None
    usual = usual_value(axis)
    if usual is not None and axis.cell_of(usual) == cell:
        return usual
    first = axis.first[cell]
    if axis.fact.kind is Kind.DATE and first == DEFAULT_RANGE[Kind.DATE][0]:
        last = axis.last(cell)  # the first day of the calendar is nobody's plain date, nor is its last
        return _PLAIN_DATE if last == DEFAULT_RANGE[Kind.DATE][1] else last
    if _unbounded_below(axis):
        last = axis.last(cell)
        assert isinstance(first, int)
        assert isinstance(last, int)
        return max(first, min(last, 0))
    return first


def plainest(
    box: Box, policy: TypedPolicy, space: Space, needed: Sequence[str], ends: Mapping[str, bool]
) -> tuple[dict[str, GridValue], int | None]:
    """The plainest case of a box, and its day.

    It holds each fact that the policy reads, and each on which the box depends. Of a fact in `ends` it takes the
    greatest value that the box leaves, or the least where that says False.
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
                    case[name] = _plain_value(axis, next(cell for cell in plain_cells(axis) if mask >> cell & 1))
        elif name in needed:
            raise AssertionError(name)
    mask = box.get(DAY, space.all_days)
    return case, space.days[(mask & -mask).bit_length() - 1]


def plainest_box(boxes: Iterable[Box], space: Space) -> Box:
    """Of some boxes one that leaves the most facts at their usual values, then the most others at the mildest; the
    first of those that do."""

    def odd(box: Box) -> tuple[int, int]:
        axes = [space.axes[name] for name in box if name in space.axes]
        out = [axis.fact for axis in axes if not box[axis.fact.name] >> plain_cells(axis)[0] & 1]
        unusual = sum(fact.usually is not None for fact in out)
        return unusual, len(out) - unusual

    return min(boxes, key=odd)


def plainer(
    box: Box, formula: Formula, search: Search, orders: Mapping[str, Sequence[int]], needed: Sequence[str]
) -> Box:
    """A box of the formula that holds the plainest case that can be found in the bound of the search.

    `box` is one that was found before. Axis by axis, in the order of `orders`, it goes over to the first cell of the
    axis that some case of the formula has. An axis that is not `needed` is left free where it does not matter.
    """
    try:
        fixed: dict[str, int] = {}
        for name, cells in orders.items():
            at = _first(box, name, cells)
            while at:
                better = sum(1 << cell for cell in cells[:at])
                found = search.find(formula, {**fixed, name: better})
                if found is None:
                    break
                box = found
                at = _first(box, name, cells)
            fixed[name] = 1 << cells[at]
        box = fixed
        for name in fixed:
            rest = {axis: mask for axis, mask in box.items() if axis != name}
            if name not in needed and search.holds(formula, rest):
                box = rest
    except BoundReached:
        pass
    return box


def _first(box: Box, name: str, cells: Sequence[int]) -> int:
    """The place of the first cell that a box has on an axis."""
    return next((at for at, cell in enumerate(cells) if box[name] >> cell & 1), 0) if name in box else 0


def case_json(policy: TypedPolicy, case: Mapping[str, GridValue], day: int | None) -> dict[str, object]:
    """A case as `decide` takes it; what is unknown is left out, and the day stands under `"on"`."""
    record: dict[str, object] = {
        name: value_json(policy.facts[name], value)
        for name, value in case.items()
        if value is not None or not policy.facts[name].optional
    }
    if day is not None:
        record[DAY] = datetime.date.fromordinal(day).isoformat()
    return record
