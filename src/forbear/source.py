"""A rule file's text and places in it. A place counts characters from 0; people count lines and columns from 1."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from attrs import field, frozen

MAXIMUM_BYTES = 64 * 1024 * 1024


class Span(NamedTuple):
    """From one character to another, counted from 0, the end left out."""

    start: int
    end: int


class Position(NamedTuple):
    """A line and a column, counted from 1 in characters."""

    line: int
    column: int


@frozen(slots=False)
class Source:
    """A rule file: what people call it, and its text as it was written."""

    name: str
    written: str = field(repr=False)

    @cached_property
    def text(self) -> str:
        """The text as every pass reads it. A carriage return alone, the line end of old Macs, is a line feed there."""
        return re.sub(r"\r(?!\n)", "\n", self.written) if "\r" in self.written else self.written

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """The line and column of a character."""
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def offset(self, line: int) -> int:
        """Where a line begins."""
        return self._line_starts[line - 1]

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its end."""
        start = self.offset(number)
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


@frozen
class Place:
    """A span of a rule file."""

    source: Source = field(eq=lambda source: source.name)
    span: Span

    @property
    def start(self) -> Position:
        return self.source.position(self.span.start)

    @property
    def end(self) -> Position:
        return self.source.position(self.span.end)

    def __str__(self) -> str:
        return f"{self.source.name}:{self.start.line}:{self.start.column}"

    @property
    def text(self) -> str:
        return self.source.text[self.span.start : self.span.end]
