"""Names in messages: the nearest one to one that is not there, several in a row, and whose they are."""

from __future__ import annotations

import difflib
import string
from collections.abc import Iterable, Iterator

from forbear.source import Place

SEE_ALL = "see what there is with `forbear facts pack:vocabulary/collections --all`"


_MANY = 200
_LONG = 100
_LETTERS = string.ascii_lowercase + string.digits + "_"


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A question with the nearest known name, or None if none is near.

    Of more than 200 names, the nearest is one that another letter makes of it; of a name of more than 100 letters
    nothing is asked.
    """
    names = list(known)
    if len(name) > _LONG:
        return None
    if len(names) > _MANY:
        found = set(names)
        near = [one for one in _one_letter_apart(name) if one in found]
    else:
        near = difflib.get_close_matches(name, [one for one in names if len(one) <= 2 * _LONG], n=1)
    return f"did you mean `{near[0]}`?" if near else None


def _one_letter_apart(name: str) -> Iterator[str]:
    """What a name becomes where a letter is left out, two change places, or one is added or another."""
    parts = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    yield from (before + after[1:] for before, after in parts if after)
    yield from (before + after[1] + after[0] + after[2:] for before, after in parts if len(after) > 1)
    yield from (before + letter + after for before, after in parts for letter in _LETTERS)
    yield from (before + letter + after[1:] for before, after in parts if after for letter in _LETTERS)


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names in backticks, cut after `most`."""
    all_names = list(names)
    shown = ", ".join(f"`{name}`" for name in all_names[:most])
    return shown + (f" and {len(all_names) - most} more" if len(all_names) > most else "")


def bundled_in(place: Place) -> str | None:
    """What is shipped and declares a name, such as `collections`; None where the file is the author's own."""
    name = place.source.name
    return name.rpartition("/")[2] if name.startswith("pack:") else None
