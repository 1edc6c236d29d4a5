"""Misspelt words of the language: finds the word that was meant, if the statement can be read with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from lark import Token
from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from forbear.base.source import Span
from forbear.language.syntax.grammar import fitting, keywords, state_at, tokens
from forbear.language.syntax.hints.hint import DECLARING, NAME, OF_SENTENCES

_WORD = re.compile(r'"(?:[^"\\\n]++|\\[^\n])*+"?|#[^\n]*|(?<![\w-])(?P<word>[a-z]+)(?![\w-])')
_DECLARED = re.compile(rf"\b{DECLARING}\s+({NAME})")
_SHORTEST = 3
_LONGEST = 20
_NEAR = 0.75
_MOST = 5
_WORDS_BACK = 3


class Meant(NamedTuple):
    """The place of a misspelt word, and the intended word: its text and its terminal."""

    span: Span
    text: str
    terminal: str


def meant(text: str, token: Token, ends: Sequence[int]) -> Meant | None:
    """The misspelt word for a token that does not fit: the token, or a word shortly before it that was read as a name.

    `ends` are the places where a statement may begin: where the parser started, and the end of each statement that it
    has read since.
    """
    at = len(text) if token.type == "$END" else (token.start_pos or 0)
    if token.isalpha() and token.islower():
        span = (at, at + len(token))
        for word, terminal, state in _fitting_words(text, span, ends):
            if token not in OF_SENTENCES or _says_more(text, span, word, terminal, state, token):
                return Meant(span, word, terminal)
    words = [
        written.span("word")
        for written in _WORD.finditer(text, _context(text, ends, at), at)
        if written["word"] and written["word"] not in OF_SENTENCES
    ]
    for span in reversed(words[-_WORDS_BACK:]):
        for word, terminal, state in _fitting_words(text, span, ends):
            if _goes_on(state, Token.new_borrow_pos(terminal, word, token), tokens(text, span[1], at), token):
                return Meant(span, word, terminal)
    return None


_POLAR = frozenset(["never", "not", "unless", "forbid", "no", "none"])


def _says_more(text: str, span: Span, word: str, terminal: str, state: InteractiveParser, token: Token) -> bool:
    """Returns true if a word of sentences is a slip for one of the language, as `than` for `then` before an effect: the
    statement continues with it, and it turns nothing into its opposite.
    """
    following = next(tokens(text, span[1], len(text)), None)
    if word in _POLAR or following is None or (following.type in ("NAME", "UNREADABLE") and terminal != "OF"):
        return False
    return _goes_on(state, Token.new_borrow_pos(terminal, word, token), (), following)


def _context(text: str, ends: Sequence[int], at: int) -> int:
    """Returns the beginning of the words to examine: at most one line up, and within the part that the parser has
    read.
    """
    return max(ends[0], text.rfind("\n", 0, max(0, text.rfind("\n", 0, at))) + 1)


def _goes_on(state: InteractiveParser, corrected: Token, between: Iterable[Token], token: Token) -> bool:
    """Returns true if the statement can be read with the corrected word, including the token that does not fit."""
    state = state.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]
    try:
        for next_token in (corrected, *between):
            state.feed_token(next_token)
    except UnexpectedToken:
        return False
    return token.type in fitting(state)


def _fitting_words(text: str, span: Span, ends: Sequence[int]) -> Iterator[tuple[str, str, InteractiveParser]]:
    """The words of the language that resemble the one written at `span` and fit there, each with its terminal and the
    parser's state before it."""
    written = text[slice(*span)]
    near = _near_words(written)
    if not near or written in _declared(text):
        return
    begins = [end for end in ends if end <= span[0]]
    # The word may continue the statement before, so parsing starts there. The state of the parser that stopped is no
    # use: it has already reduced what the word could have continued.
    state = state_at(text, begins[max(0, len(begins) - 2)], span[0])
    fits = fitting(state)
    yield from ((word, terminal, state) for word, terminal in near if terminal in fits)


@lru_cache(maxsize=1000)
def _near_words(word: str) -> Sequence[tuple[str, str]]:
    words = list(dict.fromkeys(keywords().values()))
    if not _SHORTEST <= len(word) <= _LONGEST:
        return ()
    if word in words:  # a word of the language can only be meant as another form of it: `day` as `days`
        words = [
            word_near
            for word_near in words
            if word_near != word and {word, word_near} != {"with", "within"}
            if word_near.startswith(word) or word.startswith(word_near)
        ]
    letters = sorted(word)
    near = [word_near for word_near in words if sorted(word_near) == letters]  # two letters in the wrong order
    near += difflib.get_close_matches(word, words, _MOST, _NEAR)
    return [
        (near_word, terminal)
        for near_word in near
        for terminal, spelling in keywords().items()
        if spelling == near_word
    ]


@lru_cache(maxsize=1)
def _declared(text: str) -> frozenset[str]:
    return frozenset(_DECLARED.findall(text))
