"""Guards: conditions with two values, in negation normal form.

A guard is all-of and any-of over leaves. A leaf tests one fact against a bound, a range or a set of values, and says
outright what it makes of an absent value. There is no negation, no third value and no default for absence left: who
reads guards spells none of these again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias, assert_never

from attrs import frozen

from forbear.model.facts import Grid

Absence: TypeAlias = bool | None
"""Whether a leaf holds of an absent value (unknown or none); None where the fact always has a value."""

Order: TypeAlias = Literal["<", "<=", ">=", ">"]


@frozen
class Bound:
    """On one side of a value."""

    fact: str
    order: Order
    value: int
    absent: Absence


@frozen
class Within:
    """From `low` to `high`, both included; of no value where `low` is above `high`."""

    fact: str
    low: int
    high: int
    absent: Absence


@frozen
class Outside:
    """Below `low` or above `high`; of every value where `low` is above `high`."""

    fact: str
    low: int
    high: int
    absent: Absence


@frozen
class In:
    """One of some values. Without values it holds of an absent value at most."""

    fact: str
    values: tuple[Grid, ...]
    absent: Absence


@frozen
class NotIn:
    """None of some values. The fact is no flag: of two values, the other one is meant."""

    fact: str
    values: tuple[Grid, ...]
    absent: Absence


@frozen
class AllOf:
    parts: tuple[Guard, ...]


@frozen
class AnyOf:
    parts: tuple[Guard, ...]


Leaf: TypeAlias = Bound | Within | Outside | In | NotIn
Guard: TypeAlias = Leaf | AllOf | AnyOf

TRUE: Guard = AllOf(())
FALSE: Guard = AnyOf(())


@frozen
class Guards:
    """Where a condition holds: certainly, and possibly (it does not certainly fail). They are one object where the
    condition reads no optional fact, so that nothing can be unknown."""

    certain: Guard
    possible: Guard


def leaves(guard: Guard) -> Iterator[Leaf]:
    """The leaves of a guard, in the order in which they are written."""
    left = [guard]
    while left:
        match left.pop():
            case AllOf(parts) | AnyOf(parts):
                left.extend(reversed(parts))
            case Bound() | Within() | Outside() | In() | NotIn() as leaf:
                yield leaf
            case never:
                assert_never(never)
