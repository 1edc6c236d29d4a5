"""Reads a column of a table as a fact in SQL: its exact value, or that it has none that the fact may have.

A value is read by its text, as `decide` reads it. A decimal, a float or a time whose digits are those of a value on the
grid is cast to an exact type; nothing is rounded. Types whose texts are ambiguous, such as 32-bit floats and texts of a
fixed width, are not read: every value in a column of a type that is not listed here is invalid.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from sqlglot import exp

from forbear.kernel.cases import MAXIMUM_DIGITS, decimal_text
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import Storage
from forbear.targets.sql.names import all_of, any_of, literal_text, negated, two_valued

_TYPES: Mapping[str, Mapping[Storage, str]] = {
    "duckdb": {
        Storage.NUMBER: "U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL[(].*|DOUBLE",
        Storage.TEXT: "VARCHAR|ENUM[(].*",
        Storage.FLAG: "BOOLEAN",
        Storage.DATE: "DATE",
        Storage.TIME: "TIME(_NS)?",
    },
    "postgres": {
        Storage.NUMBER: "smallint|integer|bigint|numeric|double precision",
        Storage.TEXT: "text|character varying",
        Storage.FLAG: "boolean",
        Storage.DATE: "date",
        Storage.TIME: "time without time zone",
    },
    "spark": {
        Storage.NUMBER: "tinyint|smallint|int|bigint|decimal[(].*|double",
        Storage.TEXT: "string",
        Storage.FLAG: "boolean",
        Storage.DATE: "date",
        Storage.TIME: "string|time[(].*",
    },
}
"""The types of columns that are read, as patterns of their names in each dialect."""
_TIME_OF_DAY = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_TEXT_TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
_DIGITS_OF_TINY = 33
"""The decimals within which a float below 0.001 has its last digit, if it can be on a grid at all."""


def text_times(dialect: str) -> bool:
    """Returns true if a time of day is a text, because not all versions of the dialect have a type for it."""
    return dialect == "spark"


def read(fact: Fact, column: exp.Expression, dialect: str) -> exp.Expression:
    """The exact value of a fact in a column, the text "none" included; null where it is null or invalid."""
    match fact.kind.storage:
        case Storage.FLAG:
            return _where([_is_of_type(column, Storage.FLAG, dialect)], _as(column, exp.DataType.build("boolean")))
        case Storage.DATE:
            return _where([_is_of_type(column, Storage.DATE, dialect)], _as(column, exp.DataType.build("date")))
        case Storage.TIME:
            return _read_time(fact, column, dialect)
        case Storage.NAME | Storage.TEXT:
            return _where([_is_of_type(column, Storage.TEXT, dialect)], _collated(column, dialect))
        case _:
            return _read_number(fact, column, dialect)


def known(fact: Fact, value: exp.Expression, dialect: str) -> exp.Expression:
    """The value that was read, with null in place of the text "none"."""
    storage = fact.kind.storage
    texts = storage in (Storage.NAME, Storage.TEXT) or (storage is Storage.TIME and text_times(dialect))
    return exp.Nullif(this=value, expression=exp.Literal.string("none")) if texts and fact.or_none else value


def invalid(fact: Fact, column: exp.Expression, value: exp.Expression, dialect: str) -> exp.Expression:
    """Returns whether a row's value is invalid for the fact. `value` is the result of reading `column`. Never null."""
    known_value = known(fact, value, dialect)
    wrong: list[exp.Expression] = []
    if fact.kind.named:
        names = [literal_text(name, dialect) for name in fact.names]
        wrong.append(negated(exp.In(this=known_value.copy(), expressions=names)))
    elif fact.ordered and not (fact.kind.storage is Storage.TIME and (fact.low, fact.high) == fact.kind.limits):
        wrong += [
            beyond(this=known_value.copy(), expression=literal(fact, end, dialect))
            for beyond, end in ((exp.LT, fact.low), (exp.GT, fact.high))
            if not fact.kind.numeric or abs(end * fact.step) < 10**MAXIMUM_DIGITS
        ]
    if fact.kind.numeric and (fact.step * 10 ** decimals_of(fact)).numerator != 1:
        step = exp.cast(_number(fact.step), _exact(fact))
        wrong.append(exp.NEQ(this=exp.Mod(this=known_value.copy(), expression=step), expression=exp.Literal.number(0)))
    unread: exp.Expression = exp.Is(this=value.copy(), expression=exp.null())
    if fact.optional or fact.or_none:
        unread = all_of([negated(exp.Is(this=column, expression=exp.null())), unread])
    return any_of([unread, *(two_valued(condition, False) for condition in wrong)])


def literal(fact: Fact, value: Grid, dialect: str) -> exp.Expression:
    """A value of a fact as a literal, to compare with what was read."""
    if isinstance(value, str):
        return literal_text(value, dialect)
    if fact.kind.named:
        return literal_text(fact.names[value], dialect)
    if fact.kind.storage is Storage.DATE:
        return exp.cast(exp.Literal.string(date.fromordinal(value).isoformat()), "date")
    if fact.kind.storage is Storage.TIME:
        text = exp.Literal.string(f"{value // 3600:02}:{value // 60 % 60:02}:{value % 60:02}")
        return text if text_times(dialect) else exp.cast(text, "time")
    return _number(value * fact.step)


def _number(number: Fraction) -> exp.Expression:
    plain = exp.Literal.number(decimal_text(abs(number)))
    return exp.Neg(this=plain) if number < 0 else plain


# By kind


def _read_time(fact: Fact, column: exp.Expression, dialect: str) -> exp.Expression:
    text = _text(column)
    of_type = _is_of_type(column, Storage.TIME, dialect)
    first = exp.Literal.number(8)
    if not text_times(dialect):
        value = exp.TryCast(this=exp.Left(this=text, expression=first), to=exp.DataType.build("time"), safe=True)
        return _where([of_type, _fits(text, _TIME_OF_DAY)], value)
    whole = exp.Left(this=exp.Concat(expressions=[text, exp.Literal.string(":00")]), expression=first)
    # A pattern that ends with `$` also matches a text with one more line end, so lengths are checked.
    lengths = exp.In(this=exp.Length(this=text.copy()), expressions=[exp.Literal.number(5), first.copy()])
    reading = _where([of_type, lengths, _fits(text, _TEXT_TIME)], whole)
    if fact.or_none:
        none = exp.Literal.string("none")
        reading = reading.when(all_of([of_type, exp.EQ(this=text.copy(), expression=none)]), none.copy())
    return reading


def _read_number(fact: Fact, column: exp.Expression, dialect: str) -> exp.Expression:
    value = exp.TryCast(this=_text(column), to=_exact(fact), safe=True)
    return _where([_is_of_type(column, Storage.NUMBER, dialect), _has_few_digits(fact, column, dialect)], value)


def _has_few_digits(fact: Fact, column: exp.Expression, dialect: str) -> exp.Expression:
    """Returns whether a number has no more digits than the type of the fact's values."""
    text, decimals = _text(column), decimals_of(fact)
    least = 0 if dialect == "duckdb" else 1  # DuckDB shows a decimal without an integer part as .5000
    places = f"[0-9]{{0,{decimals}}}0*" if decimals else "0*"
    pattern = f"-?[0-9]{{{least},{MAXIMUM_DIGITS}}}([.]{places})?"
    cases = exp.Case()
    if dialect == "spark":  # Spark may show a 0 with many decimals with an exponent
        cases = cases.when(exp.Like(this=text, expression=exp.Literal.string("0E-%")), exp.true())
    # Floats below 0.0001 are shown with an exponent; in Spark those below 0.001, and from 10,000,000 on.
    if decimals > (3 if dialect == "spark" else 4):
        tiny = exp.Like(this=text.copy(), expression=exp.Literal.string("%E-%" if dialect == "spark" else "%e-%"))
        number = _of_tiny(text, dialect)
        unit = exp.cast(exp.Literal.string(decimal_text(Fraction(1, 10**decimals))), number.args["to"])
        rest = exp.Mod(this=number, expression=unit)
        zero = exp.Literal.number(0)
        on_grid: list[exp.Expression] = [
            exp.NEQ(this=number.copy(), expression=zero),
            exp.EQ(this=rest, expression=zero.copy()),
        ]
        cases = cases.when(all_of([_is_of_type(column, Storage.NUMBER, dialect), tiny]), all_of(on_grid))
    if dialect == "spark":
        large = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string("E[0-9]"))
        written_out = exp.TryCast(this=text.copy(), to=exp.DataType.build("decimal(38, 20)"), safe=True)
        cases = cases.when(large, _fits(_text(written_out), pattern))
    plain = _fits(text, pattern)
    return cases.else_(plain) if cases.args.get("ifs") else plain


def _of_tiny(text: exp.Expression, dialect: str) -> exp.Expression:
    """The exact value of a number below 1 that is shown with an exponent; 0 where it has too many digits."""
    if dialect == "postgres":
        return exp.cast(text.copy(), "numeric", dialect=dialect)
    return exp.TryCast(this=text.copy(), to=exp.DataType.build(f"decimal(38, {_DIGITS_OF_TINY})"), safe=True)


def _exact(fact: Fact) -> exp.DataType:
    """The type of a fact's values: the most digits of a number before the point, and the decimals of its step."""
    decimals = decimals_of(fact)
    return exp.DataType.build(f"decimal({MAXIMUM_DIGITS + decimals}, {decimals})")


def decimals_of(fact: Fact) -> int:
    """Returns the number of decimals of a numeric fact."""
    return len(decimal_text(fact.step).partition(".")[2])


# Parts


def _where(conditions: list[exp.Expression], value: exp.Expression) -> exp.Case:
    """A value where all conditions hold, and null elsewhere."""
    return exp.Case().when(all_of(conditions), value)


def _is_of_type(column: exp.Expression, storage: Storage, dialect: str) -> exp.Expression:
    name = exp.Anonymous(this="PG_TYPEOF" if dialect == "postgres" else "TYPEOF", expressions=[column.copy()])
    return _fits(_text(name) if dialect == "postgres" else name, _TYPES[dialect][storage])


def _fits(text: exp.Expression, pattern: str) -> exp.Expression:
    return exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(f"^({pattern})$"))


def _text(value: exp.Expression) -> exp.Expression:
    return exp.cast(value.copy(), "text")


def _as(column: exp.Expression, kind: exp.DataType) -> exp.Expression:
    return exp.TryCast(this=column.copy(), to=kind, safe=True)


def _collated(column: exp.Expression, dialect: str) -> exp.Expression:
    """A text that is compared by its characters, whatever the collation of its column."""
    if dialect == "spark":  # it has the collation in the name of the type
        return column.copy()
    return exp.Collate(this=_text(column), expression=exp.to_identifier("C", quoted=True))
