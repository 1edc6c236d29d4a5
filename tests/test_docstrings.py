"""A file or a name that a docstring has between backticks is there: it was not renamed, nor deleted."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import forbear

PACKAGE = Path(forbear.__file__).parent
ROOT = PACKAGE.parent.parent
QUOTED = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w./-]+\.(?:py|js|ts|lark|md)|[\w./-]*\w/")
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(\))?")
EXAMPLES = {
    *("HouseEvent", "HouseContactEvent", "balance", "last_month", "TARGET", "rejects"),
    *("rule_cease_OF_us_reg_f", "rule_early_ROW_3", "rule_NAME_BLOCKED_", "ACTION_rules", "fork", "NaN"),
}
"""Names that a docstring makes up to show something, and two of the world's."""


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Those of modules, classes and functions, and the texts below constants and attributes."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else ():
            match statement:
                case ast.Expr(ast.Constant(str()) as constant):
                    yield constant


def test_names_and_files_between_backticks_are_there() -> None:
    files = [path.relative_to(ROOT).as_posix() + "/" * path.is_dir() for path in ROOT.glob("[!.]*/**/*")]
    ends = {file[place:] for file in files for place in [0, *[m.end() for m in re.finditer("/", file)]]}
    known = {*dir(builtins), *sys.stdlib_module_names, *EXAMPLES, "assert_never", "monthrange", "CycleError", "StrEnum"}
    for path in [*ROOT.glob("grammar/*"), *PACKAGE.rglob("*.js"), *ROOT.glob("rules/*.forbear")]:
        known |= set(re.findall(r"\w+", path.read_text("utf-8")))
    texts: list[tuple[str, str]] = []
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for text in docstrings(tree):
            texts.append((f"{path.relative_to(ROOT).as_posix()}:{text.lineno}", str(text.value)))
            text.value = ""  # so that what is below is the code alone
        known |= {path.stem, *re.findall(r"\w+", ast.unparse(tree))}
    assert len(texts) > 2_000
    gone = [
        f"{place}: {quoted}"
        for place, text in texts
        for quoted in QUOTED.findall(text)
        if (FILE.fullmatch(quoted) and quoted not in ends)
        or (not FILE.fullmatch(quoted) and NAME.fullmatch(quoted) and not known.issuperset(re.findall(r"\w+", quoted)))
    ]
    assert not gone, "\n".join(gone)
