"""`forbear format`: files, folders, standard input; what it writes, and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

from command import run, write

import forbear

MESSY = "rule a:never sms   # c\nrule b :   after 3 days then allow email\n"
NEAT = "rule a:\n  never sms  # c\n\nrule b:\n  after 3 days then allow email\n"
BROKEN = "rule a:never sms\nrule b after 3 days\n"


def test_a_file_is_laid_out_and_then_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", MESSY)
    answer = run("format", "house.forbear", cwd=tmp_path)
    assert answer.code == 0
    assert "house.forbear is laid out" in answer.out
    assert path.read_text() == NEAT
    again = run("format", "house.forbear", cwd=tmp_path)
    assert (again.code, again.out) == (0, "1 file: 0 laid out, 1 already is\n")


def test_check_and_diff_write_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", MESSY)
    check = run("format", "--check", "house.forbear", cwd=tmp_path)
    assert check.code == 1
    assert "house.forbear would change" in check.out
    diff = run("format", "--diff", "house.forbear", cwd=tmp_path)
    assert diff.code == 0
    assert "-rule a:never sms   # c\n" in diff.out
    assert "+rule a:\n+  never sms  # c\n" in diff.out
    assert run("format", "--check", "--diff", "house.forbear", cwd=tmp_path).code == 1
    assert path.read_text() == MESSY
    write(tmp_path, "house.forbear", NEAT)
    assert run("format", "--check", "house.forbear", cwd=tmp_path).code == 0


def test_standard_input_is_laid_out_on_standard_output() -> None:
    assert run("format", "-", given=MESSY).out == NEAT
    assert run("format", "-", "--check", given=MESSY).code == 1
    broken = run("format", "-", given=BROKEN)
    assert (broken.code, broken.out) == (1, "")
    assert "error[syntax]" in broken.err


def test_a_file_with_syntax_errors_is_left_alone_and_told_of(tmp_path: Path) -> None:
    broken = write(tmp_path, "broken.forbear", BROKEN)
    sound = write(tmp_path, "sound.forbear", MESSY)
    answer = run("format", ".", cwd=tmp_path)
    assert answer.code == 1
    assert "error[syntax]" in answer.err
    assert "2 files: 1 laid out, 0 already are, 1 with syntax errors" in answer.out
    assert broken.read_text() == BROKEN
    assert sound.read_text() == NEAT


def test_a_file_with_other_errors_is_laid_out(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", "rule a: never   nothing_known\n")
    assert run("format", "house.forbear", cwd=tmp_path).code == 0
    assert path.read_text() == "rule a:\n  never nothing_known\n"


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


def test_wrong_use() -> None:
    assert run("format").code == 2
    assert run("format", "nowhere.forbear").code == 2
    assert run("format", "pack:huabei/before").code == 2


def test_the_shipped_packs_are_laid_out() -> None:
    from forbear.base import resources

    for path in sorted(resources.folder("rules").rglob("*.forbear")):
        text = path.read_text(encoding="utf-8")
        assert forbear.format(text) == text, path.name


def test_line_ends_of_old_macs_are_laid_out_too(tmp_path: Path) -> None:
    path = tmp_path / "house.forbear"
    path.write_bytes(NEAT.replace("\n", "\r").encode())
    assert run("format", "--check", "house.forbear", cwd=tmp_path).code == 1
    assert run("format", "house.forbear", cwd=tmp_path).code == 0
    assert path.read_bytes() == NEAT.encode()
