"""Reads a file of CSV by RFC 4180, some megabytes at a time.

A row with misplaced quotation marks has no meaning: `"20"1""` is not a number, and Polars would read it as 201. So each
block is checked first. If its quotation marks and line ends are well formed, Polars reads it. Otherwise its rows are
read here one by one, and a malformed row is an error of that row. The next row begins after the next line end. A row of
too few values is malformed too: a line that was cut off must not pass for one whose last values are none. A quotation
mark that is not closed by the end of the file would make one value of all lines after it: such a file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
import polars as pl
from attrs import frozen

from forbear.kernel.strict_json import MOST_BYTES
from forbear.language.model.names import counted

_BLOCK = 1 << 22
"""Bytes that are read at a time."""
_FEW = 1 << 14
"""Bytes around a malformed row that are read one by one."""
_ROWS = 100_000
"""Rows that are read one by one before they are passed on."""
_MOST_COLUMNS = 100_000
_MORE = 100
"""Surplus values of a row up to which they are counted."""
_MARK = b"\xef\xbb\xbf"
_QUOTED = re.compile(rb'"(?:[^"]++|"")*+"')
_THOUSANDS = r"^[+-]?[0-9]{1,3}(\.[0-9]{3})+$"
"""A number that is a thousand times as large to whoever writes a comma before decimals."""
_NOT_CLOSED = "a quotation mark is not closed"
_QUOTE, _LINE = ord('"'), ord("\n")


class Broken(Exception):
    """A file whose lines cannot be separated; the message says why."""


class _Unclosed(Exception):
    """A quotation mark that is not closed up to the end of the file, some rows after where reading began, and so many
    lines before that end."""

    def __init__(self, rows: int, lines: int) -> None:
        self.rows = rows
        self.lines = lines


class _Dialect:
    """The separator and the form of values in a row."""

    def __init__(self, separator: str) -> None:
        self.text = separator
        self.byte = ord(separator)
        between = separator.encode()
        self.field = re.compile(rb'(?:"((?:[^"]++|"")*+)"|([^"%b\r\n]*+))(%b|\r?\n|\Z)' % (between, between))
        """A value, in quotation marks or not, and what ends it."""
        self.unquoted = re.compile(rb'[^"%b\r\n]*+' % between)
        # A mark directly after a closing one is an escaped mark within a value.
        self.may_begin, self.may_end = _of(between + b'\n"'), _of(between + b'\r\n"')


def _of(symbols: bytes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    table = np.zeros(256, np.bool_)
    table[list(symbols)] = True
    return table


_COMMAS, _SEMICOLONS = _Dialect(","), _Dialect(";")


@frozen(eq=False)
class _Header:
    """The names of the columns, the separator, and the bytes of rows that were read with them."""

    columns: tuple[str, ...]
    dialect: _Dialect
    read: bytes


@frozen(eq=False)
class _Row:
    """A row: its values, None for an empty one, up to the error if there is one."""

    values: list[bytes | None]
    wrong: str | None
    end: int
    """The offset of the byte after the row."""


Part: TypeAlias = "tuple[pl.DataFrame, dict[int, str]]"
"""Some rows, and the errors of the malformed ones, by their position among them."""


def read_columns(path: Path) -> tuple[str, ...]:
    """The names of the columns, from the first row. Raises `Broken` and `OSError`."""
    with path.open("rb") as file:
        return _header(file).columns


def read_rows(path: Path, wanted: Sequence[str]) -> Iterator[Part]:
    """The `wanted` columns, as texts; an empty value is null. Raises `Broken` and `OSError`."""
    with path.open("rb") as file:
        header = _header(file)
        carried = header.read
        number, final = 1, False
        while not final:
            more = file.read(_BLOCK)
            block, final = carried + more, not more
            end = 0
            try:
                for frame, lost, its_end in _parts(block, final, header, wanted):
                    end = its_end
                    number += frame.height
                    yield frame, lost if header.dialect is _COMMAS else lost | _ambiguous(frame)
            except _Unclosed as mark:
                opens = f"row {number + mark.rows} opens a quotation mark that is not closed"
                raise Broken(f"{opens}, and would take in all {mark.lines:,} lines after it") from None
            carried = block[end:]
            if len(carried) > MOST_BYTES:
                longest = f"{MOST_BYTES // 1024 // 1024} MB"
                raise Broken(f"row {number} has more than {longest}, or its quotation marks are not closed")


def _parts(
    block: bytes, final: bool, header: _Header, wanted: Sequence[str]
) -> Iterator[tuple[pl.DataFrame, dict[int, str], int]]:
    """The whole rows of a block, in parts, each with its end. Polars reads all but a few around a malformed row."""
    plain = _plain_rows(block, final, len(header.columns), header.dialect)
    if plain is not None:
        end, height = plain
        frame = _by_polars(block[:end], height, header, wanted) if height else None
        if frame is not None:
            yield frame, {}, end
        if frame is not None or not height:
            return
    start, size = 0, max(len(block) // 8, _FEW)
    while start < len(block):
        rest = block[start : start + size]
        last = start + size >= len(block)
        parts = (
            _one_by_one(rest, final and last, header, wanted)
            if size <= _FEW or len(rest) == len(block)
            else _parts(rest, final and last, header, wanted)
        )
        end = 0
        for frame, lost, end in parts:
            yield frame, lost, start + end
        start, size = start + end, size if end else 2 * size
        if last and not end:
            return


def _one_by_one(
    block: bytes, final: bool, header: _Header, wanted: Sequence[str]
) -> Iterator[tuple[pl.DataFrame, dict[int, str], int]]:
    places = [header.columns.index(name) for name in wanted]
    rows = _rows(block, final, len(header.columns), header.dialect)
    handed = 0
    while batch := list(_counted_from(handed, islice(rows, _ROWS))):
        handed += len(batch)
        yield *_frame(batch, places, wanted, len(header.columns)), batch[-1].end


def _counted_from(handed: int, rows: Iterator[_Row]) -> Iterator[_Row]:
    """Yields the rows; a quotation mark that is not closed is counted from the row after those that were handed on."""
    try:
        yield from rows
    except _Unclosed as mark:
        raise _Unclosed(mark.rows - handed, mark.lines) from None


def _header(file: BinaryIO) -> _Header:
    whole = file.read(MOST_BYTES)
    block = whole.removeprefix(_MARK).lstrip(b"\r\n")
    dialect = _COMMAS
    first = _first(block, len(whole), dialect)
    if first.wrong is None and len(first.values) == 1 and b";" in (first.values[0] or b""):
        dialect = _SEMICOLONS
        first = _first(block, len(whole), dialect)
    if first.wrong is not None:
        raise Broken(f"its first line, which names the columns, is wrong: {first.wrong}")
    if len(first.values) == 1 and b"\t" in (first.values[0] or b""):
        raise Broken("its values are separated by tabs: write commas or semicolons")
    names: list[str] = []
    for value in first.values:
        name = "" if value is None else value.decode()
        if name and name in names:
            raise Broken(f"two of its columns are called `{name}`")
        while name in names:  # columns without a name are numbered, as by Polars
            name = f"_duplicated_{len(names)}"
        names.append(name)
    return _Header(tuple(names), dialect, block[first.end :])


def _first(block: bytes, read: int, dialect: _Dialect) -> _Row:
    """The first row."""
    try:
        first = next(_rows(block, read < MOST_BYTES, _MOST_COLUMNS, dialect), None)
    except _Unclosed:
        raise Broken("its first line opens a quotation mark that is not closed") from None
    if first is None:
        raise Broken("it is empty" if not block else "its first line has no end")
    return first


def _ambiguous(frame: pl.DataFrame) -> dict[int, str]:
    """Returns the errors of rows with a number such as `12.500`. A file with semicolons between values may have points
    between thousands, and then this is twelve thousand.
    """
    wrong: dict[int, str] = {}
    for column in frame.get_columns():
        for row in column.str.contains(_THOUSANDS).fill_null(False).arg_true().to_list():
            why = "may be a thousand times as much, as the file is separated by semicolons: write it without the point"
            wrong.setdefault(row, f"`{column.name}` is {column[row]}, which {why}")
    return wrong


def _plain_rows(block: bytes, final: bool, columns: int, dialect: _Dialect) -> tuple[int, int] | None:
    """Returns where the last whole row of a block ends, and how many rows there are up to there.

    None if quotation marks or line ends are malformed, if there are not as many values as columns, or if only reading
    the rows one by one can decide. Rows with too few and with too many values may cancel out: Polars refuses the
    latter.
    """
    if b'"' not in block:
        end = len(block) if final else block.rfind(b"\n") + 1
        rows, commas = block.count(b"\n", 0, end), block.count(dialect.text.encode(), 0, end)
    else:
        symbols = np.frombuffer(block, np.uint8)
        quotes, lines = np.flatnonzero(symbols == _QUOTE), np.flatnonzero(symbols == _LINE)
        lines = lines[np.searchsorted(quotes, lines) % 2 == 0]  # within quotation marks they end no row
        end = len(block) if final else int(lines[-1]) + 1 if len(lines) else 0
        rows = len(lines)
        places = np.flatnonzero(symbols[:end] == dialect.byte)
        commas = int(np.count_nonzero(np.searchsorted(quotes, places) % 2 == 0))
        if final and len(quotes) % 2:
            return None
        padded = np.pad(symbols, 1, constant_values=_LINE)
        before, after = padded[quotes[::2]], padded[quotes[1::2] + 2]
        if not (dialect.may_begin[before].all() and dialect.may_end[after].all()):
            return None
    if b"\0" in block or block.count(b"\r", 0, end) != block.count(b"\r\n", 0, end):
        return None
    rows += final and not block.endswith(b"\n") and len(block) > 0
    return (end, rows) if commas == rows * (columns - 1) else None


def _by_polars(block: bytes, rows: int, header: _Header, wanted: Sequence[str]) -> pl.DataFrame | None:
    """The rows of a well-formed block; None where one has too many values or is not UTF-8."""
    names = {name: f"c{header.columns.index(name)}" for name in wanted}
    separator = header.dialect.text
    first = separator.join(f"c{place}" for place in range(len(header.columns))).encode()
    try:
        frame = pl.read_csv(first + b"\n" + block, columns=[*names.values()], infer_schema=False, separator=separator)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != rows:
        return None
    return frame.select(pl.col(column).alias(name) for name, column in names.items())


def _rows(block: bytes, final: bool, columns: int, dialect: _Dialect) -> Iterator[_Row]:
    """The rows of a block, without the last one if more of it may follow."""
    start = number = 0
    while start < len(block):
        row = _row(block, start, columns, dialect)
        if row.wrong == _NOT_CLOSED and final and (lines := block.count(b"\n", start, len(block) - 1)):
            raise _Unclosed(number, lines)
        if row.end == len(block) and not final and not (row.wrong is None and block.endswith(b"\n")):
            return
        if row.wrong is None and b"\0" in block[start : row.end]:
            row = _Row(row.values, "it holds a NUL character", row.end)
        if row.wrong is None and not all(_is_unicode(value) for value in row.values):
            row = _Row(row.values, "it is no UTF-8", row.end)
        yield row
        number += 1
        start = row.end


def _row(block: bytes, start: int, columns: int, dialect: _Dialect) -> _Row:
    values: list[bytes | None] = []
    at = start
    while field := dialect.field.match(block, at):
        quoted, plain, ends = field.groups()
        values.append((plain or None) if quoted is None else quoted.replace(b'""', b'"'))
        at = field.end()
        if ends != dialect.text.encode():
            return _Row(values, None, at)
        if len(values) > columns + _MORE:
            wrong = f"it has more than {columns + _MORE} values, and the file {columns} columns"
            return _Row(values, wrong, block.find(b"\n", at) + 1 or len(block))
    if block[at : at + 1] == b'"':
        closed = _QUOTED.match(block, at)
        if closed is None:
            return _Row(values, _NOT_CLOSED, len(block))
        at, wrong = closed.end(), "text follows a closing quotation mark"
    else:
        plain_part = dialect.unquoted.match(block, at)
        assert plain_part is not None
        at, wrong = plain_part.end(), "a quotation mark is inside a value that does not begin with one"
    if block[at : at + 1] == b"\r":
        wrong = "it holds a carriage return that ends no line"
    return _Row(values, wrong, block.find(b"\n", at) + 1 or len(block))


def _is_unicode(value: bytes | None) -> bool:
    try:
        return value is None or value.isascii() or bool(value.decode())
    except UnicodeDecodeError:
        return False


def _frame(rows: Sequence[_Row], places: Sequence[int], wanted: Sequence[str], columns: int) -> Part:
    """Rows that were read one by one, as a frame. Values after an error are null."""
    lost: dict[int, str] = {}
    for number, row in enumerate(rows):
        if row.wrong is not None:
            lost[number] = row.wrong
        elif len(row.values) != columns:
            values = counted(len(row.values), "value")
            lost[number] = "it is empty" if row.values == [None] else f"it has {values}, and the file {columns} columns"
    texts = [[_text(row.values[place]) if place < len(row.values) else None for row in rows] for place in places]
    return pl.DataFrame(dict(zip(wanted, texts, strict=True)), schema=dict.fromkeys(wanted, pl.String)), lost


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")
