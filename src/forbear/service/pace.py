"""Decides which answers need no thread, by how long recent ones took.

A thread that computes gives way to others after a while (`sys.getswitchinterval`). So an answer that takes no longer
than that delays nobody less in a thread, and is sent sooner without one.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from attrs import define

_Answer = TypeVar("_Answer")


@define(eq=False)
class Pace:
    """The time that recent answers took, per byte of the request."""

    _seconds_a_byte: float = math.inf

    def is_short(self, size: int) -> bool:
        """Returns true if an answer to this many bytes is expected before a thread would give way."""
        return self._seconds_a_byte * size <= sys.getswitchinterval()

    def timed(self, answer: Callable[[], _Answer], size: int) -> _Answer:
        """Returns the result of a function that answers this many bytes. The pace rises at once if that took longer,
        and otherwise falls gradually.
        """
        start = time.thread_time()
        try:
            return answer()
        finally:
            latest, before = (time.thread_time() - start) / max(size, 1), self._seconds_a_byte
            self._seconds_a_byte = latest if before == math.inf or latest > before else (3 * before + latest) / 4
