"""Conditions to expressions of Python, as syntax trees: nothing of a rule file is ever evaluated as text.

Kleene's three values become two questions with two answers each: `certainly` asks whether a condition is true,
`possibly` whether it is not false. Where no optional fact is read the two are one.

A fact is a variable of its name with the value on the grid, None for unknown or none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import assert_never

from forbear.policy.conditions import (
    NEGATED,
    Always,
    And,
    Atom,
    Between,
    Compare,
    Condition,
    IsKnown,
    IsNone,
    Not,
    OneOf,
    Or,
)
from forbear.vocabulary.facts import Fact, Grid, Kind

Facts = Mapping[str, Fact]
Variable = Callable[[str], str]
"""The variable of a fact."""

_OPERATORS: Mapping[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    "=": ast.Eq,
    "!=": ast.NotEq,
    ">=": ast.GtE,
    ">": ast.Gt,
}


def certainly(condition: Condition, facts: Facts, variable: Variable) -> ast.expr:
    """An expression that is true where the condition is certainly true, and false elsewhere."""
    return _expression(condition, facts, variable, holds=True, when_unknown=False)


def possibly(condition: Condition, facts: Facts, variable: Variable) -> ast.expr:
    """An expression that is false where the condition is certainly false, and true elsewhere."""
    return _expression(condition, facts, variable, holds=True, when_unknown=True)


def _expression(condition: Condition, facts: Facts, variable: Variable, *, holds: bool, when_unknown: bool) -> ast.expr:
    """An expression that says whether the condition's truth is `holds`, and `when_unknown` where it is unknown."""
    match condition:
        case Always():
            return ast.Constant(holds)
        case Not(part):
            return _expression(part, facts, variable, holds=not holds, when_unknown=when_unknown)
        case And(parts) | Or(parts):
            # De Morgan: what falsifies an `and` is an `or` of what falsifies its parts.
            join: ast.boolop = ast.And() if isinstance(condition, And) == holds else ast.Or()
            values: list[ast.expr] = []
            for part in parts:
                values.append(_expression(part, facts, variable, holds=holds, when_unknown=when_unknown))
            return values[0] if len(values) == 1 else ast.BoolOp(join, values)
        case Compare() | Between() | OneOf() | IsNone() | IsKnown():
            return _atom(condition, facts[condition.fact], variable(condition.fact), holds, when_unknown)
        case never:
            assert_never(never)


def _name(variable: str) -> ast.expr:
    return ast.Name(variable, ast.Load())


def _is_none(variable: str, yes: bool) -> ast.expr:
    return ast.Compare(_name(variable), [ast.Is() if yes else ast.IsNot()], [ast.Constant(None)])


def _atom(atom: Atom, fact: Fact, variable: str, holds: bool, when_unknown: bool) -> ast.expr:
    match atom:
        case IsNone(negated=negated):
            return _is_none(variable, holds != negated)
        case IsKnown(negated=negated):
            return _is_none(variable, holds == negated)
        case Compare() | Between() | OneOf():
            pass
        case never:
            assert_never(never)
    if fact.optional:
        when_absent = when_unknown
    elif fact.or_none:
        # Equality and order with none are false, the negations true.
        negative = atom.operator == "!=" if isinstance(atom, Compare) else atom.negated
        when_absent = negative == holds
    else:
        return _comparison(atom, fact, variable, holds)
    plain = _comparison(atom, fact, variable, holds)
    if when_absent:
        return ast.BoolOp(ast.Or(), [_is_none(variable, True), plain])
    return ast.BoolOp(ast.And(), [_is_none(variable, False), plain])


def _comparison(atom: Compare | Between | OneOf, fact: Fact, variable: str, holds: bool) -> ast.expr:
    """An atom of a value that is there."""
    name = _name(variable)
    match atom:
        case Compare(operator=operator, value=value):
            if fact.kind is Kind.FLAG:
                return name if bool(value) == ((operator == "=") == holds) else ast.UnaryOp(ast.Not(), name)
            chosen = operator if holds else NEGATED[operator]
            return ast.Compare(name, [_OPERATORS[chosen]()], [_constant(value)])
        case OneOf(values=values, negated=negated):
            if fact.kind is Kind.FLAG:
                both = True in values and False in values
                if both:
                    return ast.Constant(holds != negated)
                return name if (True in values) == (holds != negated) else ast.UnaryOp(ast.Not(), name)
            among = ast.In() if holds != negated else ast.NotIn()
            return ast.Compare(name, [among], [ast.Tuple([_constant(value) for value in values], ast.Load())])
        case Between(low=low, high=high, negated=negated):
            inside = holds != negated
            if low <= high:
                within = ast.Compare(_constant(low), [ast.LtE(), ast.LtE()], [name, _constant(high)])
                return within if inside else ast.UnaryOp(ast.Not(), within)
            # A span of a time that goes over midnight: what is left out lies between its ends.
            outside = ast.Compare(_constant(high), [ast.Lt(), ast.Lt()], [name, _constant(low)])
            return ast.UnaryOp(ast.Not(), outside) if inside else outside
        case never:
            assert_never(never)


def _constant(value: Grid) -> ast.expr:
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)
