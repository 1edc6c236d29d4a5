"""What the protocol asks of names and statements: completion, hover, definition, references, rename, outline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from forbear.base.source import Source
from forbear.check.files.locations import text_found
from forbear.editors.editing import looking
from forbear.editors.editing.completing import completions
from forbear.editors.editing.edits import Edit
from forbear.editors.editing.outline import folds, outline
from forbear.editors.editing.positions import Lines
from forbear.editors.editing.reading import Reading, source_of
from forbear.editors.editing.renaming import Refused, renamable, rename
from forbear.editors.lsp.conversion import SYMBOLS, Shown, edits_of, range_of, uri_of
from forbear.editors.lsp.documents import Document, Documents
from forbear.editors.lsp.files import files_around

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
        context = await self._at(params)
        if context is None:
            return None
        _, reading, shown, offset = context
        span, options = completions(reading, offset)
        where = range_of(shown.lines, span)
        return [
            types.CompletionItem(
                option.text,
                kind=_ITEMS[option.kind],
                detail=option.detail or None,
                documentation=option.description or None,
                sort_text=f"{number:05}",
                text_edit=types.TextEdit(where, option.text),
            )
            for number, option in enumerate(options)
        ]

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        from forbear.editors.editing.showing.clock import decides_when  # late, see `server.py`

        context = await self._at(params)
        hover = None if context is None else looking.hover(context[1], context[3])
        if context is None or hover is None:
            return None
        text = hover.text
        if hover.rule is not None:
            text = "\n\n".join([text, *await self._documents.ask(decides_when, context[1], hover.rule)])
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), range_of(context[2].lines, hover.span))

    async def _define(self, params: types.DefinitionParams) -> types.Location | None:
        context = await self._at(params)
        place = None if context is None else looking.definition(context[1], context[3])
        return None if context is None or place is None else context[2].location(place)

    async def _refer(self, params: types.ReferenceParams) -> list[types.Location] | None:
        context = await self._at(params)
        if context is None:
            return None
        _, reading, shown, offset = context
        places = looking.references(reading, offset, declaration=params.context.include_declaration)
        return [shown.location(place) for place in places]

    async def _may_rename(self, params: types.PrepareRenameParams) -> types.Range | None:
        context = await self._at(params)
        span = None if context is None else renamable(context[1], context[3])
        return (
            None if context is None or span is None or isinstance(span, Refused) else range_of(context[2].lines, span)
        )

    async def _rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        context = await self._at(params)
        if context is None:
            return None
        document, reading, shown, offset = context
        open_texts = {
            open_document.path: open_document.text
            for open_document in self._documents
            if open_document.path is not None and open_document is not document
        }
        users = await self._documents.ask(files_around, reading)
        if isinstance(users, Refused):
            raise JsonRpcInvalidParams(users.why)
        edits_by_path = await self._documents.ask(rename, reading, offset, params.new_name, users, open_texts)
        if isinstance(edits_by_path, Refused):
            raise JsonRpcInvalidParams(edits_by_path.why)
        changes = {
            document.uri if path in (None, document.path) else uri_of(path): self._edits(path, edits, shown, open_texts)
            for path, edits in edits_by_path.items()
        }
        return types.WorkspaceEdit(changes=changes)

    def _edits(
        self, path: Path | None, edits: Iterable[Edit], shown: Shown, open_texts: Mapping[Path, str]
    ) -> list[types.TextEdit]:
        if path is None or path == shown.reading.path:
            return edits_of(shown.lines, edits)
        text = open_texts[path] if path in open_texts else text_found(path)
        source = source_of(str(path), text)
        return edits_of(Lines(source.written if isinstance(source, Source) else text, shown.encoding), edits)

    async def _symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        context = await self._at(params)
        if context is None:
            return None
        _, reading, shown, _ = context
        return [
            types.DocumentSymbol(
                entry.name,
                SYMBOLS.get(entry.kind, types.SymbolKind.Namespace),
                range_of(shown.lines, entry.span),
                range_of(shown.lines, entry.name_span),
                detail=entry.title or entry.kind,
            )
            for entry in outline(reading)
        ]

    async def _folds(self, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        context = await self._at(params)
        if context is None:
            return None
        _, reading, shown, _ = context
        return [
            types.FoldingRange(shown.lines.at(start).line, shown.lines.at(end).line) for start, end in folds(reading)
        ]
