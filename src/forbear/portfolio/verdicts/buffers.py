"""Memory for the comparisons of a block of rows, which the next block uses again.

A fact that hundreds of rules compare takes tens of megabytes. The C library gives so much back to the system when it is
freed, and page by page it is taken again: a sixth of the processor's time, more in some runs than in others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

import numpy as np

from forbear.portfolio.verdicts.bits import Bits

MOST_KEPT: Final = 1 << 26
"""Bytes that are kept between blocks, for as long as the policy lives."""

Allocate: TypeAlias = Callable[[int, int], Bits]
"""From numbers of values and of words to bits for each, which have any content."""


def fresh(values: int, words: int) -> Bits:
    """Memory that is used once."""
    return np.empty((values, words), np.uint64)


class BufferPool:
    """Memory by its size. Threads may share it."""

    def __init__(self) -> None:
        self._free: dict[tuple[int, int], list[Bits]] = {}
        self._kept = 0
        self._lock = threading.Lock()

    @contextmanager
    def lent(self) -> Iterator[Allocate]:
        """Lends memory to one block; nothing of it may be read afterwards. After an exception none is lent again, since
        a thread may still write to it."""
        taken: list[Bits] = []

        def allocate(values: int, words: int) -> Bits:
            with self._lock:
                free = self._free.get((values, words))
                buffer = free.pop() if free else None
                if buffer is not None:
                    self._kept -= buffer.nbytes
            if buffer is None:
                buffer = fresh(values, words)
            taken.append(buffer)
            return buffer

        yield allocate
        with self._lock:
            if self._kept + sum(buffer.nbytes for buffer in taken) > MOST_KEPT:
                # What is kept is of other sizes, or for more blocks at once.
                self._free, self._kept = {}, 0
            for buffer in taken:
                if self._kept + buffer.nbytes <= MOST_KEPT:
                    self._free.setdefault((len(buffer), buffer.shape[1]), []).append(buffer)
                    self._kept += buffer.nbytes
