"""Masks: sets of cells, a bit each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


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


def mask_of(numbers: Sequence[int]) -> int:
    """An integer with these bits set, in time linear in the highest of them."""
    if not numbers:
        return 0
    bytes_ = bytearray(max(numbers) // 8 + 1)
    for number in numbers:
        bytes_[number // 8] |= 1 << number % 8
    return int.from_bytes(bytes_, "little")
