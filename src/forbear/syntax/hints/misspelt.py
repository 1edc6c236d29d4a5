"""A misspelt word of the language: the word that was meant, where the statement goes on with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from lark import Token
from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from forbear.source import Span
from forbear.syntax.grammar import fitting, keywords, state_at, tokens

_WORD = re.compile(r'"(?:[^"\\\n]++|\\[^\n])*+"?|#[^\n]*|(?<![\w-])(?P<word>[a-z]+)(?![\w-])')
_DECLARED = re.compile(r"\b(?:fact|event|has|action|group|ladder|define|setting|rule|policy|standard)\s+([a-z]\w*)")
_SHORTEST = 3
_LONGEST = 20
_NEAR = 0.75
_MOST = 5
_WORDS_BACK = 3


class Meant(NamedTuple):
    """A word that is none of the language, and the one that was meant: its text and its terminal."""

    span: Span
    text: str
    terminal: str


def meant(text: str, token: Token, ends: Sequence[int]) -> Meant | None:
    """For a token that does not fit: itself, or a word shortly before it that was taken for a name.

    `ends` are the places at which a statement may begin: where the parser began, and behind each statement that it has
    read since.
    """
    at = len(text) if token.type == "$END" else (token.start_pos or 0)
    if token.isalpha() and token.islower():
        span = (at, at + len(token))
        for word, terminal, _ in _fitting_words(text, span, ends):
            return Meant(span, word, terminal)
    words = [found.span("word") for found in _WORD.finditer(text, _context(text, ends, at), at) if found["word"]]
    for span in reversed(words[-_WORDS_BACK:]):
        for word, terminal, state in _fitting_words(text, span, ends):
            if _goes_on(state, Token.new_borrow_pos(terminal, word, token), tokens(text, span[1], at), token):
                return Meant(span, word, terminal)
    return None


def _context(text: str, ends: Sequence[int], at: int) -> int:
    """Where to look for words from: the line before, and within what the parser has read."""
    return max(ends[0], text.rfind("\n", 0, max(0, text.rfind("\n", 0, at))) + 1)


def _goes_on(state: InteractiveParser, corrected: Token, between: Iterable[Token], token: Token) -> bool:
    """Whether the statement can be read on with another word, up to the token that does not fit."""
    state = state.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]
    try:
        for one in (corrected, *between):
            state.feed_token(one)
    except UnexpectedToken:
        return False
    return token.type in fitting(state)


def _fitting_words(text: str, span: Span, ends: Sequence[int]) -> Iterator[tuple[str, str, InteractiveParser]]:
    """The words near to the one that is written there, which fit; with their terminals and the state there."""
    written = text[slice(*span)]
    near = _near_words(written)
    if not near or written in _declared(text):
        return
    begins = [end for end in ends if end <= span[0]]
    # From the statement before on, with which the word may go on. The parser that stopped has left some of what fits
    # behind.
    state = state_at(text, begins[max(0, len(begins) - 2)], span[0])
    fits = fitting(state)
    yield from ((word, terminal, state) for word, terminal in near if terminal in fits)


@lru_cache(maxsize=1000)
def _near_words(word: str) -> Sequence[tuple[str, str]]:
    words = list(dict.fromkeys(keywords().values()))
    if not _SHORTEST <= len(word) <= _LONGEST:
        return ()
    if word in words:  # one that is written right is another form at most: `day` and `days`, `allow` and `allowed`
        words = [one for one in words if one != word and (one.startswith(word) or word.startswith(one))]
    letters = sorted(word)
    near = [one for one in words if sorted(one) == letters]  # two letters in the wrong order
    near += difflib.get_close_matches(word, words, _MOST, _NEAR)
    return [(one, terminal) for one in near for terminal, its in keywords().items() if its == one]


@lru_cache(maxsize=1)
def _declared(text: str) -> frozenset[str]:
    return frozenset(_DECLARED.findall(text))
