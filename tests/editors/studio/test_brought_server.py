"""The language server that the extension for Visual Studio Code brings, in Node and without any other Python."""

from __future__ import annotations

import asyncio
import runpy
import shutil
import sys
from pathlib import Path

import pytest
from browsing import ROOT, built
from lsprotocol import types
from pytest_lsp import client_capabilities, make_test_lsp_client

HOLD = """\
uses "words"
rule call_in_person: after 13 days then allow chat
rule hardship_hold: forbid chat when hardship is plan_active
"""


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the server, with the Pyodide of the studio, which is the same."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    tool = runpy.run_path(str(ROOT / "tools" / "vscode.py"))
    for name in ("environment", "in_javascript"):
        sys.modules.pop(name, None)
    tool["bring_python"](built() / "pyodide", tmp_path / "brought")
    return tmp_path / "brought"


@pytest.mark.asyncio
async def test_it_answers_and_reads_the_files_of_the_machine(brought: Path, tmp_path: Path) -> None:
    (tmp_path / "words.forbear").write_text('uses collections\naction chat "A chat"\n', "utf-8")
    uri = (tmp_path / "house.forbear").as_uri()
    node = shutil.which("node")
    assert node is not None
    client = make_test_lsp_client()
    await client.start_io(node, str(brought / "server.mjs"), cwd=tmp_path, env={"PATH": "/nowhere"})
    asked = types.InitializeParams(capabilities=client_capabilities("visual-studio-code"), root_uri=None)
    await client.initialize_session(asked)
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "forbear", 1, HOLD)))
    async with asyncio.timeout(120):
        while [str(one.code) for one in client.diagnostics.get(uri, ())] != ["contradiction"]:
            await asyncio.sleep(0.05)
    [found] = client.diagnostics[uri]
    assert found.range.start.line == 2
    hover = await client.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(2, HOLD.splitlines()[2].index("chat")))
    )
    assert hover is not None
    assert "A chat" in str(hover.contents)
    asked_page = types.ExecuteCommandParams("forbear.explainCode", [found.code])
    answer = await client.workspace_execute_command_async(asked_page)
    assert "## Instead" in str(answer)
    await client.shutdown_session()
