"""What needs no thread, by how long answers took of late.

A thread that computes gives way to others after a while (`sys.getswitchinterval`). So what takes no longer than that
delays nobody less in a thread, and is answered sooner without one.
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
    """How long answers take of late, by the byte of what is asked."""

    _seconds_a_byte: float = math.inf

    def is_short(self, size: int) -> bool:
        """Whether an answer to so many bytes is expected to be there before a thread would give way."""
        return self._seconds_a_byte * size <= sys.getswitchinterval()

    def timed(self, answer: Callable[[], _Answer], size: int) -> _Answer:
        """What a function returns that answers so many bytes. It rises at once where that took longer, else falls by
        and by."""
        start = time.thread_time()
        try:
            return answer()
        finally:
            latest, before = (time.thread_time() - start) / max(size, 1), self._seconds_a_byte
            self._seconds_a_byte = latest if before == math.inf or latest > before else (3 * before + latest) / 4
