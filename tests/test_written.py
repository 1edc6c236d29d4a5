"""What is said of broken statements as authors write them, and of mistakes around events: `written` has the files."""

from __future__ import annotations

import pytest
from checking import assert_well_worded, found
from written import EVENTS, HINTS, said, texts


@pytest.mark.parametrize(("text", "expected"), [*texts(HINTS), *texts(EVENTS)])
def test_what_is_said_of_a_text(text: str, expected: str) -> None:
    assert said(text) == expected
    for diagnostic in found(text):
        assert_well_worded(diagnostic)


def test_there_are_many() -> None:
    assert len(texts(HINTS)) > 200
    assert len(texts(EVENTS)) > 60
