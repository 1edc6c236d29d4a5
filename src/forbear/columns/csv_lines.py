"""A file of CSV line by line, from the first line on that Polars does not read: such a row is known by its number, and
what is wrong with it is told."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import polars as pl

_ROWS = 100_000
"""Rows that are read at a time."""


class Broken(Exception):
    """A file whose lines cannot be told apart; the message says why."""


def rows_from(
    path: Path, columns: Sequence[str], wanted: Sequence[str], first: int
) -> Iterator[tuple[pl.DataFrame, dict[int, str]]]:
    """The columns that are wanted of the rows from the `first` on, counted from 0: texts, and null where there is
    none; and why some of these rows, by their place among them, are no rows of such a file. Raises `Broken`, and
    `OSError`."""
    places = [columns.index(name) for name in wanted]
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = islice(csv.reader(file, strict=True), 1 + first, None)
        try:
            while some := list(islice(rows, _ROWS)):
                lost = {place: why for place, row in enumerate(some) if (why := _fault(row, len(columns)))}
                for place in lost:
                    some[place] = [text.encode("utf-8", "replace").decode() for text in some[place]]
                texts = [[row[place] or None if place < len(row) else None for row in some] for place in places]
                yield pl.DataFrame(dict(zip(wanted, texts, strict=True)), schema=dict.fromkeys(wanted, pl.String)), lost
        except csv.Error as error:
            raise Broken(str(error)) from None


def _fault(row: Sequence[str], columns: int) -> str | None:
    """What is wrong with a row. One of too few values lacks the last ones."""
    if len(row) > columns:
        return f"it has {len(row)} values, and the file {columns} columns"
    if not all(text.isascii() or _is_unicode(text) for text in row):
        return "it is no UTF-8"
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
