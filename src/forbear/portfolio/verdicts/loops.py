"""The innermost loops over the rows of a block, compiled by Numba. They release Python's lock.

A word of 64 rows is compared with each value before the next word is read. It is one loop without branches, which the
compiler vectorises.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from forbear.portfolio.verdicts.bits import Bits

_ONE = np.uint64(1)

Loop = TypeVar("Loop", bound=Callable[..., Any])


def _compiled(loop: Loop) -> Loop:
    try:
        return cast(Loop, njit(nogil=True, cache=True)(loop))
    except RuntimeError:  # no folder to cache the machine code in
        return cast(Loop, njit(nogil=True)(loop))


@_compiled
def _reach(values: NDArray[Any], cut: Any) -> np.uint64:
    word = np.uint64(0)
    for row in range(64):
        word |= np.uint64(values[row] >= cut) << np.uint64(row)
    return word


@_compiled
def reach(values: NDArray[Any], cuts: NDArray[Any], result: Bits) -> None:
    """Writes to row N of `found` where numbers are at least cut N. Cuts have the type of the numbers."""
    whole = values.size // 64
    for word in range(whole):
        chunk = values[64 * word : 64 * word + 64]
        for number in range(cuts.size):
            result[number, word] = _reach(chunk, cuts[number])
    if whole < result.shape[1]:
        rest = np.zeros(64, values.dtype)
        rest[: values.size - 64 * whole] = values[64 * whole :]
        for number in range(cuts.size):
            result[number, whole] = _reach(rest, cuts[number])


@_compiled
def _related(first: NDArray[Any], second: NDArray[Any], times: Any, factor: Any, limit: Any) -> np.uint64:
    word = np.uint64(0)
    for row in range(64):
        total = np.int64(first[row]) * times + np.int64(second[row]) * factor
        word |= np.uint64(total <= limit) << np.uint64(row)
    return word


@_compiled
def related(first: NDArray[Any], second: NDArray[Any], times: Any, factor: Any, limit: Any, result: Bits) -> None:
    """Writes to `found` where `times * first + factor * second` is at most a limit. No sum may exceed 64 bits."""
    whole = first.size // 64
    for word in range(whole):
        rows = slice(64 * word, 64 * word + 64)
        result[word] = _related(first[rows], second[rows], times, factor, limit)
    if whole < result.size:
        rest, rest_of_second = np.zeros(64, first.dtype), np.zeros(64, second.dtype)
        rest[: first.size - 64 * whole] = first[64 * whole :]
        rest_of_second[: second.size - 64 * whole] = second[64 * whole :]
        result[whole] = _related(rest, rest_of_second, times, factor, limit)


@_compiled
def _equal(halves: NDArray[np.uint64], low: np.uint64, high: np.uint64) -> np.uint64:
    word = np.uint64(0)
    for row in range(np.uint64(64)):
        unlike = (halves[row + row] ^ low) | (halves[row + row + _ONE] ^ high)
        word |= np.uint64(unlike == np.uint64(0)) << row
    return word


@_compiled
def equal(halves: NDArray[np.uint64], sought: NDArray[np.uint64], result: Bits) -> None:
    """Writes to row N of `found` where 16 bytes, given as two halves a row, equal those in row N of `sought`."""
    whole = halves.size // 128
    for word in range(whole):
        views = halves[128 * word : 128 * word + 128]
        for number in range(len(sought)):
            result[number, word] = _equal(views, sought[number, 0], sought[number, 1])
    if whole < result.shape[1]:
        rest = np.zeros(128, np.uint64)
        rest[: halves.size - 128 * whole] = halves[128 * whole :]
        for number in range(len(sought)):
            result[number, whole] = _equal(rest, sought[number, 0], sought[number, 1])
