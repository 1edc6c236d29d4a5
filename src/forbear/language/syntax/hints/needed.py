"""The literal texts without which a pattern matches nothing. To look for them is far quicker than to search."""

from __future__ import annotations

import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

Needed = Sequence[frozenset[str]]
"""Of each set, a text that matches has at least one member in it."""

_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def needed(pattern: str) -> Needed:
    """What a text needs for a pattern, which has no flags, to match in it."""
    return tuple(dict.fromkeys(_of(parser.parse(pattern))))


def has_all(text: str, needed: Needed) -> bool:
    """Whether a text has what a pattern needs."""
    return all(any(part in text for part in parts) for parts in needed)


def _of(parsed: Iterable[tuple[Any, Any]]) -> Iterator[frozenset[str]]:
    """What the parts of a pattern need, one after another. A part that is not known here may need nothing."""
    for is_literal, parts in groupby(parsed, key=lambda part: part[0] is codes.LITERAL):
        if is_literal:
            yield frozenset(["".join(chr(code) for _, code in parts)])
            continue
        for kind, of_kind in parts:
            if kind is codes.SUBPATTERN or (kind in _REPEATS and of_kind[0] > 0):
                yield from _of(of_kind[-1])
            elif kind is codes.BRANCH:
                yield from _of_one(of_kind[-1])


def _of_one(branches: Iterable[Iterable[tuple[Any, Any]]]) -> Iterator[frozenset[str]]:
    """What all branches need: a member of the set that says most of each."""
    sets = [max(_of(branch), key=lambda parts: min(map(len, parts)), default=None) for branch in branches]
    if None not in sets:
        yield frozenset().union(*[parts for parts in sets if parts])
