"""The names that a text knows: one that was written as several words, and one that has other letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from forbear.base import resources
from forbear.language.syntax.grammar import keywords
from forbear.language.syntax.literals import Broken, Mistake

NAME = r"[a-z][a-z0-9_]*+"
_LONGEST = 2000


@cache
def _bundled() -> tuple[frozenset[str], frozenset[str]]:
    text = resources.folder("rules").joinpath("vocabulary/collections.forbear").read_text("utf-8")
    return _declared_in(text)


_VALUE = rf"(?:{NAME}|\"[^\"\n]*\")"
_DECLARED = re.compile(
    rf"^[ \t]*(?:fact|define|setting|group|event|has|action)[ ]+({NAME}(?:\s*,\s*{NAME})*)"
    rf"|\bone\s+of\s+({_VALUE}(?:\s*[,<]\s*{_VALUE})*)",
    re.MULTILINE,
)


def _declared_in(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a text declares, and the texts that are values of its facts."""
    listed = " ".join(names or values for names, values in _DECLARED.findall(text))
    texts = re.findall(r'"[^"]*"', listed)
    return frozenset(re.findall(NAME, re.sub(r'"[^"]*"', "", listed))), frozenset(texts)


_OWN = re.compile(r"^\s*(?:fact|action)\b", re.MULTILINE)
_BUNDLED = re.compile(r"\buses\s+collections\b")


@lru_cache(maxsize=2)
def known(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a text declares or has from the standard vocabulary, and the texts that are values; what it uses
    from other files is not among them."""
    names, texts = _declared_in(text)
    if _BUNDLED.search(text) or not _OWN.search(text):
        names, texts = names | _bundled()[0], texts | _bundled()[1]
    return names, texts


_WORDS = re.compile(r'"(?:[^"\\\n]++|\\[^\n])*+"?|#[^\n]*|(?<![\w"])(?P<word>[A-Za-z]\w*)(?=[ \t-])')
_NEXT = re.compile(r"[ \t-]+([A-Za-z0-9]\w*)(?:[ \t-]+([A-Za-z0-9]\w*))?(?:[ \t-]+([A-Za-z0-9]\w*))?")


def known_name(text: str, at: int, ends: Sequence[int]) -> Broken | None:
    """A known name that was written as several words, in the statement in which a token at `at` does not fit."""
    names, _ = known(text)
    begin = max([end for end in ends if end <= at][-2:-1] or [ends[0]])
    for start, end, name in _joined(text, max(begin, at - _LONGEST), at, names):
        written = text[start:end]
        message = f"`{written}` is one name, and a name is one word"
        return Broken(Mistake("syntax", message, (start, end), f"write `{name}`", name), start)
    return None


def _joined(text: str, begin: int, at: int, names: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    for match in _WORDS.finditer(text, begin, at + 1):
        if match["word"] is None or match["word"] in keywords().values():
            continue
        following = _NEXT.match(text, match.end())
        for number in (3, 2, 1) if following else ():
            if following is not None and following[number] is not None:
                end = following.end(number)
                name = re.sub(r"[ \t-]+", "_", text[match.start() : end]).lower()
                if name in names and end >= match.end():
                    yield match.start(), end, name


def of_capitals(word: str, text: str) -> str | None:
    """A word in capitals as the text knows it: a name in small letters, a text in quotation marks, or `yes`."""
    names, texts = known(text)
    if word.lower() in names:
        return word.lower()
    return f'"{word}"' if f'"{word}"' in texts else {"Y": "yes", "N": "no"}.get(word)
