"""Builds the extension for Visual Studio Code, `editors/vscode/forbear.vsix`: `python3 tools/vscode.py`, with `npm`.

With `--grammar` it writes the colours alone, `syntaxes/forbear.tmLanguage.json`, by the words of the language.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from environment import ROOT, python
from in_javascript import copy_pyodide, licences, python_files

FOLDER = ROOT / "editors" / "vscode"
GRAMMAR = FOLDER / "syntaxes" / "forbear.tmLanguage.json"
LIBRARIES = (
    "attrs",
    "cattrs",
    "click",
    "jinja2",
    "lark",
    "lsprotocol",
    "markupsafe",
    "pygls",
    "rich",
    "typing_extensions",
)
LEFT_OUT = ("check/sheets", "cli", "editors/studio", "portfolio", "spark")
"""What the server that the extension brings has no use for, of the rooms of the package."""
EFFECTS = ("allow", "forbid", "require", "never", "limit", "suspend")
VERDICTS = ("allowed", "forbidden", "required", "unsaid")
JOINING = ("and", "or", "not", "then", "when", "where", "unless", "overrides", "except", "with")
CONSTANTS = ("yes", "no", "none", "known", "unknown", "any", "always", "everything", "all", "ever", "otherwise")


def main() -> None:
    """Builds it, or writes the grammar alone."""
    try:
        from forbear.language.syntax.grammar import declaring, keywords, only_beginning
    except ImportError:
        sys.exit(subprocess.run([python("[lsp]"), __file__, *sys.argv[1:]]).returncode)
    GRAMMAR.write_text(grammar(keywords().values(), only_beginning(), declaring()), encoding="utf-8")
    if "--grammar" in sys.argv:
        return
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("the extension is built with npm, which is not on the path")
    install = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(install, cwd=FOLDER, check=True)
    shutil.copyfile(ROOT / "LICENSE", FOLDER / "LICENSE")
    _run("tsc", "--project", ".")
    options = ["--bundle", "--minify", "--platform=node", "--format=cjs", "--target=node20", "--log-level=warning"]
    _run("esbuild", "src/extension.ts", *options, "--external:vscode", "--outfile=dist/extension.js")
    bring_python(FOLDER / "node_modules" / "pyodide", FOLDER / "dist")
    _run("vsce", "package", "--no-dependencies", "--allow-missing-repository", "--out", "forbear.vsix")


def bring_python(pyodide: Path, target: Path) -> None:
    """Puts the server and a Python into the extension, for machines without one."""
    copy_pyodide(pyodide, target / "pyodide")
    (target / "python.files").write_bytes(gzip.compress(python_files(LIBRARIES, LEFT_OUT).encode(), mtime=0))
    for name in ("server.mjs", "serve.py"):
        shutil.copyfile(FOLDER / "brought" / name, target / name)
    (target / "licences.txt").write_text("\n\n".join(licences(LIBRARIES)), encoding="utf-8")


def grammar(words: object, beginning: object, declaring: object) -> str:
    """The TextMate grammar, as JSON, from all words of the language, those that begin a statement, and of these those
    that declare a name."""
    every = {word for word in words if re.fullmatch(r"[a-z]+", word)}  # type: ignore[attr-defined]
    statements = {*beginning, "rule", "table", *EFFECTS[-1:]} & every  # type: ignore[misc]
    kinds = {
        "keyword.control.forbear": statements,
        "keyword.other.effect.forbear": every & {*EFFECTS},
        "support.constant.verdict.forbear": every & {*VERDICTS},
        "keyword.operator.word.forbear": every & {*JOINING},
        "constant.language.forbear": every & {*CONSTANTS},
    }
    named = "|".join(sorted({*declaring, "rule", "table"} & every))  # type: ignore[misc]
    patterns: list[dict[str, object]] = [
        {"name": "comment.line.number-sign.forbear", "match": "#.*$"},
        {
            "name": "string.quoted.double.forbear",
            "begin": '"',
            "end": '"|$',
            "patterns": [{"name": "constant.character.escape.forbear", "match": r"\\."}],
        },
        {
            "match": rf"\b({named})\s+([a-z][a-z0-9_]*)\b",
            "captures": {"1": {"name": "keyword.control.forbear"}, "2": {"name": "entity.name.function.forbear"}},
        },
        {"name": "constant.numeric.date.forbear", "match": r"\b\d+-\d+-\d+\b|\b\d+:\d+(:\d+)?\b"},
        {"name": "constant.numeric.forbear", "match": r"\b([A-Z]{3}\s+)?-?\d[\d_]*(\.\d+)?%?"},
        {"name": "constant.language.forbear", "match": r"\byes/no\b"},
        {"name": "keyword.other.forbear", "match": r"\bnot\s+so(?=\s*:)"},
    ]
    said: set[str] = set()
    for name, its in kinds.items():
        patterns.append({"name": name, "match": _any_of(its - said)})
        said |= its
    patterns.append({"name": "keyword.other.forbear", "match": _any_of(every - said)})
    patterns.append({"name": "keyword.operator.forbear", "match": r"[<>]=?|!=|=|\||\+|-"})
    found = {"name": "Forbear", "scopeName": "source.forbear", "patterns": patterns}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _any_of(words: set[str]) -> str:
    return rf"\b(?<![.-])({'|'.join(sorted(words))})\b(?![.-])"


def _run(program: str, *given: str) -> None:
    subprocess.run([str(FOLDER / "node_modules" / ".bin" / program), *given], cwd=FOLDER, check=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
