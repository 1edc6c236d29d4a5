"""Tables as written to rules as written: a rule for each row, whose conditions and effects are at their cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from forbear.base.diagnostic import Label
from forbear.base.source import Span
from forbear.check.conditions.values import described
from forbear.check.declarations.actions import unfolded
from forbear.check.scope import Scope
from forbear.language.model.facts import Fact
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Actions, Literal, Name, Special, Text

_EFFECTS = "`allow`, `forbid`, `require` or `never`"


@frozen
class Rows:
    """A table with its rules: one for each row that could be read, without the clauses of the table.

    A rule without effects is an empty row, and not a rule of the policy. `actions` are the headings of its columns;
    None if it has a column `then`, in which a row may name any action.
    """

    node: nodes.Table
    rules: tuple[nodes.Rule, ...]
    actions: frozenset[str] | None


def rows_of(node: nodes.Table, scope: Scope) -> Rows:
    """The rules that a table is."""
    columns = _columns(node, scope)
    if not node.rows:
        scope.report_at(node.name.span, "bad-table.no-rows")
    written: list[nodes.Rule] = []
    for number, row in enumerate(node.rows, 1):
        if len(row.cells) == len(columns):  # else it is reported already
            written.append(_Row(node, number, row, scope).rule(columns, [rule.condition for rule in written]))
    quiet = scope.reporting(lambda diagnostic: None)  # its headings are reported where they are read
    heads = [unfolded(column.actions, quiet) for column in columns if column.actions is not None]
    anything = any(column.word == "then" for column in columns)
    return Rows(node, tuple(written), None if anything else frozenset().union(*heads))


def one_of_each_name(items: Sequence[nodes.Rule | nodes.Table], scope: Scope) -> Iterator[nodes.Rule | nodes.Table]:
    """The same, without a table that has the name of another statement, which is reported."""
    first_names: dict[str, Name] = {}
    named = [node for node in items if node.name is not None]
    for node in (
        node_of_kind for kind in (nodes.Table, nodes.Rule) for node_of_kind in named if isinstance(node_of_kind, kind)
    ):
        assert node.name is not None
        first = first_names.setdefault(node.name.text, node.name)
        if first is not node.name and (isinstance(node, nodes.Table) or _is_table(first, items)):
            related = (Label(scope.place(first.span), "the table"),)
            scope.report_at(node.name.span, "duplicate-name.table", name=node.name.text, related=related)
    return (node for node in items if not isinstance(node, nodes.Table) or first_names[node.name.text] is node.name)


def _is_table(name: Name, items: Sequence[nodes.Rule | nodes.Table]) -> bool:
    return any(isinstance(node, nodes.Table) and node.name is name for node in items)


@frozen
class _Column:
    """A column: the word of its heading, the fact or the definition that its cells test, or its actions. A column with
    an error has none of these.
    """

    called: str
    word: str | None = None
    name: Name | None = None
    fact: Fact | None = None
    actions: Actions | None = None


def _columns(node: nodes.Table, scope: Scope) -> list[_Column]:
    columns: list[_Column] = []
    for heading in node.headings:
        column = _column(heading, scope)
        if any(earlier.called == column.called for earlier in columns):
            scope.report_at(heading.span, "bad-table.two-columns", called=column.called)
            column = _Column(column.called)
        columns.append(column)
    in_error = any(column == _Column(column.called) for column in columns)
    if not in_error and not any(column.actions is not None or column.word == "then" for column in columns):
        scope.report_at(node.name.span, "bad-table.no-effects")
    return columns


def _column(heading: nodes.Heading, scope: Scope) -> _Column:
    called = scope.text(heading.span)
    if heading.names is None:
        return _Column(called, word=heading.word)
    if len(heading.names.listed) > 1 or heading.names.excepted or heading.names.listed[0].text == "everything":
        return _Column(called, actions=heading.names) if unfolded(heading.names, scope) else _Column(called)
    name, words = heading.names.listed[0], scope.words
    tested = name.text in words.facts or name.text in words.definitions
    acted = name.text in words.actions or name.text in words.groups
    if tested and acted:
        scope.report_at(heading.span, "bad-table.fact-and-action", called=called)
        return _Column(called)
    if tested:
        return _Column(called, name=name, fact=words.facts.get(name.text))
    if acted:
        return _Column(called, actions=heading.names)
    known = [*words.facts, *words.definitions, *words.actions, *words.groups]
    variant = "heading" if words.declares_itself else "standard-heading"
    if name.text in words.settings or name.text in words.ladder_names:
        variant += "-setting" if name.text in words.settings else "-ladder"
    scope.report_unknown(
        name, f"unknown-name.{variant}", [*known, "then", "rule", "because", "source"], called=called, names=known
    )
    return _Column(called)


@frozen
class _Row:
    """A row, to be made a rule."""

    table: nodes.Table
    number: int
    node: nodes.Row
    scope: Scope

    def rule(self, columns: Sequence[_Column], above: Sequence[nodes.Condition | None]) -> nodes.Rule:
        """The rule that the row is. `above` are the conditions of the rows above it."""
        name = Name(f"{self.table.name.text}.{self.number}", self.node.span[0])
        because, source = self.table.because, self.table.source
        tested: list[nodes.Condition] = []
        effects: list[nodes.Effect] = []
        otherwise = any(isinstance(cell, nodes.Otherwise) for cell in _tests(self.node, columns))
        if otherwise:
            tested += self._otherwise(columns, above)
        for column, cell in zip(columns, self.node.cells, strict=True):
            if otherwise and column.name is not None:
                continue
            if column.name is not None:
                condition = self._test(column, column.name, cell)
                tested += [] if condition is None else [condition]
            elif column.actions is not None:
                effects += self._effect(column, column.actions, cell)
            elif column.word == "then":
                effects += self._then(cell)
            elif column.word == "rule":
                name = self._name(cell) or name
            elif column.word == "because":
                because = self._text(column, cell) or because
            elif column.word == "source":
                source = self._text(column, cell) or source
        return nodes.Rule(
            name,
            None,
            "condition first",
            tested[0] if len(tested) == 1 else nodes.And(tuple(tested), span=self.node.span) if tested else None,
            tuple(effects),
            None,
            self.table.overrides,
            self.table.overrides_all,
            None,
            because,
            source,
            self.table.basis,
            None,
            self.node.span,
            span=self.node.span,
        )

    def _bad(self, cell: nodes.Cell | nodes.Row, variant: str, **arguments: str | None) -> None:
        self.scope.report_at(
            self.node.span if isinstance(cell, nodes.Empty) else cell.span, f"bad-table.{variant}", **arguments
        )

    def _otherwise(
        self, columns: Sequence[_Column], above: Sequence[nodes.Condition | None]
    ) -> Iterator[nodes.Condition]:
        """That no row above holds."""
        tests = _tests(self.node, columns)
        more = next((cell for cell in tests[1:] if not isinstance(cell, nodes.Empty | nodes.AnyValue)), None)
        parts: list[nodes.Condition] = []
        for one in above:
            parts += one.parts if isinstance(one, nodes.Or) else () if one is None else (one,)
        if self.node is not self.table.rows[-1]:
            self._bad(self.node, "otherwise-last")
        elif not above:
            self._bad(self.node, "otherwise-only")
        elif (tests and not isinstance(tests[0], nodes.Otherwise)) or more is not None:
            self._bad(more or tests[0], "otherwise-tests")
        elif any(all(isinstance(cell, nodes.AnyValue) for cell in _tests(row, columns)) for row in self.table.rows):
            self._bad(self.node, "otherwise-never")
        elif parts:
            whole = [evolve(part, bracketed=True) if isinstance(part, nodes.And) else part for part in parts]
            yield nodes.Not(
                whole[0] if len(whole) == 1 else nodes.Or(tuple(whole), span=self.node.span), span=self.node.span
            )

    def _test(self, column: _Column, name: Name, cell: nodes.Cell) -> nodes.Condition | None:
        match cell:
            case nodes.AnyValue():
                return None
            case nodes.Tests() if column.fact is None:
                return self._defined(name, cell)
            case nodes.Tests():
                value, words = _plain(cell), self.scope.words
                known = {*column.fact.names, *words.settings, *words.facts} if column.fact is not None else ()
                if isinstance(value, Name) and value.text in FOR_OTHERWISE and value.text not in known:
                    self._bad(cell, "for-otherwise", value=value.text, called=column.called)
                    return None
                return _condition(name, cell)
            case nodes.Empty():
                self._bad(cell, "empty", called=column.called)
                return None
            case _:
                what = described(column.fact) if column.fact else {}
                self._bad(cell, "effect", **what, called=column.called, written=self.scope.text(cell.span))
                return None

    def _defined(self, name: Name, cell: nodes.Tests) -> nodes.Condition | None:
        value = cell.tests[0].value
        if len(cell.tests) > 1 or cell.tests[0].operator != "=" or not _is_flag(value):
            self._bad(cell, "definition", definition=name.text)
            return None
        assert isinstance(value, Literal)
        holds = nodes.NameAlone(Name(name.text, cell.span[0]), span=cell.span)
        return holds if value.value is not cell.negated else nodes.Not(holds, span=cell.span)

    def _effect(self, column: _Column, actions: Actions, cell: nodes.Cell) -> list[nodes.Effect]:
        if isinstance(cell, nodes.Empty):
            return []
        if isinstance(cell, nodes.Word):
            return [nodes.Effect(cell.word, actions, span=cell.span)]
        self._bad(cell, "no-effect", written=self.scope.text(cell.span), called=column.called, effects=_EFFECTS)
        return []

    def _then(self, cell: nodes.Cell) -> Sequence[nodes.Effect]:
        if isinstance(cell, nodes.Effects):
            return cell.effects
        if not isinstance(cell, nodes.Empty):
            self._bad(cell, "no-actions", written=self.scope.text(cell.span))
        return ()

    def _name(self, cell: nodes.Cell) -> Name | None:
        value = _plain(cell)
        if isinstance(value, Name):
            return value
        if not isinstance(cell, nodes.Empty):
            self._bad(cell, "no-name", written=self.scope.text(cell.span))
        return None

    def _text(self, column: _Column, cell: nodes.Cell) -> Text | None:
        value = _plain(cell)
        if isinstance(value, Literal) and value.kind == "text":
            return Text(str(value.value), span=cell.span)
        if not isinstance(cell, nodes.Empty):
            self._bad(cell, "no-text", called=column.called, written=self.scope.text(cell.span))
        return None


FOR_OTHERWISE = frozenset({"else", "default", "others", "rest"})
"""Words that authors write for `otherwise`."""


def is_otherwise(row: nodes.Row) -> bool:
    """Returns true if a row holds whenever none above it does."""
    return any(isinstance(cell, nodes.Otherwise) for cell in row.cells)


def _tests(row: nodes.Row, columns: Sequence[_Column]) -> list[nodes.Cell]:
    """The cells of a row that test something or nothing: those under a fact or a definition."""
    return [cell for column, cell in zip(columns, row.cells, strict=False) if column.name is not None]


def _plain(cell: nodes.Cell) -> object:
    """The value of a cell that is one alone."""
    if isinstance(cell, nodes.Tests) and not cell.negated and len(cell.tests) == 1 and cell.tests[0].operator == "=":
        return cell.tests[0].value
    return None


def _is_flag(value: object) -> bool:
    return isinstance(value, Literal) and value.kind == "flag"


def _condition(fact: Name, cell: nodes.Tests) -> nodes.Condition:
    """The condition of a cell, as an author would write it."""
    values = [test.value for test in cell.tests if test.operator == "=" and not isinstance(test.value, Special)]
    plain = [value for value in values if not isinstance(value, Special)]
    if len(plain) == len(cell.tests) > 1:
        return nodes.OneOf(fact, tuple(plain), cell.negated, span=cell.span)
    if len(cell.tests) == 1:
        return _one(fact, cell.tests[0], cell.negated, cell.span)
    either = nodes.Or(tuple([_one(fact, test, False, test.span) for test in cell.tests]), span=cell.span)
    return nodes.Not(either, span=cell.span) if cell.negated else either


def _one(fact: Name, test: nodes.Test, negated: bool, span: Span) -> nodes.Condition:
    value = test.value
    if isinstance(value, Special):
        if value.word == "none":
            return nodes.State(fact, "none", negated, span=span)
        return nodes.State(fact, "known", negated is (value.word == "known"), span=span)
    if test.operator == "to" or test.operator == "until":
        assert test.last is not None
        return nodes.Between(fact, value, test.last, negated, span=span, half_open=test.operator == "until")
    if test.operator == "=":
        return nodes.Comparison(fact, "is not" if negated else "is", value, span=span)
    compared = nodes.Comparison(fact, test.operator, value, span=span)
    return nodes.Not(compared, span=span) if negated else compared
