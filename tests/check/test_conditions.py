"""Each written form of sections 3 and 4 of the reference: the typed condition, with its values on the grid."""

from __future__ import annotations

import datetime
import re
from fractions import Fraction
from pathlib import Path

import pytest
from checking import typed
from written import arrows

from forbear.language.model import kinds

WORDS = """
fact d days clock
fact n count
fact x number
fact p percent
fact m money CNY
fact day_ date
fact hour time
fact f yes/no
fact k one of low, high
fact l one of mild < harsh < worst
fact t text
fact o count optional
fact w date or none
fact g yes/no optional
fact h yes/no or none
fact s number between 0 and 1 in steps of 0.001
fact five count in steps of 5
setting limit is 60
setting big is CNY 1_000.50
setting share is 80%
setting start is 2015-09-22
setting opening is 08:00
setting home is "CA"
setting switch is no
define late is after 60 days
define bad is late or f
action a
"""
DAY = datetime.date(2015, 9, 22).toordinal()
HERE = Path(__file__).parent
FORMS, _, CLAUSES = (HERE / "conditions.txt").read_text(encoding="utf-8").partition("# unless")


def read_as(text: str) -> str:
    """The condition of the one rule of a text, as `conditions.txt` has it."""
    return re.sub(r"\b\w+=", "", repr(typed(WORDS + text).rules[0].condition))


@pytest.mark.parametrize(("text", "condition"), arrows(FORMS))
def test_a_condition(text: str, condition: str) -> None:
    for rule in (f"{text} then allow a", f"allow a when {text}", f"rule r: never a when {text}"):
        assert read_as(rule) == condition
    assert read_as(f"\ndefine it is {text}\nit then allow a") == condition


@pytest.mark.parametrize(("clauses", "condition"), arrows(CLAUSES))
def test_unless(clauses: str, condition: str) -> None:
    assert read_as(clauses) == condition


# Types


@pytest.mark.parametrize(
    ("type_", "kind", "step", "low", "high"),
    [
        ("days", kinds.DAYS, "1", 0, None),
        ("count", kinds.COUNT, "1", 0, None),
        ("number", kinds.NUMBER, "0.01", None, None),
        ("percent", kinds.PERCENT, "0.01", None, None),
        ("money CNY", kinds.MONEY, "0.01", 0, None),
        ("date", kinds.DATE, "1", 1, datetime.date.max.toordinal()),
        ("time", kinds.TIME, "1", 0, 86_399),
        ("count between 3 and 5", kinds.COUNT, "1", 3, 5),
        ("days between -30 and 400", kinds.DAYS, "1", -30, 400),
        ("number between -1.5 and 1.5", kinds.NUMBER, "0.01", -150, 150),
        ("number between 0 and 1 in steps of 0.001", kinds.NUMBER, "0.001", 0, 1000),
        ("number in steps of 0.001 between 0 and 1", kinds.NUMBER, "0.001", 0, 1000),
        ("number in steps of 5 between -10 and 10", kinds.NUMBER, "5", -2, 2),
        ("number in steps of 0.3 between -0.6 and 0.9", kinds.NUMBER, "0.3", -2, 3),
        ("count in steps of 7 between 0 and 70", kinds.COUNT, "7", 0, 10),
        ("percent between 0% and 100%", kinds.PERCENT, "0.01", 0, 10_000),
        ("percent between 0% and 100% in steps of 1%", kinds.PERCENT, "1", 0, 100),
        ("money CNY between CNY -5 and CNY 5 in steps of CNY 0.05", kinds.MONEY, "0.05", -100, 100),
        ("date between 2015-09-22 and 2015-09-23", kinds.DATE, "1", DAY, DAY + 1),
        ("time between 08:00 and 21:00:30", kinds.TIME, "1", 28_800, 75_630),
        ("count between 0 and limit", kinds.COUNT, "1", 0, 60),
        ("one of q < r < v", kinds.ORDER, "1", 0, 2),
        ("number in steps of 0.00000000000001 between 0 and 0.5", kinds.NUMBER, "0.00000000000001", 0, 5 * 10**13),
    ],
)
def test_a_type(type_: str, kind: kinds.Kind, step: str, low: int | None, high: int | None) -> None:
    fact = typed(f"setting limit is 60\nfact e {type_}\naction a").facts["e"]
    assert (fact.kind, fact.step) == (kind, Fraction(step))
    assert fact.low == (low if low is not None else kind.limits[0])
    assert fact.high == (high if high is not None else kind.limits[1])
    assert fact.ordered


@pytest.mark.parametrize(
    ("type_", "kind"), [("yes/no", kinds.FLAG), ("text", kinds.TEXT), ("one of q, r", kinds.CHOICE)]
)
def test_a_type_without_order(type_: str, kind: kinds.Kind) -> None:
    fact = typed(f"fact e {type_}\naction a").facts["e"]
    assert fact.kind is kind
    assert not fact.ordered


@pytest.mark.parametrize("step", ["2", "5", "7", "1000"])
@pytest.mark.parametrize("type_", ["days", "count", "number", "money CNY"])
def test_a_large_step_leaves_values_that_can_be_given(type_: str, step: str) -> None:
    """No number has more than 15 digits, so neither has an end of a range that nobody wrote."""
    unit = "CNY " if "money" in type_ else ""
    fact = typed(f"fact e {type_} in steps of {unit}{step}\naction a").facts["e"]
    assert fact.high * fact.step < 10**15
    assert fact.low * fact.step > -(10**15)
    assert (fact.high + 1) * fact.step >= 10**15


@pytest.mark.parametrize(
    ("declaration", "usually"),
    [
        ("count usually 3", 3),
        ("money CNY usually CNY 3", 300),
        ("yes/no usually no", False),
        ("one of q, r usually r", "r"),
        ("one of q < r usually r", 1),
        ("date usually 2015-09-22", DAY),
        ('text usually "CA"', "CA"),
        ("count optional usually unknown", "unknown"),
        ("date or none usually none", "none"),
        ("count usually limit", 60),
        ("count", None),
    ],
)
def test_usually(declaration: str, usually: object) -> None:
    fact = typed(f"setting limit is 60\nfact e {declaration}\naction a").facts["e"]
    assert fact.usually == usually


def test_clauses_of_a_fact_come_in_any_order() -> None:
    one = typed("fact e number optional between 0 and 9 usually 3 in steps of 3\naction a").facts["e"]
    other = typed("fact e number in steps of 3 usually 3 between 0 and 9 optional\naction a").facts["e"]
    assert (one.step, one.low, one.high, one.usually, one.optional) == (other.step, other.low, other.high, 1, True)
