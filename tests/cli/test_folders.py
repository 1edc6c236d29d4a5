"""Folders that others have filled: other files are neither opened nor shown, and nothing outside is written."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from command import FORBEAR, environment, run, write
from invoking import forbear
from unprivileged import UNPRIVILEGED, needs_modes

POLICY = "policy p\nrule r:   never sms\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one policy, amid what may lie around."""
    folder = tmp_path / "rules"
    write(folder, "p.forbear", POLICY)
    os.mkfifo(folder / "pipe.forbear")
    (folder / "zero.forbear").symlink_to("/dev/zero")
    (folder / "dangling.forbear").symlink_to("nowhere.forbear")
    (folder / "circle.forbear").symlink_to("circle.forbear")
    (folder / "sub.forbear").mkdir()
    (folder / "up").symlink_to(tmp_path)
    (folder / "around").symlink_to(folder)
    write(tmp_path, "secret", "KEY 0123456789\n")
    for other in (".venv", ".git", "node_modules", "site-packages", "__pycache__"):
        write(folder / other / "within", "none.forbear", "is not a rule file of the author")
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "rules"],
        ["test", "rules"],
        ["format", "rules"],
        ["facts", "rules", "--on", "2026-01-01"],
        ["decide", "rules", "--case", "case.json", "--on", "2026-01-01"],
        ["diff", "rules", "rules/p.forbear", "--on", "2026-01-01"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_folder_is_its_rule_files(tmp_path: Path, folder: Path, arguments: list[str]) -> None:
    write(tmp_path, "case.json", "{}")
    assert forbear(*arguments, cwd=tmp_path).code == 0
    (folder / "link.forbear").symlink_to("../secret")
    answer = run(*arguments, cwd=tmp_path, seconds=20)
    assert answer.code in (1, 2)
    assert "leads to a file that does not end in `.forbear`" in answer.err
    assert "KEY" not in answer.said
    named = ["rules/link.forbear" if argument == "rules" else argument for argument in arguments]
    answer = run(*named, cwd=tmp_path, seconds=20)
    assert answer.code in (1, 2)
    assert "leads to a file that does not end in `.forbear`" in answer.said, "a hook names each file of a commit"
    assert "KEY" not in answer.said


@needs_modes
@pytest.mark.parametrize(
    ("closed", "mode"),
    [("rules/sub", 0o000), ("rules/sub", 0o444), ("rules", 0o000), ("rules", 0o444)],
    ids=["unlisted below", "listed below", "unlisted", "listed"],
)
def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path, closed: str, mode: int) -> None:
    write(tmp_path, "rules/p.forbear", POLICY)
    write(tmp_path, "rules/sub/bad.forbear", "policy q\nrule r: never nothing_known\n")
    (tmp_path / closed).chmod(mode)
    commands = [["validate", "rules"], ["serve", "rules"]]
    if closed == "rules":
        commands.append(["decide", "rules", "--given", "", "--on", "2026-01-01"])
    try:
        for words in commands:
            done = subprocess.run(
                [*UNPRIVILEGED, *FORBEAR, *words], capture_output=True, env=environment(), cwd=tmp_path, check=False
            )
            assert done.returncode == (2 if words[0] == "validate" else 1), done
            assert re.search(f"['`]{closed}(/.*)?['`] cannot be read.*permission denied", done.stderr.decode()), done
    finally:
        (tmp_path / closed).chmod(0o755)


def test_format_writes_a_file_of_the_folder_once_through_its_links(tmp_path: Path, folder: Path) -> None:
    (folder / "link.forbear").symlink_to("p.forbear")
    answer = forbear("format", "rules", cwd=tmp_path)
    assert (answer.code, "1 laid out" in answer.out) == (0, True)
    assert (folder / "link.forbear").is_symlink()
    assert (folder / "p.forbear").read_text() != POLICY
