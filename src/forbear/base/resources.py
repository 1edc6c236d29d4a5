"""Finds the grammar, the packs and the pages of diagnostics, in the package of an installed wheel or else at the top of
the checkout; and the folder for what is kept between runs."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def folder(name: str) -> Path:
    """The folder `grammar`, `rules` or `docs/reference/diagnostics`."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent.parent / name


def cache_folder() -> Path | None:
    """Returns the folder that keeps data between runs and that only the user can write to; None if there is no such
    folder.
    """
    if os.name != "posix":
        return None
    try:
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        # The standard says to ignore a relative path; it would depend on the working directory.
        folder = (named if named.is_absolute() else Path.home() / ".cache") / "forbear"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o022:
            return None  # somebody else may write there
    except (OSError, RuntimeError):  # no home, or nothing may be written there
        return None
    return folder


def diagnostic_codes() -> list[str]:
    """The codes of all diagnostics, each of which has a page."""
    return sorted(path.stem for path in folder("docs/reference/diagnostics").glob("*.md") if path.stem != "README")


@cache
def page_path(code: str) -> Path | None:
    """The file of the page of a diagnostic; None where nothing has this code."""
    return folder("docs/reference/diagnostics") / f"{code}.md" if code in diagnostic_codes() else None


def page_of(code: str) -> str | None:
    """The page of a diagnostic, in Markdown; None where nothing has this code."""
    path = page_path(code)
    return None if path is None else path.read_text(encoding="utf-8").rstrip()


def pack_names() -> tuple[str, ...]:
    """The names of the bundled packs, as they are written after `pack:`."""
    rules = folder("rules")
    return tuple(sorted(path.relative_to(rules).with_suffix("").as_posix() for path in rules.rglob("*.forbear")))
