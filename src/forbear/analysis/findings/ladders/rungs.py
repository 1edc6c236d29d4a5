"""Rungs of ladders: a rung is an action, or a group of peers, which is permitted where one of them is."""

from __future__ import annotations

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.engine.space import Point
from forbear.kernel.cases import PERMITTED, Verdict
from forbear.language.model.policy import clock
from forbear.space.formulas import Formula, Neither, any_of


def members(analysis: Analysis, rung: str) -> tuple[str, ...]:
    """The actions of a rung."""
    return analysis.policy.groups[rung].actions if rung in analysis.policy.groups else (rung,)


def permitted(analysis: Analysis, rung: str) -> Formula:
    """Where one of a rung's actions is permitted."""
    return any_of(analysis.formulas.verdicts(action).permitted for action in members(analysis, rung))


def is_permitted(analysis: Analysis, rung: str, point: Point) -> bool:
    """Whether one of a rung's actions is permitted in a case, by the oracle."""
    return any(analysis.space.verdict(action, point) in PERMITTED for action in members(analysis, rung))


def is_unsaid(analysis: Analysis, rung: str, point: Point) -> bool:
    """Whether all of a rung's actions are unsaid in a case, by the oracle."""
    return all(analysis.space.verdict(action, point) is Verdict.UNSAID for action in members(analysis, rung))


def unsaid(analysis: Analysis, rung: str) -> Formula:
    """Where all of a rung's actions are unsaid."""
    return Neither((analysis.formulas.not_unsaid(members(analysis, rung)),))


def clock_axis(analysis: Analysis) -> str | None:
    """The axis of the clock, where some rule reads it."""
    fact = clock(analysis.policy)
    return fact.name if fact is not None and fact.name in analysis.space.cells.axes else None


def ascending_only(analysis: Analysis, name: str) -> int:
    """The cells of an axis that are ordered: those of known values."""
    return analysis.space.cells.axes[name].known
