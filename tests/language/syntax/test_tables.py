"""The parser's tables are kept between runs, where nobody else can write, and are made anew where they are no use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RULE = "after 60 days then allow sms"


def validate(cache: Path | str, rules: Path, **more: str) -> str:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), **more}
    command = [sys.executable, "-m", "forbear", "validate", str(rules)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=rules.parent, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "one.forbear"
    path.write_text(RULE, encoding="utf-8")
    return path


def test_tables_are_kept_in_the_home_and_used_and_those_that_cannot_be_read_are_made_anew(
    tmp_path: Path, rules: Path
) -> None:
    """A folder of wherever one stands is not taken: what is read back is code, and a checkout of somebody else may hold
    such a folder."""
    kept = tmp_path / "home" / ".cache" / "forbear" / "parser.pickle"
    first = validate("cache", rules, HOME=str(tmp_path / "home"))
    made = kept.stat().st_mtime_ns
    assert kept.parent.stat().st_mode & 0o077 == 0
    assert validate("cache", rules, HOME=str(tmp_path / "home")) == first
    assert kept.stat().st_mtime_ns == made
    assert not (tmp_path / "cache").exists()
    for content in (b"", b"\n\x80\x04."):
        kept.write_bytes(content)
        assert validate(kept.parent.parent, rules) == first
        assert len(kept.read_bytes()) > 1000


def test_a_folder_that_others_may_write_to_is_left_alone(tmp_path: Path, rules: Path) -> None:
    folder = tmp_path / "forbear"
    folder.mkdir()
    folder.chmod(0o777)
    validate(tmp_path, rules)
    assert list(folder.iterdir()) == []


def test_without_a_folder_there_are_rules_all_the_same(tmp_path: Path, rules: Path) -> None:
    (tmp_path / "forbear").write_text("in the way", encoding="utf-8")
    validate(tmp_path, rules)
