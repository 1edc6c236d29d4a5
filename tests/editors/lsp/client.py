"""A client of the language server, in a test: it opens texts, changes them, and waits for what the server says. The
tests of a file may share one: to start a server takes longer than to ask it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

COMMAND = [sys.executable, "-m", "forbear", "lsp"]
SECONDS = 60.0
ASKED = types.InitializeParams(capabilities=client_capabilities("visual-studio-code"), root_uri=None)


@pytest_lsp.fixture(scope="module", config=ClientServerConfig(server_command=COMMAND))  # type: ignore[untyped-decorator]
async def served(lsp_client: LanguageClient) -> AsyncGenerator[None, None]:
    await lsp_client.initialize_session(ASKED)
    yield
    await lsp_client.shutdown_session()


@pytest.fixture(name="client")
def fresh(served: LanguageClient) -> LanguageClient:
    """The client, to which nothing was said yet."""
    for said in (served.messages, served.shown_documents, served.diagnostics):
        said.clear()
    return served


class Editor:
    """What an editor does with one text."""

    def __init__(self, client: LanguageClient, path: Path, text: str) -> None:
        self.client, self.path, self.text, self.version = client, path, text, 1
        self.uri = path.as_uri()
        item = types.TextDocumentItem(self.uri, "forbear", self.version, text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    @property
    def which(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)

    def at(self, words: str, beyond: int = 0) -> types.Position:
        """The place of some words, or as many characters beyond their beginning."""
        offset = self.text.index(words) + beyond
        line = self.text.count("\n", 0, offset)
        start = self.text.rfind("\n", 0, offset) + 1
        return types.Position(line, len(self.text[start:offset].encode("utf-16-le")) // 2)

    def range(self, words: str) -> types.Range:
        """The range of some words."""
        return types.Range(self.at(words), self.at(words, len(words)))

    def replace(self, words: str, by: str) -> None:
        """Writes something in place of some words."""
        self.version += 1
        change = types.TextDocumentContentChangePartial(self.range(words), by)
        self.text = self.text.replace(words, by, 1)
        which = types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(which, [change]))

    @property
    def diagnostics(self) -> list[types.Diagnostic]:
        return list(self.client.diagnostics.get(self.uri, ()))

    @property
    def codes(self) -> list[str]:
        return sorted(str(one.code) for one in self.diagnostics)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits for what the server says."""
        async with asyncio.timeout(SECONDS):
            while not holds():
                await asyncio.sleep(0.02)

    async def actions(self, words: str, *only: str) -> list[types.CodeAction]:
        """The code actions at some words."""
        context = types.CodeActionContext(self.diagnostics, only=list(only) or None)
        asked = types.CodeActionParams(self.which, self.range(words), context)
        found = await self.client.text_document_code_action_async(asked)
        return [one for one in found or () if isinstance(one, types.CodeAction)]

    def with_edits(self, edits: list[types.TextEdit]) -> str:
        """The text with edits that the server has sent."""
        lines = self.text.splitlines(keepends=True)
        starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
        text = self.text
        for edit in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
            start = starts[edit.range.start.line] + edit.range.start.character
            end = starts[edit.range.end.line] + edit.range.end.character
            text = text[:start] + edit.new_text + text[end:]
        return text
