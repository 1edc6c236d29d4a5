"""Standard output and standard error that are closed, left or full: no crash, and never a success that nobody saw."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from command import FORBEAR, HOUSE, environment, write
from forking import AFRESH, drain, started
from night import NIGHTLY

CASE = '{"days_overdue": 61, "unreachable": 3}\n'
COMMANDS = (
    "validate house.forbear",
    "validate broken.forbear --format json",
    "validate broken.forbear --format sarif",
    "validate broken.forbear --format github",
    "decide house.forbear --case case.json",
    "decide house.forbear --case case.json --format json",
    "decide house.forbear --lines --case cases.jsonl",
    "explain house.forbear --case case.json contact_related",
    "facts house.forbear",
    "facts house.forbear --json-schema",
    "test house.forbear",
    "compile house.forbear -o -",
    "diff house.forbear other.forbear",
    "conform house.forbear --to pack:regulation/us-reg-f",
    "format house.forbear --check",
    "format - < house.forbear",
    "packs",
    "packs huabei/before",
    "init -",
    "--help",
    "--version",
)
FEW = COMMANDS if NIGHTLY else COMMANDS[::2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("streams")
    write(where, "house.forbear", HOUSE)
    write(where, "other.forbear", HOUSE.replace("60", "30"))
    write(where, "broken.forbear", "".join(f"rule a{n}: after 3 days then allow smss\n" for n in range(500)))
    write(where, "case.json", CASE)
    write(where, "cases.jsonl", CASE * 2000)
    return where


def shell(folder: Path, line: str) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, env=environment(), timeout=60, check=False
    )
    return done.returncode, checked(done.stderr.decode())


def checked(err: str) -> str:
    assert "Traceback" not in err, err[-2000:]
    assert "Exception ignored" not in err, err[-2000:]
    return err


def redirected(folder: Path, command: str, *where: str) -> tuple[int, str]:
    """The exit code and the errors of a command whose output or errors go where a shell would send them: by day its
    process is forked with such streams, by night a shell starts it anew."""
    if AFRESH:
        return shell(folder, f"set -o pipefail; {' '.join([*FORBEAR, command, *where])}")
    words, _, given = command.partition(" < ")
    with ExitStack() as opened:

        def stream(number: int) -> Connection:
            return opened.enter_context(Connection(number))

        ours, errors = os.pipe()
        source = os.open(folder / given if given else os.devnull, os.O_RDONLY)
        streams: list[Connection | None] = [stream(source), stream(os.open(os.devnull, os.O_WRONLY)), stream(errors)]
        for place in where:
            number, to = (2, place[1:]) if place.startswith("2") else (1, place)
            match to.lstrip("> "):
                case "&-":
                    streams[number] = None
                case "/dev/full":
                    streams[number] = stream(os.open("/dev/full", os.O_WRONLY))
                case "(true)" | "| true":
                    reader, writer = os.pipe()
                    os.close(reader)
                    streams[number] = stream(writer)
                case _:
                    raise AssertionError(place)
        process = started(shlex.split(words), streams, cwd=folder, env=environment())
    err = drain(Connection(ours)).decode()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode, checked(err)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk(folder: Path, command: str) -> None:
    code, err = redirected(folder, command, "> /dev/full")
    assert code == 1
    assert err == "error: the output cannot be written: no space left on device\n"


@pytest.mark.parametrize("command", FEW)
def test_a_reader_that_leaves(folder: Path, command: str) -> None:
    code, err = redirected(folder, command, "| true")
    assert code in (0, 1)
    assert err == ""


def test_a_reader_that_leaves_lines(folder: Path) -> None:
    line = f"yes '{CASE.strip()}' | {' '.join(FORBEAR)} decide house.forbear --lines | head -n 1"
    assert shell(folder, line) == (0, "")


@pytest.mark.parametrize("command", FEW)
def test_standard_output_that_is_closed(folder: Path, command: str) -> None:
    code, err = redirected(folder, command, ">&-")
    assert code == 1
    assert err == "error: the output cannot be written: bad file descriptor\n"


def test_what_prints_nothing_needs_no_standard_output(folder: Path, tmp_path: Path) -> None:
    assert shell(folder, f"{' '.join(FORBEAR)} compile house.forbear -o {tmp_path}/out.py >&-") == (0, "")
    assert (tmp_path / "out.py").exists()


@pytest.mark.parametrize(
    "where",
    [["2>&-"], ["2>/dev/full"], ["2> >(true)"], [">&-", "2>&-"], [">/dev/full", "2>/dev/full"]],
    ids=" ".join,
)
@pytest.mark.parametrize(
    "command", ["validate missing.forbear", "decide broken.forbear --case case.json", "frobnicate", "compile x"]
)
def test_nobody_hears_what_is_wrong(folder: Path, command: str, where: Sequence[str]) -> None:
    code, _ = redirected(folder, command, *where)
    assert code in (1, 2)


def test_standard_error_that_is_closed_keeps_the_answer(folder: Path) -> None:
    assert shell(folder, f"{' '.join(FORBEAR)} decide house.forbear --case case.json 2>&-")[0] == 0
