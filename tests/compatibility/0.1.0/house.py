# ruff: noqa
"""Decides policy `house`: How far this house goes

Compiled by Forbear 0.1.0; do not edit. It needs Python 3.11 or later, and nothing but its standard
library. `decide(case, on=None, at=None)` gives each action's verdict with the rules behind it, and raises
`CaseError`. For type checkers, `Case` is what it takes, `Decision` what it gives, `Action` an action.
Predicates take facts as whole numbers on their grids: sums and decimals in steps, days as ordinals, times in
seconds, ordered names by place.

Digest: sha256:5a0eea740c75e7e39f6246a64289a64e36c91a949427a8f8cf0d470606cb61c6
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    import decimal
    import fractions
    import operator
    from collections import abc
    from collections.abc import Iterable, Mapping, Sequence
    from enum import StrEnum
    from typing import Any, Final, NamedTuple, TypeAlias
    import bisect
    import calendar
    import re
    from collections.abc import Mapping
    from functools import lru_cache
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Final, NamedTuple, TypeAlias
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Final, NamedTuple
    from collections.abc import Callable, Mapping
    from collections.abc import Sequence
else:

    class Late:
        """A module, or another thing, that is made when something of it is first used."""

        def __init__(self, make: Callable[[], Any]) -> None:
            self._make = make

        def __getattr__(self, name: str) -> Any:
            found = getattr(self._make(), name)
            setattr(self, name, found)  # from now on it is found without this method
            return found

    def late_import(name: str) -> Late:
        def make() -> Any:
            import sys

            if name in sys.modules:  # so it is where a case has a `Decimal` or a `date`; `importlib` is long to import
                return sys.modules[name]
            import importlib

            return importlib.import_module(name)

        return Late(make)

    abc = late_import("collections.abc")
    bisect = late_import("bisect")
    calendar = late_import("calendar")
    datetime = late_import("datetime")
    decimal = late_import("decimal")
    fractions = late_import("fractions")
    operator = late_import("operator")

    class re:  # it stands for a module
        @staticmethod
        def compile(pattern: str) -> Late:
            return Late(lambda: late_import("re").compile(pattern))

    try:
        # What the named tuples of the standard library have.
        from _collections import _tuplegetter as _getter  # type: ignore[import-not-found]
    except ImportError:

        def _getter(number: int, doc: str) -> Any:
            return property(lambda values: values[number])

    _GETTERS = [_getter(number, "") for number in range(20)]

    class NamedTuple(tuple[object, ...]):
        """As `typing.NamedTuple`, as far as the kernel goes."""

        _fields: tuple[str, ...]
        _defaults: dict[str, Any]
        _rest: dict[int, tuple[Any, ...]]
        """By how many values are given: the others, which are the defaults of their fields."""

        def __init_subclass__(cls) -> None:
            own = vars(cls)
            cls._fields = tuple(cls.__annotations__)
            cls._defaults = {name: own[name] for name in cls._fields if name in own}
            last = tuple(cls._defaults.values())
            cls._rest = {len(cls._fields) - len(last) + given: last[given:] for given in range(len(last) + 1)}
            for name, getter in zip(cls._fields, _GETTERS[: len(cls._fields)], strict=True):
                setattr(cls, name, getter)

        def __new__(cls, *values: Any, **named: Any) -> NamedTuple:
            if named:
                named = {**cls._defaults, **named}
                values += tuple([named[name] for name in cls._fields[len(values) :]])
            return tuple.__new__(cls, values + cls._rest[len(values)])

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        def __repr__(self) -> str:
            values = [f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True)]
            return f"{type(self).__name__}({', '.join(values)})"

        def _replace(self, **named: Any) -> NamedTuple:
            return type(self)(**{**dict(zip(self._fields, self, strict=True)), **named})

    class StrEnum(str):
        """As `enum.StrEnum`, as far as the kernel goes."""

        value: str

        def __init_subclass__(cls) -> None:
            for name, text in list(vars(cls).items()):
                if not name.startswith("_"):
                    member = cls(text)
                    member.value = text
                    setattr(cls, name, member)

    def lru_cache(maxsize: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A memory of so many results, which is emptied when it is full."""

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            memory: dict[Any, Any] = {}

            def remembered(*arguments: Any) -> Any:
                if arguments in memory:
                    return memory[arguments]
                if len(memory) >= maxsize:
                    memory.clear()
                found = memory[arguments] = function(*arguments)
                return found

            return remembered

        return decorate


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
"""For each month the days of a common year before it, and its own days, in a leap year."""
_TWO_DIGITS: Final = {f"{tens}{ones}": 10 * tens + ones for tens in range(6) for ones in range(10)}


class Verdict(StrEnum):
    """What a policy decides on an action. Permitted means allowed or required."""

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
    "no-name-of-fact": "{given} is no name of a fact",
    "no-name-of-action": "{given} is no name of an action",
    # a value
    "unreadable-value": "{subject} is {given}, which cannot be read",
    "no-null": "{subject} is null, which means unknown, and it is not optional",
    "no-flag": "{subject} needs true or false, not {given}",
    "no-text": "{subject} needs a text, not {given}",
    "half-character": "{subject} holds half a character, a surrogate without its other half",
    "not-one-of": "{subject} needs one of {names}[ and {more} more], not {given}[; did you mean {nearest}?]",
    "no-date": '{subject} needs a date such as "2015-09-22", not {given}[; or write "{word}"]',
    "no-such-day": '{subject} is {given}, a day that does not exist[; or write "{word}"]',
    "no-time": '{subject} needs a time of day such as "08:00" or "08:00:30", not {given}',
    "no-whole-seconds": '{subject} needs whole seconds, such as "08:00:30", not {given}',
    "no-number": "{subject} needs a number, not {given}",
    "no-whole-number": "{subject} needs a whole number, not {given}",
    "no-sum": '{subject} needs a sum such as 12.50 or "{currency} 12.50", not {given}',
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
    "another-working-day": "{subject} is not so by the calendar `{calendar}`: leave it out, or mend one of the two",
    "not-of-day": "{subject} is given as {given}, and by `{other}` it is {following}: mend one of the two",
    "missing-for-fact": "`{name}` is missing: `{other}` follows from it",
    "missing-for-events": "`{name}` is missing: events are compared with it",
    "after-day": "{subject} is [{date}][{given}], after the day of the decision",
    "not-covered": "{subject} cannot be told: `{calendar}` covers {first} to {last}, and not [{day}][{given}]",
    "sum-out-of-range": "{subject} is a sum of [{sum}][{given}], out of its range",
    "history-too-short": "`{name}` is missing: the history begins on {first}, and earlier events count[, from {needed} "
    'on]: read them too, write "{word}" in `history_from` if there were none, or give the fact',
    "half-known": "`{name}` is missing: whether some event counts depends on what is unknown of it, or of the case",
    # events
    "no-history": "`history` is a list of events, not {given}",
    "no-history-from": '`history_from` is missing: the first day that the history covers, or "opening"'
    "[; did you mean it by `{nearest}`?]",
    "no-event": "{subject} is an object with `event` and `at`, not {given}",
    "event-missing": "{subject} has no `event`: one of {names}",
    "unknown-event": "{subject}: the vocabulary has no event `{unknown}`[; did you mean `{nearest}`?]",
    "no-name-of-event": "{subject}: {given} is no name of an event",
    "attribute-missing": "{subject} has no `{attribute}`",
    "unknown-attribute": "{subject}: the vocabulary has no attribute `{unknown}`[; did you mean `{nearest}`?]",
    "no-name-of-attribute": "{subject}: {given} is no name of an attribute",
    "moment-missing": "{subject} has no `at`: when it happened",
    "after-decision": "{subject} is of {given}, after the decision",
    "no-id": "{subject} has the id {given}, which is no text and no number",
    "half-character-in-id": "{subject} has an id with half a character, a surrogate without its other half",
    "long-id": "{subject} has an id of more than {most:,} digits",
    "another-event": "{subject} has the id {given} of another event, and says something else",
    "not-looked-at": "what comes after {subject} has not been looked at",
}
"""The text of each code of a fault. A part in brackets is there where its arguments are. `{subject}` is what is said of
the value by the arguments `name` and `event`."""


class Fault(NamedTuple):
    """One error of a case: the name of the fact, None where the error is not about one, and the message.

    The message is what the `code` and its `arguments`, which are as JSON has them, give in English.
    """

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

    `absent` is what a missing value means: `needed` (an error), `unknown` or `none`. `step` is a numerator and a
    denominator. `low` and `high` are the ends of its range on the grid. `names` holds the place of each name. No error
    message shows a `private` value. `cuts` is None where the value cannot be known in part; else it has the numbers
    from which on some comparison of the rules may have another truth. A `related` fact is compared with another one, so
    that any number may make a difference.
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

    branches: tuple[Branch, ...] = ()
    rules: int = 0
    overridden: tuple[tuple[int, int], ...] = ()


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


_NO_RULE: Final = ActionDecision(Verdict.UNSAID, (), (), (), ())
"""The decision on an action on which there is no rule."""


# Reading a case


PRIVATE: Final = "(private)"
"""What is shown instead of a private value."""
HIDDEN: Final[Mapping[str, object]] = {"private": None}
"""What an argument of a fault is instead of a private value."""


class Wrong(Exception):
    """A value that a fact cannot have, as a code with arguments. Callers catch it, and report a fault of the case.

    The arguments `of_case` tell of the value; the others are those of the declaration.
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
    """The facts of a case on their grids, the `needed` ones first, in order.

    Raises `CaseError` with every error: a case that is no mapping, an unknown name, a value of the wrong type, off the
    grid or out of range, a needed fact that is missing, or known in part alone where that leaves a comparison open.
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
        in_part = spec.cuts is not None and type(raw) not in _SCALARS and isinstance(raw, (InPart, abc.Mapping))
        try:
            values[name] = read_in_part(spec, raw) if in_part else read_value(spec, raw)
        except Wrong as wrong:
            faults.append((wrong.hidden() if in_part and spec.private else wrong).fault(name, name=name))
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
    """Whether every comparison of the rules has one truth for all that a number may be, none left aside."""
    return not (spec.related or any(value.low < cut <= value.high for cut in spec.cuts or ()))


def in_part_text(spec: FactSpec, value: InPart) -> str:
    """What is known of a number, in words: `at least 10, or none`."""
    return _in_part_words(_in_part_argument(spec, value))


def _in_part_argument(spec: FactSpec, value: InPart) -> dict[str, object]:
    """What is known of a number, without the ends of its range that go without saying."""
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
    """The error of a value that is none of the names of its fact."""
    names = list(spec.names)
    of_case: dict[str, object] = {"given": as_argument(raw)}
    if len(names) <= MOST_NAMES:
        return Wrong("not-one-of", of_case, names=names)
    near = nearest(raw, names) if type(raw) is str and not spec.private else None
    if near is not None:
        of_case["nearest"] = near
    return Wrong("not-one-of", of_case, names=names[:FIRST_NAMES], more=len(names) - FIRST_NAMES)


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
    if kind in _SCALARS:
        return True
    if kind.__module__ == "decimal":  # whoever has such a value has imported this module, and perhaps not the other one
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
    """A `date`, or a text such as "2015-09-22", as an ordinal. Raises `Wrong`."""
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
        raise Wrong("no-time", {"given": as_argument(raw)})
    seconds, fraction = clock
    if fraction:
        raise Wrong("no-whole-seconds", {"given": as_argument(raw)})
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
    """A number as it was written, as a numerator and a denominator; None for anything else.

    A float is read as the digits that `repr` gives it. A number of too many digits is one of just as many as that, and
    one that is nearly zero is on no grid either way.
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
    return _argument_words(as_argument(raw))


def as_argument(raw: object) -> object:
    """A value of a case as an argument of a fault: itself, or, where it is no short scalar of JSON, an object with what
    a message shows of it: a `text`, a `type`, a `class`."""
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
    """A text such as those of `TEXTS` with its arguments in words."""
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
    """A value as `str` has it, but a decimal without an exponent, as it may be written in a case and in a rule. One far
    from all that these can hold would fill the memory with zeros, and keeps its exponent."""
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
    """The fault of a name that is none of the `known` ones; `what` is what it should name, such as `fact`."""
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
    """The day of a decision, a `date` or a text such as "2015-09-22", as an ordinal. Raises `CaseError`."""
    try:
        return read_day(on)
    except Wrong as wrong:
        raise CaseError([wrong.fault(None)]) from None


WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MOST_ZONES: Final = 100
_NO_PLACES: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Files beside those of zones: where this machine is, and what stands for no zone."""
_DAYS_OF_MONTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MOST_MOMENTS: Final = 10_000
_MOST_ZONES_REMEMBERED: Final = 12
"""So many moments of so many zones are remembered."""


class CalendarSpec(NamedTuple):
    """Which days are worked, from the `first` to the `last` (ordinals). `weekend` has days of the week, Monday as 0;
    `holidays` are not worked, and of the weekend the `working` days are."""

    name: str
    first: int
    last: int
    weekend: tuple[int, ...]
    holidays: tuple[int, ...]
    working: tuple[int, ...]


def of_moment(measure: str, local: datetime.datetime) -> object:
    """The time, the date or the weekday of a moment on the clocks of a zone."""
    if measure == "time":
        return local.time().replace(microsecond=0, fold=0)
    return local.date() if measure == "date" else WEEKDAYS[local.weekday()]


@lru_cache(maxsize=100)
def working_days(days: CalendarSpec) -> tuple[int, ...]:
    """The working days that a calendar covers, in order."""
    holidays, working = frozenset(days.holidays), frozenset(days.working)
    return tuple(
        [
            day
            for day in range(days.first, days.last + 1)
            if day not in holidays and (day in working or (day - 1) % 7 not in days.weekend)
        ]
    )


def worked_days(days: CalendarSpec, after: int, until: int) -> int:
    """How many working days there are after a day, until another one."""
    worked = working_days(days)
    return max(bisect.bisect_right(worked, until) - bisect.bisect_left(worked, after + 1), 0)


def check_covered(days: CalendarSpec, day: int) -> None:
    """Raises `Wrong` for a day that a calendar does not cover."""
    if not days.first <= day <= days.last:
        first, last, uncovered = (
            datetime.date.fromordinal(ordinal).isoformat() for ordinal in (days.first, days.last, max(day, 1))
        )
        raise Wrong("not-covered", {"day": uncovered}, calendar=days.name, first=first, last=last)


def whole_years(date: datetime.date, today: datetime.date) -> int:
    """How many years are complete: in common years 29 February comes round on 1 March."""
    return today.year - date.year - ((today.month, today.day) < (date.month, date.day))


def whole_months(date: datetime.date, today: datetime.date) -> int:
    """How many months are complete: a day that a month does not have comes round on its last day."""
    months = (today.year - date.year) * 12 + today.month - date.month
    return months - (today.day < min(date.day, month_length(today.year, today.month)))


def month_length(year: int, month: int) -> int:
    """The days of a month, as `calendar.monthrange` gives them in twice the time."""
    return 29 if month == 2 and calendar.isleap(year) else _DAYS_OF_MONTHS[month - 1]


_YEARS: Final = range(1000, 9999)
"""Years so far from the ends of the calendar that no zone and no window exceeds them."""

MOMENT = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)  # without groups it is four times as fast
"""A moment as a text. Digits of a second beyond the sixth are read and not counted: `fromisoformat` cuts them off."""


def zones_of(case: Mapping[str, object], at: object, faults: list[Fault]) -> list[datetime.tzinfo]:
    """The time zones of a case, or the zone of `at` where the case names none."""
    import zoneinfo  # a case without moments does not need it

    raw = case.get("zone")
    if raw is None:
        own_zone = at.tzinfo if isinstance(at, datetime.datetime) else None
        if isinstance(own_zone, zoneinfo.ZoneInfo):
            return [own_zone]
        if at is not None:
            near = nearest("zone", [name for name in case if type(name) is str])
            faults.append(Fault.of("zone", "zone-missing", **({} if near is None else {"nearest": near})))
        return []
    names = None if type(raw) is str else as_list(raw)
    if names is None:
        names = [raw]
    zones: list[datetime.tzinfo] = []
    if len(names) > _MOST_ZONES:
        faults.append(Fault.of("zone", "too-many-zones", number=len(names), most=_MOST_ZONES))
        return []
    for name in names:
        zone = _zone(name)
        if zone is None:
            faults.append(_no_zone(name))
        else:
            zones.append(zone)
    if not names:
        faults.append(Fault.of("zone", "empty-zone"))
    return zones


def _no_zone(raw: object) -> Fault:
    """The fault of what names no zone. Who names a city alone means the zone that ends with it, if there is one."""
    import zoneinfo

    known = sorted(zoneinfo.available_timezones())
    arguments: dict[str, object] = {"given": as_argument(raw)}
    if not known:
        arguments["package"] = "tzdata"
    elif type(raw) is str:
        name = raw.strip().replace(" ", "_")
        places = [zone for zone in known if "/" in zone]  # `West` is not a misspelt `EST`
        of_city = [zone for zone in places if zone.lower().endswith(f"/{name.lower()}")]
        near = nearest(name, places) or (of_city[0] if len(of_city) == 1 else None)
        if near is not None:
            arguments["nearest"] = near
    return Fault.of("zone", "no-zone", **arguments)


def _zone(raw: object) -> datetime.tzinfo | None:
    """A time zone as given; None where there is none of that name. Raises `OSError` where it cannot be looked up, as
    where no more files may be open: that says nothing of the name."""
    import errno
    import zoneinfo

    try:
        name = raw if isinstance(raw, datetime.tzinfo) else own(raw)
    except Exception:  # a foreign class may raise anything
        return None
    if isinstance(name, datetime.tzinfo):
        return name
    if not isinstance(name, str) or name in _NO_PLACES or name.startswith(("posix/", "right/")):
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL):
            return None  # such as "America", a folder of zones
        raise
    except Exception:  # no name of a zone
        return None


def moment_of(raw: object, zone: datetime.tzinfo, zones: int) -> datetime.datetime:
    """A moment as given, in UTC. Without an offset it is local time, if the case has one zone. Raises `Wrong`."""
    try:
        return _read_moment(own(raw), zone, zones)
    except Wrong:
        raise
    except Exception:  # a foreign class may raise anything
        raise Wrong("unreadable-moment", {"given": as_argument(raw)}) from None


def _read_moment(raw: object, zone: datetime.tzinfo, zones: int) -> datetime.datetime:
    if type(raw) is str and MOMENT.fullmatch(raw):
        try:
            moment = datetime.datetime.fromisoformat(raw)
        except ValueError:
            raise Wrong("no-such-moment", {"given": as_argument(raw)}) from None
    elif isinstance(raw, datetime.datetime):
        moment = raw
    else:
        zoneless = {"type": "datetime64"} if type(raw).__name__ == "datetime64" else {}
        raise Wrong("no-moment", {"given": as_argument(raw), **_with_colon(raw)}, **zoneless)
    if not _YEARS.start <= moment.year < _YEARS.stop:
        raise Wrong("out-of-years", {"given": as_argument(raw)}, first=_YEARS.start, last=_YEARS.stop - 1)
    if moment.tzinfo is not None:
        return moment.astimezone(datetime.UTC)  # Python compares moments of one zone by what its clocks show
    if zones > 1:
        raise Wrong("no-offset", {"given": as_argument(raw)})
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        twice = first.utcoffset() > second.utcoffset()  # type: ignore[operator]
        raise Wrong("shown-twice" if twice else "never-shown", {"given": as_argument(raw)})
    return first.astimezone(datetime.UTC)


def _with_colon(raw: object) -> dict[str, str]:
    """The offset with a colon, of a moment that lacks it alone, as many formatters write one: `+0000`."""
    if type(raw) is not str or not MOMENT.fullmatch(f"{raw[:-2]}:{raw[-2:]}"):
        return {}
    return {"offset": f"{raw[-5:-2]}:{raw[-2:]}"}


def remember(memory: dict[Any, Any], key: object, value: object, most: int) -> None:
    """Adds to a memory of so many, which is emptied when it is full. Threads may share it."""
    if len(memory) >= most:
        memory.clear()
    memory[key] = value


def as_list(raw: object) -> list[object] | None:
    """Any sequence as a list; None for anything else, and for a text."""
    if type(raw) is list:
        return raw
    try:
        if isinstance(raw, abc.Sequence) and not isinstance(raw, (str, bytes, bytearray, memoryview)):
            return list(raw)
    except Exception:  # a foreign class may raise anything
        pass
    return None


When: TypeAlias = "tuple[datetime.datetime, datetime.tzinfo, int]"
"""The moment of an event in UTC, and its day, as an ordinal, in a zone."""
_WHEN: Final[dict[tuple[datetime.tzinfo, bool], dict[str, When]]] = {}
"""When events were by the texts of their moments, for a zone, alone or one of several."""


def remembered_in(zone: datetime.tzinfo, several: bool) -> dict[str, When]:
    """What is remembered of moments in a zone: nothing where its class does not tell zones apart."""
    try:
        if (zone, several) not in _WHEN:
            remember(_WHEN, (zone, several), {}, _MOST_ZONES_REMEMBERED)
        return _WHEN[zone, several]
    except Exception:  # it has no hash, or another thread has just emptied the memory
        return {}


def when_of(at: object, zone: datetime.tzinfo, zones: int, remembered: dict[str, When]) -> When:
    """When an event was, by its moment as given. Raises `Wrong`."""
    moment = moment_of(at, zone, zones)
    when = moment, zone, moment.astimezone(zone).toordinal()
    if type(at) is str:
        remember(remembered, at, when, _MOST_MOMENTS)
    return when


OPENING: Final = "opening"
"""The value of `history_from` for a history of every event since the account was opened."""
BEGINNING: Final = 0
"""The day, as an ordinal, from which on such a history covers all."""

Where: TypeAlias = "Callable[..., bool | None]"
"""From the values of an event's attributes, and then of its flags, to whether the event is selected; None is
unknown."""


def never_counted(*values: object) -> bool | None:
    """The selection of a fact that no rule reads: no event counts."""
    return False


class EventSpec(NamedTuple):
    """How an event is read.

    `same` has, for each flag, the number of an attribute and the fact of the case that it is compared with. `read` has
    the numbers of those that selections read themselves. No error message shows a `private_id`.
    """

    name: str
    attributes: tuple[FactSpec, ...]
    same: tuple[tuple[int, str], ...]
    read: tuple[int, ...]
    private_id: bool

    @property
    def hides(self) -> bool:
        """Whether the id or an attribute is private."""
        return self.private_id or any(attribute.private for attribute in self.attributes)


class Selection(NamedTuple):
    """The events of one name for which `where` is true."""

    event: str
    where: Where


class DerivedSpec(NamedTuple):
    """How a fact is derived.

    `measure` is `count`, `sum`, `any`, `days since`, `days since first`, `last`, `first`, `years since`,
    `months since`, `days until`, `working day`, `working days since`, `time`, `date` or `weekday`. `window` is `days`,
    `hours`, `months`, `week`, `month`, `at least`, `between`, `since` or `ever`. `number` is its length in days, hours
    or months, or how many days ago it begins or, `at least`, ends; `least`, how many days ago `between` ends; and
    `anchor` the events after which it begins. `attribute` is the number of that which is summed, or taken of the last
    or first event. `of` is the fact of the case whose date an age follows from, `calendar` that of working days.
    """

    name: str
    measure: str
    events: Selection | None = None
    window: str = "ever"
    number: int = 0
    anchor: Selection | None = None
    least: int = 0
    attribute: int | None = None
    of: str | None = None
    calendar: CalendarSpec | None = None


class Seen(NamedTuple):
    """An event that is kept: its moment and day, whether it is selected, and its least and greatest amount, which are
    None where it is none."""

    moment: datetime.datetime
    day: int
    truth: bool | None
    low: int | None
    high: int | None


class CountSpec(NamedTuple):
    """How a fact is counted, by how it is `derived`.

    `attribute` is the one that is summed, or taken of one event, and `amounts` are the least and the greatest that an
    event may add. `of_days` counts days since events, `of_one` tells of one event, and `of_anchor` begins at one.
    """

    derived: DerivedSpec
    fact: FactSpec
    attribute: FactSpec | None
    amounts: tuple[int, int]
    of_days: bool
    of_one: bool
    of_anchor: bool

    @classmethod
    def of(cls, derived: DerivedSpec, fact: FactSpec, event: EventSpec) -> CountSpec:
        attribute = None if derived.attribute is None else event.attributes[derived.attribute]
        return cls(
            derived,
            fact,
            attribute,
            (1, 1) if attribute is None else (attribute.low, attribute.high),
            derived.measure in ("days since", "days since first", "working days since"),
            derived.measure in ("last", "first"),
            derived.window == "since",
        )

    def effect(self, place: int, is_anchor: bool, truth: bool | None, values: Sequence[GridValue]) -> Effect:
        """What an event does for the fact, the count of which has a `place`, by the values of its attributes."""
        low: int | None
        high: int | None
        low, high = self.amounts
        if self.attribute is not None and not is_anchor:
            assert self.derived.attribute is not None
            value = values[self.derived.attribute]
            if value is not None:
                low = high = int(value)
            elif self.attribute.absent == "none":
                low = high = None if self.of_one else 0
        if truth is None and not self.of_one:
            assert low is not None
            assert high is not None
            low, high = min(low, 0), max(high, 0)
        return place, is_anchor, truth, low, high


Effect: TypeAlias = "tuple[int, bool, bool | None, int | None, int | None]"
"""What an event does for a fact: the place of its count, whether the event is an anchor or counts, and whether it is
selected (None is unknown); and its least and greatest amount."""


class Count:
    """What events give for one fact: the sum of those in its window, and when the last and first were.

    A count is a sum of ones. An event of which it is unknown whether it counts is *open*; it adds its amount or none.
    `window` has its first and its last day. With `kept_since` a count keeps the events from a day on, instead of adding
    them up: those that may still count later.
    """

    low = high = 0
    """The least and the greatest sum of the events in the window, unless it begins at an anchor."""
    last = BEGINNING
    first: int | None = None
    """The days of the last and of the first event that counts."""
    last_open = BEGINNING
    first_open: int | None = None
    """The days of the last and of the first open event."""
    anchor: datetime.datetime | None = None
    """The last event that certainly is an anchor. `anchor_day` is its day."""
    anchor_day = BEGINNING
    start: datetime.datetime | None = None
    """The moment at which a window of hours begins, in UTC."""

    def __init__(
        self, spec: CountSpec, local: datetime.datetime, window: tuple[int, int], kept_since: int | None
    ) -> None:
        self.spec = spec
        self.begin, self.end = window
        """The first and the last day of the window, as ordinals."""
        span = spec.derived.window
        if span == "hours":
            self.start = start_of(spec.derived, local)
            self.begin, self.end = days_of(spec.derived, local, self.start)
        whole = spec.of_one or spec.of_anchor
        self.keeps = whole or (kept_since is not None and not spec.of_days and span != "ever")
        if self.keeps:
            self.kept_since = kept_since if kept_since is not None and not whole else BEGINNING
            self.seen: list[Seen] = []
            """The events that count if they are after the anchor, or the last or first."""
            self.open_anchors: list[datetime.datetime] = []
            """The events that may be anchors."""


def start_of(spec: DerivedSpec, local: datetime.datetime) -> datetime.datetime | None:
    return local.astimezone(datetime.UTC) - datetime.timedelta(hours=spec.number) if spec.window == "hours" else None


def days_of(spec: DerivedSpec, local: datetime.datetime, start: datetime.datetime | None) -> tuple[int, int]:
    """The first and the last day of a window."""
    today = local.toordinal()
    if start is not None:
        return start.astimezone(local.tzinfo).toordinal(), today
    match spec.window:
        case "days":
            return today - spec.number + 1, today
        case "months":
            return _first_of_months(local.date(), spec.number), today
        case "week":
            return today - local.weekday(), today
        case "month":
            return today - local.day + 1, today
        case "at least":
            return BEGINNING, today - spec.number
        case "between":
            return today - spec.number, today - spec.least
        case _:
            return BEGINNING, today


def _first_of_months(today: datetime.date, number: int) -> int:
    """The first day since which fewer than so many whole months are complete.

    A month is complete on the same day of a later month, or on its last day where it has no such day.
    """
    year, month = divmod(today.year * 12 + today.month - 1 - number, 12)
    length = month_length(year, month + 1)
    is_last = today.day == month_length(today.year, today.month)
    day = length if is_last else min(today.day, length)
    return datetime.date(year, month + 1, day).toordinal() + 1


def told(count: Count, fact: FactSpec, today: int, covered: int) -> object:
    """What the events tell of a derived fact on a day: its value, an `InPart`, None where it is unknown; or a `Fault`
    where that is an error."""
    try:
        value = _value(count, fact, today, covered)
    except Wrong as wrong:
        return (wrong.hidden() if fact.private else wrong).fault(fact.name, name=fact.name)
    if fact.absent == "needed" and not (tells_enough(fact, value) if isinstance(value, InPart) else value is not None):
        if not _lacks_events(count, covered):
            return Fault.of(fact.name, "half-known", name=fact.name)
        needed = _first_day(count)
        told_since = needed > BEGINNING and not fact.private  # it may be the day of an event
        since = {"needed": datetime.date.fromordinal(needed).isoformat()} if told_since else {}
        first = datetime.date.fromordinal(covered).isoformat()
        return Fault.of(fact.name, "history-too-short", name=fact.name, first=first, word=OPENING, **since)
    return value


def add_effects(counts: Sequence[Count], effects: Iterable[Effect], moment: datetime.datetime, day: int) -> None:
    """Adds the effects of an event to the counts. `day` is that of its moment, in the zone of these."""
    for place, is_anchor, truth, low, high in effects:
        count = counts[place]
        if is_anchor:
            if truth is None:
                count.open_anchors.append(moment)
            elif count.anchor is None or moment > count.anchor:
                count.anchor, count.anchor_day = moment, day
        elif count.keeps:
            if day >= count.kept_since and (count.start is None or moment >= count.start):
                count.seen.append(Seen(moment, day, truth, low, high))
        elif count.spec.of_days:
            if truth is None:
                count.last_open = max(count.last_open, day)
                count.first_open = day if count.first_open is None else min(count.first_open, day)
                continue
            if day > count.last:
                count.last = day
            if count.first is None or day < count.first:
                count.first = day
        elif count.begin <= day <= count.end and (count.start is None or moment >= count.start):
            count.low += low  # type: ignore[operator]
            count.high += high  # type: ignore[operator]


def _value(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    """What the events tell of a derived fact: its value, an `InPart`, or None where it is unknown.

    Raises `Wrong` where a sum is out of its range.
    """
    if count.spec.of_days:
        since = _DAYS_SINCE[count.spec.derived.measure]
        return since(count, spec, today, covered)
    if count.spec.of_one:
        return _of_one(count, spec, covered)
    low, high = _since_anchor(count, covered) if count.spec.of_anchor else (count.low, count.high)
    lacks = _lacks_events(count, covered)
    if count.spec.derived.measure == "any":
        return True if low else None if high or lacks else False
    if lacks:
        least, most = count.spec.amounts
        low = spec.low if least < 0 else low
        high = spec.high if most > 0 else high
    if low > spec.high or high < spec.low:
        raise Wrong("sum-out-of-range", {"sum": number_argument(spec, low if low > spec.high else high)})
    low, high = max(low, spec.low), min(high, spec.high)
    return as_given(spec, low) if low == high else InPart(low, high, none=False)


def _since_anchor(count: Count, covered: int) -> tuple[int, int]:
    """The least and the greatest sum of the events after the last anchor, which may be any of the open ones."""
    since = count.anchor
    after_anchor = sorted(
        (event for event in count.seen if since is None or event.moment > since), key=lambda event: event.moment
    )
    lows, highs = [0], [0]
    for event in reversed(after_anchor):
        lows.append(lows[-1] + event.low)  # type: ignore[operator]
        highs.append(highs[-1] + event.high)  # type: ignore[operator]
    moments = [event.moment for event in after_anchor]
    begins = {0, *(bisect.bisect_right(moments, anchor) for anchor in count.open_anchors)}
    least = [lows[len(after_anchor) - begin] for begin in begins]
    most = [highs[len(after_anchor) - begin] for begin in begins]
    if _lacks_events(count, covered):  # an anchor may have been just before the days of which all events are known
        known = [event for event in after_anchor if event.day >= covered]
        least.append(sum(event.low for event in known))  # type: ignore[misc]
        most.append(sum(event.high for event in known))  # type: ignore[misc]
    return min(least), max(most)


def _of_one(count: Count, spec: FactSpec, covered: int) -> object:
    """What is known of an attribute of the last or first event. Events of one moment are all the last, or the first."""
    first = count.spec.derived.measure == "first"
    certain = [event.moment for event in count.seen if event.truth]
    decisive = (min(certain) if first else max(certain)) if certain else None
    may_be = [
        event
        for event in count.seen
        if decisive is None
        or event.moment == decisive
        or (event.moment < decisive if first else event.moment > decisive)
    ]
    may_be_unseen = covered > BEGINNING and (first or all(event.day < covered for event in may_be if event.truth))
    assert count.spec.attribute is not None
    none = (
        decisive is None
        or (may_be_unseen and count.spec.attribute.absent == "none")
        or any(event.low is None for event in may_be)
    )
    ends = [(event.low, event.high) for event in may_be if event.low is not None and event.high is not None]
    ends += [count.spec.amounts] if may_be_unseen else []
    if not ends:
        return "none"
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return as_given(spec, low) if low == high and not none else InPart(low, high, none)


def _days_since_first(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    # The first event may be an open one, or one on a day before those of which all events are known.
    latest = max(count.last_open, covered - 1) if count.first is None else count.first
    if latest <= BEGINNING:
        return "none"
    low = max(today - latest, 0)
    earliest = min(day for day in (count.first, count.first_open, today) if day is not None)
    high = spec.high if covered > BEGINNING else today - earliest
    return low if low == high and count.first is not None else InPart(low, high, none=count.first is None)


def _days_since(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    # The last event may be an open one, or one on a day before those of which all events are known.
    latest = max(count.last, count.last_open, covered - 1)
    if latest <= BEGINNING:
        return "none"
    low = max(today - latest, 0)
    if count.last:
        high = today - count.last
        return high if low == high else InPart(low, high, none=False)
    high = spec.high if count.first_open is None or covered > BEGINNING else today - count.first_open
    return InPart(low, high, none=True)


def _working_since(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    days = count.spec.derived.calendar
    assert days is not None
    check_covered(days, today)
    latest = max(count.last, count.last_open, covered - 1)
    if latest <= BEGINNING:
        return "none"
    low = worked_days(days, latest, today)
    if count.last:
        check_covered(days, min(count.last + 1, today))
        high = worked_days(days, count.last, today)
        return high if low == high else InPart(low, high, none=False)
    known = count.first_open is not None and covered == BEGINNING and count.first_open >= days.first - 1
    return InPart(low, worked_days(days, count.first_open or 0, today) if known else spec.high, none=True)


_DAYS_SINCE: Final[Mapping[str, Callable[[Count, FactSpec, int, int], object]]] = {
    "days since": _days_since,
    "days since first": _days_since_first,
    "working days since": _working_since,
}


def _lacks_events(count: Count, covered: int) -> bool:
    """Whether events may count that are not in the history, because they were before the days that it covers."""
    if covered == BEGINNING:
        return False
    return _first_day(count) < covered


def _first_day(count: Count) -> int:
    """The first day whose events may count."""
    return count.anchor_day if count.spec.of_anchor else count.begin


_OF_EVERY_EVENT: Final = ("event", "at")
_MOST_DIGITS: Final = 4_300
"""Digits of an id, as of every number of a case in JSON: a longer one cannot be written down."""
_FEW_BITS: Final = 3 * _MOST_DIGITS
"""No number of so many bits has more digits, as 8 is less than 10."""
_MOST_FAULTS: Final = 100
"""After so many errors of events no other event is read."""
_MOST_FORMS: Final = 32
_MOST_EFFECTS: Final = 500
"""So many forms of an event, and effects of a form, are remembered."""

Past: TypeAlias = "list[tuple[Sequence[Effect], When]]"
"""What the events of a case do, and when they were."""


class Events:
    """The events of a case, each of which is read once. `case_values` are those that events are compared with."""

    def __init__(
        self,
        readers: Mapping[str, EventReader],
        events: Sequence[Any],
        case_values: Mapping[str, GridValue],
        faults: list[Fault],
    ) -> None:
        self._readers = readers
        self._events = events
        self._case_values = case_values
        self._faults = faults
        self._first_numbers: dict[object, int] = {}
        """The number of the first event of each id. Objects do not tell, as one may be there more than once."""

    def read(
        self,
        clocks: Sequence[datetime.datetime],
        counts: Sequence[Sequence[Count]],
        zones: int,
        past: Past | None,
    ) -> bool:
        """Adds what the events do to the counts, on each of the clocks, and to `past`. Returns whether all events were
        read: reading ends after very many errors.

        A plain event takes the fast path; any other, and one with errors, the slow path, which finds them.
        """
        if not self._events:
            return True
        now = clocks[0].astimezone(datetime.UTC)
        by_zone = [(local.tzinfo, its) for local, its in zip(clocks, counts, strict=True)]
        zone: Any = by_zone[0][0]
        readers = {
            name: (reader, reader.forms, reader.of_case(self._case_values)) for name, reader in self._readers.items()
        }
        first_numbers, remembered = self._first_numbers, remembered_in(zone, zones > 1)
        before = len(self._faults)
        for number, raw in enumerate(self._events):
            when = None
            if type(raw) is dict:
                try:
                    reader, forms, this = readers[raw["event"]]
                    form = forms.get(tuple(raw)) or reader.form_of(raw)
                    key = form.key(raw, this)
                    effects = form.known.get(key)
                    if effects is None:
                        effects = reader.learn(form, key, raw, self._case_values)
                    at = raw["at"]
                    when = remembered.get(at) if type(at) is str else None
                    if when is None or when[1] is not zone:
                        when = when_of(at, zone, zones, remembered)
                    if when[0] > now or (
                        form.has_id and _plain_id(raw["id"]) and first_numbers.setdefault(raw["id"], number) != number
                    ):
                        when = None
                except Exception:  # the slow path finds out what it is
                    when = None
            if when is None:
                read = self._slow_path(number, zone, now, zones)
                if read is None:
                    if len(self._faults) - before >= _MOST_FAULTS and number + 1 < len(self._events):
                        self._faults.append(Fault.of("history", "not-looked-at", event=number))
                        return False
                    continue
                effects, when = read
            if effects:
                if past is not None:
                    past.append((effects, when))
                moment, _, day = when
                for its_zone, its in by_zone:
                    add_effects(
                        its, effects, moment, day if its_zone is zone else moment.astimezone(its_zone).toordinal()
                    )
        return True

    def _slow_path(
        self, number: int, zone: datetime.tzinfo, now: datetime.datetime, zones: int
    ) -> tuple[Sequence[Effect], When] | None:
        """The effects of an event, and when it was; None where it repeats an earlier event, or has errors."""
        given, faults = self._events[number], self._faults
        raw = as_dict(given)
        name = None if raw is None else own(raw.get("event"))
        reader = self._readers.get(name) if type(name) is str else None
        if raw is None or reader is None:
            faults.append(_no_event(given, raw, number, {known: its.spec for known, its in self._readers.items()}))
            return None
        try:
            identity = _id(raw.get("id"))
        except Wrong as wrong:
            faults.append((wrong.hidden() if reader.spec.private_id else wrong).fault("history", event=number))
            return None
        first = number if identity is None else self._first_numbers.setdefault(identity, number)
        effects = reader.effects_of(raw, number, self._case_values, faults)
        if "at" not in raw:
            faults.append(Fault.of("history", "moment-missing", event=number))
            return None
        try:
            when = when_of(raw["at"], zone, zones, {})
        except Wrong as wrong:
            faults.append(wrong.fault("history", name="at", event=number))
            return None
        if when[0] > now:
            faults.append(Fault.of("history", "after-decision", event=number, given=as_argument(raw["at"])))
            return None
        if effects is None:
            return None
        if first != number:
            if not reader.alike(raw, as_dict(self._events[first]), when[0], zone, zones):
                shown = HIDDEN if reader.spec.private_id else as_argument(identity)
                faults.append(Fault.of("history", "another-event", event=number, given=shown))
            return None
        return effects, when


def _id(raw: object) -> str | int | None:
    """The id of an event as Python's own text or number, None where there is none. Raises `Wrong`."""
    raw = own(raw)
    if raw is None:
        return None
    if type(raw) is str:
        if has_half_a_character(raw):
            raise Wrong("half-character-in-id")
        return raw
    try:
        number = None if type(raw) is bool else operator.index(raw)  # type: ignore[arg-type]  # of NumPy and the like
    except Exception:  # what a class from elsewhere does when it is looked at
        number = None
    if type(number) is not int:
        raise Wrong("no-id", {"given": as_argument(raw)})
    if number.bit_length() > _FEW_BITS and abs(number) >= 10**_MOST_DIGITS:
        raise Wrong("long-id", most=_MOST_DIGITS)
    return number


def _plain_id(raw: object) -> bool:
    """Whether an event has an id. Raises `Wrong` for any that is not plain."""
    if type(raw) is str and raw.isascii():
        return True
    if raw is not None and not (type(raw) is int and raw.bit_length() <= _FEW_BITS):
        raise Wrong("no-id")
    return raw is not None


class _Form(NamedTuple):
    """Events of one name with the same fields in one order.

    `key` gives of an event all on which its effects depend, by the values of its `names` and by what its case is to it;
    `known` has the effects by that.
    """

    key: Callable[[Any, Any], object]
    names: Sequence[str]
    known: dict[object, Sequence[Effect]]
    has_id: bool


class _Same(dict[object, object]):
    """By a text of an event: whether it is none or unknown, and whether it is each of some values of the case.

    Raises `Wrong` for what the attribute cannot be.
    """

    def __init__(self, attribute: FactSpec, values: Sequence[GridValue]) -> None:
        self._attribute = attribute
        self._values = values

    def __missing__(self, raw: object) -> object:
        text = read_value(self._attribute, raw)
        found = (text is None, *[None if value is None else text == value for value in self._values])
        if type(raw) is str:
            self[raw] = found
        return found


class EventReader:
    """Reads events of one name.

    Effects are remembered from case to case: some thousands, by the values of the attributes that they depend on, if
    these are short. Ids are not remembered, nor texts that are only compared with facts of the case.
    """

    def __init__(self, spec: EventSpec, facts: Mapping[str, FactSpec], counts: Sequence[CountSpec]) -> None:
        self.spec = spec
        self._facts = facts
        self._names = tuple(attribute.name for attribute in spec.attributes)
        self._texts = {
            its.name: (its, [fact for number, fact in spec.same if number == place])
            for place, its in enumerate(spec.attributes)
            if its.kind == "text" and place not in spec.read
        }
        """The attributes that are texts and no more than compared with facts, which are these."""
        self._others = [fact for place, fact in spec.same if self._names[place] not in self._texts]
        self.forms: dict[tuple[str, ...], _Form] = {}
        """By the names of an event's fields, in order."""
        self._selections = [
            (place, is_anchor, selection.where, count)
            for place, count in enumerate(counts)
            for is_anchor, selection in ((False, count.derived.events), (True, count.derived.anchor))
            if selection is not None and selection.event == spec.name
        ]

    def effects_of(
        self, raw: Mapping[str, object], event: int, case_values: Mapping[str, GridValue], faults: list[Fault]
    ) -> Sequence[Effect] | None:
        """The effects of an event, by its number; None where it has errors."""
        before = len(faults)
        values: list[GridValue] = []
        for spec in self.spec.attributes:
            if spec.name not in raw and spec.absent != "unknown":
                faults.append(Fault.of("history", "attribute-missing", event=event, attribute=spec.name))
                continue
            try:
                values.append(read_value(spec, raw.get(spec.name)))
            except Wrong as wrong:
                faults.append(wrong.fault("history", name=spec.name, event=event))
        for name in raw:
            if name not in self._names and name not in _OF_EVERY_EVENT and name != "id":
                faults.append(unknown_name("history", name, self._names, "attribute", event=event))
        if len(faults) > before:
            return None
        for attribute, fact in self.spec.same:
            of_event, of_case = values[attribute], case_values[fact]
            # None is equal to nothing; whether an unknown value is equal is unknown.
            unknown = (of_event is None and self.spec.attributes[attribute].absent == "unknown") or (
                of_case is None and self._facts[fact].absent == "unknown"
            )
            values.append(None if unknown else of_event is not None and of_event == of_case)
        effects: list[Effect] = []
        for place, is_anchor, where, count in self._selections:
            truth = where(*values)
            if truth is not False:
                effects.append(count.effect(place, is_anchor, truth, values))
        return effects

    def of_case(self, case_values: Mapping[str, GridValue]) -> dict[str | None, Any]:
        """What the case is to its events, for their keys: which texts are the same, and the values of other facts."""
        this: dict[str | None, Any] = {None: tuple([case_values[fact] for fact in self._others])}
        for name, (attribute, facts) in self._texts.items():
            this[name] = _Same(attribute, [case_values[fact] for fact in facts])
        return this

    def form_of(self, raw: dict[str, Any]) -> _Form:
        """The form of an event, to be remembered."""
        attributes = [its for its in self.spec.attributes if its.name in raw and its.name not in self._texts]
        key = _key(attributes, [name for name in self._texts if name in raw])
        form = _Form(key, [its.name for its in attributes], {}, "id" in raw)
        remember(self.forms, tuple(raw), form, _MOST_FORMS)
        return form

    def learn(
        self, form: _Form, key: object, raw: dict[str, Any], case_values: Mapping[str, GridValue]
    ) -> Sequence[Effect]:
        """The effects of an event, to be remembered if its values are short. Raises `Wrong` where it has errors."""
        effects = self.effects_of(raw, 0, case_values, [])
        if effects is None:
            raise Wrong("no-event")
        if all(is_scalar(type(raw[name])) and len(str(raw[name])) <= LONGEST_NAME for name in form.names):
            remember(form.known, key, effects, _MOST_EFFECTS)
        return effects

    def alike(self, raw: Any, earlier: Any, moment: datetime.datetime, zone: datetime.tzinfo, zones: int) -> bool:
        """Whether an event without errors is equal to another one, however each is written."""
        try:
            return (
                own(earlier["event"]) == self.spec.name
                and earlier.keys() - {"event", "at", "id"} <= set(self._names)
                and moment_of(earlier.get("at"), zone, zones) == moment
                and all(
                    read_value(attribute, raw.get(attribute.name)) == read_value(attribute, earlier.get(attribute.name))
                    for attribute in self.spec.attributes
                )
            )
        except Wrong:
            return False


def _key(attributes: Sequence[FactSpec], texts: Sequence[str]) -> Callable[[Any, Any], object]:
    """The `key` of a form that has these attributes and, besides, `texts`."""
    names = [attribute.name for attribute in attributes]
    # `True`, 1 and 1.0 are equal as keys, and are different values: their types are part of the key.
    typed = [attribute.name for attribute in attributes if attribute.kind not in ("choice", "order", "text")]
    get: Callable[[Any], object] = operator.itemgetter(*names) if names else len
    get_typed: Callable[[Any], Any] = operator.itemgetter(*typed) if typed else len
    if not texts and len(typed) > 1:
        return lambda event, this: (get(event), this[None], *map(type, get_typed(event)))
    if not texts:
        return lambda event, this: (get(event), this[None], type(get_typed(event)))
    if len(typed) < 2 and len(texts) == 1:
        [text] = texts
        return lambda event, this: (get(event), this[None], type(get_typed(event)), this[text][event[text]])

    def key(event: Any, this: Any) -> object:
        parts = [get(event), this[None]]
        for name in typed:
            parts.append(type(event[name]))
        for name in texts:
            parts.append(this[name][event[name]])
        return tuple(parts)

    return key


def _no_event(event: object, raw: Mapping[str, object] | None, number: int, known: Mapping[str, EventSpec]) -> Fault:
    if raw is None:
        hides = any(spec.hides for spec in known.values())
        return Fault.of("history", "no-event", event=number, given=HIDDEN if hides else as_argument(event))
    if "event" not in raw:
        return Fault.of("history", "event-missing", event=number, names=list(known))
    return unknown_name("history", raw["event"], known, "event", event=number)


OF_HISTORY: Final = frozenset({"history", "history_from", "zone"})
"""What a case may hold besides facts."""
_MOST_DAYS: Final = 50
"""The windows of so many days are remembered."""


class Reading(NamedTuple):
    """A case in one of its time zones: the day there, the case with the values of its derived facts, and the moment."""

    day: datetime.date | None
    case: Mapping[str, object]
    moment: datetime.datetime | None = None


class HistorySpec:
    """The tables by which a history is read.

    `facts` are those of the case. `needed` are the derived facts that some rule reads; the others are not counted.
    What can be told from these alone is prepared once, and what events do is remembered: see `EventReader`.
    """

    def __init__(
        self,
        facts: Mapping[str, FactSpec],
        events: Mapping[str, EventSpec],
        derived: tuple[DerivedSpec, ...],
        needed: frozenset[str],
    ) -> None:
        self.facts = facts
        self.events = events
        self.derived = derived
        self.needed = needed
        self.compared = dict.fromkeys(fact for event in events.values() for _, fact in event.same)
        """The facts of the case that events are compared with."""
        self.of_moment = [spec for spec in derived if spec.measure in ("time", "date", "weekday")]
        self.of_day = [spec for spec in derived if spec.name in needed and (spec.of or spec.measure == "working day")]
        self.unread = {
            spec.name: spec
            for spec in derived
            if spec.name not in needed and (spec.of or spec.measure in ("working day", "date", "weekday"))
        }
        self.dates = [spec.name for spec in derived if spec.measure == "date"]
        """The facts that are the day of the decision."""
        self.by_date = frozenset(
            [spec.name for spec in derived if spec.of or spec.measure in ("working day", "date", "weekday")]
        )
        """These, and what else goes with that day."""
        self.of_events = [spec.name for spec in derived if spec.events is not None]
        """The facts that follow from the moment, from the day (those that are needed), and from events. `unread` has
        the others that follow from the day, which are only checked."""
        self.counted = [
            CountSpec.of(spec, facts[spec.name], events[spec.events.event])
            for spec in derived
            if spec.events is not None and spec.name in needed
        ]
        self.readers = {name: EventReader(spec, facts, self.counted) for name, spec in events.items()}
        self.windows: dict[int, list[tuple[int, int]]] = {}
        """By the last days asked: the first and the last day of each window that depends on the day alone."""

    def but(self, **changed: Any) -> HistorySpec:
        """The same tables but for some."""
        return HistorySpec(
            **{"facts": self.facts, "events": self.events, "derived": self.derived, "needed": self.needed, **changed}
        )


def readings(specs: HistorySpec, case: object, on: object, at: object, past: Past | None = None) -> list[Reading]:
    """The case in each of its time zones. Raises `CaseError` with every error of its events and moments.

    A case may have `history`, a list of events; `history_from`, the first day that the history covers, or "opening";
    and `zone`, one name of the IANA database or several. `on` and `at` are the day and the moment of the decision. What
    its events do is added to `past`.
    """
    faults: list[Fault] = []
    entries = as_dict(case)
    if entries is None:
        given = HIDDEN if any(spec.private for spec in specs.facts.values()) else as_argument(case)
        raise CaseError([Fault.of(None, "no-object", given=given)])
    facts = {name: value for name, value in entries.items() if name not in OF_HISTORY}
    zones = zones_of(entries, at, faults)
    if at is None:
        if "history" in entries:
            faults.append(Fault.of("history", "history-without-moment"))
        ages = {}
        if on is not None and not faults:
            today = _on(on)
            faults += other_days(specs, facts, today)
            ages = ages_of(specs, facts, today, faults)
        elif (name := day_given(specs, facts)) is not None and not faults:
            check_day(specs, facts, name, faults)
        if faults:
            raise CaseError(faults)
        return [Reading(None, {**facts, **ages})]
    moments = []
    for zone in zones:
        try:
            moments.append(moment_of(at, zone, len(zones)))
        except Wrong as wrong:
            faults.append(wrong.fault("at", name="at"))
    if faults:
        raise CaseError(dict.fromkeys(faults))
    by_zone = []
    clocks = [moment.astimezone(zone) for moment, zone in zip(moments, zones, strict=True)]
    counts = counts_of(specs, entries, clocks, len(zones), faults, past) if "history" in entries else None
    for place, local in enumerate(clocks):
        counted = {} if counts is None else _counted(counts[0][place], local, counts[1], faults)
        ages = ages_of(specs, facts, local.date(), faults)
        values = {**facts, **of_decision(specs, facts, local, faults), **ages, **counted}
        by_zone.append(Reading(local.date(), values, local))
    if on is not None and not faults:
        _agree(on, [reading.day for reading in by_zone], faults)
    if faults:
        raise CaseError(dict.fromkeys(faults))
    return by_zone


def _agree(on: object, days: Iterable[datetime.date | None], faults: list[Fault]) -> None:
    try:
        day = read_day(on)
    except Wrong as wrong:
        faults.append(wrong.fault("on"))
        return
    for local_day in days:
        if local_day is not None and local_day.toordinal() != day:
            faults.append(Fault.of("on", "another-day", day=local_day.isoformat()))


def of_decision(
    specs: HistorySpec, facts: Mapping[str, object], local: datetime.datetime, faults: list[Fault]
) -> dict[str, object]:
    """The values of the facts that are derived from the moment of the decision."""
    derived: dict[str, object] = {}
    for spec in specs.of_moment:
        derived[spec.name] = of_moment(spec.measure, local)
        if spec.name in facts:
            faults.append(Fault.of(spec.name, "follows", name=spec.name, other="at"))
    return derived


def day_given(specs: HistorySpec, facts: Mapping[str, object]) -> str | None:
    """The fact by which a case without `on` names the day of its decision, and gives besides what goes with that."""
    if len(specs.by_date.intersection(facts)) < 2:
        return None
    return next((name for name in specs.dates if facts.get(name) is not None), None)


def check_day(specs: HistorySpec, facts: Mapping[str, object], name: str, faults: list[Fault]) -> None:
    """Checks what goes with the day of the decision, which a case names by a fact. Nothing follows from that day: it is
    not the day that was asked about."""
    try:
        today = datetime.date.fromordinal(int(read_value(specs.facts[name], facts[name]) or 0))
    except Wrong:
        return  # which is an error of the fact
    faults += other_days(specs, facts, today, name)
    ages_of(specs, facts, today, faults, derive=False)


def other_days(specs: HistorySpec, facts: Mapping[str, object], today: datetime.date, other: str = "on") -> list[Fault]:
    """The faults of facts that name another day than `today`, which `other` says, as that of the decision. Unknown ones
    name none."""
    faults = []
    midnight = datetime.datetime.combine(today, datetime.time())
    for spec in specs.of_moment:
        if spec.measure != "time" and facts.get(spec.name) is not None:
            try:
                _check_same(specs, spec, facts[spec.name], of_moment(spec.measure, midnight), other)
            except Wrong as wrong:
                faults.append(wrong.fault(spec.name, name=spec.name))
    return faults


def reads_day(specs: HistorySpec) -> bool:
    """Whether some rule reads what has to go with the day of the decision: an age, that day, whether it is worked."""
    return bool(specs.of_day) or any(spec.measure != "time" and spec.name in specs.needed for spec in specs.of_moment)


def _on(on: object) -> datetime.date:
    try:
        return datetime.date.fromordinal(read_day(on))
    except Wrong as wrong:
        raise CaseError([wrong.fault(None)]) from None


def ages_of(
    specs: HistorySpec, facts: Mapping[str, object], today: datetime.date, faults: list[Fault], *, derive: bool = True
) -> dict[str, object]:
    """The values of the facts that follow from the day of the decision: whether it is a working day; and, with a date
    of the case, an age, which is given outright where the case has no such date.

    A case may give such a fact as well, as what it is, also one that no rule reads. Without `derive` only these are
    looked at.
    """
    values: dict[str, object] = {}

    def follows(spec: DerivedSpec, value: object) -> None:
        try:
            if spec.name in facts:
                _check_same(specs, spec, facts[spec.name], value, spec.of)
        except Wrong as wrong:
            faults.append(wrong.fault(spec.name, name=spec.name))
        else:
            if value is not None:
                values[spec.name] = value

    given = [spec for name, spec in specs.unread.items() if name in facts and spec.measure not in ("date", "weekday")]
    for spec in [*specs.of_day, *given]:
        if not derive and (spec.name not in facts or (spec.of is not None and spec.of not in facts)):
            continue
        if spec.of is None:
            try:
                assert spec.calendar is not None
                check_covered(spec.calendar, today.toordinal())
            except Wrong as wrong:
                faults.append(wrong.fault(spec.name, name=spec.name))
            else:
                follows(spec, worked_days(spec.calendar, today.toordinal() - 1, today.toordinal()) == 1)
            continue
        of = specs.facts[spec.of]
        if spec.of not in facts:
            if spec.name not in facts and of.absent != "unknown":
                faults.append(Fault.of(spec.of, "missing-for-fact", name=spec.of, other=spec.name))
            continue
        try:
            day = read_value(of, facts[spec.of])
        except Wrong as wrong:
            faults.append(wrong.fault(spec.of, name=spec.of))
            continue
        if day is None:
            follows(spec, "none" if of.absent == "none" else None)
            continue
        date = datetime.date.fromordinal(int(day))
        if spec.measure == "days until":
            follows(spec, int(day) - today.toordinal())
        elif date > today:
            after = Wrong("after-day", {"date": date.isoformat()})
            faults.append((after.hidden() if of.private else after).fault(spec.of, name=spec.of))
        else:
            follows(spec, (whole_years if spec.measure == "years since" else whole_months)(date, today))
    return values


def _check_same(specs: HistorySpec, spec: DerivedSpec, raw: object, value: object, other: str | None) -> None:
    """Raises `Wrong` where a case gives another value than the one that follows from `other`, a fact or `on`."""
    fact = specs.facts[spec.name]
    if read_value(fact, raw) == (None if value is None else read_value(fact, value)):
        return
    if spec.calendar is not None:
        raise Wrong("another-working-day", calendar=spec.calendar.name)
    private = fact.private or (other is not None and other in specs.facts and specs.facts[other].private)
    following = str(value) if isinstance(value, datetime.date) else value
    given = {"given": raw, "following": following}
    shown = {name: HIDDEN if private else as_argument(each) for name, each in given.items()}
    raise Wrong("not-of-day" if spec.of is None else "another-age", shown, other=other)


def has_history(specs: HistorySpec, case: object, on: object, at: object) -> bool:
    """Whether a case has a history, a moment of decision, or a day from which ages follow, besides facts; or is none,
    beside a moment, which `readings` says."""
    if at is not None:
        return True
    entries = case if type(case) is dict else as_dict(case)
    if on is not None and (reads_day(specs) or (entries is not None and not specs.unread.keys().isdisjoint(entries))):
        return type(case) is dict or isinstance(case, abc.Mapping)
    if entries is not None and on is None and day_given(specs, entries) is not None:
        return True
    return bool(specs.events) and entries is not None and not OF_HISTORY.isdisjoint(entries)


def _counted(counts: Iterable[Count], local: datetime.datetime, covered: int, faults: list[Fault]) -> dict[str, object]:
    """The values of the facts that are derived from the events of a case."""
    values: dict[str, object] = {}
    today = local.toordinal()
    for count in counts:
        fact = count.spec.fact
        value = told(count, fact, today, covered)
        if isinstance(value, Fault):
            faults.append(value)
        elif value is not None:
            values[fact.name] = value
    return values


def counts_of(
    specs: HistorySpec,
    case: Mapping[str, object],
    clocks: Sequence[datetime.datetime],
    zones: int,
    faults: list[Fault],
    past: Past | None,
) -> tuple[list[list[Count]], int] | None:
    """What the events of a case give for each fact that is needed, on each of the clocks, and the first day that the
    history covers; None where that is an error, or not all events are read.

    The clocks show the moment of the decision in some of the `zones` that the case has. What events do is added to
    `past`.
    """
    events = as_list(case["history"])
    if events is None:
        hides = any(event.hides for event in specs.events.values())
        faults.append(Fault.of("history", "no-history", given=HIDDEN if hides else as_argument(case["history"])))
        return None
    covered = covered_from(case, faults)
    case_values = _this(specs, case, faults)
    if case_values is None or covered is None:
        return None
    for name in specs.of_events:
        if name in case:
            faults.append(Fault.of(name, "follows", name=name, other="history"))
    counts = []
    for local in clocks:
        windows = zip(specs.counted, _windows(specs, local), strict=True)
        counts.append([Count(spec, local, window, None) for spec, window in windows])
    read = Events(specs.readers, events, case_values, faults).read(clocks, counts, zones, past)
    return (counts, covered) if read else None


def past_of(
    specs: HistorySpec, case: Mapping[str, object], local: datetime.datetime, zones: int, faults: list[Fault]
) -> Past | None:
    """What the events of a case do, and when they were; None where there are errors."""
    past: Past = []
    return None if counts_of(specs, case, [local], zones, faults, past) is None else past


def counts_ahead(
    specs: HistorySpec, case: Mapping[str, object], local: datetime.datetime, past: Past, faults: list[Fault]
) -> tuple[list[Count], int]:
    """Counts that keep what may still count later, of events that have been read, and the first day that the history
    covers. Clocks may go back over a midnight."""
    before = _windows(specs, local - datetime.timedelta(days=1))
    counts = [
        Count(spec, local, window, kept_since)
        for spec, window, (kept_since, _) in zip(specs.counted, _windows(specs, local), before, strict=True)
    ]
    for effects, (moment, zone, day) in past:
        add_effects(
            counts, effects, moment, day if zone is local.tzinfo else moment.astimezone(local.tzinfo).toordinal()
        )
    return counts, covered_from(case, faults) or BEGINNING


def _windows(specs: HistorySpec, local: datetime.datetime) -> list[tuple[int, int]]:
    """The first and the last day of the window of each count. A window of hours has them by its moment."""
    today = local.toordinal()
    windows = specs.windows.get(today)
    if windows is None:
        windows = [days_of(spec.derived, local, None) for spec in specs.counted]
        remember(specs.windows, today, windows, _MOST_DAYS)
    return windows


def covered_from(case: Mapping[str, object], faults: list[Fault]) -> int | None:
    """The first day, as an ordinal, from which on all events are known; None where that is an error."""
    if "history_from" not in case:
        near = nearest("history_from", [name for name in case if type(name) is str])
        faults.append(Fault.of("history_from", "no-history-from", **({} if near is None else {"nearest": near})))
        return None
    first = own(case["history_from"])
    if type(first) is str and first == OPENING:
        return BEGINNING
    try:
        return read_day(case["history_from"])
    except Wrong as wrong:
        faults.append(wrong.fault("history_from", name="history_from", word=OPENING))
        return None


def _this(specs: HistorySpec, case: Mapping[str, object], faults: list[Fault]) -> dict[str, GridValue] | None:
    """The values of the facts that events are compared with; None where one is an error."""
    values: dict[str, GridValue] = {}
    for name in specs.compared:
        spec = specs.facts[name]
        if name not in case and spec.absent != "unknown":
            faults.append(Fault.of(name, "missing-for-events", name=name))
            return None
        try:
            values[name] = read_value(spec, case.get(name))
        except Wrong as wrong:
            faults.append(wrong.fault(name, name=name))
            return None
    return values


def readings_or_all_errors(
    specs: HistorySpec,
    case: object,
    on: object,
    at: object,
    read: Callable[[Mapping[str, object]], object],
    past: Past | None = None,
) -> list[Reading]:
    """The case in each of its time zones, as `readings` gives it. Raises `CaseError` with the errors of that and with
    those of the facts, by `read`, which reads facts and raises them.

    What may follow from an error is left out: that a fact is missing which would be derived, what else is wrong with
    the same fact, and that a name is unknown which is a misspelt `zone`.
    """
    try:
        return readings(specs, case, on, at, past)
    except CaseError as error:
        faults = list(error.faults)
    entries = as_dict(case)
    if entries is None:
        raise CaseError(faults)
    told = {fault.fact for fault in faults}
    told |= {fault.arguments.get("nearest") for fault in faults if fault.fact in OF_HISTORY}
    derived = {spec.name for spec in specs.derived}

    def is_its_own(fault: Fault) -> bool:
        return fault.fact not in told and not (fault.code == "missing" and fault.fact in derived)

    try:
        read({name: value for name, value in entries.items() if name not in OF_HISTORY})
    except CaseError as error:
        faults += filter(is_its_own, error.faults)
    raise CaseError(faults)


def strictest(decisions: Sequence[ActionDecision]) -> ActionDecision:
    """The decision on a case with several time zones, from those in each: an action is permitted if it is in all."""
    if len(decisions) == 1:
        return decisions[0]
    verdicts = {decision.verdict for decision in decisions}
    verdict = next(
        verdict
        for verdict in (Verdict.FORBIDDEN, Verdict.UNSAID, Verdict.REQUIRED, Verdict.ALLOWED)
        if verdict in verdicts
    )
    giving = [decision for decision in decisions if decision.verdict is verdict]
    return ActionDecision(
        verdict,
        tuple(dict.fromkeys(rule for decision in giving for rule in decision.rules)),
        tuple(dict.fromkeys(because for decision in giving for because in decision.because)),
        tuple(dict.fromkeys(source for decision in giving for source in decision.source)),
        tuple(sorted({fact for decision in decisions for fact in decision.unknown})),
        _along(decisions) if giving[0].permitted else (),
    )


def _along(decisions: Sequence[ActionDecision]) -> tuple[Along, ...]:
    """What goes along with an action by any of some decisions."""
    rules: dict[str, dict[str, None]] = {}
    for companion in [companion for decision in decisions for companion in decision.along]:
        rules.setdefault(companion.action, {}).update(dict.fromkeys(companion.rules))
    return tuple([Along(action, tuple(rules[action])) for action in sorted(rules)])


# The policy

if TYPE_CHECKING:
    from typing import Literal, Never, NotRequired, TypedDict

    Numeric: TypeAlias = float | decimal.Decimal | str
    Day: TypeAlias = datetime.date | str
    TimeOfDay: TypeAlias = datetime.time | str
    Moment: TypeAlias = datetime.datetime | str
    KnownInPart = TypedDict(
        "KnownInPart",
        {
            "at_least": NotRequired[Numeric],
            "at_most": NotRequired[Numeric],
            "or_none": NotRequired[bool],
        },
    )
    Event_call = TypedDict(
        "Event_call",
        {
            "event": Literal["call"],
            "at": Moment,
            "id": NotRequired[str | int],
            "outcome": Literal["reached", "not_reached"],
        },
    )
    Event_payment = TypedDict(
        "Event_payment",
        {
            "event": Literal["payment"],
            "at": Moment,
            "id": NotRequired[str | int],
            "amount": Numeric,
        },
    )
    Event: TypeAlias = Event_call | Event_payment
    Case = TypedDict(
        "Case",
        {
            "late": Numeric,
            "owed": Numeric,
            "fees": NotRequired[Numeric],
            "limit_of_credit": Numeric | Literal["none"],
            "score": NotRequired[Numeric],
            "risk": Literal["low", "medium", "high"],
            "origin": NotRequired[Literal["declared", "gift_address"] | None],
            "agreed": NotRequired[bool | None],
            "deceased": bool,
            "born": NotRequired[Day | None],
            "age": NotRequired[Numeric | None],
            "promised": Day | Literal["none"],
            "weekday": NotRequired[
                Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            ],
            "working": NotRequired[bool],
            "local_time": NotRequired[TimeOfDay],
            "calls_in_7_days": NotRequired[Numeric | KnownInPart],
            "missed": NotRequired[Numeric | KnownInPart],
            "days_since_call": NotRequired[Numeric | Literal["none"] | KnownInPart],
            "paid": NotRequired[Numeric | KnownInPart],
            "zone": NotRequired[str | datetime.tzinfo | Sequence[str | datetime.tzinfo]],
            "history": NotRequired[Sequence[Event]],
            "history_from": NotRequired[Day],
        },
    )
    Action: TypeAlias = Literal["sms", "phone_call", "visit", "letter", "contact_related", "opt_out_notice"]
    Answer = TypedDict(
        "Answer",
        {
            "verdict": Literal["allowed", "required", "forbidden", "unsaid"],
            "permitted": bool,
            "rules": list[str],
            "because": list[str],
            "source": list[str],
            "unknown": NotRequired[list[str]],
            "along": NotRequired[dict[Action, list[str]]],
        },
    )
    Decision: TypeAlias = dict[Action, Answer]
else:
    Numeric = object
    Day = object
    TimeOfDay = object
    Moment = object
    KnownInPart = dict
    Event_call = dict
    Event_payment = dict
    Event = object
    Case = dict
    Action = str
    Answer = dict
    Decision = dict

POLICY: Final = "house"

VERSION: Final[str | None] = "1.0"

DIGEST: Final = "sha256:5a0eea740c75e7e39f6246a64289a64e36c91a949427a8f8cf0d470606cb61c6"

DATES: Final[tuple[bool, int | None, int | None]] = (
    True,
    None,
    None,
)

FACTS: Final[Mapping[str, FactSpec]] = {
    "late": FactSpec("late", "days", "needed", (1, 1), 0, 999999999999999),
    "owed": FactSpec("owed", "money", "needed", (1, 100), 0, 999999999999999, {}, "CNY", False, None, True),
    "fees": FactSpec("fees", "money", "needed", (1, 100), 0, 999999999999999, {}, "CNY"),
    "limit_of_credit": FactSpec(
        "limit_of_credit", "money", "none", (1, 100), 0, 999999999999999, {}, "CNY", False, None, True
    ),
    "score": FactSpec("score", "number", "needed", (1, 1000), 0, 1000),
    "risk": FactSpec("risk", "order", "needed", (1, 1), 0, 2, {"low": 0, "medium": 1, "high": 2}),
    "origin": FactSpec("origin", "choice", "unknown", (1, 1), 0, 0, {"declared": 0, "gift_address": 1}),
    "agreed": FactSpec("agreed", "yes/no", "unknown"),
    "deceased": FactSpec("deceased", "yes/no", "needed"),
    "born": FactSpec("born", "date", "unknown", (1, 1), 1, 3652059),
    "age": FactSpec("age", "count", "unknown", (1, 1), 0, 9998),
    "promised": FactSpec("promised", "date", "none", (1, 1), 1, 3652059),
    "weekday": FactSpec(
        "weekday",
        "order",
        "needed",
        (1, 1),
        0,
        6,
        {"monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6},
    ),
    "working": FactSpec("working", "yes/no", "needed"),
    "local_time": FactSpec("local_time", "time", "needed", (1, 1), 0, 86399),
    "calls_in_7_days": FactSpec(
        "calls_in_7_days", "count", "needed", (1, 1), 0, 999999999999999, {}, None, False, (7, 1000000000000000)
    ),
    "missed": FactSpec("missed", "count", "needed", (1, 1), 0, 999999999999999, {}, None, False, (3, 1000000000000000)),
    "days_since_call": FactSpec("days_since_call", "days", "none", (1, 1), 0, 999999999999999, {}, None, False, (0, 2)),
    "paid": FactSpec(
        "paid", "money", "needed", (1, 100), 0, 999999999999999, {}, "CNY", False, (10001, 1000000000000000)
    ),
}

NEEDED: Final[tuple[str, ...]] = (
    "late",
    "owed",
    "limit_of_credit",
    "risk",
    "origin",
    "agreed",
    "deceased",
    "age",
    "promised",
    "weekday",
    "working",
    "local_time",
    "calls_in_7_days",
    "missed",
    "days_since_call",
    "paid",
)

RULES: Final[tuple[RuleSpec, ...]] = (
    RuleSpec("by_risk.1", None, None, None, None, ()),
    RuleSpec("by_risk.2", None, None, None, None, ()),
    RuleSpec("by_risk.3", None, None, None, None, ()),
    RuleSpec("remind", "a text is the mildest", "handbook 1", None, None, ()),
    RuleSpec("notice", None, None, None, None, ()),
    RuleSpec("write", None, None, None, None, ()),
    RuleSpec("over", None, None, None, None, ()),
    RuleSpec("minor", None, None, None, None, ("age",)),
    RuleSpec("kept", None, None, None, None, ()),
    RuleSpec("ask", None, None, None, None, ("agreed",)),
    RuleSpec("dead", None, None, None, None, ()),
    RuleSpec("pause", None, None, 739768, 739797, ()),
    RuleSpec("law.hours", None, None, None, None, ()),
    RuleSpec("law.often", None, None, None, None, ()),
    RuleSpec("law.silence", None, None, None, None, ("days_since_call",)),
    RuleSpec("law.shipping", None, None, None, None, ("origin",)),
    RuleSpec("notice", None, None, None, None, ()),
)

ACTIONS: Final[Mapping[str, ActionSpec]] = {
    "sms": ActionSpec((Branch(Verdict.FORBIDDEN, True, 66688), Branch(Verdict.ALLOWED, False, 8)), 66696),
    "phone_call": ActionSpec(
        (
            Branch(Verdict.FORBIDDEN, True, 29824),
            Branch(Verdict.FORBIDDEN, True, 256),
            Branch(Verdict.ALLOWED, False, 7),
        ),
        30087,
        ((0, 256), (1, 256), (2, 256)),
    ),
    "visit": ActionSpec((Branch(Verdict.FORBIDDEN, True, 3072), Branch(Verdict.ALLOWED, False, 4)), 3076),
    "letter": ActionSpec((Branch(Verdict.REQUIRED, False, 64), Branch(Verdict.ALLOWED, False, 32)), 96),
    "contact_related": ActionSpec((Branch(Verdict.FORBIDDEN, True, 33792), Branch(Verdict.ALLOWED, False, 512)), 34304),
    "opt_out_notice": ActionSpec((Branch(Verdict.FORBIDDEN, True, 1024),), 1024),
    "sms with opt_out_notice": ActionSpec((Branch(Verdict.REQUIRED, True, 16),), 16),
}

COMPANIONS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "sms": (("opt_out_notice", "sms with opt_out_notice"),),
}


def rule_by_risk_ROW_1(late: int, risk: int) -> bool:
    """| low    | any          | > 13     | allow      |        |"""
    return risk == 0 and late >= 14


def rule_by_risk_ROW_2(late: int, owed: int, risk: int) -> bool:
    """| medium | > CNY 500    | > 9      | allow      |        |"""
    return risk == 1 and owed >= 50001 and (late >= 10)


def rule_by_risk_ROW_3(late: int, risk: int) -> bool:
    """| high   | any          | > 5      | allow      | allow  |"""
    return risk == 2 and late >= 6


def rule_remind(late: int) -> bool:
    '''rule remind "A reminder": from day 3 to day 30 then allow sms
    because "a text is the mildest"
    source "handbook 1"'''
    return 3 <= late <= 30


def rule_notice() -> bool:
    """rule notice: require opt_out_notice with sms"""
    return True


def rule_write(late: int, owed: int) -> bool:
    """rule write: after 20 days or owed > large then allow letter"""
    return late >= 21 or owed >= 100051


def rule_over(owed: int, limit_of_credit: int | None) -> bool:
    """rule over: owed + CNY 5 > 110% of limit_of_credit then require letter"""
    return limit_of_credit is not None and 11 * limit_of_credit - 10 * owed <= 4999


def rule_minor(age: int | None) -> bool | None:
    """rule minor: never remote when age < 18"""
    if age is not None and age <= 17:
        return True
    return None if age is None or age <= 17 else False


def rule_kept(promised: int | None, paid: int | InPart) -> bool | None:
    """rule kept: forbid phone_call when promised >= 2026-01-01 or (promised is none and paid > CNY 100) overrides by_risk"""
    if (
        promised is not None
        and promised >= 739617
        or (promised is None and all([_one >= 10001 for _one in InPart.each(paid)]))
    ):
        return True
    return (
        None
        if promised is not None
        and promised >= 739617
        or (promised is None and any([_one >= 10001 for _one in InPart.each(paid)]))
        else False
    )


def rule_ask(late: int, agreed: bool | None, weekday: int, working: bool, missed: int | InPart) -> bool | None:
    """rule ask: after 60 days and lost then allow contact_related
    unless weekday is sunday or not working"""
    if (
        late >= 61
        and (all([_one >= 3 for _one in InPart.each(missed)]) and (agreed is not None and (not agreed)))
        and (weekday != 6 and working)
    ):
        return True
    return (
        None
        if late >= 61
        and (any([_one >= 3 for _one in InPart.each(missed)]) and (agreed is None or not agreed))
        and (weekday != 6 and working)
        else False
    )


def rule_dead(deceased: bool) -> bool:
    """rule dead: never everything except letter when deceased"""
    return deceased


def rule_pause() -> bool:
    """rule pause: suspend visit from 2026-06-01 until 2026-06-30"""
    return True


def rule_hours_OF_law(local_time: int) -> bool:
    """rule hours "Not at night": never phone_call when local_time between 21:00 and 08:00"""
    return not 28801 <= local_time <= 75599


def rule_often_OF_law(calls_in_7_days: int | InPart) -> bool | None:
    """rule often: limit phone_call to 7 by calls_in_7_days"""
    if all([_one >= 7 for _one in InPart.each(calls_in_7_days)]):
        return True
    return None if any([_one >= 7 for _one in InPart.each(calls_in_7_days)]) else False


def rule_silence_OF_law(days_since_call: int | None | InPart) -> bool | None:
    """rule silence: never phone_call when days_since_call is not none and days_since_call < 2"""
    if all([_one is not None for _one in InPart.each(days_since_call)]) and all(
        [_one is not None and _one <= 1 for _one in InPart.each(days_since_call)]
    ):
        return True
    return (
        None
        if any([_one is not None for _one in InPart.each(days_since_call)])
        and any([_one is not None and _one <= 1 for _one in InPart.each(days_since_call)])
        else False
    )


def rule_shipping_OF_law(origin: str | None) -> bool | None:
    """rule shipping: never contact_related when origin is gift_address"""
    if origin is not None and origin == "gift_address":
        return True
    return None if origin is None or origin == "gift_address" else False


def rule_notice_BLOCKED_16(deceased: bool) -> bool:
    """rule notice: require opt_out_notice with sms"""
    return deceased


def truths(values: Mapping[str, Any]) -> list[bool | None]:
    """Whether the condition of each rule holds of a case on its grids, in file order."""
    return [
        rule_by_risk_ROW_1(values["late"], values["risk"]),
        rule_by_risk_ROW_2(values["late"], values["owed"], values["risk"]),
        rule_by_risk_ROW_3(values["late"], values["risk"]),
        rule_remind(values["late"]),
        rule_notice(),
        rule_write(values["late"], values["owed"]),
        rule_over(values["owed"], values["limit_of_credit"]),
        rule_minor(values["age"]),
        rule_kept(values["promised"], values["paid"]),
        rule_ask(values["late"], values["agreed"], values["weekday"], values["working"], values["missed"]),
        rule_dead(values["deceased"]),
        rule_pause(),
        rule_hours_OF_law(values["local_time"]),
        rule_often_OF_law(values["calls_in_7_days"]),
        rule_silence_OF_law(values["days_since_call"]),
        rule_shipping_OF_law(values["origin"]),
        rule_notice_BLOCKED_16(values["deceased"]),
    ]


def events_of_calls_in_7_days(outcome: str) -> bool:
    """call"""
    return True


def events_of_missed(outcome: str) -> bool:
    """call where outcome is not_reached"""
    return outcome == "not_reached"


def events_of_days_since_call(outcome: str) -> bool:
    """call"""
    return True


def events_of_paid(amount: int) -> bool:
    """payment"""
    return True


HISTORY: Final = HistorySpec(
    FACTS,
    {
        "call": EventSpec(
            "call",
            (FactSpec("outcome", "choice", "needed", (1, 1), 0, 0, {"reached": 0, "not_reached": 1}),),
            (),
            (0,),
            False,
        ),
        "payment": EventSpec(
            "payment", (FactSpec("amount", "money", "needed", (1, 100), 0, 999999999999999, {}, "CNY"),), (), (), False
        ),
    },
    (
        DerivedSpec("age", "years since", None, "ever", 0, None, 0, None, "born"),
        DerivedSpec("weekday", "weekday"),
        DerivedSpec(
            "working",
            "working day",
            None,
            "ever",
            0,
            None,
            0,
            None,
            None,
            CalendarSpec("office", 739617, 740346, (5, 6), (739975, 739982), ()),
        ),
        DerivedSpec("local_time", "time"),
        DerivedSpec("calls_in_7_days", "count", Selection("call", events_of_calls_in_7_days), "days", 7),
        DerivedSpec("missed", "count", Selection("call", events_of_missed), "days", 30),
        DerivedSpec("days_since_call", "days since", Selection("call", events_of_days_since_call)),
        DerivedSpec("paid", "sum", Selection("payment", events_of_paid), "days", 30, None, 0, 0),
    ),
    frozenset(("age", "calls_in_7_days", "days_since_call", "local_time", "missed", "paid", "weekday", "working")),
)


@lru_cache(maxsize=10000)
def settled(certain: int, possible: int, unknown: frozenset[str]) -> dict[str, ActionDecision]:
    found = decide_actions(ACTIONS, RULES, certain, possible, unknown)
    pairs = {pair for of_action in COMPANIONS.values() for _, pair in of_action}
    return {name: with_along(found, COMPANIONS, name) for name in ACTIONS if name not in pairs}


@lru_cache(maxsize=1000)
def in_force_on(day: int | None) -> int:
    return in_force(RULES, day)


def decisions(case: object, on: object) -> dict[str, ActionDecision]:
    day = decision_day(POLICY, *DATES, on)
    values = read_case(FACTS, NEEDED, case)
    unknown = frozenset([name for name in NEEDED if is_unknown(FACTS[name], values[name])])
    certain, possible = truth_masks(truths(values))
    kept = in_force_on(day)
    return settled(certain & kept, possible & kept, unknown)


def decide(case: Case, on: Day | None = None, at: Moment | None = None) -> Decision:
    """The verdict on each action, with the deciding rules, their reasons and sources. Raises `CaseError`.

    A case with a history of events needs the moment of the decision, `at`, in place of its day.
    """
    if has_history(HISTORY, case, on, at):
        read = readings_or_all_errors(HISTORY, case, on, at, lambda facts: read_case(FACTS, NEEDED, facts))
        of_zones = [decisions(of_zone.case, on if of_zone.day is None else of_zone.day) for of_zone in read]
        found = {name: strictest([decided[name] for decided in of_zones]) for name in of_zones[0]}
    else:
        found = decisions(case, on)
    answer: dict[Any, Any] = {name: decision.as_json() for name, decision in found.items()}
    return answer
