"""The house keeps its floors: imports go down only, and heavy libraries stay in their rooms."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import forbear

ROOT = Path(forbear.__file__).parent
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"kernel", "history", "source", "diagnostic", "resources", "version", "strict_json"}),
    frozenset({"syntax", "vocabulary"}),
    frozenset({"policy"}),
    frozenset({"predicates"}),
    frozenset({"space"}),
    frozenset({"analysis", "runtime", "backends", "formatting", "columns"}),
    frozenset({"report"}),
    frozenset({"library", "book", "spark"}),
    frozenset({"cli", "lsp"}),
)
TOP = frozenset({"__init__", "__main__"})
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FREE_WITHIN = (0, 7)
"""Floors of single files, which may use each other as long as there is no circle."""
HOME = {
    "lark": {"syntax"},
    "click": {"cli"},
    "rich": {"cli", "report"},
    "numpy": {"columns"},
    "numba": {"columns"},
    "polars": {"columns"},
    "pyarrow": {"columns"},
    "pyspark": {"spark"},
    "py4j": {"spark"},
    "jinja2": {"cli", "report"},
    "sqlglot": {"backends"},
    "pygls": {"lsp"},
    "lsprotocol": {"lsp"},
}
FILES = sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, those imported in functions and for types among them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            if node.module == "forbear":
                yield from (f"forbear.{alias.name}" for alias in node.names)
            else:
                yield node.module


def rooms_used(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path) if name.startswith("forbear.")} - {room_of(path)}


def test_every_room_stands_on_a_floor() -> None:
    assert {room_of(path) for path in FILES} - TOP <= FLOOR_OF.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_down_only(path: Path) -> None:
    room = room_of(path)
    if room in TOP:
        return
    mine = FLOOR_OF[room]
    for other in rooms_used(path):
        assert other in FLOOR_OF, f"`forbear` itself is above all floors: {other}"
        its = FLOOR_OF[other]
        if mine in FREE_WITHIN:
            assert its <= mine, f"{room} imports {other}, which stands above it"
        else:
            assert its < mine, f"{room} imports {other}, which stands " + ("beside it" if its == mine else "above it")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    for name in imported(path):
        library = name.split(".")[0]
        assert room_of(path) in HOME.get(library, {room_of(path)}), f"{library} is imported in {room_of(path)}"


def test_single_files_do_not_import_in_a_circle() -> None:
    left = {room_of(path): rooms_used(path) for path in FILES if path.parent == ROOT and room_of(path) not in TOP}
    while left:
        free = [room for room, used in left.items() if not used & left.keys()]
        assert free, f"a circle among {sorted(left)}"
        for room in free:
            del left[room]


@pytest.mark.parametrize("name", ["kernel.py", "history.py"])
def test_what_is_copied_into_modules_imports_the_standard_library_alone(name: str) -> None:
    others = {other for other in imported(ROOT / name) if other.split(".")[0] not in sys.stdlib_module_names}
    assert others <= {"forbear.kernel"}


def test_data_does_not_lean_on_heavy_libraries() -> None:
    """Only these are core dependencies of the code: no file imports anything else but the standard library."""
    known = {"forbear", "lark", "attrs", "click", "rich", *sys.stdlib_module_names}
    for path in FILES:
        for name in imported(path):
            assert name.split(".")[0] in known | HOME.keys(), f"{path}: {name}"
