"""The literal texts without which a pattern matches nothing. To look for them is far quicker than to search."""

from __future__ import annotations

import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

Needed = Sequence[frozenset[str]]
"""Sets of texts: a text that matches has at least one member of each."""

_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def needed(pattern: str) -> Needed:
    """Returns the literal texts without which a pattern, which has no flags, cannot match."""
    return tuple(dict.fromkeys(_of(parser.parse(pattern))))


def has_all(text: str, needed: Needed) -> bool:
    """Returns true if a text has the literal texts that a pattern needs."""
    return all(any(part in text for part in parts) for parts in needed)


def _of(parsed: Iterable[tuple[Any, Any]]) -> Iterator[frozenset[str]]:
    """Yields the needs of the parts of a pattern, one after another. An unknown kind of part needs nothing."""
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
    """Yields the needs of all branches: a member of the most specific set of each."""
    sets = [max(_of(branch), key=lambda parts: min(map(len, parts)), default=None) for branch in branches]
    if None not in sets:
        yield frozenset().union(*[parts for parts in sets if parts])
