"""What statements are made of: names, literals, texts, periods, lists of actions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal as OneOfThese
from typing import TypeAlias

from attrs import field

from forbear.base.frozen import frozen
from forbear.base.source import Span


@frozen
class Name:
    """A name where it is used or declared. `everything` is the one word of the grammar that may stand for an action."""

    text: str
    start: int = field(eq=False, repr=False)

    @property
    def span(self) -> Span:
        return self.start, self.start + len(self.text)


LiteralKind = OneOfThese["number", "percent", "money", "date", "time", "flag", "text", "bad"]


@frozen
class Literal:
    """A value as written: a `Decimal`, a `date`, seconds since midnight for a time, a `bool`, a `str`.

    A literal of kind `bad` could not be read, and has a diagnostic.
    """

    kind: LiteralKind
    value: Decimal | date | int | bool | str
    span: Span = field(eq=False, repr=False)
    currency: str | None = None


Value: TypeAlias = Literal | Name


@frozen
class Share:
    """`10% of income`."""

    percent: Value
    fact: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Shift:
    """`promised_on + 3 days`: a fact and an amount. `days` is whether that word stands after the amount."""

    fact: Name
    sign: OneOfThese["+", "-"]
    amount: Value
    days: bool
    span: Span = field(eq=False, repr=False)


Term: TypeAlias = Value | Share | Shift
"""What is compared. A name is a fact, a setting, or a value of a fact."""


@frozen
class Special:
    """`none` or `unknown` in place of a value; in a table also `known`."""

    word: OneOfThese["none", "unknown", "known"]
    span: Span = field(eq=False, repr=False)


@frozen
class Text:
    """A string of the author's: a title, a reason, a source."""

    text: str
    span: Span = field(eq=False, repr=False)


@frozen
class Period:
    """`from DATE until DATE`, both days included."""

    since: Value | None
    until: Value | None
    span: Span = field(eq=False, repr=False)


@frozen
class Actions:
    """Actions as listed: names of actions and groups, `everything`; what follows `except` is left out."""

    listed: tuple[Name, ...]
    excepted: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)
