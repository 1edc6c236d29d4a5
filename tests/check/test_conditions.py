"""Each written form of sections 3 and 4 of the reference: the typed condition, with its values on the grid."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
from checking import typed

from forbear.language.model import kinds
from forbear.language.model.comparisons import Between, Compare, OneOf
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or

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
F = Compare("f", "=", True)
LATE = Compare("d", ">", 60)

ROWS: list[tuple[str, Condition]] = [
    # the clock
    ("after 60 days", LATE),
    ("after 1 day", Compare("d", ">", 1)),
    ("after 1 days", Compare("d", ">", 1)),
    ("after limit days", LATE),
    ("from day 60", Compare("d", ">=", 60)),
    ("from day limit", Compare("d", ">=", 60)),
    ("from day 9 to day 13", Between("d", 9, 13, False)),
    ("from day 9 to 13", Between("d", 9, 13, False)),
    ("from day 9 to limit", Between("d", 9, 60, False)),
    ("from day 9 to day 9", Between("d", 9, 9, False)),
    ("on day 9", Compare("d", "=", 9)),
    ("on day limit", Compare("d", "=", 60)),
    ("within 60 days", Compare("d", "<=", 60)),
    ("within 1 day", Compare("d", "<=", 1)),
    ("before day 9", Compare("d", "<", 9)),
    # comparisons
    ("n >= 3", Compare("n", ">=", 3)),
    ("n > 3", Compare("n", ">", 3)),
    ("n <= 3", Compare("n", "<=", 3)),
    ("n < 3", Compare("n", "<", 3)),
    ("n = 3", Compare("n", "=", 3)),
    ("n != 3", Compare("n", "!=", 3)),
    ("n is 3", Compare("n", "=", 3)),
    ("n is not 3", Compare("n", "!=", 3)),
    ("n >= limit", Compare("n", ">=", 60)),
    ("d > 60", LATE),
    ("n between 3 and 5", Between("n", 3, 5, False)),
    ("n is between 3 and 5", Between("n", 3, 5, False)),
    ("n is not between 3 and 5", Between("n", 3, 5, True)),
    ("n is one of 3, 5, limit", OneOf("n", (3, 5, 60), False)),
    ("n is not one of 3", OneOf("n", (3,), True)),
    # values of each type, on the grid
    ("n >= 1_000", Compare("n", ">=", 1000)),
    ("n >= 3.0", Compare("n", ">=", 3)),
    ("n <= 999999999999998", Compare("n", "<=", 999_999_999_999_998)),
    ("x >= 12.50", Compare("x", ">=", 1250)),
    ("x >= -3", Compare("x", ">=", -300)),
    ("x >= - 3", Compare("x", ">=", -300)),
    ("x >= 3", Compare("x", ">=", 300)),
    ("x = 0.1", Compare("x", "=", 10)),
    ("p > 80%", Compare("p", ">", 8000)),
    ("p > 80.25 %", Compare("p", ">", 8025)),
    ("p > share", Compare("p", ">", 8000)),
    ("p < -0.01%", Compare("p", "<", -1)),
    ("m > CNY 1000", Compare("m", ">", 100_000)),
    ("m > CNY 12.5", Compare("m", ">", 1250)),
    ("m > big", Compare("m", ">", 100_050)),
    ("day_ = 2015-09-22", Compare("day_", "=", DAY)),
    ("day_ < start", Compare("day_", "<", DAY)),
    ("day_ > 0001-01-01", Compare("day_", ">", 1)),
    ("day_ is not between 2015-09-22 and 2015-09-23", Between("day_", DAY, DAY + 1, True)),
    ("hour >= 08:00", Compare("hour", ">=", 8 * 3600)),
    ("hour > 08:00:30", Compare("hour", ">", 8 * 3600 + 30)),
    ("hour < 23:59:59", Compare("hour", "<", 86_399)),
    ("hour between opening and 21:00", Between("hour", 8 * 3600, 21 * 3600, False)),
    ("hour between 21:00 and opening", Between("hour", 21 * 3600, 8 * 3600, False)),
    ("hour is not between 21:00 and 08:00", Between("hour", 21 * 3600, 8 * 3600, True)),
    # from, and until: the end is left out
    ("n from 3 until 5", And((Compare("n", ">=", 3), Compare("n", "<", 5)))),
    ("n from 0 until 5", Compare("n", "<", 5)),
    ("w from 2015-09-22 until 2015-09-23", And((Compare("w", ">=", DAY), Compare("w", "<", DAY + 1)))),
    ("hour from opening until 21:00", And((Compare("hour", ">=", 8 * 3600), Compare("hour", "<", 21 * 3600)))),
    ("hour from 21:00 until opening", Or((Compare("hour", ">=", 21 * 3600), Compare("hour", "<", 8 * 3600)))),
    ("hour from 00:00 until opening", Compare("hour", "<", 8 * 3600)),
    ("hour from 21:00 until 00:00", Compare("hour", ">=", 21 * 3600)),
    ("not hour from 21:00 until 00:00", Not(Compare("hour", ">=", 21 * 3600))),
    ("x from -1 until 1 and f", And((And((Compare("x", ">=", -100), Compare("x", "<", 100))), F))),
    ("k is low", Compare("k", "=", "low")),
    ("k is not low", Compare("k", "!=", "low")),
    ("k = high", Compare("k", "=", "high")),
    ("k is one of high", OneOf("k", ("high",), False)),
    ("l is harsh", Compare("l", "=", 1)),
    ("l >= harsh", Compare("l", ">=", 1)),
    ("l > mild", Compare("l", ">", 0)),
    ("l between mild and harsh", Between("l", 0, 1, False)),
    ("l is one of worst, mild", OneOf("l", (2, 0), False)),
    ('t is "CA"', Compare("t", "=", "CA")),
    ("t is home", Compare("t", "=", "CA")),
    (r't != "a \"b\" \\ c"', Compare("t", "!=", 'a "b" \\ c')),
    ('t is one of "CA", "", "ca"', OneOf("t", ("CA", "", "ca"), False)),
    ("s >= 0.5", Compare("s", ">=", 500)),
    ("five > 10", Compare("five", ">", 2)),
    # flags
    ("f", F),
    ("f is yes", F),
    ("f = no", Compare("f", "=", False)),
    ("f is not yes", Compare("f", "!=", True)),
    ("f is switch", Compare("f", "=", False)),
    ("f is one of yes", OneOf("f", (True,), False)),
    # absence
    ("o is known", IsKnown("o", False)),
    ("o is unknown", IsKnown("o", True)),
    ("g is known", IsKnown("g", False)),
    ("w is none", IsNone("w", False)),
    ("w is not none", IsNone("w", True)),
    ("h is none", IsNone("h", False)),
    # joined
    ("always", Always()),
    ("late", LATE),
    ("bad", Or((LATE, F))),
    ("not f", Not(F)),
    ("not not f", Not(Not(F))),
    ("not f and late", And((Not(F), LATE))),
    ("not (f and late)", Not(And((F, LATE)))),
    ("(f and late) or g", Or((And((F, LATE)), Compare("g", "=", True)))),
    ("f or (late and g)", Or((F, And((LATE, Compare("g", "=", True)))))),
    ("(f or late) and g", And((Or((F, LATE)), Compare("g", "=", True)))),
    ("f and late and g", And((F, LATE, Compare("g", "=", True)))),
    ("f or late or g", Or((F, LATE, Compare("g", "=", True)))),
    ("((f))", F),
    ("not n > 3", Not(Compare("n", ">", 3))),
    ("not n is not 3", Not(Compare("n", "!=", 3))),
    ("bad and f", And((Or((LATE, F)), F))),
    ("not bad", Not(Or((LATE, F)))),
    ("n between 3 and 5 and f", And((Between("n", 3, 5, False), F))),
]


@pytest.mark.parametrize(("text", "condition"), ROWS)
def test_a_condition(text: str, condition: Condition) -> None:
    for rule in (f"{text} then allow a", f"allow a when {text}", f"rule r: never a when {text}"):
        assert typed(WORDS + rule).rules[0].condition == condition
    assert typed(f"{WORDS}\ndefine it is {text}\nit then allow a").rules[0].condition == condition


@pytest.mark.parametrize(
    ("clauses", "condition"),
    [
        ("f then allow a unless g", And((F, Not(Compare("g", "=", True))))),
        ("f then allow a unless late or g", And((F, Not(Or((LATE, Compare("g", "=", True))))))),
        ("f and late then allow a unless g", And((F, LATE, Not(Compare("g", "=", True))))),
        ("never a unless f", Not(F)),
        ("suspend a from 2015-09-22 unless f", Not(F)),
        ("allow a when f unless g", And((F, Not(Compare("g", "=", True))))),
        ("always then allow a unless f", Not(F)),
        ("never a", Always()),
    ],
)
def test_unless(clauses: str, condition: Condition) -> None:
    assert typed(WORDS + clauses).rules[0].condition == condition


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
