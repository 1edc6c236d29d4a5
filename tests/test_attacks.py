"""The tables of attacks name tests that there are, and every surface of the campaign."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "contributing" / "attacks.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))
HELPERS = {"test_git_is_here", "test_what_opens_a_file_is_seen"}


def names_in(folder: Path) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("test_*.py")]
    return {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}


def test_each_row_names_tests_that_there_are() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| attack |")]
    assert rows
    assert all("`test_" in row.split(" | ")[-1] for row in rows)
    assert names_in(TESTS) >= NAMED


def test_each_surface_of_the_campaign_is_in_a_table() -> None:
    assert names_in(TESTS / "campaign") - HELPERS <= NAMED
