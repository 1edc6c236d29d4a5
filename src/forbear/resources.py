"""Finds the grammar and the packs: in the package of an installed wheel, otherwise at the top of the checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """The folder `grammar` or `rules`."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent.parent / name


def pack_names() -> tuple[str, ...]:
    """The names of the bundled packs, as they are written after `pack:`."""
    rules = folder("rules")
    return tuple(sorted(path.relative_to(rules).with_suffix("").as_posix() for path in rules.rglob("*.forbear")))
