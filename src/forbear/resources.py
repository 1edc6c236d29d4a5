"""Where the grammar and the packs lie: beside the code in an installed wheel, at the top of a checkout otherwise."""

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
    """The shipped packs, as they are written after `pack:`."""
    rules = folder("rules")
    return tuple(sorted(path.relative_to(rules).with_suffix("").as_posix() for path in rules.rglob("*.forbear")))
