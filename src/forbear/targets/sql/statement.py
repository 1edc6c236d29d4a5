"""Writes a policy as one SELECT, so that the data need not leave the warehouse.

The answer has all columns of the table, the column `undecided`, and a column of verdicts for each action; on request
also the deciding rules. The statement reads the columns of the facts that rules read. A null is unknown for an optional
fact, and none for a fact that may be none, as is the text "none" in a column of texts.

The statement first reads each column exactly, then finds the rows that can be decided, then decides them. A row that
`decide` would reject has the verdict `undecided` on every action, and true in the column `undecided`. So has every row
if a column has a type that is not read. If the table itself has a column with a name of the answer, for example from an
earlier run, the warehouse rejects the statement as ambiguous.

The statement of a policy with dates is for one day: it has the rules that are in force on it, and the column
`decided_for` with that day. A comment at its head names the policy, its version and digest, the day, and the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import reduce
from textwrap import wrap
from typing import assert_never

from attrs import evolve, frozen
from sqlglot import exp

from forbear.base.characters import printable
from forbear.kernel import cases as kernel
from forbear.kernel.cases import MAXIMUM_DIGITS, PERMITTED
from forbear.language.model.comparisons import Between, Compare, Comparison, OneOf, holds_for_none, ranges
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, atoms, by_places
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.relations import Related, scaled
from forbear.language.model.values import quoted
from forbear.semantics.composition.duties import Dutiful, with_duties
from forbear.semantics.lowered.actions import ActionTable, action_tables
from forbear.semantics.to_text import digest
from forbear.space.boundaries import all_starts
from forbear.space.predicates.specs import rule_specs
from forbear.targets import NotWritten
from forbear.targets.sql import columns as sql_columns
from forbear.targets.sql.columns import decimals_of, literal
from forbear.targets.sql.names import OPERATORS, all_of, any_of, identifier, table_named, two_valued
from forbear.version import __version__

_WIDTH = 100
_WIDEST = 20_000
"""The most comparisons of a statement. Rules that override each other in a chain are written out."""


def select_statement(
    policy: TypedPolicy, dialect: str, day: int | None, table: str = "cases", *, why: bool = False
) -> str:
    """The statement in a dialect: "duckdb", "postgres" or "spark".

    `day` is an ordinal, on which the policy is in force; None where it names no dates. With `why` the answer has a
    column `ACTION_rules` of the deciding rules for each action. Raises `NotWritten`.
    """
    dutiful = with_duties(policy)
    statement = _Statement(dutiful, dialect, day).select(table, why)
    columns = {name: identifier(name, dialect).sql(dialect) for name in facts_read(dutiful.policy)}
    return _heading(policy, day, columns) + statement.sql(dialect, pretty=True) + ";\n"


def _heading(policy: TypedPolicy, day: int | None, columns: Mapping[str, str]) -> str:
    """Returns the facts that a reader of the statement has to know; `columns` has the column of each fact that is
    read.
    """
    version = f", version {quoted(policy.version)}" if policy.version else ""
    lines = [f"Policy `{policy.name}`{version}", f"Digest: {digest(policy)}"]
    if day is not None and all_starts(policy):
        lines.append(f"Decides for {date.fromordinal(day).isoformat()}: compile it again for another day")
    lines += wrap(f"Reads the columns {', '.join(columns.values())}", _WIDTH) if columns else []
    if derived := [column for name, column in columns.items() if name in policy.derived]:
        how = "`Policy.derive(case, at, columns=True)` gives them"
        lines += wrap(f"Of these it derives none, so the table holds them: {', '.join(derived)}. {how}", _WIDTH)
    lines.append(f"Compiled by Forbear {__version__}; do not edit")
    return "".join(f"-- {printable(line)}\n" for line in lines)


@frozen(eq=False)
class _Branch:
    """A verdict and the rules that give it."""

    verdict: str
    unknown: bool
    """Whether a rule gives the verdict if it is unknown whether the rule is active."""
    rules: Mapping[str, exp.Expression]
    """By name, whether the rule is active; null if that is unknown."""

    @property
    def holds(self) -> exp.Expression:
        return two_valued(any_of([active.copy() for active in self.rules.values()]), self.unknown)


class _Statement:
    """Builds a statement."""

    def __init__(self, dutiful: Dutiful, dialect: str, day: int | None) -> None:
        policy = self._policy = dutiful.policy
        self._companions = dutiful.companions
        self._dialect = dialect
        self._day = day if all_starts(policy) else None
        self._tables = action_tables(policy.actions, policy.rules)
        self._in_force = kernel.in_force(rule_specs(policy), day)
        # DuckDB and Spark read `cases.x` as the field `x` of a column `cases` where the table has no column `x`: no
        # column of a table should have this name.
        self._cases = self._free("forbear_cases")
        self._facts, self._undecided = self._free("facts"), self._free("undecided")
        self._conditions = Conditions(policy.facts, self._value_of, dialect)
        self._written = 0

    def select(self, table: str, why: bool) -> exp.Select:
        pairs = {pair for of_action in self._companions.values() for _, pair in of_action}
        read, actions = facts_read(self._policy), [name for name in self._policy.actions if name not in pairs]
        if both := [name for name in read if name in actions]:
            raise NotWritten(f"`{both[0]}` is a fact and an action, of which no answer can have both as columns")
        rules = {f"{action}_rules": f"the rules of `{action}` have" for action in actions} if why else {}
        rules |= {f"{action}_along": f"what must accompany `{action}` has" for action in self._companions}
        if both := [name for name in rules if name in actions or name in read]:
            raise NotWritten(f"`{both[0]}` would be two columns: {rules[both[0]]} that name too")
        facts = [self._policy.facts[name] for name in read]
        exact = {fact.name: sql_columns.read(fact, self._given(fact.name), self._dialect) for fact in facts}
        invalid = any_of([self._invalid(fact) for fact in facts])
        verdicts: dict[str, exp.Expression] = {}
        for action in actions:
            branches = self._branches(action)
            verdicts[action] = self._verdict(branches, self._plain(self._undecided))
            if why:
                verdicts[f"{action}_rules"] = self._deciding(branches, self._plain(self._undecided))
            if action in self._companions:
                verdicts[f"{action}_along"] = self._along(action, branches, self._plain(self._undecided))
        # These names are not qualified: one that the table has too is ambiguous, so the warehouse rejects it.
        answer: list[exp.Expression] = [self._plain(name) for name in (self._undecided, *verdicts)]
        if self._day is not None:
            day = exp.cast(exp.Literal.string(date.fromordinal(self._day).isoformat()), "date")
            answer.append(exp.Alias(this=day, alias=self._name(self._free("decided_for"))))
        # A subquery hides pseudo-columns of the table, such as row numbers in DuckDB.
        rows = exp.select("*").from_(table_named(table, self._dialect)).subquery(self._name(self._cases))
        query = exp.select(exp.Column(this=exp.Star(), table=self._name(self._cases)), *answer).from_(rows)
        if exact:
            query = query.join(self._lateral(self._facts, exact), join_type="cross")
        query = query.join(self._lateral(self._free("checked"), {self._undecided: invalid}), join_type="cross")
        return query.join(self._lateral(self._free("verdicts"), verdicts), join_type="cross")

    def _free(self, name: str) -> str:
        """A name that no fact and no action has."""
        while name in self._policy.facts or name in self._policy.actions:
            name += "_"
        return name

    def _lateral(self, name: str, columns: Mapping[str, exp.Expression]) -> exp.Expression:
        """A lateral table: one row of these columns for each row of the tables before it."""
        values = [exp.alias_(value, self._name(column)) for column, value in columns.items()]
        rows = exp.select(*values)
        if self._dialect == "postgres":  # else it writes each column out wherever it is used, to be computed there anew
            rows = rows.offset(0)
        return exp.Lateral(this=rows.subquery(), alias=exp.TableAlias(this=self._name(name)))

    def _invalid(self, fact: Fact) -> exp.Expression:
        column = exp.Column(this=self._name(fact.name), table=self._name(self._cases))
        return sql_columns.invalid(fact, column, self._read(fact.name), self._dialect)

    # Verdicts

    def _branches(self, action: str) -> list[_Branch]:
        """The verdicts that rules give an action, strongest first. The first that holds is the verdict."""
        table = self._tables[action]
        branches = []
        for branch in table.branches:
            rules = {
                self._policy.rules[number].name: self._active(number, table)
                for number in branch.rules
                if self._in_force >> number & 1
            }
            if rules:
                branches.append(_Branch(branch.verdict.value, branch.possible, rules))
        return branches

    def _verdict(self, branches: Iterable[_Branch], undecided: exp.Expression) -> exp.Expression:
        cases = exp.Case().when(undecided, exp.Literal.string("undecided"))
        for branch in branches:
            cases = cases.when(branch.holds, exp.Literal.string(branch.verdict))
        return cases.else_(exp.Literal.string("unsaid"))

    def _deciding(self, branches: Sequence[_Branch], undecided: exp.Expression) -> exp.Expression:
        """The names of the deciding rules, in file order."""
        none = self._no_names()
        if not branches:
            return none
        cases = exp.Case().when(undecided, none)
        for branch in branches:
            names = [
                exp.Case().when(two_valued(active.copy(), branch.unknown), exp.Literal.string(name))
                for name, active in branch.rules.items()
            ]
            cases = cases.when(branch.holds, self._without_nulls(exp.Array(expressions=names)))
        return cases.else_(none.copy())

    def _no_names(self) -> exp.Expression:
        return exp.cast(exp.Array(expressions=[]), "array<text>")

    def _along(self, action: str, branches: Sequence[_Branch], undecided: exp.Expression) -> exp.Expression:
        """Returns the names of the actions that must accompany an action, if it is permitted."""
        cases = exp.Case().when(undecided, self._no_names())
        companions = self._asked(action)
        for branch in branches:
            names: exp.Expression = self._no_names()
            if branch.verdict in PERMITTED and companions:
                cases_of_names = [
                    exp.Case().when(companions[name].copy(), exp.Literal.string(name)) for name in sorted(companions)
                ]
                names = self._without_nulls(exp.Array(expressions=cases_of_names))
            cases = cases.when(branch.holds, names)
        return cases.else_(self._no_names())

    def _asked(self, action: str) -> Mapping[str, exp.Expression]:
        """Returns, for each companion of an action, or of a companion of it, whether some rule asks for it."""
        conditions: dict[str, list[exp.Expression]] = {}
        for companion, pair in self._companions.get(action, ()):
            branches = self._branches(pair)
            if not branches:
                continue
            directly = branches[0].holds
            conditions.setdefault(companion, []).append(directly)
            for further, through in self._asked(companion).items():
                conditions.setdefault(further, []).append(all_of([directly.copy(), through]))
        return {companion: any_of(ways) for companion, ways in conditions.items()}

    def _without_nulls(self, array: exp.Expression) -> exp.Expression:
        match self._dialect:
            case "postgres":
                return exp.Anonymous(this="ARRAY_REMOVE", expressions=[array, exp.null()])
            case "spark":
                return exp.Anonymous(this="ARRAY_COMPACT", expressions=[array])
            case _:
                is_present = exp.Not(this=exp.Is(this=exp.column("one"), expression=exp.null()))
                known = exp.Lambda(this=is_present, expressions=[exp.to_identifier("one")])
                return exp.Anonymous(this="LIST_FILTER", expressions=[array, known])

    def _active(self, number: int, table: ActionTable) -> exp.Expression:
        """Returns whether a rule is active for an action; null if that is unknown."""
        written = self._policy.rules[number].condition
        self._written += 1 + sum(1 for _ in atoms(written))
        if self._written > _WIDEST:
            raise NotWritten(f"the rules, with those that override each, come to more than {_WIDEST:,} comparisons")
        condition = self._conditions.where(written)
        overriding = [
            self._active(overrider, table) for overrider in table.overriders(number) if self._in_force >> overrider & 1
        ]
        return all_of([condition, exp.Not(this=exp.paren(any_of(overriding)))]) if overriding else condition

    # Names

    def _value_of(self, fact: Fact) -> exp.Expression:
        return sql_columns.known(fact, self._read(fact.name), self._dialect)

    def _read(self, name: str) -> exp.Column:
        """The column of a fact's exact value."""
        return exp.Column(this=self._name(name), table=self._name(self._facts))

    def _given(self, name: str) -> exp.Column:
        """A column of the table, as the first lateral query sees it."""
        # PostgreSQL reads a qualified name that is no column as a function of the row, if there is one.
        table = None if self._dialect == "postgres" else self._name(self._cases)
        return exp.Column(this=self._name(name), table=table)

    def _plain(self, name: str) -> exp.Column:
        return exp.Column(this=self._name(name))

    def _name(self, name: str) -> exp.Identifier:
        return identifier(name, self._dialect)


# A condition of a rule in SQL, over the exact values of facts.
#
# SQL has the three truth values of Kleene's logic, so a condition is translated part by part.


# A comparison of facts with each other in SQL, in whole numbers: no dialect rounds their products.


_MOST_DIGITS = 37
"""The digits of a number, less one for a sum, that every dialect has a type for."""

_MOST_PARTS = 10
"""The most numbers whose sum has at most one more digit."""

_WIDE = 19
"""The number of digits from which DuckDB multiplies in 128 bits; a product of fewer overflows 64."""


def related(
    atom: Related, facts: Mapping[str, Fact], value_of: Callable[[Fact], exp.Expression], dialect: str
) -> exp.Expression:
    """The comparison as an expression; null where it is unknown. Raises `NotWritten` where no type is wide enough."""
    read = [facts[name] for name in atom.facts]
    values = [value_of(fact) for fact in read]
    storage = read[0].kind.storage
    known: exp.Expression
    if storage is Storage.DATE:
        days = int(atom.right.offset - atom.left.offset)
        known = OPERATORS[atom.operator](this=_days_between(values[1], values[0], dialect), expression=_whole(days))
    elif storage is Storage.TIME:
        known = OPERATORS[atom.operator](this=values[0], expression=values[1])
    else:
        known = OPERATORS[atom.operator](**_sums(atom, read, values))
    if any(fact.or_none for fact in read):
        known = two_valued(known, atom.operator == "!=")
        for fact in read:
            if fact.optional:  # unknown goes before none
                unknown = exp.Is(this=value_of(fact), expression=exp.null())
                known = exp.Case().when(unknown, exp.null()).else_(known)
    return known


def _days_between(since: exp.Expression, day: exp.Expression, dialect: str) -> exp.Expression:
    if dialect in ("duckdb", "postgres"):
        return exp.paren(exp.Sub(this=day, expression=since))
    return exp.DateDiff(this=day, expression=since, unit=exp.var("DAY"))


def _sums(atom: Related, read: Sequence[Fact], values: Sequence[exp.Expression]) -> Mapping[str, exp.Expression]:
    """The two sides of a comparison of numbers."""
    factors, constant = scaled(
        atom, {fact.name: evolve(fact, step=Fraction(1, 10 ** decimals_of(fact))) for fact in read}
    )
    on_left = len(atom.left.parts)
    parts = [
        _times(factors[fact.name] * (1 if at < on_left else -1), fact, value)
        for at, (fact, value) in enumerate(zip(read, values, strict=True))
    ]
    left, right = parts[:on_left], parts[on_left:]
    if constant or not right:
        right.append(_exact(constant))
    if max(len(left), len(right)) > _MOST_PARTS:
        raise NotWritten(
            f"`{read[0].name}` is compared in a sum of more than {_MOST_PARTS} parts: declare the sum of some as a fact"
        )
    return {"this": _sum(left), "expression": _sum(right)}


def _sum(parts: Sequence[exp.Expression]) -> exp.Expression:
    return reduce(lambda total, part: exp.Add(this=total, expression=part), parts)


def _times(factor: int, fact: Fact, value: exp.Expression) -> exp.Expression:
    """A factor of the digits of a value, which are a whole number."""
    places = decimals_of(fact)
    if MAXIMUM_DIGITS + places + len(str(abs(factor))) > _MOST_DIGITS:
        raise NotWritten(
            f"`{fact.name}` is compared with another fact to more than {_MOST_DIGITS} digits: declare larger steps, or"
            " compare with a percentage of fewer digits"
        )
    if places:
        wide = exp.cast(value, _type(MAXIMUM_DIGITS + places, places))
        value = exp.Mul(this=wide, expression=_exact(10**places))
    digits = exp.cast(value, _type(MAXIMUM_DIGITS + places))
    return digits if factor == 1 else exp.Mul(this=digits, expression=_exact(factor))


def _exact(number: int) -> exp.Expression:
    """A whole number as an exact decimal, which no product or sum makes a float."""
    return exp.cast(exp.Literal.string(str(number)), _type(len(str(abs(number)))))


def _type(digits: int, places: int = 0) -> exp.DataType:
    return exp.DataType.build(f"decimal({max(digits, _WIDE)}, {places})")


def _whole(number: int) -> exp.Expression:
    plain = exp.Literal.number(str(abs(number)))
    return exp.Neg(this=plain) if number < 0 else plain


@frozen(eq=False)
class Conditions:
    """Translates conditions. `value_of` gives the expression of a fact's value, which is null for unknown and none."""

    facts: Mapping[str, Fact]
    value_of: Callable[[Fact], exp.Expression]
    dialect: str

    def where(self, condition: Condition) -> exp.Expression:
        """The condition as an expression; null where it is unknown."""
        match condition:
            case Always():
                return exp.true()
            case Not(part):
                return exp.Not(this=exp.paren(self.where(part)))
            case And(parts):
                return all_of([self.where(part) for part in parts])
            case Or(parts):
                return any_of([self.where(part) for part in parts])
            case IsKnown(fact, negated):
                return self._is_null(self.facts[fact], negated)
            case IsNone(fact, negated):
                return self._is_null(self.facts[fact], not negated)
            case Related():
                if any(self.facts[name].names for name in condition.facts):
                    return self.where(by_places(condition, self.facts))
                return related(condition, self.facts, self.value_of, self.dialect)
            case comparison:
                compared = self.facts[comparison.fact]
                known = self._comparison(comparison, compared)
                return two_valued(known, holds_for_none(comparison)) if compared.or_none else known

    def _is_null(self, fact: Fact, yes: bool) -> exp.Expression:
        null = exp.Is(this=self.value_of(fact), expression=exp.null())
        return null if yes else exp.Not(this=null)

    def _comparison(self, atom: Comparison, fact: Fact) -> exp.Expression:
        """A comparison, for a known value."""
        value = self.value_of(fact)
        match atom:
            case Compare(operator=operator, value=limit):
                if fact.kind.storage is Storage.FLAG:
                    return value if (limit is True) == (operator == "=") else exp.Not(this=value)
                if fact.kind.named and operator not in ("=", "!="):
                    return self._among(
                        fact, [place for low, high in ranges(atom, fact) for place in range(low, high + 1)]
                    )
                compared: exp.Expression = OPERATORS[operator](this=value, expression=self._literal(fact, limit))
                return compared
            case OneOf(values=values, negated=negated):
                among = self._among(fact, values)
                return exp.Not(this=exp.paren(among)) if negated else among
            case Between(low=low, high=high, negated=negated):
                if fact.kind.named:
                    within = self._among(fact, range(low, high + 1))
                else:
                    above = exp.GTE(this=value, expression=self._literal(fact, low))
                    below = exp.LTE(this=value.copy(), expression=self._literal(fact, high))
                    within = all_of([above, below]) if low <= high else any_of([above, below])
                return exp.Not(this=exp.paren(within)) if negated else within
            case never:
                assert_never(never)

    def _among(self, fact: Fact, values: Iterable[Grid]) -> exp.Expression:
        """Returns whether a value is among `values`; null for a null value, even if there are no values."""
        tested = self.value_of(fact)
        if fact.kind.storage is Storage.FLAG:
            return any_of([tested.copy() if value else exp.Not(this=tested.copy()) for value in values])
        literals = [self._literal(fact, value) for value in values]
        if not literals:
            return exp.NEQ(this=tested, expression=tested.copy())
        return exp.In(this=tested, expressions=literals)

    def _literal(self, fact: Fact, value: Grid) -> exp.Expression:
        return literal(fact, value, self.dialect)
