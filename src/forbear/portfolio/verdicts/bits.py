"""Truth values of many rows, packed: a row is a bit, so one operation handles 64 rows.

The last word may hold more bits than there are rows; their values are undefined. Packed truths are never changed in
place once they are passed on.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Bits: TypeAlias = NDArray[np.uint64]
_WORD = 64


def words(rows: int) -> int:
    """Returns the number of words for the bits of some rows."""
    return -(-rows // _WORD)


def nothing(rows: int) -> Bits:
    return np.zeros(words(rows), np.uint64)


def everything(rows: int) -> Bits:
    return ~nothing(rows)


def packed(truths: NDArray[np.bool_]) -> Bits:
    """Truths, one a byte, as bits."""
    return _words(np.packbits(truths, bitorder="little"))


def of_series(truths: pl.Series) -> Bits:
    """A column of truths without nulls, as bits; not copied if they begin at a whole byte."""
    array = truths.rechunk().to_arrow()
    first, spare = divmod(array.offset, 8)
    if spare or not len(array):
        return packed(truths.to_numpy())
    content = np.frombuffer(array.buffers()[1], np.uint8, -(-len(array) // 8), first)
    return _words(content)


def at_rows(numbers: NDArray[np.intp], rows: int) -> Bits:
    """The bits of some rows, by their numbers."""
    truths = np.zeros(rows, np.bool_)
    truths[numbers] = True
    return packed(truths)


def unpacked(bits: Bits, rows: int) -> NDArray[np.bool_]:
    """Bits as truths, one a byte."""
    return np.unpackbits(bits.view(np.uint8), count=rows, bitorder="little").view(np.bool_)


def to_series(bits: Bits, rows: int) -> pl.Series:
    """Bits as a column of truths; not copied."""
    return pl.Series(pa.Array.from_buffers(pa.bool_(), rows, [None, pa.py_buffer(bits)]))


def counted(bits: Bits, rows: int) -> int:
    """The number of rows whose bit is set."""
    whole, rest = divmod(rows, _WORD)
    number = int(np.bitwise_count(bits[:whole]).sum(dtype=np.int64))
    return number + (int(bits[whole]) & ((1 << rest) - 1)).bit_count() if rest else number


def _words(content: NDArray[np.uint8]) -> Bits:
    spare = -len(content) % 8
    if spare:
        content = np.concatenate([content, np.zeros(spare, np.uint8)])
    return content.view(np.uint64)
