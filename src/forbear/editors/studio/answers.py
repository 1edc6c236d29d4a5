"""Answers the requests of the studio's pages that this Python serves, as a page's worker does under Pyodide.

Each page has a session, and the files in the folder of its text are written into the working folder. One request of a
page is answered at a time. A search for findings gives way to other requests, and ends if a later text came.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock

from attrs import define, field

from forbear.base.resources import pack_names
from forbear.editors.studio.session import Answer, Session

METHODS = frozenset(name for name in vars(Session) if not name.startswith("_"))
_TEXTS = ("open", "check")
"""The requests with a new text: a search in an earlier one is no longer needed."""
_MOST_PAGES = 8
_PAUSE = 0.01


class _MakesWay(Exception):
    pass


@define(eq=False)
class _Page:
    """A session, its waiting requests, and the texts received."""

    session: Session = field(factory=lambda: Session(Path()))  # the working folder: so files go by their names
    lock: Lock = field(factory=Lock)
    waiting: list[str] = field(factory=list)
    texts: list[str] = field(factory=list)

    def answer(self, method: str, arguments: list[object]) -> Answer:
        if method in _TEXTS:
            self.texts.append(method)
        came = len(self.texts)
        asked: Callable[..., object] = getattr(self.session, method)
        more = (self._look_up,) if method == "findings" else ()
        while True:
            self.waiting.append(method)
            with self.lock:
                self.waiting.remove(method)
                if method in ("check", "findings") and len(self.texts) > came:
                    return {"superseded": True}
                with suppress(_MakesWay):
                    return {"value": asked(*arguments, *more)}
            time.sleep(_PAUSE)  # others come first, and then it begins again

    def _look_up(self) -> None:
        if self.waiting:
            raise _MakesWay


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
