"""What the rules say of an action in one cell of a fact, and in which cells they say the same."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from forbear.portfolio.verdicts.plan import Outcome, Plan, Where
from forbear.space.formulas import TRUE, All, Among, Any, At, Formula, Inside, Less, Neither


def runs_of(plan: Plan, action: str, name: str, high: int) -> list[tuple[int, int, int]]:
    """Runs of cells of a fact in which the rules say the same of an action, if all else is equal: a cell of each, and
    the first and the last value."""
    axis, changes = plan.axes.get(name), 0
    for formula in formulas_of(plan, action):
        for mask in masks_in(formula, name):
            changes |= mask ^ (mask << 1)
    firsts = [] if axis is None else [(cell, first) for cell, first in enumerate(axis.first) if isinstance(first, int)]
    starts = [(cell, first) for cell, first in firsts if cell == 0 or changes >> cell & 1] or [(0, -high)]
    ends = [*[first - 1 for _, first in starts[1:]], high]
    return [(cell, first, last) for (cell, first), last in zip(starts, ends, strict=True)]


def plan_in_cell(plan: Plan, action: str, name: str, cell: int) -> Plan:
    """The plan for an action in rows that are all in one cell of a fact, which is not read any more."""
    if action in plan.outcomes:
        verdicts = plan.outcomes[action].verdicts.items()
        outcome = Outcome({verdict: in_cell(formula, name, cell) for verdict, formula in verdicts})
        return evolve(plan, outcomes={action: outcome})
    rules = list(plan.rules)
    for number in plan.actions[action].effects:
        where = rules[number]
        rules[number] = Where(in_cell(where.certain, name, cell), in_cell(where.possible, name, cell))
    return evolve(plan, rules=tuple(rules))


def in_cell(formula: Formula, name: str, cell: int) -> Formula:
    match formula:
        case Inside(boxes) | Among(boxes):
            left = []
            for box in boxes:
                if name not in box:
                    left.append(box)
                elif box[name] >> cell & 1:
                    if len(box) == 1:
                        return TRUE
                    left.append({fact: cells for fact, cells in box.items() if fact != name})
            return Inside(tuple(left))
        case All(parts):
            return All(tuple([in_cell(part, name, cell) for part in parts]))
        case Any(parts):
            return Any(tuple([in_cell(part, name, cell) for part in parts]))
        case Neither(parts):
            return Neither(tuple([in_cell(part, name, cell) for part in parts]))
        case At() | Less():
            raise AssertionError(formula)  # they compare several cases


def formulas_of(plan: Plan, action: str) -> list[Formula]:
    """The formulas that the verdict on an action depends on."""
    if action in plan.outcomes:
        return list(plan.outcomes[action].verdicts.values())
    rules = [plan.rules[number] for number in plan.actions[action].effects]
    return [formula for rule in rules for formula in (rule.certain, rule.possible)]


def masks_in(formula: Formula, name: str) -> Iterator[int]:
    """The sets of cells of a fact, or of a relation, that a formula reads."""
    match formula:
        case Inside(boxes) | Among(boxes):
            yield from [box[name] for box in boxes if name in box]
        case All(parts) | Any(parts) | Neither(parts):
            for part in parts:
                yield from masks_in(part, name)
        case At() | Less():
            raise AssertionError(formula)  # they compare several cases
