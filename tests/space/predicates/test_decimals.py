"""The fast path of numbers with decimals: what it reads, the slow path reads too, and as the same number of steps."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

import forbear
from forbear.kernel import cases as kernel
from forbear.kernel.cases import FactSpec, GridValue, Wrong
from forbear.space.predicates import reading
from forbear.space.predicates.specs import specs


class Readers(NamedTuple):
    """The fast path of a fact that a rule reads, and of one, or one of many, that none does; and how the slow path
    reads it."""

    read: Callable[[object], object]
    unread: Callable[[object], object]
    one_of_many: Callable[[object], object]
    spec: FactSpec


def readers(declared: str) -> Readers:
    bound = "EUR 5" if "money" in declared else "5"
    text = f"policy p currency EUR\nfact x {declared}\nfact flag yes/no\naction visit\nrule r: {{}} then allow visit"
    reads, does_not = (
        specs(forbear.loads(text.format(condition)).typed) for condition in (f"flag and x >= {bound}", "flag")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "FEW", 0)
        one_of_many = reading.of_case(does_not, [], "True", {}, whole=True)
    return Readers(
        reading.of_case(reads, [], "x_", {}, whole=True),
        reading.of_case(does_not, [], "True", {}, whole=True),
        one_of_many,
        reads.facts["x"],
    )


FACTS = [
    *("money", "money between EUR 0 and EUR 500", "money between EUR 0 and EUR 999999999999999"),
    *("money in steps of EUR 5", "number", "number in steps of 0.1", "number in steps of 0.05"),
    *("number in steps of 0.00000000000001", "number between -3.5 and 20.25", "count between 0 and 100"),
]
READERS = {declared: readers(declared) for declared in FACTS}


class LyingDecimal(Decimal):
    def __mul__(self, other: object) -> Decimal:
        return Decimal(1)

    def same_quantum(self, *others: object) -> bool:
        return True


class LyingFloat(float):
    def __mul__(self, other: object) -> float:
        return 100.0

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = float.__hash__


class LyingText(str):
    def partition(self, separator: str, /) -> tuple[str, str, str]:
        return "1", ".", "00"


HOSTILE: list[object] = [
    *map(Decimal, ("NaN", "sNaN", "-NaN123", "Infinity", "-Infinity", "-0", "-0.00", "0E+14", "0E+15", "0E-500")),
    *map(Decimal, ("1E+14", "1E+15", "1E+999999", "1E-999999", "0E+999999", "0E-999999", "12.5", "5E+1", "12.500")),
    *map(Decimal, ("12.345", "9999999999999.99", "10000000000000.00", "0." + "0" * 60 + "1", "12." + "0" * 60)),
    *(math.nan, math.inf, -math.inf, -0.0, 1e400, 5e-324, 0.1 + 0.2, 1e15, 2.0**53, 899999999999999.9, 1e22, 12.345),
    *("1e5", "1E5", "5.", ".5", "5..0", "5.0.0", "+5", "-5", "-0.00", "5_0", " 5", "5 ", "5\n", "", ".", "none", "nan"),
    *("inf", "\u0665.\u0660\u0660", "\u00b2.00", "5\u2024 00", "EUR 5.00", "USD 5.00", "005.00", "5.000", "5.001"),
    *(".50", "5.0.00", "5..00", "5_0.00", "+5.00", " 5.00", "0000000000005.00", "99999999999999999.99"),
    *("1" * 41, "0" * 39 + "5", "0" * 41 + "5", "5." + "0" * 41, "99999999999999.99", "5\x00", "1,5", "0x10"),
    *(LyingDecimal("7.123"), LyingFloat(7.123), LyingText("junk"), True, None, 10**400, b"5", [], {}, 5 + 0j),
]

STEPS = st.integers(-(10**16), 10**17)
DECIMALS = st.one_of(
    st.decimals(),
    st.builds(lambda digits, power: Decimal(f"{digits}E{power}"), STEPS, st.integers(-20, 16)),
    st.builds(lambda digits, power: Decimal(f"{digits}E{power}"), st.integers(0, 10**40), st.integers(-60, 10)),
)
FLOATS = st.one_of(
    st.floats(),
    st.builds(
        lambda steps, per_unit, towards: math.nextafter(steps / per_unit, towards * steps),
        STEPS,
        st.sampled_from([1, 10, 20, 100, 1000]),
        st.sampled_from([0.0, 1e-3, 2.0]),
    ),
    st.builds(lambda steps, per_unit: steps / per_unit, STEPS, st.sampled_from([1, 10, 20, 100, 1000])),
)
TEXTS = st.one_of(
    st.from_regex(r"(EUR )?-?[0-9]{1,18}(\.[0-9]{0,4})?", fullmatch=True),
    st.text("0123456789.-+eE_ \u0660\u00b2", max_size=20),
)
CONTEXTS = st.builds(
    decimal.Context,
    prec=st.integers(1, 40),
    rounding=st.sampled_from([decimal.ROUND_HALF_EVEN, decimal.ROUND_UP, decimal.ROUND_FLOOR]),
    Emin=st.integers(-50, 0),
    Emax=st.integers(0, 50),
    clamp=st.integers(0, 1),
    traps=st.lists(
        st.sampled_from([decimal.Inexact, decimal.Rounded, decimal.InvalidOperation, decimal.FloatOperation])
    ),
)


def slowly(spec: FactSpec, raw: object) -> GridValue | Wrong:
    try:
        return kernel.read_value(spec, raw)
    except Wrong as wrong:
        return wrong


def held(declared: str, raw: object) -> None:
    fact = READERS[declared]
    steps = fact.read({"flag": True, "x": raw})
    expected = slowly(fact.spec, raw)
    assert steps is None or (type(steps) is int and steps == expected), (declared, raw, steps, expected)
    for unread in (fact.unread, fact.one_of_many):
        assert unread({"flag": True, "x": raw}) in (None, not isinstance(expected, Wrong)), (declared, raw, expected)


@pytest.mark.parametrize("declared", FACTS)
def test_hostile_values(declared: str) -> None:
    for raw in HOSTILE:
        held(declared, raw)


@settings(max_examples=examples(150))
@given(st.sampled_from(FACTS), st.one_of(DECIMALS, FLOATS, TEXTS), CONTEXTS)
def test_the_fast_path_reads_as_the_slow_path(declared: str, raw: object, context: decimal.Context) -> None:
    """In whatever decimal context a process decides."""
    held(declared, raw)
    with decimal.localcontext(context):
        held(declared, raw)


@settings(max_examples=examples(100))
@given(st.integers(0, 10**15 - 1))
def test_every_sum_with_cents_is_read_fast_in_each_form(cents: int) -> None:
    text = f"{cents // 100}.{cents % 100:02}"
    fact = READERS["money"]
    for raw in (Decimal(text), Decimal(text).normalize(), float(text), text, Decimal(text) * 10 / 10):
        assert fact.read({"flag": True, "x": raw}) == cents, raw
        assert fact.unread({"flag": True, "x": raw}) is fact.one_of_many({"flag": True, "x": raw}) is True, raw


def test_a_float_is_the_digits_that_python_shows() -> None:
    """The float below, or above, the one nearest to a sum is another number, and no sum."""
    for cents in (1, 7, 29, 1001, 123456, 10**13 + 1):
        near = cents / 100
        read = READERS["money"].read
        assert read({"flag": True, "x": near}) == cents
        for other in (math.nextafter(near, 0.0), math.nextafter(near, math.inf)):
            assert read({"flag": True, "x": other}) is None
            assert isinstance(slowly(READERS["money"].spec, other), Wrong)


def test_an_enormous_exponent_takes_no_time() -> None:
    """A whole number of a million digits would take seconds."""
    for exponent in (999_999, 999_999_999_999, -999_999_999_999):
        for sign in ("", "-"):
            raw = Decimal(f"{sign}1E{exponent}")
            assert READERS["money"].read({"flag": True, "x": raw}) is None
            assert READERS["money"].unread({"flag": True, "x": raw}) is None


def test_no_precision_of_the_process_rounds_a_sum_to_cents() -> None:
    for digits in range(1, 10):
        with decimal.localcontext() as context:
            context.prec = digits
            for text in ("1234.567", "0.335", "3.3333", "123456.7", "1234.56", "12345.6"):
                held("money", Decimal(text))
                held("number in steps of 0.1", Decimal(text))


def test_the_decimal_context_of_the_process_stays_as_it_is() -> None:
    with decimal.localcontext() as context:
        context.prec = 3
        context.clear_flags()
        before = str(context)
        for text in ("12.34", "12.3", "12", "1E+3", "12.345", "9999999999999.99"):
            READERS["money"].read({"flag": True, "x": Decimal(text)})
        assert str(context) == before
