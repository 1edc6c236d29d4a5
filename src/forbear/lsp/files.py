"""The rule files of a folder, for questions that reach beyond one file. However large the folder, it takes no time that
anybody would notice."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from forbear.check.files.locations import SUFFIX
from forbear.editing.outline import Entry, outline_of
from forbear.editing.positions import Lines
from forbear.editing.reading import Reading, source_of
from forbear.source import MAXIMUM_BYTES, Source
from forbear.syntax.parser import parse

MOST_FILES = 500
"""Rule files that are looked at."""
_MOST_ENTRIES = 20_000
"""Names of files and folders that are gone through for them."""
_LEFT_OUT = frozenset({"node_modules", "__pycache__", "site-packages"})


def rule_files(top: Path) -> tuple[list[Path], bool]:
    """The rule files in a folder and below, in order, and whether these are all. Hidden folders are left out, and
    whatever is no regular file."""
    paths: list[Path] = []
    entries = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT and not name.startswith("."))
        entries += len(folders) + len(names)
        paths += [path for name in sorted(names) if name.endswith(SUFFIX) and _regular(path := Path(folder, name))]
        if entries > _MOST_ENTRIES or len(paths) > MOST_FILES:
            return paths[:MOST_FILES], False
    return paths, True


def files_around(reading: Reading) -> list[Path] | None:
    """The rule files beside a text, and those beside files that it uses above it; None where these are too many."""
    if reading.path is None:
        return []
    top = reading.path.parent
    for module in reading.modules:
        own = Path(module.source.name)
        if own.is_absolute() and top.is_relative_to(own.parent):
            top = own.parent
    paths, all_of_them = rule_files(top)
    return paths if all_of_them else None


class Symbols:
    """What the rule files of some folders declare, each read once for as long as it stays as it is."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[object, list[Entry], Source]] = {}

    def find(self, tops: Iterable[Path], query: str, encoding: str) -> Iterator[tuple[Path, Entry, Lines]]:
        """The declarations whose names have the letters of a text in its order, whatever is between them."""
        paths = dict.fromkeys(path for top in tops for path in rule_files(top)[0])
        for path in paths:
            entries, source = self._read(path)
            fits = [entry for entry in entries if _has(entry.name, query)]
            if fits and source is not None:
                lines = Lines(source.written, encoding)
                yield from [(path, entry, lines) for entry in fits]

    def _read(self, path: Path) -> tuple[list[Entry], Source | None]:
        try:
            state = path.stat()
            key = (state.st_mtime_ns, state.st_size)
            if path in self._known and self._known[path][0] == key:
                return self._known[path][1:]
            source = source_of(str(path), path.read_bytes().decode("utf-8"))
        except (OSError, UnicodeDecodeError):
            return [], None
        if not isinstance(source, Source):
            return [], None
        self._known[path] = (key, outline_of(parse(source)[0]), source)
        return self._known[path][1:]


def _regular(path: Path) -> bool:
    try:
        state = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(state.st_mode) and state.st_size <= MAXIMUM_BYTES


def _has(name: str, query: str) -> bool:
    letters = iter(name.casefold())
    return all(letter in letters for letter in query.casefold() if not letter.isspace())
