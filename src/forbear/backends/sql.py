"""A policy as one SELECT, for a warehouse that its data never leaves: all columns, and a verdict column an action; if
asked for, the deciding rules too.

A column is the fact of its name. A null is unknown for an optional fact, and none for one that may be none, as is the
text "none" where the column is of texts. SQL's three values are Kleene's, so a condition is written as it stands, and
what is unknown at its end is taken as a rule takes it. A row in which a needed fact is null, or a value out of its
range, off its grid or no name of its enumeration, has the verdict `undecided` on every action, and true in the column
`undecided`. A table that has a column of one of these names itself, from an earlier answer say, is refused by the
warehouse: nobody could tell which of the two a verdict is. It looks at the facts that rules read. That days, flags,
dates and times in whole seconds have columns of their type is the warehouse's to keep; where there is no time of day, a
text that is none is a fault.

Dates of rules are those of one day, for which the statement is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import reduce
from typing import Any, assert_never

from attrs import frozen
from sqlglot import exp

from forbear import kernel
from forbear.kernel import decimal_text
from forbear.policy.conditions import Always, And, Between, Compare, Condition, IsKnown, IsNone, Not, OneOf, Or
from forbear.policy.decided import holds_for_none
from forbear.policy.meaning import overriders
from forbear.policy.typed import Effect, TypedPolicy, facts_read
from forbear.predicates.specs import rule_specs
from forbear.vocabulary.facts import DEFAULT_RANGE, NUMERIC, Fact, Grid, Kind

_WIDEST = 20_000
"""Parts of a statement, more than which are refused: rules that override each other in a chain are written out."""
_TABLE = re.compile(r"[A-Za-z_][\w$-]*(\.[A-Za-z_][\w$-]*){0,2}")
_OF_TYPE = {kind: DEFAULT_RANGE[kind] for kind in (Kind.DATE, Kind.TIME)}
"""The values that a type of SQL has anyway."""
_OPERATORS: dict[str, Any] = {
    "<": exp.LT,
    "<=": exp.LTE,
    "=": exp.EQ,
    "!=": exp.NEQ,
    ">=": exp.GTE,
    ">": exp.GT,
}
_TEXT_TIMES = ("spark",)
"""The dialects that have no time of day: a column has texts such as 08:00 or 08:00:30."""
_TEXT_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


class NoStatement(Exception):
    """A policy of which there is no statement; the message says why."""


def select_statement(
    policy: TypedPolicy, dialect: str, day: int | None, table: str = "cases", *, why: bool = False
) -> str:
    """The statement, in a dialect, for a day on which the policy is in force. With `why` there is a column of the
    deciding rules of each action too. Raises `NoStatement`."""
    return _Statement(policy, dialect, day).select(table, why).sql(dialect=dialect, pretty=True) + ";\n"


@frozen(eq=False)
class _Branch:
    """A verdict, the rules that give it by their names, each with where it stands, and whether they do where that is
    unknown."""

    said: str
    unknown: bool
    rules: Mapping[str, exp.Expression]

    @property
    def holds(self) -> exp.Expression:
        return _settled(_any_of([stands.copy() for stands in self.rules.values()]), self.unknown)


class _Statement:
    """What the parts of a statement have in common."""

    def __init__(self, policy: TypedPolicy, dialect: str, day: int | None) -> None:
        self._policy = policy
        self._dialect = dialect
        self._in_force = kernel.in_force(rule_specs(policy), day)
        self._parts = 0

    def select(self, table: str, why: bool) -> exp.Select:
        if not _TABLE.fullmatch(table):
            raise NoStatement(f"{table!r} is no name of a table")
        read, actions = facts_read(self._policy), list(self._policy.actions)
        if both := [name for name in read if name in actions]:
            raise NoStatement(f"`{both[0]}` is a fact and an action, of which no answer can have both as columns")
        rules = {f"{action}_rules": action for action in actions} if why else {}
        if both := [name for name in rules if name in actions or name in read]:
            raise NoStatement(f"`{both[0]}` would be two columns: the rules of `{rules[both[0]]}` have that name too")
        name, db, catalog = (*reversed(table.split(".")), None, None)[:3]
        cases, checked, verdicts, undecided = map(self._free, ("cases", "checked", "verdicts", "undecided"))
        judged = [self._fault(self._policy.facts[name]) for name in read]
        faults = _any_of([fault for fault in judged if fault is not None])
        said: dict[str, exp.Expression] = {}
        for action in actions:
            branches = self._branches(action)
            said[action] = self._verdict(branches, self._plain(undecided))
            if why:
                said[f"{action}_rules"] = self._deciding(branches, self._plain(undecided))
        # No name of these is qualified: one that the table has too is ambiguous, so the warehouse refuses to decide.
        answer = [self._plain(name) for name in (undecided, *said)]
        return (
            exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(cases)), *answer)
            .from_(exp.table_(name, db=db, catalog=catalog, alias=cases))
            .join(self._beside(checked, {undecided: faults}), join_type="cross")
            .join(self._beside(verdicts, said), join_type="cross")
        )

    def _free(self, name: str) -> str:
        """A name that is no fact's and no action's."""
        while name in self._policy.facts or name in self._policy.actions:
            name += "_"
        return name

    def _beside(self, name: str, columns: Mapping[str, exp.Expression]) -> exp.Expression:
        """A table that has one row of these columns for each row before it."""
        values = [exp.alias_(value, self._name(column)) for column, value in columns.items()]
        alias = exp.to_identifier(name)
        if self._dialect == "bigquery":  # which has no LATERAL
            rows = exp.Array(expressions=[exp.Struct(expressions=values)])
            return exp.Unnest(expressions=[rows], alias=exp.TableAlias(columns=[alias]))
        return exp.Lateral(this=exp.select(*values).subquery(), alias=exp.TableAlias(this=alias))

    # Verdicts

    def _branches(self, action: str) -> list[_Branch]:
        """The verdicts on an action that need a rule, the first one that holds before the others."""
        stronger = overriders(self._policy, action)
        found = []
        for said, effect, unknown in (
            ("forbidden", Effect.NEVER, True),
            ("forbidden", Effect.FORBID, True),
            ("required", Effect.REQUIRE, False),
            ("allowed", Effect.ALLOW, False),
        ):
            stand = {
                rule.name: self._stands(number, action, stronger)
                for number, rule in enumerate(self._policy.rules)
                if rule.effects.get(action) is effect and self._in_force >> number & 1
            }
            if stand:
                found.append(_Branch(said, unknown, stand))
        return found

    def _verdict(self, branches: Iterable[_Branch], undecided: exp.Expression) -> exp.Expression:
        found = exp.Case().when(undecided, exp.Literal.string("undecided"))
        for branch in branches:
            found = found.when(branch.holds, exp.Literal.string(branch.said))
        return found.else_(exp.Literal.string("unsaid"))

    def _deciding(self, branches: Sequence[_Branch], undecided: exp.Expression) -> exp.Expression:
        """The names of the deciding rules, in file order."""
        none: exp.Expression = exp.Array(expressions=[])
        if self._dialect != "snowflake":  # where arrays have no types
            none = exp.cast(none, "array<text>")
        if not branches:
            return none
        found = exp.Case().when(undecided, none)
        for branch in branches:
            names = [
                exp.Case().when(_settled(stands.copy(), branch.unknown), exp.Literal.string(name))
                for name, stands in branch.rules.items()
            ]
            found = found.when(branch.holds, self._without_nulls(exp.Array(expressions=names)))
        return found.else_(none.copy())

    def _without_nulls(self, array: exp.Expression) -> exp.Expression:
        match self._dialect:
            case "postgres":
                return exp.Anonymous(this="ARRAY_REMOVE", expressions=[array, exp.null()])
            case "bigquery":
                one = exp.to_identifier("one")
                some = exp.Unnest(expressions=[array], alias=exp.TableAlias(columns=[one]))
                there = exp.Not(this=exp.Is(this=exp.column("one"), expression=exp.null()))
                return exp.Array(expressions=[exp.select(exp.column("one")).from_(some).where(there)])
            case "spark" | "snowflake":
                return exp.Anonymous(this="ARRAY_COMPACT", expressions=[array])
            case _:
                there = exp.Not(this=exp.Is(this=exp.column("one"), expression=exp.null()))
                known = exp.Lambda(this=there, expressions=[exp.to_identifier("one")])
                return exp.Anonymous(this="LIST_FILTER", expressions=[array, known])

    def _stands(self, number: int, action: str, stronger: Mapping[int, Sequence[int]]) -> exp.Expression:
        """Whether a rule stands for an action: in SQL's three values, which are Kleene's."""
        condition = self._where(self._policy.rules[number].condition)
        overriding = [
            self._stands(other, action, stronger) for other in stronger.get(number, ()) if self._in_force >> other & 1
        ]
        return _all_of([condition, exp.Not(this=exp.paren(_any_of(overriding)))]) if overriding else condition

    # Conditions

    def _where(self, condition: Condition) -> exp.Expression:
        self._parts += 1
        if self._parts > _WIDEST:
            raise NoStatement(f"the rules, with those that override each, come to more than {_WIDEST:,} comparisons")
        match condition:
            case Always():
                return exp.true()
            case Not(part):
                return exp.Not(this=exp.paren(self._where(part)))
            case And(parts):
                return _all_of([self._where(part) for part in parts])
            case Or(parts):
                return _any_of([self._where(part) for part in parts])
            case IsKnown(fact, negated):
                return self._is_null(fact, negated)
            case IsNone(fact, negated):
                return self._is_null(fact, not negated)
            case Compare() | Between() | OneOf() as atom:
                its = self._policy.facts[atom.fact]
                plain = self._comparison(atom, its)
                return _settled(plain, holds_for_none(atom)) if its.or_none else plain
            case never:
                assert_never(never)

    def _is_null(self, fact: str, yes: bool) -> exp.Expression:
        null = exp.Is(this=self._column(fact), expression=exp.null())
        return null if yes else exp.Not(this=null)

    def _comparison(self, atom: Compare | Between | OneOf, fact: Fact) -> exp.Expression:
        """An atom of a value that is there."""
        column = self._column(fact.name)
        match atom:
            case Compare(operator=operator, value=value):
                if fact.kind is Kind.FLAG:
                    return column if (value is True) == (operator == "=") else exp.Not(this=column)
                if fact.kind is Kind.ORDER and operator not in ("=", "!="):
                    assert isinstance(value, int)
                    low, high = {
                        "<": (0, value - 1),
                        "<=": (0, value),
                        ">=": (value, fact.high),
                        ">": (value + 1, fact.high),
                    }[operator]
                    return self._among(fact, range(low, high + 1))
                compared: exp.Expression = _OPERATORS[operator](this=column, expression=self._literal(fact, value))
                return compared
            case OneOf(values=values, negated=negated):
                among = self._among(fact, values)
                return exp.Not(this=exp.paren(among)) if negated else among
            case Between(low=low, high=high, negated=negated):
                if fact.kind is Kind.ORDER:
                    within = self._among(fact, range(low, high + 1))
                else:
                    above = exp.GTE(this=column, expression=self._literal(fact, low))
                    below = exp.LTE(this=column.copy(), expression=self._literal(fact, high))
                    within = _all_of([above, below]) if low <= high else _any_of([above, below])
                return exp.Not(this=exp.paren(within)) if negated else within
            case never:
                assert_never(never)

    def _among(self, fact: Fact, values: Iterable[Grid]) -> exp.Expression:
        """Whether a value is one of some; unknown where there is none, even of no values."""
        column = self._column(fact.name)
        if fact.kind is Kind.FLAG:
            return _any_of([column.copy() if value else exp.Not(this=column.copy()) for value in values])
        literals = [self._literal(fact, value) for value in values]
        if not literals:
            return exp.NEQ(this=column, expression=column.copy())
        return exp.In(this=column, expressions=literals)

    # Rows with a fault

    def _fault(self, fact: Fact) -> exp.Expression | None:
        """Whether a row has no value that the fact may have; None where its type alone says so."""
        column = self._column(fact.name)
        wrong: list[exp.Expression] = []
        if fact.kind in (Kind.CHOICE, Kind.ORDER):
            names = [exp.Literal.string(name) for name in fact.names]
            wrong.append(exp.Not(this=exp.In(this=column, expressions=names)))
        elif fact.ordered and (fact.low, fact.high) != _OF_TYPE.get(fact.kind):
            wrong.append(exp.LT(this=column, expression=self._literal(fact, fact.low)))
            wrong.append(exp.GT(this=column.copy(), expression=self._literal(fact, fact.high)))
        if fact.kind in NUMERIC:
            wrong.append(self._off_grid(fact.step, column.copy()))
        if self._is_text_time(fact):
            wrong.append(
                exp.Not(this=exp.RegexpLike(this=self._given(fact), expression=exp.Literal.string(_TEXT_TIME)))
            )
        null = self._is_null(fact.name, True)
        if not fact.optional and not fact.or_none:
            return _any_of([null, *wrong])
        return _settled(_any_of(wrong), False) if wrong else None

    def _off_grid(self, step: Fraction, column: exp.Expression) -> exp.Expression:
        exact = column.copy()
        if self._dialect == "postgres":  # which rounds exact numbers alone
            exact = exp.cast(exact, exp.DataType.build("numeric", dialect="postgres"))
        decimals = len(decimal_text(step).partition(".")[2])
        rounded = exp.Round(this=exact, decimals=exp.Literal.number(decimals))
        finer: exp.Expression = exp.NEQ(this=column, expression=rounded)
        if self._dialect == "spark":  # which forgets digits where it compares decimals of several scales
            all_digits = exp.TryCast(this=column.copy(), to=exp.DataType.build("decimal(38, 22)"), safe=True)
            rest = exp.Mod(this=all_digits, expression=exp.Literal.number(decimal_text(step)))
            return _any_of([finer, exp.NEQ(this=rest, expression=exp.Literal.number(0))])
        units = step * 10**decimals  # a step is so many units of the last decimal
        if units == 1:
            return finer
        scaled = (
            exp.Mul(this=rounded.copy(), expression=exp.Literal.number(10**decimals)) if decimals else rounded.copy()
        )
        whole = exp.Round(this=scaled, decimals=exp.Literal.number(0))
        rest = exp.Mod(this=exp.paren(whole), expression=exp.Literal.number(units.numerator))
        return _any_of([finer, exp.NEQ(this=rest, expression=exp.Literal.number(0))])

    # Names and literals

    def _plain(self, name: str) -> exp.Column:
        return exp.column(self._name(name))

    def _name(self, name: str) -> exp.Identifier:
        """A name, quoted but where quotes would say that its letters are small."""
        return exp.to_identifier(name, quoted=self._dialect != "snowflake")

    def _given(self, fact: Fact) -> exp.Expression:
        """A fact's column, with null where a text says none."""
        column = exp.column(self._name(fact.name))
        text = fact.kind in (Kind.CHOICE, Kind.ORDER, Kind.TEXT) or self._is_text_time(fact)
        return exp.Nullif(this=column, expression=exp.Literal.string("none")) if text and fact.or_none else column

    def _is_text_time(self, fact: Fact) -> bool:
        return fact.kind is Kind.TIME and self._dialect in _TEXT_TIMES

    def _column(self, name: str) -> exp.Expression:
        """A fact's column, as it is compared."""
        fact = self._policy.facts[name]
        column = self._given(fact)
        if self._is_text_time(fact):  # with the seconds that it may lack
            whole = exp.Concat(expressions=[column, exp.Literal.string(":00")])
            return exp.Left(this=whole, expression=exp.Literal.number(8))
        # Some have times of several precisions, and do not compare them.
        return exp.cast(column, "time") if fact.kind is Kind.TIME else column

    def _literal(self, fact: Fact, value: Grid) -> exp.Expression:
        if isinstance(value, str):
            return exp.Literal.string(value)
        if fact.kind is Kind.ORDER:
            return exp.Literal.string(fact.names[value])
        if fact.kind is Kind.DATE:
            return exp.cast(exp.Literal.string(date.fromordinal(value).isoformat()), "date")
        if fact.kind is Kind.TIME:
            text = exp.Literal.string(f"{value // 3600:02}:{value // 60 % 60:02}:{value % 60:02}")
            return text if self._is_text_time(fact) else exp.cast(text, "time")
        number = exp.Literal.number(decimal_text(abs(value) * fact.step))
        return exp.Neg(this=number) if value < 0 else number


def _any_of(parts: Sequence[exp.Expression]) -> exp.Expression:
    return reduce(lambda one, other: exp.Or(this=one, expression=other), map(_wrapped, parts)) if parts else exp.false()


def _all_of(parts: Sequence[exp.Expression]) -> exp.Expression:
    return reduce(lambda one, other: exp.And(this=one, expression=other), map(_wrapped, parts))


def _wrapped(part: exp.Expression) -> exp.Expression:
    return exp.paren(part) if isinstance(part, (exp.And, exp.Or)) else part


def _settled(truth: exp.Expression, unknown: bool) -> exp.Expression:
    """Where something is true, or is unknown if that counts."""
    return exp.Coalesce(this=truth, expressions=[exp.true() if unknown else exp.false()])
