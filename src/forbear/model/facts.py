"""Facts and actions: the vocabulary of a policy.

A value of an ordered type is stored as a whole number, its place on the grid of the fact: in steps (days, counts,
numbers, percentages, money), as a day's ordinal, in seconds since midnight, or as an index in an ordered enumeration. A
flag is a `bool`; a name of an unordered enumeration, or a text, is a `str`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from attrs import frozen

from forbear.kernel import MAXIMUM_DIGITS
from forbear.source import Place


class Kind(StrEnum):
    """The type of a fact."""

    DAYS = "days"
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    FLAG = "yes/no"
    CHOICE = "choice"
    ORDER = "order"
    TEXT = "text"


Grid: TypeAlias = int | bool | str
"""A known value on its fact's grid."""

NUMERIC = frozenset({Kind.DAYS, Kind.COUNT, Kind.NUMBER, Kind.PERCENT, Kind.MONEY})
ORDERED = NUMERIC | {Kind.DATE, Kind.TIME, Kind.ORDER}
UNBOUNDED = 10**MAXIMUM_DIGITS - 1
"""The limit of a numeric fact without a range of its own, in steps."""

DEFAULT_STEP: Mapping[Kind, Fraction] = {
    Kind.NUMBER: Fraction(1, 100),
    Kind.PERCENT: Fraction(1, 100),
    Kind.MONEY: Fraction(1, 100),
}
DEFAULT_RANGE: Mapping[Kind, tuple[int, int]] = {
    Kind.DAYS: (0, UNBOUNDED),
    Kind.COUNT: (0, UNBOUNDED),
    Kind.NUMBER: (-UNBOUNDED, UNBOUNDED),
    Kind.PERCENT: (-UNBOUNDED, UNBOUNDED),
    Kind.MONEY: (0, UNBOUNDED),
    Kind.DATE: (date.min.toordinal(), date.max.toordinal()),
    Kind.TIME: (0, 24 * 3600 - 1),
}


class Absent(StrEnum):
    """The words for an absent value: `usually unknown`, `given promised_on none`."""

    UNKNOWN = "unknown"
    NONE = "none"


@frozen
class Fact:
    """A fact of the vocabulary.

    `low` and `high` are the ends of its range, both included, on its grid; they are 0 for types without order. `step`
    is in units of the fact. `names` are the values of an enumeration.
    """

    name: str
    kind: Kind
    step: Fraction
    low: int
    high: int
    names: tuple[str, ...]
    currency: str | None
    optional: bool
    or_none: bool
    clock: bool
    usually: Grid | Absent | None
    description: str | None
    place: Place
    private: bool = False
    """Whether records, errors and output hide its value. It changes no decision."""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The index of each of its names, from 0."""
        return {name: at for at, name in enumerate(self.names)}

    @property
    def ordered(self) -> bool:
        return self.kind in ORDERED


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
