"""Rungs of ladders: a rung is an action, or a group of peers, which is permitted if one of them is."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.engine.space import Point
from forbear.kernel.cases import PERMITTED, Verdict
from forbear.language.model.comparisons import Compare, OneOf
from forbear.language.model.conditions import And, Condition
from forbear.language.model.policy import TypedPolicy, clock
from forbear.space.axes import Axis
from forbear.space.formulas import Formula, Neither, any_of, inside
from forbear.space.regions import Box


def members(analysis: Analysis, rung: str) -> tuple[str, ...]:
    """The actions of a rung."""
    return analysis.policy.groups[rung].actions if rung in analysis.policy.groups else (rung,)


def permitted(analysis: Analysis, rung: str) -> Formula:
    """Returns the formula for when one of a rung's actions is permitted."""
    return any_of(analysis.formulas.verdicts(action).permitted for action in members(analysis, rung))


def is_permitted(analysis: Analysis, rung: str, point: Point) -> bool:
    """Returns true if one of a rung's actions is permitted in a case, by the oracle."""
    return any(analysis.space.verdict(action, point) in PERMITTED for action in members(analysis, rung))


def is_unsaid(analysis: Analysis, rung: str, point: Point) -> bool:
    """Returns true if all of a rung's actions are unsaid in a case, by the oracle."""
    return all(analysis.space.verdict(action, point) is Verdict.UNSAID for action in members(analysis, rung))


def unsaid(analysis: Analysis, rung: str) -> Formula:
    """Returns the formula for when all of a rung's actions are unsaid."""
    return Neither((analysis.formulas.not_unsaid(members(analysis, rung)),))


def clock_axis(analysis: Analysis) -> str | None:
    """Returns the axis of the clock, if some rule reads it."""
    fact = clock(analysis.policy)
    return fact.name if fact is not None and fact.name in analysis.space.cells.axes else None


# A case may show that a milder step was taken before, or that only a consent to it is missing.


def consents(policy: TypedPolicy) -> frozenset[str]:
    """The facts that are declared as a consent."""
    return frozenset([name for name, fact in policy.facts.items() if fact.consent])


def with_consent(analysis: Analysis, actions: Collection[str]) -> Iterator[Box]:
    """Yields the boxes in which a rule would permit one of the actions if the consents that it asks for were given."""
    consent_facts, axes = consents(analysis.policy), analysis.space.cells.axes
    for box in _permitting_boxes(analysis, actions):
        given = {name for name in consent_facts & box.keys() if box[name] >> axes[name].cell_of(True) & 1}
        free = {name: mask for name, mask in box.items() if name not in given}
        if len(free) < len(box):
            yield free


def needs_consent(analysis: Analysis, number: int, action: str) -> bool:
    """Returns true if a rule permits an action only with a consent."""
    consent_facts = consents(analysis.policy)
    boxes = analysis.space.of_effect(number, analysis.policy.rules[number].effects[action])
    axes = analysis.space.cells.axes
    return bool(boxes) and all(
        any(name in consent_facts and mask == 1 << axes[name].cell_of(True) for name, mask in box.items())
        for box in boxes
    )


def _permitting_boxes(analysis: Analysis, actions: Collection[str]) -> Iterator[Box]:
    for number, rule in enumerate(analysis.policy.rules):
        for effect in {effect for action, effect in rule.effects.items() if action in actions and effect.permits}:
            yield from analysis.space.of_effect(number, effect)


def taken(analysis: Analysis, actions: Collection[str]) -> Formula:
    """Returns the formula for when some fact shows that one of the actions was taken before.

    Such a fact counts events, or asks whether there is one, or how long ago the last one was, and selects them by an
    attribute with the name of the action, or the last word of it: `medium is call` for `phone_call`.
    """
    boxes: list[Box] = []
    for name, axis in analysis.space.cells.axes.items():
        derived = analysis.policy.derived.get(name)
        if derived is not None and derived.events is not None and _is_of(derived.events.where, actions):
            mask = _happened(axis, derived.measure)
            if mask:
                boxes.append({name: mask})
    return inside(boxes)


def _is_of(where: Condition, actions: Collection[str]) -> bool:
    names = {name for action in actions for name in (action, action.rpartition("_")[2])}
    for part in where.parts if isinstance(where, And) else (where,):
        match part:
            case Compare(operator="=", value=str(value)) if value in names:
                return True
            case OneOf(values=values, negated=False) if names.issuperset(values):
                return True
            case _:
                pass
    return False


def _happened(axis: Axis, measure: str) -> int:
    """The cells in which there was an event."""
    match measure:
        case "any":
            return 1 << axis.cell_of(True)
        case "count":
            return axis.known & ~((1 << axis.cell_of(0) + 1) - 1)
        case "days since":
            return axis.known
        case _:
            return 0
