"""Lays out the rows of a table: their bars are aligned, whatever widths the letters have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Protocol, TypeVar

from rich.cells import cell_len

from forbear.language.syntax.words import Word


class _Piece(Protocol):
    @property
    def word(self) -> Word: ...
    @property
    def above(self) -> tuple[str, ...]: ...
    @property
    def trailing(self) -> str | None: ...


Piece = TypeVar("Piece", bound=_Piece)


def row_lines(pieces: Sequence[Piece], indent: int, joined: Callable[[Sequence[Piece]], str]) -> Iterator[str]:
    """The lines of rows, with their comments. `joined` gives the text of a cell."""
    rows = list(_rows(pieces))
    cells = [[joined(cell) for cell in _cells(row)] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip_longest(*cells, fillvalue="")]
    for row, texts in zip(rows, cells, strict=True):
        yield from (" " * indent + comment for comment in row[0].above)
        padded = [text + " " * (width - cell_len(text)) for text, width in zip(texts, widths, strict=False)]
        trailing = row[-1].trailing
        yield f"{' ' * indent}| {' | '.join(padded)} |" + (f"  {trailing}" if trailing else "")


def _rows(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    start = 0
    for number, piece in enumerate(pieces):
        if piece.word.kind == "ROW_END":
            yield pieces[start : number + 1]
            start = number + 1


def _cells(row: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    start = 1
    for number, piece in enumerate(row):
        if piece.word.kind in ("BAR", "ROW_END"):
            yield row[start:number]
            start = number + 1
