"""Bad input that no text can show: bytes, sizes, packs that reach out. The rest is in `transcripts/bad_files.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import HOUSE, run, write

QUICK = 20.0
"""Seconds in which any input is answered, on a slow machine."""
GOOD = "rule first: after 3 days then allow sms\n"


# Rule files

BAD_FILES: dict[str, tuple[str | bytes, str, tuple[int, int]]] = {
    "not UTF-8": (b"rule first: after 3 days then allow sms # \xe9\n", "unreadable-file", (1, 1)),
    "UTF-16": (GOOD.encode("utf-16"), "unreadable-file", (1, 1)),
    "not UTF-8 on line 3": (b"# a\n# b\n# \xff\n" + GOOD.encode(), "unreadable-file", (3, 1)),
    "a NUL": ("rule first:\n  after 3 days\0 then allow sms\n", "unreadable-file", (2, 15)),
    "2,000 nots": ("rule first: " + "not " * 2000 + "always then allow sms\n", "too-deep", (1, 413)),
    "2,000 parentheses": (f"rule first: {'(' * 2000}always{')' * 2000} then allow sms\n", "too-deep", (1, 113)),
}


@pytest.mark.parametrize(("content", "code", "place"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_bad_rule_files(tmp_path: Path, content: str | bytes, code: str, place: tuple[int, int]) -> None:
    write(tmp_path, "bad.forbear", content)
    answer = run("validate", "bad.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    [finding] = answer.json["findings"]
    start = finding["span"]["start"]
    assert (answer.code, finding["code"], (start["line"], start["column"])) == (1, code, place)
    assert not run("compile", "bad.forbear", "-o", "out.py", cwd=tmp_path, seconds=QUICK).out
    assert not (tmp_path / "out.py").exists()


# Other files


# Cases


def test_files_that_never_end_are_cut(tmp_path: Path) -> None:
    """A rule file and a case are read up to their bound and no further."""
    policy = write(tmp_path, "house.forbear", HOUSE)
    answer = run("decide", policy, "--case", "/dev/zero", seconds=QUICK)
    assert answer.code == 1
    assert "the case has more than 16 MB" in answer.err
    write(tmp_path, "p.forbear", 'uses "/dev/zero"\n' + GOOD)
    answer = run("validate", "p.forbear", "--format", "json", cwd=tmp_path, seconds=QUICK)
    assert answer.code == 1
