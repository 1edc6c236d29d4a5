"""Files of texts with what is found of each, for tests: lines with `> ` below the text.

An empty line ends a text. A line with `## ` is a title, and lines below it are put before each text under it; a block
whose lines all begin with `#` is a comment. Of a file of mistakes, what is said of a text is each diagnostic as
`> LINE:COLUMN CODE MESSAGE`, with its help on the next line; lines are counted from the text on. `python
tests/support/written.py` writes these files anew: look at what has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from checking import assert_well_worded

from forbear.base.diagnostic import Diagnostic
from forbear.library.loading import check_text

HERE = Path(__file__).parent.parent
HINTS = HERE / "language" / "syntax" / "hints.txt"
EVENTS = HERE / "kernel" / "history" / "mistakes.txt"
CHECKED = HERE / "check" / "mistakes.txt"


class Written(NamedTuple):
    file: Path
    title: str
    head: str
    text: str
    found: list[str]

    @property
    def is_text(self) -> bool:
        return any(not line.startswith("#") for line in self.text.split("\n")) and not self.text.startswith("## ")


def blocks(file: Path) -> Iterator[Written]:
    """Each text, title and comment."""
    title = head = ""
    for block in file.read_text(encoding="utf-8").strip("\n").split("\n\n"):
        lines = block.split("\n")
        if block.startswith("## "):
            title, head = lines[0].removeprefix("## "), "".join(f"{line}\n" for line in lines[1:])
        found = [line.removeprefix("> ") for line in lines if line.startswith("> ")]
        yield Written(file, title, head, "\n".join(line for line in lines if not line.startswith("> ")), found)


def texts(*files: Path) -> list[Written]:
    return [one for file in files for one in blocks(file) if one.is_text]


def arrows(text: str) -> list[list[str]]:
    """The lines of a text that have an arrow between two sides."""
    return [line.split("  ->  ") for line in text.splitlines() if "  ->  " in line]


def said(one: Written) -> list[str]:
    """What is said of a text, by place."""
    checked = check_text(one.head + one.text)
    diagnostics = sorted(checked.diagnostics, key=lambda one: one.place.span)
    assert (checked.policy is None) is any(one.severity == "error" for one in diagnostics)
    return [line for diagnostic in diagnostics for line in _lines(one, diagnostic)]


def _lines(one: Written, diagnostic: Diagnostic) -> list[str]:
    assert_well_worded(diagnostic)
    start, end = diagnostic.place.start, diagnostic.place.end
    until = f"-{end.column}" if one.file == CHECKED and start.line == end.line else ""
    line = start.line - one.head.count("\n")
    message = diagnostic.message.replace(f"{Path.cwd()}/", "")
    return [f"{line}:{start.column}{until} {diagnostic.code} {message}", f"   {diagnostic.help}"]


if __name__ == "__main__":
    for file in (HINTS, EVENTS, CHECKED):
        written = ["\n> ".join([one.text, *said(one)]) if one.is_text else one.text for one in blocks(file)]
        file.write_text("\n\n".join(written) + "\n", encoding="utf-8")
