"""From guards to Python expressions, as syntax trees: no text of a rule file is ever evaluated.

The variable of a fact has its value on the grid, or None for unknown or none; or an `InPart`, where the caller says so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias, assert_never

from forbear.base.frozen import frozen
from forbear.language.model.facts import Fact, Grid
from forbear.semantics.lowered.guards import (
    AllOf,
    AnyOf,
    Bound,
    Guard,
    In,
    NotIn,
    OfOne,
    Order,
    Outside,
    RelatedValues,
    Within,
)

Variable: TypeAlias = Callable[[str], str]
"""From the name of a fact to that of its variable."""
_ONE = "_one"
"""The variable of one of the values that a value may be. No fact has such a name."""


@frozen
class Several:
    """Facts whose variables may hold an `InPart`.

    A comparison with such a fact holds where it is true for every value that the fact may have, or, if `any_of_them`,
    for one of them.
    """

    facts: Mapping[str, Fact]
    any_of_them: bool


_ORDERS: Mapping[Order, type[ast.cmpop]] = {"<": ast.Lt, "<=": ast.LtE, ">=": ast.GtE, ">": ast.Gt}


def expression(guard: Guard, variable: Variable, several: Several | None = None) -> ast.expr:
    """An expression that is true where a guard holds, and false elsewhere."""
    match guard:
        case AllOf(parts) | AnyOf(parts):
            conjunction = isinstance(guard, AllOf)
            if not parts:
                return ast.Constant(conjunction)
            values: list[ast.expr] = []
            for part in parts:
                values.append(expression(part, variable, several))
            return values[0] if len(values) == 1 else ast.BoolOp(ast.And() if conjunction else ast.Or(), values)
        case RelatedValues():
            return _related(guard, variable, several)
        case leaf:
            if several is not None and leaf.fact in several.facts:
                return _leaf_of_several(leaf, variable(leaf.fact), several)
            return _leaf(leaf, variable(leaf.fact))


def _related(leaf: RelatedValues, variable: Variable, several: Several | None) -> ast.expr:
    """A leaf of two facts. As it is linear, the ends of ranges show whether it holds everywhere in them."""
    names = {name: variable(name) for name in leaf.relation.facts}
    in_part = [name for name in names if several is not None and name in several.facts]
    ends = []
    for name in in_part:
        values = _of_in_part("each", ast.Name(names[name], ast.Load()))
        names[name] = f"_{in_part.index(name)}"
        ends.append(ast.comprehension(ast.Name(names[name], ast.Store()), values, [], 0))
    (first_name, second_name), (first_factor, second_factor) = leaf.relation.facts, leaf.relation.factors
    first, second = _times(first_factor, names[first_name]), _times(abs(second_factor), names[second_name])
    order = ast.LtE() if leaf.holds else ast.Gt()
    total = ast.BinOp(first, ast.Sub() if second_factor < 0 else ast.Add(), second)
    test: ast.expr = ast.Compare(total, [order], [_constant(leaf.relation.limit)])
    for name, holds in reversed(leaf.absences):
        is_none = _is_none(ast.Name(names[name], ast.Load()), holds)
        test = ast.BoolOp(ast.Or() if holds else ast.And(), [is_none, test])
    if not ends:
        return test
    assert several is not None
    every = ast.Name("any" if several.any_of_them else "all", ast.Load())
    return ast.Call(every, [ast.ListComp(test, ends)], [])


def _times(factor: int, variable: str) -> ast.expr:
    value = ast.Name(variable, ast.Load())
    return value if factor == 1 else ast.BinOp(_constant(factor), ast.Mult(), value)


def _leaf_of_several(leaf: OfOne, variable: str, several: Several) -> ast.expr:
    value = ast.Name(variable, ast.Load())
    if isinstance(leaf, (In, NotIn)) and not leaf.values and several.facts[leaf.fact].optional:
        if leaf.absent is isinstance(leaf, In):  # what is known in part is not known
            return _is_none(_of_in_part("whole", value), isinstance(leaf, In))
        return ast.Constant(leaf.absent)
    values = _of_in_part("each", value, *[_constant(limit) for limit in _thresholds(leaf)])
    of_one = ast.ListComp(_leaf(leaf, _ONE), [ast.comprehension(ast.Name(_ONE, ast.Store()), values, [], 0)])
    return ast.Call(ast.Name("any" if several.any_of_them else "all", ast.Load()), [of_one], [])


def _of_in_part(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name("InPart", ast.Load()), function, ast.Load()), list(arguments), [])


def _thresholds(leaf: OfOne) -> list[int]:
    """Numbers that, with the ends of a range, show whether a leaf holds everywhere in it, or somewhere."""
    match leaf:
        case Bound():
            return []
        case Within(low=low) | Outside(low=low):
            return [low]
        case In(values=values) | NotIn(values=values):
            return sorted({number for value in values for number in (int(value), int(value) + 1)})
        case never:
            assert_never(never)


def _leaf(leaf: OfOne, variable: str) -> ast.expr:
    if isinstance(leaf, (In, NotIn)) and not leaf.values:
        if leaf.absent is None:
            return ast.Constant(isinstance(leaf, NotIn))
        if leaf.absent is isinstance(leaf, In):  # else it holds of every value, absent or not, or of no value at all
            return _is_none(ast.Name(variable, ast.Load()), isinstance(leaf, In))
        return ast.Constant(leaf.absent)
    known = _of_value(leaf, variable)
    if leaf.absent is None:
        return known
    is_none = _is_none(ast.Name(variable, ast.Load()), leaf.absent)
    return ast.BoolOp(ast.Or() if leaf.absent else ast.And(), [is_none, known])


def _of_value(leaf: OfOne, variable: str) -> ast.expr:
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


def _is_none(value: ast.expr, yes: bool) -> ast.expr:
    return ast.Compare(value, [ast.Is() if yes else ast.IsNot()], [ast.Constant(None)])


def _constant(value: Grid) -> ast.expr:
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)
