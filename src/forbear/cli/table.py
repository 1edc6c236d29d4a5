"""`forbear table`: tables from spreadsheets, and as spreadsheets."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import click

from forbear.analysis.findings.tables.table_gap import TABLE_GAP
from forbear.analysis.findings.tables.table_overlap import TABLE_OVERLAP
from forbear.base.diagnostic import Diagnostic, PolicyError
from forbear.base.source import MAXIMUM_BYTES
from forbear.check.sheets.csv_file import csv_text, read_csv
from forbear.check.sheets.importing import as_written, exported, imported
from forbear.check.sheets.sheet import Sheet, SheetError, address
from forbear.cli.support import options
from forbear.cli.support.failing import fail, fail_policy, needing, wrong_use
from forbear.cli.support.options import Asked, argument, declared, flag, option
from forbear.cli.support.printing import print_diagnostics, print_text
from forbear.cli.support.reading import read_policy
from forbear.cli.support.writing import is_stream, to_standard_output, whole_file, write_whole
from forbear.language.model.names import counted, listed
from forbear.language.model.tables import Table
from forbear.language.model.values import quoted
from forbear.library.loading import check_opened, loads

_NAME = re.compile("[a-z][a-z0-9_]*")
_PROMISES = frozenset({TABLE_GAP.code, TABLE_OVERLAP.code})
_FORMULAS = ("=", "+", "-", "@")
"""The first characters of texts in CSV that a spreadsheet takes for formulas."""


@click.group("table")
def command() -> None:
    """Import a table from a spreadsheet, or export one.

    Cells that are not understood, or do not fit, are listed; nothing is guessed, and no file is overwritten.

    \b
    Exit code 0: written, 1: something was refused or left out, or cannot be written, 2: wrong use.
    Example: forbear table import sheet.csv -o early.forbear
             forbear table export table.forbear -o early.csv
    """


@declared("import", within=command)
def import_command(
    sheet_path: str = argument("SHEET.xlsx|.csv"),
    vocabulary: str | None = option("The rule file or pack that declares the facts and actions.", "FILE"),
    name: str | None = option("The name of the table; by default that of the sheet.", "NAME"),
    wanted: str | None = option("The sheet of the workbook; needed if it shows several.", "NAME", "--sheet"),
    separator: str = option("The sign between cells of CSV.", "SIGN", default=","),
    complete: bool = flag("Let the table promise to be complete."),
    no_overlap: bool = flag("Let the table promise that no two rows hold together."),
    names: Mapping[str, str] = option(
        "Read this heading as a fact or an action, or this cell as a word of tables.",
        "TEXT=WORD",
        "--map",
        multiple=True,
        callback=options.mapped_names,
    ),
    target: str | None = option("Where to write the table; standard output by default.", "FILE", "-o", "--output"),
) -> None:
    """Write a sheet as a table of a rule file.

    The first row heads the columns: with facts, definitions, actions, groups, `then`, `rule`, `because` and `source`.
    Cells are written as in tables; a value of a closed list needs no quotation marks. A cell without a clear meaning is
    refused by its address: formulas, merged cells, hidden rows, dates that a spreadsheet made of something else, commas
    in numbers. Then nothing is written.

    \b
    Exit code 0: written, 1: a cell is refused, 2: wrong use.
    Example: forbear table import sheet.csv -o early.forbear
             forbear table import sheet.csv --map Segment=segment --map A=prime --map all=any
    """
    _refuse_to_overwrite(target)
    if len(separator) != 1:
        wrong_use("a separator is one character, such as `;`")
    sheet = _read(sheet_path, wanted, separator)
    called = sheet.name if name is None else name
    if not _NAME.fullmatch(called):
        wrong_use(f"{called!r} cannot name a table; give a --name of small letters, digits and underscores")
    uses = "" if vocabulary is None else f"uses {quoted(vocabulary)}\n"
    try:
        words = loads(uses or "never everything\n").typed
    except PolicyError as error:
        named = [diagnostic for diagnostic in error.diagnostics if diagnostic.place.source.text == uses]
        if named:  # it is said of a line that nobody wrote
            wrong_use(f"--vocabulary {vocabulary}: {named[0].message}")
        fail_policy(error.diagnostics)
    promises = ", ".join([word for word, promised in (("complete", complete), ("no overlap", no_overlap)) if promised])
    table = imported(sheet, called, uses, promises, names, words, lambda source: check_opened((source, None), {}))
    if table.text is None:
        _refused(sheet_path, table.refusals, table.diagnostics)
    if promises:
        found = loads(uses + table.text, called).validate()
        broken = [one for one in found if _PROMISES & {one.code, one.about}]  # it is `about` what is undecided
        if broken:
            print_diagnostics(broken, err=True)
            fail("the table breaks its promise, and nothing is written")
    own_file = target is not None and not is_stream(target)
    write_whole("-" if target is None else target, (_uses_from(vocabulary, target) if own_file else "") + table.text)
    if own_file:
        print_text(f"wrote the table `{called}` of {counted(len(sheet.rows) - 1, 'row')} to {target}")


def _uses_from(vocabulary: str | None, target: str | None) -> str:
    """Returns the statement that brings in the words of a table in a file of its own; a path is relative to that
    file.
    """
    if vocabulary is None:
        return ""
    if target is not None and Path(vocabulary).is_file():
        vocabulary = Path(os.path.relpath(vocabulary, Path(target).parent)).as_posix()
    return f"uses {quoted(vocabulary)}\n\n"


def _refused(path: str, refusals: object, diagnostics: tuple[Diagnostic, ...]) -> NoReturn:
    if diagnostics:
        fail_policy(diagnostics)
    assert isinstance(refusals, tuple)
    for refusal in refusals:
        print_text(f"{path}: {refusal}", err=True)
    number = len(refusals)
    fail(f"{number} {'cell is' if number == 1 else 'cells are'} refused, and nothing is written")


def _read(path: str, wanted: str | None, separator: str) -> Sheet:
    """The sheet of a file. Ends the command with 1 if it cannot be read."""
    suffix = Path(path).suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        wrong_use(f"{path!r} has an unsupported file type; use .xlsx or .csv")
    try:
        with open(path, "rb") as file:
            content = file.read(MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:
        wrong_use(f"{path!r} cannot be read: {(getattr(error, 'strerror', None) or 'it is not a path').lower()}")
    if len(content) > MAXIMUM_BYTES:
        fail(f"{path!r} has more than {MAXIMUM_BYTES // 1024 // 1024} MB")
    try:
        if suffix == ".csv":
            return read_csv(content, Path(path).stem, separator)
        with needing("a workbook", "sheets"):
            from forbear.check.sheets.xlsx_file import read_xlsx
        return read_xlsx(content, wanted)
    except SheetError as error:
        fail(f"{path!r} cannot be read: {error}")


def _refuse_to_overwrite(target: str | None) -> None:
    if target is not None and os.path.lexists(target) and not is_stream(target):
        fail(f"{target!r} exists already; name another file")


@declared("export", within=command)
def export_command(
    policy: str = argument("POLICY"),
    name: str | None = option("The table; needed if there are several.", "NAME", "--table"),
    target: str = option(
        "Where to write the sheet; `-` is standard output, in CSV.", "FILE.xlsx|.csv", "-o", "--output", required=True
    ),
) -> None:
    """Write a table as a sheet, as far as cells can express it.

    The clauses under the rows, promises and comments are listed, as no cell can hold them. Each cell of a workbook is a
    text, so that a spreadsheet reads none as a date or a formula.

    \b
    Exit code 0: written, 1: something is left out, or it cannot be written, 2: wrong use.
    Example: forbear table export table.forbear -o early.csv
    """
    is_csv = to_standard_output(target) or Path(target).suffix.lower() == ".csv"
    if not is_csv and Path(target).suffix.lower() != ".xlsx":
        wrong_use(f"{target!r} has an unsupported file type; use .xlsx or .csv")
    _refuse_to_overwrite(target)
    typed = read_policy(Asked(policy, {})).typed
    table = _chosen(policy, typed.tables, name)
    sheet = exported(table, as_written(table), typed)
    left_out = list(sheet.left_out)
    if is_csv:
        for number, row in enumerate(sheet.rows):
            for at, text in enumerate(row):
                if text.startswith(_FORMULAS):
                    left_out.append(f"{address(number, at)} begins with `{text[0]}`: a spreadsheet may work it out")
        write_whole(target, csv_text(sheet.rows))
    else:
        with needing("a workbook", "sheets"):
            from forbear.check.sheets.xlsx_file import xlsx_bytes
        content = xlsx_bytes(table.name, sheet.rows)
        with whole_file(target) as file:
            file.write(content)
    if not is_stream(target):
        print_text(f"wrote {counted(len(table.rows), 'row')} of `{table.name}` to {target}")
    for what in left_out:
        print_text(f"left out: {what}" if what in sheet.left_out else what, err=True)
    sys.exit(1 if sheet.left_out else 0)


def _chosen(policy: str, tables: tuple[Table, ...], name: str | None) -> Table:
    chosen = [table for table in tables if name in (None, table.name)]
    if len(chosen) != 1:
        names = listed([table.name for table in tables], 20)
        known = f"its tables are {names}: name one with --table" if tables else "it has none"
        wrong_use(f"{policy!r} has no table {name!r}; {known}" if name else f"which table of {policy!r}? {known}")
    return chosen[0]
