"""What time moves in a frame of cases, if nothing else happens: docs/language.md, "What time moves"."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from forbear.kernel.cases import CaseError, Fault
from forbear.kernel.faults import fault
from forbear.language.model.policy import TypedPolicy, clock, plain_days

_BY_A_DAY = {"days since": 1, "days since first": 1, "days until": -1}
"""The measures of which a number that is given rises or falls by one a day."""
_OF_THE_DAY = ("date", "weekday")


@frozen
class Moves:
    """The facts that time moves, with the steps by which each rises in a day, or falls; and those that it would move if
    the cases had what they follow from, but that are given outright, and so stay, as do other numbers of days."""

    by_day: Mapping[str, int]
    held: tuple[str, ...]

    @classmethod
    def together(cls, moves: Sequence[Moves]) -> Moves:
        """Those of all versions of a book. What time moves by one is not held."""
        by_day = {fact: by for version in moves for fact, by in version.by_day.items()}
        held = dict.fromkeys(fact for version in moves for fact in version.held if fact not in by_day)
        return cls(by_day, tuple(held))


def course(policy: TypedPolicy, columns: Collection[str], read: Collection[str]) -> Moves:
    """What time moves of cases that have a moment: also what follows from that, from events and from dates."""
    counting = clock(policy)
    moving = [counting.name] if counting is not None and counting.name in columns else []
    derived = {name: one for name, one in policy.derived.items() if name in read and not one.stays}
    moving += [name for name, derivation in derived.items() if name not in columns or derivation.measure in _BY_A_DAY]
    held = [name for name in derived if name not in moving]
    return Moves(dict.fromkeys(moving, 1), (*held, *_plain(policy, columns, read)))


def _plain(policy: TypedPolicy, columns: Collection[str], read: Collection[str]) -> list[str]:
    return [name for name in plain_days(policy) if name in columns and name in read]


def moves(policy: TypedPolicy, columns: Collection[str], read: Collection[str]) -> Moves:
    """What time moves of the facts that are `given`; `read` are those that rules read.

    Raises `CaseError` where a fact that is read is given as of one day, and another day has another.
    """
    by_day: dict[str, int] = {}
    held: list[str] = []
    wrong: list[Fault] = []
    counting = clock(policy)
    if counting is not None and counting.name in columns:
        by_day[counting.name] = 1
    for name, derived in policy.derived.items():
        if name not in columns or name not in read or derived.stays:
            continue
        if derived.measure in _BY_A_DAY:
            by_day[name] = _BY_A_DAY[derived.measure]
        elif derived.measure in _OF_THE_DAY:
            wrong.append(fault(name, "other-each-day", name=name))
        else:
            held.append(name)
    wrong += [fault(name, "parts-of-days", name=name) for name in by_day if policy.facts[name].step.numerator != 1]
    if wrong:
        raise CaseError(wrong)
    return Moves(
        {name: by * policy.facts[name].step.denominator for name, by in by_day.items()},
        (*held, *_plain(policy, columns, read)),
    )
