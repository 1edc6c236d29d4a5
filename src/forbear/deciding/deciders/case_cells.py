"""From a case to its cells: expressions for the functions that read cases (`space/predicates/reading.py`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeAlias

from forbear.language.model.kinds import Storage
from forbear.space.axes import Axis, Space
from forbear.space.predicates.reading import Context, apart

Cell: TypeAlias = Callable[[int], str]
"""From the number of a fact among those needed to an expression for the cell of its value."""


def cells(space: Space, needed: Sequence[str]) -> tuple[Cell, Context]:
    """A function that makes expressions for cells, and the names that they use, which each call adds.

    These names have capital letters, so they differ from the variables of facts.
    """
    used: Context = {"FIND": bisect_right}
    variables = apart(needed)
    return lambda number: _cell(space.axes[needed[number]], variables[needed[number]], used), used


def _cell(axis: Axis, variable: str, used: Context) -> str:
    """An expression for the cell of the value of a variable, which is on the grid."""
    table = f"CELLS_{variable}"
    known = len(axis.first)
    if axis.fact.kind.storage is Storage.FLAG:
        cell = variable  # False and True are indices as well
    elif not axis.fact.ordered:
        used[table] = {value: number for number, value in enumerate(axis.first)}
        cell = (
            f"{table}.get({variable}, {known - 1})"
            if axis.fact.kind.storage is Storage.TEXT
            else f"{table}[{variable}]"
        )
    else:
        used[table] = axis.first[1:]  # a value below all of these is in cell 0
        cell = f"FIND({table}, {variable})"
    return f"({known} if {variable} is None else {cell})" if axis.absent else cell
