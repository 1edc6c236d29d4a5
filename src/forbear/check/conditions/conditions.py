"""Conditions as written to typed conditions.

A condition in which something is wrong becomes None, so that one mistake gives one diagnostic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from forbear.check.conditions.atoms import example_comparison, typed_atom
from forbear.check.conditions.unknown_names import report_unknown_condition
from forbear.check.conditions.values import describe
from forbear.check.declarations.vocabulary import Vocabulary
from forbear.diagnostic import Diagnostic, Report
from forbear.model.conditions import And, Compare, Condition, Not, Or
from forbear.model.facts import Kind
from forbear.source import Place, Source
from forbear.syntax import ast

MAXIMUM_DEPTH = 130
MAXIMUM_COMPARISONS = 10_000


@frozen
class Definition:
    """A definition, typed, with its measure: how deep it nests and how many comparisons it comes to."""

    condition: Condition
    depth: int
    comparisons: int


Definitions = Mapping[str, Definition | None]
"""Each definition; None is one in which something is wrong."""


def typed_condition(
    node: ast.Condition, vocabulary: Vocabulary, known: Definitions, source: Source, report: Report
) -> Condition | None:
    """A typed condition, or None and diagnostics."""
    definition = measured(node, vocabulary, known, source, report)
    return None if definition is None else definition.condition


def measured(
    node: ast.Condition, vocabulary: Vocabulary, known: Definitions, source: Source, report: Report
) -> Definition | None:
    """A condition, within the bounds of how deep it may nest and how much it may come to."""
    typed = _typed(node, vocabulary, known, source, report)
    if typed is None:
        return None
    if typed.depth > MAXIMUM_DEPTH:
        report(
            Diagnostic(
                code="too-deep",
                message=f"with its definitions written out this condition nests deeper than {MAXIMUM_DEPTH}",
                place=Place(source, node.span),
                help="let its definitions use fewer others",
            )
        )
        return None
    if typed.comparisons > MAXIMUM_COMPARISONS:
        report(
            Diagnostic(
                code="too-large",
                message=f"with its definitions written out this condition has more than "
                f"{MAXIMUM_COMPARISONS:,} comparisons",
                place=Place(source, node.span),
                help="let its definitions use fewer others",
            )
        )
        return None
    return typed


def _typed(
    node: ast.Condition,
    vocabulary: Vocabulary,
    known: Definitions,
    source: Source,
    report: Report,
    beside: tuple[ast.Condition, ...] = (),
    at: int = 0,
) -> Definition | None:
    """A condition with its measure; `beside` are the parts that it is joined with, itself `at` that place of them."""
    match node:
        case ast.And(parts) | ast.Or(parts):
            typed_parts: list[Condition] = []
            depth = comparisons = 0
            for number, part in enumerate(parts):
                typed = _typed(part, vocabulary, known, source, report, parts, number)
                if typed is not None:
                    typed_parts.append(typed.condition)
                    depth = max(depth, typed.depth)
                    comparisons += typed.comparisons
            if len(typed_parts) < len(parts):
                return None
            join = And if isinstance(node, ast.And) else Or
            return Definition(join(tuple(typed_parts)), depth + 1, comparisons)
        case ast.Not(part):
            typed = _typed(part, vocabulary, known, source, report)
            return None if typed is None else Definition(Not(typed.condition), typed.depth + 1, typed.comparisons)
        case ast.NameAlone(name):
            return _name_alone(name, beside, at, vocabulary, known, source, report)
        case _:
            atom = typed_atom(node, vocabulary, source, report)
            return None if atom is None else Definition(atom, 1, 1)


def _name_alone(
    name: ast.Name,
    beside: Sequence[ast.Condition],
    at: int,
    vocabulary: Vocabulary,
    known: Definitions,
    source: Source,
    report: Report,
) -> Definition | None:
    if name.text in known:
        return known[name.text]
    fact = vocabulary.facts.get(name.text)
    if fact is None:
        if name.text in vocabulary.settings:
            report(
                Diagnostic(
                    code="wrong-type",
                    message=f"`{name.text}` is a setting, and a condition is a flag, a definition or a comparison",
                    place=Place(source, name.span),
                    help=f"compare a fact with it, such as `unreachable >= {name.text}`",
                )
            )
        else:
            report_unknown_condition(name, beside, at, vocabulary, source, report)
        return None
    if fact.kind is not Kind.FLAG:
        report(
            Diagnostic(
                code="wrong-type",
                message=f"{describe(fact)}, so it is no condition alone",
                place=Place(source, name.span),
                help=f"compare it with a value, such as `{example_comparison(fact)}`",
            )
        )
        return None
    return Definition(Compare(fact.name, "=", True), 1, 1)
