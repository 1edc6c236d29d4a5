"""Masks: sets of cells, a bit each."""

from __future__ import annotations

from collections.abc import Iterator


def runs(mask: int) -> Iterator[tuple[int, int]]:
    """The first and last cell of each run of contiguous cells of a mask."""
    at = 0
    while mask:
        gap = (mask & -mask).bit_length() - 1
        mask >>= gap
        at += gap
        length = (~mask & (mask + 1)).bit_length() - 1
        yield at, at + length - 1
        mask >>= length
        at += length


def lowest(mask: int) -> int:
    """The first cell of a mask."""
    return (mask & -mask).bit_length() - 1
