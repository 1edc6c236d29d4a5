"""From a case to its cells: expressions for a function that reads cases (`predicates/reading.py`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from forbear.predicates.reading import Context, apart
from forbear.space.axes import Axis, Space
from forbear.vocabulary.facts import Kind

_SMALL = 2_000
"""How many values a fact may have for the cell of each to be looked up."""


def cells(cut: Space, needed: Sequence[str]) -> tuple[list[str], Context]:
    """For each fact, in the order of `needed`, an expression that is the number of its cell; and what they use.

    What they use has a capital letter in its name, so no variable of a fact has that name.
    """
    used: Context = {"FIND": bisect_right}
    variables = apart(needed)
    return [_cell(cut.axes[name], variables[name], used) for name in needed], used


def _cell(axis: Axis, variable: str, used: Context) -> str:
    """An expression: the cell of the value that a variable has on its grid."""
    fact = axis.fact
    table = f"CELLS_{variable}"
    values: Sequence[object]
    if fact.kind is Kind.FLAG:
        cell = f"(1 if {variable} else 0)"
    elif fact.kind is Kind.TEXT:
        used[table] = {value: number for number, value in enumerate(axis.first[:-1])}
        cell = f"{table}.get({variable}, {len(axis.first) - 1})"
    elif not fact.ordered or fact.high - fact.low < _SMALL:
        values = range(fact.low, fact.high + 1) if fact.ordered else fact.names
        used[table] = {value: axis.cell_of(value) for value in values}
        cell = f"{table}[{variable}]"
    elif fact.low >= 0 and _last(axis) < _SMALL:
        used[table] = [axis.cell_of(value) for value in range(_last(axis))]
        cell = f"({table}[{variable}] if {variable} < {_last(axis)} else {len(axis.first) - 1})"
    else:
        used[table] = axis.first[1:]  # what lies below all of these is in cell 0
        cell = f"FIND({table}, {variable})"
    return f"({len(axis.first)} if {variable} is None else {cell})" if axis.absent else cell


def _last(axis: Axis) -> int:
    """Where the last known cell begins."""
    last = axis.first[-1]
    assert isinstance(last, int)
    return last
