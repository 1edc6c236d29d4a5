"""What commands print, whole: folders `transcripts` have it in parts, and `transcripts` says how it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from transcripts import parameters, shown


@pytest.mark.parametrize(("shared", "text"), parameters("check", "cli", "editors", "portfolio", "report"))
def test_what_is_printed(shared: str, text: str, tmp_path: Path) -> None:
    assert shown(shared, text, tmp_path) == text


@pytest.mark.parametrize(
    "wrong",
    [
        "| a\n",
        "| for...x...\n",
        "| ...ear ...forbear ...\n",
        "! forbear ...\n",
        "| forbear ...\n= 1\n",
        "| forbear ...\n| ... more\n",
    ],
)
def test_what_is_not_true_is_noticed(wrong: str, tmp_path: Path) -> None:
    assert shown("", "$ --version\n| forbear ...\n\n", tmp_path) == "$ --version\n| forbear ...\n\n"
    assert shown("", f"$ --version\n{wrong}", tmp_path) != f"$ --version\n{wrong}"
