"""Facts and actions: the vocabulary of a policy.

A value is stored on the grid of its fact (see `Storage`): as a whole number if its type is ordered, else as a `bool` or
a `str`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from attrs import Factory, field, frozen

from forbear.base.source import Place
from forbear.language.model.kinds import Kind, Storage

Grid: TypeAlias = int | bool | str
"""A known value on its fact's grid."""


class Absent(StrEnum):
    """The words for an absent value: `usually unknown`, `given promised_on none`."""

    UNKNOWN = "unknown"
    NONE = "none"


def _high(fact: Fact) -> int:
    return len(fact.names) - 1 if fact.kind.named and fact.ordered else fact.kind.limits[1]


@frozen(kw_only=True)
class Fact:
    """A fact of the vocabulary.

    `low` and `high` are the ends of its range, both included, on its grid; they are 0 for types without order. `step`
    is in units of the fact. `names` are the values of an enumeration, or of a closed list of texts.
    """

    name: str
    kind: Kind
    names: tuple[str, ...] = ()
    step: Fraction = Factory(lambda self: self.kind.step, takes_self=True)
    low: int = Factory(lambda self: self.kind.limits[0], takes_self=True)
    high: int = Factory(_high, takes_self=True)
    currency: str | None = None
    optional: bool = False
    or_none: bool = False
    clock: bool = False
    this_day: bool = False
    """Whether a case gives it for the day of the decision, and its value on another day is unknown."""
    rising: bool = False
    """Whether the value that a case gives is one more on each day after. Neither changes a decision at a moment."""
    usually: Grid | Absent | None = None
    description: str | None = None
    not_so: str | None = None
    """The text for when the description is false. Neither changes a decision."""
    consent: bool = False
    """Whether it is somebody's consent to a step, which no lender gives itself. It changes no decision."""
    place: Place
    private: bool = False
    """Whether records, errors and output hide its value. It changes no decision."""
    derived: bool = field(default=False, eq=False)
    """Whether it declares no range, because its values follow from events, a date or the moment."""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The index of each of its names, from 0."""
        return {name: at for at, name in enumerate(self.names)}

    @property
    def words(self) -> Mapping[str, int]:
        """The names that are its values, with their index, so that nothing else may be called by them. A text takes no
        name."""
        return {} if self.kind.literal else self.places

    @property
    def by_day(self) -> bool:
        """Whether each day adds one to the value that a case gives."""
        return self.clock or self.rising

    @property
    def ordered(self) -> bool:
        return self.kind.ordered

    @property
    def size(self) -> int | None:
        """The number of known values; None for a text."""
        match self.kind.storage:
            case Storage.TEXT:
                return None
            case Storage.FLAG:
                return 2
            case _:
                return self.high - self.low + 1 if self.ordered else len(self.names)


@frozen
class Action:
    name: str
    description: str | None
    place: Place


@frozen
class Group:
    """Several actions under one name, in the order of the vocabulary."""

    name: str
    actions: tuple[str, ...]
    place: Place
    """Where it is declared."""


@frozen
class Ladder:
    """Actions, or groups of equal actions, from mild to harsh, and the facts with which pressure should grow."""

    name: str
    rungs: tuple[str, ...]
    rising: tuple[str, ...]
    place: Place
