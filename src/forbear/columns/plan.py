"""What is to be found out of each row, from a policy and a day: where each rule holds, as formulas over cells.

A guard becomes a formula of its own shape, so it stays as large as it is written. A fact's unknown is one more cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, assert_never

from attrs import frozen

from forbear.kernel import FactSpec, Verdict
from forbear.lowered.actions import ActionTable
from forbear.lowered.guards import AllOf, AnyOf, Bound, Guard, Guards, In, NotIn, Outside, Within
from forbear.predicates.specs import Specs
from forbear.space.axes import Axis, Space, leaf_cells, space_of
from forbear.space.formulas import FALSE, TRUE, All, Among, Any, At, Formula, Inside, Less, Neither, any_of, inside
from forbear.space.regions import intersection

Cells: TypeAlias = Mapping[str, tuple[int, ...]]
"""Sets of cells of each fact."""


@frozen(eq=False)
class Where:
    """Where a rule holds: certainly, and not certainly not. They are one where nothing it reads can be unknown."""

    certain: Formula
    possible: Formula


@frozen(eq=False)
class Outcome:
    """Where an action has which verdict: the first of these that holds."""

    verdicts: Mapping[Verdict, Formula]


@frozen(eq=False)
class Plan:
    """All that is needed to decide rows. A rule that is not in force holds nowhere. `outcomes` has the actions of which
    no rule overrides another. For verdicts alone it is enough to know where facts lie in some sets of their cells, and
    for the deciding rules in others."""

    tables: Specs
    axes: Mapping[str, Axis]
    rules: tuple[Where, ...]
    outcomes: Mapping[str, Outcome]
    cells_for_verdicts: Cells
    cells_for_rules: Cells

    @property
    def actions(self) -> Mapping[str, ActionTable]:
        return self.tables.lowered.actions

    @property
    def facts(self) -> Mapping[str, FactSpec]:
        return self.tables.facts


def plan(tables: Specs, in_force: int) -> Plan:
    """The plan for a policy, with a bit of `in_force` for each rule that is."""
    cut = space_of(tables.lowered)
    rules = tuple(
        _where(guards, cut) if in_force >> number & 1 else _NOWHERE
        for number, guards in enumerate(tables.lowered.guards)
    )
    actions = tables.lowered.actions
    outcomes = {name: _outcome(table, rules, cut.axes) for name, table in actions.items() if not table.overridden}
    read = [one for outcome in outcomes.values() for one in outcome.verdicts.values()]
    read += [
        one
        for name, table in actions.items()
        if name not in outcomes
        for number in table.effects
        for one in _both(rules[number])
    ]
    of_rules = [one for rule in rules for one in _both(rule)]
    return Plan(tables, cut.axes, rules, outcomes, _cells(cut.axes, read), _cells(cut.axes, of_rules))


def _both(where: Where) -> tuple[Formula, Formula]:
    return where.certain, where.possible


def _cells(axes: Mapping[str, Axis], formulas: Iterable[Formula]) -> Cells:
    """The sets of cells of which formulas speak."""
    found: dict[str, dict[int, None]] = {name: {} for name in axes}

    def look(formula: Formula) -> None:
        match formula:
            case Inside(boxes) | Among(boxes):
                for box in boxes:
                    for name, cells in box.items():
                        found[name][cells] = None
            case All(parts) | Any(parts) | Neither(parts):
                for part in parts:
                    look(part)
            case At() | Less():
                raise AssertionError(formula)  # they speak of several cases at once
            case never:
                assert_never(never)

    for formula in formulas:
        look(formula)
    return {name: tuple(cells) for name, cells in found.items()}


def _where(guards: Guards, cut: Space) -> Where:
    certain = formula(guards.certain, cut)
    return Where(certain, certain if guards.possible is guards.certain else formula(guards.possible, cut))


_NOWHERE = Where(FALSE, FALSE)


def _outcome(table: ActionTable, rules: tuple[Where, ...], axes: Mapping[str, Axis]) -> Outcome:
    """Where a stronger verdict is certain by one fact alone, the weaker ones may be said to hold or not."""
    by_verdict: dict[Verdict, list[Formula]] = {}
    for branch in table.branches:
        found = by_verdict.setdefault(branch.verdict, [])
        found += [rules[number].possible if branch.possible else rules[number].certain for number in branch.rules]
    settled: dict[str, int] = {}
    return Outcome({verdict: _lean(any_of(found), axes, settled) for verdict, found in by_verdict.items()})


def _lean(formula: Formula, axes: Mapping[str, Axis], settled: dict[str, int]) -> Formula:
    """The same outside of `settled`, cells of single facts; with as little to compare as is found at once. Takes up in
    `settled` the cells in which it holds.

    A box that lies within cells that hold anyway is left out, and one that does not is widened by them, which saves
    comparing the fact where nothing is left out.
    """
    if not isinstance(formula, (Inside, Among)):
        return formula
    before = dict(settled)
    boxes: list[Mapping[str, int]] = list(formula.boxes)
    found = True
    while found:
        found = False
        kept: dict[frozenset[tuple[str, int]], None] = {}
        for box in boxes:
            if any(not mask & ~settled.get(name, 0) for name, mask in box.items()):
                continue
            wide = {name: mask | settled.get(name, 0) for name, mask in box.items()}
            wide = {name: mask for name, mask in wide.items() if mask != axes[name].everything}
            if not wide:
                return TRUE
            if len(wide) == 1:
                settled.update(wide)
                found = True
            else:
                kept[frozenset(wide.items())] = None
        boxes = [dict(box) for box in kept]
    alone = [{name: mask} for name, mask in settled.items() if mask != before.get(name, 0)]
    return inside([*alone, *boxes])


def formula(guard: Guard, cut: Space) -> Formula:
    """Where a guard holds."""
    match guard:
        case AllOf(parts):
            return _all_of([formula(part, cut) for part in parts])
        case AnyOf(parts):
            return any_of([formula(part, cut) for part in parts])
        case Bound() | Within() | Outside() | In() | NotIn():
            axis = cut.axes[guard.fact]
            cells = leaf_cells(guard, axis)
            return TRUE if cells == axis.everything else inside([{guard.fact: cells}] if cells else [])
        case never:
            assert_never(never)


def _all_of(formulas: list[Formula]) -> Formula:
    """Where all of the formulas hold; those that are one box each come to one box."""
    box: dict[str, int] = {}
    others: list[Formula] = []
    for part in formulas:
        if isinstance(part, Inside) and len(part.boxes) == 1:
            common = intersection(box, part.boxes[0])
            if common is None:
                return FALSE
            box = dict(common)
        elif part is FALSE:
            return FALSE
        elif part is not TRUE:
            others.append(part)
    first = [inside([box])] if box else []
    whole = (*first, *others)
    return whole[0] if len(whole) == 1 else All(whole) if whole else TRUE
