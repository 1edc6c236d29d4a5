"""Sheets in XLSX, by openpyxl. What a sheet hides or works out is refused: a formula, a merged cell, a hidden row."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException

from forbear.sheets.sheet import EMPTY, MOST_CELLS, Cell, Refusal, Sheet, SheetError, address, column_name, trimmed

_MOST_BYTES = 64 * 1024 * 1024
"""How large the parts of a workbook may be together when they are unpacked."""
_MOST_DIGITS = 15
_AS_TEXT = "@"
"""The format of a cell that stays the text that it is, whatever it looks like."""


def read_xlsx(content: bytes, chosen: str | None) -> Sheet:
    """A sheet of a workbook: the one of that name, or the only one that is not hidden. Raises `SheetError`."""
    book = _opened(content)
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    shown = [name for name, sheet in sheets.items() if sheet.sheet_state == "visible"]
    if chosen is None and len(shown) != 1:
        raise SheetError(f"it has {len(shown)} sheets: name one of them with --sheet: {', '.join(shown)}")
    name = shown[0] if chosen is None else chosen
    if name not in sheets:
        raise SheetError(f"it has no sheet {name!r}; there are {', '.join(sheets)}")
    sheet = sheets[name]
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        raise SheetError(f"the sheet {name!r} has more than {MOST_CELLS:,} cells: delete what is right of and below it")
    refusals = list(_hidden(sheet))
    rows = [[_cell(cell, refusals) for cell in row] for row in sheet.iter_rows()]
    return Sheet(name, trimmed(rows), tuple(refusals))


def _opened(content: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MOST_BYTES:
                raise SheetError(f"it has more than {_MOST_BYTES // 1024 // 1024} MB when it is unpacked")
        return load_workbook(io.BytesIO(content))
    except SheetError:
        raise
    except (InvalidFileException, zipfile.BadZipFile) as error:
        raise SheetError("it is no workbook of the form .xlsx") from error
    except Exception as error:  # openpyxl raises whatever comes of a broken part
        raise SheetError(f"it cannot be read as a workbook: {type(error).__name__}") from error


def _hidden(sheet: Any) -> Iterator[Refusal]:
    """What cannot be seen on the sheet, or is not one cell."""
    for merged in sheet.merged_cells.ranges:
        yield Refusal(str(merged), "these cells are merged", "split them, and write the value into each")
    for number, row in sheet.row_dimensions.items():
        if row.hidden and any(cell.value is not None for cell in sheet[number]):
            yield Refusal(f"A{number}", f"row {number} is hidden", "show it, or delete it")
    for letters, column in sheet.column_dimensions.items():
        if column.hidden:
            first = column.min or 1
            for number in range(first, min(column.max or first, sheet.max_column) + 1):
                name = column_name(number - 1)
                if any(cell.value is not None for cell in sheet[name]):
                    yield Refusal(f"{name}1", f"column {name} is hidden", "show it, or delete it")
        del letters


def _cell(cell: Any, refusals: list[Refusal]) -> Cell:
    value = cell.value
    at = address(cell.row - 1, cell.column - 1)
    if value is None or (isinstance(value, str) and not value.strip()):
        return EMPTY
    if cell.data_type == "f":
        refusals.append(Refusal(at, "this is a formula", "write what it comes to, as a value"))
        return EMPTY
    if cell.data_type == "e":
        refusals.append(Refusal(at, f"this is the error {value}", "write a value"))
        return EMPTY
    if isinstance(value, bool | str | datetime.time):
        return Cell(value)
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return Cell(value.date())
        refusals.append(Refusal(at, f"this is a moment: {value}", "write a date, or a time of day, as a text"))
        return EMPTY
    if isinstance(value, int | float):
        number = Decimal(repr(value))
        if len(number.as_tuple().digits) <= _MOST_DIGITS and number.is_finite():
            return Cell(number, share="%" in (cell.number_format or ""))
        refusals.append(Refusal(at, f"a spreadsheet does not keep all digits of {value!r}", "write it as a text"))
        return EMPTY
    refusals.append(Refusal(at, f"a cell of this kind ({type(value).__name__}) has no meaning here", "write a text"))
    return EMPTY


def xlsx_bytes(name: str, rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as a workbook of one sheet. Each cell is a text, so that neither `=` nor `9-13` becomes something else."""
    book = Workbook()
    sheet = book.active
    sheet.title = name[:31]
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.number_format = _AS_TEXT
            if text:
                cell.value = text
                cell.data_type = "s"
            if number == 1:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for column in range(len(rows[0])):
        longest = max(len(row[column]) for row in rows)
        sheet.column_dimensions[column_name(column)].width = min(max(longest + 2, 8), 60)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
