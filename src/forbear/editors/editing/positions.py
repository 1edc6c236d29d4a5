"""Places as editors name them: a line and a column, counted from 0, the column in units of an encoding.

A line ends with a line feed, a carriage return, or both, and with nothing else, as editors count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\r|\n")

_UNITS: Mapping[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}


class At(NamedTuple):
    """A line and a column, counted from 0."""

    line: int
    column: int


class Lines:
    """The lines of a text, by which offsets become places and places offsets."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self._text = text
        self._units = _UNITS[encoding]
        self._starts = [0, *[end.end() for end in _LINE_END.finditer(text)]]

    def at(self, offset: int) -> At:
        """The place of an offset, which counts characters."""
        line = bisect_right(self._starts, offset) - 1
        return At(line, self._units(self._text[self._starts[line] : offset]))

    def offset(self, line: int, column: int) -> int:
        """The offset of a place. One after the end of its line is the end of the line, and one after the last line
        is the end of the text; one in the middle of a character is the end of that."""
        if line >= len(self._starts):
            return len(self._text)
        start, end = self.span(line)
        line_text = self._text[start:end]
        if line_text.isascii():
            return start + min(max(column, 0), len(line_text))
        at = start
        while at < end and column > 0:
            column -= self._units(self._text[at])
            at += 1
        return at

    def span(self, line: int) -> tuple[int, int]:
        """Returns the beginning and the end of a line, without its line end."""
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def __len__(self) -> int:
        return len(self._starts)
