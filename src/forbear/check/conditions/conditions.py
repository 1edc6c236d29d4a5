"""Conditions as written to typed conditions.

A condition in which something is wrong becomes None, so that one mistake gives one diagnostic.
"""

from __future__ import annotations

from collections.abc import Sequence

from forbear.check.conditions.atoms import typed_atom
from forbear.check.conditions.unclear import report_always, report_unclear
from forbear.check.conditions.unknown_names import report_unknown_condition
from forbear.check.conditions.values import describe, example_comparison, listed_values
from forbear.check.scope import Definition, Scope
from forbear.language.model.comparisons import Compare
from forbear.language.model.conditions import MAXIMUM_COMPARISONS, MAXIMUM_DEPTH, And, Condition, Not, Or
from forbear.language.model.kinds import Storage
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name


def typed_condition(node: nodes.Condition, scope: Scope) -> Condition | None:
    """A typed condition, or None and diagnostics."""
    definition = measured(node, scope)
    return None if definition is None else definition.condition


def measured(node: nodes.Condition, scope: Scope) -> Definition | None:
    """A condition, within the bounds of how deep it may nest and how much it may come to."""
    typed = _typed(node, scope)
    if typed is None:
        return None
    if typed.depth > MAXIMUM_DEPTH:
        scope.report_at(
            node.span,
            code="too-deep",
            message=f"with its definitions written out this condition nests deeper than {MAXIMUM_DEPTH}",
            help="let its definitions use fewer others",
        )
        return None
    if typed.comparisons > MAXIMUM_COMPARISONS:
        scope.report_at(
            node.span,
            code="too-large",
            message=f"with its definitions written out this condition has more than "
            f"{MAXIMUM_COMPARISONS:,} comparisons",
            help="let its definitions use fewer others",
        )
        return None
    return typed


def _typed(
    node: nodes.Condition,
    scope: Scope,
    joined: tuple[nodes.Condition, ...] = (),
    at: int = 0,
) -> Definition | None:
    """A condition with its measure; `joined` are the parts that it is joined with, itself `at` that place of them."""
    match node:
        case nodes.And(parts) | nodes.Or(parts):
            typed_parts: list[Condition] = []
            depth = comparisons = 0
            for number, part in enumerate(parts):
                typed = _typed(part, scope, parts, number)
                if typed is not None:
                    typed_parts.append(typed.condition)
                    depth = max(depth, typed.depth)
                    comparisons += typed.comparisons
            if isinstance(node, nodes.Or):
                report_unclear(node, scope)
                report_always(node, typed_parts, scope)
            if len(typed_parts) < len(parts):
                return None
            join = And if isinstance(node, nodes.And) else Or
            return Definition(join(tuple(typed_parts)), depth + 1, comparisons)
        case nodes.Not(part):
            typed = _typed(part, scope)
            return None if typed is None else Definition(Not(typed.condition), typed.depth + 1, typed.comparisons)
        case nodes.NameAlone(name):
            return _name_alone(name, joined, at, scope)
        case _:
            atom = typed_atom(node, scope)
            return None if atom is None else Definition(atom, 1, 1)


def _name_alone(name: Name, joined: Sequence[nodes.Condition], at: int, scope: Scope) -> Definition | None:
    if name.text in scope.defined:
        return scope.defined[name.text]
    fact = scope.words.facts.get(name.text)
    if fact is None:
        if name.text in scope.words.settings:
            scope.report_at(
                name.span,
                code="wrong-type",
                message=f"`{name.text}` is a setting, and a condition is a flag, a definition or a comparison",
                help=f"compare a fact with it, such as `unreachable >= {name.text}`",
            )
        else:
            report_unknown_condition(name, joined, at, scope)
        return None
    if fact.kind.storage is not Storage.FLAG:
        scope.report_at(
            name.span,
            code="wrong-type",
            message=f"{describe(fact)}, so it is no condition alone",
            help=f"compare it with a value: `{fact.name} is ...` with one of {listed_values(fact)}"
            if fact.words
            else f"compare it with a value, such as `{example_comparison(fact)}`",
        )
        return None
    return Definition(Compare(fact.name, "=", True), 1, 1)
