"""Work for processes. They import this file and what it needs, so that is little."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any


def process(policy: object, item: Any) -> tuple[int, Any]:
    return os.getpid(), item


def failing(policy: object, item: int) -> int:
    if item == 3:
        raise ValueError("the fourth")
    return item


def waiting(policy: object, item: Path) -> None:
    item.touch()
    time.sleep(0.2)


def killed(policy: object, item: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Unreadable:
    def __reduce__(self) -> tuple[object, ...]:
        return _read, ()


def _read() -> None:
    raise ValueError("from the other side")


unreadable = _Unreadable()
