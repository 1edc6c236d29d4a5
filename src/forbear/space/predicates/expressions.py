"""Compiles guards to Python expressions, as syntax trees: no text of a rule file is ever evaluated.

The variable of a fact has its value on the grid, None for unknown or none, or, if the caller says so, an `InPart`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import frozen

from forbear.language.model.facts import Fact, Grid
from forbear.semantics.lowered.guards import AllOf, AnyOf, Guard, RelatedValues, Values

Variable: TypeAlias = Callable[[str], str]
"""Maps the name of a fact to that of its variable."""
_ONE = "_one"
"""The variable of one of the values that a value may be. No fact has such a name."""


@frozen
class Several:
    """Facts whose variables may hold an `InPart`.

    A comparison with such a fact holds if it is true for every value that the fact may have or, with `any_of_them`, for
    one of them.
    """

    facts: Mapping[str, Fact]
    any_of_them: bool


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
    """A leaf of several facts. As it is linear, the ends of ranges show whether it holds everywhere in them."""
    names = {name: variable(name) for name in leaf.relation.facts}
    in_part = [name for name in names if several is not None and name in several.facts]
    ends = []
    for name in in_part:
        values = _of_in_part("each", ast.Name(names[name], ast.Load()))
        names[name] = f"_{in_part.index(name)}"
        ends.append(ast.comprehension(ast.Name(names[name], ast.Store()), values, [], 0))
    order = ast.LtE() if leaf.holds else ast.Gt()
    first, *others = zip(leaf.relation.factors, names.values(), strict=True)
    total = _times(*first)
    for factor, name in others:
        total = ast.BinOp(total, ast.Sub() if factor < 0 else ast.Add(), _times(abs(factor), name))
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


def _leaf_of_several(leaf: Values, variable: str, several: Several) -> ast.expr:
    value = ast.Name(variable, ast.Load())
    if not leaf.ranges and several.facts[leaf.fact].optional:
        if leaf.absent is leaf.inside:  # a value known in part is not known
            return _is_none(_of_in_part("whole", value), leaf.inside)
        return ast.Constant(leaf.absent)
    values = _of_in_part("each", value, *[_constant(limit) for limit in _thresholds(leaf)])
    of_one = ast.ListComp(_leaf(leaf, _ONE), [ast.comprehension(ast.Name(_ONE, ast.Store()), values, [], 0)])
    return ast.Call(ast.Name("any" if several.any_of_them else "all", ast.Load()), [of_one], [])


def _of_in_part(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name("InPart", ast.Load()), function, ast.Load()), list(arguments), [])


def _thresholds(leaf: Values) -> list[int]:
    """Numbers that, with the ends of a range, show whether a leaf holds everywhere in it, or somewhere."""
    if leaf.single is not None:
        return sorted({number for value in leaf.single for number in (int(value), int(value) + 1)})
    return [first for first, last in leaf.numbers if first is not None and last is not None]


def _leaf(leaf: Values, variable: str) -> ast.expr:
    name = ast.Name(variable, ast.Load())
    if not leaf.ranges:
        if leaf.absent is leaf.inside:  # else it holds of every value, absent or not, or of no value at all
            return _is_none(name, leaf.inside)
        return ast.Constant(not leaf.inside if leaf.absent is None else leaf.absent)
    known = _of_value(leaf, name)
    if leaf.absent is None:
        return known
    return ast.BoolOp(ast.Or() if leaf.absent else ast.And(), [_is_none(name, leaf.absent), known])


def _of_value(leaf: Values, name: ast.expr) -> ast.expr:
    """The expression of a leaf for a value that is not absent."""
    match leaf.single:
        case None:
            [(first, last)] = leaf.numbers
            if first is None:
                return ast.Compare(name, [ast.LtE()], [_constant(last)])
            if last is None:
                return ast.Compare(name, [ast.GtE()], [_constant(first)])
            within = ast.Compare(_constant(first), [ast.LtE(), ast.LtE()], [name, _constant(last)])
            return within if leaf.inside else ast.UnaryOp(ast.Not(), within)
        case (True, False):
            return ast.Constant(True)
        case (bool(value),):
            return name if value else ast.UnaryOp(ast.Not(), name)
        case (value,):
            return ast.Compare(name, [ast.Eq() if leaf.inside else ast.NotEq()], [_constant(value)])
        case values:
            among = ast.In() if leaf.inside else ast.NotIn()
            return ast.Compare(name, [among], [ast.Set([_constant(value) for value in values])])


def _is_none(value: ast.expr, yes: bool) -> ast.expr:
    return ast.Compare(value, [ast.Is() if yes else ast.IsNot()], [ast.Constant(None)])


def _constant(value: Grid | None) -> ast.expr:
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)
