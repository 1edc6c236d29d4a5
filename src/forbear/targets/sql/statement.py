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

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from textwrap import wrap

from attrs import frozen
from sqlglot import exp

from forbear.base.characters import printable
from forbear.kernel import cases as kernel
from forbear.kernel.cases import PERMITTED
from forbear.language.model.conditions import atoms
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.values import quoted
from forbear.semantics.composition.duties import Dutiful, with_duties
from forbear.semantics.lowered.actions import ActionTable, action_tables
from forbear.semantics.to_text import digest
from forbear.space.boundaries import all_starts
from forbear.space.predicates.specs import rule_specs
from forbear.targets import NotWritten
from forbear.targets.sql import columns as sql_columns
from forbear.targets.sql.conditions import Conditions
from forbear.targets.sql.names import all_of, any_of, identifier, table_named, two_valued
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
