"""What the findings about ladders share: a rung is an action, or a group of peers that is permitted where one is."""

from __future__ import annotations

from forbear.analysis.view import View
from forbear.policy.typed import clock
from forbear.space.formulas import Formula, Neither, any_of


def members(view: View, rung: str) -> tuple[str, ...]:
    """The actions of a rung."""
    return view.policy.groups[rung].actions if rung in view.policy.groups else (rung,)


def permitted(view: View, rung: str) -> Formula:
    """Where one of a rung's actions is permitted."""
    return any_of(view.verdicts(action).permitted for action in members(view, rung))


def unsaid(view: View, rung: str) -> Formula:
    """Where all of a rung's actions are unsaid."""
    return Neither((view.spoken(members(view, rung)),))


def clock_axis(view: View) -> str | None:
    """The axis of the clock, where some rule reads it."""
    fact = clock(view.policy)
    return fact.name if fact is not None and fact.name in view.cut.axes else None


def ascending_only(view: View, name: str) -> int:
    """The cells of an axis that lie on the line: those of known values."""
    return view.cut.axes[name].known
