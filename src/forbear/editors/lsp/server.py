"""The language server: the features of the protocol, each answered by `forbear.editors.editing`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from forbear.base.diagnostic import Diagnostic
from forbear.editors.editing.renaming import Refused
from forbear.editors.lsp.conversion import Shown, edits_of, span_of
from forbear.editors.lsp.diagnosing import Diagnosing
from forbear.editors.lsp.documents import Document, Documents, Here
from forbear.editors.lsp.files import files_around
from forbear.editors.lsp.looking import Looking
from forbear.editors.lsp.showing import EXPLAIN_CODE, Showing
from forbear.version import __version__

if TYPE_CHECKING:
    from forbear.editors.editing.offers.action import Action

# Modules that the first diagnostics do not need are imported on use, because an author waits for these.
FIX_ALL = "source.fixAll.forbear"
Asked = TypeVar("Asked")


def language_server() -> LanguageServer:
    """A server that waits for a client; `start_io` serves the one on standard input and output."""
    for name in ("pygls", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    server = LanguageServer("forbear", __version__, types.TextDocumentSyncKind.Incremental)
    Features(server)
    return server


class Features:
    """The features of the server, over the open texts."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._documents = Documents()
        self._diagnosing = Diagnosing(self._documents, server.text_document_publish_diagnostics, self._tell)
        self._register(types.INITIALIZE, self._initialize)
        self._register(types.INITIALIZED, self._initialized)
        self._register(types.TEXT_DOCUMENT_DID_OPEN, self._opened)
        self._register(types.TEXT_DOCUMENT_DID_CHANGE, self._changed)
        self._register(types.TEXT_DOCUMENT_DID_CLOSE, self._closed)
        self._register(types.TEXT_DOCUMENT_DID_SAVE, self._files_changed)
        self._register(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, self._files_changed)
        self._register(types.SHUTDOWN, self._shut_down)
        kinds = [types.CodeActionKind.QuickFix, FIX_ALL]
        self._register_here(types.TEXT_DOCUMENT_CODE_ACTION, self._code_actions, types.CodeActionOptions(kinds))
        self._register(types.TEXT_DOCUMENT_FORMATTING, self._formatting)
        self._register(types.TEXT_DOCUMENT_RANGE_FORMATTING, self._range_formatting)
        Looking(self._documents, self._register_here)
        more = self._documents, self._diagnosing, self._register, self._register_here
        self._showing = Showing(server, *more)

    def _register(self, method: str, answer: Callable[[Any], Awaitable[Any]], options: Any = None) -> None:
        """Registers a feature. A bug of ours is one line in the editor's log, never a traceback."""

        async def guarded(params: Any = None) -> Any:
            try:
                return await answer(params)
            except JsonRpcException:
                raise  # a refusal, with its reason
            except Exception as error:
                self._tell(f"forbear could not answer {method}: {type(error).__name__}: {error}"[:1_000])
                return None

        self._server.feature(method, options)(guarded)

    def _register_here(self, method: str, answer: Callable[[Any, Here], Awaitable[Any]], options: Any = None) -> None:
        """Registers a feature of an open text, or of a place in it. A text that is not open has no answer."""

        async def of_text(params: Any) -> Any:
            here = await self._documents.here(params.text_document.uri, getattr(params, "position", None))
            return None if here is None else await answer(params, here)

        self._register(method, of_text, options)

    def _tell(self, message: str) -> None:
        self._server.window_log_message(types.LogMessageParams(types.MessageType.Error, message))

    async def _initialize(self, params: types.InitializeParams) -> None:
        options = params.initialization_options
        self._showing.shows_texts = isinstance(options, dict) and options.get("showsTexts") is True
        client = params.capabilities
        window, document = client.window, client.text_document
        showing = None if window is None else window.show_document
        self._showing.opens_files = showing is not None and showing.support
        diagnostics = None if document is None else document.publish_diagnostics
        # One that shows texts leads to the pages itself; its server may be on no machine of its own.
        described = diagnostics is not None and diagnostics.code_description_support is True
        self._documents.pages = described and not self._showing.shows_texts

    async def _initialized(self, params: types.InitializedParams) -> None:
        self._documents.encoding = _value(self._server.workspace.position_encoding)

    async def _opened(self, params: types.DidOpenTextDocumentParams) -> None:
        self._diagnosing.changed(self._documents.open(params.text_document))

    async def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self._documents.change(params.text_document, params.content_changes)
        if document is not None:
            self._diagnosing.changed(document)

    async def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        document = self._documents.get(params.text_document.uri)
        self._documents.close(params.text_document.uri)
        self._diagnosing.closed(params.text_document.uri)
        if document is not None:
            for user in self._documents.users_of(document.path):
                self._diagnosing.changed(user)

    async def _files_changed(self, params: object) -> None:
        self._documents.files_changed()
        self._diagnosing.all_changed()

    async def _shut_down(self, params: object) -> None:
        self._diagnosing.shut_down()
        self._documents.shut_down()

    async def _code_actions(self, params: types.CodeActionParams, here: Here) -> list[types.CodeAction | types.Command]:
        from forbear.editors.editing.mending import all_safe_fixes, quick_fixes, reported_at

        document, reading, shown = here.document, here.reading, here.shown
        span = span_of(shown.lines, params.range)
        reported: tuple[Diagnostic, ...] = reading.diagnostics
        analysed = self._diagnosing.found(document.uri)
        if analysed is not None and analysed.reading is reading:
            reported = analysed.diagnostics
        only = params.context.only
        actions: list[types.CodeAction | types.Command] = []
        if only is None or _asks(only, types.CodeActionKind.QuickFix):
            open_texts = self._documents.others(document)

            def users() -> Iterable[Path]:
                around = files_around(reading)
                return () if isinstance(around, Refused) else around

            found_fixes = await self._documents.ask(
                lambda: list(quick_fixes(reading, reported, span, users, open_texts))
            )
            for action in found_fixes:
                actions.append(_code_action(action, types.CodeActionKind.QuickFix, document, shown))
        if only is None:
            codes = [str(diagnostic.code) for diagnostic in reported_at(reading, reported, span)]
            for code in dict.fromkeys(codes):
                actions.append(types.Command(f"What `{code}` means", EXPLAIN_CODE, arguments=[code]))
        every = all_safe_fixes(reading, reported) if only is not None and _asks(only, FIX_ALL) else None
        if every is not None:
            actions.append(_code_action(every, FIX_ALL, document, shown))
        return actions

    async def _formatting(self, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        return self._layout(params.text_document, None)

    async def _range_formatting(self, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
        return self._layout(params.text_document, params.range)

    def _layout(self, which: types.TextDocumentIdentifier, range: types.Range | None) -> list[types.TextEdit] | None:
        from forbear.editors.editing.mending import layout

        document = self._documents.get(which.uri)
        if document is None:
            return None
        lines = document.lines(document.text, self._documents.encoding)
        edits = layout(document.text, None if range is None else span_of(lines, range))
        if isinstance(edits, Diagnostic):
            message = f"not formatted: line {edits.place.start.line}: {edits.message}"
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, message))
            return None
        return edits_of(lines, edits)


def _asks(only: Any, kind: str) -> bool:
    """Returns true if a client that requests only some kinds of actions requests this kind."""
    return any(kind == asked_for or kind.startswith(f"{asked_for}.") for asked_for in map(_value, only))


def _value(kind: Any) -> str:
    return str(getattr(kind, "value", kind))


def _code_action(action: Action, kind: str, document: Document, shown: Shown) -> types.CodeAction:
    edit = types.WorkspaceEdit(changes={document.uri: edits_of(shown.lines, action.edits)})
    mended = None if action.diagnostic is None else [shown.diagnostic(action.diagnostic)]
    return types.CodeAction(
        action.title, kind, mended, is_preferred=True if mended and action.preferred else None, edit=edit
    )
