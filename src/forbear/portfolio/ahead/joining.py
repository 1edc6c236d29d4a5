"""The versions of a book as one work. A fact that they declare alike is one fact, read once, in cells within which the
rules of all agree; one that a version declares otherwise is another fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import polars as pl
from attrs import evolve, field, frozen

from forbear.kernel.cases import FactSpec
from forbear.language.model.relations import Relation
from forbear.portfolio.ahead.work import Ahead, Span, Work
from forbear.portfolio.verdicts.plan import Cells, Outcome, Plan, Where
from forbear.space.axes import Axis
from forbear.space.boundaries import unordered_values
from forbear.space.formulas import All, Among, Any, At, Formula, Inside, Less, Neither


@frozen(eq=False)
class _Fact:
    """A fact as a version declares it, and its column."""

    spec: FactSpec
    column: pl.Series | None
    by_day: int | None

    @property
    def declared(self) -> tuple[FactSpec, int | None]:
        """Equal to that of another version if both read the column alike, and time moves it alike."""
        column, spec = self.column, self.spec
        if column is None or not (column.dtype.is_nested() or column.dtype == pl.Object):
            spec = spec._replace(cuts=None, related=False)  # these are for values that are known in part
        return spec, self.by_day


@frozen(eq=False)
class _Version:
    """What a version of a book has, and the names of its facts and relations in the work of all."""

    ahead: Ahead
    plans: Sequence[Plan]
    """Those of its days. All have the same axes and relations."""
    names: dict[str, str] = field(factory=dict)

    @property
    def axes(self) -> Mapping[str, Axis]:
        return self.plans[0].axes if self.plans else {}

    @property
    def relations(self) -> Mapping[str, Relation]:
        return self.plans[0].relations if self.plans else {}


def joined(ahead: Sequence[Ahead], actions: Sequence[str], frames: Sequence[pl.DataFrame], *, by_loops: bool) -> Work:
    """The work on a frame by some versions in turn, each of which has the frame as it reads it."""
    versions = [_Version(part, list(dict.fromkeys(plan for plan in part.plans if plan is not None))) for part in ahead]
    facts: dict[str, _Fact] = {}
    for version, frame in zip(versions, frames, strict=True):
        _add_facts(facts, version, frame)
    relations: dict[str, Relation] = {}
    axes: dict[str, list[Axis]] = {}
    for version in versions:
        for name, relation in version.relations.items():
            first, second = relation.facts
            own = evolve(relation, facts=(version.names[first], version.names[second]))
            relations[own.name] = own
            version.names[name] = own.name
        for name, axis in version.axes.items():
            axes.setdefault(version.names[name], []).append(axis)
    common = {name: _common(alike) for name, alike in axes.items()}
    return Work(
        tuple(actions),
        tuple(span for version in versions for span in _spans(version, common, relations)),
        {name: fact.spec for name, fact in facts.items()},
        common,
        relations,
        {name: fact.by_day for name, fact in facts.items() if fact.by_day is not None},
        {name: fact.column for name, fact in facts.items() if fact.column is not None},
        frozenset(own for each in versions for name, own in each.names.items() if name in each.ahead.options.none),
        by_loops,
    )


def _add_facts(facts: dict[str, _Fact], version: _Version, frame: pl.DataFrame) -> None:
    """Adds the facts of a version that are read, or that its rules name, and tells their names."""
    ahead = version.ahead
    columns = {fact: frame[column] for column, fact in ahead.options.facts.items()}
    for name in {**columns, **dict.fromkeys(name for name in version.axes if name not in version.relations)}:
        by_day = ahead.moves.by_day.get(name) if name in columns else None
        fact = _Fact(ahead.facts[name], columns.get(name), by_day)
        own_name, number = name, 1
        while own_name in facts and facts[own_name].declared != fact.declared:
            number += 1
            own_name = f"{name} {number}"  # which is no fact's name
        facts.setdefault(own_name, fact)
        version.names[name] = own_name


def _common(axes: Sequence[Axis]) -> Axis:
    """The axis of a fact, divided wherever one of its axes is."""
    first = axes[0]
    if all(axis.first == first.first for axis in axes):
        return first
    if first.fact.ordered:
        return evolve(first, first=tuple(sorted({value for axis in axes for value in axis.first})))  # type: ignore[type-var]
    named = [value for axis in axes for value in axis.first[:-1]]  # the last one has all other texts
    return evolve(first, first=unordered_values(first.fact, named))


def _spans(version: _Version, axes: Mapping[str, Axis], relations: Mapping[str, Relation]) -> Iterable[Span]:
    """The days on which the same rules are in force."""
    names = version.names
    cells = {name: _cells_within(axis, axes[names[name]]) for name, axis in version.axes.items()}
    facts = frozenset(names[fact] for fact in version.ahead.options.facts.values())

    @cache
    def translated(name: str, mask: int) -> int:
        within = cells[name]
        return mask if within is None else sum(own for cell, own in enumerate(within) if mask >> cell & 1)

    plans: dict[Plan | None, Plan | None] = {
        plan: _rebased(plan, axes, relations, names, translated) for plan in version.plans
    }
    spans: list[Span] = []
    for day, plan in enumerate(version.ahead.plans, version.ahead.first):
        own_plan = plans.get(plan)
        if spans and spans[-1].plan is own_plan:
            spans[-1] = spans[-1]._replace(last=day)
        else:
            spans.append(Span(day, day, own_plan, facts))
    return spans


def _cells_within(axis: Axis, common: Axis) -> Sequence[int] | None:
    """For each cell of an axis the mask of the cells of the common one that lie in it; None if they are the same."""
    if axis.first == common.first:
        return None
    masks = [0] * axis.size
    for cell, value in enumerate(common.first):
        masks[axis.cell_of(value)] |= 1 << cell
    if axis.absent:
        masks[-1] = 1 << len(common.first)
    return masks


def _rebased(
    plan: Plan,
    axes: Mapping[str, Axis],
    relations: Mapping[str, Relation],
    names: Mapping[str, str],
    translated: Callable[[str, int], int],
) -> Plan:
    """The plan of a version over the axes of all, to decide by; which cells its rules alone name is not in it."""
    memo: dict[int, Formula] = {}

    def rebased(formula: Formula) -> Formula:
        if id(formula) not in memo:
            memo[id(formula)] = over(formula)
        return memo[id(formula)]

    def over(formula: Formula) -> Formula:
        match formula:
            case Inside(boxes) | Among(boxes):
                moved = [{names[name]: translated(name, mask) for name, mask in box.items()} for box in boxes]
                return Inside(tuple(moved))
            case All(parts) | Any(parts) | Neither(parts):
                return type(formula)(tuple([rebased(part) for part in parts]))
            case At() | Less():
                raise AssertionError(formula)  # they compare several cases

    cells: Cells = {
        names[name]: tuple([translated(name, mask) for mask in masks])
        for name, masks in plan.cells_for_verdicts.items()
    }
    outcomes = {
        action: Outcome({verdict: rebased(formula) for verdict, formula in outcome.verdicts.items()})
        for action, outcome in plan.outcomes.items()
    }
    if len(outcomes) == len(plan.actions):
        rules = plan.rules  # by which none is decided
    else:
        rules = tuple([Where(rebased(where.certain), rebased(where.possible)) for where in plan.rules])
    return evolve(
        plan,
        axes=axes,
        relations=relations,
        rules=rules,
        outcomes=outcomes,
        cells_for_verdicts=cells,
        cells_for_rules={},
    )
