"""Finds the grammar, the packs and the pages of diagnostics, in the package of an installed wheel or else at the top of
the checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """The folder `grammar`, `rules` or `docs/diagnostics`."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent.parent / name


def page_of(code: str) -> str | None:
    """The page of a diagnostic, in Markdown; None where nothing has this code."""
    pages = {path.stem: path for path in folder("docs/diagnostics").glob("*.md") if path.stem != "README"}
    return pages[code].read_text(encoding="utf-8").rstrip() if code in pages else None


def pack_names() -> tuple[str, ...]:
    """The names of the bundled packs, as they are written after `pack:`."""
    rules = folder("rules")
    return tuple(sorted(path.relative_to(rules).with_suffix("").as_posix() for path in rules.rglob("*.forbear")))
