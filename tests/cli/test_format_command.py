"""`forbear format`: links, modes and old line ends. What it prints is in `transcripts/files.txt`."""

from __future__ import annotations

import os
from pathlib import Path

from command import run, write

MESSY = "rule a:never sms   # c\nrule b :   after 3 days then allow email\n"
NEAT = "rule a:\n  never sms  # c\n\nrule b:\n  after 3 days then allow email\n"


def test_a_link_and_the_mode_of_a_file_stay(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", MESSY)
    path.chmod(0o640)
    link = tmp_path / "link.forbear"
    link.symlink_to(path)
    assert run("format", "link.forbear", cwd=tmp_path).code == 0
    assert link.is_symlink()
    assert path.read_text() == NEAT
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["house.forbear", "link.forbear"]


def test_line_ends_of_old_macs_are_laid_out_too(tmp_path: Path) -> None:
    path = tmp_path / "house.forbear"
    path.write_bytes(NEAT.replace("\n", "\r").encode())
    assert run("format", "--check", "house.forbear", cwd=tmp_path).code == 1
    assert run("format", "house.forbear", cwd=tmp_path).code == 0
    assert path.read_bytes() == NEAT.encode()
