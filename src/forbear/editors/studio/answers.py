"""Answers the requests of the studio's pages that this Python serves, as a page's worker does under Pyodide.

Each page has a session, and the files in the folder of its text are written into the working folder. One request of a
page is answered at a time. A search lets other requests come first, and ends if a later text came.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Lock

from attrs import define, field

from forbear.base.resources import pack_names
from forbear.editors.studio.session import Answer, Session

METHODS = frozenset(name for name in vars(Session) if not name.startswith("_"))
_ENDED_BY: Mapping[str, tuple[str, ...]] = {
    "check": ("open", "check"),
    "findings": ("open", "check"),
    "change": ("open", "check", "saved"),
}
"""The later requests that bring another text: nobody waits for the answer any more."""
_SEARCHES = ("findings", "change")
_MOST_PAGES = 8
_PAUSE = 0.01


class _Superseded(Exception):
    pass


@define(eq=False)
class _Page:
    """A session, its waiting requests, and how often each request came."""

    session: Session = field(factory=lambda: Session(Path()))  # the working folder: so files go by their names
    lock: Lock = field(factory=Lock)
    waiting: list[str] = field(factory=list)
    came: Counter[str] = field(factory=Counter)

    def answer(self, method: str, arguments: list[object]) -> Answer:
        self.came[method] += 1
        ending = _ENDED_BY.get(method, ())
        before = self._came(ending)
        asked: Callable[..., object] = getattr(self.session, method)

        def between() -> None:
            if self.waiting:
                self.lock.release()
                time.sleep(_PAUSE)  # others come first
                self.lock.acquire()
            if self._came(ending) > before:
                raise _Superseded

        more = (between,) if method in _SEARCHES else ()
        self.waiting.append(method)
        with self.lock:
            self.waiting.remove(method)
            try:
                if self._came(ending) > before:
                    raise _Superseded
                return {"value": asked(*arguments, *more)}
            except _Superseded:
                return {"superseded": True}

    def _came(self, methods: Iterable[str]) -> int:
        """How many of these requests came."""
        return sum([self.came[method] for method in methods])


@define(eq=False)
class Answers:
    """The open pages. If there are many, the one with the oldest request is forgotten."""

    _pages: dict[str, _Page] = field(factory=dict)
    _lock: Lock = field(factory=Lock)

    def answer(self, content: bytes) -> Answer:
        """Answers a request as JSON: with the `value`; or that it is `superseded` by a later one, or its `error` in a
        line.
        """
        try:
            asked = json.loads(content)
            page, method, arguments = asked["page"], asked["method"], asked["args"]
            if method not in METHODS or (method == "pack" and arguments[0] not in pack_names()):
                raise ValueError("there is no such question")
            return self._page(str(page)).answer(method, arguments)
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}".partition("\n")[0]}

    def _page(self, name: str) -> _Page:
        with self._lock:
            self._pages[name] = self._pages.pop(name) if name in self._pages else _Page()
            if len(self._pages) > _MOST_PAGES:
                del self._pages[next(iter(self._pages))]
            return self._pages[name]
