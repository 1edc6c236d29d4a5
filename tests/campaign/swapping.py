"""A file that is another one each time it is opened: Python says of each opening that it comes, before it does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_waiting: dict[str, list[str]] = {}
_hooked: list[bool] = []


def _before(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open" or not _waiting or not isinstance(arguments[0], (str, os.PathLike)):
        return
    path = os.path.abspath(arguments[0])
    texts = _waiting.get(path)
    if texts:
        text = texts.pop(0)
        Path(path).write_text(text, encoding="utf-8") if not texts else _write(path, text, texts)


def _write(path: str, text: str, texts: list[str]) -> None:
    del _waiting[path]  # this opening is our own
    Path(path).write_text(text, encoding="utf-8")
    _waiting[path] = texts


@contextmanager
def opened_as(path: Path, texts: Sequence[str]) -> Iterator[None]:
    """The file holds the first of some texts when it is opened first, then the next; the last one stays."""
    if not _hooked:
        sys.addaudithook(_before)  # it cannot be taken away again, and does nothing where nothing waits
        _hooked.append(True)
    _waiting[str(path)] = list(texts)
    try:
        yield
    finally:
        _waiting.clear()
