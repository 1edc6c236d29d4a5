"""Sheets in XLSX, by openpyxl. What a sheet hides, works out or shows otherwise is refused: a formula, a merged cell, a
hidden row, a format.

openpyxl makes a cell of each place that a merged range or a hidden row covers, which may be billions. So its parser is
used, which gives the cells that there are.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.styles import Font
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from forbear.check.sheets.sheet import (
    EMPTY,
    MOST_CELLS,
    Cell,
    Refusal,
    Sheet,
    SheetError,
    address,
    column_name,
    trimmed,
)

_MOST_BYTES = 64 * 1024 * 1024
"""The most bytes that the parts of a workbook may have together when they are unpacked."""
_MOST_TAGS = 1_000_000
"""The most tags that they may have: 100,000 cells have ten each at most, and a tag takes some 200 bytes of memory."""
_MOST_DIGITS = 15
_AS_TEXT = "@"
"""The format of a cell that stays the text that it is, whatever it looks like."""
_ENCODING = re.compile(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
"""A character by its number, which a spreadsheet shows as that character."""
_LOWEST, _NARROWEST = 3.0, 0.5
"""Points of a row, and digits of a column, from which on something can be seen."""


def read_xlsx(content: bytes, chosen: str | None) -> Sheet:
    """Returns a sheet of a workbook: the one of that name, or the only one that is not hidden. Raises `SheetError`."""
    try:
        _refuse_bombs(content)
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheets = {sheet.title: sheet for sheet in book.worksheets}
        shown = [name for name, sheet in sheets.items() if sheet.sheet_state == "visible"]
        if chosen is None and len(shown) != 1:
            raise SheetError(f"it has {len(shown)} sheets: name one of them with --sheet: {', '.join(shown)}")
        name = shown[0] if chosen is None else chosen
        if name not in sheets:
            raise SheetError(f"it has no sheet {name!r}; there are {', '.join(sheets)}")
        return _sheet(name, sheets[name])
    except SheetError:
        raise
    except (InvalidFileException, zipfile.BadZipFile) as error:
        raise SheetError("it is not an .xlsx workbook") from error
    except Exception as error:  # openpyxl raises whatever comes of a broken part
        raise SheetError(f"it cannot be read as a workbook: {type(error).__name__}") from error


def _refuse_bombs(content: bytes) -> None:
    """Raises `SheetError` for what takes far more memory than bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > _MOST_BYTES:
            raise SheetError(f"it has more than {_MOST_BYTES // 1024 // 1024} MB when it is unpacked")
        tags = 0
        for part in parts.infolist():
            text = parts.read(part)
            tags += text.count(b"<")
            if tags > _MOST_TAGS:
                raise SheetError(f"it has more than {_MOST_TAGS:,} tags: delete what is right of and below the table")
            is_xml = part.filename.endswith((".xml", ".rels"))
            if is_xml and (b"<!" in text.replace(b"<!--", b"") or b"\0" in text or _ENCODING.match(text)):
                raise SheetError(f"its part {part.filename} is not plain XML in UTF-8")


class _Parser(WorkSheetParser):  # type: ignore[misc]
    def parse_formula(self, element: Any) -> str:
        """Refuses a formula, whatever its content."""
        return "="


def _sheet(name: str, sheet: Any) -> Sheet:
    book = sheet.parent
    cells: dict[tuple[int, int], Any] = {}
    refusals: list[Refusal] = []
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        last_row = last_column = 0
        for _, row in parser.parse():
            for entry in row:
                if entry["value"] is None or (isinstance(entry["value"], str) and not entry["value"].strip()):
                    continue
                place = entry["row"], entry["column"]
                last_row, last_column = max(last_row, place[0]), max(last_column, place[1])
                if last_row * last_column > MOST_CELLS:
                    help = "delete what is right of and below it"
                    raise SheetError(f"the sheet {name!r} has more than {MOST_CELLS:,} cells: {help}")
                if place in cells:
                    refusals.append(
                        Refusal(address(place[0] - 1, place[1] - 1), "this cell is there twice", "delete one")
                    )
                cells[place] = ReadOnlyCell(sheet, **entry)
    refusals += _hidden(parser, book, {row for row, _ in cells}, {column for _, column in cells})
    views = parser.views.sheetView if parser.views is not None else ()
    zeros = all(view.showZeros is not False for view in views)
    rows = [
        [_cell(cells.get((row, column)), zeros, refusals) for column in range(1, last_column + 1)]
        for row in range(1, last_row + 1)
    ]
    return Sheet(name, trimmed(rows), tuple(refusals))


def _hidden(parser: WorkSheetParser, book: Any, rows: set[int], columns: set[int]) -> Iterator[Refusal]:
    """Yields the refusals of cells that are hidden, merged, or changed in appearance by a condition."""
    for merged in parser.merged_cells.mergeCell if parser.merged_cells is not None else ():
        yield Refusal(str(merged.ref), "these cells are merged", "split them, and write the value into each")
    usual = parser.sheet_format
    if usual is not None and (usual.zeroHeight or _below(usual.defaultRowHeight, _LOWEST)):
        yield Refusal("A1", "rows are hidden unless something else is said of them", "show all rows")
    if usual is not None and _below(usual.defaultColWidth, _NARROWEST):
        yield Refusal("A1", "columns are hidden unless something else is said of them", "show all columns")
    for number, row in parser.row_dimensions.items():
        if int(number) in rows and (_is_true(row.get("hidden")) or _below(row.get("ht"), _LOWEST)):
            yield Refusal(f"A{number}", f"row {number} is hidden", "show it, or delete it")
    edges = Counter[int]()  # of the hidden spans of columns, which may lie upon each other
    for span in parser.column_dimensions.values():
        if _is_true(span.get("hidden")) or _below(span.get("width"), _NARROWEST):
            edges[int(span["min"])] += 1
            edges[int(span["max"]) + 1] -= 1
    for at, depth in enumerate(accumulate(edges[at] for at in range(max(columns, default=0) + 1))):
        if depth > 0 and at in columns:
            letters = column_name(at - 1)
            yield Refusal(f"{letters}1", f"column {letters} is hidden", "show it, or delete it")
    styles = book._differential_styles.styles
    for formatting in parser.formatting:
        if any(rule.dxfId is not None and styles[rule.dxfId].numFmt is not None for rule in formatting.rules):
            yield Refusal(str(formatting.sqref).split()[0], "a condition shows other values here", "delete it")


def _is_true(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _below(size: object, least: float) -> bool:
    return size is not None and float(str(size)) < least


def _cell(cell: Any, zeros: bool, refusals: list[Refusal]) -> Cell:
    if cell is None:
        return EMPTY
    found, wrong, help = _read(cell, zeros)
    if wrong:
        refusals.append(Refusal(address(cell.row - 1, cell.column - 1), wrong, help))
    return found


def _read(cell: Any, zeros: bool) -> tuple[Cell, str, str]:
    """Returns the value of a cell; or its error and the help."""
    value, written = cell.value, cell.number_format
    other = (
        f"what this cell shows may not be the {value} that it holds",
        f"its format is {written!r}: write it as a text",
    )
    number_format = cell.style_array.numFmtId
    if cell.data_type == "f":
        return EMPTY, "this is a formula", "write what it comes to, as a value"
    if cell.data_type == "e":
        return EMPTY, f"this is the error {value}", "write a value"
    if number_format < BUILTIN_FORMATS_MAX_SIZE and number_format not in BUILTIN_FORMATS:
        return EMPTY, f"this cell has the format {number_format} of a language", "write it as a text"
    match value:
        case str():
            if _ESCAPED.search(value):
                return EMPTY, "there is a character by its number in this cell", "type the text again"
            return (Cell(value), "", "") if shows_text(written) else (EMPTY, *other)
        case bool():
            return (Cell(value), "", "") if shows_truth(written) else (EMPTY, *other)
        case datetime.time():
            return (Cell(value), "", "") if shows_time(value, written) else (EMPTY, *other)
        case datetime.datetime() if value.time() != datetime.time():
            return EMPTY, f"this is a moment: {value}", "write a date, or a time of day, as a text"
        case datetime.datetime():
            return (Cell(value.date()), "", "") if shows_date(value.date(), written) else (EMPTY, *other)
        case int() | float():
            number = Decimal(repr(value))
            if not number.is_finite() or len(number.as_tuple().digits) > _MOST_DIGITS:
                return EMPTY, f"a spreadsheet does not keep all digits of {value!r}", "write it as a text"
            if not shows_number(number, written) or (not zeros and not number):
                return EMPTY, *other
            return Cell(number, share=shares(written)), "", ""
        case _:
            return EMPTY, f"a cell of this kind ({type(value).__name__}) has no meaning here", "write a text"


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


# Decides whether a cell of a spreadsheet shows its value, by its number format.
#
# A format may show another number, another day, another text or nothing. The formats that show a value as it is are few
# and plain. A cell with any other format is refused: its author has read something that would not be imported.


_NUMBER = re.compile(r"(?:#,##)?0+(?:\.(?P<decimals>[0#]+))?(?P<share>%)?")
_LOCALE = re.compile(r"\[\$-[0-9A-F]{3,4}\]", re.IGNORECASE)
"""A language, without the digits and the calendar that a longer one names."""
_LITERAL = re.compile(r'"[^"A-Za-z0-9]*"|\\[^A-Za-z0-9]')
_DATE = re.compile(r"[ymdhs\s/.,:\-年月日]*(?:am/pm)?")
_MOST_IN_GENERAL = 11
"""Characters to which a number without a format is rounded."""
_FIRST_DAY = datetime.date(1900, 3, 1)
"""Spreadsheets know a 29 February 1900, and do not agree on the days before it."""


def shares(number_format: str) -> bool:
    """Returns true if a format shows a number as a percentage."""
    plain = _NUMBER.fullmatch(number_format)
    return plain is not None and plain["share"] is not None


def shows_number(value: Decimal, number_format: str) -> bool:
    """Returns true if a format shows all of a number, and nothing else."""
    if number_format in ("General", "@"):
        return len(f"{abs(value):f}") <= _MOST_IN_GENERAL
    plain = _NUMBER.fullmatch(number_format)
    if plain is None:
        return False
    shown = value * 100 if plain["share"] else value
    return shown == round(shown, len(plain["decimals"] or ""))


def shows_text(number_format: str) -> bool:
    """Returns true if a format shows a text as it is: the fourth part of one is for texts, and so is a part with
    `@`.
    """
    return number_format == "@" or ("@" not in number_format and number_format.count(";") < 3)


def shows_truth(number_format: str) -> bool:
    """Returns true if a format shows a truth value."""
    return number_format in ("General", "@") or _NUMBER.fullmatch(number_format) is not None


def shows_date(value: datetime.date, number_format: str) -> bool:
    """Returns true if a format shows the year, the month and the day of a date."""
    parts = _parts(number_format)
    return value >= _FIRST_DAY and parts is not None and bool(re.search("y", parts)) and bool(_day_and_month(parts))


def shows_time(value: datetime.time, number_format: str) -> bool:
    """Returns true if a format shows all of a time of day."""
    parts = _parts(number_format)
    if parts is None or value.microsecond or not re.fullmatch(r"h{1,2}:mm(?::ss)?(?:\s*am/pm)?", parts.strip()):
        return False
    return "s" in parts or not value.second


def _parts(number_format: str) -> str | None:
    """The letters and separators of a format of dates and times; None where it is another one."""
    parts = _LITERAL.sub(" ", _LOCALE.sub("", number_format.removesuffix(";@"))).lower()
    return parts if _DATE.fullmatch(parts) else None


def _day_and_month(parts: str) -> bool:
    return (
        re.search(r"(?<!d)d{1,2}(?!d)", parts) is not None and re.search(r"(?<![hm:])m{1,4}(?![m:])", parts) is not None
    )
