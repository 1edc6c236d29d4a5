"""Tables as written."""

from __future__ import annotations

from typing import Literal as OneOfThese
from typing import TypeAlias

from attrs import field

from forbear.base.frozen import frozen
from forbear.base.source import Span
from forbear.language.syntax.ast.conditions import Condition
from forbear.language.syntax.ast.parts import Actions, Name, Period, Special, Text, Value
from forbear.language.syntax.ast.rules import Effect, EffectWord


@frozen
class Heading:
    """What the cells of a column are about: a word of the language, or names: those of actions and groups, or one of a
    fact or a definition."""

    word: OneOfThese["then", "rule", "because", "source"] | None
    names: Actions | None
    span: Span = field(eq=False, repr=False)


@frozen
class Test:
    """A value, a bound or a span: `prime`, `> 5`, `9 to 13`. `last` is the end of a span."""

    operator: OneOfThese["<", "<=", "=", "!=", ">=", ">", "to"]
    value: Value | Special
    last: Value | None
    span: Span = field(eq=False, repr=False)


@frozen
class AnyValue:
    """`any`: a cell that tests nothing."""

    span: Span = field(eq=False, repr=False)


@frozen
class Tests:
    """`prime, near`, `not card`: a cell that holds where one of its tests does, or none."""

    negated: bool
    tests: tuple[Test, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Word:
    """An effect on the actions of the heading."""

    word: EffectWord
    span: Span = field(eq=False, repr=False)


@frozen
class Effects:
    """Effects with their actions, under `then`."""

    effects: tuple[Effect, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Empty:
    """A cell with nothing in it. Its span is what is between the two bars."""

    span: Span = field(eq=False, repr=False)


Cell: TypeAlias = AnyValue | Tests | Word | Effects | Empty


@frozen
class Row:
    """A row. It has as many cells as its table has headings."""

    cells: tuple[Cell, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Table:
    """Rules by rows. Its clauses count for each of them."""

    name: Name
    title: Text | None
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    complete: bool
    no_overlap: bool
    when: Condition | None
    unless: Condition | None
    overrides: tuple[Name, ...]
    overrides_all: Name | None
    in_force: Period | None
    because: Text | None
    source: Text | None
    basis: str | None
    span: Span = field(eq=False, repr=False)
