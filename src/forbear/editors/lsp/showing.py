"""Data that an editor shows without a request, or next to the text: colours, lenses, inlays, names of a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from forbear.base.characters import printable
from forbear.base.resources import page_of, page_path
from forbear.editors.editing.moving import Moving
from forbear.editors.editing.reading import Reading
from forbear.editors.editing.renaming import cannot_be_read
from forbear.editors.editing.showing import lenses
from forbear.editors.editing.showing.colours import KINDS, Colour, colours
from forbear.editors.editing.showing.inlays import inlays
from forbear.editors.lsp.conversion import SYMBOLS, Shown, path_of_uri, range_of, span_of, uri_of
from forbear.editors.lsp.diagnosing import Diagnosing
from forbear.editors.lsp.documents import Documents, Here
from forbear.editors.lsp.files import Symbols
from forbear.editors.lsp.looking import Register

EXPLAIN_CODE = "forbear.explainCode"
"""The command that gives the page of a diagnostic."""
PREVIEW = "forbear/preview"
"""The request for the report page next to a text."""
_TOKENS: Mapping[str, str] = {
    "rule": "function",
    "action": "method",
    "group": "enum",
    "fact": "property",
    "value": "enumMember",
    "setting": "parameter",
    "define": "variable",
    "event": "event",
    "calendar": "namespace",
}
"""The protocol's names of the kinds of words, if they differ."""
_LEGEND = types.SemanticTokensLegend([_TOKENS.get(kind, kind) for kind in KINDS], ["declaration"])


class Showing:
    """These features, over the open texts."""

    def __init__(
        self,
        server: LanguageServer,
        documents: Documents,
        diagnosing: Diagnosing,
        register: Register,
        register_here: Register,
    ) -> None:
        self._server = server
        self._documents = documents
        self._diagnosing = diagnosing
        self._symbols = Symbols()
        self._said: set[str] = set()
        """The message, shown once, about folders that cannot be read."""
        self.shows_texts = False
        """Whether the client shows the text that a command gives; else it is a message."""
        self.opens_files = False
        """Whether the client opens a file when it is asked to."""
        register_here(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, self._colours, _LEGEND)
        register_here(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, self._colours, _LEGEND)
        register_here(types.TEXT_DOCUMENT_CODE_LENS, self._lenses, types.CodeLensOptions())
        register_here(types.TEXT_DOCUMENT_INLAY_HINT, self._inlays, types.InlayHintOptions())
        register(types.WORKSPACE_SYMBOL, self._names)
        for name, answer in (
            (lenses.RUN, lenses.example_text),
            (lenses.EXPLAIN, lenses.explanation_text),
            (lenses.EXAMPLES, lenses.examples_text),
        ):
            self._command(name, answer)
        self._command_of_code()
        register(PREVIEW, self._preview)

    def _command(self, name: str, answer: Callable[[Reading, str], str]) -> None:
        async def run(uri: str, about: str) -> dict[str, str] | None:
            here = await self._documents.here(uri)
            return None if here is None else self._tell(about, await self._documents.ask(answer, here.reading, about))

        self._server.command(name)(run)

    def _command_of_code(self) -> None:
        async def run(code: str) -> dict[str, str]:
            path, page = page_path(code), page_of(code) or f"nothing has the code `{code}`"
            if self.opens_files and not self.shows_texts and path is not None:
                context = types.ShowDocumentParams(uri_of(path), take_focus=True)
                if (await self._server.window_show_document_async(context)).success:
                    return {"title": code, "text": page}
            return self._tell(code, page)

        self._server.command(EXPLAIN_CODE)(run)

    def _tell(self, title: str, text: str) -> dict[str, str]:
        """Gives a text to the client, as a message where it does nothing with what a command gives."""
        text = "\n".join(map(printable, text.split("\n")))
        if not self.shows_texts:
            self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
        return {"title": printable(title), "text": text}

    async def _colours(
        self, params: types.SemanticTokensParams | types.SemanticTokensRangeParams, here: Here
    ) -> types.SemanticTokens:
        within = (
            span_of(here.shown.lines, params.range) if isinstance(params, types.SemanticTokensRangeParams) else None
        )
        return _encoded(await self._documents.ask(colours, here.reading, within), here.shown)

    async def _lenses(self, params: types.CodeLensParams, here: Here) -> list[types.CodeLens]:
        """Returns the lenses of the last text without errors, at their present places."""
        last = self._diagnosing.found(here.document.uri)
        whole = here.reading if here.reading.policy is not None or last is None else last.reading
        moving = Moving(whole.source.written, here.reading.source.written)
        shown_lenses = []
        for lens in await self._documents.ask(lenses.lenses, whole):
            span = moving.span(lens.span)
            if span is not None:
                command = types.Command(printable(lens.text), lens.command, arguments=[here.document.uri, lens.about])
                shown_lenses.append(types.CodeLens(range_of(here.shown.lines, (span[0], span[0])), command))
        return shown_lenses

    async def _inlays(self, params: types.InlayHintParams, here: Here) -> list[types.InlayHint]:
        lines = here.shown.lines
        return [
            types.InlayHint(types.Position(*lines.at(inlay.offset)), printable(inlay.text), padding_left=True)
            for inlay in await self._documents.ask(inlays, here.reading, span_of(lines, params.range))
        ]

    async def _names(self, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        folders = [path_of_uri(folder.uri) for folder in self._server.workspace.folders.values()]
        root = self._server.workspace.root_path
        tops = [path for path in folders if path is not None] or ([] if root is None else [Path(root)])
        errors: list[OSError] = []
        symbols = await self._documents.ask(
            lambda: list(self._symbols.find(tops, params.query, self._documents.encoding, errors.append))
        )
        unread = [f"{cannot_be_read(error)}: names in it are not found" for error in errors]
        for text in dict.fromkeys(unread):
            if text not in self._said:
                self._said.add(text)
                self._server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
        return [
            types.WorkspaceSymbol(
                types.Location(uri_of(path), range_of(lines, entry.name_span)),
                printable(entry.name),
                SYMBOLS.get(entry.kind, types.SymbolKind.Namespace),
                container_name=path.name,
            )
            for path, entry, lines in symbols[:MOST_NAMES]
        ]

    async def _preview(self, params: Any) -> dict[str, object] | None:
        """Returns the report page of the last text without errors, unless the client has it (`known`), and the address
        of the part for a place.
        """
        from forbear.editors.editing.showing.preview import part_of, preview  # late, see `server.py`

        document = self._documents.get(params.textDocument.uri)
        last = None if document is None else self._diagnosing.found(document.uri)
        if document is None or last is None:
            return None
        lines = document.lines(document.text, self._documents.encoding)
        offset = lines.offset(params.position.line, params.position.character)
        moving = Moving(last.reading.source.written, document.text)
        part = await self._documents.ask(part_of, last.reading, last.diagnostics, offset, moving.span)
        state = str(last.number)
        html = None
        if getattr(params, "known", None) != state:
            html = await self._documents.ask(preview, last.reading, last.findings)
        return {"state": state, "html": html, "part": part}


MOST_NAMES = 1_000
"""Names of a folder that are sent at most."""


def _encoded(colours_there: Sequence[Colour], shown: Shown) -> types.SemanticTokens:
    """Colours as the protocol wants them: each by its distance from the one before."""
    data: list[int] = []
    line = column = 0
    for colour in colours_there:
        start, end = shown.lines.at(colour.span[0]), shown.lines.at(colour.span[1])
        if start.line != end.line:
            continue
        data += [
            start.line - line,
            start.column - (column if start.line == line else 0),
            end.column - start.column,
            KINDS.index(colour.kind),
            int(colour.declares),
        ]
        line, column = start
    return types.SemanticTokens(data)
