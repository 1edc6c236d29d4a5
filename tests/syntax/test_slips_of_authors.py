"""Broken statements as authors write them, with every diagnostic of each: `slips.txt` beside this file has them."""

from __future__ import annotations

import pytest
from checking import assert_well_worded, found
from written import SLIPS, said, texts


@pytest.mark.parametrize(("text", "expected"), texts(SLIPS))
def test_a_broken_statement(text: str, expected: str) -> None:
    assert said(text) == expected
    for diagnostic in found(text):
        assert_well_worded(diagnostic)


def test_there_are_many() -> None:
    assert len(texts(SLIPS)) > 200
