"""The fast path for numbers with decimals, such as sums with cents: converts each plain form to a whole number of
steps.

Everything that it reads, the slow path (`kernel.read_value`) reads too, and as the same number; the slow path reads the
rest. Nothing is ever rounded, whatever decimal context the process has:

- a `Decimal` is multiplied by a power of ten in a context of our own, in which whatever is not exact is an error;
- a `float` counts as the digits that Python shows for it: of at most 15 digits they are those of the nearest float, so
it is equal to its steps, divided again, or it has more decimals;
- the digits of a text are the number of its steps.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache

from forbear.kernel.cases import MAXIMUM_DIGITS
from forbear.language.model.facts import Fact


def places_of(fact: Fact) -> int:
    """Returns the decimal places of a fact with a step of 0.1, 0.01 and so on; 0 for any other, and if its numbers have
    more digits than a float distinguishes, or if it may be none.
    """
    places = len(str(fact.step.denominator)) - 1
    digits = max(abs(fact.low), abs(fact.high)) < 10**MAXIMUM_DIGITS
    return places if fact.step == Fraction(1, 10**places) and digits and not fact.or_none else 0


def reading(v: str, places: int, otherwise: str, context: dict[str, object]) -> Sequence[str]:
    """Lines that turn the plain value of a variable into steps of so many decimal places, in or out of its range.

    They raise, or return None, for a value that is not plain; of another type it becomes the expression `otherwise`.
    The names that they use are added to the context.
    """
    per_unit = 10**places
    times, whole = _exact(places)
    context.update({f"steps_{places}": _of_text(places), f"times_{places}": times, f"whole_{places}": whole})
    context.update({f"per_unit_{places}": Decimal(f"1E{places}"), "Decimal": Decimal})
    context.update({"truncated": Decimal.__trunc__})
    return [
        f"kind = type({v})",
        f"if kind is int: {v} *= {per_unit}",
        f"elif kind is Decimal: {v} = truncated(whole_{places}(times_{places}({v}, per_unit_{places})))",
        "elif kind is float:",
        f"    number, {v} = {v}, round({v} * {per_unit})",
        f"    if {v} / {per_unit} != number: return None",
        "elif kind is str:",  # most have as many decimals as the fact: for these no function is called
        f"    if {places + 1} < len({v}) <= {MAXIMUM_DIGITS + 2} and {v}[{-places - 1}] == '.' "
        f"and (digits := {v}.replace('.', '', 1)).isdigit() and digits.isascii(): {v} = int(digits)",
        f"    else: {v} = steps_{places}({v})",
        f"else: {v} = {otherwise}",
    ]


@cache
def _exact(places: int) -> tuple[Callable[[Decimal, Decimal], Decimal], Callable[[Decimal], Decimal]]:
    """Returns the functions that multiply, and that check for a whole number. They raise if a result is not exact, or
    return NaN, which is no whole number.

    So they raise for a number of more than 15 digits before its point, even if it is a zero, such as 0E+15: the product
    would have an exponent beyond the greatest.
    """
    most = MAXIMUM_DIGITS - 1 + places
    traps = [decimal.Inexact, decimal.Clamped]
    exact = decimal.Context(prec=2 * MAXIMUM_DIGITS, Emin=-most, Emax=most, clamp=0, traps=traps)
    return exact.multiply, exact.to_integral_exact


@cache
def _of_text(places: int) -> Callable[[str], int | None]:
    factors = [int(10 ** (places - decimals)) for decimals in range(places + 1)]

    def steps(text: str) -> int | None:
        """The steps of a text of digits; None, or `IndexError`, for any other."""
        if len(text) <= MAXIMUM_DIGITS + 2 and text.isascii():
            before, point, after = text.partition(".")
            if before.isdigit() and (after.isdigit() or not point):
                return int(before + after) * factors[len(after)]
        return None

    return steps
