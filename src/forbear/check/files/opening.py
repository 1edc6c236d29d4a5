"""The texts that somebody asks for: of a file, of a bundled pack, or of a file that was found in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Place, Source
from forbear.check.files.locations import Location, read_file, read_rule_file
from forbear.check.files.naming import PACK, pack_file, pack_of

Opened: TypeAlias = "tuple[Source, Location | None] | Diagnostic"
"""A text that was read, with the location of its file if it has one; or the error that kept it from being read."""


def open_file(path: str | Path) -> Opened:
    """The text of a file or of a bundled pack."""
    where = locate(path)
    if isinstance(where, Diagnostic):
        return where
    pack = pack_of(str(path))
    source = read_file(where, str(path) if pack is None else f"{PACK}{pack}")
    return source if isinstance(source, Diagnostic) else (source, where)


def open_rule_file(where: Location, name: str) -> Opened:
    """The text of a file that the user did not name, because it was found in a folder or in a revision."""
    source = read_rule_file(where, name)
    return source if isinstance(source, Diagnostic) else (source, where)


def locate(path: str | Path) -> Path | Diagnostic:
    """The file of a path or of the name of a pack."""
    pack = pack_of(str(path))
    return Path(path) if pack is None else pack_file(pack, Place(Source(str(path), ""), (0, 0)))
