"""A comparison of two facts in SQL, in whole numbers: no dialect rounds their products."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from attrs import evolve
from sqlglot import exp

from forbear.kernel.cases import MAXIMUM_DIGITS
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.relations import Related, scaled
from forbear.targets.sql.columns import decimals_of
from forbear.targets.sql.names import NoStatement
from forbear.targets.sql.parts import OPERATORS, two_valued

_MOST_DIGITS = 37
"""The digits of a number, less one for a sum of two, that every dialect has a type for."""

_WIDE = 19
"""From so many digits on, DuckDB multiplies in 128 bits; a product of fewer overflows 64."""


def related(
    atom: Related, facts: Mapping[str, Fact], value_of: Callable[[Fact], exp.Expression], dialect: str
) -> exp.Expression:
    """The comparison as an expression; null where it is unknown. Raises `NoStatement` where no type is wide enough."""
    left, right = (facts[name] for name in atom.facts)
    left_value, right_value = value_of(left), value_of(right)
    storage = left.kind.storage
    known: exp.Expression
    if storage is Storage.DATE:
        days = int(atom.right.offset - atom.left.offset)
        known = OPERATORS[atom.operator](this=_days_between(right_value, left_value, dialect), expression=_whole(days))
    elif storage is Storage.TIME:
        known = OPERATORS[atom.operator](this=left_value, expression=right_value)
    else:
        units = {fact.name: evolve(fact, step=Fraction(1, 10 ** decimals_of(fact))) for fact in (left, right)}
        factor_left, factor_right, constant = scaled(atom.left, atom.right, units)
        sides = [_times(factor_left, left, left_value, dialect), _times(factor_right, right, right_value, dialect)]
        if constant:
            sides[1] = exp.Add(this=sides[1], expression=_exact(constant, dialect))
        known = OPERATORS[atom.operator](this=sides[0], expression=sides[1])
    if left.or_none or right.or_none:
        known = two_valued(known, atom.operator == "!=")
        for fact in (left, right):
            if fact.optional:  # unknown goes before none
                unknown = exp.Is(this=value_of(fact), expression=exp.null())
                known = exp.Case().when(unknown, exp.null()).else_(known)
    return known


def _days_between(since: exp.Expression, day: exp.Expression, dialect: str) -> exp.Expression:
    if dialect in ("duckdb", "postgres"):
        return exp.paren(exp.Sub(this=day, expression=since))
    return exp.DateDiff(this=day, expression=since, unit=exp.var("DAY"))


def _times(factor: int, fact: Fact, value: exp.Expression, dialect: str) -> exp.Expression:
    """A factor of the digits of a value, which are a whole number."""
    places = decimals_of(fact)
    if MAXIMUM_DIGITS + places + len(str(abs(factor))) > _MOST_DIGITS:
        raise NoStatement(
            f"`{fact.name}` is compared with another fact to more than {_MOST_DIGITS} digits: declare larger steps, or"
            " compare with a percentage of fewer digits"
        )
    if places:
        wide = exp.cast(value, _type(MAXIMUM_DIGITS + places, dialect, places))
        value = exp.Mul(this=wide, expression=_exact(10**places, dialect))
    digits = exp.cast(value, _type(MAXIMUM_DIGITS + places, dialect))
    return digits if factor == 1 else exp.Mul(this=digits, expression=_exact(factor, dialect))


def _exact(number: int, dialect: str) -> exp.Expression:
    """A whole number as an exact decimal, which no product or sum makes a float."""
    return exp.cast(exp.Literal.string(str(number)), _type(len(str(abs(number))), dialect))


def _type(digits: int, dialect: str, places: int = 0) -> exp.DataType:
    if dialect == "bigquery":
        return exp.DataType.build("bignumeric", dialect=dialect)
    return exp.DataType.build(f"decimal({max(digits, _WIDE)}, {places})")


def _whole(number: int) -> exp.Expression:
    plain = exp.Literal.number(str(abs(number)))
    return exp.Neg(this=plain) if number < 0 else plain
