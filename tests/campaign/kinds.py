"""Policies with a fact of each kind, and values for them that a case should never have."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import frozen


@frozen
class Kind:
    """How a fact is declared, conditions on it (with `F` for its name), and values that it may have."""

    type: str
    conditions: Sequence[str]
    values: Sequence[object]


KINDS = (
    Kind("count", ("F >= 5", "F < 3", "F = 7", "F is one of 1, 3, 5"), (0, 3, 5, 7, 10**14, "5", 5.0, Decimal("5.0"))),
    Kind("count", ("F >= 16777217", "F is one of 33554433, 5"), (16777216, 16777217, 33554432, 33554433, 5)),
    Kind("days", ("F > 60",), (0, 60, 61, "61")),
    Kind("number", ("F >= 0.5", "F < -1.25"), ("0.5", "-1.26", 0.49, Decimal("9999999999999.99"), 10**13 - 1, "-0")),
    Kind("number in steps of 0.05", ("F >= 0.15", "F < 127.05"), ("0.15", "0.10", 127, -128, 1, "1.05")),
    Kind("number in steps of 0.001", ("F >= 0.125",), ("0.125", "0.124", 1, 123456789012)),
    Kind("number in steps of 10", ("F >= 20", "F != 30"), (10, 20, 30, 0, -10, "9223372036854775800")),
    Kind("count between 0 and 100", ("F > 99", "F between 3 and 5"), (0, 100, 4)),
    Kind("number between -1000 and 1000 in steps of 0.5", ("F > 999",), (-1000, 1000, "999.5")),
    Kind(
        "money CNY", ("F > CNY 1000", "F <= CNY 0.01"), (0, "CNY 1000.01", "1000", "0.01", 1000.5, "9999999999999.99")
    ),
    Kind("percent", ("F >= 80%",), ("80", "79.99", 100, 0.5)),
    Kind(
        "date",
        ("F >= 2015-09-22",),
        ("2015-09-22", "2015-09-21", "9999-12-31", "0001-01-01", datetime.date(2016, 2, 29)),
    ),
    Kind(
        "time", ("F between 08:00 and 21:00",), ("08:00", "21:00:00", "21:00:01", "00:00", "23:59:59", datetime.time(8))
    ),
    Kind("yes/no", ("F", "not F"), (True, False)),
    Kind("one of red, green, blue", ("F is red", "F is not one of red, blue"), ("red", "green", "blue")),
    Kind('text one of "AL", "al", "ß"', ('F is "AL"', 'F is not one of "al", "ß"'), ("AL", "al", "ß")),
    Kind("one of low < middle < high", ("F >= middle", "F < high"), ("low", "middle", "high")),
    Kind(
        "text",
        ('F is "NY"', 'F is not "${env:HOME}"', 'F is "a\'b\\\\n"'),
        ("NY", "", "ny", "${env:HOME}", "a'b\\n", "NY\n"),
    ),
)

PLAIN = ("x", "late", "amount", "origin", "when_paid", "tried")


class _Index:
    """An integer of another library."""

    def __index__(self) -> int:
        return 5


class _Text(str):
    """A text of another library."""


HOSTILE: tuple[object, ...] = (
    None, "none", "unknown", "", " 5", "5 ", "5\n", "+5", "1e3", "0x5", "٥", "５", "5_0", "--5", "NaN", "inf", "CNY 5 ",
    "CNY  5", "USD 5", "cny 5", True, False, float("nan"), float("inf"), -0.0, 1e300, 5e-324, 0.1 + 0.2, 2**63,
    -(2**63) - 1, 10**16, 10**5000, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+1000000"),
    Decimal("1E-1000000"), Fraction(1, 3), b"5", [], [5], {}, {"a": 5}, (5,), {5}, object(), _Index(), _Text("5"),
    _Text("red"), 5j, np.int64(5), np.float32(0.1), np.float64("nan"), np.array([5]), np.array([]), np.array([5, 6]),
    np.array(5), np.bool_(True), np.str_("red"), np.datetime64("2015-09-22"), np.datetime64("NaT"),
    datetime.datetime(2015, 9, 22), datetime.datetime(2015, 9, 22, 3, tzinfo=datetime.UTC), datetime.timedelta(5),
    "2015-9-22", "2015-09-22T00:00", "20150922", "10000-01-01", "2015-02-29", "infinity", "8:00", "08:00\n",
    "08:00:00.5", "24:00", "24:00:00", "08:00+01:00", "RED", "red ", "re\u0501", "yes", 1, 0, -1, -0.5, "a" * 100_000,
    "9" * 5_000, "\ud800", "\u202e5", lambda: 5, KINDS, NotImplemented, ...,
)  # fmt: skip


@frozen
class Drawn:
    """A policy, and for each of its facts the values that it may have."""

    text: str
    values: Mapping[str, Sequence[object]]

    def case(self, generator: random.Random) -> dict[str, object]:
        return {name: generator.choice(values) for name, values in self.values.items()}


def drawn(generator: random.Random, names: Sequence[str] = PLAIN, most: int = 4) -> Drawn:
    """A policy over some facts, called by some of these names."""
    chosen = list(dict.fromkeys(generator.choices(names, k=generator.randint(1, most))))
    lines = ["action sms, visit, call"]
    values: dict[str, Sequence[object]] = {}
    conditions = []
    for name in chosen:
        kind = generator.choice(KINDS)
        clause, more = generator.choice((("", ()), ("", ()), (" optional", (None,)), (" or none", ("none",))))
        lines.append(f"fact {name} {kind.type}{clause}")
        values[name] = (*kind.values, *more)
        conditions += [(name, condition) for condition in kind.conditions]
    for number in range(generator.randint(1, 4)):
        parts = [text.replace("F", name) for name, text in generator.sample(conditions, min(len(conditions), 2))]
        effect = generator.choice(
            ("allow sms, visit", "forbid visit", "require call", "never sms", "forbid sms", "allow call")
        )
        over = " overrides all" if number == 0 and generator.random() < 0.5 and not effect.startswith("never") else ""
        lines.append(f"rule r{number}: {generator.choice((' and ', ' or ')).join(parts)} then {effect}{over}")
    return Drawn("\n".join(lines) + "\n", values)


def hostile_case(policy: Drawn, generator: random.Random) -> Any:
    """A case with something in it that should not be there; perhaps no case at all."""
    case: dict[Any, object] = dict(policy.case(generator))
    match generator.randrange(12):
        case 0:
            return generator.choice(HOSTILE)
        case 1:
            del case[generator.choice(list(case))]
        case 2:
            case[generator.choice(("X", "", "x ", "history", "zone", "on", "\u202ex", 5, None, ("x",)))] = (
                generator.choice(HOSTILE)
            )
        case 3:
            return MappingProxyType({**case, generator.choice(list(case)): generator.choice(HOSTILE)})
        case _:
            case[generator.choice(list(case))] = generator.choice(HOSTILE)
    return case
