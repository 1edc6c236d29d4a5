"""Broken statements as authors write them, with every diagnostic of each: `slips.txt` beside this file has them.

There, a text is followed by what is said of it: `> LINE:COLUMN CODE MESSAGE`, and its help on the next line. An empty
line ends a text; a line with `##` is a title. `python tests/syntax/test_slips_of_authors.py` writes the file anew: look
at what has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from checking import assert_well_worded, found, place

FILE = Path(__file__).with_name("slips.txt")


def blocks() -> Iterator[tuple[str, str]]:
    """Each text and what is said of it; a title is a text of which nothing is said."""
    for block in FILE.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = block.split("\n")
        told = [line for line in lines if line.startswith("> ")]
        yield "\n".join(line for line in lines if line not in told), "\n".join(told)


def said(text: str) -> str:
    return "\n".join(f"> {place(one)} {one.code} {one.message}\n>    {one.help}" for one in found(text))


@pytest.mark.parametrize(("text", "expected"), [pair for pair in blocks() if not pair[0].startswith("##")])
def test_a_broken_statement(text: str, expected: str) -> None:
    assert said(text) == expected
    for diagnostic in found(text):
        assert_well_worded(diagnostic)


def test_there_are_many() -> None:
    assert len(list(blocks())) > 150


if __name__ == "__main__":
    written = [text if text.startswith("##") else f"{text}\n{said(text)}" for text, _ in blocks()]
    FILE.write_text("\n\n".join(written) + "\n", encoding="utf-8")
