"""The plan for deciding rows, made from a policy and a day: where each rule holds, as formulas over cells.

A guard becomes a formula of the same shape, so it does not grow. An unknown fact is one more cell of that fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, assert_never

from attrs import frozen

from forbear.base.source import Place, Source
from forbear.kernel.cases import FactSpec, Verdict
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import FLAG
from forbear.language.model.relations import Relation
from forbear.semantics.lowered.actions import ActionTable
from forbear.semantics.lowered.guards import AllOf, AnyOf, Guard, Guards, RelatedValues, relations_of
from forbear.space.axes import Axis, leaf_cells, space_of
from forbear.space.formulas import FALSE, TRUE, All, Among, Any, At, Formula, Inside, Neither, any_of, inside
from forbear.space.predicates.specs import Specs
from forbear.space.regions import intersection

Cells: TypeAlias = Mapping[str, tuple[int, ...]]
"""Sets of cells of each fact."""


FAILS, HOLDS = 0b01, 0b10
"""The cells of a relation: where it does not hold, and where it does."""


@frozen(eq=False)
class Where:
    """The formulas for when a rule certainly holds and when it possibly holds: one object if no fact that it reads can
    be unknown.
    """

    certain: Formula
    possible: Formula


@frozen(eq=False)
class Outcome:
    """The verdict of an action and when it has it: the first outcome that holds counts."""

    verdicts: Mapping[Verdict, Formula]


@frozen(eq=False)
class Plan:
    """All data needed to decide rows. A rule that is not in force holds nowhere.

    `outcomes` has the actions on which no rule overrides another. `cells_for_verdicts` are the sets of cells that the
    verdicts alone depend on, `cells_for_rules` those that the deciding rules depend on. Each of the `relations` has an
    axis too, by its name.
    """

    tables: Specs
    axes: Mapping[str, Axis]
    relations: Mapping[str, Relation]
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
    """The plan for a policy; bit N of `in_force` says whether rule N is in force."""
    relations = relations_of([guards.certain for guards in tables.lowered.guards])
    axes = {**space_of(tables.lowered).axes, **{name: _axis(name) for name in relations}}
    rules = tuple(
        _where(guards, axes) if in_force >> number & 1 else _NOWHERE
        for number, guards in enumerate(tables.lowered.guards)
    )
    actions = tables.lowered.actions
    outcomes = {name: _outcome(table, rules, axes) for name, table in actions.items() if not table.overridden}
    for_verdicts = [formula for outcome in outcomes.values() for formula in outcome.verdicts.values()]
    for_verdicts += [
        formula
        for name, table in actions.items()
        if name not in outcomes
        for number in table.effects
        for formula in _both(rules[number])
    ]
    for_rules = [formula for rule in rules for formula in _both(rule)]
    return Plan(tables, axes, relations, rules, outcomes, _cells(axes, for_verdicts), _cells(axes, for_rules))


def _axis(relation: str) -> Axis:
    """The axis of a relation: where it does not hold, and where it does."""
    return Axis(Fact(name=relation, kind=FLAG, place=Place(Source("", ""), (0, 0))), (False, True), False)


def _both(where: Where) -> tuple[Formula, Formula]:
    return where.certain, where.possible


def _cells(axes: Mapping[str, Axis], formulas: Iterable[Formula]) -> Cells:
    """The sets of cells that formulas name, by fact."""
    by_fact: dict[str, dict[int, None]] = {name: {} for name in axes}

    def look(formula: Formula) -> None:
        match formula:
            case Inside(boxes) | Among(boxes):
                for box in boxes:
                    for name, cells in box.items():
                        by_fact[name][cells] = None
            case All(parts) | Any(parts) | Neither(parts):
                for part in parts:
                    look(part)
            case At():
                raise AssertionError(formula)  # they speak of several cases at once
            case never:
                assert_never(never)

    for formula in formulas:
        look(formula)
    return {name: tuple(cells) for name, cells in by_fact.items()}


def _where(guards: Guards, axes: Mapping[str, Axis]) -> Where:
    certain = formula(guards.certain, axes)
    return Where(certain, certain if guards.possible is guards.certain else formula(guards.possible, axes))


_NOWHERE = Where(FALSE, FALSE)


def _outcome(table: ActionTable, rules: tuple[Where, ...], axes: Mapping[str, Axis]) -> Outcome:
    """The outcome of an action. Where one fact alone gives a stronger verdict, the weaker formulas may say anything."""
    by_verdict: dict[Verdict, list[Formula]] = {}
    for branch in table.branches:
        formulas = by_verdict.setdefault(branch.verdict, [])
        formulas += [rules[number].possible if branch.possible else rules[number].certain for number in branch.rules]
    covered: dict[str, int] = {}
    return Outcome({verdict: _lean(any_of(formulas), axes, covered) for verdict, formulas in by_verdict.items()})


def _lean(formula: Formula, axes: Mapping[str, Axis], covered: dict[str, int]) -> Formula:
    """A formula that is equal outside of `covered`, and compares less.

    `covered` has, by fact, the cells that give a stronger verdict by themselves. A box within these cells is dropped.
    Any other box is widened by them: a fact whose cells are then all in the box need not be compared. The cells of
    boxes of one fact are added to `covered`.
    """
    if not isinstance(formula, (Inside, Among)):
        return formula
    before = dict(covered)
    boxes: list[Mapping[str, int]] = list(formula.boxes)
    grew = True
    while grew:
        grew = False
        remaining: dict[frozenset[tuple[str, int]], None] = {}
        for box in boxes:
            if any(not mask & ~covered.get(name, 0) for name, mask in box.items()):
                continue
            wide = {name: mask | covered.get(name, 0) for name, mask in box.items()}
            wide = {name: mask for name, mask in wide.items() if mask != axes[name].everything}
            if not wide:
                return TRUE
            if len(wide) == 1:
                covered.update(wide)
                grew = True
            else:
                remaining[frozenset(wide.items())] = None
        boxes = [dict(box) for box in remaining]
    alone = [{name: mask} for name, mask in covered.items() if mask != before.get(name, 0)]
    return inside([*alone, *boxes])


def formula(guard: Guard, axes: Mapping[str, Axis]) -> Formula:
    """Returns the formula for when a guard holds."""
    match guard:
        case AllOf(parts):
            return _all_of([formula(part, axes) for part in parts])
        case AnyOf(parts):
            return any_of([formula(part, axes) for part in parts])
        case RelatedValues(relation, holds, absences):
            where = inside([{relation.name: HOLDS if holds else FAILS}])
            for name, holds_then in reversed(absences):
                known = axes[name].known
                if holds_then:
                    where = any_of([inside([{name: axes[name].everything & ~known}]), where])
                else:
                    where = _all_of([inside([{name: known}]), where])
            return where
        case leaf:
            axis = axes[leaf.fact]
            cells = leaf_cells(leaf, axis)
            return TRUE if cells == axis.everything else inside([{leaf.fact: cells}] if cells else [])


def _all_of(formulas: list[Formula]) -> Formula:
    """Returns the conjunction of formulas. Formulas of one box each are merged into one box."""
    box: dict[str, int] = {}
    further: list[Formula] = []
    for part in formulas:
        if isinstance(part, Inside) and len(part.boxes) == 1:
            common = intersection(box, part.boxes[0])
            if common is None:
                return FALSE
            box = dict(common)
        elif part is FALSE:
            return FALSE
        elif part is not TRUE:
            further.append(part)
    first = [inside([box])] if box else []
    whole = (*first, *further)
    return whole[0] if len(whole) == 1 else All(whole) if whole else TRUE
