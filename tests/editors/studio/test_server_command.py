"""Which server the extension for Visual Studio Code starts, and what it says of a Forbear that cannot serve."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(shutil.which("tsc") is None, reason="there is no `tsc`")

EDITOR = """
const said = [];
exports.said = said;
exports.workspace = { getConfiguration: () => ({ get: () => JSON.parse(process.env.WANTED) }) };
exports.window = { showErrorMessage: (text) => said.push(text), showWarningMessage: (text) => said.push(text) };
"""
ASKING = """
const { spawnSync } = require("node:child_process");
const { resolve } = require("node:path");
const { serverCommand } = require("./server.js");
const { said } = require("vscode");
const context = { asAbsolutePath: (path) => path === "." ? resolve(process.env.EXTENSION) : path };
serverCommand(context).then((found) => {
    const options = { cwd: process.cwd(), ...found.options, input: "" };
    if (process.env.EXTENSION !== ".") spawnSync(found.command, found.args, options);
    console.log(JSON.stringify([found.args, said]));
});
"""
WITHOUT_TYPES = """
const [compiler, source] = process.argv.slice(1);
const text = require("node:fs").readFileSync(source, "utf8");
const options = { module: "CommonJS", target: "ES2022" };
process.stdout.write(require(compiler).transpileModule(text, { compilerOptions: options }).outputText);
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


@pytest.mark.parametrize("wanted", [[], ["python3", "-m", "forbear", "lsp"]], ids=["found", "set"])
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
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "vscode.js").write_text(EDITOR)
    (folder / "server.js").write_text(_without_types())
    (folder / "asking.js").write_text(ASKING)
    command = [str(shutil.which("node")), str(folder / "asking.js")]
    done = subprocess.run(command, cwd=opened, env=environment, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    found: list[list[str]] = json.loads(done.stdout)
    return found


@cache
def _without_types() -> str:
    """The extension's own file as JavaScript."""
    compiler = Path(str(shutil.which("tsc"))).resolve().parents[1] / "lib" / "typescript.js"
    source = ROOT / "editors" / "vscode" / "src" / "server.ts"
    command = [str(shutil.which("node")), "-e", WITHOUT_TYPES, str(compiler), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout
