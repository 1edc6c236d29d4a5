"""`forbear` in this process, by night too, so that what a test patches counts."""

from __future__ import annotations

from pathlib import Path

from command import Answer as Answer
from command import called


def forbear(*arguments: str | Path, given: str = "", cwd: Path | None = None) -> Answer:
    """Calls the command with arguments, and with `given` on its standard input."""
    code, out, err = called([str(argument) for argument in arguments], given=given.encode(), cwd=cwd)
    assert code in (0, 1, 2), out
    return Answer(code, *[text.decode().replace("\r\n", "\n") for text in (out, err)])


def write(folder: Path, text: str, name: str = "house.forbear") -> Path:
    """A file with a text."""
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
