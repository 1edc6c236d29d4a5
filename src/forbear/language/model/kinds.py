"""The kinds of facts: each is a record, a shape of storage with its traits.

Whatever reads, writes or compares values goes by the storage and the traits, so a kind with a storage that there is
needs no more than its record and its word in the grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from math import ceil, floor

from attrs import Factory, frozen

from forbear.kernel.cases import MAXIMUM_DIGITS
from forbear.language.model.names import Worded
from forbear.language.syntax.nodes import LiteralKind

UNBOUNDED = 10**MAXIMUM_DIGITS - 1
"""The limit of a numeric fact without a range of its own, in steps."""


class Storage(Enum):
    """The form of a known value on the grid of its fact, in a case, and in a column of a table."""

    NUMBER = "number"
    """A whole number of steps; a number."""
    DATE = "date"
    """The ordinal of the day; a date."""
    TIME = "time"
    """Seconds since midnight; a time of day."""
    FLAG = "flag"
    """A `bool`; a Boolean."""
    NAME = "name"
    """One of the names that the fact declares, by its index if they are ordered; a text."""
    TEXT = "text"
    """A `str`; a text."""


@frozen(eq=False)
class Kind:
    """The type of a fact."""

    word: str
    """The word of the language. It is its key in `KINDS`."""
    called: str
    """The kind of a fact, with an article, for messages."""
    storage: Storage
    literal: LiteralKind | None = None
    """The literals that it is compared with; None if it is compared with names."""
    ordered: bool = True
    limits: tuple[int, int] = (0, 0)
    """The range of a fact that declares none, on its grid."""
    step: Fraction = Fraction(1)
    """The step of a fact that declares none, in units of the fact."""
    whole: bool = False
    """Whether no step may be a fraction of a unit."""
    currency: bool = False
    """Whether a fact has a currency."""
    unit: str = ""
    sign: str = ""
    """The unit as it is written after a number, without a space."""
    reader: str = Factory(lambda self: self.word, takes_self=True)
    """The kind as which the kernels (`kernel/cases.py`, `kernel.js`) read a value, by its word."""

    @property
    def worded(self) -> Worded:
        """The kind of a fact, as an argument of a message."""
        return Worded(self.called, self.word)

    @property
    def numeric(self) -> bool:
        """Whether a value is a number of units. Then a fact has steps."""
        return self.storage is Storage.NUMBER

    @property
    def named(self) -> bool:
        """Whether a fact declares its values."""
        return self.storage is Storage.NAME

    @property
    def ranged(self) -> bool:
        """Whether a fact may declare a range."""
        return self.ordered and not self.named

    @property
    def counted(self) -> bool:
        """Whether an amount of it is a number of things: `27 days`."""
        return bool(self.unit) and not self.sign

    def limits_in(self, step: Fraction) -> tuple[int, int]:
        """Returns the range of a fact that declares none, in its own steps. No value has more digits than can be
        written.
        """
        most = int(UNBOUNDED / max(step, Fraction(1)))
        low, high = self.limits
        return (
            -most if low == -UNBOUNDED else ceil(low * self.step / step),
            most if high == UNBOUNDED else floor(high * self.step / step),
        )

    def __str__(self) -> str:
        return self.word

    def __reduce__(self) -> tuple[Callable[[str], Kind], tuple[str]]:
        return kind_of, (self.word,)  # in another process it is the same record


_HUNDREDTH = Fraction(1, 100)
_POSITIVE = (0, UNBOUNDED)
_SIGNED = (-UNBOUNDED, UNBOUNDED)
_CALENDAR = (date.min.toordinal(), date.max.toordinal())

DAYS = Kind("days", "a number of days", Storage.NUMBER, "number", limits=_POSITIVE, whole=True, unit="days")
COUNT = Kind("count", "a count", Storage.NUMBER, "number", limits=_POSITIVE, whole=True)
NUMBER = Kind("number", "a number", Storage.NUMBER, "number", limits=_SIGNED, step=_HUNDREDTH)
PERCENT = Kind(
    "percent", "a percentage", Storage.NUMBER, "percent", limits=_SIGNED, step=_HUNDREDTH, unit="per cent", sign="%"
)
MONEY = Kind("money", "a sum of money", Storage.NUMBER, "money", limits=_POSITIVE, step=_HUNDREDTH, currency=True)
DATE = Kind("date", "a date", Storage.DATE, "date", limits=_CALENDAR)
TIME = Kind("time", "a time of day", Storage.TIME, "time", limits=(0, 24 * 3600 - 1))
FLAG = Kind("yes/no", "a flag", Storage.FLAG, "flag", ordered=False)
CHOICE = Kind("choice", "a name", Storage.NAME, ordered=False)
ORDER = Kind("order", "a name", Storage.NAME)
CODE = Kind("code", "a text", Storage.NAME, "text", ordered=False, reader="choice")
TEXT = Kind("text", "a text", Storage.TEXT, "text", ordered=False)
HOURS = Kind("weekly hours", "weekly hours", Storage.TEXT, "text", ordered=False)
"""Some minutes of each week. No condition reads them: a fact follows from them and the moment."""

KINDS: Mapping[str, Kind] = {
    kind.word: kind
    for kind in (DAYS, COUNT, NUMBER, PERCENT, MONEY, DATE, TIME, FLAG, CHOICE, ORDER, CODE, TEXT, HOURS)
}

_MINOR_UNITS: Mapping[str, int] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),  # noqa: SIM905
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),  # noqa: SIM905
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""The decimals of the currencies of ISO 4217 that have not two."""


def grid_of(currency: str | None) -> Fraction:
    """The smallest unit of a currency, in which its sums are counted unless a fact has other steps."""
    return Fraction(1, 10 ** _MINOR_UNITS.get(currency or "", 2))


def kind_of(word: str) -> Kind:
    """The kind of a word. Raises `KeyError`."""
    return KINDS[word]
