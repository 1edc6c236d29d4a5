"""Reads the policies and cases of commands, each once, so that pipes work as well as files."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, NoReturn

from forbear.base.diagnostic import Diagnostic, PolicyError
from forbear.base.source import MAXIMUM_BYTES
from forbear.check.files.gather import Checked, Opened, open_file
from forbear.check.files.locations import PACK, SUFFIX, pack_of, rule_files_below, why_no_rule_file
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import Asked
from forbear.cli.support.project import is_by_hand, project
from forbear.kernel.strict_json import MOST_BYTES
from forbear.language.syntax.parser import read_source
from forbear.library.book import Book, book_with_its_own, require_settings
from forbear.library.folder import policies_of
from forbear.library.loading import check_opened
from forbear.library.policy import Policy

_BLOCK = 1 << 23
"""Bytes of lines that are read at a time."""


def must_exist(path: str) -> Path | None:
    """The path; None for a pack and for standard input. Ends the command with 2 if the path does not exist."""
    if path == "-" or pack_of(path) is not None:
        return None
    try:
        os.stat(path)
    except PermissionError as error:
        _unreadable(error)
    except (OSError, ValueError):
        wrong_use(f"there is no file or folder {path!r}")
    return Path(path)


def rule_files(path: str) -> Iterable[str]:
    """Returns the rule files of a path: the path itself, or all in a folder. Ends the command with 2 if a folder has
    none, has one that cannot be read, or has a link to something other than a rule file.
    """
    where = must_exist(path)
    if where is None or not where.is_dir():
        return [path]
    files = sorted(map(str, rule_files_below(where, _unreadable, hidden=True)))
    if not files:
        wrong_use(f"the folder {path!r} holds no rule file (*{SUFFIX})")
    for file in files:
        reason = why_no_rule_file(Path(file))
        if reason is not None:
            wrong_use(f"{file!r} {reason}: take it out of the folder {path!r}")
    return files


def _unreadable(error: OSError) -> NoReturn:
    wrong_use(f"{error.filename!r} cannot be read: {(error.strerror or 'error').lower()}")


def refuse_links_out(paths: Iterable[str]) -> None:
    """Ends the command with 2 if a rule file in a folder is a link out of it: that file must not be written."""
    for path in paths:
        top = os.path.realpath(path)
        for file in rule_files(path):
            real = os.path.realpath(file)
            if file != path and not Path(real).is_relative_to(top):
                wrong_use(f"{file!r} leads out of the folder {path!r}, to {real!r}: name that file to have it written")


def distinct_files(paths: Iterable[str]) -> list[str]:
    """The rule files of some paths, each once, under the first of its names."""
    files: dict[str, str] = {}
    for path in paths:
        for file in rule_files(path):
            pack = pack_of(file)
            identity = file if file == "-" else os.path.realpath(file) if pack is None else f"{PACK}{pack}"
            files.setdefault(identity, file)
    return list(files.values())


def read_each_once(*paths: str) -> None:
    """Ends the command with 2 if two paths are the same stream, such as standard input, which can be read only once."""
    streams = set()
    for path in paths:
        stream = _stream(path)
        if stream is not None and stream in streams:
            what = "standard input" if path == "-" else repr(path)
            wrong_use(f"{what} can be read only once, and this command would read it twice: name a file for one")
        streams.add(stream)


def _stream(path: str) -> object:
    """The identity of a stream, the same for all paths to it; None for a file or folder, which can be read again."""
    try:
        status = os.fstat(0) if path == "-" else os.stat(path)
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):
        return path if path == "-" else None
    return status.st_dev, status.st_ino


def open_path(path: str, stdin_name: str | None = None) -> Opened:
    """Returns the text of a rule file, of a pack, or of standard input, which may represent the file `stdin_name`."""
    if path != "-":
        return open_file(path)
    source = read_source(stdin_name or "<standard input>", standard_input().read(MAXIMUM_BYTES + 1))
    return source if isinstance(source, Diagnostic) else (source, None if stdin_name is None else Path(stdin_name))


def paths_or(default: Sequence[str], paths: Sequence[str], stdin_name: str | None) -> Sequence[str]:
    """The paths of a command, or by default others; standard input alone, if only that has a name.

    Ends the command with 2 if standard input has a name and is not among the paths.
    """
    if stdin_name is None:
        return paths or default
    if not is_by_hand("paths"):
        return ("-",)
    if "-" not in paths:
        wrong_use("--stdin-filename says what standard input is called, and no PATH is `-`")
    return paths


def check_paths(
    paths: Sequence[str], settings: Mapping[str, object], stdin_name: str | None = None
) -> Iterator[tuple[str, Checked]]:
    """Checks rule files, packs, or standard input, which is read once, and may represent the file `stdin_name`.

    A setting is applied to those that declare it. If none does, it is an error of the first, unless it is one of the
    project.
    """
    of_project = project().settings
    if not settings and not of_project:
        for path in paths:
            yield path, check_opened(open_path(path, stdin_name), settings)
        return
    opened = [open_path(path, stdin_name) for path in paths]
    by_itself = [check_opened(text, {}) for text in opened]
    known = [checked.settings for checked in by_itself]
    for number, (path, text) in enumerate(zip(paths, opened, strict=True)):
        unclaimed = frozenset[str]() if number else settings.keys() - frozenset[str]().union(*known)
        own = by_itself[number].settings_of_project(of_project)
        own |= {name: value for name, value in settings.items() if name in known[number] or name in unclaimed}
        yield path, check_opened(text, own)


def input_files(paths: Iterable[str], read: Iterable[str | Path]) -> list[Path]:
    """The files that a command reads: `read`, the project file, and of the arguments `paths` all rule files of folders,
    and standard input."""
    folders = [Path(path) for path in paths if os.path.isdir(path)]
    versions = [file for folder in folders for file in rule_files_below(folder, _unreadable, hidden=True)]
    standard_input = [Path("/dev/stdin")] if "-" in paths else []
    of_project = [Path(project().source.name)] if project().source.name else []
    return [*map(Path, read), *versions, *of_project, *standard_input]


def read_policy(asked: Asked) -> Policy:
    """Reads a policy. A folder is a book, whose version is that of the day or the moment."""
    return read_versions(asked).deciding({}, asked.on, asked.at)


def read_looking_ahead(asked: Asked, days: int, *, early: bool = False) -> Policy:
    """Reads a policy that looks some days ahead; of a book the version of `Book.looking_ahead`."""
    return read_versions(asked).looking_ahead(asked.on, asked.at, days, early=early)


def files_ahead(policies: Iterable[Policy]) -> Iterable[Path]:
    """The files of all versions along which some policies look ahead."""
    return [file for policy in policies for version in policy.versions for file in version.files]


def facts_ahead(policy: Policy) -> Collection[str]:
    """The facts of all versions along which a policy looks ahead."""
    return {fact for version in policy.versions for fact in version.typed.facts}


def read_versions(asked: Asked) -> Policy | Book:
    """Reads a policy, or the book in a folder, unless that is one policy on every day. Raises `PolicyError`."""
    path, settings = asked.policy, asked.settings
    where = must_exist(path)
    if where is not None and where.is_dir():
        book, used = book_with_its_own(where, settings, project().settings)
        require_settings(where, settings, used)
        return book.alone or book
    checked = _checked(open_path(path), settings)
    if checked.policy is None:
        raise PolicyError(checked.diagnostics)
    return Policy(checked)


def read_recorded(path: str, settings: Mapping[str, object]) -> Mapping[str, Policy | Book]:
    """Reads, by name, the policies that may have decided the lines of a record: all of a folder, as `serve` loads it,
    or the one of a file. Raises `PolicyError`.
    """
    where = must_exist(path)
    if where is None or not where.is_dir():
        found = read_versions(Asked(path, settings))
        return {found.name: found}
    return policies_of(where, settings, project().settings)


def _checked(opened: Opened, settings: Mapping[str, object]) -> Checked:
    """Checks a text with `settings`, and with those of the project that it has."""
    of_project = project().settings
    if of_project:
        settings = {**check_opened(opened, {}).settings_of_project(of_project), **settings}
    return check_opened(opened, settings)


def standard_input() -> BinaryIO:
    """Standard input. Ends the command with 2 if it is closed."""
    if sys.stdin is None:
        wrong_use("standard input is closed")
    return sys.stdin.buffer


def read_bytes(path: str) -> bytes:
    """The bytes of a case, from a file or standard input. If it is too long, one byte more than the limit."""
    if path == "-":
        return standard_input().read(MOST_BYTES + 1)
    with open_binary(path) as file:
        return file.read(MOST_BYTES + 1)


def open_binary(path: str) -> BinaryIO:
    """Opens a file to read. Ends the command with 2 if it cannot be opened."""
    must_exist(path)
    try:
        return open(path, "rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a path"
        wrong_use(f"{path!r} cannot be read: {reason.lower()}")


def lines_of(path: str, longest: int = MOST_BYTES) -> Iterator[bytes]:
    """The lines of a file, or of standard input, as they are read. A line of more than `longest` bytes, by default the
    limit of a case, is cut to one byte more."""
    with nullcontext(standard_input()) if path == "-" else open_binary(path) as stream:
        while line := stream.readline(longest + 1):
            yield line
            while len(line) > longest and not line.endswith(b"\n"):
                line = stream.readline(longest + 1)


def blocks_of(path: str, size: int = _BLOCK, longest: int = MOST_BYTES) -> Iterator[bytes]:
    """The lines that `lines_of` gives, about `size` bytes of them at a time, which is much quicker than one by one.
    `size` is at most `longest`. An empty file is one empty block."""
    with open_binary(path) as stream:
        block, none = stream.read(size), True
        while block or none:
            yield block + _rest_of_line(stream, block, longest)
            block, none = stream.read(size), False


def _rest_of_line(stream: BinaryIO, block: bytes, longest: int) -> bytes:
    """Returns the rest of the last line of a block, cut if the line gets longer than `longest`."""
    read = len(block) - block.rfind(b"\n") - 1
    rest = more = stream.readline(longest + 1 - read) if read else b""
    while read + len(more) > longest and not more.endswith(b"\n"):
        read, more = 0, stream.readline(longest + 1)
    return rest
