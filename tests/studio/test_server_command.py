"""Which server the extension for Visual Studio Code starts, and what it says of a Forbear that cannot serve."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from browsing import ROOT, built

EDITOR = """
const said = [];
exports.said = said;
exports.workspace = { getConfiguration: () => ({ get: () => JSON.parse(process.env.WANTED) }) };
exports.window = { showErrorMessage: (text) => said.push(text), showWarningMessage: (text) => said.push(text) };
"""
ASKING = """
import { serverCommand } from "SERVER";
import { said } from "vscode";
const context = { asAbsolutePath: (path) => path };
serverCommand(context).then((found) => console.log(JSON.stringify([found.args, said])));
"""
LACKING = "#!/bin/sh\necho 'error: `lsp` needs the extra `lsp` of forbear' >&2\nexit 1\n"
SERVING = '#!/bin/sh\ntest "$*" = lsp && cat\n'
"""It serves as long as there is a client, and its `--help` says nothing of that."""


@pytest.mark.parametrize(
    ("program", "wanted", "started", "said"),
    [
        (SERVING, [], ["lsp"], ""),
        (LACKING, [], ["dist/server.mjs"], "is slower, since `lsp` needs the extra `lsp` of forbear"),
        (None, [], ["dist/server.mjs"], ""),
        (SERVING, ["/nowhere/forbear", "lsp"], ["lsp"], "The setting forbear.command: spawn /nowhere/forbear ENOENT"),
    ],
)
def test_the_server_that_can_serve(
    tmp_path: Path, program: str | None, wanted: list[str], started: list[str], said: str
) -> None:
    built()
    (tmp_path / "vscode.js").write_text(EDITOR)
    server = ROOT / "editors" / "vscode" / "src" / "server.ts"
    (tmp_path / "asking.js").write_text(ASKING.replace("SERVER", str(server)))
    node = shutil.which("node")
    assert node is not None
    esbuild = [str(ROOT / "studio/node_modules/.bin/esbuild"), str(tmp_path / "asking.js"), "--bundle"]
    options = ["--platform=node", f"--alias:vscode={tmp_path / 'vscode.js'}", f"--outfile={tmp_path / 'all.js'}"]
    subprocess.run([*esbuild, *options, "--log-level=error"], check=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
    (tmp_path / "bin" / "cat").symlink_to("/bin/cat")
    if program is not None:
        (tmp_path / "bin" / "forbear").write_text(program)
        (tmp_path / "bin" / "forbear").chmod(0o755)
    environment = {"PATH": str(tmp_path / "bin"), "WANTED": json.dumps(wanted)}
    done = subprocess.run([node, str(tmp_path / "all.js")], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    args, messages = json.loads(done.stdout)
    assert args == started
    assert [text for text in messages if said in text] == messages
    assert bool(messages) == bool(said)
