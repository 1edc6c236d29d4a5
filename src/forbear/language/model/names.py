"""Names in messages: suggestions for unknown names, lists and numbers of things, and which names are bundled."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self

from forbear.base.source import Place

_MANY = 200
_LONG = 100
_LETTERS = string.ascii_lowercase + string.digits + "_"


class Worded(str):
    """An argument of a message in words, with its `code`, which is what programs read."""

    code: Any

    def __new__(cls, words: str, code: object) -> Self:
        worded = super().__new__(cls, words)
        worded.code = code
        return worded

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.code)


class Suggestion(Worded):
    """A question whether another name was `meant`."""

    @property
    def meant(self) -> str:
        return str(self.code)


def did_you_mean(name: str, known: Iterable[str]) -> Suggestion | None:
    """Returns a question with the nearest known name; None if none is near, or two are equally near.

    A name is near if each of its words is one of that name: the same, its plural, or with a slip of a letter or two; or
    if it is another word for the same. Capital letters make no difference. Among more than 200 names, a near one
    differs in one letter. A name of more than 100 letters has no suggestion.
    """
    return _nearest(name, tuple(known))


@lru_cache(maxsize=16)  # of one name that is wrong at many places
def _nearest(name: str, names: tuple[str, ...]) -> Suggestion | None:
    if len(name) > _LONG:
        return None
    if _SAME.get(name.lower()) in names:
        return _suggestion(_SAME[name.lower()])
    if len(names) > _MANY:
        by_letters = {candidate.lower(): candidate for candidate in names}
        names = tuple([by_letters[each] for each in _at_most_one_letter_apart(name.lower()) if each in by_letters])
    slips = {each: slips for each in names if len(each) <= 2 * _LONG and (slips := _slips(name, each)) is not None}
    least = min(slips.values(), default=None)
    nearest = [each for each in slips if slips[each] == least]
    return _suggestion(nearest[0]) if len(nearest) == 1 else None


def _suggestion(meant: str) -> Suggestion:
    return Suggestion(f"did you mean `{meant}`?", meant)


_WORDS = re.compile(r"[^\W\d_]+|[0-9]+")
_SAME = {
    "anything": "everything",
    "dpd": "days_overdue",
    **dict.fromkeys(["contact", "contacts"], "contact_consumer"),
    **dict.fromkeys(["text", "texts", "text_message", "text_messages"], "sms"),
}
"""Words with another name here."""
_SMALL = frozenset(["a", "an", "at", "in", "of", "per", "the", "to"])


def _slips(name: str, candidate: str) -> int | None:
    """Returns the number of slips between two names; None if one has another word."""
    mine, its = (_WORDS.findall(each.lower()) for each in (name, candidate))
    if len(mine) != len(its) and (joined := _slips_of_word("".join(mine), "".join(its), 1)) is not None:
        return joined + 1
    total, left = int(name.lower() != candidate.lower()), list(its)
    for word in sorted(mine, key=its.count, reverse=True):  # the same words first
        near = [(slips, each) for each in left if (slips := _slips_of_word(word, each, 2)) is not None]
        if near:
            slips, meant = min(near)
            total += slips
            left.remove(meant)
        elif word not in _SMALL:
            return None
    return total if _SMALL.issuperset(left) else None


def _slips_of_word(word: str, meant: str, most: int) -> int | None:
    """Returns how many letters are wrong, missing, extra or swapped: at most two in a long word, one in a short one,
    and none in a number. An author who writes a whole `un` or `pre` before a word, or another first letter, means
    another word.
    """
    if word == meant:
        return 0
    if word.isdigit() or meant.isdigit() or min(len(word), len(meant)) < 3:
        return None
    if word in _plurals(meant) or meant in _plurals(word):
        return 1
    longest, shortest = max(len(word), len(meant)), min(len(word), len(meant))
    slips = _edits(word, meant, _BESIDE if shortest < 5 else _BESIDE | _ALIKE)
    if slips > (most if longest >= 8 else 1):
        return None
    swapped = sorted(word) == sorted(meant)
    added = longest > shortest >= 5
    return None if word[0] != meant[0] and not (slips == 1 and (swapped or added)) else slips


def _plurals(word: str) -> tuple[str, ...]:
    return (f"{word}s", f"{word}es", f"{word[:-1]}ies")


def _edits(one: str, other: str, near: Set[str]) -> int:
    """Returns the least number of letters that are inserted, left out, replaced, or swapped with the next one. A letter
    that is replaced by one that is not `near` counts as two.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one):
        last, before = before, row
        row = [at + 1]
        for place, its in enumerate(other):
            replaced = 0 if letter == its else 1 if letter + its in near else 2
            least = min(before[place] + replaced, before[place + 1] + 1, row[place] + 1)
            if at and place and letter == other[place - 1] and its == one[at - 1]:
                least = min(least, last[place - 1] + 1)
            row.append(least)
    return row[-1]


_BESIDE = {
    pair
    for keys in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for one, other in pairwise(keys)
    for pair in (one + other, other + one)
}
_ALIKE = {one + other for letters in ("aeiouy", "ck", "sz", "sc", "lr", "dt") for one in letters for other in letters}
"""Pairs of letters that are neighbours on a keyboard, and of letters that sound alike, which are no slip in a short
word.
"""


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


def verdict_word(verdict: str) -> str:
    """A verdict in a text: what data call `unsaid` is `no rule`."""
    return "no rule" if verdict == "unsaid" else verdict


UNSAID = ("not permitted", "no rule permits it")
"""The verdict in a sentence on an action that no rule decides, and why."""


def decided_text(action: str, verdict: str) -> str:
    """The verdict on an action in a sentence: `ACTION is allowed`, `no rule permits ACTION`."""
    return f"no rule permits {action}" if verdict == "unsaid" else f"{action} is {verdict}"


def one_of(texts: Sequence[str], word: str = "or") -> str:
    """Texts as one: `a, b or c`."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def counted(number: int, what: str) -> str:
    """A number of things: `1 rule`, `3 rules`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def many(number: int, what: str) -> str:
    """A number of things that may be thousands: `1 row`, `10,000 rows`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def bundled_in(place: Place) -> str | None:
    """Returns the bundled file of a declaration, such as `collections`; None if the file is the author's own."""
    name = place.source.name
    return name.rpartition("/")[2] if name.startswith("pack:") else None
