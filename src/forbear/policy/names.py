"""Names in messages: the nearest one to one that is not there, several in a row, and whose they are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from forbear.source import Place

SEE_ALL = "see what there is with `forbear facts pack:vocabulary/collections --all`"


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A question with the nearest known name, or None if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names in backticks, cut after `most`."""
    all_names = list(names)
    shown = ", ".join(f"`{name}`" for name in all_names[:most])
    return shown + (f" and {len(all_names) - most} more" if len(all_names) > most else "")


def shipped_in(place: Place) -> str | None:
    """What is shipped and declares a name, such as `collections`; None where the file is the author's own."""
    name = place.source.name
    return name.rpartition("/")[2] if name.startswith("pack:") else None
