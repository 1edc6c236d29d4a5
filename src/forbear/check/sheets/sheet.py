"""A sheet of a spreadsheet as data, and what is refused of it, by the address of its cell."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

from forbear.base.frozen import frozen

Value: TypeAlias = str | Decimal | bool | datetime.date | datetime.time | None
"""What a cell holds; None is an empty one."""


@frozen
class Cell:
    """A cell. `share` says of a number that it is shown as a percentage: then 0.8 is 80%."""

    value: Value
    share: bool = False


@frozen
class Refusal:
    """What is wrong with a cell, and what to do. `address` is that of the spreadsheet: C7."""

    address: str
    message: str
    help: str

    def __str__(self) -> str:
        return f"{self.address}: {self.message}; {self.help}"


@frozen
class Sheet:
    """A sheet: its name, its cells by rows from the first one on, and what could not be read."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    refusals: tuple[Refusal, ...] = ()


class SheetError(Exception):
    """A file that cannot be read as a sheet."""


EMPTY = Cell(None)
MOST_CELLS = 100_000
"""The most cells that are read of a sheet, empty ones between others among them."""


def column_name(number: int) -> str:
    """The letters of a column, counted from 0."""
    letters = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def address(row: int, column: int) -> str:
    """The address of a cell by its place, both counted from 0."""
    return f"{column_name(column)}{row + 1}"


def trimmed(rows: Iterable[Iterable[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """The rows up to the last one that holds something, each up to the last column that does in any."""
    cells = [tuple(row) for row in rows]
    widths = [max((at + 1 for at, cell in enumerate(row) if cell.value is not None), default=0) for row in cells]
    while widths and not widths[-1]:
        widths.pop()
    width = max(widths, default=0)
    return tuple([(*row[:width], *[EMPTY] * (width - len(row))) for row in cells[: len(widths)]])
