"""Requests of the protocol about names and statements: completion, hover, definition, references, rename, outline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from forbear.base.source import Source
from forbear.check.files.locations import text_found
from forbear.editors.editing import looking
from forbear.editors.editing.completing import completions
from forbear.editors.editing.edits import Edit
from forbear.editors.editing.outline import folds, outline
from forbear.editors.editing.positions import Lines
from forbear.editors.editing.reading import source_of
from forbear.editors.editing.renaming import Refused, renamable, rename
from forbear.editors.lsp.conversion import SYMBOLS, edits_of, range_of, uri_of
from forbear.editors.lsp.documents import Documents, Here
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

    async def _complete(self, params: types.CompletionParams, here: Here) -> list[types.CompletionItem]:
        span, options = completions(here.reading, here.offset)
        where = range_of(here.shown.lines, span)
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

    async def _hover(self, params: types.HoverParams, here: Here) -> types.Hover | None:
        from forbear.editors.editing.showing.clock import decides_when  # late, see `server.py`

        hover = looking.hover(here.reading, here.offset)
        if hover is None:
            return None
        text = hover.text
        if hover.rule is not None:
            text = "\n\n".join([text, *await self._documents.ask(decides_when, here.reading, hover.rule)])
        where = range_of(here.shown.lines, hover.span)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), where)

    async def _define(self, params: types.DefinitionParams, here: Here) -> types.Location | None:
        place = looking.definition(here.reading, here.offset)
        return None if place is None else here.shown.location(place)

    async def _refer(self, params: types.ReferenceParams, here: Here) -> list[types.Location]:
        places = looking.references(here.reading, here.offset, declaration=params.context.include_declaration)
        return [here.shown.location(place) for place in places]

    async def _may_rename(self, params: types.PrepareRenameParams, here: Here) -> types.Range | None:
        span = renamable(here.reading, here.offset)
        return None if isinstance(span, Refused) else range_of(here.shown.lines, span)

    async def _rename(self, params: types.RenameParams, here: Here) -> types.WorkspaceEdit:
        document, open_texts = here.document, self._documents.others(here.document)
        users = await self._documents.ask(files_around, here.reading)
        if isinstance(users, Refused):
            raise JsonRpcInvalidParams(users.why)
        asked = here.reading, here.offset, params.new_name, users, open_texts
        edits_by_path = await self._documents.ask(rename, *asked)
        if isinstance(edits_by_path, Refused):
            raise JsonRpcInvalidParams(edits_by_path.why)
        changes = {
            document.uri if path in (None, document.path) else uri_of(path): self._edits(path, edits, here, open_texts)
            for path, edits in edits_by_path.items()
        }
        return types.WorkspaceEdit(changes=changes)

    def _edits(
        self, path: Path | None, edits: Iterable[Edit], here: Here, open_texts: Mapping[Path, str]
    ) -> list[types.TextEdit]:
        if path is None or path == here.reading.path:
            return edits_of(here.shown.lines, edits)
        text = open_texts[path] if path in open_texts else text_found(path)
        source = source_of(str(path), text)
        return edits_of(Lines(source.written if isinstance(source, Source) else text, here.shown.encoding), edits)

    async def _symbols(self, params: types.DocumentSymbolParams, here: Here) -> list[types.DocumentSymbol]:
        return [
            types.DocumentSymbol(
                entry.name,
                SYMBOLS.get(entry.kind, types.SymbolKind.Namespace),
                range_of(here.shown.lines, entry.span),
                range_of(here.shown.lines, entry.name_span),
                detail=entry.title or entry.kind,
            )
            for entry in outline(here.reading)
        ]

    async def _folds(self, params: types.FoldingRangeParams, here: Here) -> list[types.FoldingRange]:
        spans = [map(here.shown.lines.at, span) for span in folds(here.reading)]
        return [types.FoldingRange(start.line, end.line) for start, end in spans]
