"""The texts that are open in the editor, and what is read from them, each at most once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from attrs import define, frozen
from lsprotocol import types

from forbear.check.files.gather import Parses
from forbear.editors.editing.positions import Lines
from forbear.editors.editing.reading import Reading, read
from forbear.editors.lsp.conversion import Shown, path_of_uri

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@define(eq=False)
class Document:
    """A text that is open in the editor. `read_at` is the state of all open texts of which `reading` is."""

    uri: str
    path: Path | None
    text: str
    version: int | None
    reading: Reading | None = None
    read_at: int = -1
    _lines: tuple[str, str, Lines] | None = None

    def lines(self, text: str, encoding: str) -> Lines:
        """Returns the lines of the present text, or of an earlier one."""
        if self._lines is None or self._lines[:2] != (text, encoding):
            self._lines = text, encoding, Lines(text, encoding)
        return self._lines[2]


@frozen
class Here:
    """An open text that a request names, as it is now, and the offset of the place that it names."""

    document: Document
    reading: Reading
    shown: Shown
    offset: int


class Documents:
    """All open texts. `state` grows with every change of one of them. `encoding` and `pages` control how places are
    shown.
    """

    def __init__(self) -> None:
        self.encoding = "utf-16"
        self.pages = False
        self.state = 0
        self._open: dict[str, Document] = {}
        self._parses = Parses()
        self._worker = ThreadPoolExecutor(1, "forbear-reading")
        self._asking = ThreadPoolExecutor(1, "forbear-asking")

    def open(self, item: types.TextDocumentItem) -> Document:
        """Takes up a text."""
        self.state += 1
        document = self._open[item.uri] = Document(item.uri, path_of_uri(item.uri), item.text, item.version)
        return document

    def change(
        self, which: types.VersionedTextDocumentIdentifier, changes: Iterable[types.TextDocumentContentChangeEvent]
    ) -> Document | None:
        """Changes a text, one change after the other; None where it is not open."""
        document = self._open.get(which.uri)
        if document is None:
            return None
        self.state += 1
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                lines = document.lines(document.text, self.encoding)
                start = lines.offset(change.range.start.line, change.range.start.character)
                end = lines.offset(change.range.end.line, change.range.end.character)
                document.text = document.text[:start] + change.text + document.text[max(start, end) :]
            else:
                document.text = change.text
        document.version = which.version
        return document

    def close(self, uri: str) -> None:
        """Forgets a text: from here on its file counts."""
        self.state += 1
        self._open.pop(uri, None)

    def files_changed(self) -> None:
        """Notes that files may have changed since they were read."""
        self.state += 1

    def get(self, uri: str) -> Document | None:
        """A text that is open."""
        return self._open.get(uri)

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def users_of(self, path: Path | None) -> list[Document]:
        """The open texts that use a file."""
        return [
            document
            for document in self
            if document.reading is not None and path in document.reading.files and document.path != path
        ]

    def others(self, document: Document) -> dict[Path, str]:
        """The other open texts, by their files."""
        return {other.path: other.text for other in self if other.path is not None and other is not document}

    async def here(self, uri: str, position: types.Position | None = None) -> Here | None:
        """A text as it is now, and a place in it; None where it is not open."""
        document = self.get(uri)
        if document is None:
            return None
        reading = await self.read(document)
        shown = self.shown(document, reading)
        offset = 0 if position is None else shown.lines.offset(position.line, position.character)
        return Here(document, reading, shown, offset)

    async def read(self, document: Document) -> Reading:
        """The reading of a text as it is now, with the other open texts as they are now."""
        while document.reading is None or document.read_at != self.state:
            state, text = self.state, document.text
            reading = await asyncio.get_running_loop().run_in_executor(
                self._worker, self._read, document, state, text, self.others(document)
            )
            if reading is not None:
                document.reading, document.read_at = reading, state
        return document.reading

    async def ask(self, answer: Callable[Given, Answer], *arguments: Given.args, **more: Given.kwargs) -> Answer:
        """Answers a request that takes longer than a keystroke, in parallel with the reading of texts."""
        return await asyncio.get_running_loop().run_in_executor(self._asking, lambda: answer(*arguments, **more))

    def _read(self, document: Document, state: int, text: str, open_texts: dict[Path, str]) -> Reading | None:
        """Reads a document in the worker; None if the text has changed while it waited."""
        if self.state != state:
            return None
        if document.read_at == state:
            return document.reading
        return read(text, document.path, open_texts, self._parses)

    def shown(self, document: Document, reading: Reading) -> Shown:
        """Returns how places of a reading are shown."""
        lines = document.lines(reading.source.written, self.encoding)
        return Shown(document.uri, reading, lines, self.encoding, self.pages)

    def shut_down(self) -> None:
        """Ends the workers."""
        for worker in (self._worker, self._asking):
            worker.shutdown(wait=False, cancel_futures=True)
