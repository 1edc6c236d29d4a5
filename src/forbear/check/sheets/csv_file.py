"""Reads sheets in CSV. Every cell is a text, because CSV has no other type."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from forbear.check.sheets.sheet import EMPTY, MOST_CELLS, Cell, Sheet, SheetError, trimmed


def read_csv(content: bytes, name: str, separator: str) -> Sheet:
    """A sheet of CSV in UTF-8. Raises `SheetError`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SheetError("it is not UTF-8 text: save it as `CSV UTF-8`") from None
    if "\0" in text:
        raise SheetError("it holds a NUL character, so it is not text")
    rows: list[list[Cell]] = []
    width = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            width = max(width, len(row))
            if (len(rows) + 1) * width > MOST_CELLS:  # each row is as long as the longest
                raise SheetError(f"it has more than {MOST_CELLS:,} cells")
            rows.append([Cell(cell) if cell.strip() else EMPTY for cell in row])
    except csv.Error as error:
        raise SheetError(f"row {len(rows) + 1} cannot be read: {error}") from None
    return Sheet(name, trimmed(rows))


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV, with the line ends that spreadsheets write."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
