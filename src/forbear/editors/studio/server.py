"""Serves the studio's page on the loopback interface, with one rule file that it reads and saves, and answers the
page's requests about a text.

Only a page with the token may ask, read or save: other pages in the same browser, and other users of the machine, do
not have it. A save names the text that was read; if the file has another one by now, nothing is written.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from urllib.parse import unquote

from attrs import define, field

from forbear.base import resources
from forbear.base.resources import pack_names
from forbear.base.source import MAXIMUM_BYTES
from forbear.check.files.locations import SUFFIX, is_file, open_found, rule_files_in, text_found
from forbear.check.project import ProjectError, find_project, project_text
from forbear.editors.editing.reading import read
from forbear.editors.studio.session import Answer, Session
from forbear.language.syntax.grammar import keywords

# Answers the requests of the studio's pages that this Python serves, as a page's worker does under Pyodide.
#
# Each page has a session, and the files in the folder of its text are written into the working folder. One request of a
# page is answered at a time. A search lets other requests come first, and ends if a later text came.


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


_MOST_FILES = 200
_MOST_BESIDE = 16 * 1024 * 1024
_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
}


_PAGE = Path(__file__).with_name("page")
_POLICY = (
    "default-src 'none'; script-src 'self' '{script}'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src data:; frame-src blob:; base-uri 'none'; form-action 'none'"
)


def language() -> bytes:
    """Returns the words of the grammar and the names of the packs, for the page."""
    words = sorted({word for word in keywords().values() if word.isidentifier()})
    return json.dumps({"keywords": words, "packs": pack_names()}).encode()


def index() -> bytes:
    """Returns the page, which runs its own scripts and those of the reports in it. Raises `ImportError` without the
    extra `report`.
    """
    from forbear.report.page.page import csp_hash, page_script

    policy = _POLICY.format(script=csp_hash(page_script()))
    return (_PAGE / "index.html").read_text(encoding="utf-8").replace("{{ policy }}", policy).encode()


@define(eq=False)
class Studio:
    """The served file, and the rule files in its folder. `write` writes a file as a whole or not at all; it may raise
    `OSError`. `guide` is the folder of the built docs, if there is one.
    """

    file: Path
    write: Callable[[Path, bytes], None]
    token: str = field(factory=lambda: secrets.token_urlsafe(24), repr=False)
    port: int = 0
    guide: Path = field(factory=lambda: resources.folder("studio/dist"))
    answers: Answers = field(factory=Answers, repr=False)
    made: Mapping[str, bytes] = field(factory=lambda: {"index.html": index(), "language.json": language()}, repr=False)
    """The files that are made when the command starts."""
    _saving: Lock = field(factory=Lock, repr=False)

    def serve(self, port: int) -> ThreadingHTTPServer:
        """Returns a server on a port of the loopback interface, or with 0 on a free one; it must still be run. Raises
        `OSError`.
        """
        handler = type("_Handler", (_Handler,), {"studio": self})
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        server.daemon_threads = True
        self.port = server.server_port
        return server

    def named(self, name: str) -> Path | None:
        """Returns the served file, or the rule file with this name in its folder; None if there is no such file."""
        path = self.file.parent / name
        if not name or path == self.file:
            return self.file
        is_rules = name == path.name and path.suffix == SUFFIX
        return path if is_rules and is_file(path) and not path.is_symlink() else None

    def policy(self, file: Path) -> tuple[dict[str, object], str]:
        """Returns a text with the files around it, and its identity. Raises `OSError`, and `UnicodeDecodeError`."""
        content = _content(file)
        text = content.decode("utf-8-sig")
        top, siblings = self._others(file, text)
        name, guide = file.relative_to(top).as_posix(), (self.guide / "docs" / "index.html").is_file()
        beside = [path.name for path in map(top.joinpath, siblings) if path == self.named(path.name)]
        files = sorted({self.file.name, file.name, *beside})
        return {"name": name, "text": text, "others": siblings, "guide": guide, "files": files}, identity(content)

    def shown(self, path: str) -> bytes | None:
        """Returns a file of the page, or of the docs; None if there is no such file."""
        if path in self.made:
            return self.made[path]
        folder = self.guide if path.startswith("docs/") or path == "docs.css" else _PAGE
        file = folder / path
        if ".." in Path(path).parts or not is_file(file) or not file.resolve().is_relative_to(folder.resolve()):
            return None
        return file.read_bytes()

    def save(self, file: Path, content: bytes, expected: str) -> str | None:
        """Saves a text; None where its file is not as expected. Raises `OSError`."""
        with self._saving:
            if identity(_content(file)) != expected:
                return None
            self.write(file, content)
            return identity(content)

    def _others(self, file: Path, text: str) -> tuple[Path, dict[str, str]]:
        """Returns the files that the text uses, those in its folder and the project file, by their paths from a folder
        above.
        """
        try:
            project = find_project(file.parent)
        except ProjectError as error:  # the page shows its errors
            project = Path(os.path.abspath(error.diagnostic.place.source.name))
        bundled = resources.folder("rules")
        paths = [path for path in read(text, file).files if not path.is_relative_to(bundled)]
        paths += [Path(str(path)) for path in rule_files_in(file.parent)]
        paths += [] if project is None else [project]
        served = [path for path in dict.fromkeys(map(_absolute, paths)) if path != file][:_MOST_FILES]
        top = file.parent
        while not all(path.is_relative_to(top) for path in served):
            top = top.parent
        return top, dict(_texts(top, served, project))


def _content(file: Path) -> bytes:
    """A file's bytes, none if it is not there yet. Raises `OSError`."""
    try:
        with open_found(file) as opened:
            return opened.read()
    except FileNotFoundError:
        return b""


def identity(content: bytes) -> str:
    """Returns an entity tag that identifies a content."""
    return f'"{hashlib.sha256(content).hexdigest()}"'


def _absolute(path: Path | str) -> Path:
    return Path(path).absolute()


def _texts(top: Path, paths: list[Path], project: Path | None) -> Iterator[tuple[str, str]]:
    """The files that can be read, until they are too many."""
    left = _MOST_BESIDE
    for path in paths:
        try:
            left -= path.stat().st_size
            if left > 0:
                is_project = project is not None and path == _absolute(project)
                yield path.relative_to(top).as_posix(), project_text(path) if is_project else text_found(path, "utf-8")
        except (OSError, ValueError, ProjectError):
            continue  # a text that uses it gets a diagnostic


class _Handler(BaseHTTPRequestHandler):
    studio: Studio
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].removeprefix("/") or "index.html"
        if not self._at_home():
            return
        if path == "api/policy":
            if self._known():
                self._policy()
            return
        kind = _TYPES.get(Path(path).suffix)
        content = None if kind is None else self.studio.shown(path)
        if kind is None or content is None:
            self._answer(HTTPStatus.NOT_FOUND, b"there is no such file")
            return
        self._answer(HTTPStatus.OK, content, kind)

    def do_POST(self) -> None:
        """Answers the page's requests about a text."""
        if not self._at_home() or not self._known():
            return
        content = self._sent("/api/answer", b"a question about a rule file of at most 64 MB is answered here")
        if content is not None:
            answer = self.studio.answers.answer(content)
            self._answer(HTTPStatus.OK, json.dumps(answer).encode(), "application/json")

    def do_PUT(self) -> None:
        """Saves the file."""
        if not self._at_home() or not self._known():
            return
        content = self._sent("/api/policy", b"a rule file of at most 64 MB is saved here, and nothing else")
        file = None if content is None else self._file()
        if content is None or file is None:
            return
        try:
            content.decode("utf-8")
            saved = self.studio.save(file, content, self.headers.get("If-Match", ""))
        except UnicodeDecodeError:
            self._answer(HTTPStatus.BAD_REQUEST, b"it is not text in UTF-8")
        except OSError as error:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, _reason(error))
        else:
            if saved is None:
                self._answer(HTTPStatus.PRECONDITION_FAILED, b"the file was changed since it was read")
            else:
                self._answer(HTTPStatus.OK, b"saved", ETag=saved)

    def _sent(self, path: str, otherwise: bytes) -> bytes | None:
        """The body of a request; None where it is another request, which is answered."""
        size = self.headers.get("Content-Length", "")
        if self.path.partition("?")[0] == path and size.isdecimal() and int(size) <= MAXIMUM_BYTES:
            return self.rfile.read(int(size))
        self.close_connection = True
        self._answer(HTTPStatus.BAD_REQUEST, otherwise)
        return None

    def _policy(self) -> None:
        file = self._file()
        if file is None:
            return
        try:
            answer, tag = self.studio.policy(file)
        except OSError as error:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, _reason(error))
        except UnicodeDecodeError:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, b"the file is not text in UTF-8")
        else:
            self._answer(HTTPStatus.OK, json.dumps(answer).encode(), "application/json", ETag=tag)

    def _file(self) -> Path | None:
        """Returns the file that a request is about; None if there is no such file, after answering so."""
        file = self.studio.named(unquote(self.path.partition("?file=")[2]))
        if file is None:
            self._answer(HTTPStatus.NOT_FOUND, b"there is no such file")
        return file

    def _at_home(self) -> bool:
        """Returns true if the request names this server: a page elsewhere may have its own name lead here."""
        port = self.studio.port
        homes = {f"127.0.0.1:{port}", f"localhost:{port}"}
        origin = self.headers.get("Origin")
        if self.headers.get("Host") in homes and (origin is None or origin.removeprefix("http://") in homes):
            return True
        self.close_connection = True
        self._answer(HTTPStatus.FORBIDDEN, b"this server answers its own page alone")
        return False

    def _known(self) -> bool:
        """Returns true if the request has the token."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if hmac.compare_digest(token.encode("utf-8", "replace"), self.studio.token.encode()):
            return True
        self.close_connection = True
        self._answer(HTTPStatus.FORBIDDEN, b"open the address that `forbear studio` has written")
        return False

    def _answer(self, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8", **more: str) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        for name, value in {**headers, **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """Handles a connection. It is not an error if a page is closed while it asks or is answered."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


def _reason(error: OSError) -> bytes:
    why = (error.strerror or "it cannot be read or written").lower()
    return (why if error.filename is None else f"{why}: {error.filename}").encode("utf-8", "replace")
