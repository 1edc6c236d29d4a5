"""A number of any width and scale, and a fact of any steps: a column is decided as its values are, one by one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from night import NIGHTLY

import forbear

STEPS = ["1", "7", "10", "1000", "100000000000000", "123456789012345", "0.1", "0.05", "0.25", "0.01", "0.000001"]
STEPS += ["0.125", "0.00000000000005", "0.00000000000001", "2.5", "12345.6789", "1000.5"]
INTEGERS = [pl.Int8, pl.UInt8, pl.Int16, pl.UInt16, pl.Int32, pl.UInt32, pl.Int64, pl.UInt64, pl.Int128]
DECIMALS = [pl.Decimal(38, scale) for scale in (0, 1, 2, 6, 14, 18, 19, 20, 30, 37, 38)]
TYPES: list[Any] = [*INTEGERS, *DECIMALS, pl.Decimal(18, 2), pl.Decimal(5, 5), pl.Float64, pl.Float32, pl.String]
WHOLE = [0, 1, -1, 3, 7, 10, 100, 126, 127, -128, 255, 1000, 32767, 65535, 2**31 - 1, 2**32 - 1, 2**53 + 1, 2**63 - 1]
WHOLE += [-(2**63), 2**64 - 1, 2**127 - 1, 10**15, 10**15 - 1, -(10**15) + 1, 10**14, 370370367037035]
DIGITS = ["0.05", "0.1", "0.25", "0.005", "0.000001", "0.00000000000005", "1.5", "2.5", "24691.3578", "2001"]
DIGITS += ["9999999999999.99", "49999999999999.95", f"0.{'0' * 37}1"]


def _column(kind: Any) -> list[Any]:
    """The values that a type can have."""
    found = []
    for raw in [*map(str, WHOLE), *DIGITS]:
        number = Decimal(raw)
        if kind.is_integer():
            value: Any = int(number)
        elif kind.is_float():
            value = float(number)
        else:
            value = raw if kind == pl.String else number
        try:
            if pl.Series([value], dtype=kind)[0] is not None:
                found.append(value)
        except (TypeError, OverflowError, RuntimeError, pl.exceptions.PolarsError):  # the type has no such value
            continue
    return found


COLUMNS = [(kind, _column(kind)) for kind in TYPES]


@pytest.mark.parametrize("step", STEPS if NIGHTLY else STEPS[::3])
@pytest.mark.parametrize("more", ["", "optional", "or none"])
def test_a_column_is_decided_as_its_values_are(step: str, more: str) -> None:
    text = f"fact v number in steps of {step} {more}\naction a\nrule r: v >= {step} then allow a\n"
    policy = forbear.loads(f"{text}rule q: never a when v < 0")
    for kind, values in COLUMNS:
        plain = values if kind == pl.String else [value for value in values if value >= 0]
        for some in ([*values, None], plain, values[:1], values[:3] + values[-4:]):
            series = pl.Series("v", some, dtype=kind)
            answer = policy.apply(series.to_frame(), none=["v"] if more == "or none" else [])
            expected = [_decided(policy, kind, more, value) for value in series.to_list()]
            assert answer["a"].to_list() == expected, (kind, some)


def _decided(policy: forbear.Policy, kind: Any, more: str, value: Any) -> str:
    if value is None and more == "or none":
        value = "none"
    elif kind == pl.Float32 and value is not None:  # by its own shortest text
        value = float(str(np.float32(value)))
    try:
        return policy.decide({"v": value})["a"].verdict
    except forbear.CaseError:
        return "undecided"
