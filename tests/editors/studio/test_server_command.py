"""Which server the extension for Visual Studio Code starts, and what it says of a Forbear that cannot serve."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
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
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { serverCommand } from "SERVER";
import { said } from "vscode";
const context = { asAbsolutePath: (path) => path === "." ? resolve(process.env.EXTENSION) : path };
serverCommand(context).then((found) => {
    const options = { cwd: process.cwd(), ...found.options, input: "" };
    if (process.env.EXTENSION !== ".") spawnSync(found.command, found.args, options);
    console.log(JSON.stringify([found.args, said]));
});
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
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
    (tmp_path / "bin" / "cat").symlink_to("/bin/cat")
    if program is not None:
        (tmp_path / "bin" / "forbear").write_text(program)
        (tmp_path / "bin" / "forbear").chmod(0o755)
    args, messages = _asked(tmp_path, tmp_path, PATH=str(tmp_path / "bin"), WANTED=json.dumps(wanted), EXTENSION=".")
    assert args == started
    assert [text for text in messages if said in text] == messages
    assert bool(messages) == bool(said)


@pytest.mark.parametrize("wanted", [[], ["python3", "-m", "forbear", "lsp"]])
def test_no_module_of_the_opened_folder_is_run(tmp_path: Path, wanted: list[str]) -> None:
    """Neither where it is asked which server there is, nor where that is started, by the setting too."""
    for name in ("bin", "opened", "extension"):
        (tmp_path / name).mkdir()
    (tmp_path / "bin" / "python3").write_text(f'#!/bin/sh\npwd >>{tmp_path / "where"}\nexec {sys.executable} "$@"\n')
    (tmp_path / "bin" / "python3").chmod(0o755)
    for folder in ("opened", "extension"):
        for name in ("json", "runpy", "forbear"):
            hostile = f"open({str(tmp_path / 'run')!r}, 'a').write('{folder}/{name} ')\n"
            (tmp_path / folder / f"{name}.py").write_text(hostile)
    environment = {"PATH": f"{tmp_path / 'bin'}", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    more = {"WANTED": json.dumps(wanted), "EXTENSION": str(tmp_path / "extension")}
    assert _asked(tmp_path, tmp_path / "opened", **environment, **more) == [["-m", "forbear", "lsp"], []]
    assert not (tmp_path / "run").exists(), (tmp_path / "run").read_text()
    assert (tmp_path / "where").read_text().split() == 2 * [str(tmp_path / "extension")]


def _asked(folder: Path, opened: Path, **environment: str) -> list[list[str]]:
    """The arguments of the command that the extension starts where a folder is opened, and what it says."""
    built()
    (folder / "vscode.js").write_text(EDITOR)
    server = ROOT / "editors" / "vscode" / "src" / "server.ts"
    (folder / "asking.js").write_text(ASKING.replace("SERVER", str(server)))
    node = shutil.which("node")
    assert node is not None
    esbuild = [str(ROOT / "studio/node_modules/.bin/esbuild"), str(folder / "asking.js"), "--bundle"]
    options = ["--platform=node", f"--alias:vscode={folder / 'vscode.js'}", f"--outfile={folder / 'all.js'}"]
    subprocess.run([*esbuild, *options, "--log-level=error"], check=True)
    command = [node, str(folder / "all.js")]
    done = subprocess.run(command, cwd=opened, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    found: list[list[str]] = json.loads(done.stdout)
    return found
