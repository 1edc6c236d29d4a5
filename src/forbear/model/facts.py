"""Facts and actions: what a policy may speak of.

Every ordered type is a whole number on its grid: a value is stored as how many steps it is from 0 (days, counts,
numbers, percentages, money), as a day's ordinal, as seconds since midnight, or as a place in an ordered enumeration.
A flag is a `bool`; a name of an unordered enumeration, or a text, is a `str`.
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
"""How far a numeric fact reaches where nothing narrows it, in steps."""

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
    """The values that are none: `usually unknown`, `given promised_on none`."""

    UNKNOWN = "unknown"
    NONE = "none"


@frozen
class Fact:
    """A fact of the vocabulary. `low` and `high` are the ends of its range, both in it, on its grid; they are 0 for
    types without order. `names` are the values of an enumeration."""

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
    """Whether a record of decisions hides its value. It decides nothing."""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each of its names stands among them, from 0."""
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


@frozen
class Ladder:
    """Actions, or groups of peers, from mild to harsh, and the facts with which pressure is meant to grow."""

    name: str
    rungs: tuple[str, ...]
    rising: tuple[str, ...]
    place: Place
