"""The part of a decision that needs no policy: it reads a case, and decides from the rules whose condition holds.

This file imports the standard library alone. `forbear compile` copies it, word for word except for these imports, to
the head of every module that it writes, so a compiled module and the library read cases and decide with the same code.
There `targets/python/late.py` replaces the imports: nothing is loaded before a case needs it. So this file uses no
module while it loads; `Mapping` and the like are for types alone, and `abc.Mapping` for values.

On the grid every ordered value is a whole number of its fact's steps (money in hundredths, say), a flag is a `bool`,
and a name or a text is a `str`. None means unknown for an optional fact, and "none" for a fact that may be none.
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
"""The number of bits from which `bits` searches the binary digits as text, which is faster then."""
_SCALARS: Final[set[type]] = {bool, int, float, str, type(None)}
"""Python's own types of values that have been met: see `is_scalar`."""
_MONTHS: Final = {
    "-01-": (0, 31),
    "-02-": (31, 29),
    "-03-": (59, 31),
    "-04-": (90, 30),
    "-05-": (120, 31),
    "-06-": (151, 30),
    "-07-": (181, 31),
    "-08-": (212, 31),
    "-09-": (243, 30),
    "-10-": (273, 31),
    "-11-": (304, 30),
    "-12-": (334, 31),
}
"""For each month, the days of a common year before it, and its own days in a leap year."""
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TWO_DIGITS: Final = {f"{tens}{ones}": 10 * tens + ones for tens in range(6) for ones in range(10)}


class Verdict(StrEnum):
    """The verdict of a policy on an action. Permitted means allowed or required."""

    ALLOWED = "allowed"
    REQUIRED = "required"
    FORBIDDEN = "forbidden"
    UNSAID = "unsaid"


PERMITTED: Final = (Verdict.ALLOWED, Verdict.REQUIRED)


_OR_LENGTH: Final = "[; or say how long: `{days} days`, `{hours} hours`]"
TEXTS: Final[Mapping[str, str]] = {
    # the case
    "no-object": "a case is an object from fact to value, not {given}",
    "missing": '`{name}` is missing[; write "{word}" where there is none]',
    "unknown-fact": "the vocabulary has no fact `{unknown}`[; did you mean `{nearest}`?]",
    "unknown-action": "the vocabulary has no action `{unknown}`[; did you mean `{nearest}`?]",
    "no-name-of-fact": "{given} is not the name of a fact",
    "no-name-of-action": "{given} is not the name of an action",
    # a value
    "unreadable-value": "{subject} is {given}, which cannot be read",
    "no-null": "{subject} is null, which means unknown, and it is not optional",
    "no-flag": "{subject} needs true or false, not {given}",
    "no-text": "{subject} needs a text, not {given}",
    "no-hours": '{subject} needs weekly hours such as "mon-fri 09:00-17:00, sat 00:00-24:00", not {given}',
    "half-character": "{subject} holds half a character, a surrogate without its other half",
    "not-one-of": "{subject} needs one of {names}[ and {more} more], not {given}[; did you mean {nearest}?]",
    "no-date": '{subject} needs a date such as "2015-09-22", not {given}[; or write "{word}"]',
    "no-such-day": '{subject} is {given}, a day that does not exist[; or write "{word}"]',
    "no-time": '{subject} needs a time of day such as "08:00" or "08:00:30", not {given}',
    "no-whole-seconds": '{subject} needs whole seconds, such as "08:00:30", not {given}',
    "no-number": "{subject} needs a number, not {given}",
    "no-whole-number": "{subject} needs a whole number, not {given}",
    "no-sum": '{subject} needs a sum such as 100 or "{currency} 100", not {given}',
    "other-currency": "{subject} is in {currency}, not in [{other}][{given}]",
    "no-currency": "{subject} has no currency here, not in [{other}][{given}]",
    "too-many-digits": "{subject} has more than {most} digits",
    "off-grid": "{subject} needs a multiple of {step}, not {given}",
    "out-of-range": "{subject} is {given}, out of its range {low} to {high}",
    # a number that is known in part
    "no-part": '{subject} is an object: one with "at_least", "at_most" or "or_none" says what is known of a number',
    "no-or-none": "{subject} has an `or_none` that is neither true nor false, but {given}",
    "never-none": "{subject} says `or_none`, and cannot be none",
    "unreadable-end": "{subject} has an `{end}` {given}, which cannot be read",
    "end-out-of-range": "{subject} has an `{end}` that is {given}, out of its range",
    "impossible": "{subject} is at least [{at_least}, at most {at_most}][{given}], which nothing is",
    "known-too-little": "{subject} is missing: it is known to be [{known}][{given}], which does not tell enough",
    # the day of the decision
    "no-day": "policy `{policy}` depends on dates: say for which day to decide, with `on`",
    "not-in-force": "policy `{policy}` is in force[ from {since}][ until {until}], so not on {day}",
    # the moment of the decision, and its zones
    "history-without-moment": "a history needs the moment of the decision: give `at`",
    "no-moment": '{subject} needs a date and time such as "2026-03-01T09:30:00-05:00", not {given}'
    "[; a `{type}` has no time zone][; write the offset with a colon, {offset}]" + _OR_LENGTH,
    "unreadable-moment": "{subject} is {given}, which cannot be read" + _OR_LENGTH,
    "no-such-moment": "{subject} is {given}, a moment that does not exist" + _OR_LENGTH,
    "out-of-years": "{subject} is {given}, out of the years {first} to {last}" + _OR_LENGTH,
    "no-offset": "{subject} is {given}, without offset, and the case has several zones" + _OR_LENGTH,
    "shown-twice": "{subject} is {given}, which the clocks there show twice: give its offset" + _OR_LENGTH,
    "never-shown": "{subject} is {given}, which the clocks there show never: give its offset" + _OR_LENGTH,
    "another-day": "`on` and `at` are of different days: there it is {day}",
    "zone-missing": '`zone` is missing: the borrower\'s time zone, such as "America/New_York"'
    "[; did you mean it by `{nearest}`?]",
    "no-zone": '`zone` needs a time zone such as "America/New_York", not {given}'
    "[; did you mean `{nearest}`?][; this machine knows none: install `{package}`, the extra `tz` of forbear]",
    "empty-zone": "`zone` is an empty list: name the borrower's time zone",
    "too-many-zones": "`zone` names {number:,} time zones, and a case has at most {most}",
    # facts that follow
    "follows": "`{name}` follows from `{other}`, and is given as well: give one of the two",
    "another-age": "{subject} is given as {given}, and by `{other}` it is {following}: "
    "leave it out, or mend one of the two",
    "half-given": "{subject} is given as {given}, and `{other}`, from which it follows, as {following}: "
    "mend one of the two",
    "another-working-day": "{subject} is not so by the calendar `{calendar}`: leave it out, or mend one of the two",
    "not-of-day": "{subject} is given as {given}, and by `{other}` it is {following}: mend one of the two",
    "missing-for-fact": "`{name}` is missing: `{other}` follows from it",
    "missing-for-events": "`{name}` is missing: it decides which events count",
    "after-day": "{subject} is [{date}][{given}], after the day of the decision",
    "not-covered": "{subject} cannot be told: `{calendar}` covers {first} to {last}, and not [{day}][{given}]",
    "sum-out-of-range": "{subject} is a sum of [{sum}][{given}], out of its range",
    "history-too-short": "`{name}` is missing: the history begins on {first}, and earlier events count[, from {needed} "
    'on]: read them too, write "{word}" in `history_from` if there were none, or give the fact',
    "half-known": "`{name}` is missing: whether some event counts depends on what is unknown of it, or of the case"
    "[: {facts}]",
    # events
    "no-history": "`history` is a list of events, not {given}",
    "no-history-from": '`history_from` is missing: the first day that the history covers, or "opening"'
    "[; did you mean it by `{nearest}`?]",
    "no-event": "{subject} is an object with `event` and `at`, not {given}",
    "event-missing": "{subject} has no `event`: one of {names}",
    "unknown-event": "{subject}: the vocabulary has no event `{unknown}`[; did you mean `{nearest}`?]",
    "no-name-of-event": "{subject}: {given} is not the name of an event",
    "attribute-missing": "{subject} has no `{attribute}`",
    "unknown-attribute": "{subject}: the vocabulary has no attribute `{unknown}`[; did you mean `{nearest}`?]",
    "no-name-of-attribute": "{subject}: {given} is not the name of an attribute",
    "moment-missing": "{subject} has no `at`: when it happened",
    "after-decision": "{subject} is of {given}, after the decision",
    "no-id": "{subject} has the id {given}, which is neither text nor a number",
    "half-character-in-id": "{subject} has an id with half a character, a surrogate without its other half",
    "long-id": "{subject} has an id of more than {most:,} digits",
    "another-event": "{subject} has the id {given} of another event, and says something else",
    "not-looked-at": "what comes after {subject} has not been looked at",
}
"""The text of each code of a fault. A part in brackets appears only if its arguments are given. `{subject}` names the
value, by the arguments `name` and `event`.
"""


class Fault(NamedTuple):
    """One error of a case: the name of the fact (None if the error is not about one) and the message.

    The message is made from the `code` and its `arguments` in JSON values."""

    fact: str | None
    message: str
    code: str
    arguments: Mapping[str, Any]

    @classmethod
    def of(cls, fact: str | None, code: str, /, **arguments: Any) -> Fault:
        """The fault of a code of `TEXTS`."""
        return cls(fact, filled(TEXTS[code], arguments), code, arguments)

    def __hash__(self) -> int:
        return hash((self.fact, self.message, self.code))

    def as_json(self) -> dict[str, object]:
        return {"fact": self.fact, "message": self.message, "code": self.code, "arguments": dict(self.arguments)}


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
        """Returns values that represent every possible value in a comparison whose truth changes at thresholds
        alone.
        """
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

    `absent` is what a missing value means: `needed` (an error), `unknown` or `none`. `step` is a numerator and a
    denominator. `low` and `high` are the ends of its range on the grid. `names` holds the position of each name. Error
    messages never show a `private` value. `cuts` is None if the value cannot be known in part; otherwise it has the
    numbers from which on some comparison of the rules may have another truth. A `related` fact is compared with another
    one, so that any number may make a difference.
    """

    name: str
    kind: str
    absent: str
    step: tuple[int, int] = (1, 1)
    low: int = 0
    high: int = 0
    names: Mapping[str, int] = {}
    currency: str | None = None
    private: bool = False
    cuts: tuple[int, ...] | None = None
    related: bool = False


class RuleSpec(NamedTuple):
    """The data that a decision reports about a rule. `facts` are those that it reads and that may be unknown; days are
    ordinals.
    """

    name: str
    because: str | None
    source: str | None
    since: int | None
    until: int | None
    facts: tuple[str, ...]


class Branch(NamedTuple):
    """The rules that give a verdict, one bit each.

    With `possible` a rule counts unless it is certainly inactive; without it, only if it is certainly active.
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

    branches: tuple[Branch, ...] = ()
    rules: int = 0
    overridden: tuple[tuple[int, int], ...] = ()


class Along(NamedTuple):
    """An action that must accompany a permitted one, with the rules that ask for it."""

    action: str
    rules: tuple[str, ...]


class ActionDecision(NamedTuple):
    """The verdict on one action, with the rules that gave it, in file order, their reasons and their sources.

    `unknown` names the unknown facts that took part: those read by a deciding rule, or by a rule on this action of
    which it is unknown whether it is active. `along` has the actions that must accompany a permitted one."""

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
        """The decision as it is recorded, without reasons and sources."""
        record: dict[str, object] = {"verdict": self.verdict.value, "rules": list(self.rules)}
        if self.unknown:
            record["unknown"] = list(self.unknown)
        if self.along:
            record["along"] = {companion.action: list(companion.rules) for companion in self.along}
        return record

    def as_json(self) -> dict[str, object]:
        """Returns the decision as `forbear decide` prints it."""
        shown: dict[str, object] = {
            "verdict": self.verdict.value,
            "permitted": self.permitted,
            "rules": list(self.rules),
            "because": list(self.because),
            "source": list(self.source),
        }
        return shown | self.as_entry() if self.unknown or self.along else shown


_NO_RULE: Final = ActionDecision(Verdict.UNSAID, (), (), (), ())
"""The decision on an action that has no rule."""


# Reading a case


PRIVATE: Final = "(private)"
"""The text shown in place of a private value."""
HIDDEN: Final[Mapping[str, object]] = {"private": None}
"""The argument of a fault that replaces a private value."""


class Wrong(Exception):
    """An invalid value of a fact, as a code with arguments. Callers catch it, and report a fault of the case.

    The arguments `of_case` are about the value; the others are those of the declaration.
    """

    def __init__(self, code: str, of_case: Mapping[str, object] | None = None, /, **declared: object) -> None:
        super().__init__(code)
        self.code, self.of_case, self.declared = code, of_case or {}, declared

    def hidden(self) -> Wrong:
        """The same without the value."""
        return Wrong(self.code, {"given": HIDDEN} if self.of_case else None, **self.declared)

    def fault(self, fact: str | None, /, **subject: object) -> Fault:
        """The fault of a case. The subject is the `name` of a value, or the number of its `event`, or both; of neither,
        the day."""
        return Fault.of(fact, self.code, **subject, **self.of_case, **self.declared)


def read_case(specs: Mapping[str, FactSpec], needed: Sequence[str], case: object) -> dict[str, Value]:
    """Returns the facts of a case on their grids, the `needed` ones first, in order.

    Raises `CaseError` with every error: a case that is not a mapping, an unknown name, a value of the wrong type, off
    the grid or out of range, and a needed fact that is missing, or known in part so that a comparison stays open.
    """
    entries = case if type(case) is dict and set(map(type, case)) <= {str} else as_dict(case)
    if entries is None:
        given = HIDDEN if any(spec.private for spec in specs.values()) else as_argument(case)
        raise CaseError([Fault.of(None, "no-object", given=given)])
    faults: list[Fault] = []
    values: dict[str, Value] = {}
    for name in needed:
        spec = specs[name]
        values[name] = None
        if name not in entries and spec.absent != "unknown":
            faults.append(Fault.of(name, "missing", name=name, **({"word": "none"} if spec.absent == "none" else {})))
    for name, raw in entries.items():
        if type(name) is not str or name not in specs:
            faults.append(unknown_name(name if type(name) is str else shown(name), name, specs, "fact"))
            continue
        spec = specs[name]
        if type(raw) is bool and spec.kind == "yes/no":
            values[name] = raw  # as below, in a fifth of the time
            continue
        in_part = spec.cuts is not None and type(raw) not in _SCALARS and isinstance(raw, (InPart, abc.Mapping))
        try:
            values[name] = read_in_part(spec, raw) if in_part else read_value(spec, raw)
        except Wrong as wrong:
            faults.append((wrong.hidden() if in_part and spec.private else wrong).fault(name, name=name))
    if faults:
        raise CaseError(faults)
    return values


def read_in_part(spec: FactSpec, raw: object) -> Value:
    """Returns a number known in part, such as `{"at_least": 3, "at_most": 5, "or_none": True}`, on its fact's grid.

    Raises `Wrong` for any other value, and for a needed number that is not known well enough for every comparison.
    """
    if isinstance(raw, InPart):
        value = raw
    else:
        entries = as_dict(raw)
        if not entries or not entries.keys() <= {"at_least", "at_most", "or_none"}:
            raise Wrong("no-part")
        low, high = (_end(spec, entries, word, end) for word, end in (("at_least", spec.low), ("at_most", spec.high)))
        none = entries.get("or_none", False)
        if none is not True and none is not False:
            raise Wrong("no-or-none", {"given": as_argument(none)})
        value = InPart(low, high, none)
    if value.none and spec.absent != "none":
        raise Wrong("never-none")
    if value.low > value.high:
        raise Wrong(
            "impossible", {"at_least": number_argument(spec, value.low), "at_most": number_argument(spec, value.high)}
        )
    if value.low == value.high and not value.none:
        return value.low
    if spec.absent == "needed" and not tells_enough(spec, value):
        raise Wrong("known-too-little", {"known": _in_part_argument(spec, value)})
    return None if spec.absent == "unknown" and value == InPart(spec.low, spec.high, none=False) else value


def _end(spec: FactSpec, entries: Mapping[str, object], word: str, end: int) -> int:
    if word not in entries:
        return end
    try:
        number = _ordinal(spec, own(entries[word]))
    except Wrong:
        raise
    except Exception:  # a foreign class may raise anything
        raise Wrong("unreadable-end", {"given": as_argument(entries[word])}, end=word) from None
    if not spec.low <= number <= spec.high:
        raise Wrong("end-out-of-range", {"given": as_argument(entries[word])}, end=word)
    return number


def tells_enough(spec: FactSpec, value: InPart) -> bool:
    """Returns true if every comparison of the rules has one truth for all the numbers that the value may be, ignoring
    none.
    """
    return not (spec.related or any(value.low < cut <= value.high for cut in spec.cuts or ()))


def in_part_text(spec: FactSpec, value: InPart) -> str:
    """Returns a number known in part, in words: `at least 10, or none`."""
    return _in_part_words(_in_part_argument(spec, value))


def _in_part_argument(spec: FactSpec, value: InPart) -> dict[str, object]:
    """Returns a number known in part as an argument, without the ends of its range that go without saying."""
    known: dict[str, object] = {}
    goes_without_saying = value.low != 0 if value.high == spec.high else value.low < 0
    if value.low != spec.low or not goes_without_saying:
        known["at_least"] = number_argument(spec, value.low)
    if value.high != spec.high:
        known["at_most"] = number_argument(spec, value.high)
    return {**known, "or_none": True} if value.none else known


def _in_part_words(known: Mapping[str, object]) -> str:
    low, high = known.get("at_least"), known.get("at_most")
    if high is not None:
        text = f"at most {high}" if low is None else f"{low} to {high}"
    else:
        text = "anything" if low is None else f"at least {low}"
    return f"{text}, or none" if "or_none" in known else text


def number_argument(spec: FactSpec, number: int) -> int | str:
    """A value on the grid of an ordered fact as an argument: a whole number, or the text of any other."""
    text = _grid_text(spec, number)
    return int(text) if text.removeprefix("-").isdigit() else text


def as_given(spec: FactSpec, number: int) -> int | decimal.Decimal | str:
    """Returns a value on the grid of an ordered fact, as a case gives it in JSON."""
    if spec.kind in ("date", "time"):
        return _grid_text(spec, number)
    numerator, denominator = spec.step
    whole, rest = divmod(number * numerator, denominator)
    return decimal.Decimal(_grid_text(spec, number)) if rest else whole


def in_part_json(spec: FactSpec, value: InPart) -> dict[str, object]:
    """Returns a number known in part, as a case gives it in JSON."""
    known: dict[str, object] = {"at_least": as_given(spec, value.low)}
    if value.high != spec.high:
        known["at_most"] = as_given(spec, value.high)
    return {**known, "or_none": True} if value.none else known


def is_unknown(spec: FactSpec, value: Value) -> bool:
    """Returns true if the value of a fact is unknown, or known in part."""
    return (isinstance(value, InPart) or (value is None and spec.absent == "unknown")) and spec.absent != "needed"


def read_value(spec: FactSpec, raw: object) -> GridValue:
    """A value as given, on its fact's grid; None for unknown and for none.

    Raises `Wrong` for any other value, and no other exception, whatever `raw` is.
    """
    try:
        return _on_its_grid(spec, raw if type(raw) in _SCALARS else own(raw))
    except Wrong as wrong:
        if spec.private:
            raise wrong.hidden() from None
        raise
    except Exception:  # a foreign class may raise anything
        raise Wrong("unreadable-value", {"given": HIDDEN if spec.private else as_argument(raw)}) from None


def _on_its_grid(spec: FactSpec, raw: object) -> GridValue:
    if raw is None:
        if spec.absent == "unknown":
            return None
        raise Wrong("no-null")
    if spec.absent == "none" and type(raw) is str and raw == "none":
        return None
    kind = spec.kind
    if kind == "yes/no":
        if raw is True or raw is False:
            return raw
        raise Wrong("no-flag", {"given": as_argument(raw)})
    if kind == "text":
        if type(raw) is not str:
            raise Wrong("no-text", {"given": as_argument(raw)})
        if has_half_a_character(raw):
            raise Wrong("half-character")
        return raw
    if kind == "weekly hours":
        parts = [own(part) for part in raw] if type(raw) in (list, tuple) else [raw]  # type: ignore[attr-defined]
        for part in parts:
            hours_of(part)
        return ", ".join([str(part) for part in parts if part])
    if kind in ("choice", "order"):
        if type(raw) is str and raw in spec.names:
            return raw if kind == "choice" else spec.names[raw]
        raise _none_of(spec, raw)
    if type(raw) is int and spec.low <= raw <= spec.high and spec.step == (1, 1) and kind not in ("date", "time"):
        return raw  # as below, in a third of the time
    number = _ordinal(spec, raw)
    if not spec.low <= number <= spec.high:
        limits = {"low": number_argument(spec, spec.low), "high": number_argument(spec, spec.high)}
        raise Wrong("out-of-range", {"given": as_argument(raw)}, **limits)
    return number


def _ordinal(spec: FactSpec, raw: object) -> int:
    """A date, a time of day or a number on its fact's grid, in or out of its range."""
    if spec.kind == "date":
        return read_day(raw)
    return _read_time(raw) if spec.kind == "time" else _grid_number(spec, raw)


def _none_of(spec: FactSpec, raw: object) -> Wrong:
    """Returns the error of a value that is not one of the names of its fact."""
    names = list(spec.names)
    of_case: dict[str, object] = {"given": as_argument(raw)}
    if len(names) <= MOST_NAMES:
        return Wrong("not-one-of", of_case, names=names)
    near = nearest(raw, names) if type(raw) is str and not spec.private else None
    if near is not None:
        of_case["nearest"] = near
    return Wrong("not-one-of", of_case, names=names[:FIRST_NAMES], more=len(names) - FIRST_NAMES)


def nearest(text: str, names: Iterable[str]) -> str | None:
    """Returns the first of some names that equals a text except for capital letters of ASCII; otherwise, for a text of
    at least four letters, the first that differs in one letter, which is missing, added, replaced, or swapped with the
    next.

    `kernel.js` has the same function, so that both report the same of a case.
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
    """Returns true if a text holds a surrogate without its other half."""
    try:
        return not text.isascii() and not text.encode()
    except UnicodeEncodeError:
        return True


def is_scalar(kind: type) -> bool:
    """Returns true if a type is one of Python's own types of values. Subclasses of them may define equality as they
    like.
    """
    if kind in _SCALARS:
        return True
    if kind.__module__ == "decimal":  # imported if there is such a value; the other module perhaps not
        scalar = kind is decimal.Decimal
    else:
        scalar = kind.__module__ == "datetime" and kind in (datetime.date, datetime.time, datetime.datetime)
    if scalar:
        _SCALARS.add(kind)
    return scalar


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
    """Returns a scalar of NumPy as a value of Python, if Python has that value; otherwise the scalar itself.

    A float becomes the decimal of the digits that NumPy shows for it, which are the fewest that distinguish it from its
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
    if type(raw) is dict and set(map(type, raw)) <= {str}:
        return raw.copy()
    try:
        if not isinstance(raw, abc.Mapping):
            return None
        items = list(raw.items())
        by_name: dict[Any, object] = {own(name): value for name, value in items}
    except Exception:  # a foreign class may raise anything
        return None
    return by_name if len(by_name) == len(items) else None


def read_day(raw: object) -> int:
    """Returns a `date`, or a text such as "2015-09-22", as an ordinal. Raises `Wrong`."""
    raw = own(raw)
    if type(raw) is str:
        day = _ordinal_of(raw)
        if day is not None:
            return day
        parts = [(part, len(part)) for part in raw.split("-")]
        if [length for _, length in parts] == [4, 2, 2] and all(part.isascii() and part.isdigit() for part, _ in parts):
            raise Wrong("no-such-day", {"given": as_argument(raw)})
    elif type(raw) is datetime.date:
        return raw.toordinal()
    raise Wrong("no-date", {"given": as_argument(raw)})


def _ordinal_of(text: str) -> int | None:
    """Returns a day such as "2015-09-22" as an ordinal, or None. `datetime` is not loaded for this alone."""
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
        raise Wrong("no-time", {"given": as_argument(raw)})
    seconds, fraction = clock
    if fraction:
        raise Wrong("no-whole-seconds", {"given": as_argument(raw)})
    return seconds


def hours_of(raw: object) -> list[tuple[int, int]]:
    """Returns weekly hours such as "mon-fri 09:00-17:00, sat 00:00-24:00" as a span for each day: the minute of the
    week at which it begins, and its length. A span whose end is before its beginning continues after midnight. Raises
    `Wrong`.
    """
    found = []
    for part in raw.split(",") if type(raw) is str and raw else [] if raw == "" else [raw]:
        days, _, times = part.strip(" ").partition(" ") if type(part) is str else ("", "", "")
        (first, dash, last), (begin, _, end) = days.partition("-"), times.strip(" ").partition("-")
        start = _clock(begin) if len(begin) == 5 else None
        stop = (24 * 3600, False) if end == "24:00" else _clock(end) if len(end) == 5 else None
        if first not in _WEEK or (last if dash else first) not in _WEEK or start is None or stop in (start, None):
            raise Wrong("no-hours", {"given": as_argument(part)})
        minutes = (stop[0] - start[0]) // 60 % 1440 or 1440
        number = (_WEEK.index(last) - _WEEK.index(first)) % 7 + 1 if dash else 1
        days_on = [(_WEEK.index(first) + day) % 7 for day in range(number)]
        found += [(day * 1440 + start[0] // 60, minutes) for day in days_on]
    return found


def _clock(text: str) -> tuple[int, bool] | None:
    """Returns a text such as "08:00" or "08:00:30.5" as whole seconds, and whether it has a fraction; None for any
    other.
    """
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
    if spec.kind == "money" and isinstance(raw, str) and raw[3:4] == " " and "\n" not in raw:
        currency = raw[:3]
        if currency.isascii() and currency.isalpha() and currency.isupper():
            if currency != spec.currency:
                if spec.currency:
                    raise Wrong("other-currency", {"other": currency}, currency=spec.currency)
                raise Wrong("no-currency", {"other": currency})
            raw = raw[4:]
    number = _number(raw)
    if number is None:
        if spec.kind == "money":
            raise Wrong("no-sum", {"given": as_argument(raw)}, currency=spec.currency or "CNY")
        raise Wrong("no-whole-number" if per == 1 else "no-number", {"given": as_argument(raw)})
    numerator, denominator = number
    if abs(numerator) >= 10**MAXIMUM_DIGITS * denominator:
        raise Wrong("too-many-digits", most=MAXIMUM_DIGITS)
    steps, rest = divmod(numerator * per, denominator * step)
    if rest:
        if step == per:
            raise Wrong("no-whole-number", {"given": as_argument(raw)})
        raise Wrong("off-grid", {"given": as_argument(raw)}, step=number_argument(spec, 1))
    return steps


def _number(raw: object) -> tuple[int, int] | None:
    """Returns a number as it was written, as a numerator and a denominator; None for anything else.

    A float is read as the digits that `repr` gives it. A number of too many digits becomes one of the most digits
    allowed, and one that is nearly zero is on no grid either way.
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
        if not raw.is_finite():
            return None
        if raw.adjusted() < -100:
            return int(not raw.is_zero()), 10**100
        return raw.as_integer_ratio() if raw.adjusted() < MAXIMUM_DIGITS else (10**MAXIMUM_DIGITS, 1)
    try:
        return _number(operator.index(raw))  # type: ignore[arg-type]  # the integers of NumPy and the like
    except TypeError:
        return None


def _digits(text: str) -> tuple[int, int] | None:
    """Returns a text such as "-12.50" as a numerator and a denominator; None for any other, and for very many
    digits.
    """
    whole, point, places = text.removeprefix("-").partition(".")
    if not (text.isascii() and whole.isdigit() and len(whole) <= 40):
        return None
    if point and not (places.isdigit() and len(places) <= 40):
        return None
    number = int(whole + places)
    return -number if text[0] == "-" else number, 10 ** len(places)


def shown(raw: object) -> str:
    """A value as JSON would show it, shortened to 60 characters. One that no JSON has is shown with its type."""
    return _argument_words(as_argument(raw))


def as_argument(raw: object) -> object:
    """Returns a value of a case as an argument of a fault: itself or, unless it is a short scalar of JSON, an object
    with the parts of it that a message shows: a `text`, a `type`, a `class`.
    """
    try:
        value = own(raw)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, abc.Mapping):
            return {"type": "object"}
        if isinstance(value, (list, tuple, set, frozenset)):
            return {"type": "list"}
        if isinstance(value, int) and abs(value) >= 10**40:
            return {"type": "number"}
        text = _whole(value)
        plain = isinstance(value, (str, int)) or (isinstance(value, float) and abs(value) < float("inf"))
        if plain and len(text) <= 60:
            return value
        of_type = "" if is_scalar(type(value)) else _shortened(f"{type(value).__module__}.{type(value).__qualname__}")
    except Exception:  # a foreign class may raise anything
        return {"class": type(raw).__name__[:60]}
    return {"text": _shortened(text), "type": of_type} if of_type else {"text": _shortened(text)}


def _shortened(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= 60 else line[:57] + "..."


def _argument_words(value: object) -> str:
    if not isinstance(value, dict):
        return _whole(value)
    if value == HIDDEN:
        return PRIVATE
    if "class" in value:
        return _shortened(f"a value of the type {value['class']}")
    if "text" not in value:
        return _OF_TYPE[value["type"]]
    return f"{value['text']} ({value['type']})" if "type" in value else str(value["text"])


_OF_TYPE: Final[Mapping[str, str]] = {
    "object": "an object",
    "list": "a list",
    "value": "a single value",
    "number": "a number of more than 40 digits",
}


def filled(text: str, arguments: Mapping[str, object]) -> str:
    """Returns a text such as those of `TEXTS` with its arguments in words."""
    words = {name: _in_words(name, value) for name, value in arguments.items()}
    name, event = arguments.get("name"), arguments.get("event")
    of_event = f"`history[{event}]`"
    if name is None:
        words["subject"] = "the day" if event is None else of_event
    else:
        words["subject"] = f"`{name}`" if event is None else f"`{name}` of {of_event}"
    filled_text = ""
    for number, part in enumerate(text.replace("]", "[").split("[")):
        try:
            filled_text += part.format_map(words)
        except KeyError:
            if number % 2 == 0:  # not in brackets
                raise
    return filled_text


def _in_words(name: str, value: object) -> object:
    if name in ("given", "following"):
        return _argument_words(value)
    if isinstance(value, list):
        return ", ".join([f"`{fact}`" for fact in value] if name == "facts" else value)
    return _in_part_words(value) if isinstance(value, dict) else value


def _whole(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if raw is None:
        return "null"
    if isinstance(raw, str):
        start = raw[:LONGEST_NAME]
        return '"' + start.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return in_digits(raw)


def in_digits(value: object) -> str:
    """Returns a value as `str` does, but a decimal without an exponent, as cases and rules may write it. A decimal far
    out of their range would fill the memory with zeros, so it keeps its exponent.
    """
    if isinstance(value, decimal.Decimal) and abs(value.adjusted()) <= 40:
        return f"{value:f}"
    return str.__str__(str(value))


def decimal_text(number: fractions.Fraction) -> str:
    """A fraction as a decimal number, which must terminate."""
    return _quotient_text(number.numerator, number.denominator)


def _quotient_text(numerator: int, denominator: int) -> str:
    decimals = 0
    while numerator % denominator and decimals < 40:
        numerator *= 10
        decimals += 1
    digits = str(abs(numerator) // denominator).rjust(decimals + 1, "0")
    sign = "-" if numerator < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def _grid_text(spec: FactSpec, number: int) -> str:
    if spec.kind == "date":
        return datetime.date.fromordinal(number).isoformat()
    if spec.kind == "time":
        return f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"
    return _quotient_text(number * spec.step[0], spec.step[1])


def unknown_name(fact: str | None, name: object, known: Iterable[str], what: str, **subject: object) -> Fault:
    """Returns the fault of a name that is not one of the `known` ones; `what` is what it should name, such as
    `fact`.
    """
    name = own(name)
    if type(name) is not str:
        return Fault.of(fact, f"no-name-of-{what}", **subject, given=as_argument(name))
    visible = name if name.isprintable() else repr(name)[1:-1]  # a message is one line
    if len(name) > LONGEST_NAME:
        return Fault.of(fact, f"unknown-{what}", **subject, unknown=f"{visible[:57]}...")
    near = near_name(name, known)
    return Fault.of(fact, f"unknown-{what}", **subject, unknown=visible, **({} if near is None else {"nearest": near}))


def near_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that resembles a name most, however each is capitalised; None where none does."""
    import difflib  # a case without an unknown name does not need it

    by_letters: dict[str, str] = {}
    for candidate in known:
        by_letters.setdefault(candidate.lower(), candidate)
    near = difflib.get_close_matches(name.lower(), by_letters, n=1)
    return by_letters[near[0]] if near else None


# From the rules whose condition holds to verdicts


def decide_action(
    action: ActionSpec, rules: Sequence[RuleSpec], certain: int, possible: int, unknown: frozenset[str]
) -> ActionDecision:
    """Decides one action.

    `certain` has a bit for each rule in force whose condition certainly holds, `possible` for each rule in force whose
    condition does not certainly fail. `unknown` names the unknown facts of the case.
    """
    if not action.rules:
        return _NO_RULE
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
    """Returns the decision on an action with the actions that must accompany it, if it is permitted.

    `companions` maps an action to those that may have to accompany it, each with the name of the pair, and `decisions`
    has those on pairs too. An action that accompanies a companion accompanies the action.
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
    """A bit for each rule that is in force on a day (an ordinal); without a day, for each that has no last one."""
    mask = 0
    for number, rule in enumerate(rules):
        begun = day is None or rule.since is None or rule.since <= day
        if begun and (rule.until is None or (day is not None and day <= rule.until)):
            mask |= 1 << number
    return mask


def decision_day(name: str, dated: bool, since: int | None, until: int | None, on: object) -> int | None:
    """Returns the day of a decision as an ordinal; None if the policy has no dates and no day is given.

    `since` and `until` are the first and the last day (ordinals) of the policy. Raises `CaseError` if a day is needed
    and none is given, if `on` is not a day, or if the policy is not in force on it.
    """
    if on is None:
        if dated:
            raise CaseError([Fault.of(None, "no-day", policy=name)])
        return None
    day = read_on(on)
    if (since is not None and day < since) or (until is not None and until < day):
        days = {
            word: datetime.date.fromordinal(bound).isoformat()
            for word, bound in (("since", since), ("until", until), ("day", day))
            if bound is not None
        }
        raise CaseError([Fault.of(None, "not-in-force", policy=name, **days)])
    return day


def read_on(on: object) -> int:
    """Returns the day of a decision, a `date` or a text such as "2015-09-22", as an ordinal. Raises `CaseError`."""
    try:
        return read_day(on)
    except Wrong as wrong:
        raise CaseError([wrong.fault(None)]) from None
