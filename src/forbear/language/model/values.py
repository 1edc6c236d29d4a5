"""Values of facts as text of the language, and in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from attrs import evolve

from forbear.kernel.cases import decimal_text, in_digits
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.kinds import UNBOUNDED, Storage

HIDDEN = "private"
"""The one key of the JSON object that replaces a private value."""


def value_text(fact: Fact, value: Grid | Absent) -> str:
    """A value as an author writes it: `CNY 1000`, `80%`, `2015-09-22`, `yes`, `declared`, `"CA"`."""
    if isinstance(value, Absent):
        return value.value
    if isinstance(value, str):
        return quoted(value) if fact.kind.literal == "text" else value
    match fact.kind.storage:
        case Storage.FLAG:
            return "yes" if value else "no"
        case Storage.NAME:
            return fact.names[value]
        case Storage.DATE:
            return date.fromordinal(value).isoformat()
        case Storage.TIME:
            return time_text(value)
        case _:
            return with_unit(fact, decimal_text(value * fact.step))


def with_unit(fact: Fact, number: str) -> str:
    """A decimal number with the unit of a fact: `80%`, `CNY 12.50`."""
    number += fact.kind.sign
    if not fact.kind.currency:
        return number
    number += "0" if number[-2:-1] == "." else ""  # 12.50, as sums are written
    return f"{fact.currency} {number}" if fact.currency else number


def range_text(fact: Fact) -> str:
    """The limits and steps that a fact declares: `from 7 to 49 in steps of 7`, `from 0`; empty if it has none."""
    parts = []
    if fact.kind.numeric:
        far = UNBOUNDED * min(fact.step, Fraction(1))  # the limit of all numbers, which the fact did not declare
        parts += [f"from {value_text(fact, fact.low)}"] if (1 - fact.low) * fact.step <= far else []
        parts += [f"to {value_text(fact, fact.high)}"] if (1 + fact.high) * fact.step <= far else []
        parts += [f"in steps of {step_text(fact)}"] if fact.step != 1 else []
    elif fact.kind.ranged:
        low, high = fact.kind.limits
        parts += [f"from {value_text(fact, fact.low)}"] if fact.low != low else []
        parts += [f"to {value_text(fact, fact.high)}"] if fact.high != high else []
    return " ".join(parts)


def step_text(fact: Fact) -> str:
    """The step of a numeric fact, as an author writes it."""
    return value_text(evolve(fact, step=Fraction(1, fact.step.denominator)), fact.step.numerator)


def value_json(fact: Fact, value: Grid | None) -> object:
    """Returns a value as a case gives it in JSON; None is unknown or none, by the fact."""
    if value is None:
        return "none" if fact.or_none else None
    if isinstance(value, (bool, str)):
        return value
    if fact.kind.numeric:
        number = value * fact.step
        return number.numerator if number.denominator == 1 else Decimal(decimal_text(number))
    return value_text(fact, value)


def plain_json(value: object) -> Any:
    """A value, and all in it, as `json` writes it: a decimal is a text of its digits, so that none is rounded; a record
    is what it gives for itself."""
    if hasattr(value, "as_json"):
        return value.as_json()
    if isinstance(value, Mapping):
        return {name: plain_json(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    return in_digits(value) if isinstance(value, Decimal) else value


def fields_json(record: object, *names: str) -> dict[str, object]:
    """Some fields of a record as `json` writes them."""
    return {name: plain_json(getattr(record, name)) for name in names}


def difference_text(fact: Fact, steps: int, more: str = "") -> str:
    """Returns a distance between two values of an ordered type, in words: `27 days`, `CNY 200.01`. `steps` is on the
    grid.

    `more` precedes the unit of days: `27 more days`.
    """
    single = steps == 1
    match fact.kind.storage:
        case Storage.DATE:
            return f"{steps} {more}{'day' if single else 'days'}"
        case Storage.TIME:
            return f"{time_text(steps)} hours" if steps >= 3600 else f"{steps // 60} min {steps % 60} s"
        case Storage.NAME:
            return f"{steps} {'step' if single else 'steps'}"
        case _ if fact.kind.counted:
            unit = fact.kind.unit.removesuffix("s") if single and fact.step == 1 else fact.kind.unit
            return f"{value_text(fact, steps)} {more}{unit}"
        case _:
            return value_text(fact, steps)


def time_text(seconds: int) -> str:
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{hours:02}:{minutes:02}" + (f":{rest:02}" if rest else "")


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
