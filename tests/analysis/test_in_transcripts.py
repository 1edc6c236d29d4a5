"""What inner rooms find and decide, as transcripts show it: `transcripts` of these rooms."""

from __future__ import annotations

from pathlib import Path

import pytest
from transcripts import parameters, shown


@pytest.mark.parametrize(("shared", "text"), parameters("analysis", "deciding", "kernel", "queries", "semantics"))
def test_what_is_shown(shared: str, text: str, tmp_path: Path) -> None:
    assert shown(shared, text, tmp_path) == text
