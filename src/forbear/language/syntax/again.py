"""Statements that were read before are not read again where all that their reading looked at is still there.

The parser says of each statement where the token after it begins, and how far it looked. A line is read by itself: no
token goes on in the next one. So a statement is still the same, at the same place or at another, if that line ends
within the part of the text that is the same as before. What is wrong with a statement depends on more, and is always
looked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from forbear.base.source import same_ends
from forbear.language.syntax.from_tree.statements import Parsed
from forbear.language.syntax.nodes import moved


class Read(NamedTuple):
    """A statement that was read, from its `start`. The token `after` it begins the next one.

    Its reading looked at nothing from `needs` on.
    """

    parsed: Parsed
    start: int
    after: int
    needs: int

    def moved(self, by: int) -> Read:
        """The same statement, so many characters further on."""
        node, mistakes, currency, everything = self.parsed
        parsed = Parsed(moved(node, by), moved(mistakes, by), currency, everything)
        return Read(parsed, self.start + by, self.after + by, self.needs + by)


class Text(NamedTuple):
    """A text, and the statements that could be read of it, in its order."""

    text: str
    reads: Sequence[Read] = ()


class Again:
    """The knowledge about a text that an earlier version of it gives."""

    def __init__(self, before: Text, text: str) -> None:
        self._reads = before.reads
        self._same_until, same = same_ends(before.text, text)
        self._same_from = len(before.text) - same
        self._by = len(text) - len(before.text)
        self._known = {
            read.start + (self._by if self._is_moved(read) else 0): number
            for number, read in enumerate(before.reads)
            if self._is_same(read)
        }

    def _is_moved(self, read: Read) -> bool:
        return read.start >= self._same_from

    def _is_same(self, read: Read) -> bool:
        return read.needs <= self._same_until or self._is_moved(read)

    def from_place(self, place: int) -> list[Read]:
        """The statements that begin at a place, one right after the other, as far as they are the same as before."""
        number = self._known.get(place)
        if number is None:
            return []
        first = number
        while number < len(self._reads) and self._is_same(self._reads[number]):
            if number > first and self._reads[number].start != self._reads[number - 1].after:
                break
            number += 1
        same = self._reads[first:number]
        by = self._by if same and self._is_moved(same[0]) else 0
        return [read.moved(by) for read in same] if by else list(same)
