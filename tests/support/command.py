"""The command as a user meets it: real files, whole output, and by night a process of its own.

Whatever a test runs, it may not crash: no answer shows a traceback, and no exit code is other than 0, 1 or 2.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen
from click.testing import CliRunner
from forking import AFRESH, forked

from forbear.cli.main import main

FORBEAR = (sys.executable, "-m", "forbear")
SECONDS = 60

HOUSE = """\
policy house "How far we go with a borrower who is late"
  currency CNY

rule remind_by_message:
  from day 9 to day 13 then allow sms, automated_voice

rule ask_related_person:
  after 60 days and unreachable >= 3 then allow contact_related
  because "only where the borrower repeatedly cannot be reached"
  source "Xinhua, 2015-09-22"

rule keep_purchases_private:
  never disclose_item_details

example "34 days late: nobody else is asked":
  given days_overdue 34, unreachable 5
  expect contact_related not allowed, disclose_item_details forbidden
"""
"""A policy without errors, on the standard vocabulary."""

DATED = """\
policy dated "A policy with dates"
  version "2"
  in force from 2015-01-01 until 2015-12-31

rule late: after 3 days then allow sms
rule summer: never sms in force from 2015-06-01 until 2015-08-31 because "a quiet summer"
"""
"""A policy of which a day must be asked."""


@frozen
class Answer:
    """What a run of the command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """All that it said."""
        return self.out + self.err


LEFT_OUT = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "TTY_COMPATIBLE",
    "PYTHONHASHSEED",
    "PYTHONUNBUFFERED",
)


def environment(**changes: str) -> dict[str, str]:
    """The environment of a run: this one, without what bears on colour, width or buffering."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **changes}


def run(
    *arguments: str | Path,
    given: str | bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    alone: bool = False,
    **options: Any,
) -> Answer:
    """Runs `forbear` with arguments, and with `given` on its standard input. By day it is called in this process; where
    it is to be `alone`, or may take other `seconds`, a server forks one for it. Where an environment or options are
    given, and by night, it is a process started anew."""
    content = given.encode() if isinstance(given, str) else given
    words = [str(argument) for argument in arguments]
    if env is None and not options and seconds == SECONDS and not alone and not AFRESH:
        code, out, err = called(words, given=content, cwd=cwd)
    elif env is None and not options:
        code, out, err = forked(words, given=content, cwd=cwd, env=environment(), seconds=seconds)
    else:
        done = subprocess.run(
            [*FORBEAR, *words],
            input=content,
            capture_output=True,
            cwd=cwd,
            env=environment() if env is None else env,
            timeout=seconds,
            check=False,
            **options,
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    answer = Answer(code, out.decode(), err.decode())
    assert "Traceback" not in answer.said, answer.said[-3000:]
    assert answer.code in (0, 1, 2), answer
    return answer


run_alone = partial(run, alone=True)
"""A process of its own: it has the standard streams of a process."""


def called(words: Sequence[str], *, given: bytes, cwd: Path | None) -> tuple[int, bytes, bytes]:
    """The same as `forked` gives, from this process. An exception that `forbear` does not answer is raised."""
    before = Path.cwd()
    os.chdir(cwd or before)
    try:
        runner = CliRunner(env=dict.fromkeys(LEFT_OUT))
        done = runner.invoke(main, list(words), input=given, prog_name="forbear", catch_exceptions=False)
    finally:
        os.chdir(before)
    return done.exit_code, done.stdout_bytes, done.stderr_bytes


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """A file with a text, or with bytes as they are."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def spanned(text: str, span: Mapping[str, Mapping[str, int]]) -> str:
    """What a span of a report covers: lines and columns from 1 in characters, the end exclusive."""
    lines = text.splitlines(keepends=True)

    def offset(position: Mapping[str, int]) -> int:
        return sum(len(line) for line in lines[: position["line"] - 1]) + position["column"] - 1

    return text[offset(span["start"]) : offset(span["end"])]


def of_code(report: Mapping[str, Any], code: str) -> list[Mapping[str, Any]]:
    """The findings of one code."""
    return [finding for finding in report["findings"] if finding["code"] == code]
