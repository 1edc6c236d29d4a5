"""The table of attacks names tests that there are, and every surface of the campaign."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TABLE = (ROOT / "docs" / "contributing" / "attacks.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TABLE)


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_row_names_tests_that_there_are() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith("| attack |")]
    assert rows
    assert all("::test_" in row.rpartition("|")[0].rpartition("|")[2] for row in rows)
    assert not [f"{path}::{name}" for path, name in NAMED if name not in names_in(ROOT / path)]


def test_each_surface_of_the_campaign_is_in_the_table() -> None:
    files = sorted((ROOT / "tests" / "campaign").glob("test_*.py"))
    surfaces = {(f"tests/campaign/{path.name}", name) for path in files for name in names_in(path)}
    helpers = {"test_git_is_here", "test_what_opens_a_file_is_seen"}
    assert {one for one in surfaces if one[1] not in helpers} <= set(NAMED)
