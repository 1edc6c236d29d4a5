"""What commands read: each stream once, and a pipe wherever a file may stand."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command import FORBEAR, HOUSE, environment, write
from command import run_alone as run

CASE = '{"days_overdue": 61, "unreachable": 3}'


@contextmanager
def pipe(folder: Path, name: str, text: str) -> Iterator[Path]:
    """A pipe out of which a text comes once."""
    path = folder / name
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(text,), daemon=True)
    writer.start()
    try:
        yield path
    finally:
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # frees a writer whom nobody has read
        writer.join(30)
        os.close(reader)
        path.unlink()


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", HOUSE + "setting grace is 5\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["decide", "-", "--case", "-"],
        ["decide", "-", "--lines"],
        ["decide", "/dev/stdin", "--case", "-"],
        ["explain", "-", "--case", "-", "sms"],
        ["diff", "-", "-"],
        ["conform", "-", "--to", "-"],
        ["validate", "-", "/dev/stdin"],
        ["test", "-", "--write-examples", "x", "--since", "-"],
        ["format", "-", "/dev/stdin"],
    ],
    ids=" ".join,
)
def test_standard_input_is_read_once(tmp_path: Path, arguments: list[str]) -> None:
    answer = run(*arguments, given=HOUSE, cwd=tmp_path)
    assert answer.code == 2
    assert "can be read only once" in answer.err
    assert answer.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["validate", "test", "format"])
def test_standard_input_that_is_named_twice_as_the_same_thing_is_one(command: str) -> None:
    assert run(command, "-", "-", given=HOUSE).code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["validate", "POLICY"], 0),
        (["validate", "POLICY", "--set", "grace=6"], 0),
        (["validate", "POLICY", "--write-examples", "-"], 0),
        (["test", "POLICY"], 0),
        (["test", "POLICY", "--set", "grace=6", "--write-examples", "-"], 0),
        (["test", "POLICY", "--write-examples", "-", "--since", "house.forbear"], 0),
        (["compile", "POLICY", "-o", "-"], 0),
        (["decide", "POLICY", "--case", "CASE"], 0),
        (["decide", "POLICY", "--lines", "--case", "CASE"], 0),
        (["explain", "POLICY", "--case", "CASE", "sms"], 0),
        (["facts", "POLICY", "--json-schema"], 0),
        (["diff", "house.forbear", "POLICY", "--set", "grace=6"], 0),
        (["conform", "POLICY", "--to", "pack:regulation/us-reg-f"], 1),
        (["format", "POLICY"], 0),
        (["format", "POLICY", "--check"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_pipe_stands_for_a_file(tmp_path: Path, house: Path, arguments: list[str], code: int) -> None:
    """What comes out of a pipe gives what the same text gives as a file."""
    case = write(tmp_path, "case.json", CASE)
    files = {"POLICY": str(house), "CASE": str(case)}
    wanted = run(*[files.get(word, word) for word in arguments], cwd=tmp_path)
    if arguments[0] == "format" and len(arguments) == 2:
        wanted = run("format", "-", given=house.read_text(), cwd=tmp_path)
    with (
        pipe(tmp_path, "pipe.forbear", house.read_text()) as policy,
        pipe(tmp_path, "pipe.json", CASE) as case_pipe,
    ):
        pipes = {"POLICY": str(policy), "CASE": str(case_pipe)}
        answer = run(*[pipes.get(word, word) for word in arguments], cwd=tmp_path, seconds=20)
    assert answer.code == code, answer.said
    assert answer.out.replace("pipe.forbear", "house.forbear") == wanted.out


def test_the_shells_pipes(house: Path) -> None:
    command = f"{' '.join(FORBEAR)} decide <(cat {house}) --case <(echo '{CASE}') --format json"
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=environment(), check=True)
    assert json.loads(done.stdout)["decisions"]["contact_related"]["permitted"]


@pytest.mark.parametrize("command", ["validate", "decide", "format"])
def test_standard_input_that_is_closed(house: Path, command: str) -> None:
    arguments = {"decide": f"{house} --case -"}.get(command, "-")
    line = f"{' '.join(FORBEAR)} {command} {arguments} <&-"
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=environment(), check=False)
    assert done.returncode == 2
    assert b"standard input" in done.stderr
    assert b"Traceback" not in done.stderr


def test_standard_input_that_is_a_folder(tmp_path: Path) -> None:
    line = f"{' '.join(FORBEAR)} validate - < {tmp_path}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=environment(), check=False)
    assert done.returncode in (1, 2)
    assert b"Traceback" not in done.stderr
    assert done.stderr
