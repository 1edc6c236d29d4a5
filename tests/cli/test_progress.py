"""On a terminal `apply` and `plan` show how fast they go and what remains, whatever its width; elsewhere nothing."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from night import NIGHTLY

from forbear.cli.support.progress import estimated_lines

ROWS = 20_000


def _on_terminal(folder: Path, width: int, ending: str, *command: str) -> str:
    """What stands on a terminal of some width when the command has ended, as a list of what was drawn."""
    (folder / "p.forbear").write_text("after 3 days then allow sms\n", encoding="utf-8")
    cases = folder / f"cases{ending}"
    if ending == ".csv":
        cases.write_text("days_overdue\n" + "4\n" * ROWS, encoding="utf-8")
    else:
        cases.write_text((json.dumps({"days_overdue": 4}) + "\n") * ROWS, encoding="utf-8")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    words = [sys.executable, "-m", "forbear", command[0], "p.forbear", cases.name, *command[1:]]
    environment = {**{name: value for name, value in os.environ.items() if name != "COLUMNS"}, "TERM": "xterm"}
    run = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, env=environment, timeout=120)
    os.close(theirs)
    drawn = b""
    try:
        while piece := os.read(ours, 1 << 16):
            drawn += piece
    except OSError:  # how Linux says that there is no more
        pass
    os.close(ours)
    assert run.returncode == 0
    return drawn.decode()


ASKED = [(".csv", "apply", "-o", "out.csv"), (".jsonl", "apply", "-o", "out.csv"), (".csv", "plan", "--days", "1")]
EACH = [(width, *asked) for width in (60, 80, 120) for asked in ASKED]
"""Of these CI takes each question and each width once."""


@pytest.mark.parametrize("each", EACH if NIGHTLY else [EACH[0], EACH[4], EACH[8]])
def test_rate_and_remaining_time(tmp_path: Path, each: tuple[int, str, str]) -> None:
    width, *asked = each
    drawn = _on_terminal(tmp_path, width, *asked)
    last = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn).replace("\r", "\n").split("\n")
    lines = [line for line in last if "deciding" in line]
    assert re.search(rf"━ {ROWS:,} rows, [0-9,]+ a second 0:00:00", lines[-1])
    assert max(map(len, lines)) <= width


def test_about_how_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("days_overdue\n" + "14\n" * 1_000_000, encoding="utf-8")
    assert estimated_lines(str(path)) == pytest.approx(1_000_000, rel=0.01)
    path.write_text("", encoding="utf-8")
    assert estimated_lines(str(path)) is None
    assert estimated_lines("/proc/self/mem") is None  # a file that cannot be read
    assert estimated_lines(str(tmp_path)) is estimated_lines(str(tmp_path / "none.csv")) is None
