"""The case of an ordinary late borrower: every fact as usual, the middle of the ladder, and of the facts that are never
usual the mildest values by which most is permitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.engine.space import Point
from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.analysis.spans import ROW_BOUND, in_ladder_order
from forbear.kernel.cases import GridValue, Verdict
from forbear.language.model.kinds import CODE
from forbear.space.axes import usual_value
from forbear.space.formulas import Formula, Inside, all_of
from forbear.space.search.bound import BoundReached
from forbear.space.search.witness import minimal_case

_SUMS = (100, 500, 1000, 50, 10)
"""Sums of an ordinary borrower, in units of their currency: the first that changes no verdict."""


def ordinary_case(analysis: Analysis) -> Mapping[str, GridValue]:
    """The values of the facts that rules read, on their grids. If the search is given up, what it has until then."""
    searcher, space, policy = analysis.searcher, analysis.space, analysis.policy
    searcher.bound.left = ROW_BOUND
    actions = in_ladder_order(policy)
    formula, point = _as_usual(analysis), None
    try:
        point = searcher.possible_case(formula)
        for action in actions if point is not None else ():
            more = all_of([formula, analysis.formulas.verdicts(action).permitted])
            found = searcher.possible_case(more)
            if found is not None:
                formula, point = more, found
    except BoundReached:
        pass
    if point is None:
        return minimal_case({}, policy, space.cells, space.needed, {})[0]
    return _owing(analysis, actions, point).case


def _as_usual(analysis: Analysis) -> Formula:
    """The usual values, and the day in the middle of those on which something begins."""
    box: dict[str, int] = {}
    clock, axes = clock_axis(analysis), analysis.space.cells.axes
    for name in analysis.space.needed:
        axis = axes[name]
        usual = usual_value(axis)
        if name == clock:
            last = len(axis.first) - 1
            box[name] = 1 << min(max(last // 2, 1), last)
        elif usual is not None:
            box[name] = 1 << axis.cell_of(usual)
        elif axis.absent and not axis.fact.optional:  # unknown, it would forbid
            box[name] = 1 << len(axis.first)
        elif axis.fact.kind is CODE and len(named := _named(analysis, name)) == 1:  # such as the country of all rules
            [box[name]] = named
    return Inside((box,))


def _named(analysis: Analysis, name: str) -> set[int]:
    """The cells of single values of a fact in which a rule holds."""
    known = analysis.space.cells.axes[name].known
    boxes = [box for regions in analysis.space.regions for box in regions.certain]
    return {cell for box in boxes if (cell := box.get(name, known) & known).bit_count() == 1}


def _owing(analysis: Analysis, actions: Sequence[str], point: Point) -> Point:
    """The case with round sums in place of the least, as far as that changes no verdict."""
    verdicts = _verdicts(analysis, actions, point)
    for name, value in point.case.items():
        fact = analysis.policy.facts[name]
        if value is None or fact.currency is None or fact.usually is not None:
            continue
        for amount in _SUMS:
            number = int(amount / fact.step)
            if fact.low <= number <= fact.high:
                owing = evolve(point, case={**point.case, name: number})
                if _verdicts(analysis, actions, owing) == verdicts:
                    point = owing
                    break
    return point


def _verdicts(analysis: Analysis, actions: Sequence[str], point: Point) -> list[Verdict]:
    return [analysis.space.verdict(action, point) for action in actions]
