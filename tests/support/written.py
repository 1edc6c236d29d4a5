"""Files of texts with every diagnostic of each, for tests: broken statements, and mistakes around events.

A text is followed by what is said of it: `> LINE:COLUMN CODE MESSAGE`, and its help on the next line. An empty line
ends a text; a line with `##` is a title. `python tests/support/written.py` writes the files anew: look at what has
changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from checking import found, place

HERE = Path(__file__).parent.parent
HINTS = HERE / "language" / "syntax" / "hints.txt"
EVENTS = HERE / "kernel" / "history" / "mistakes.txt"


def blocks(file: Path) -> Iterator[tuple[str, str]]:
    """Each text and what is said of it; of a title nothing is said."""
    for block in file.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = block.split("\n")
        lines_said = [line for line in lines if line.startswith("> ")]
        yield "\n".join(line for line in lines if line not in lines_said), "\n".join(lines_said)


def texts(file: Path) -> list[tuple[str, str]]:
    return [(text, its) for text, its in blocks(file) if not text.startswith("##")]


def said(text: str) -> str:
    return "\n".join(f"> {place(one)} {one.code} {one.message}\n>    {one.help}" for one in found(text))


if __name__ == "__main__":
    for file in (HINTS, EVENTS):
        written = [text if text.startswith("##") else f"{text}\n{said(text)}" for text, _ in blocks(file)]
        file.write_text("\n\n".join(written) + "\n", encoding="utf-8")
