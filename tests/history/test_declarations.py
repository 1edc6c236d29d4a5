"""Mistakes in events, in what is derived from them, and in the events of an example: `mistakes.txt` has them."""

from __future__ import annotations

import pytest
from checking import assert_well_worded, found
from written import EVENTS, said, texts


@pytest.mark.parametrize(("text", "expected"), texts(EVENTS))
def test_a_mistake(text: str, expected: str) -> None:
    assert said(text) == expected
    for diagnostic in found(text):
        assert_well_worded(diagnostic)


def test_there_are_many() -> None:
    assert len(texts(EVENTS)) > 60
