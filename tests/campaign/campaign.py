"""What all surfaces of the campaign have in common: how many runs there are, their seeds, what a run may take, what a
command may do, and the table of what was tried.

A run is an attack by one seed. What it finds is an exception; it is kept, and the campaign goes on, so that one night
shows all there is. FORBEAR_SEED=N begins at that seed, and FORBEAR_RUNS=N makes so many runs of each surface:
`FORBEAR_SEED=77 FORBEAR_RUNS=1 pytest tests/campaign -k trees` is one run again.
"""

from __future__ import annotations

import datetime
import itertools
import json
import os
import random
import re
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import NoReturn, TypeAlias

import pytest
from attrs import field, frozen
from click.testing import CliRunner
from night import NIGHTLY

from forbear.cli.main import main

SHARDS = range(8 if NIGHTLY else 1)
"""Parts of a surface that several processes may try at once."""
FIRST_SEED = int(os.environ.get("FORBEAR_SEED") or (datetime.date.today().toordinal() * 10**7 if NIGHTLY else 0))

SECONDS, SECONDS_A_BYTE = 20.0, 20e-6
"""How long a run may keep a processor busy, and how much longer for each byte that it is given."""
WAITING = 10
"""After how many times as long what waits, for a pipe say, is stopped: a busy machine needs time enough."""
MEMORY, MEMORY_A_BYTE = 300 * 2**20, 200
"""By how many bytes a run may make the process grow, and how many more for each byte that it is given."""

Attack: TypeAlias = Callable[[random.Random, Path], "str | Mapping[str, int]"]
"""Tries something in an empty folder, and says what came of it, or of how many cases what. Raises what it finds."""


class Stopped(BaseException):
    """A run that takes too long. No `except Exception` of what is tried catches it."""


@frozen
class Campaign:
    """The runs of one surface: what came of them, and what was found, by what it looks like."""

    surface: str
    outcomes: Counter[str] = field(factory=Counter)
    found: dict[str, list[str]] = field(factory=dict)

    def run(self, attack: Attack, folder: Path, *, ci: int, nightly: int, shard: int = 0) -> None:
        """Attacks as often as the profile says. Fails at the end with everything that was found."""
        runs = int(os.environ.get("FORBEAR_RUNS") or (nightly if NIGHTLY else max(2, ci // 6)))
        for number in range(shard, runs, len(SHARDS)):
            self.once(attack, folder / str(number), FIRST_SEED + number)
        self.conclude()

    def once(self, attack: Attack, folder: Path, seed: int | str) -> None:
        """One run, by its seed or its name."""
        folder.mkdir()
        before = Path.cwd()
        os.chdir(folder)
        try:
            with limited_time() if isinstance(seed, int) else nullcontext():
                outcome = attack(random.Random(seed), folder)
        except (Exception, Stopped) as error:
            self.outcomes["found"] += 1
            self.found.setdefault(_looks(error), []).append(f"seed {seed}: {type(error).__name__}: {error}")
        else:
            self.outcomes.update({outcome: 1} if isinstance(outcome, str) else outcome)
        finally:
            os.chdir(before)
            _remove(folder)

    def conclude(self) -> None:
        """Fails with everything that was found."""
        parts = [
            f"{len(seen)} x {looks}\n  {seen[0][:1500]}"
            for looks, seen in sorted(self.found.items(), key=lambda one: -len(one[1]))
        ]
        if parts:
            pytest.fail(f"{self.surface}: {len(parts)} different things were found\n" + "\n".join(parts[:40]), False)


def _looks(error: BaseException) -> str:
    """What the same mistake has in common, whatever the seed: where it was raised, and its message without values."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/forbear/" in frame.filename]
    where = f" at {frames[-1].filename.rpartition('/forbear/')[2]}:{frames[-1].name}" if frames else ""
    if isinstance(error, (AssertionError, Stopped)):
        where = ""
    first = (str(error).splitlines() or [""])[0].partition(" | ")[0]
    return f"{type(error).__name__}{where}: {re.sub(r'[0-9]+', 'N', first)[:160]}"


def _remove(folder: Path) -> None:
    """Removes a folder with what an attack has left in it, links as links."""
    for root, folders, files in os.walk(folder, topdown=False):
        for name in (*files, *(one for one in folders if os.path.islink(os.path.join(root, one)))):
            os.unlink(os.path.join(root, name))
        os.rmdir(root)


# What a run may take


@contextmanager
def limited_time(given: int = 0) -> Iterator[None]:
    """Ends what takes longer than so many bytes of input may take. One within another is the one that counts."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise Stopped(f"it does not end within {WAITING * seconds:.0f} seconds")

    seconds = SECONDS + SECONDS_A_BYTE * given
    busy = time.process_time()
    old = signal.signal(signal.SIGALRM, stop)
    left, _ = signal.setitimer(signal.ITIMER_REAL, WAITING * seconds)
    began = time.monotonic()
    try:
        yield
        taken = time.process_time() - busy
        assert taken <= seconds, f"it takes too long | {taken:.1f} seconds, for {given} bytes of input"
    finally:
        signal.signal(signal.SIGALRM, old)
        signal.setitimer(signal.ITIMER_REAL, max(0.01, left - (time.monotonic() - began)) if left else 0)


@contextmanager
def limited_memory(given: int = 0) -> Iterator[None]:
    """Fails after what made this process grow by more than so many bytes of input may."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    before = _resident("VmRSS")
    yield
    grown, allowed = _resident("VmHWM") - before, MEMORY + MEMORY_A_BYTE * given
    assert grown <= allowed, f"memory grew by too much | {grown // 2**20} MB, for {given} bytes of input"


def _resident(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


# What a command may do


@frozen
class Said:
    """What a call of the command gave."""

    code: int
    out: str
    err: str


def call(*arguments: str | Path, given: str | bytes = b"", size: int = 0) -> Said:
    """Calls the command in this process, as strictly as a run: it may raise nothing, exits as its help says, and says
    something where it fails. What it prints has nothing in it that moves a terminal."""
    with limited_time(size), limited_memory(size):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    said = Said(result.exit_code, result.stdout, result.stderr)
    assert said.code in (0, 1, 2), f"an exit code of {said.code} | {arguments}"
    assert said.code == 0 or said.out or said.err, f"it fails without a word | {arguments}"
    assert "Traceback (most" not in said.err, f"a traceback | {arguments}"
    pairs = [*itertools.pairwise(arguments)]
    if ("-o", "-") not in pairs:  # else it is the text of a file, as the file would have it
        quiet(said.out, arguments)
    quiet(said.err, arguments)
    asked = ("--format", "json") in pairs and "--lines" not in arguments
    if asked and (said.out or said.code != 2):
        assert _is_json(said.out), f"no document of JSON | {said} {arguments}"
    return said


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


HOSTILE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""What moves the cursor of a terminal, turns the order of its letters around, or is not seen."""


def quiet(text: str, about: object) -> None:
    found = HOSTILE.search(text)
    assert found is None, (
        f"a control character reaches the terminal: U+{ord(found[0]):04X} | "
        f"{text[max(0, found.start() - 40) : found.end() + 20]!r} by {about}"
    )


Snapshot: TypeAlias = Mapping[str, object]


def snapshot(folder: Path) -> Snapshot:
    """Everything in a folder: each file with its content, each link with where it leads."""
    found: dict[str, object] = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            if path.is_symlink():
                found[str(path)] = os.readlink(path)
            elif path.is_file():
                found[str(path)] = path.read_bytes()
            else:
                found[str(path)] = None
    return found


@contextmanager
def writes_only(folder: Path, *names: str) -> Iterator[None]:
    """Fails after what has written, changed or removed anything in a folder but files of these names."""
    before = snapshot(folder)
    try:
        yield
    finally:
        after = snapshot(folder)
        allowed = {str(folder / name) for name in names}
        changed = {path for path in {**before, **after} if before.get(path, 0) != after.get(path, 0)} - allowed
        assert not changed, f"a file is written that is none of its outputs | {sorted(changed)[:5]}"
