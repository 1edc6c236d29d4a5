"""`forbear table`: strategy sheets from XLSX and CSV, each kind of bad cell by its address, and the way back."""

from __future__ import annotations

import csv
import datetime
import itertools
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from invoking import forbear as run
from openpyxl import Workbook, load_workbook

import forbear

WORDS = """\
vocabulary shop
  currency CNY

fact segment one of prime, near, sub
fact days_overdue days clock
fact product text one of "card", "loan", "buy now, pay later", "any"
fact owed money CNY
fact share percent between 0% and 100%
fact called count optional
fact promised date or none
fact hour time
fact asked yes/no
fact state text
define lost is called >= 3
action sms, email, phone_call, visit
group messages is sms, email
"""
HEADINGS = ("segment", "days_overdue", "product", "messages", "phone_call", "visit")
BANDS = ("under 9", "9 to 13", "14 to 29", "30 to 59", "60 to 89", "over 89")


def strategy() -> list[Sequence[object]]:
    """A sheet of 72 rows by segment, band and product, and one for all else. Products are as an author types them."""
    rows: list[Sequence[object]] = [HEADINGS]
    for number, (segment, band, product) in enumerate(
        itertools.product(("prime", "near", "sub"), BANDS, ("card", "loan", "buy now, pay later", '"any"'))
    ):
        effects = ["" if number % 3 else "allow", "" if number % 5 else "allow", "never" if number % 7 == 0 else ""]
        rows.append((segment, band, product, *effects))
    return [*rows, ("otherwise", "", "", "", "", "forbid")]


def large() -> list[Sequence[object]]:
    """A sheet of 1,000 rows, with numbers as numbers."""
    rows: list[Sequence[object]] = [("days_overdue", "segment", "rule", "because", "then")]
    for number in range(1000):
        then = "" if number % 10 == 9 else "allow sms and never visit" if number % 2 else "allow phone_call"
        rows.append((number, ("prime", "near, sub", "any")[number % 3], f"row_{number}", f"= reason {number}", then))
    return rows


def write_csv(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def write_xlsx(
    path: Path, rows: Sequence[Sequence[object]], change: Callable[[Any], None] = lambda sheet: None
) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = path.stem
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if value != "":
                cell = sheet.cell(number, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
    change(sheet)
    book.save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "words.forbear").write_text(WORDS, encoding="utf-8")
    return tmp_path


def table_of(folder: Path, sheet: str, *more: str) -> str:
    done = run("table", "import", sheet, "--vocabulary", "words.forbear", *more, cwd=folder)
    assert done.code == 0, done.err
    return done.out


def policy(folder: Path, table: str, name: str = "policy.forbear") -> forbear.Policy:
    (folder / name).write_text(f'uses "words.forbear"\n\n{table}', encoding="utf-8")
    return forbear.load(folder / name)


@pytest.mark.parametrize("make", [strategy, large])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_sheet_there_and_back_again(folder: Path, make: Callable[[], list[Sequence[object]]], suffix: str) -> None:
    """Import, export and import give the same text, and so the same digest; from both forms, and through both."""
    (write_csv if suffix == "csv" else write_xlsx)(folder / f"early.{suffix}", make())
    table = table_of(folder, f"early.{suffix}")
    first = policy(folder, table)
    assert len(first.typed.tables[0].rows) == len(make()) - 1
    for other in ("csv", "xlsx"):
        done = run("table", "export", "policy.forbear", "-o", f"back.{other}", cwd=folder)
        assert (done.code, "left out" in done.err) == (0, False), done.err
        again = table_of(folder, f"back.{other}", "--name", "early")
        assert again == table
        assert policy(folder, again, "again.forbear").digest == first.digest
        (folder / f"back.{other}").unlink()


def test_both_forms_say_the_same(folder: Path) -> None:
    write_csv(folder / "early.csv", large())
    write_xlsx(folder / "early.xlsx", large())
    assert table_of(folder, "early.csv") == table_of(folder, "early.xlsx")


def test_values_as_a_spreadsheet_has_them(folder: Path) -> None:
    def shares(sheet: Any) -> None:
        sheet["C2"].number_format = "0.00%"

    rows = [
        ("days_overdue", "asked", "share", "promised", "hour", "product", "sms"),
        (3.0, True, 0.125, datetime.datetime(2026, 3, 1), datetime.time(8, 30), "card, loan", "allow"),
        ("not 3", False, "> 12.5%", "none", "21:00 to 08:00", "not buy now, pay later", "never"),
    ]
    write_xlsx(folder / "t.xlsx", rows, shares)
    assert table_of(folder, "t.xlsx") == (
        "table t\n"
        "  | days_overdue | asked | share   | promised   | hour           | product                  | sms   |\n"
        '  | 3            | yes   | 12.5%   | 2026-03-01 | 08:30          | "card", "loan"           | allow |\n'
        '  | not 3        | no    | > 12.5% | none       | 21:00 to 08:00 | not "buy now, pay later" | never |\n'
    )


def test_text_that_begins_like_a_formula_stays_text(folder: Path) -> None:
    rows = [("days_overdue", "because", "sms"), ("= 3", '=1+1 "x" \\', "allow")]
    write_xlsx(folder / "t.xlsx", rows)
    table = table_of(folder, "t.xlsx")
    assert '| = 3          | "=1+1 \\"x\\" \\\\" | allow |' in table
    policy(folder, table)
    done = run("table", "export", "policy.forbear", "-o", "back.xlsx", cwd=folder)
    assert done.code == 0
    sheet = load_workbook(folder / "back.xlsx").active
    assert (sheet["B2"].value, sheet["B2"].data_type, sheet["B2"].number_format) == ('=1+1 "x" \\', "s", "@")
    done = run("table", "export", "policy.forbear", "-o", "back.csv", cwd=folder)
    assert "B2 begins with `=`: a spreadsheet may work it out" in done.err
    assert table_of(folder, "back.csv", "--name", "t") == table


# What is refused

CELLS: tuple[tuple[object, object, str, str], ...] = (
    # heading, value, where, what is said
    ("days_overdue", datetime.datetime(2026, 9, 13), "A2", "format the cell as text"),
    ("owed", 1000, "A2", "`CNY 1000`"),
    ("share", 80, "A2", "`80%`"),
    ("promised", 45000, "A2", "a plain number"),
    ("promised", datetime.datetime(2026, 3, 1, 8), "A2", "this is a moment"),
    ("hour", datetime.timedelta(hours=30), "A2", "no meaning here"),
    ("days_overdue", 0.1234567890123456, "A2", "does not keep all digits"),
    ("days_overdue", 2.5, "A2", "whole numbers"),
    ("segment", "prime\u200b", "A2", "hidden character"),
    (7, "prime", "A1", "a heading is a text"),
    ("sms", True, "A2", "is no word"),
    ("because", 7, "A2", "here stands a text"),
)


@pytest.mark.parametrize(("heading", "value", "where", "said"), CELLS)
def test_a_bad_cell_is_refused_by_its_address(
    folder: Path, heading: object, value: object, where: str, said: str
) -> None:
    """Those that are texts are in `transcripts/sheets.txt`."""
    write_xlsx(folder / "t.xlsx", [(heading, "visit"), (value, "allow")])
    done = run(*("table", "import", "t.xlsx", "--vocabulary", "words.forbear", "-o", "out.forbear"), cwd=folder)
    lines = [line for line in done.err.splitlines() if line.startswith(f"t.xlsx: {where}: ")]
    assert any(said in line for line in lines), done.err
    assert done.code == 1
    assert done.err.splitlines()[-1].endswith("refused, and nothing is written")
    assert not (folder / "out.forbear").exists()


def merge(sheet: Any) -> None:
    sheet.merge_cells("A2:A3")


def formula(sheet: Any) -> None:
    sheet["B2"] = '=IF(A2="prime","allow","")'


def error(sheet: Any) -> None:
    sheet["B2"].value = "#REF!"
    sheet["B2"].data_type = "e"


def hide_row(sheet: Any) -> None:
    sheet.row_dimensions[3].hidden = True


def hide_column(sheet: Any) -> None:
    sheet.column_dimensions["B"].hidden = True


def hide_group(sheet: Any) -> None:
    """Columns that are hidden together are said of the first one."""
    sheet.column_dimensions.group("A", "B", hidden=True)


def beyond(sheet: Any) -> None:
    sheet["D3"] = "a remark"


def gap(sheet: Any) -> None:
    sheet.delete_rows(2)
    sheet.insert_rows(2)


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (merge, "A2:A3", "these cells are merged"),
        (formula, "B2", "this is a formula"),
        (error, "B2", "this is the error #REF!"),
        (hide_row, "A3", "row 3 is hidden"),
        (hide_column, "B1", "column B is hidden"),
        (hide_group, "B1", "column B is hidden"),
        (beyond, "D1", "this column has no heading"),
        (gap, "A2", "row 2 is empty"),
    ],
)
def test_what_a_sheet_hides_or_works_out_is_refused(
    folder: Path, change: Callable[[Any], None], where: str, said: str
) -> None:
    write_xlsx(folder / "t.xlsx", [("segment", "sms"), ("prime", "allow"), ("near", "allow")], change)
    done = run("table", "import", "t.xlsx", "--vocabulary", "words.forbear", cwd=folder)
    assert (done.code, done.out) == (1, "")
    assert f"t.xlsx: {where}: {said}" in done.err


def test_each_of_many_bad_cells_is_named_in_order(folder: Path) -> None:
    rows = strategy()
    rows[5] = ("prime", "9-13", "card", "alow", "", "")
    rows[20] = ("",) * 6
    rows[40] = ("Near", "9 to 13", "bike", "", "", "")
    write_csv(folder / "early.csv", rows)
    done = run("table", "import", "early.csv", "--vocabulary", "words.forbear", cwd=folder)
    said = [line.split(": ")[1] for line in done.err.splitlines()[:-1]]
    assert said == ["B6", "D6", "A21", "A41", "C41"], done.err


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("t.csv", b"\xff\xfe", 1, "it is not UTF-8 text"),
        ("t.csv", b"a\0b", 1, "NUL"),
        ("t.csv", b"", 1, "A1: the sheet is empty"),
    ],
)
def test_a_file_that_is_no_sheet(folder: Path, name: str, content: bytes, code: int, said: str) -> None:
    (folder / name).write_bytes(content)
    done = run("table", "import", name, "--vocabulary", "words.forbear", cwd=folder)
    assert (done.code, said in done.err) == (code, True), done.err


def test_a_workbook_that_unpacks_to_too_much(folder: Path) -> None:
    with zipfile.ZipFile(folder / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b" " * (65 * 1024 * 1024))
    done = run("table", "import", "t.xlsx", cwd=folder)
    assert (done.code, "more than 64 MB when it is unpacked" in done.err) == (1, True)


def test_a_long_row_of_csv_beside_many_short_ones(folder: Path) -> None:
    (folder / "t.csv").write_text(",".join(["x"] * 50_000) + "\n" + "x\n" * 45_000, encoding="utf-8")
    done = run("table", "import", "t.csv", cwd=folder)
    assert (done.code, "it has more than 100,000 cells" in done.err) == (1, True), done.err


def test_one_of_several_sheets_is_asked_for(folder: Path) -> None:
    book = Workbook()
    for name, segment in (("early", "prime"), ("late", "near")):
        sheet = book.create_sheet(name)
        sheet.append(["segment", "sms"])
        sheet.append([segment, "allow"])
    book.active.sheet_state = "hidden"
    book.save(folder / "t.xlsx")
    done = run("table", "import", "t.xlsx", "--vocabulary", "words.forbear", cwd=folder)
    assert (done.code, "name one of them with --sheet: early, late" in done.err) == (1, True)
    assert "| near    | allow |" in table_of(folder, "t.xlsx", "--sheet", "late")
