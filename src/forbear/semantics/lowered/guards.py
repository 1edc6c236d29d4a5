"""Guards: conditions with two values, in negation normal form.

A guard is a conjunction or disjunction of guards, or a leaf. A leaf tests one fact against ranges of values, or several
facts against a relation, and states whether it holds of an absent value. Negation, unknown truth and
defaults for absence are gone, so no reader of guards implements them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias, cast

from attrs import frozen

from forbear.language.model.facts import Grid
from forbear.language.model.relations import Relation

Absence: TypeAlias = bool | None
"""Whether a leaf holds of an absent value (unknown or none). None if the fact always has a value."""

Range: TypeAlias = tuple[Grid | None, Grid | None]
"""A first and a last value, both included; None is an open end."""


@frozen
class Values:
    """Holds if the value is in one of some ranges or, with `inside` false, in none of them. A range whose first value
    comes after its last is empty. Without ranges, an `inside` leaf holds at most of an absent value.

    For a flag or a text, each range is one value; a flag is always `inside`. A range with an open end is `inside`, and
    the only one.
    """

    fact: str
    ranges: tuple[Range, ...]
    inside: bool
    absent: Absence

    @property
    def numbers(self) -> tuple[tuple[int | None, int | None], ...]:
        """The ranges of a fact whose values are whole numbers."""
        return cast("tuple[tuple[int | None, int | None], ...]", self.ranges)

    @property
    def single(self) -> tuple[Grid, ...] | None:
        """The values, if each range is one."""
        values = tuple([first for first, last in self.ranges if first == last and first is not None])
        return values if len(values) == len(self.ranges) else None


@frozen
class RelatedValues:
    """Holds if the values of some facts are in a relation or, with `holds` false, are not in it.

    `absences` has those of the facts that may be absent, and whether the leaf holds then; the first absent one decides.
    """

    relation: Relation
    holds: bool
    absences: tuple[tuple[str, bool], ...]


@frozen
class AllOf:
    """Holds if all parts hold."""

    parts: tuple[Guard, ...]


@frozen
class AnyOf:
    """Holds if one of the parts holds."""

    parts: tuple[Guard, ...]


Leaf: TypeAlias = Values | RelatedValues
Guard: TypeAlias = Leaf | AllOf | AnyOf

TRUE: Guard = AllOf(())
FALSE: Guard = AnyOf(())


@frozen
class Guards:
    """Two guards for a condition: `certain` for when it is true, and `possible` for when it is not false.

    They are the same object if the condition reads no optional fact, so that nothing can be unknown.
    """

    certain: Guard
    possible: Guard


def among(fact: str, values: Iterable[Grid], inside: bool, absent: Absence) -> Values:
    """Returns the leaf for a value that is among some values, or not among them."""
    return Values(fact, tuple([(value, value) for value in values]), inside, absent)


def at_least(fact: str, value: int) -> Values:
    """The leaf that the value of a fact that is never absent is so much or more."""
    return Values(fact, ((value, None),), True, None)


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
