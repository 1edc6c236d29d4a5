"""Guards: conditions with two values, in negation normal form.

A guard is a conjunction or disjunction of guards, or a leaf. A leaf tests one fact against a bound, a range or a set of
values, or two facts against a relation, and states whether it holds of an absent value. Negation, unknown truth and
defaults for absence are gone, so no reader of guards implements them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from forbear.base.frozen import frozen
from forbear.language.model.facts import Grid
from forbear.language.model.relations import Relation

Absence: TypeAlias = bool | None
"""Whether a leaf holds of an absent value (unknown or none). None where the fact always has a value."""

Order: TypeAlias = Literal["<", "<=", ">=", ">"]


@frozen
class Bound:
    """The value is on one side of `value`."""

    fact: str
    order: Order
    value: int
    absent: Absence


@frozen
class Within:
    """The value is from `low` to `high`, both included. No value is where `low` is above `high`."""

    fact: str
    low: int
    high: int
    absent: Absence


@frozen
class Outside:
    """The value is below `low` or above `high`. Every value is where `low` is above `high`."""

    fact: str
    low: int
    high: int
    absent: Absence


@frozen
class In:
    """The value is one of `values`. If these are empty, the leaf holds of an absent value at most."""

    fact: str
    values: Sequence[Grid]
    absent: Absence


@frozen
class NotIn:
    """The value is none of `values`. The fact is no flag: for those, `In` has the other value."""

    fact: str
    values: Sequence[Grid]
    absent: Absence


@frozen
class RelatedValues:
    """The values of two facts are in a relation or, where `holds` is False, are not in it.

    `absences` has those of the two that may be absent, and whether the leaf holds then; the first that is absent
    decides.
    """

    relation: Relation
    holds: bool
    absences: tuple[tuple[str, bool], ...]


@frozen
class AllOf:
    """All parts hold."""

    parts: tuple[Guard, ...]


@frozen
class AnyOf:
    """One of the parts holds."""

    parts: tuple[Guard, ...]


OfOne: TypeAlias = Bound | Within | Outside | In | NotIn
"""A leaf that tests one fact."""
Leaf: TypeAlias = OfOne | RelatedValues
Guard: TypeAlias = Leaf | AllOf | AnyOf

TRUE: Guard = AllOf(())
FALSE: Guard = AnyOf(())


@frozen
class Guards:
    """Where a condition certainly holds (it is true), and where it possibly holds (it is not false).

    The two are the same object where the condition reads no optional fact, so that nothing can be unknown.
    """

    certain: Guard
    possible: Guard


def tested(leaf: Leaf) -> tuple[str, ...]:
    """The facts that a leaf tests."""
    return leaf.relation.facts if isinstance(leaf, RelatedValues) else (leaf.fact,)


def relations_of(guards: Iterable[Guard]) -> dict[str, Relation]:
    """The relations that some guards test, by their names."""
    relations = (leaf.relation for guard in guards for leaf in leaves(guard) if isinstance(leaf, RelatedValues))
    return {relation.name: relation for relation in relations}


def leaves(guard: Guard) -> Iterator[Leaf]:
    """The leaves of a guard, in the order in which they are written."""
    remaining = [guard]
    while remaining:
        match remaining.pop():
            case AllOf(parts) | AnyOf(parts):
                remaining.extend(reversed(parts))
            case leaf:
                yield leaf
