"""The facts of a frame of cases that move with time, if nothing else happens: docs/reference/language/time.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from forbear.kernel.cases import CaseError
from forbear.kernel.faults import fault
from forbear.language.model.held import BY_A_DAY, may_be_held
from forbear.language.model.policy import TypedPolicy

OF_THE_DAY = ("date", "weekday")
"""The measures that have another value on each day."""


@frozen
class Moves:
    """The facts that move with time, with the steps by which each rises in a day, or falls; and those that are held
    still, as the columns give them.
    """

    by_day: Mapping[str, int]
    held: tuple[str, ...]

    @classmethod
    def together(cls, moves: Sequence[Moves]) -> Moves:
        """Those of all versions of a book. What time moves by one is not held."""
        by_day = {fact: by for version in moves for fact, by in version.by_day.items()}
        held = dict.fromkeys(fact for version in moves for fact in version.held if fact not in by_day)
        return cls(by_day, tuple(held))


def timeline(policy: TypedPolicy, columns: Collection[str], read: Collection[str]) -> Moves:
    """Returns the facts that move with time in cases that have a moment, including those that follow from it, from
    events and from dates.
    """
    moving = [fact.name for fact in policy.facts.values() if fact.by_day and fact.name in columns]
    derived = _moved(policy, read)
    moving += [name for name, measure in derived.items() if name not in columns or measure in BY_A_DAY]
    return Moves(dict.fromkeys(moving, 1), _held(policy, columns, read, moving))


def moves(policy: TypedPolicy, columns: Collection[str], read: Collection[str]) -> Moves:
    """Returns which of the `given` facts move with time; `read` are those that rules read.

    Raises `CaseError` if the number of a fact that rises daily has steps of which a day is no multiple.
    """
    by_day = {fact.name: 1 for fact in policy.facts.values() if fact.by_day and fact.name in columns}
    derived = {name: measure for name, measure in _moved(policy, read).items() if name in columns}
    by_day |= {name: BY_A_DAY[measure] for name, measure in derived.items() if measure in BY_A_DAY}
    wrong = [fault(name, "parts-of-days", name=name) for name in by_day if policy.facts[name].step.numerator != 1]
    if wrong:
        raise CaseError(wrong)
    steps = {name: by * policy.facts[name].step.denominator for name, by in by_day.items()}
    return Moves(steps, _held(policy, columns, read, by_day))


def _moved(policy: TypedPolicy, read: Collection[str]) -> dict[str, str]:
    """The measures of the derived facts that are read and that time moves."""
    return {name: one.measure for name, one in policy.derived.items() if name in read and not one.stays}


def _held(
    policy: TypedPolicy, columns: Collection[str], read: Collection[str], moving: Collection[str]
) -> tuple[str, ...]:
    given = may_be_held(policy, read)
    names = dict.fromkeys([*_moved(policy, read), *given.follow, *given.this_day])
    return tuple([name for name in names if name in columns and name not in moving])
