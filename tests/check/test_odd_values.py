"""Values of any class: each is read as what it is, or is a fault of the case, whichever way decides."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import forbear
from forbear.targets.python.module import compile_module

TEXT = """\
vocabulary odd
  currency CNY
fact late    days clock
fact tried   count
fact sum     money CNY
fact rate    percent
fact origin  one of declared, referee
fact risk    one of low < high
fact state   text
fact asked   yes/no
fact paid_on date
fact hour    time
fact unread  count optional
action sms
rule all_read: allow sms when after 1 day and tried >= 1 and sum > CNY 1 and rate >= 1% and origin is referee
  and risk >= high and state is "NY" and asked and paid_on >= 2020-01-01 and hour >= 08:00
"""
POLICY = forbear.loads(TEXT)
MODULE: dict[str, Any] = {"__name__": "compiled"}
exec(compile(compile_module(POLICY.typed), "<compiled>", "exec"), MODULE)
CASE: Mapping[str, object] = {
    "late": 2,
    "tried": 3,
    "sum": "12.50",
    "rate": 80,
    "origin": "referee",
    "risk": "high",
    "state": "NY",
    "asked": True,
    "paid_on": datetime.date(2026, 3, 1),
    "hour": "09:30",
}


class Liar(str):
    """A text that takes itself for any other."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("referee")


class LyingDecimal(Decimal):
    def is_finite(self) -> bool:
        return True

    def adjusted(self) -> int:
        return 0


class LyingFloat(float):
    def __repr__(self) -> str:
        return "2.0"

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class LyingInt(int):
    def __abs__(self) -> int:
        return 0

    def __index__(self) -> int:
        return 1

    def __mul__(self, other: object) -> int:
        return 100


class Bomb:
    """It fails whatever is asked of it."""

    def _fail(self, *_: object) -> Any:
        raise RuntimeError("do not look at me")

    __str__ = __repr__ = __index__ = __eq__ = __len__ = __iter__ = __int__ = __float__ = __bool__ = _fail
    __hash__ = _fail


class Nameless(Bomb):
    """Not even its class can be asked for."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("do not look at me")


class BombDict(dict[str, object]):
    def items(self) -> Any:
        raise RuntimeError("do not look at me")

    __iter__ = keys = items


class Colour(StrEnum):
    REFEREE = "referee"
    RED = "red"


class Number(IntEnum):
    THREE = 3


WRONG: Mapping[str, tuple[str, object]] = {
    "an array": ("late", np.array([5])),
    "an array for a text": ("state", np.array(["NY", "NJ"])),
    "an array for a name": ("origin", np.array(["referee", "referee"])),
    "an array for a flag": ("asked", np.array([True, False])),
    "an array for a day": ("paid_on", np.array(["2026-03-01"], "datetime64[D]")),
    "a frame": ("late", pd.DataFrame({"a": [1]})),
    "a series": ("origin", pd.Series(["referee"])),
    "a column": ("late", pl.Series([5])),
    "half a character": ("state", "N\ud800"),
    "NaT": ("paid_on", pd.NaT),
    "NA": ("late", pd.NA),
    "NaN": ("late", float("nan")),
    "a NaN of NumPy": ("sum", np.float64("nan")),
    "sNaN": ("sum", Decimal("sNaN")),
    "infinite": ("rate", Decimal("-Infinity")),
    "a lying decimal": ("sum", LyingDecimal("sNaN")),
    "a lying decimal of many digits": ("sum", LyingDecimal("1e400")),
    "a lying number": ("tried", LyingInt(10**20)),
    "a lying float": ("tried", LyingFloat(2.5)),
    "a lying name": ("origin", Liar("shipping")),
    "a lying place": ("risk", Liar("middle")),
    "a name of an enumeration": ("origin", Colour.RED),
    "a fraction": ("sum", Fraction(1, 2)),
    "a complex number": ("sum", 2 + 0j),
    "bytes": ("state", b"NY"),
    "a class": ("late", int),
    "a bomb": ("late", Bomb()),
    "what has no class": ("sum", Nameless()),
    "a bomb of bombs": ("state", [Bomb()]),
    "an object of bombs": ("origin", BombDict()),
    "a bomb for a name": ("origin", Bomb()),
    "a bomb for a flag": ("asked", Bomb()),
    "a bomb for a time": ("hour", Bomb()),
    "a bomb for what no rule reads": ("unread", Bomb()),
    "an array for what no rule reads": ("unread", np.array([5, 6])),
    "a lying name for what no rule reads": ("unread", Liar("three")),
    "a span of NumPy": ("late", np.timedelta64(61, "D")),
    "a flag of NumPy for a number": ("late", np.bool_(True)),
    "a number of NumPy for a flag": ("asked", np.int64(1)),
    "a complex number of NumPy": ("sum", np.complex64(2)),
    "a month of NumPy": ("paid_on", np.datetime64("2026-03")),
    "a week of NumPy": ("paid_on", np.datetime64("2026-03-01", "W")),
    "a moment of NumPy for a day": ("paid_on", np.datetime64("2026-03-01T00:00:00.000000000")),
    "a NaT of NumPy": ("paid_on", np.datetime64("NaT")),
    "a day of NumPy beyond the calendar": ("paid_on", np.datetime64("12026-03-01")),
    "a small NaN of NumPy": ("sum", np.float32("nan")),
    "a small float of NumPy off the grid": ("sum", np.float32(0.125)),
    "bytes of NumPy": ("state", np.bytes_(b"NY")),
    "half a second": ("hour", "09:30:00.5"),
    "a whole second with nine digits": ("hour", "09:30:00.000000000"),
    "a time with a microsecond": ("hour", datetime.time(9, 30, 0, 1)),
}
RIGHT: Mapping[str, tuple[str, object]] = {
    "a number of NumPy": ("tried", np.int64(3)),
    "a small one": ("tried", np.uint8(3)),
    "a float of NumPy": ("rate", np.float64(80)),
    "a small float of NumPy": ("rate", np.float32(80)),
    "a smaller one": ("rate", np.float16(80)),
    "a long one": ("rate", np.longdouble(80)),
    "a day of NumPy": ("paid_on", np.datetime64("2026-03-01")),
    "a flag of NumPy": ("asked", np.bool_(True)),
    "a text of NumPy": ("state", np.str_("NY")),
    "a name of NumPy": ("origin", np.str_("referee")),
    "an array without extent": ("tried", np.array(3)),
    "a number of an enumeration": ("tried", Number.THREE),
    "a name of an enumeration": ("origin", Colour.REFEREE),
    "a lying text that is right": ("origin", Liar("referee")),
    "a lying number that is right": ("tried", LyingInt(3)),
    "a lying sum that is right": ("sum", LyingInt(7)),
}


def answers(case: object) -> Iterator[object]:
    """What each way of deciding says: what is permitted, or what is wrong. Nothing else is ever raised."""
    many = forbear.loads(
        TEXT + "".join(f"rule r{number}: after {number} days then forbid sms\n" for number in range(9, 60))
    )
    asked: list[Callable[[], object]] = [
        lambda: POLICY.decide(case).permits("sms"),  # type: ignore[arg-type]
        lambda: POLICY.permits("sms", case),  # type: ignore[arg-type]
        lambda: many.decide(case).permits("sms"),  # type: ignore[arg-type]
        lambda: MODULE["decide"](case)["sms"]["permitted"],
    ]
    for ask in asked:
        try:
            yield ask()
        except ValueError as error:
            yield [tuple(fault) for fault in error.faults]  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_value_is_told_with_all_else_that_is_wrong(what: str) -> None:
    fact, value = WRONG[what]
    read = fact != "unread"
    for case in ({**CASE, fact: value}, MappingProxyType({**CASE, fact: value})):
        whole, short, *others = answers(case)
        assert [name for name, *_ in whole] == [fact]  # type: ignore[attr-defined]
        assert short == (whole if read else True)
        assert all(other == whole for other in others)
    (first, *_) = answers(
        {**CASE, fact: value, "hour": "25:00", "colour": 3} if fact != "hour" else {**CASE, fact: value}
    )
    assert {fact} <= {name for name, *_ in first}  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", RIGHT)
def test_a_value_of_a_derived_class_is_what_it_is_derived_from(what: str) -> None:
    fact, value = RIGHT[what]
    assert set(answers({**CASE, fact: value})) == {True}


def test_what_is_no_case() -> None:
    cases: list[Any] = [Bomb(), Nameless(), None, [], 5, "late", np.array([1]), MappingProxyType(BombDict(CASE))]
    for case in cases:
        for answer in answers(case):
            assert "a case is an object from fact to value" in str(answer)


def test_names_of_other_classes() -> None:
    assert set(answers({np.str_(name): value for name, value in CASE.items()})) == {True}
    names: list[Any] = [5, None, ("late",), b"late", "x" * 10_000, Liar("lateness")]
    for name in names:
        for answer in answers({**CASE, name: 3}):
            assert answer is True or (isinstance(answer, list) and len(str(answer)) < 11_000)


HISTORIES = forbear.loads("""\
event contact
  has medium one of call, sms
fact late days clock
fact calls count of contact where medium is call in last 7 days
action phone_call
rule call: after 1 day then allow phone_call
rule two: limit phone_call to 2 by calls
""")
EVENT = {"event": "contact", "at": "2026-03-09T09:00:00-04:00", "medium": "call", "id": "c1"}


@pytest.mark.parametrize(
    "bad", [Bomb, Nameless, lambda: np.array([5, 6]), BombDict, lambda: pd.NaT, lambda: float("nan")]
)
@pytest.mark.parametrize(
    "where", ["history", "event", "history_from", "zone", "zones", "at", "moment", "id", "medium", "kind"]
)
def test_a_history_of_them(where: str, bad: Callable[[], object]) -> None:
    event: dict[str, object] = dict(EVENT)
    case: dict[str, object] = {"late": 9, "zone": "America/New_York", "history_from": "opening", "history": [event]}
    at: object = "2026-03-10T12:00:00-04:00"
    match where:
        case "history" | "history_from" | "zone":
            case[where] = bad()
        case "event":
            case["history"] = [event, bad()]
        case "zones":
            case["zone"] = ["America/New_York", bad()]
        case "moment":
            at = bad()
        case "kind":
            event["event"] = bad()
        case _:
            event[where] = bad()
    with pytest.raises(forbear.CaseError):
        HISTORIES.decide(case, at=at)  # type: ignore[arg-type]


def test_very_many_events_in_error_are_not_all_told() -> None:
    case = {"late": 9, "zone": "America/New_York", "history_from": "opening", "history": [{}] * 100_000}
    with pytest.raises(forbear.CaseError) as caught:
        HISTORIES.decide(case, at="2026-03-10T12:00:00-04:00")
    assert len(caught.value.faults) == 101
    assert caught.value.faults[-1].message == "what comes after `history[99]` has not been looked at"


def test_objects_of_a_frame_of_pandas() -> None:
    """A column of objects that Arrow has no type for: each is read as in a case, though two may look alike."""
    one, other = np.zeros(2_000), np.ones(2_000)
    values = [3, Bomb(), one, other, np.int64(3), Number.THREE, LyingInt(3), Liar("three"), None, np.array(3)]
    frame = pd.DataFrame({**{name: [value] * len(values) for name, value in CASE.items()}, "tried": values})
    answer = POLICY.apply(frame, faults=True)
    for number, value in enumerate(values):
        (whole, *_) = answers({**CASE, "tried": value})
        if whole is True:
            assert answer["sms"][number] == "allowed", number
        else:
            assert answer["sms"][number] == "undecided", number
            assert answer["fault"][number].startswith("`tried` "), number


def test_what_numpy_has_and_a_case_has_not_is_told_by_its_type() -> None:
    said = {
        "late": (np.timedelta64(61, "D"), "needs a whole number, not 61 days (numpy.timedelta64)"),
        "asked": (np.int64(1), "needs true or false, not 1 (numpy.int64)"),
        "tried": (np.bool_(True), "needs a whole number, not true"),
        "paid_on": (np.datetime64("2026-03"), 'needs a date such as "2015-09-22", not 2026-03 (numpy.datetime64)'),
        "hour": ("09:30:00.123456789", 'needs whole seconds, such as "08:00:30", not "09:30:00.123456789"'),
        "sum": (Fraction(1, 2), 'needs a sum such as 12.50 or "CNY 12.50", not 1/2 (fractions.Fraction)'),
    }
    (faults, *_) = answers({**CASE, **{fact: value for fact, (value, _) in said.items()}})
    told = {fact: message for fact, message, *_ in faults}  # type: ignore[attr-defined]
    assert told == {fact: f"`{fact}` {text}" for fact, (_, text) in said.items()}


def test_moments_have_up_to_nine_digits_of_a_second_and_those_beyond_the_sixth_are_cut_off() -> None:
    def ask(at: object, second: str, other: str) -> bool:
        events = [{**EVENT, "at": f"2026-03-09T09:00:{each}-04:00"} for each in (second, other)]
        case = {"late": 9, "zone": "America/New_York", "history_from": "opening", "history": events}
        return HISTORIES.permits("phone_call", case, at=at)  # type: ignore[arg-type]

    at = "2026-03-09T09:00:59.000000001-04:00"
    assert ask(at, "00.123456789", "00.123456")  # one event, so one call
    assert ask(at, "59.000000999", "59")
    for wrong in ("00.1234567891", "00.", "59.000001"):
        with pytest.raises(forbear.CaseError, match=r"`history\[0\]`"):
            ask(at, wrong, wrong)
    with pytest.raises(forbear.CaseError, match=r"not 2026-03-09T12:00 \(numpy.datetime64\); .* has no time zone"):
        ask(np.datetime64("2026-03-09T12:00"), "00", "00")


@pytest.mark.parametrize(("name", "shown"), [("08:00\n\u202e", "08:00\\n\\u202e"), ("\n" * 300, "\\n" * 28 + "\\...")])
def test_an_unknown_name_is_told_on_one_line(name: str, shown: str) -> None:
    policy = forbear.loads("fact late days clock\naction sms\nrule a: after 3 days then allow sms\n")
    with pytest.raises(forbear.CaseError) as caught:
        policy.decide({"late": 4, name: 1})
    assert str(caught.value) == f"the vocabulary has no fact `{shown}`"
