"""From a case to its cells: expressions for the functions that read cases (`predicates/reading.py`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeAlias

from forbear.model.kinds import Storage
from forbear.predicates.reading import Context, apart
from forbear.space.axes import Axis, Space

_SMALL = 2_000
"""A fact of at most so many values has a table with the cell of each."""

Cell: TypeAlias = Callable[[int, int], str]
"""From the number of a fact among those needed, and a factor, to an expression for the factor times the cell."""


def cells(space: Space, needed: Sequence[str]) -> tuple[Cell, Context]:
    """A function that makes expressions for cells, and the names that they use, which each call adds.

    These names have capital letters, so they differ from the variables of facts.
    """
    used: Context = {"FIND": bisect_right}
    variables = apart(needed)
    return lambda number, times: _cell(space.axes[needed[number]], variables[needed[number]], times, used), used


def _cell(axis: Axis, variable: str, times: int, used: Context) -> str:
    """An expression for `times` the cell of the value of a variable, which is on the grid."""
    fact = axis.fact
    table = f"CELLS_{times}_{variable}"
    last = (len(axis.first) - 1) * times
    values: Sequence[object]
    if fact.kind.storage is Storage.FLAG:
        cell = f"({times} if {variable} else 0)"
    elif fact.kind.storage is Storage.TEXT:
        used[table] = {value: number * times for number, value in enumerate(axis.first[:-1])}
        cell = f"{table}.get({variable}, {last})"
    elif not fact.ordered or fact.high - fact.low < _SMALL:
        values = range(fact.low, fact.high + 1) if fact.ordered else fact.names
        used[table] = {value: axis.cell_of(value) * times for value in values}
        cell = f"{table}[{variable}]"
    elif fact.low >= 0 and _last(axis) < _SMALL:
        used[table] = [axis.cell_of(value) * times for value in range(_last(axis))]
        cell = f"({table}[{variable}] if {variable} < {_last(axis)} else {last})"
    else:
        used[table] = axis.first[1:]  # a value below all of these is in cell 0
        cell = f"FIND({table}, {variable})" + (f" * {times}" if times > 1 else "")
    return f"({last + times} if {variable} is None else {cell})" if axis.absent else cell


def _last(axis: Axis) -> int:
    """The first value of the last known cell."""
    last = axis.first[-1]
    assert isinstance(last, int)
    return last
