"""The extension for Visual Studio Code does not lag behind the language."""

from __future__ import annotations

import json
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from forbear.base.source import Source
from forbear.language.syntax.grammar import declaring, keywords, only_beginning
from forbear.language.syntax.parser import parse

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "editors" / "vscode"


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    return found


def test_the_colours_are_those_of_the_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else run `python3 tools/vscode.py --grammar`."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    tool = runpy.run_path(str(ROOT / "tools" / "vscode.py"))
    for name in ("environment", "in_javascript"):
        sys.modules.pop(name, None)
    written = (FOLDER / "syntaxes" / "forbear.tmLanguage.json").read_text(encoding="utf-8")
    assert written == tool["grammar"](keywords().values(), only_beginning(), declaring())
    lists = [
        re.search(r"\(\?<![^)]*\)\((.*?)\)", pattern.get("match", "")) for pattern in json.loads(written)["patterns"]
    ]
    grouped = [word for found in lists if found for word in found[1].split("|")]
    assert sorted(grouped) == sorted({word for word in keywords().values() if word.isalpha()})
    for kind in ("EFFECTS", "VERDICTS", "JOINING", "CONSTANTS"):
        assert set(tool[kind]) <= set(keywords().values()) | {"suspend", "limit"}, kind


def test_each_snippet_is_a_statement() -> None:
    snippets = json.loads((FOLDER / "snippets" / "forbear.json").read_text(encoding="utf-8"))
    for name, snippet in snippets.items():
        text = "\n".join(snippet["body"])
        text = re.sub(r"\$\{\d+\|([^,|]+)[^}]*\}", r"\1", text)
        text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text).replace("$0", "")
        module, diagnostics = parse(Source(name, text))
        assert not diagnostics, (name, text, diagnostics[0].message)
        assert len(module.statements) == 1
        assert text.startswith(snippet["prefix"]) or name in ("Never", "Limit")


def test_each_package_is_of_one_version() -> None:
    found = manifest()
    versions = {**found["dependencies"], **found["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
    assert not (FOLDER / "package-lock.json").exists()


def test_what_the_manifest_names_is_there() -> None:
    its = manifest()["contributes"]
    paths = [its["languages"][0]["configuration"], its["grammars"][0]["path"], its["snippets"][0]["path"]]
    assert all((FOLDER / path).is_file() for path in paths)
    sources = "".join(path.read_text(encoding="utf-8") for path in (FOLDER / "src").glob("*.ts"))
    for command in its["commands"]:
        assert f'registerCommand("{command["command"]}"' in sources
