"""The report of a difference, whole: short enough to be read aloud. FORBEAR_GOLDEN=write writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from invoking import forbear

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(("form", "name"), [("text", "huabei_diff.txt"), ("markdown", "huabei_diff.md")])
def test_from_huabei_before_to_huabei_redesigned(form: str, name: str) -> None:
    report = forbear("diff", "pack:huabei/before", "pack:huabei/redesigned", "--format", form).out
    if os.environ.get("FORBEAR_GOLDEN") == "write":
        (GOLDEN / name).write_text(report, encoding="utf-8", newline="\n")
    assert report == (GOLDEN / name).read_text(encoding="utf-8")
    assert form != "text" or len(report.split()) < 330
