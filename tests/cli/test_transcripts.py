"""What commands print, whole: `tests/cli/transcripts/` has it in parts, and `transcripts` says how it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from transcripts import HERE, parts, shown

PARTS = [
    pytest.param(*part[1:], id=f"{file.stem}: {part[0]}") for file in sorted(HERE.glob("*.txt")) for part in parts(file)
]


@pytest.mark.parametrize(("shared", "text"), PARTS)
def test_what_is_printed(shared: str, text: str, tmp_path: Path) -> None:
    assert shown(shared, text, tmp_path) == text


@pytest.mark.parametrize("wrong", ["| a\n", "! forbear ...\n", "| forbear ...\n= 1\n", "| forbear ...\n| ... more\n"])
def test_what_is_not_true_is_noticed(wrong: str, tmp_path: Path) -> None:
    assert shown("", "$ --version\n| forbear ...\n\n", tmp_path) == "$ --version\n| forbear ...\n\n"
    assert shown("", f"$ --version\n{wrong}", tmp_path) != f"$ --version\n{wrong}"
