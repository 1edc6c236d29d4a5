"""No file of cases takes more memory than the guide says, whatever is in it: the peak of a process that reads it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from night import NIGHTLY

PEAK = 600
"""Megabytes, some 130 of them for what is imported."""
POLICY = "fact late days clock\nfact note text optional\naction sms\nrule a: after 3 days then allow sms\n"
RUN = """\
import sys
from forbear.cli.main import main
try:
    main(sys.argv[1:], standalone_mode=False)
except SystemExit as ended:
    print("code", ended.code)
with open("/proc/self/status") as status:
    print("peak", next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""
READ = """\
import sys
from pathlib import Path
from forbear.portfolio.io.files import open_cases
cases = open_cases(Path(sys.argv[1]))
print("rows", sum(read.frame.height for read in cases.batches(cases.columns)))
with open("/proc/self/status") as status:
    print("peak", next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is told by Linux")


def peak_of(program: str, *arguments: str, cwd: Path) -> tuple[int, str]:
    """The peak in megabytes, and all that was said. (That of `getrusage` would be this process's own, if greater.)"""
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=600, check=False
    )
    assert "Traceback" not in ran.stderr, ran.stderr[-2_000:]
    *said, peak = ran.stdout.splitlines()
    assert peak.startswith("peak "), ran.stdout[-500:]
    return int(peak.removeprefix("peak ")) // 1024, "\n".join(said) + ran.stderr


GOOD = b'{"late": 5}\n'
LINES: dict[str, tuple[Callable[[], bytes], str]] = {
    "lists": (lambda: b'{"late": [' + b"[]," * 40_000_000 + b"0]}\n", "more than 16 MB"),
    "lists within the bound": (lambda: b'{"late": [' + b"[]," * 5_000_000 + b"0]}\n", "more than 1,000,000 values"),
    "objects within both": (lambda: b'{"late": [' + b'{"a":0},' * 330_000 + b"0]}\n", "not a list"),
    "a text": (lambda: '{"late": "😀'.encode() + b"x" * 16_000_000 + b'"}\n', "needs a whole number"),
    "names": (
        lambda: b"{" + b",".join(b'"%d":0' % number for number in range(999_000)) + b"}\n",
        "more than 10,000 names",
    ),
    "no line end": (lambda: b"[" * 150_000_000, "more than 16 MB"),
}


@pytest.mark.parametrize("what", LINES if NIGHTLY else ["lists"])
@pytest.mark.parametrize("command", ["decide", "apply", "diff", "replay"])
def test_a_line_of_json(tmp_path: Path, command: str, what: str) -> None:
    make, wrong = LINES[what]
    line = make()
    (tmp_path / "p.forbear").write_text(POLICY)
    (tmp_path / "cases.jsonl").write_bytes(GOOD + line + GOOD if line.endswith(b"\n") else GOOD + line)
    arguments = {
        "decide": ["decide", "p.forbear", "--lines", "--case", "cases.jsonl"],
        "apply": ["apply", "p.forbear", "cases.jsonl", "-o", "out.jsonl"],
        "diff": ["diff", "p.forbear", "p.forbear", "--on-cases", "cases.jsonl"],
        "replay": ["replay", "cases.jsonl", "--policy", "p.forbear"],
    }
    peak, said = peak_of(RUN, *arguments[command], cwd=tmp_path)
    if command == "apply":
        said += (tmp_path / "out.jsonl.rejects").read_text()
    assert ("no record of a decision" if command == "replay" else wrong) in said
    assert peak < PEAK


def test_very_many_long_lines_of_json(tmp_path: Path) -> None:
    (tmp_path / "p.forbear").write_text(POLICY)
    line = b'{"late": 5, "note": "' + b"x" * 1_000_000 + b'"}\n'
    (tmp_path / "cases.jsonl").write_bytes(line * 2_000)
    peak, said = peak_of(RUN, "apply", "p.forbear", "cases.jsonl", "-o", "out.jsonl", cwd=tmp_path)
    assert "code 0" in said
    assert peak < PEAK


CSV: dict[str, tuple[Callable[[], bytes], str]] = {
    "a mark that is not closed": (lambda: b'5,"' + b"x" * 150_000_000, "more than 16 MB"),
    "a value without end": (lambda: b"5," + b"x" * 150_000_000, "more than 16 MB"),
    "lines without values": (lambda: b"\n" * 8_000_000, "8,000,001 rows, 8,000,000 undecided"),
    "values without end": (lambda: b"5" + b"," * 15_000_000 + b"\n", "2 rows, 1 undecided"),
}


@pytest.mark.parametrize("what", CSV if NIGHTLY else ["a mark that is not closed", "values without end"])
def test_a_line_of_csv(tmp_path: Path, what: str) -> None:
    line, wrong = CSV[what]
    (tmp_path / "p.forbear").write_text(POLICY)
    (tmp_path / "cases.csv").write_bytes(b"late,note\n5,x\n" + line())
    peak, said = peak_of(RUN, "apply", "p.forbear", "cases.csv", "-o", "out.csv", cwd=tmp_path)
    assert wrong in said
    assert peak < (1_100 if what == "lines without values" else PEAK)  # a million rejects with their reasons


def test_a_group_of_parquet(tmp_path: Path) -> None:
    """Many rows in little room: each is read, some at a time, and a text that all share is there once."""
    rows = 200_000_000 if NIGHTLY else 20_000_000
    short, long = (
        pa.DictionaryArray.from_arrays(np.zeros(rows, np.int8), pa.array([text]))
        for text in ("declared" * 4, "x" * 9_999)
    )
    table = pa.table({"a": short, "b": short, "c": long})
    pq.write_table(table, tmp_path / "cases.parquet", row_group_size=rows, store_schema=False)
    del table, short, long
    assert (tmp_path / "cases.parquet").stat().st_size < 9_000_000
    peak, said = peak_of(READ, "cases.parquet", cwd=tmp_path)
    assert said.strip() == f"rows {rows}"
    assert peak < 450


def test_a_great_group_of_parquet_is_decided(tmp_path: Path) -> None:
    (tmp_path / "p.forbear").write_text(POLICY)
    table = pa.table({"late": np.full(200_000_000, 70, np.int16)})
    pq.write_table(table, tmp_path / "cases.parquet", row_group_size=200_000_000)
    del table
    peak, said = peak_of(RUN, "apply", "p.forbear", "cases.parquet", "-o", "out.parquet", cwd=tmp_path)
    assert "200,000,000 rows" in said
    assert peak < 800
