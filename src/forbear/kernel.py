"""The part of a decision that needs no policy: it reads a case, and decides from the rules whose condition holds.

This file imports the standard library alone. `forbear compile` copies it, word for word but for these imports, to the
head of every module that it writes, so a compiled module and the library read cases and decide with the same code.
There `backends/python/late.py` stands for what is imported: nothing is loaded before a case needs it. So no module is
used here while this file loads, and `Mapping` and its like are for types alone; `abc.Mapping` is there for values.

On the grid every ordered value is a whole number of its fact's steps (money in hundredths, say), a flag is a `bool`,
and a name or a text is a `str`. None is unknown for an optional fact, and none for a fact that may be none.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import operator
from collections import abc
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

GridValue: TypeAlias = "int | bool | str | None"
Value: TypeAlias = "GridValue | InPart"
"""A value of a case on its grid, or what is known of it."""
MAXIMUM_DIGITS: Final = 15
LONGEST_NAME: Final = 200
"""Characters of a name, or of a text, that a message shows."""
MOST_NAMES: Final = 12
"""Values of a fact that a message shows; of a longer list it shows the first `FIRST_NAMES`, and what may be meant."""
FIRST_NAMES: Final = 8
FEW_BITS: Final = 200
"""From this many bits on, `bits` searches the binary digits as text, which is faster there."""
_SCALARS: Final[set[type]] = {bool, int, float, str, type(None)}
"""Python's own types of values that have been met: see `is_scalar`."""
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = {
    f"-{month:02}-": (sum(_LENGTHS[: month - 1]) - (month > 2), _LENGTHS[month - 1]) for month in range(1, 13)
}
"""For each month the days of a common year before it, and its own days, in a leap year."""
_TWO_DIGITS: Final = {f"{number:02}": number for number in range(60)}


class Verdict(StrEnum):
    """What a policy decides on an action. Permitted means allowed or required."""

    ALLOWED = "allowed"
    REQUIRED = "required"
    FORBIDDEN = "forbidden"
    UNSAID = "unsaid"


PERMITTED: Final = (Verdict.ALLOWED, Verdict.REQUIRED)


class Fault(NamedTuple):
    """One error of a case: the name of the fact, None where the error is not about one, and the message."""

    fact: str | None
    message: str


class CaseError(ValueError):
    """A case, day, moment or action that cannot be decided. `faults` has every error."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.faults)  # pickle and copy make an error again from these arguments

    def __str__(self) -> str:
        return "; ".join(fault.message for fault in self.faults)


class InPart(NamedTuple):
    """A number that is known in part: it is from `low` to `high`, or, with `none`, none."""

    low: int
    high: int
    none: bool

    @staticmethod
    def each(value: Value, *thresholds: int) -> Sequence[Any]:
        """Values that stand for all that a value may be, in a comparison that changes its truth at thresholds alone."""
        if not isinstance(value, InPart):
            return (value,)
        numbers: list[int | None] = [value.low, value.high]
        numbers += [limit for limit in thresholds if value.low < limit < value.high]
        return [*numbers, None] if value.none else numbers

    @staticmethod
    def whole(value: Value) -> GridValue:
        """A value, or None where it is known in part."""
        return None if isinstance(value, InPart) else value


class FactSpec(NamedTuple):
    """How a fact's value is read.

    `step` is a numerator and a denominator. `low` and `high` are the ends of its range on the grid. `absent` is what a
    missing value means: `needed` (an error), `unknown` or `none`. `names` holds the place of each name. No error
    message shows a `private` value. `cuts` is None where the value cannot be known in part; else it has the numbers
    from which on some comparison of the rules may have another truth. A `related` fact is compared with another one, so
    that any number may make a difference.
    """

    name: str
    kind: str
    step: tuple[int, int]
    low: int
    high: int
    names: Mapping[str, int]
    currency: str | None
    absent: str
    private: bool
    cuts: tuple[int, ...] | None = None
    related: bool = False


class RuleSpec(NamedTuple):
    """What a decision reports of a rule. `facts` are those that it reads and that may be unknown; days are ordinals."""

    name: str
    because: str | None
    source: str | None
    since: int | None
    until: int | None
    facts: tuple[str, ...]


class Branch(NamedTuple):
    """The rules that give a verdict, a bit each.

    With `possible` a rule counts unless it is certainly inactive; without it, where it is certainly active.
    """

    verdict: Verdict
    possible: bool
    rules: int


class ActionSpec(NamedTuple):
    """How an action is decided: by the first of the branches that has an active rule.

    `rules` has a bit for each rule on the action, including those that only override. `overridden` pairs the number of
    each overridden rule with the bits of the rules that override it here. An overriding rule comes before the rules
    that it overrides.
    """

    branches: tuple[Branch, ...]
    rules: int
    overridden: tuple[tuple[int, int], ...]


class Along(NamedTuple):
    """An action that has to go along with a permitted one, with the rules that ask for it."""

    action: str
    rules: tuple[str, ...]


class ActionDecision(NamedTuple):
    """The verdict on one action, with the rules that gave it, in file order, their reasons and their sources.

    `unknown` names the unknown facts that took part: those read by a deciding rule, or by a rule on this action of
    which it is unknown whether it is active. `along` is what has to go along with a permitted action.
    """

    verdict: Verdict
    rules: tuple[str, ...]
    because: tuple[str, ...]
    source: tuple[str, ...]
    unknown: tuple[str, ...]
    along: tuple[Along, ...] = ()

    @property
    def permitted(self) -> bool:
        return self.verdict in PERMITTED

    def as_entry(self) -> dict[str, object]:
        """As it is recorded: without what the rules say of themselves."""
        record: dict[str, object] = {"verdict": self.verdict.value, "rules": list(self.rules)}
        if self.unknown:
            record["unknown"] = list(self.unknown)
        if self.along:
            record["along"] = {companion.action: list(companion.rules) for companion in self.along}
        return record

    def as_json(self) -> dict[str, object]:
        """As `forbear decide` prints it."""
        shown: dict[str, object] = {
            "verdict": self.verdict.value,
            "permitted": self.permitted,
            "rules": list(self.rules),
            "because": list(self.because),
            "source": list(self.source),
        }
        return shown | self.as_entry() if self.unknown or self.along else shown


# Reading a case


PRIVATE: Final = "(private)"
"""What is shown instead of a private value."""


class Wrong(Exception):
    """A value that a fact cannot have. Callers catch it, and report it as an error of the case.

    The message is `before`, the value as `given`, and `after`.
    """

    def __init__(self, before: str, given: str | None = None, after: str = "") -> None:
        super().__init__(before if given is None else f"{before} {given}{after}")
        self.hidden = before if given is None else f"{before} {PRIVATE}{after}"
        """The message without the value."""


def read_case(specs: Mapping[str, FactSpec], needed: Sequence[str], case: object) -> dict[str, Value]:
    """The facts of a case on their grids, the `needed` ones first, in order.

    Raises `CaseError` with every error: a case that is no mapping, an unknown name, a value of the wrong type, off the
    grid or out of range, a needed fact that is missing, or known in part alone where that leaves a comparison open.
    """
    entries = case if type(case) is dict and set(map(type, case)) <= {str} else as_dict(case)
    if entries is None:
        what = PRIVATE if any(spec.private for spec in specs.values()) else shown(case)
        raise CaseError([Fault(None, f"a case is an object from fact to value, not {what}")])
    faults: list[Fault] = []
    values: dict[str, Value] = {}
    for name in needed:
        spec = specs[name]
        values[name] = None
        if name not in entries and spec.absent != "unknown":
            faults.append(Fault(name, f"`{name}` is missing"))
    for name, raw in entries.items():
        if type(name) is not str or name not in specs:
            faults.append(Fault(name if type(name) is str else shown(name), unknown_name(name, specs, "fact")))
            continue
        spec = specs[name]
        in_part = spec.cuts is not None and type(raw) not in _SCALARS and isinstance(raw, (InPart, abc.Mapping))
        try:
            values[name] = read_in_part(spec, raw) if in_part else read_value(spec, raw)
        except Wrong as wrong:
            faults.append(Fault(name, f"`{name}` {wrong.hidden if in_part and spec.private else wrong}"))
    if faults:
        raise CaseError(faults)
    return values


def read_in_part(spec: FactSpec, raw: object) -> Value:
    """What is known of a number, such as `{"at_least": 3, "at_most": 5, "or_none": True}`, on its fact's grid.

    Raises `Wrong` for any other value, and where a needed number is not known well enough for every comparison.
    """
    if isinstance(raw, InPart):
        value = raw
    else:
        entries = as_dict(raw)
        if not entries or not entries.keys() <= {"at_least", "at_most", "or_none"}:
            raise Wrong('is an object: one with "at_least", "at_most" or "or_none" says what is known of a number')
        low, high = (_end(spec, entries, word, end) for word, end in (("at_least", spec.low), ("at_most", spec.high)))
        none = entries.get("or_none", False)
        if none is not True and none is not False:
            raise Wrong("has an `or_none` that is neither true nor false, but", shown(none))
        value = InPart(low, high, none)
    if value.none and spec.absent != "none":
        raise Wrong("says `or_none`, and cannot be none")
    if value.low > value.high:
        least, most = _grid_text(spec, value.low), _grid_text(spec, value.high)
        raise Wrong("is at least", f"{least}, at most {most}", ", which nothing is")
    if value.low == value.high and not value.none:
        return value.low
    if spec.absent == "needed" and not tells_enough(spec, value):
        raise Wrong("is missing: it is known to be", in_part_text(spec, value), ", which does not tell enough")
    return None if spec.absent == "unknown" and value == InPart(spec.low, spec.high, none=False) else value


def _end(spec: FactSpec, entries: Mapping[str, object], word: str, end: int) -> int:
    if word not in entries:
        return end
    try:
        number = _ordinal(spec, own(entries[word]))
    except Wrong:
        raise
    except Exception:  # a foreign class may raise anything
        raise Wrong(f"has an `{word}`", shown(entries[word]), ", which cannot be read") from None
    if not spec.low <= number <= spec.high:
        raise Wrong(f"has an `{word}` that is", shown(entries[word]), ", out of its range")
    return number


def tells_enough(spec: FactSpec, value: InPart) -> bool:
    """Whether every comparison of the rules has one truth for all that a number may be, none left aside."""
    return not (spec.related or any(value.low < cut <= value.high for cut in spec.cuts or ()))


def in_part_text(spec: FactSpec, value: InPart) -> str:
    """What is known of a number, in words: `at least 10, or none`."""
    low, high = _grid_text(spec, value.low), _grid_text(spec, value.high)
    if value.high != spec.high:
        text = f"at most {high}" if value.low == spec.low < 0 else f"{low} to {high}"
    else:
        text = "anything" if value.low == spec.low != 0 else f"at least {low}"
    return f"{text}, or none" if value.none else text


def as_given(spec: FactSpec, number: int) -> int | decimal.Decimal | str:
    """A value on the grid of an ordered fact, as a case has it in JSON."""
    if spec.kind in ("date", "time"):
        return _grid_text(spec, number)
    numerator, denominator = spec.step
    whole, rest = divmod(number * numerator, denominator)
    return decimal.Decimal(_grid_text(spec, number)) if rest else whole


def in_part_json(spec: FactSpec, value: InPart) -> dict[str, object]:
    """What is known of a number, as a case has it in JSON."""
    known: dict[str, object] = {"at_least": as_given(spec, value.low)}
    if value.high != spec.high:
        known["at_most"] = as_given(spec, value.high)
    return {**known, "or_none": True} if value.none else known


def is_unknown(spec: FactSpec, value: Value) -> bool:
    """Whether the value of a fact is unknown, or known in part."""
    return (isinstance(value, InPart) or (value is None and spec.absent == "unknown")) and spec.absent != "needed"


def read_value(spec: FactSpec, raw: object) -> GridValue:
    """A value as given, on its fact's grid; None for unknown and for none.

    Raises `Wrong` for any other value, and no other exception, whatever `raw` is.
    """
    try:
        return _on_its_grid(spec, own(raw))
    except Wrong as wrong:
        if spec.private:
            raise Wrong(wrong.hidden) from None
        raise
    except Exception:  # a foreign class may raise anything
        raise Wrong("is", PRIVATE if spec.private else shown(raw), ", which cannot be read") from None


def _on_its_grid(spec: FactSpec, raw: object) -> GridValue:
    if raw is None:
        if spec.absent == "unknown":
            return None
        raise Wrong("is null, which means unknown, and it is not optional")
    if spec.absent == "none" and type(raw) is str and raw == "none":
        return None
    kind = spec.kind
    if kind == "yes/no":
        if raw is True or raw is False:
            return raw
        raise Wrong("needs true or false, not", shown(raw))
    if kind == "text":
        if type(raw) is not str:
            raise Wrong("needs a text, not", shown(raw))
        if has_half_a_character(raw):
            raise Wrong("holds half a character, a surrogate without its other half")
        return raw
    if kind in ("choice", "order"):
        if type(raw) is str and raw in spec.names:
            return raw if kind == "choice" else spec.names[raw]
        raise _none_of(spec, raw)
    number = _ordinal(spec, raw)
    if not spec.low <= number <= spec.high:
        limits = f"{_grid_text(spec, spec.low)} to {_grid_text(spec, spec.high)}"
        raise Wrong("is", shown(raw), f", out of its range {limits}")
    return number


def _ordinal(spec: FactSpec, raw: object) -> int:
    """A date, a time of day or a number on its fact's grid, in or out of its range."""
    if spec.kind == "date":
        return read_day(raw)
    return _read_time(raw) if spec.kind == "time" else _grid_number(spec, raw)


def _none_of(spec: FactSpec, raw: object) -> Wrong:
    """The error of a value that is none of the names of its fact."""
    names = list(spec.names)
    if len(names) <= MOST_NAMES:
        return Wrong(f"needs one of {', '.join(names)}, not", shown(raw))
    shown_names = f"{', '.join(names[:FIRST_NAMES])} and {len(names) - FIRST_NAMES} more"
    near = nearest(raw, names) if type(raw) is str and not spec.private else None
    return Wrong(f"needs one of {shown_names}, not", shown(raw), "" if near is None else f"; did you mean {near}?")


def nearest(text: str, names: Iterable[str]) -> str | None:
    """The first of some names that is a text but for capital letters of ASCII; else the first that differs from it in
    one letter, which is missing, added, replaced, or swapped with the next, where the text has at least four.

    `kernel.js` has the same, so that both say the same of a case.
    """
    sought = _lower(text)
    close = [name for name in names if abs(len(name) - len(text)) <= 1]
    for name in close:
        if _lower(name) == sought:
            return name
    if len(text) >= 4:
        for name in close:
            if _is_one_letter_apart(_lower(name), sought):
                return name
    return None


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else text


def _is_one_letter_apart(first: str, second: str) -> bool:
    shorter = min(len(first), len(second))
    start = next((at for at in range(shorter) if first[at] != second[at]), shorter)
    most = shorter - start
    end = next((at for at in range(most) if first[-1 - at] != second[-1 - at]), most)
    first, second = first[start : len(first) - end], second[start : len(second) - end]
    return max(len(first), len(second)) <= 1 or (len(first) == 2 and first == second[::-1])


def has_half_a_character(text: str) -> bool:
    """Whether a text holds a surrogate without its other half."""
    try:
        return not text.isascii() and not text.encode()
    except UnicodeEncodeError:
        return True


def is_scalar(kind: type) -> bool:
    """Whether a type is one of Python's own types of values. Subclasses of them may define equality as they like."""
    if kind not in _SCALARS:
        if kind.__module__ not in ("datetime", "decimal"):  # whoever has such a value has imported its module
            return False
        if kind not in (decimal.Decimal, datetime.date, datetime.time, datetime.datetime):
            return False
        _SCALARS.add(kind)
    return True


def own(raw: object) -> object:
    """A value of a subclass as a value of Python's own type, so that no foreign class decides what it is equal to."""
    kind = type(raw)
    if kind in _SCALARS:
        return raw
    try:
        if is_scalar(kind):
            return raw
        if issubclass(kind, str):
            return str.__str__(raw)
        if issubclass(kind, int):
            return int.__index__(raw)  # type: ignore[arg-type]
        if issubclass(kind, float):
            return float.__float__(raw)  # type: ignore[arg-type]
        if issubclass(kind, decimal.Decimal):
            return decimal.Decimal(raw)  # type: ignore[arg-type]
        if issubclass(kind, datetime.datetime):
            return datetime.datetime.fromisoformat(datetime.datetime.isoformat(raw))  # type: ignore[arg-type]
        if issubclass(kind, datetime.date):
            return datetime.date.fromordinal(datetime.date.toordinal(raw))  # type: ignore[arg-type]
        if issubclass(kind, datetime.time):
            return datetime.time.fromisoformat(datetime.time.isoformat(raw))  # type: ignore[arg-type]
        if kind.__module__ == "numpy":
            return _of_numpy(kind.__name__, raw)
    except Exception:  # a foreign class may raise anything
        pass
    return raw


def _of_numpy(kind: str, raw: object) -> object:
    """A scalar of NumPy as a value of Python, if Python has that value; else the scalar itself.

    A float is the decimal of the digits that NumPy shows for it, which are the fewest that tell it from its
    neighbours: a `float32` of 0.1 is 0.1. Only a `datetime64` of whole days is a date: a finer one has a time, and a
    coarser one is a month or a year.
    """
    if kind in ("bool", "bool_"):
        return bool(raw)
    if kind in ("float16", "float32", "longdouble", "float128", "float96"):
        return decimal.Decimal(str(raw))
    if kind == "datetime64" and str(raw.dtype) == "datetime64[D]":  # type: ignore[attr-defined]
        return datetime.date.fromisoformat(str(raw))
    return raw


def as_dict(raw: object) -> dict[str, object] | None:
    """Any mapping as a dictionary, its keys as Python's own types; None for anything that cannot be read as one."""
    try:
        if not isinstance(raw, abc.Mapping):
            return None
        items = list(raw.items())
        by_name: dict[Any, object] = {own(name): value for name, value in items}
    except Exception:  # a foreign class may raise anything
        return None
    return by_name if len(by_name) == len(items) else None


def read_day(raw: object) -> int:
    """A `date`, or a text such as "2015-09-22", as an ordinal. Raises `Wrong`."""
    raw = own(raw)
    if type(raw) is str:
        day = _ordinal_of(raw)
        if day is not None:
            return day
        parts = [(part, len(part)) for part in raw.split("-")]
        if [length for _, length in parts] == [4, 2, 2] and all(part.isascii() and part.isdigit() for part, _ in parts):
            raise Wrong("is", shown(raw), ", a day that does not exist")
    elif type(raw) is datetime.date:
        return raw.toordinal()
    raise Wrong('needs a date such as "2015-09-22", not', shown(raw))


def _ordinal_of(text: str) -> int | None:
    """A day such as "2015-09-22" as an ordinal, or None. `datetime` is not loaded for this alone."""
    year, month, day = text[:4], _MONTHS.get(text[4:8]), _TWO_DIGITS.get(text[8:])
    if month is None or not day or not year.isascii() or not year.isdigit() or year == "0000":
        return None
    before, length = month
    number = int(year)
    if day > length or (before == 31 and day == 29 and (number % 4 or (number % 100 == 0 and number % 400))):
        return None
    ended = number if before > 31 else number - 1  # years whose last day of February is past
    return (number - 1) * 365 + ended // 4 - ended // 100 + ended // 400 + before + day


def _read_time(raw: object) -> int:
    if type(raw) is str:
        clock = _clock(raw)
    elif type(raw) is datetime.time and raw.tzinfo is None:
        clock = raw.hour * 3600 + raw.minute * 60 + raw.second, raw.microsecond != 0
    else:
        clock = None
    if clock is None:
        raise Wrong('needs a time of day such as "08:00" or "08:00:30", not', shown(raw))
    seconds, fraction = clock
    if fraction:
        raise Wrong('needs whole seconds, such as "08:00:30", not', shown(raw))
    return seconds


def _clock(text: str) -> tuple[int, bool] | None:
    """A text such as "08:00" or "08:00:30.5" as whole seconds, and whether it has a fraction; None for any other."""
    hour, minute, second = _TWO_DIGITS.get(text[:2], 60), _TWO_DIGITS.get(text[3:5]), 0
    if hour > 23 or minute is None or text[2] != ":":
        return None
    fraction = text[8:]
    if len(text) > 5:
        second = _TWO_DIGITS.get(text[6:8], 60)
        if second == 60 or text[5] != ":":
            return None
        if fraction and not (fraction[0] == "." and fraction.isascii() and fraction[1:].isdigit()):
            return None
    return hour * 3600 + minute * 60 + second, fraction != ""


def _grid_number(spec: FactSpec, raw: object) -> int:
    step, per = spec.step
    needed = "a whole number" if per == 1 else "a number"
    if spec.kind == "money":
        needed = f'a sum such as 12.50 or "{spec.currency or "CNY"} 12.50"'
        if isinstance(raw, str) and raw[3:4] == " " and "\n" not in raw:
            currency = raw[:3]
            if currency.isascii() and currency.isalpha() and currency.isupper():
                if currency != spec.currency:
                    is_in = f"is in {spec.currency}" if spec.currency else "has no currency here"
                    raise Wrong(f"{is_in}, not in", currency)
                raw = raw[4:]
    number = _number(raw)
    if number is None:
        raise Wrong(f"needs {needed}, not", shown(raw))
    numerator, denominator = number
    if abs(numerator) >= 10**MAXIMUM_DIGITS * denominator:
        raise Wrong(f"has more than {MAXIMUM_DIGITS} digits")
    steps, rest = divmod(numerator * per, denominator * step)
    if rest:
        needed = "a whole number" if step == per else f"a multiple of {decimal_text(fractions.Fraction(step, per))}"
        raise Wrong(f"needs {needed}, not", shown(raw))
    return steps


def _number(raw: object) -> tuple[int, int] | None:
    """A number as it was written, as a numerator and a denominator; None for anything else.

    A float is read as the digits that `repr` gives it. A number of too many digits is one of just as many as that.
    """
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return raw, 1
    if isinstance(raw, float):
        text = repr(raw)
        return _digits(text) or _number(decimal.Decimal(text))  # such as 1e-07, or inf
    if isinstance(raw, str):
        return _digits(raw)
    if is_scalar(type(raw)) and isinstance(raw, decimal.Decimal):
        if not raw.is_finite() or raw.adjusted() < -100:
            return (0, 1) if raw.is_zero() else None
        return raw.as_integer_ratio() if raw.adjusted() < MAXIMUM_DIGITS else (10**MAXIMUM_DIGITS, 1)
    try:
        return _number(operator.index(raw))  # type: ignore[arg-type]  # the integers of NumPy and the like
    except TypeError:
        return None


def _digits(text: str) -> tuple[int, int] | None:
    """A text such as "-12.50" as a numerator and a denominator; None for any other, and for very many digits."""
    whole, point, places = text.removeprefix("-").partition(".")
    if not (text.isascii() and whole.isdigit() and len(whole) <= 40):
        return None
    if point and not (places.isdigit() and len(places) <= 40):
        return None
    number = int(whole + places)
    return -number if text[0] == "-" else number, 10 ** len(places)


def shown(raw: object) -> str:
    """A value as JSON would show it, shortened to 60 characters. One that no JSON has is shown with its type."""
    try:
        value = own(raw)
        text = _shortened(_whole(value))
        if not is_scalar(type(value)) and not isinstance(value, (abc.Mapping, list, tuple, set, frozenset)):
            text += f" ({_shortened(f'{type(value).__module__}.{type(value).__qualname__}')})"
    except Exception:  # a foreign class may raise anything
        text = _shortened(f"a value of the type {type(raw).__name__}")
    return text


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _whole(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if raw is None:
        return "null"
    if isinstance(raw, str):
        start = raw[:LONGEST_NAME]
        return '"' + start.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(raw, abc.Mapping):
        return "an object"
    if isinstance(raw, (list, tuple, set, frozenset)):
        return "a list"
    if isinstance(raw, int) and abs(raw) >= 10**40:
        return "a number of more than 40 digits"
    return str.__str__(str(raw))


def decimal_text(number: fractions.Fraction) -> str:
    """A fraction as a decimal number, which must terminate."""
    decimals = 0
    while (number * 10**decimals).denominator != 1 and decimals < 40:
        decimals += 1
    digits = str(abs((number * 10**decimals).numerator)).rjust(decimals + 1, "0")
    sign = "-" if number < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def _grid_text(spec: FactSpec, number: int) -> str:
    if spec.kind == "date":
        return datetime.date.fromordinal(number).isoformat()
    if spec.kind == "time":
        return f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"
    return decimal_text(fractions.Fraction(number * spec.step[0], spec.step[1]))


def unknown_name(name: object, known: Iterable[str], what: str) -> str:
    """The message about a name that is none of the `known` ones; `what` is what it should name, such as `fact`."""
    name = own(name)
    if type(name) is not str:
        return f"{shown(name)} is no name of {'an' if what[0] in 'aeiou' else 'a'} {what}"
    visible = name if name.isprintable() else repr(name)[1:-1]  # a message is one line
    if len(name) > LONGEST_NAME:
        return f"the vocabulary has no {what} `{visible[:57]}...`"
    import difflib  # a case without such a name does not need it

    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return f"the vocabulary has no {what} `{visible}`{hint}"


# From the rules whose condition holds to verdicts


def decide_action(
    action: ActionSpec, rules: Sequence[RuleSpec], certain: int, possible: int, unknown: frozenset[str]
) -> ActionDecision:
    """Decides one action.

    `certain` has a bit for each rule in force whose condition certainly holds, `possible` for each rule in force whose
    condition does not certainly fail. `unknown` names the unknown facts of the case.
    """
    verdict, deciding, certain, possible = resolve(action, certain, possible)
    chosen = [rules[number] for number in bits(deciding)]
    took_part: tuple[str, ...] = ()
    if unknown:
        open_rules = bits(action.rules & (possible & ~certain | deciding))
        read = {fact for number in open_rules for fact in rules[number].facts}
        took_part = tuple(sorted(read & unknown))
    return ActionDecision(
        verdict,
        tuple([rule.name for rule in chosen]),
        tuple([rule.because for rule in chosen if rule.because is not None]),
        tuple([rule.source for rule in chosen if rule.source is not None]),
        took_part,
    )


def resolve(action: ActionSpec, certain: int, possible: int) -> tuple[Verdict, int, int, int]:
    """Resolves overrides and precedence. The arguments are those of `decide_action`.

    Returns the verdict, the bits of the rules that give it, of the rules that are certainly active, and of those that
    are possibly active.
    """
    for number, overriding in action.overridden:
        bit = 1 << number
        # The overriding rules come first, so their own bits are resolved already.
        overridden, perhaps_overridden = certain & overriding, possible & overriding
        if overridden:
            possible &= ~bit
        if perhaps_overridden:
            certain &= ~bit
    for verdict, counts_if_possible, rules in action.branches:
        deciding = (possible if counts_if_possible else certain) & rules
        if deciding:
            return verdict, deciding, certain, possible
    return Verdict.UNSAID, 0, certain, possible


def decide_actions(
    actions: Mapping[str, ActionSpec],
    rules: Sequence[RuleSpec],
    certain: int,
    possible: int,
    unknown: frozenset[str],
) -> dict[str, ActionDecision]:
    """Decides each action. The other arguments are those of `decide_action`."""
    return {name: decide_action(action, rules, certain, possible, unknown) for name, action in actions.items()}


def with_along(
    decisions: Mapping[str, ActionDecision], companions: Mapping[str, tuple[tuple[str, str], ...]], action: str
) -> ActionDecision:
    """The decision on an action with what has to go along with it, if it is permitted.

    `companions` has for an action those that may have to go along with it, each with the name of the pair, and
    `decisions` those on pairs too. What goes along with a companion goes along with the action.
    """
    decided = decisions[action]
    if action not in companions or not decided.permitted:
        return decided
    by_companion: dict[str, dict[str, None]] = {}
    unknown = set(decided.unknown)
    waiting = [action]
    for host in waiting:
        for companion, pair in companions.get(host, ()):
            pair_decision = decisions[pair]
            if pair_decision.rules:
                unknown.update(pair_decision.unknown)
                if companion not in by_companion:
                    by_companion[companion] = {}
                    waiting.append(companion)
                by_companion[companion].update(dict.fromkeys(pair_decision.rules))
    along = tuple([Along(name, tuple(by_companion[name])) for name in sorted(by_companion)])
    return decided._replace(unknown=tuple(sorted(unknown)), along=along)


def truth_masks(truths: Iterable[bool | None]) -> tuple[int, int]:
    """The truths of the rules' conditions, in order, as two sets of bits: certainly true, and not certainly false.

    None is unknown.
    """
    certain = possible = 0
    bit = 1
    for truth in truths:
        if truth is not False:
            possible |= bit
            if truth:
                certain |= bit
        bit <<= 1
    return certain, possible


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set, in ascending order."""
    numbers = []
    if mask.bit_count() < FEW_BITS:
        while mask:
            number = mask.bit_length() - 1
            numbers.append(number)
            mask ^= 1 << number
        numbers.reverse()
        return numbers
    digits = f"{mask:b}"[::-1]
    at = digits.find("1")
    while at >= 0:
        numbers.append(at)
        at = digits.find("1", at + 1)
    return numbers


def in_force(rules: Sequence[RuleSpec], day: int | None) -> int:
    """A bit for each rule that is in force on a day (an ordinal); every rule where `day` is None."""
    mask = 0
    for number, rule in enumerate(rules):
        if day is None or ((rule.since is None or rule.since <= day) and (rule.until is None or day <= rule.until)):
            mask |= 1 << number
    return mask


def decision_day(name: str, dated: bool, since: int | None, until: int | None, on: object) -> int | None:
    """The day of a decision as an ordinal; None where the policy has no dates and no day is given.

    `since` and `until` are the first and the last day (ordinals) of the policy. Raises `CaseError` where a day is
    needed and none is given, where `on` is no day, and where the policy is not in force on it.
    """
    if on is None:
        if dated:
            raise CaseError([Fault(None, f"policy `{name}` depends on dates: say for which day to decide")])
        return None
    day = read_on(on)
    if (since is not None and day < since) or (until is not None and until < day):
        shown = datetime.date.fromordinal(day).isoformat()
        bounds = [
            f"{word} {datetime.date.fromordinal(bound).isoformat()}"
            for word, bound in (("from", since), ("until", until))
            if bound is not None
        ]
        raise CaseError([Fault(None, f"policy `{name}` is in force {' '.join(bounds)}, so not on {shown}")])
    return day


def read_on(on: object) -> int:
    """The day of a decision, a `date` or a text such as "2015-09-22", as an ordinal. Raises `CaseError`."""
    try:
        return read_day(on)
    except Wrong as wrong:
        raise CaseError([Fault(None, f"the day {wrong}")]) from None
