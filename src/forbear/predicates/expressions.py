"""From guards to Python expressions, as syntax trees: no text of a rule file is ever evaluated.

The variable of a fact has its value on the grid, or None for unknown or none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias, assert_never

from forbear.lowered.guards import AllOf, AnyOf, Bound, Guard, In, Leaf, NotIn, Order, Outside, Within
from forbear.model.facts import Grid

Variable: TypeAlias = Callable[[str], str]
"""From the name of a fact to that of its variable."""

_ORDERS: Mapping[Order, type[ast.cmpop]] = {"<": ast.Lt, "<=": ast.LtE, ">=": ast.GtE, ">": ast.Gt}


def expression(guard: Guard, variable: Variable) -> ast.expr:
    """An expression that is true where a guard holds, and false elsewhere."""
    match guard:
        case AllOf(parts) | AnyOf(parts):
            conjunction = isinstance(guard, AllOf)
            if not parts:
                return ast.Constant(conjunction)
            values: list[ast.expr] = []
            for part in parts:
                values.append(expression(part, variable))
            return values[0] if len(values) == 1 else ast.BoolOp(ast.And() if conjunction else ast.Or(), values)
        case Bound() | Within() | Outside() | In() | NotIn():
            return _leaf(guard, variable(guard.fact))
        case never:
            assert_never(never)


def _leaf(leaf: Leaf, variable: str) -> ast.expr:
    if isinstance(leaf, (In, NotIn)) and not leaf.values:
        if leaf.absent is None:
            return ast.Constant(isinstance(leaf, NotIn))
        if leaf.absent is isinstance(leaf, In):  # else it holds of every value, absent or not, or of no value at all
            return _is_none(variable, isinstance(leaf, In))
        return ast.Constant(leaf.absent)
    known = _of_value(leaf, variable)
    if leaf.absent is None:
        return known
    if leaf.absent:
        return ast.BoolOp(ast.Or(), [_is_none(variable, True), known])
    return ast.BoolOp(ast.And(), [_is_none(variable, False), known])


def _of_value(leaf: Leaf, variable: str) -> ast.expr:
    """The expression of a leaf for a value that is not absent."""
    name = ast.Name(variable, ast.Load())
    match leaf:
        case Bound(order=order, value=value):
            return ast.Compare(name, [_ORDERS[order]()], [_constant(value)])
        case Within(low=low, high=high):
            return _between(low, name, high)
        case Outside(low=low, high=high):
            return ast.UnaryOp(ast.Not(), _between(low, name, high))
        case In(values=(True, False) | (False, True)):
            return ast.Constant(True)
        case In(values=(bool(value),)):
            return name if value else ast.UnaryOp(ast.Not(), name)
        case In(values=(value,)):
            return ast.Compare(name, [ast.Eq()], [_constant(value)])
        case NotIn(values=(value,)):
            return ast.Compare(name, [ast.NotEq()], [_constant(value)])
        case In(values=values) | NotIn(values=values):
            among = ast.In() if isinstance(leaf, In) else ast.NotIn()
            return ast.Compare(name, [among], [ast.Set([_constant(value) for value in values])])
        case never:
            assert_never(never)


def _between(low: int, name: ast.expr, high: int) -> ast.expr:
    return ast.Compare(_constant(low), [ast.LtE(), ast.LtE()], [name, _constant(high)])


def _is_none(variable: str, yes: bool) -> ast.expr:
    name = ast.Name(variable, ast.Load())
    return ast.Compare(name, [ast.Is() if yes else ast.IsNot()], [ast.Constant(None)])


def _constant(value: Grid) -> ast.expr:
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)
