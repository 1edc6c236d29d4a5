"""The rule files of a folder, for questions that reach beyond one file. However large the folder, it takes no time that
anybody would notice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from forbear.base.source import MAXIMUM_BYTES, Source
from forbear.check.files.locations import SUFFIX, is_left_out, is_regular, text_found, why_no_rule_file
from forbear.editors.editing.outline import Entry, outline_of
from forbear.editors.editing.positions import Lines
from forbear.editors.editing.reading import Reading, source_of
from forbear.editors.editing.renaming import Refused, unread
from forbear.language.syntax.parser import parse

MOST_FILES = 500
"""Rule files that are looked at."""
_MOST_ENTRIES = 20_000
"""Names of files and folders that are gone through for them."""

Unreadable: TypeAlias = Callable[[OSError], object]
"""A callback for the error of each folder or file that cannot be read."""


def rule_files(top: Path, unreadable: Unreadable) -> tuple[list[Path], bool]:
    """Returns the rule files in a folder and below, in order, and whether these are all that can be read. Hidden
    folders are left out, and everything that is not a rule file, through links too.
    """
    paths: list[Path] = []
    entries = 0
    for folder, folders, names in os.walk(top, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not is_left_out(name))
        entries += len(folders) + len(names)
        rule_names = [Path(folder, name) for name in sorted(names) if name.endswith(SUFFIX)]
        paths += [path for path in rule_names if _fits(path, unreadable)]
        if entries > _MOST_ENTRIES or len(paths) > MOST_FILES:
            return paths[:MOST_FILES], False
    return paths, True


def files_around(reading: Reading) -> list[Path] | Refused:
    """Returns the rule files in the folder of a text, and those in the folders above it that contain files it uses; or
    why not all of them are known.
    """
    if reading.path is None:
        return []
    top = reading.path.parent
    for module in reading.modules:
        own = Path(module.source.name)
        if own.is_absolute() and top.is_relative_to(own.parent):
            top = own.parent
    errors: list[OSError] = []
    paths, all_of_them = rule_files(top, errors.append)
    if errors:
        return unread(errors[0])
    if not all_of_them:
        return Refused("there are too many files around to look for uses of the name; rename by hand")
    return paths


class Symbols:
    """A cache of the declarations in folders of rule files; a file is read again only after it changes."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[object, list[Entry], Source]] = {}

    def find(
        self, tops: Iterable[Path], query: str, encoding: str, unreadable: Unreadable
    ) -> Iterator[tuple[Path, Entry, Lines]]:
        """The declarations whose names have the letters of a text in its order, whatever is between them."""
        paths = dict.fromkeys(path for top in tops for path in rule_files(top, unreadable)[0])
        for path in paths:
            entries, source = self._read(path, unreadable)
            fits = [entry for entry in entries if _has(entry.name, query)]
            if fits and source is not None:
                lines = Lines(source.written, encoding)
                yield from [(path, entry, lines) for entry in fits]

    def _read(self, path: Path, unreadable: Unreadable) -> tuple[list[Entry], Source | None]:
        try:
            state = path.stat()
            key = (state.st_mtime_ns, state.st_size)
            if path in self._known and self._known[path][0] == key:
                return self._known[path][1:]
            source = source_of(str(path), text_found(path, "utf-8"))
        except UnicodeDecodeError:
            return [], None
        except OSError as error:
            unreadable(error)
            return [], None
        if not isinstance(source, Source):
            return [], None
        self._known[path] = (key, outline_of(parse(source)[0]), source)
        return self._known[path][1:]


def _fits(path: Path, unreadable: Unreadable) -> bool:
    try:
        return is_regular(path) and why_no_rule_file(path) is None and path.stat().st_size <= MAXIMUM_BYTES
    except OSError as error:
        unreadable(error)
        return False


def _has(name: str, query: str) -> bool:
    letters = iter(name.casefold())
    return all(letter in letters for letter in query.casefold() if not letter.isspace())
