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
    usual, places = _as_usual(analysis)
    formula, point = usual, None
    try:
        point = searcher.possible_case(formula)
        wishes = [analysis.formulas.verdicts(action).permitted for action in actions] + places
        for wish in wishes if point is not None else ():
            found = searcher.possible_case(more := all_of([formula, wish]))
            if found is not None:
                formula, point = more, found
    except BoundReached:
        pass
    if point is None:
        return minimal_case({}, policy, space.cells, space.needed, {})[0]
    return _owing(analysis, actions, point).case


def _as_usual(analysis: Analysis) -> tuple[Formula, list[Formula]]:
    """The usual values, and the day in the middle of those on which something begins; and, as wishes, the places that
    the rules name, such as a state, where the others would be none."""
    box: dict[str, int] = {}
    wishes: list[Formula] = []
    clock, axes = clock_axis(analysis), analysis.space.cells.axes
    for name in analysis.space.needed:
        axis = axes[name]
        usual = usual_value(axis)
        named = _named(analysis, name) if axis.fact.kind is CODE else 0
        if name == clock:
            last = len(axis.first) - 1
            box[name] = 1 << min(max(last // 2, 1), last)
        elif usual is not None:
            box[name] = 1 << axis.cell_of(usual)
        elif axis.absent and not axis.fact.optional:  # unknown, it would forbid
            box[name] = 1 << len(axis.first) | named
            wishes += [Inside(({name: named},))] if named else []
        elif named:  # such as the country of all rules
            box[name] = named
    return Inside((box,)), wishes


def _named(analysis: Analysis, name: str) -> int:
    """The fewest values of a fact in which a rule holds, if all rules that name so few name the same; otherwise 0."""
    known = analysis.space.cells.axes[name].known
    boxes = [box for regions in analysis.space.regions for box in regions.certain]
    masks = {box.get(name, known) & known for box in boxes} - {0}
    fewest = min((mask.bit_count() for mask in masks), default=0)
    narrow = [mask for mask in masks if mask.bit_count() == fewest]
    return narrow[0] if len(narrow) == 1 else 0


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
