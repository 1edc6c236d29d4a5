"""Cases of values of any class: each is read as what it is, or is a fault of the case, whichever way decides."""

from __future__ import annotations

import datetime
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator, Mapping, Sequence
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

TEXT = """policy p
fact n count
fact d days clock
fact x number between -10 and 10
fact p percent
fact m money CNY
fact day_ date
fact hour time
fact f yes/no
fact k one of low, high
fact l one of mild < harsh
fact t text
fact o count optional
fact w date or none
fact unread count optional
action a, b
rule reads: n > 1 and d > 1 and x > 1 and p > 1% and m > CNY 1 and day_ > 2015-01-01 and hour > 08:00 and f
  and k is low
  and l > mild and t is "t" and o > 1 and w > 2015-01-01 then allow a
rule other: n > 1 then allow b
"""
POLICY = forbear.loads(TEXT)
MANY = forbear.loads(TEXT + "".join(f"rule r{number}: d > {number} then forbid b\n" for number in range(9, 60)))
MODULE: dict[str, Any] = {"__name__": "compiled"}
exec(compile(compile_module(POLICY.typed), "<compiled>", "exec"), MODULE)
CASE: Mapping[str, object] = {
    **dict.fromkeys(("n", "d", "x", "p", "m", "o"), 2),
    "day_": "2015-09-22",
    "hour": "09:00",
    "f": True,
    "k": "low",
    "l": "harsh",
    "t": "t",
    "w": "2015-09-22",
}


class Liar(str):
    """A text that takes itself for any other."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("low")


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
    LOW = "low"
    RED = "red"


class Number(IntEnum):
    TWO = 2


class Index:
    def __index__(self) -> int:
        return 2


WRONG: dict[str, Sequence[object]] = {
    "n": (
        *(True, False, -1, 1.5, "1.5", "12,5", "1e400", "NaN", "nan", "Infinity", "0x1", "1_000", "", "two", "CNY 2"),
        *(" 2", "2 ", "+2", "2\n", "２", "2%", [], [2], {}, (2,), {2}, b"2", object(), None, "none", int, len, "-1"),
        *(float("nan"), float("inf"), -float("inf"), 1e400, 1e15, 1e308, 2j, 10**15, 10**400, 10**5000),
        *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e400"), Decimal("2.5"), Decimal("1e999999")),
        *(Decimal("1e-999999"), datetime.date(2015, 9, 22), "9" * 40, "9" * 5000, "2." + "0" * 50, "2.5" + "0" * 10),
        *(LyingInt(10**20), LyingFloat(2.5), np.array([5]), pd.DataFrame({"a": [1]}), pl.Series([5]), pd.NA, Bomb()),
        *(np.timedelta64(61, "D"), np.bool_(True)),
    ),
    "x": (0.005, "0.005", 10.01, "10.01", -10.01, Decimal("0.001"), "CNY 2", "2%", True),
    "p": ("80%", True, "1.005", 0.001, Decimal("-Infinity")),
    "m": (
        *("USD 2", "cny 2", "CNY2", "CNY  2", "CNY", "CNY -1", "2 CNY", "¥2", "CNY 1,000", "CNY 1e3", "CNY 2\n"),
        *(-0.01, 0.001, "0.001", True, None, "none", Fraction(1, 2), 2 + 0j, np.complex64(2), Nameless()),
        *(Decimal("sNaN"), Decimal("nan")),
        *(np.float64("nan"), np.float32("nan"), np.float32(0.125), LyingDecimal("sNaN"), LyingDecimal("1e400")),
    ),
    "day_": (
        *("2015-02-30", "2015-9-1", "20150901", "2015-09-22T08:00", "", "0000-01-01", "10000-01-01", "none"),
        *(20150922, 735863, True, datetime.datetime(2015, 9, 22), "２015-09-22", pd.NaT, np.datetime64("NaT")),
        *(np.array(["2026-03-01"], "datetime64[D]"), np.datetime64("2026-03"), np.datetime64("2026-03-01", "W")),
        *(np.datetime64("2026-03-01T00:00:00.000000000"), np.datetime64("12026-03-01")),
    ),
    "hour": (
        *("8:00", "24:00", "08:60", "08:00:60", "08:00:00.5", "08", 8, 28800, "08:00 ", True),
        *(datetime.time(8, 0, 0, 1), datetime.time(8, tzinfo=datetime.UTC), datetime.datetime(2015, 9, 22)),
        *("09:30:00.5", "09:30:00.000000000", Bomb()),
    ),
    "f": (0, 1, "true", "yes", "no", "", None, [], 1.0, "True", np.array([True, False]), np.int64(1), Bomb()),
    "k": (
        *("mild", "LOW", "", 0, True, None, ["low"], {}, "none", Liar("lower"), Colour.RED, BombDict(), Bomb()),
        *(np.array(["low", "low"]), pd.Series(["low"])),
    ),
    "l": ("low", "", 0, 1, True, None, ["mild"], {}, Liar("middle")),
    "t": (0, True, None, ["t"], {}, b"t", np.array(["t", "u"]), "N\ud800", np.bytes_(b"t"), [Bomb()]),
    "o": (True, -1, "none", 1.5, [], "", "unknown"),
    "w": (None, "", 0, [], "unknown", "2015-02-30"),
    "unread": (True, -1, 1.5, [], "none", Bomb(), np.array([5, 6]), Liar("three")),
}
RIGHT: dict[str, Sequence[object]] = {
    "n": (
        *(2, "2", 2.0, "2.0", Decimal(2), Decimal("2.00"), Number.TWO, Index(), "002", Decimal("2E0"), LyingInt(2)),
        *(np.int64(3), np.uint8(3), np.array(3)),
    ),
    "x": (2, 2.5, "2.50", Decimal("2.5"), "10", 10, 9.99),
    "p": (np.float64(80), np.float32(80), np.float16(80), np.longdouble(80)),
    "m": (2, 2.5, "2.5", "CNY 2.5", "CNY 2.50", Decimal("2.5"), 0.1 + 1, 9_999_999_999_999.99, LyingInt(7)),
    "f": (np.bool_(True),),
    "k": (Colour.LOW, Liar("low"), np.str_("low")),
    "t": (np.str_("t"),),
    "day_": ("2015-09-22", datetime.date(2015, 9, 22), np.datetime64("2026-03-01")),
    "hour": ("09:00", "09:00:30", datetime.time(9, 0, 30)),
    "o": (2, "2"),
    "w": ("2015-09-22", datetime.date(2015, 9, 22)),
    "unread": (None, 0, "3"),
}


def places(values: Mapping[str, Sequence[object]]) -> list[tuple[str, int]]:
    return [(name, number) for name in values for number in range(len(values[name]))]


def answers(case: Any) -> Iterator[Any]:
    """What each way of deciding says: what is permitted, or what is wrong. Nothing else is ever raised."""
    asked: list[Callable[[], object]] = [
        lambda: POLICY.decide(case).permits("a"),
        lambda: POLICY.permits("a", case),
        lambda: MANY.decide(case).permits("a"),
        lambda: MODULE["decide"](case)["a"]["permitted"],
    ]
    for ask in asked:
        try:
            yield ask()
        except ValueError as error:
            yield [tuple(fault) for fault in error.faults]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "number"), places(WRONG))
def test_a_value_that_a_fact_cannot_have(name: str, number: int) -> None:
    case = {**CASE, name: WRONG[name][number]}
    for given in (case, MappingProxyType(case)):
        whole, short, *others = answers(given)
        [(fact, message, *_)] = whole
        assert (fact, message.startswith(f"`{name}` ")) == (name, True)
        assert "\n" not in message
        assert len(message) < 250
        assert short == (whole if name != "unread" else True)
        assert all(other == whole for other in others)
    if name not in ("n", "unread"):
        assert POLICY.permits("b", case), "the answer does not depend on it"
    other = "p" if name == "hour" else "hour"
    first, *_ = answers({**case, other: "25:00", "colour": 3})
    assert {fact for fact, *_ in first} == {name, other, "colour"}


@pytest.mark.parametrize(("name", "number"), places(RIGHT))
def test_a_value_in_each_form(name: str, number: int) -> None:
    case = {**CASE, name: RIGHT[name][number]}
    assert set(answers(case)) == {True}
    for kind in (OrderedDict, UserDict, MappingProxyType):
        assert POLICY.decide(kind(case)).permits("a")


def test_a_float_counts_as_the_digits_that_python_shows() -> None:
    policy = forbear.loads("fact m money CNY\naction a\nrule r: m > CNY 0.30 then allow a")
    assert not policy.permits("a", {"m": 0.3})
    with pytest.raises(forbear.CaseError, match=r"0\.30000000000000004"):
        policy.permits("a", {"m": 0.1 + 0.2})


@pytest.mark.parametrize("case", [[], [("n", 1)], "n", None, 3, b"", (), {1, 2}, object(), True, iter([])])
def test_a_case_that_is_no_object(case: Any) -> None:
    for ask in (POLICY.decide, lambda case: POLICY.permits("a", case), lambda case: POLICY.explain("a", case)):
        with pytest.raises(forbear.CaseError, match="a case is an object"):
            ask(case)


@pytest.mark.parametrize("case", [[], "4711", None, 3, {1, 2}])
@pytest.mark.parametrize("private", ["", " private"])
def test_a_case_at_a_moment_that_is_no_object(case: Any, private: str) -> None:
    facts = f"fact late days clock\nfact phone text{private}\naction sms\n"
    dated = forbear.loads(f'{facts}rule a: after 3 days and phone is not "x" then allow sms in force from 2026-01-01\n')
    at = "2026-03-10T10:00:00Z"
    questions: list[Callable[[], object]] = [
        lambda: dated.decide(case, at=at),
        lambda: dated.permits("sms", case, at=at),
        lambda: dated.explain("sms", case, at=at),
        lambda: dated.when("sms", case, at, "2 days"),
        lambda: dated.valid_until(case, at),
        lambda: dated.ask("sms", case, at=at),
        lambda: dated.partial(case, ["late"], at=at),
    ]
    for ask in questions:
        with pytest.raises(forbear.CaseError, match=r"^a case is an object from fact to value, not ") as error:
            ask()
        assert not private or "4711" not in str(error.value)


@pytest.mark.parametrize("name", ["nn", "N", "", 3, None, ("n",), True, b"n", "n ", "x" * 10_000])
def test_a_fact_that_the_vocabulary_lacks(name: object) -> None:
    with pytest.raises(forbear.CaseError) as error:
        POLICY.decide({**CASE, name: 1})  # type: ignore[dict-item]
    assert len(error.value.faults) == 1


def test_a_misspelt_fact_is_told_with_the_nearest() -> None:
    case = {("day" if name == "day_" else name): value for name, value in CASE.items()}
    for ask in (POLICY.decide, lambda case: POLICY.permits("a", case)):
        with pytest.raises(forbear.CaseError) as error:
            ask(case)
        assert {fault.fact for fault in error.value.faults} == {"day_", "day"}
        assert "did you mean `day_`?" in str(error.value)


def test_a_misspelt_optional_fact_does_not_count_as_unknown() -> None:
    """`permits` looks at the facts that its rules read; an unknown one may stand under a wrong name."""
    case = {("oo" if name == "o" else name): value for name, value in CASE.items()}
    with pytest.raises(forbear.CaseError, match="oo"):
        POLICY.permits("a", case)
    with pytest.raises(forbear.CaseError, match="oo"):
        POLICY.decide(case)


def test_every_fault_of_a_case_is_named() -> None:
    case = {**CASE, "n": True, "m": "USD 1", "zzz": 1, "unread": -1}
    del case["d"], case["w"]
    with pytest.raises(forbear.CaseError) as error:
        POLICY.decide(case)
    assert {fault.fact for fault in error.value.faults} == {"n", "m", "zzz", "unread", "d", "w"}


def test_a_missing_fact_is_one_that_some_rule_reads_whatever_its_dates() -> None:
    policy = forbear.loads(
        "fact n count\nfact q count\naction a\nrule r: n > 1 then allow a\n  in force until 2000-01-01"
    )
    with pytest.raises(forbear.CaseError, match="`n` is missing"):
        policy.decide({}, on="2020-01-01")
    assert not policy.decide({"n": 2}, on="2020-01-01").permits("a")


def test_an_action_that_is_not_there() -> None:
    for ask in (
        lambda: POLICY.permits("aa", CASE),
        lambda: POLICY.decide(CASE)["aa"],
        lambda: POLICY.decide(CASE).permits("aa"),
        lambda: POLICY.explain("aa", CASE),
    ):
        with pytest.raises(forbear.CaseError, match="`aa`"):
            ask()


@pytest.mark.parametrize(
    "on",
    [
        *("2015-02-30", "today", "", 3, True, datetime.datetime(2015, 9, 22), "2015-09-22 ", [], 0),
        *(b"2015-09-22", "15-09-22"),
    ],
)
def test_a_day_that_is_none(on: Any) -> None:
    for ask in (POLICY.decide, lambda case, on: POLICY.permits("a", case, on)):
        with pytest.raises(forbear.CaseError, match="day"):
            ask(CASE, on)


def test_a_day_on_which_the_policy_is_not_in_force() -> None:
    policy = forbear.loads("policy p in force from 2015-09-22 until 2015-09-23\nnever sms")
    for on in ("2015-09-21", "2015-09-24", None):
        for ask in (policy.decide, lambda case, on: policy.permits("sms", case, on)):
            with pytest.raises(forbear.CaseError):
                ask({}, on)
    assert not policy.permits("sms", {}, datetime.date(2015, 9, 23))


def test_what_is_no_case() -> None:
    cases: list[Any] = [Bomb(), Nameless(), None, [], 5, "late", np.array([1]), MappingProxyType(BombDict(CASE))]
    for case in cases:
        for answer in answers(case):
            assert "a case is an object from fact to value" in str(answer)


def test_names_of_other_classes() -> None:
    assert set(answers({np.str_(name): value for name, value in CASE.items()})) == {True}
    names: list[Any] = [5, None, ("n",), b"n", "x" * 10_000, Liar("nn")]
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
    values = [3, Bomb(), one, other, np.int64(3), Number.TWO, LyingInt(3), Liar("three"), None, np.array(3)]
    frame = pd.DataFrame({**{name: [value] * len(values) for name, value in CASE.items()}, "n": values})
    answer = POLICY.apply(frame, faults=True)
    for number, value in enumerate(values):
        (whole, *_) = answers({**CASE, "n": value})
        if whole is True:
            assert answer["a"][number] == "allowed", number
        else:
            assert answer["a"][number] == "undecided", number
            assert answer["fault"][number].startswith("`n` "), number


def test_what_numpy_has_and_a_case_has_not_is_told_by_its_type() -> None:
    said = {
        "d": (np.timedelta64(61, "D"), "needs a whole number, not 61 days (numpy.timedelta64)"),
        "f": (np.int64(1), "needs true or false, not 1 (numpy.int64)"),
        "n": (np.bool_(True), "needs a whole number, not true"),
        "day_": (np.datetime64("2026-03"), 'needs a date such as "2015-09-22", not 2026-03 (numpy.datetime64)'),
        "hour": ("09:30:00.123456789", 'needs whole seconds, such as "08:00:30", not "09:30:00.123456789"'),
        "m": (Fraction(1, 2), 'needs a sum such as 100 or "CNY 100", not 1/2 (fractions.Fraction)'),
    }
    (faults, *_) = answers({**CASE, **{fact: value for fact, (value, _) in said.items()}})
    told = {fact: message for fact, message, *_ in faults}
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
