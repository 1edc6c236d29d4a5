"""A memory of cases by their content: who asks again of a case, or of an equal one, finds what was made of it.

A case that was changed meanwhile is another one, and 1 is another value than `True` or 1.0. Nothing is kept of a case
but a copy, which nobody else can change.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from forbear.history.moments import remember

Made = TypeVar("Made")
_MOST_EVENTS: Final = 200
_LONGEST: Final = 100_000
"""A case of more events, or of more bytes, is not remembered."""
_MOST: Final = 100
_MOST_MET: Final = 10_000
"""So many cases are remembered; and of so many others that they were met."""
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


class Contents(Generic[Made]):
    """What was made of cases, by their contents. It is made of a case that is met a third time: one that never is costs
    little more. Threads may share it."""

    def __init__(self, make: Callable[[dict[str, Any]], Made]) -> None:
        self._make = make
        self._met: dict[int, bool] = {}
        self._known: dict[bytes, Made | None] = {}

    def of(self, case: object) -> Made | None:
        """What was made of a case; None where it is not remembered."""
        if not self._met_before(_mark(case)):
            return None
        content = _content(case)
        if content is None:
            return None
        made = self._known.get(content)
        if made is not None or content in self._known:
            return made
        if not self._met_before(hash(content)):
            return None
        copy = marshal.loads(content)
        made = self._make(copy) if _is_plain(copy) else None
        remember(self._known, content, made, _MOST)
        return made

    def _met_before(self, mark: int | None) -> bool:
        """Whether a mark was met; from now on it was."""
        if mark is None or mark in self._met:
            return mark is not None
        remember(self._met, mark, True, _MOST_MET)
        return False


def _mark(case: object) -> int | None:
    """What equal cases have in common, and few others with events: all that a case says takes longer to write. None
    where it is not remembered."""
    if type(case) is not dict:
        return None
    try:
        history = case.get("history") or [None]
        return hash((len(case), len(history), repr(history[-1]))) if len(history) <= _MOST_EVENTS else None
    except Exception:  # a foreign class may raise anything
        return None


def _content(case: Any) -> bytes | None:
    """All that a case says; None where that cannot be written, or is long."""
    try:
        content = marshal.dumps(case)
    except Exception:  # not every class is written, and a foreign one may raise anything
        return None
    return content if len(content) <= _LONGEST else None


def _is_plain(value: object, depth: int = 4) -> bool:
    """Whether what was written is what JSON has. Foreign classes that let their memory be read are written as bytes, as
    the numbers of NumPy are, whose bytes do not tell them apart. No JSON has bytes, so nothing of JSON is equal to
    them."""
    if type(value) is list:
        return depth > 0 and all(_is_plain(each, depth - 1) for each in value)
    if type(value) is dict:
        return depth > 0 and all(type(name) is str and _is_plain(each, depth - 1) for name, each in value.items())
    return type(value) in _PLAIN
