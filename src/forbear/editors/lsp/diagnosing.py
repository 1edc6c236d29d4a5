"""Diagnostics for the editor: errors of a text at once, and the analyser's findings after a pause.

The next change of the text ends the search. Until there are new findings, and while the text has errors, those of the
last text without errors stay if their lines have not changed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen
from lsprotocol import types

from forbear.base.diagnostic import Diagnostic, has_errors, in_file_order
from forbear.editors.editing.moving import Moving
from forbear.editors.editing.reading import Reading
from forbear.editors.lsp.conversion import STALE, Shown, range_of
from forbear.editors.lsp.documents import Document, Documents

if TYPE_CHECKING:
    from forbear.analysis.run import Findings

PAUSE = 0.02
"""Seconds without a keystroke before the analyser begins."""


class _Superseded(Exception):
    """Nobody waits for the answer any more."""


@frozen(slots=False)
class Found:
    """All diagnostics of a reading. No two have one `number`."""

    reading: Reading
    findings: Findings
    shown: Shown
    number: int = field(factory=count().__next__)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings as `forbear validate` has them."""
        return in_file_order(self.findings.diagnostics)

    @cached_property
    def of_analyser(self) -> tuple[tuple[Diagnostic, types.Diagnostic], ...]:
        """The findings of the analyser in the text itself, as they are shown in a later text."""
        checked, name = set(self.reading.diagnostics), self.reading.source.name
        own = [finding for finding in self.diagnostics if finding not in checked and finding.place.source.name == name]
        return tuple([(finding, evolve(self.shown.diagnostic(finding), related_information=None)) for finding in own])


@define(eq=False)
class _Work:
    """The running search for a text; `ended` tells the search to stop."""

    task: asyncio.Task[None] | None = None
    ended: threading.Event = field(factory=threading.Event)
    found: Found | None = None
    said: dict[str, list[types.Diagnostic]] = field(factory=dict)
    """By the URI of the file that contains them."""


class Diagnosing:
    """Publishes the diagnostics of all open texts. `publish` takes a URI, its diagnostics and their version."""

    def __init__(
        self,
        documents: Documents,
        publish: Callable[[types.PublishDiagnosticsParams], None],
        tell: Callable[[str], None],
    ) -> None:
        self._documents = documents
        self._publish = publish
        self._tell = tell
        self._work: dict[str, _Work] = {}
        self._analyser = ThreadPoolExecutor(1, "forbear-findings")

    def changed(self, document: Document) -> None:
        """Diagnoses a text anew, and the open texts that use its file."""
        for affected in (document, *self._documents.users_of(document.path)):
            self._begin(affected)

    def all_changed(self) -> None:
        """Diagnoses every open text anew."""
        for document in self._documents:
            self._begin(document)

    def closed(self, uri: str) -> None:
        """Takes the diagnostics of a text away."""
        work = self._work.pop(uri, None)
        if work is not None:
            self._end(work)
            for file_uri in list(work.said):
                self._say(file_uri, None)

    def found(self, uri: str) -> Found | None:
        """The findings of the last text without errors."""
        work = self._work.get(uri)
        return None if work is None else work.found

    def shut_down(self) -> None:
        """Ends all searches."""
        for work in self._work.values():
            self._end(work)
        self._analyser.shutdown(wait=False, cancel_futures=True)

    def _begin(self, document: Document) -> None:
        work = self._work.setdefault(document.uri, _Work())
        self._end(work)
        work.ended = threading.Event()
        work.task = asyncio.get_running_loop().create_task(self._diagnose(document, work))

    def _end(self, work: _Work) -> None:
        work.ended.set()
        if work.task is not None:
            work.task.cancel()

    async def _diagnose(self, document: Document, work: _Work) -> None:
        ended = work.ended

        def between() -> None:
            if ended.is_set():
                raise _Superseded

        try:
            reading = await self._documents.read(document)
            shown = self._documents.shown(document, reading)
            stale = _stale(work.found, shown)
            self._put(document, work, shown, reading.diagnostics, stale)
            if reading.policy is None:
                return
            await asyncio.sleep(PAUSE)
            loop = asyncio.get_running_loop()
            work.found = Found(reading, await loop.run_in_executor(self._analyser, reading.found, between), shown)
            self._put(document, work, shown, work.found.diagnostics, [])
        except (_Superseded, asyncio.CancelledError):
            return
        except Exception as error:  # a bug of ours, which an author should not have to read as a traceback
            self._tell(f"forbear could not check {document.uri}: {type(error).__name__}: {error}"[:1_000])

    def _put(
        self,
        document: Document,
        work: _Work,
        shown: Shown,
        diagnostics: Iterable[Diagnostic],
        stale: Iterable[types.Diagnostic],
    ) -> None:
        by_uri: dict[str, list[types.Diagnostic]] = {document.uri: []}
        for diagnostic in diagnostics:
            by_uri.setdefault(shown.location(diagnostic.place).uri, []).append(shown.diagnostic(diagnostic))
        known = {
            (shown_diagnostic.code, shown_diagnostic.range.start.line) for shown_diagnostic in by_uri[document.uri]
        }
        by_uri[document.uri] += [
            shown_diagnostic
            for shown_diagnostic in stale
            if (shown_diagnostic.code, shown_diagnostic.range.start.line) not in known
        ]
        before, work.said = work.said, by_uri
        for uri in {**before, **by_uri}:
            self._say(uri, document.version if uri == document.uri else None)

    def _say(self, uri: str, version: int | None) -> None:
        """Publishes what all open texts say of a file, each thing once."""
        diagnostics = [diagnostic for work in self._work.values() for diagnostic in work.said.get(uri, ())]
        distinct = {
            (diagnostic.code, diagnostic.message, str(diagnostic.range)): diagnostic for diagnostic in diagnostics
        }  # types of the protocol have no `==`
        self._publish(types.PublishDiagnosticsParams(uri, [*distinct.values()], version))


def _stale(last: Found | None, shown: Shown) -> list[types.Diagnostic]:
    """Returns the findings of the last text without errors, at their present places. They are marked if the text has
    errors now.
    """
    if last is None:
        return []
    moving = Moving(last.reading.source.written, shown.reading.source.written)
    mark = STALE if has_errors(shown.reading.diagnostics) else ""
    shown_again = []
    for diagnostic, shown_before in last.of_analyser:
        span = moving.span(diagnostic.place.span)
        if span is not None:
            shown_again.append(
                evolve(shown_before, range=range_of(shown.lines, span), message=mark + shown_before.message)
            )
    return shown_again
