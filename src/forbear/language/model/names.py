"""Names in messages: suggestions for unknown names, lists and numbers of things, and which names are bundled."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from forbear.base.source import Place
from forbear.kernel.cases import near_name

SEE_ALL = "see what there is with `forbear facts pack:vocabulary/collections --all`"


_MANY = 200
_LONG = 100
_LETTERS = string.ascii_lowercase + string.digits + "_"


class Suggestion(str):
    """A question whether another name was `meant`."""

    meant: str

    def __new__(cls, meant: str) -> Suggestion:
        suggestion = super().__new__(cls, f"did you mean `{meant}`?")
        suggestion.meant = meant
        return suggestion

    def __reduce__(self) -> tuple[object, ...]:
        return Suggestion, (self.meant,)


def did_you_mean(name: str, known: Iterable[str]) -> Suggestion | None:
    """A question with the nearest known name; None if none is near.

    Capital letters make no difference, and a name with another number, unit or direction is none. Among more than 200
    names, a near one differs in one letter. A name of more than 100 letters has no suggestion.
    """
    return _nearest(name, tuple(known))


@lru_cache(maxsize=16)  # of one name that is wrong at many places
def _nearest(name: str, names: tuple[str, ...]) -> Suggestion | None:
    if len(name) > _LONG:
        return None
    if len(names) > _MANY:
        by_letters = {candidate.lower(): candidate for candidate in names}
        near = next((by_letters[each] for each in _at_most_one_letter_apart(name.lower()) if each in by_letters), None)
    else:
        meant = [each for each in names if len(each) <= 2 * _LONG and not _says_another(name, each)]
        near = near_name(name, meant)
    return None if near is None or _says_another(name, near) else Suggestion(near)


_NUMBERS = re.compile("[0-9]+")
_ALTERNATIVES = (
    ("second", "minute", "hour", "day", "week", "month", "quarter", "year"),
    ("before", "after"),
    ("first", "last"),
    ("min", "max", "minimum", "maximum"),
    ("past", "future"),
    ("in", "out"),
)
_SMALL = frozenset(["", "a", "in", "of", "per", "the", "to"])
_NEGATIONS = frozenset(["not", "no", "never", "non", "without"])


def _says_another(name: str, candidate: str) -> bool:
    """Whether two names differ in what no slip of a letter changes: a number, a unit, a direction, a `not`, a
    kind of what is meant."""
    if "/" in name:
        return False  # the path of a pack
    mine, its = (set(re.split(r"[_0-9]+", each.lower())) for each in (name, candidate))
    if mine & _NEGATIONS != its & _NEGATIONS:
        return True
    numbers = set(_NUMBERS.findall(candidate))
    if numbers and not numbers <= set(_NUMBERS.findall(name)) and _NUMBERS.search(name):
        return True
    stem = candidate.lower().rstrip("s")
    kind, found, _ = name.lower().rpartition(stem) if stem else ("", "", "")
    if found and len(kind) > 2 and kind.rstrip("_") != stem:
        return True  # `robocall`, of `calls`
    more = its - mine - _SMALL
    if _NUMBERS.search(name) and more and not numbers:
        return True  # `calls_in_30_days`, of `calls_today`
    if numbers and any(near_name(word, mine - its) is None for word in more):
        return True  # `calls_in_30_days`, of `work_calls_in_30_days`
    for words in _ALTERNATIVES:
        said, meant = ({word for word in words if word in parts or f"{word}s" in parts} for parts in (mine, its))
        if said and meant and not said & meant:
            return True
    return False


def _at_most_one_letter_apart(name: str) -> Iterator[str]:
    """A name, and those at a distance of one edit: a letter is deleted, two are swapped, or one is inserted or
    replaced."""
    yield name
    parts = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    yield from (before + after[1:] for before, after in parts if after)
    yield from (before + after[1] + after[0] + after[2:] for before, after in parts if len(after) > 1)
    yield from (before + letter + after for before, after in parts for letter in _LETTERS)
    yield from (before + letter + after[1:] for before, after in parts if after for letter in _LETTERS)


def listed(names: Iterable[str], most: int = 8, quote: str = "`") -> str:
    """Names in backticks, or in another `quote`, cut after `most`."""
    all_names = list(names)
    shown = ", ".join(f"{quote}{name}{quote}" for name in all_names[:most])
    return shown + (f" and {len(all_names) - most} more" if len(all_names) > most else "")


def one_of(texts: Sequence[str], word: str = "or") -> str:
    """Texts as one: `a, b or c`."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def counted(number: int, what: str) -> str:
    """A number of things: `1 rule`, `3 rules`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def bundled_in(place: Place) -> str | None:
    """The bundled file of a declaration, such as `collections`; None if the file is the author's own."""
    name = place.source.name
    return name.rpartition("/")[2] if name.startswith("pack:") else None
