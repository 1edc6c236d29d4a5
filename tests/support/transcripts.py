"""Transcripts of commands: files, commands, and all that each prints. The folders `transcripts` of rooms have them.

    ## What this shows, as the name of a test
    === house.forbear
    rule a: after 3 days then allow sms
    $ decide house.forbear --case - <<< {"days_overdue": 4}
    | a line of its output
    ! a line of its errors
    = 1

The exit code stands where it is not 0, `< FILE` gives a file on standard input, `>> FILE` adds the output to a file.
`$ found FILE [CODE ...] <<< TEXT` shows what is found of FILE with TEXT below it, in short: of these codes alone, on a
day `--on DATE`, with what is advised `--help`, with whole cases `--whole`; `$ offers FILE CODE` what an editor offers
there. `$ in FOLDER ...` is a command in a folder.
`$ cat FILE` shows what was written, `$ ls` what is there, and `$ find REGEX FILE` all that matches in a file, a line
each. `$ replace OLD NEW FILE TO` writes a file with other words in it, `$ link FILE TO` makes a link that leads to a
file, `$ git ...` runs git, and `$ commit` makes a commit of all that is there. `$ served FOLDER` runs `forbear serve`
to the end of the part, which `$ GET PATH` and `$ POST PATH <<< BODY` ask: each shows the status, and the document.
Of a JSON document each part stands in a line of its own.
A line `| ...` stands for any number of lines, and `...` within one for anything. Files before the first title are there
in each part of a transcript. `python tests/support/transcripts.py [FILE ...]` writes what has changed anew: read it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from checking import in_short
from command import called, environment
from forking import AFRESH, forked
from offers import offers
from service_process import Serving, serving

from forbear import __version__

HERE = Path(__file__).parents[1]


def files(*rooms: str) -> list[Path]:
    """The transcripts of some rooms, or of all."""
    return sorted(file for room in rooms or ("*",) for file in HERE.glob(f"{room}/transcripts/*.txt"))


def parts(file: Path) -> Iterator[tuple[str, str, str]]:
    """Each part: its title, the files that all parts have, and its own text."""
    shared, *found = re.split(r"^## ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for part in found:
        title, _, text = part.partition("\n")
        yield title, shared, text


def parameters(*rooms: str) -> list[Any]:
    """The parts of rooms, for a test that walks them."""
    return [pytest.param(*part[1:], id=f"{file.stem}: {part[0]}") for file in files(*rooms) for part in parts(file)]


def shown(shared: str, text: str, folder: Path) -> str:
    """The text of a part as it would be true now, where what is still true stays as it is written."""
    for block in _blocks(shared):
        _write(block, folder)
    with ExitStack() as stack:
        service = _Service(folder, stack)
        return "".join(
            _answered(block, folder, service) if block.startswith("$ ") else _write(block, folder)
            for block in _blocks(text)
        )


class _Service:
    """The service of a part, if it has one."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._running: Serving | None = None

    def start(self, policies: str, *options: str) -> bytes:
        self._running = self._stack.enter_context(serving(self._folder / policies, *options, cwd=self._folder))
        return b""

    def ask(self, method: str, path: str, given: bytes) -> bytes:
        assert self._running is not None, "there is no `$ served` above"
        answer = self._running.ask(method, path, given if method == "POST" else None)
        return f"{answer.status}\n".encode() + _by_parts(answer.body)


def _blocks(text: str) -> list[str]:
    return [block for block in re.split(r"^(?=\$ |=== )", text, flags=re.MULTILINE) if block]


def _write(block: str, folder: Path) -> str:
    head, _, content = block.partition("\n")
    if head.startswith("=== "):
        path = folder / head.removeprefix("=== ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content.rstrip()}\n", encoding="utf-8", newline="\n")
    return block


def _answered(block: str, folder: Path, service: _Service) -> str:
    line, *said = block.rstrip("\n").split("\n")
    command, _, text = line.removeprefix("$ ").partition(" <<< ")
    words, more = shlex.split(command), None
    given = text.encode()
    if words[0] == "in":
        folder, words = folder / words[1], words[2:]
    if words[-2:-1] == ["<"]:
        given, words = (folder / words[-1]).read_bytes(), words[:-2]
    if words[-2:-1] == [">>"]:
        more, words = folder / words[-1], words[:-2]
    if words[0] in _PREPARES:
        _PREPARES[words[0]](folder, *words[1:])
        return block
    if words[0] == "found":
        code, out, err = 0, in_short(folder, words[1:], text.replace("\\n", "\n")).encode(), b""
    elif words[0] == "served":
        code, out, err = 0, service.start(*words[1:]), b""
    elif words[0] in ("GET", "POST"):
        code, out, err = 0, service.ask(words[0], words[1], given), b""
    elif words[0] in _SHOWS:
        code, out, err = 0, _SHOWS[words[0]](folder, *words[1:]), b""
    elif AFRESH:
        code, out, err = forked(words, given=given, cwd=folder, env=environment(), seconds=60)
    else:
        code, out, err = called(words, given=given, cwd=folder)
    if more:
        with more.open("ab") as to_it:
            to_it.write(out)
    if {"json", "--json-schema"} & {*words} and out:
        out = _by_parts(out)
    found = [*_lines("|", out.decode()), *_lines("!", err.decode()), *([f"= {code}"] if code else [])]
    end = block[len(block.rstrip("\n")) :]
    return "\n".join([line, *(said if _matches(said, found) else found)]) + end


def _by_parts(document: bytes) -> bytes:
    parts = json.loads(document).items()
    return "".join(f"{name}: {json.dumps(part, ensure_ascii=False)}\n" for name, part in parts).encode()


def _replace(folder: Path, old: str, new: str, file: str, to: str) -> None:
    old, new = (word.replace("\\n", "\n") for word in (old, new))
    before = (folder / file).read_text(encoding="utf-8")
    assert old in before, old
    (folder / to).parent.mkdir(exist_ok=True)
    (folder / to).write_text(before.replace(old, new), encoding="utf-8")


def _git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def _commit(folder: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        _git(folder, *words)


def _content(folder: Path, file: str) -> bytes:
    path = folder / file
    return path.read_bytes() if path.is_file() else b"(there is no such file)"


def _find(folder: Path, regex: str, file: str) -> bytes:
    found = re.finditer(regex, _content(folder, file).decode())
    return "".join(f"{one[one.lastindex or 0]}\n" for one in found).encode()


def _list(folder: Path) -> bytes:
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return "".join(f"{file}\n" for file in sorted(files) if not file.startswith(".git/")).encode()


_PREPARES: dict[str, Callable[..., None]] = {
    "replace": _replace,
    "link": lambda folder, file, to: (folder / file).symlink_to(to),
    "git": _git,
    "commit": _commit,
}
_SHOWS: dict[str, Callable[..., bytes]] = {
    "cat": _content,
    "find": _find,
    "ls": _list,
    "offers": offers,
}


def _lines(mark: str, text: str) -> list[str]:
    text = re.sub(r"sha256:[0-9a-f]{12,64}", "sha256:...", text.replace(__version__, "..."))
    text = re.sub(r'(\brecorded(?:": ")? ?)20[0-9]{2}-[^", \n]*', r"\1...", text)
    return [f"{mark} {line}".rstrip() for line in text.splitlines()]


def _matches(said: list[str], found: list[str]) -> bool:
    """Whether what is written is true of what was printed."""
    possible = {0}  # how many lines of what was printed the lines read so far may stand for
    for line in said:
        if line in ("| ...", "! ..."):
            possible = {*range(min(possible, default=len(found) + 1), len(found) + 1)}
        else:
            possible = {at + 1 for at in possible if at < len(found) and _stands_for(line, found[at])}
    return len(found) in possible


def _stands_for(said: str, line: str) -> bool:
    """Whether a line that is written is true of a line that was printed. A pattern of JSON Schema may have three dots
    in a hundred places: each takes the first place that it can, so that no way is tried twice."""
    if said == line or "..." not in said:
        return said == line
    first, *between, last = said.split("...")
    at, end = len(first), len(line) - len(last)
    if not line.startswith(first) or not line.endswith(last) or at > end:
        return False
    for text in between:
        at = line.find(text, at, end) + len(text)
        if at < len(text):
            return False
    return True


if __name__ == "__main__":
    os.environ.setdefault("FORBEAR_PROFILE", "ci")
    for file in files():
        if sys.argv[1:] and file.stem not in sys.argv[1:]:
            continue
        written = file.read_text(encoding="utf-8").partition("## ")[0]
        for title, shared, text in parts(file):
            with tempfile.TemporaryDirectory() as folder:
                written += f"## {title}\n{shown(shared, text, Path(folder))}"
        file.write_text(written, encoding="utf-8")
