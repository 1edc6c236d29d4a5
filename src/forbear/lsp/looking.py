"""What the protocol asks of names and statements: completion, hover, definition, references, rename, outline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from forbear.editing import looking
from forbear.editing.completing import completions
from forbear.editing.edits import Edit
from forbear.editing.outline import folds, outline
from forbear.editing.positions import Lines
from forbear.editing.reading import Reading, source_of
from forbear.editing.renaming import Refused, renamable, rename
from forbear.lsp.conversion import SYMBOLS, Shown, edits_of, range_of, uri_of
from forbear.lsp.documents import Document, Documents
from forbear.lsp.files import files_around
from forbear.source import Source

Register: TypeAlias = Callable[..., None]
_ITEMS: Mapping[str, types.CompletionItemKind] = {
    "word": types.CompletionItemKind.Keyword,
    "rule": types.CompletionItemKind.Function,
    "table": types.CompletionItemKind.Function,
    "action": types.CompletionItemKind.Method,
    "group": types.CompletionItemKind.Enum,
    "fact": types.CompletionItemKind.Field,
    "define": types.CompletionItemKind.Variable,
    "setting": types.CompletionItemKind.Constant,
    "value": types.CompletionItemKind.EnumMember,
}


class Looking:
    """These features, over the open texts."""

    def __init__(self, documents: Documents, register: Register) -> None:
        self._documents = documents
        register(types.TEXT_DOCUMENT_COMPLETION, self._complete, types.CompletionOptions(trigger_characters=[" "]))
        register(types.TEXT_DOCUMENT_HOVER, self._hover)
        register(types.TEXT_DOCUMENT_DEFINITION, self._define)
        register(types.TEXT_DOCUMENT_REFERENCES, self._refer)
        register(types.TEXT_DOCUMENT_PREPARE_RENAME, self._may_rename)
        register(types.TEXT_DOCUMENT_RENAME, self._rename, types.RenameOptions(prepare_provider=True))
        register(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self._symbols)
        register(types.TEXT_DOCUMENT_FOLDING_RANGE, self._folds)

    async def _at(self, params: Any) -> tuple[Document, Reading, Shown, int] | None:
        """The open text that a request names, as it is now, with the offset of the place; None if it is not open."""
        document = self._documents.get(params.text_document.uri)
        if document is None:
            return None
        reading = await self._documents.read(document)
        shown = self._documents.shown(document, reading)
        at = getattr(params, "position", None)
        return document, reading, shown, 0 if at is None else shown.lines.offset(at.line, at.character)

    async def _complete(self, params: types.CompletionParams) -> list[types.CompletionItem] | None:
        asked = await self._at(params)
        if asked is None:
            return None
        _, reading, shown, offset = asked
        span, found = completions(reading, offset)
        where = range_of(shown.lines, span)
        return [
            types.CompletionItem(
                one.text,
                kind=_ITEMS[one.kind],
                detail=one.detail or None,
                documentation=one.description or None,
                sort_text=f"{number:05}",
                text_edit=types.TextEdit(where, one.text),
            )
            for number, one in enumerate(found)
        ]

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        from forbear.editing.showing.clock import decides_when  # late, see `server.py`

        asked = await self._at(params)
        found = None if asked is None else looking.hover(asked[1], asked[3])
        if asked is None or found is None:
            return None
        text = found.text
        if found.rule is not None:
            text = "\n\n".join([text, *await self._documents.ask(decides_when, asked[1], found.rule)])
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), range_of(asked[2].lines, found.span))

    async def _define(self, params: types.DefinitionParams) -> types.Location | None:
        asked = await self._at(params)
        place = None if asked is None else looking.definition(asked[1], asked[3])
        return None if asked is None or place is None else asked[2].location(place)

    async def _refer(self, params: types.ReferenceParams) -> list[types.Location] | None:
        asked = await self._at(params)
        if asked is None:
            return None
        _, reading, shown, offset = asked
        found = looking.references(reading, offset, declaration=params.context.include_declaration)
        return [shown.location(place) for place in found]

    async def _may_rename(self, params: types.PrepareRenameParams) -> types.Range | None:
        asked = await self._at(params)
        found = None if asked is None else renamable(asked[1], asked[3])
        return None if asked is None or found is None or isinstance(found, Refused) else range_of(asked[2].lines, found)

    async def _rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        asked = await self._at(params)
        if asked is None:
            return None
        document, reading, shown, offset = asked
        others = {one.path: one.text for one in self._documents if one.path is not None and one is not document}
        users = await self._documents.ask(files_around, reading)
        if users is None:
            raise JsonRpcInvalidParams("there are too many files around to look for uses of the name; rename by hand")
        found = await self._documents.ask(rename, reading, offset, params.new_name, users, others)
        if isinstance(found, Refused):
            raise JsonRpcInvalidParams(found.why)
        changes = {
            document.uri if path in (None, document.path) else uri_of(path): self._edits(path, its, shown, others)
            for path, its in found.items()
        }
        return types.WorkspaceEdit(changes=changes)

    def _edits(
        self, path: Path | None, edits: Iterable[Edit], shown: Shown, others: Mapping[Path, str]
    ) -> list[types.TextEdit]:
        if path is None or path == shown.reading.path:
            return edits_of(shown.lines, edits)
        text = others[path] if path in others else path.read_bytes().decode("utf-8-sig")
        source = source_of(str(path), text)
        return edits_of(Lines(source.written if isinstance(source, Source) else text, shown.encoding), edits)

    async def _symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        asked = await self._at(params)
        if asked is None:
            return None
        _, reading, shown, _ = asked
        return [
            types.DocumentSymbol(
                one.name,
                SYMBOLS.get(one.kind, types.SymbolKind.Namespace),
                range_of(shown.lines, one.span),
                range_of(shown.lines, one.name_span),
                detail=one.title or one.kind,
            )
            for one in outline(reading)
        ]

    async def _folds(self, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        asked = await self._at(params)
        if asked is None:
            return None
        _, reading, shown, _ = asked
        return [
            types.FoldingRange(shown.lines.at(start).line, shown.lines.at(end).line) for start, end in folds(reading)
        ]
