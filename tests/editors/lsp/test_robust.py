"""What should not be: a huge folder, two windows on one file, a killed server. A message, never a hang."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_lsp
from client import ASKED, COMMAND, Editor
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient, make_test_lsp_client
from unprivileged import UNPRIVILEGED, needs_modes

BROKEN = "rule a: after 9 days then allow smss\n"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=COMMAND))  # type: ignore[untyped-decorator]
async def client(lsp_client: LanguageClient) -> AsyncGenerator[None, None]:
    await lsp_client.initialize_session(ASKED)
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_a_folder_of_500_files_with_what_is_no_file(client: LanguageClient, tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"f{number:03}.forbear").write_text(f'uses "words"\nrule r{number}: after 3 days then allow call\n')
    (tmp_path / "words.forbear").write_text("fact days_overdue days clock\naction call\n")
    os.mkfifo(tmp_path / "pipe.forbear")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "folder.forbear").mkdir()
    (tmp_path / "binary.forbear").write_bytes(b"\xff\xfe call")
    text = 'uses "words"\nrule a: after 3 days then allow call\n'
    editor = Editor(client, tmp_path / "f000.forbear", text)
    await editor.until(lambda: editor.uri in client.diagnostics)
    with pytest.raises(JsonRpcException, match="too many files"):
        await client.text_document_rename_async(types.RenameParams(editor.which, editor.at("call"), "phone"))
    for number in range(10, 500):
        (tmp_path / f"f{number:03}.forbear").unlink()
    edit = await client.text_document_rename_async(types.RenameParams(editor.which, editor.at("call"), "phone"))
    assert edit is not None
    assert edit.changes is not None
    assert len(edit.changes) == 11


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[*UNPRIVILEGED, *COMMAND]))  # type: ignore[untyped-decorator]
async def unprivileged(lsp_client: LanguageClient, tmp_path: Path) -> AsyncGenerator[None, None]:
    await lsp_client.initialize_session(attrs.evolve(ASKED, root_uri=tmp_path.as_uri()))
    yield
    await lsp_client.shutdown_session()


@needs_modes
@pytest.mark.asyncio
@pytest.mark.parametrize(("closed", "mode"), [("inner", 0o000), ("inner", 0o444), ("inner/b.forbear", 0o000)])
async def test_what_cannot_be_read_is_said(
    unprivileged: LanguageClient, tmp_path: Path, closed: str, mode: int
) -> None:
    """A name in it would keep its old text."""
    (tmp_path / "inner").mkdir()
    text = "fact late days clock\naction call\nrule a: after 3 days then allow call\n"
    (tmp_path / "inner" / "b.forbear").write_text('uses "../a"\nrule b: after 9 days then allow call\n')
    editor = Editor(unprivileged, tmp_path / "a.forbear", text)
    await editor.until(lambda: editor.uri in unprivileged.diagnostics)
    (tmp_path / closed).chmod(mode)
    try:
        with pytest.raises(JsonRpcException, match=r"`.*/inner.*` cannot be read \(permission denied\), and may hold"):
            await unprivileged.text_document_rename_async(types.RenameParams(editor.which, editor.at("call"), "phone"))
        for _ in range(2):
            await unprivileged.workspace_symbol_async(types.WorkspaceSymbolParams("cal"))
        said = [one.message for one in unprivileged.messages]
        assert [text for text in said if "cannot be read" in text] == said[:1]
        assert said[0].endswith("(permission denied): names in it are not found")
    finally:
        (tmp_path / closed).chmod(0o755)


@pytest.mark.asyncio
async def test_a_circle_of_files_is_a_message(client: LanguageClient, tmp_path: Path) -> None:
    (tmp_path / "one.forbear").write_text('uses "two"\n')
    (tmp_path / "two.forbear").write_text('uses "one"\n')
    editor = Editor(client, tmp_path / "one.forbear", 'uses "two"\nrule a: after 3 days then allow sms\n')
    uris = [(tmp_path / name).as_uri() for name in ("one.forbear", "two.forbear")]
    await editor.until(
        lambda: any(one.code == "circular-uses" for uri in uris for one in client.diagnostics.get(uri, ()))
    )


@pytest.mark.asyncio
async def test_a_killed_server_is_started_again_and_two_windows_are_two_servers(tmp_path: Path) -> None:
    path = tmp_path / "house.forbear"
    path.write_text(BROKEN)
    first, second, third = [make_test_lsp_client() for _ in range(3)]
    for one in (first, second):
        await one.start_io(*COMMAND)
        await one.initialize_session(ASKED)
    windows = [Editor(one, path, BROKEN) for one in (first, second)]
    for window in windows:
        await window.until(lambda window=window: window.codes == ["unknown-action"])  # type: ignore[misc]
    windows[0].replace("smss", "sms")
    await windows[0].until(lambda: "unknown-action" not in windows[0].codes)
    assert windows[1].codes == ["unknown-action"]  # the other window has not saved
    path.write_text(windows[0].text)
    changed = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
    second.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
    windows[1].replace("smss", "sms")
    await windows[1].until(lambda: "unknown-action" not in windows[1].codes)
    assert first._server is not None
    first._server.kill()
    await first._server.wait()
    await third.start_io(*COMMAND)
    await third.initialize_session(ASKED)
    again = Editor(third, path, BROKEN)
    await again.until(lambda: again.codes == ["unknown-action"])
    for one in (second, third):
        await one.shutdown_session()
        await one.stop()  # type: ignore[no-untyped-call]


START = """
import sys
from forbear.cli.lsp import command
from forbear.editors.lsp.server import language_server
language_server()
import attrs
from lsprotocol import types
fields = type(vars(types.Moniker)["__attrs_attrs__"]).__name__
assert fields == "_Fields", "the types of the protocol were made before they were used"
assert [field.name for field in attrs.fields(types.Moniker)] == ["scheme", "identifier", "unique", "kind"]
assert types.Location("a", types.Range(1, 2)).uri == "a"
made = vars(types.Moniker)
assert not {"__slots__", "__eq__", "__repr__"} & {*made}, "the types of the protocol took their time"
assert types.Position(1, 2) == types.Position(1, 2)
assert "x=1" in repr(attrs.make_class("Other", ["x"])(1))
for late in ("library", "book", "analysis.run", "report.page.page", "formatting", "composition.suggest"):
    assert f"forbear.{late}" not in sys.modules, late
"""


def test_the_first_diagnostics_wait_for_nothing_that_comes_later() -> None:
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_client_that_talks_nonsense_or_goes_is_no_traceback() -> None:
    def message(body: bytes) -> bytes:
        return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)

    asked: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}
    given = message(json.dumps(asked).encode()) + message(b"{no json") + message(b'{"jsonrpc": "2.0", "id": 2}')
    for text in (given, b"", b"nonsense\r\n\r\n"):
        done = subprocess.run(COMMAND, input=text, capture_output=True, timeout=60, check=False)
        assert b"Traceback" not in done.stderr + done.stdout
