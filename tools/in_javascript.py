"""Forbear for Pyodide, which is Python in a browser or in Node: its files and those of the libraries that it needs."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from environment import ROOT

PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
PACKAGES = "/lib/python3.14/site-packages"
"""Where Pyodide's Python has its packages."""


def copy_pyodide(package: Path, target: Path) -> None:
    """Copies what is needed of Pyodide's package of npm."""
    target.mkdir(parents=True, exist_ok=True)
    for name in PYODIDE:
        shutil.copyfile(package / name, target / name)


def python_files(libraries: Iterable[str], without: Iterable[str]) -> str:
    """All files by their paths there, as JSON. Rooms of the package may be left out."""
    left_out = tuple(f"{room}/" for room in without)
    found: dict[str, Path] = {}
    for name in libraries:
        its = importlib.metadata.distribution(name)
        for file in its.files or ():
            if file.suffix in (".py", ".lark") and ".." not in file.parts and "__pycache__" not in file.parts:
                found[file.as_posix()] = Path(str(its.locate_file(file)))
    package = ROOT / "src" / "forbear"
    for path in package.rglob("*"):
        inside = path.relative_to(package)
        if path.is_file() and "__pycache__" not in path.parts and not inside.as_posix().startswith(left_out):
            found[f"forbear/{inside.as_posix()}"] = path
    for folder in ("grammar", "rules", "docs/reference/diagnostics"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                found[f"forbear/{path.relative_to(ROOT).as_posix()}"] = path
    return json.dumps({f"{PACKAGES}/{name}": path.read_text(encoding="utf-8") for name, path in sorted(found.items())})


def licences(libraries: Iterable[str]) -> Iterator[str]:
    """The licences of libraries, each after its name."""
    for name in libraries:
        distribution = importlib.metadata.distribution(name)
        found = [Path(str(file.locate())) for file in distribution.files or () if file.name.startswith("LICEN")]
        yield f"{name} {distribution.version}\n" + "".join(one.read_text(encoding="utf-8") for one in found)
