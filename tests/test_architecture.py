"""The house keeps its floors: imports go down only, and heavy libraries stay in their rooms."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest
from night import BY_NIGHT

import forbear

ROOT = Path(forbear.__file__).parent
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"base", "version"}),
    frozenset({"kernel"}),
    frozenset({"language"}),
    frozenset({"semantics"}),
    frozenset({"check"}),
    frozenset({"space"}),
    frozenset({"deciding", "analysis", "targets"}),
    frozenset({"queries"}),
    frozenset({"portfolio"}),
    frozenset({"report"}),
    frozenset({"library", "spark", "telemetry"}),
    frozenset({"editors"}),
    frozenset({"service", "agents"}),
    frozenset({"cli"}),
)
TOP = frozenset({"__init__", "__main__"})
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FREE_WITHIN = (0, 10)
"""Floors whose rooms may use each other as long as there is no circle."""
HOME = {
    "gc": {"cli"},  # it is the whole process's, and a library is one of several in it
    "lark": {"language"},
    "click": {"cli"},
    "rich": {"cli", "report", "language"},
    "numpy": {"portfolio"},
    "numba": {"portfolio"},
    "polars": {"portfolio"},
    "pyarrow": {"portfolio"},
    "pyspark": {"spark"},
    "py4j": {"spark"},
    "jinja2": {"cli", "report"},
    "sqlglot": {"targets"},
    "z3": {"space"},
    "openpyxl": {"check"},
    "holidays": {"cli"},
    "icalendar": {"queries"},
    "pydantic_core": {"deciding"},  # for the type of an answer, in programs that use it
    "opentelemetry": {"telemetry"},
    "mcp": {"agents"},
    "starlette": {"service"},
    "uvicorn": {"service"},
    "httptools": {"service"},
    "msgspec": {"service"},
    "prometheus_client": {"service"},
    "pygls": {"editors"},
    "lsprotocol": {"editors"},
}
COPIED = (
    "kernel/cases.py",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "kernel/history").glob("*.py")),
)
FILES = sorted(ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported(path: Path) -> tuple[str, ...]:
    """The modules that a file imports, those imported in functions and for types among them."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module is not None
            if node.module != "forbear":
                yield node.module
            if node.module.split(".")[0] == "forbear":
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_used(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path) if name.startswith("forbear.")} - {room_of(path)}


def test_no_file_imports_a_private_name_of_another() -> None:
    private = [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in FILES
        for name in imported(path)
        if name.startswith("forbear.") and re.search(r"\._(?!_)", name)
    ]
    assert not private


def test_all_printing_goes_through_one_file() -> None:
    """It escapes what a terminal could be deceived by."""
    printing = {path.relative_to(ROOT).as_posix() for path in FILES if _prints(path)}
    assert printing == {"cli/support/printing.py"}


def _prints(path: Path) -> bool:
    calls = [node.func for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    names = {ast.unparse(called) for called in calls}
    return bool(names & {"click.echo", "click.secho", "echo", "print", "sys.stdout.write", "sys.stderr.write"})


def test_every_room_stands_on_a_floor() -> None:
    assert {room_of(path) for path in FILES} - TOP <= FLOOR_OF.keys()


def test_imports_go_down_only() -> None:
    up = []
    for path in FILES:
        room = room_of(path)
        for other in rooms_used(path) if room not in TOP else ():
            mine, its = FLOOR_OF[room], FLOOR_OF.get(other)  # `forbear` itself is above all floors
            if its is None or its > mine or (its == mine and mine not in FREE_WITHIN):
                up.append(f"{path.relative_to(ROOT).as_posix()} imports {other}")
    assert not up


def test_libraries_stay_in_their_rooms() -> None:
    strays = [
        f"{path.relative_to(ROOT).as_posix()} imports {name}"
        for path in FILES
        for name in imported(path)
        if room_of(path) not in HOME.get(name.split(".")[0], {room_of(path)})
    ]
    assert not strays


def module_of(path: Path) -> str:
    return ".".join(("forbear", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def test_no_files_import_each_other_in_a_circle() -> None:
    """Imports inside of functions and for types alone count too."""
    files = {module_of(path): path for path in FILES}
    order = TopologicalSorter({name: {one for one in imported(path) if one in files} for name, path in files.items()})
    order.prepare()  # raises where there is a circle


@pytest.mark.parametrize("name", COPIED)
def test_what_is_copied_into_modules_imports_the_standard_library_alone(name: str) -> None:
    others = {other for other in imported(ROOT / name) if other.split(".")[0] not in sys.stdlib_module_names}
    assert all(other.startswith(("forbear.kernel.cases", "forbear.kernel.history")) for other in others)


def test_what_is_copied_into_one_module_has_names_of_its_own() -> None:
    names: list[str] = []
    for statement in (its for name in COPIED for its in parsed(ROOT / name).body):
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            names.append(statement.name)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names += map(ast.unparse, targets)
    assert len(names) > 150
    assert sorted(set(names)) == sorted(names)


def test_data_does_not_lean_on_heavy_libraries() -> None:
    """Only these are core dependencies of the code: no file imports anything else but the standard library."""
    known = {"forbear", "lark", "attrs", "click", "rich", *sys.stdlib_module_names}
    for path in FILES:
        for name in imported(path):
            assert name.split(".")[0] in known | HOME.keys(), f"{path}: {name}"


def test_contributing_names_files_that_there_are() -> None:
    text = (ROOT.parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+/[\w.]*)`", text[text.index("## Where is") : text.index("## Where a test goes")])
    assert len(named) > 40
    assert not [name for name in named if not (ROOT / name).exists()]


INVENTED = re.compile(
    r"ACTION_\w+|CASES\.CSV|DAYS_OVERDUE|(days_o|daysO|DaysO)verdue|House\w*Event|Host|NaN|STANDARD\.NAME|TARGET\.rejects|"
    r"last_month|payment\.amount|phone_call|plan_active|rule_\w+|(tool\.)?forbear\.(toml|severity)"
)
"""What docstrings name in backticks and is no name of ours: facts and files of examples, headers."""


def test_a_name_in_a_docstring_is_that_of_something() -> None:
    """A file, a class, a function, a member of one of these, or a word that some text of the code has."""
    docstrings, words, members = _names()
    stems = {part for path in ROOT.rglob("*.*") for part in path.relative_to(ROOT).with_suffix("").parts}
    paths = {path.relative_to(ROOT).as_posix() + "/" * path.is_dir() for path in ROOT.rglob("*")}

    def exists(name: str) -> bool:
        if re.search(r"/|\.(py|js|jinja|lark|css)$", name):
            there = (ROOT.parent.parent / name).exists()
            return there or any(path == name or path.endswith(f"/{name}") for path in paths)
        first, *rest = name.split(".")
        if not rest:
            return first in words or first in stems
        if first == "forbear":
            return hasattr(forbear, rest[0]) or name.removeprefix("forbear.").replace(".", "/") + "/" in paths
        if first in sys.stdlib_module_names and hasattr(import_module(first), rest[0]):
            return True
        *above, of, member = [first, *rest]
        return stems.issuperset(above) and member in members.get(of, () if above else words)

    named = {
        (path.relative_to(ROOT).as_posix(), name)
        for path, text in docstrings
        for name in re.findall(r"`([A-Za-z_][\w./]*\w)`", text)
        if re.search(r"[A-Z_./]", name) and not INVENTED.fullmatch(name)
    }
    assert len(named) > 300
    missing = [pair for pair in sorted(named) if not exists(pair[1])]
    assert not missing


def _names() -> tuple[list[tuple[Path, str]], set[str], dict[str, set[str]]]:
    """All docstrings, all names and words of texts, and the names in each class and in each file."""
    docstrings: list[tuple[Path, str]] = []
    of_docstrings: set[int] = set()
    words = {*dir(builtins), *re.findall(r"\w+", (ROOT / "targets/javascript/kernel.js").read_text(encoding="utf-8"))}
    members: dict[str, set[str]] = {}
    for path in FILES:
        in_file = members.setdefault(path.stem, set())
        for node in ast.walk(parsed(path)):
            match node:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    docstrings.append((path, text))
                    of_docstrings.add(id(node.value))  # its own words do not count
                case ast.Constant(value=str(text)) if id(node) not in of_docstrings:
                    in_file.update(re.findall(r"\w+", text))
                case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                    in_file.update(name.split("."))
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    in_file.add(name)
                case ast.ClassDef(name=name):
                    in_file.add(name)
                    inside = {
                        its.attr if isinstance(its, ast.Attribute) else its.id
                        for its in ast.walk(node)
                        if isinstance(its, ast.Attribute | ast.Name)
                    }
                    inside |= {its.name for its in ast.walk(node) if isinstance(its, ast.FunctionDef)}
                    members.setdefault(name, set()).update(inside)
        words |= in_file
    return docstrings, words, members


def test_each_test_that_is_left_to_the_night_is_there() -> None:
    for name, _, beginning in (line.partition("::") for line in BY_NIGHT):
        text = (Path(__file__).parent / name).read_text(encoding="utf-8")
        assert f"def {beginning.partition('[')[0]}" in text, (name, beginning)
