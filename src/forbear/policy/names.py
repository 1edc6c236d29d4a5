"""Names that are not there: the nearest one that is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A question with the nearest known name, or None if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else None


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names in backticks, cut after `most`."""
    all_names = list(names)
    shown = ", ".join(f"`{name}`" for name in all_names[:most])
    return shown + (f" and {len(all_names) - most} more" if len(all_names) > most else "")
