"""Converts a sheet to the text of a table, checked against a vocabulary. Cells that cannot be converted are refused by
their address, and then there is no text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen

from forbear.base.diagnostic import Diagnostic, Severity
from forbear.base.source import Source
from forbear.check.files.gather import Checked
from forbear.check.sheets.sheet import (
    EMPTY,
    Cell,
    Refusal,
    Sheet,
    Unclear,
    address,
    bare,
    heading_of,
    is_heading,
    said,
    test_of,
    text_of,
    word_of,
    written,
)
from forbear.language.formatting.format import format_text
from forbear.language.model.facts import Fact
from forbear.language.model.names import counted
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.tables import Table
from forbear.language.syntax import nodes
from forbear.language.syntax.literals import Unreadable, read_string
from forbear.language.syntax.nodes import Text
from forbear.language.syntax.parser import parse
from forbear.language.syntax.words import comments_of


@frozen
class Imported:
    """The text of a table, or the refusals by cell and errors of the vocabulary that prevent one."""

    text: str | None
    refusals: tuple[Refusal, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


Check = Callable[[Source], Checked]


def imported(
    sheet: Sheet,
    name: str,
    uses: str,
    promises: str,
    mapped: Mapping[str, str],
    words: TypedPolicy,
    check: Check,
) -> Imported:
    """The table that a sheet is.

    `uses` is the statement that brings in the `words`, empty for the standard vocabulary. `mapped` are names by what
    heads their columns, and words by the cells that mean them. `check` checks a rule file.
    """
    refusals = list(sheet.refusals)
    refused = {refusal.address for refusal in refusals}
    if not sheet.rows:
        return Imported(None, (*refusals, Refusal("A1", "the sheet is empty", "write headings in its first row")))
    columns = _headings(sheet.rows[0], mapped, refusals)
    there = {_plain(cell) for row in sheet.rows for cell in row}
    if any(columns):  # otherwise the columns are separated by another sign
        refusals += [Refusal("--map", f"no cell is `{text}`", "leave it out") for text in mapped if text not in there]
    texts: list[list[str]] = [columns]
    numbers = [0]
    for number, row in enumerate(sheet.rows[1:], 1):
        if all(cell.value is None for cell in row) and not refused & {address(number, at) for at in range(len(row))}:
            refusals.append(Refusal(address(number, 0), f"row {number + 1} is empty", "delete it"))
            continue
        numbers.append(number)
        meant = [Cell(mapped[text]) if (text := _plain(cell)) in mapped else cell for cell in row]
        last = any(isinstance(cell.value, str) and word_of(cell.value) == "otherwise" for cell in meant)
        texts.append(
            [_text(cell, number, at, columns, words, refusals, refused, last) for at, cell in enumerate(meant)]
        )
    if len(texts) == 1:
        refusals.append(Refusal("A2", "the sheet has headings alone", "write a row under them"))
    if not any(columns) or len(texts) == 1:
        return Imported(None, tuple(_in_order(refusals)))
    text, by_cell, elsewhere = _checked(texts, numbers, name, uses, promises, check)
    refused = {refusal.address for refusal in refusals}
    if "" in columns or refused:  # an error of a whole row may come from cells that are left out
        by_cell = [refusal for refusal in by_cell if not refusal.address.startswith("row ")]
    if "" in columns:
        elsewhere = []
    refusals += [refusal for refusal in by_cell if refusal.address not in refused]
    if refusals or elsewhere:
        return Imported(None, tuple(_in_order(refusals)), tuple(elsewhere))
    return Imported(text, ())


def _plain(cell: Cell) -> str:
    """Returns the text of a cell by which it may be mapped."""
    return "" if cell.value is None else written(cell).strip()


def _headings(row: Sequence[Cell], mapped: Mapping[str, str], refusals: list[Refusal]) -> list[str]:
    columns = []
    for at, cell in enumerate(row):
        try:
            if cell is EMPTY:
                raise Unclear("this column has no heading", "write one, or delete the column")
            written = heading_of(cell)
            called = mapped.get(written, written)
            if not is_heading(called):
                help = "name a fact, a definition, an action or a group"
                separated = next((sign for sign in ";\t" if sign in called), None)
                if separated is not None:
                    help = f"if that stands between the cells of this file, write --separator {separated!r}"
                else:
                    help += f", here or with --map {written!r}=NAME"
                raise Unclear(f"`{written}` heads no column", help)
            columns.append(called)
        except Unclear as unclear:
            columns.append("")
            refusals.append(Refusal(address(0, at), unclear.message, unclear.help))
    return columns


def _text(
    cell: Cell,
    number: int,
    at: int,
    columns: Sequence[str],
    words: TypedPolicy,
    refusals: list[Refusal],
    refused: set[str],
    otherwise: bool,
) -> str:
    heading, place = columns[at], address(number, at)
    fact = words.facts.get(heading)
    tests = fact is not None or heading in words.definitions
    try:
        if cell.value is None:
            if tests and otherwise:
                return ""
            if tests and place not in refused:
                raise Unclear("this cell is empty", "write `any`, or the value of the cell above if that is meant")
            return "any" if tests else ""
        return _cell_text(cell, heading, fact, tests) if heading else ""
    except Unclear as unclear:
        refusals.append(Refusal(place, unclear.message, unclear.help))
        return ("otherwise" if otherwise else "any") if tests else ""  # so that the others can be checked


def _cell_text(cell: Cell, heading: str, fact: Fact | None, tests: bool) -> str:
    if heading in ("because", "source"):
        return text_of(cell)
    return test_of(cell, fact) if tests else said(cell)


def _checked(
    texts: Sequence[Sequence[str]], numbers: Sequence[int], name: str, uses: str, promises: str, check: Check
) -> tuple[str, list[Refusal], list[Diagnostic]]:
    """Returns the table of these cells, the checker's refusals of them, and its errors elsewhere. `numbers` are those
    of the rows in the sheet.
    """
    parts = [f"{uses}\n" if uses else "", f"table {name}\n"]
    length = sum(map(len, parts))
    starts: list[int] = []
    addresses: list[str] = []
    for number, row in zip(numbers, texts, strict=True):
        for at, text in enumerate(row):
            if not texts[0][at]:
                continue
            starts.append(length)
            addresses.append(address(number, at))
            parts.append(f"| {text} ")
            length += len(parts[-1])
        parts.append("|\n")
        length += 2
    parts.append(f"{promises}\n" if promises else "")
    source = Source("sheet", "".join(parts))
    checked = check(source)
    refusals = []
    elsewhere = []
    for diagnostic in checked.diagnostics:
        if diagnostic.severity is not Severity.NOTE and diagnostic.place.source.name == source.name:
            at = max(bisect_right(starts, diagnostic.place.span[0]) - 1, 0)
            whole_row = diagnostic.place.text.startswith("|")
            refusals.append(
                Refusal(_row(addresses[at]) if whole_row else addresses[at], diagnostic.message, diagnostic.help)
            )
        elif diagnostic.severity is Severity.ERROR:
            elsewhere.append(diagnostic)
    formatted = format_text(Source(name, source.text[len(parts[0]) :])).text
    assert formatted is not None
    return formatted, refusals, elsewhere


def _row(first: str) -> str:
    return f"row {first.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}"


def _in_order(refusals: Sequence[Refusal]) -> list[Refusal]:
    """Sorts by row, then by column."""

    def place(refusal: Refusal) -> tuple[int, int, str]:
        first = refusal.address.partition(":")[0].removeprefix("row ")
        letters = first.rstrip("0123456789")
        return int(first[len(letters) :] or 0), len(letters), letters

    return sorted(refusals, key=place)


# Exports a table to the rows of a sheet, with the parts that no cell can express.


_TEXTS = ("because", "source")


@frozen
class Exported:
    """The cells of a sheet, by rows, the headings first; and what is left out, in words."""

    rows: tuple[tuple[str, ...], ...]
    left_out: tuple[str, ...]


def exported(table: Table, node: nodes.Table, policy: TypedPolicy) -> Exported:
    """A table as a sheet. `node` is the table as it was written."""
    written = {"because": node.because, "source": node.source}
    added = [word for word, text in written.items() if text is not None and word not in table.headings]
    rows = [(*table.headings, *added)]
    for row in table.rows:
        cells = [
            _cell(text, heading, written.get(heading), policy)
            for heading, text in zip(table.headings, row.cells, strict=True)
        ]
        rows.append((*cells, *[text.text for word in added if (text := written[word]) is not None]))
    return Exported(tuple(rows), tuple(_left_out(table, node)))


def _cell(text: str, heading: str, of_table: Text | None, policy: TypedPolicy) -> str:
    if heading in _TEXTS:
        if text:
            try:
                return read_string(text)
            except Unreadable:
                return text
        return "" if of_table is None else of_table.text
    fact = policy.facts.get(heading)
    return text if fact is None else bare(text, fact)


def _left_out(table: Table, node: nodes.Table) -> Iterator[str]:
    source = table.place.source
    if node.title is not None:
        yield f'its title: "{node.title.text}"'
    clauses = (("when", node.when), ("unless", node.unless))
    for word, condition in clauses:
        if condition is not None:
            yield f"`{word} {' '.join(source.text[slice(*condition.span)].split())}`"
    if node.overrides or node.overrides_all:
        yield f"`overrides {', '.join(name.text for name in node.overrides) or 'all'}`"
    if node.in_force is not None:
        yield f"`{' '.join(source.text[slice(*node.in_force.span)].split())}`"
    promises = [word for word, promised in (("complete", table.complete), ("no overlap", table.no_overlap)) if promised]
    if promises:
        yield f"`{', '.join(promises)}`"
    comments = len(comments_of(source.text[slice(*node.span)]))
    if comments:
        yield counted(comments, "comment")


def as_written(table: Table) -> nodes.Table:
    """A table as it was written."""
    module, _ = parse(table.place.source)
    return next(node for node in module.statements if isinstance(node, nodes.Table) and node.name.text == table.name)
