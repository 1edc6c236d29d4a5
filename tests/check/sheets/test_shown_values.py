"""What a cell of a spreadsheet shows is what is imported, or it is refused by its address; and no sheet costs more time
and memory than it is worth."""

from __future__ import annotations

import datetime
import io
import random
import re
import time
import zipfile
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import pytest
from openpyxl import Workbook
from strategies import examples

from forbear.check.sheets.sheet import EMPTY, Cell, SheetError, written
from forbear.check.sheets.xlsx_file import read_xlsx

PIECES = (
    *("0", "0", "#", "#,##0", ".", "0", "00", "%", '"%"', '"x"', '"5"', ",", ";", ";", "@", "\\%", "[Red]", "-"),
    *(" ", "E+00"),
)
PLAIN = ("General", "0", "0.00", "0%", "0.0%", "#,##0", "#,##0.00", "@", "0.0##")
MOST = 10_000
NUMBERS = (0, 1, 60, -5, 0.6, 0.125, 12.5, 1234, 1234567, 999999999999, 0.005, 1e-7, 59.999999, 100000000000.5)
DATES = (
    *("yyyy", "yy", "y", "m", "mm", "mmm", "d", "dd", "ddd", "dddd", "-", "/", ".", " ", '"2025"', '"年"', "e", "b"),
    *("[$-804]", "h:mm", ";@"),
)


def book(cells: list[tuple[object, str]]) -> bytes:
    """A workbook with these values in its first column, each in a format."""
    made = Workbook()
    for number, (value, number_format) in enumerate(cells, 1):
        cell = made.active.cell(number, 1)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        cell.number_format = number_format
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def sections(number_format: str) -> list[str]:
    """The parts of a format, between semicolons that are no literals."""
    return re.sub(r'("[^"]*"|\\.)|;', lambda found: found[1] or "\0", number_format).split("\0")


def literals(section: str) -> str:
    return re.sub(r'"([^"]*)"|\\(.)', lambda found: found[1] or found[2] or "", re.sub(r"\[[^\]]*\]", "", section))


def shown_number(value: Decimal, number_format: str) -> str:
    """What a spreadsheet shows of a number, by the rules of number formats; of the exponent only that there is one."""
    parts = sections(number_format)
    section = parts[0]
    if value < 0 and len(parts) > 1:
        value, section = -value, parts[1]
    elif value == 0 and len(parts) > 2:
        section = parts[2]
    if section in ("General", "@"):
        whole = len(f"{abs(int(value))}")
        return f"{value:.5E}" if whole > 11 else f"{round(value, max(0, 10 - whole)):f}"
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "\0", section)
    digits = re.search(r"[0#][0#,]*(?:\.[0#]*)?", bare)
    if digits is None or "E" in bare or "@" in bare:
        return literals(section)
    value *= 100 ** bare.count("%")
    places = digits[0].partition(".")
    for _ in re.findall(r",(?=,*(?:\.|$))", places[0]):
        value /= 1000
    rounded = value.quantize(Decimal(1).scaleb(-len(places[2])), ROUND_HALF_UP)
    start = len(re.match(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^0#])*', section)[0])  # type: ignore[index]
    rest = section[start + len(digits[0]) :]
    body = "" if rounded == 0 and "0" not in places[0] + places[2] else f"{rounded:f}"
    return f"{literals(section[:start])}{body}{literals(rest)}"


def shown_text(value: str, number_format: str) -> str:
    parts = sections(number_format)
    with_text = [part for part in parts if "@" in re.sub(r'"[^"]*"|\\.', "", part)]
    section = parts[3] if len(parts) > 3 else with_text[-1] if with_text else "@"
    return literals(section.replace("@", value))


def shown_date(value: datetime.date, number_format: str) -> str:
    tokens = {"yyyy": "%Y", "yy": "%y", "y": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "m": "%m", "dddd": "%A"}
    tokens |= {"ddd": "%a", "dd": "%d", "d": "%d", "e": "?", "b": "?"}
    found = re.findall(r'"[^"]*"|\[[^\]]*\]|h:mm|y+|m+|d+|.', sections(number_format)[0])
    texts = []
    for token in found:
        name = "yyyy" if token.startswith("yyy") else "dddd" if token.startswith("dddd") else token
        name = "mmmm" if re.fullmatch("m{4,}", token) else name
        texts.append(value.strftime(tokens[name]) if name in tokens else literals(token).replace("h:mm", ""))
    return "".join(texts)


def read(cells: list[tuple[object, str]]) -> list[Cell | None]:
    """What is imported of each cell, None if it is refused. A workbook has a limit, so a night needs several."""
    found: list[Cell | None] = []
    for start in range(0, len(cells), MOST):
        sheet = read_xlsx(book(cells[start : start + MOST]), None)
        refused = {refusal.address for refusal in sheet.refusals}
        for number in range(len(cells[start : start + MOST])):
            cell = sheet.rows[number][0] if number < len(sheet.rows) else EMPTY
            assert f"A{number + 1}" not in refused or cell == EMPTY
            found.append(None if f"A{number + 1}" in refused else cell)
    return found


def test_a_number_is_imported_as_it_is_shown_or_refused() -> None:
    generator = random.Random(5)
    cells: list[tuple[object, str]] = [(number, each) for number in NUMBERS for each in PLAIN]
    for _ in range(examples(3_000)):
        pieces = "".join(generator.choices(PIECES, k=generator.randint(1, 6)))
        cells.append((generator.choice(NUMBERS), pieces))
    imported = 0
    for (value, number_format), cell in zip(cells, read(cells), strict=True):
        if cell is None:
            continue
        imported += 1
        shown = shown_number(Decimal(repr(value)), number_format).replace(",", "")
        assert re.fullmatch(r"-?[\d.]+(?:E[+]\d+)?%?", shown), (value, number_format, shown)
        ours = written(cell)
        assert shown.endswith("%") == ours.endswith("%"), (value, number_format, shown, ours)
        assert Decimal(shown.rstrip("%")) == Decimal(ours.rstrip("%")), (value, number_format, shown, ours)
    assert len(PLAIN) * 5 < imported < len(cells) - examples(300)


def test_a_text_is_imported_as_it_is_shown_or_refused() -> None:
    generator = random.Random(6)
    cells: list[tuple[object, str]] = [("allow", each) for each in (*PLAIN, ';;;"never"', '"never"@', ";;;", ";;;@")]
    for _ in range(examples(1_000)):
        cells.append(("allow", "".join(generator.choices(PIECES, k=generator.randint(1, 7)))))
    found = read(cells)
    assert found[len(PLAIN) : len(PLAIN) + 3] == [None] * 3
    for (_, number_format), cell in zip(cells, found, strict=True):
        if cell is not None:
            assert shown_text("allow", number_format) == "allow" == cell.value, number_format


def test_a_date_is_imported_only_if_all_of_it_is_shown() -> None:
    generator = random.Random(7)
    day = datetime.date(2026, 9, 13)
    others = [day.replace(year=2025), day.replace(month=8), day.replace(day=14), day.replace(day=20)]
    known = (
        *("yyyy-mm-dd", "mm-dd-yy", "d-mmm-yy", "[$-804]yyyy\\-m\\-d", "dd/mm/yy;@"),
        *("yyyy-mm-dd h:mm:ss", "d.m.yyyy"),
    )
    cells: list[tuple[object, str]] = [
        (day, each) for each in (*known, "d-m", "yyyy", "mmm-yy", 'yyyy"-01-"dd', "e-m-d", '"2025"yyyy-mm-dd')
    ]
    for _ in range(examples(2_000)):
        pieces = "".join(generator.choices(DATES, k=generator.randint(1, 8)))
        cells.append((day, pieces))
    found = read(cells)
    assert None not in found[: len(known)]
    assert found[len(known) : len(known) + 6] == [None] * 6
    imported = 0
    for (_, number_format), cell in zip(cells, found, strict=True):
        if cell is not None and isinstance(cell.value, datetime.date):
            imported += 1
            shown = shown_date(day, number_format)
            assert "?" not in shown
            assert all(shown_date(other, number_format) != shown for other in others), (number_format, shown)
    assert imported > len(known)


@pytest.mark.parametrize(
    ("value", "number_format", "said"),
    [
        (60, '0"%"', "may not be the 60"),
        (60, "0,", "may not be the 60"),
        (0.125, "0%", "may not be the 0.125"),
        (0, ";;;", "may not be the 0"),
        (True, ";;;", "may not be the True"),
        (datetime.time(8, 30, 15), "h:mm", "may not be the 08:30:15"),
        (datetime.time(8, 30), "h", "may not be the 08:30:00"),
        (datetime.date(1900, 2, 1), "yyyy-mm-dd", "may not be the 1900-02-01"),
        ("_x0061_llow", "General", "a character by its number"),
    ],
)
def test_a_cell_that_shows_something_else_is_refused(value: object, number_format: str, said: str) -> None:
    sheet = read_xlsx(book([("x", "General"), (value, number_format)]), None)
    assert [refusal.address for refusal in sheet.refusals] == ["A2"]
    assert said in str(sheet.refusals[0])


# Parts that no spreadsheet writes


def patched(change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook of two rows, one part of which is changed."""
    out = io.BytesIO()
    made = Workbook()
    made.active.append(["segment", "sms"])
    made.active.append(["prime", 0])
    content = io.BytesIO()
    made.save(content)
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, change(text.decode()) if name == part else text)
    return out.getvalue()


def behind(text: str) -> Callable[[str], str]:
    return lambda sheet: sheet.replace("</sheetData>", f"</sheetData>{text}")


def row(text: str) -> Callable[[str], str]:
    return lambda sheet: sheet.replace("</sheetData>", f"{text}</sheetData>")


def usual(attributes: str) -> Callable[[str], str]:
    return lambda sheet: re.sub("<sheetFormatPr [^>]*>", f"<sheetFormatPr {attributes}/>", sheet)


def columns(text: str) -> Callable[[str], str]:
    return lambda sheet: sheet.replace("<sheetData>", f"<cols>{text}</cols><sheetData>")


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (
            behind('<mergeCells><mergeCell ref="D1:XFD1048576"/></mergeCells>'),
            "D1:XFD1048576",
            "these cells are merged",
        ),
        (lambda sheet: sheet.replace('<row r="2"', '<row r="2" ht="0" customHeight="1"'), "A2", "row 2 is hidden"),
        (lambda sheet: sheet.replace('<row r="2"', '<row r="2" hidden="true"'), "A2", "row 2 is hidden"),
        (usual('defaultRowHeight="15" zeroHeight="1"'), "A1", "rows are hidden"),
        (usual('defaultRowHeight="0"'), "A1", "rows are hidden"),
        (usual('defaultRowHeight="15" defaultColWidth="0"'), "A1", "columns are hidden"),
        (columns('<col min="2" max="16384" width="0" customWidth="1"/>'), "B1", "column B is hidden"),
        (columns('<col min="1" max="1" width="9"/><col min="2" max="2" hidden="1"/>'), "B1", "column B is hidden"),
        (lambda sheet: sheet.replace("<sheetView ", '<sheetView showZeros="0" '), "B2", "may not be the 0"),
        (row('<row r="2"><c r="A2" t="inlineStr"><is><t>near</t></is></c></row>'), "A2", "there twice"),
    ],
)
def test_what_is_hidden_in_another_way_is_refused(change: Callable[[str], str], where: str, said: str) -> None:
    refusals = read_xlsx(patched(change), None).refusals
    assert [refusal.address for refusal in refusals] == [where]
    assert said in refusals[0].message


def test_a_format_of_a_condition_or_of_a_language_is_refused() -> None:
    dates = patched(
        lambda styles: re.sub('(<cellXfs.*?numFmtId=)"0"', r'\1"57"', styles, flags=re.DOTALL), "xl/styles.xml"
    )
    assert "the format 57 of a language" in str(read_xlsx(dates, None).refusals[0])
    made = Workbook()
    made.active.append(["segment"])
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles.differential import DifferentialStyle
    from openpyxl.styles.numbers import NumberFormat

    style = DifferentialStyle(numFmt=NumberFormat(numFmtId=170, formatCode=";;;"))
    made.active.conditional_formatting.add("A1:A9", Rule("expression", dxf=style, formula=["TRUE"]))
    out = io.BytesIO()
    made.save(out)
    assert "a condition shows other values here" in str(read_xlsx(out.getvalue(), None).refusals[0])


ROWS = "".join(f'<row r="{number}" hidden="1"><c r="XFD{number}"/></row>' for number in range(3, 2_003))
REFUSED = {
    "a cell far away": row('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "a row of empty cells": row(f'<row r="3">{"<c/>" * 2_000_000}</row>'),
    "an entity": lambda sheet: sheet.replace("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet', 1),
    "another encoding": lambda sheet: f'<?xml version="1.0" encoding="cp037"?>{sheet}',
    "a long number": row(f'<row r="3"><c r="A3"><v>{"9" * 1_000_000}</v></c></row>'),
}
READ = {
    "hidden rows with a cell far away": row(ROWS),
    "a link in all cells": behind('<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>'),
    "spans upon each other": columns("".join(f'<col min="{at}" max="16384" hidden="1"/>' for at in range(3, 16_384))),
}


@pytest.mark.parametrize("change", [*REFUSED.values(), *READ.values()], ids=[*REFUSED, *READ])
def test_a_sheet_that_would_take_gigabytes_is_refused_or_read_at_once(change: Callable[[str], str]) -> None:
    content = patched(change)
    start = time.process_time()
    if change in REFUSED.values():
        with pytest.raises(SheetError):
            read_xlsx(content, None)
    else:
        sheet = read_xlsx(content, None)
        assert (len(sheet.rows), sheet.refusals) == (2, ())
    assert time.process_time() - start < 5
