"""`forbear` in this process: as quick as a call, and as strict as a run. Nothing that it is asked may crash it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from attrs import frozen
from click.testing import CliRunner

from forbear.cli.main import main


@frozen
class Answer:
    """What a call of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


def forbear(*arguments: str | Path, given: str = "", cwd: Path | None = None) -> Answer:
    """Calls the command with arguments, and with `given` on its standard input."""
    before = Path.cwd()
    os.chdir(cwd or before)
    try:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=given)
    finally:
        os.chdir(before)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2), result.output
    return Answer(result.exit_code, result.stdout, result.stderr)


def write(folder: Path, text: str, name: str = "house.forbear") -> Path:
    """A file with a text."""
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
