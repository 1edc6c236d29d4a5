"""The text of a rule file, and places in it. Offsets count characters from 0; lines and columns count from 1."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from typing import NamedTuple, TypeAlias

from attrs import field, frozen

MAXIMUM_BYTES = 64 * 1024 * 1024
MAXIMUM_WORDS = 1_000_000
"""The most words, numbers, texts, signs and comments of a file: some 40,000 rules."""
MAXIMUM_ERRORS = 1_000
"""The most errors that are reported of the syntax of a file, and of a policy's names, types and rules."""
_BLOCK = 4096


Span: TypeAlias = tuple[int, int]
"""The positions of the first character and of the one after the last, counted from 0.

It is a plain pair because a module of 10,000 rules has 140,000 spans. Python's garbage collector stops tracking a pair
of numbers at once, but visits an instance of any class again and again while the module grows.
"""


class Position(NamedTuple):
    """A line and a column, counted from 1 in characters."""

    line: int
    column: int


@frozen(slots=False)
class Source:
    """A rule file: its name in messages, and its text as it was written."""

    name: str
    written: str = field(repr=False)

    @cached_property
    def text(self) -> str:
        """The text as every pass reads it: a carriage return alone, the line end of old Macs, becomes a line feed."""
        if "\r" not in self.written:
            return self.written
        return re.sub(r"\r+(?!\n)", lambda ends: "\n" * len(ends[0]), self.written)

    @cached_property
    def _blocks(self) -> tuple[list[int], list[int]]:
        """For each block of the text: the number of line ends before it, and the start of the line that continues into
        it.

        The index is small, even for a text of nothing but line ends.
        """
        ends, begins = [0], [0]
        for at in range(0, len(self.text), _BLOCK):
            ends.append(ends[-1] + self.text.count("\n", at, at + _BLOCK))
            begins.append(self.text.rfind("\n", at, at + _BLOCK) + 1 or begins[-1])
        return ends, begins

    def position(self, offset: int) -> Position:
        """The line and column of an offset."""
        ends, begins = self._blocks
        block = offset // _BLOCK
        line = ends[block] + self.text.count("\n", block * _BLOCK, offset) + 1
        start = self.text.rfind("\n", block * _BLOCK, offset) + 1 or begins[block]
        return Position(line, offset - start + 1)

    def offset(self, line: int) -> int:
        """The offset at which a line, counted from 1, begins."""
        if line == 1:
            return 0
        ends, _ = self._blocks
        block = bisect_left(ends, line - 1) - 1
        at = block * _BLOCK - 1
        for _ in range(line - 1 - ends[block]):
            at = self.text.index("\n", at + 1)
        return at + 1

    def line_span(self, number: int) -> Span:
        """The span of a line, counted from 1, without its line end."""
        start = self.offset(number)
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        while end > start and self.text[end - 1] == "\r":
            end -= 1
        return (start, end)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its line end."""
        return self.text[slice(*self.line_span(number))]


@frozen
class Place:
    """A span of a rule file."""

    source: Source = field(eq=lambda source: source.name)
    span: Span

    @property
    def start(self) -> Position:
        return self.source.position(self.span[0])

    @property
    def end(self) -> Position:
        return self.source.position(self.span[1])

    def __str__(self) -> str:
        return f"{self.source.name}:{self.start.line}:{self.start.column}"

    @property
    def text(self) -> str:
        return self.source.text[self.span[0] : self.span[1]]

    def __contains__(self, inner: Place) -> bool:
        """Returns true if another place lies within this one."""
        return self.source.name == inner.source.name and self.span[0] <= inner.span[0] and inner.span[1] <= self.span[1]


def same_ends(before: str, after: str) -> tuple[int, int]:
    """Returns how many characters two texts share at the beginning, and how many at the end after these."""
    shorter, size, new = min(len(before), len(after)), len(before), len(after)
    begin = bisect_left(range(shorter), True, key=lambda n: before[: n + 1] != after[: n + 1])
    rest = range(shorter - begin)
    return begin, bisect_left(rest, True, key=lambda n: before[size - n - 1 :] != after[new - n - 1 :])
