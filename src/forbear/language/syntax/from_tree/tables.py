"""Tree to tables."""

from __future__ import annotations

from typing import Any, cast

from lark import Token

from forbear.language.syntax import nodes
from forbear.language.syntax.from_tree.conditions import condition_of
from forbear.language.syntax.from_tree.parts import Nodes, Reader, name_of, span_of
from forbear.language.syntax.from_tree.rules import effect_of, overrides_of
from forbear.language.syntax.nodes import EffectWord, Special
from forbear.language.syntax.tree import Tree

_PROMISES = frozenset({"complete", "no_overlap"})
_WORDED = {"over": ">", "under": "<"}


def table(tree: Tree, read: Reader) -> nodes.Table:
    name, title, headings, *rest = cast(Nodes, tree.children)
    rows = [row for row in rest if row is not None and row.data == "table_row"]
    under = [clause for clause in rest if clause is not None and clause.data != "table_row"]
    promised = [promise.data for promise in under if promise.data in _PROMISES]
    if len(promised) > len(set(promised)):
        read.report(
            "repeated-clause", f"`{promised[0].replace('_', ' ')}` appears twice", span_of(under[1]), "keep one"
        )
    clauses = read.clauses([clause for clause in under if clause.data not in _PROMISES])
    overrides, overrides_all = overrides_of(clauses)
    columns = tuple([_heading(heading, read) for heading in headings.children if isinstance(heading, Tree)])
    return nodes.Table(
        name_of(name),
        read.text(title),
        columns,
        tuple([_row(row, len(columns), read) for row in rows]),
        "complete" in promised,
        "no_overlap" in promised,
        condition_of(clauses["when"].children[0], read) if "when" in clauses else None,
        condition_of(clauses["unless"].children[0], read) if "unless" in clauses else None,
        overrides,
        overrides_all,
        read.period(clauses.get("in_force")),
        read.clause_text(clauses, "because"),
        *read.cited(clauses),
        span_of(tree),
    )


def _heading(tree: Tree, read: Reader) -> nodes.Heading:
    child: Any = tree.children[0]
    if isinstance(child, Token):
        return nodes.Heading(str(child), None, span_of(child))  # type: ignore[arg-type]
    return nodes.Heading(None, read.actions(child), span_of(child))


def _row(tree: Tree, columns: int, read: Reader) -> nodes.Row:
    cells: list[nodes.Cell] = []
    before: Token | None = None
    written: Any = None
    for child in cast(Nodes, tree.children):
        if not isinstance(child, Token):
            written = child
            continue
        if before is not None:
            between = (before.end_pos or 0, child.start_pos or 0)
            cells.append(nodes.Empty(between) if written is None else _cell(written, read))
        before, written = child, None
    if len(cells) != columns:
        few = len(cells) < columns
        read.report(
            "bad-table",
            f"this row has {_cells(len(cells))}, and the table has {columns} columns",
            span_of(tree),
            "add what is missing, with a `|` after each cell: an effect may be left empty, and `any` tests nothing"
            if few
            else "take a `|` out, or add a column to the headings",
        )
    return nodes.Row(tuple(cells), span_of(tree))


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"


def _cell(tree: Tree, read: Reader) -> nodes.Cell:
    children: Nodes = tree.children
    span = span_of(tree)
    match tree.data:
        case "any_value":
            return nodes.AnyValue(span)
        case "effect_word":
            return nodes.Word(cast(EffectWord, str(children[0])), span)
        case "effects":
            return nodes.Effects(tuple([effect_of(effect, read) for effect in children]), span)
        case _:
            negated, *tests = children
            return nodes.Tests(negated is not None, tuple([_test(test, read) for test in tests]), span)


def _test(tree: Tree, read: Reader) -> nodes.Test:
    children: Nodes = tree.children
    span = span_of(tree)
    match tree.data:
        case "is_value":
            return nodes.Test("=", read.value(children[0]), None, span)
        case "absent":
            return nodes.Test("=", Special(str(children[0]), span), None, span)  # type: ignore[arg-type]
        case "bound_value":
            return nodes.Test(str(children[0]), read.value(children[1]), None, span)  # type: ignore[arg-type]
        case "span":
            return nodes.Test("to", read.value(children[0]), read.value(children[1]), span)
        case "span_until":
            return nodes.Test("until", read.value(children[0]), read.value(children[1]), span)
        case _:
            word, value = children
            if word not in _WORDED:
                read.report(
                    "syntax",
                    f"`{word}` does not fit here",
                    span_of(word),
                    "write `over 5`, `under 5`, `>= 5`, `<= 5` or `5 to 9`; a text is written in quotation marks",
                )
            return nodes.Test(_WORDED.get(word, "="), read.value(value), None, span)  # type: ignore[arg-type]
