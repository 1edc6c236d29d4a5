"""The rows of a table: the one place where the end of a line counts.

The first `|` of a line becomes ROW, one after which the line ends becomes ROW_END, and those between stay BAR. Right
under the rows `complete` and `no overlap` are words of the language, and so is `otherwise` alone in a cell; elsewhere
they are names.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping

from lark import Token

TERMINALS: Mapping[str, str] = {"OTHERWISE": "otherwise", "COMPLETE": "complete", "OVERLAP": "overlap"}
"""The words that are a terminal of their own in a cell or under the rows alone, by that."""

_GOES_ON = frozenset({"THEN", "AND", "OR", "IS", "BETWEEN", "COMPARE", "LESS"})
"""What follows a name with which a rule begins."""
_Rest = Generator[Token, None, Token | None]
"""Gives tokens, and returns the one after them."""


def with_rows(tokens: Iterable[Token]) -> Iterator[Token]:
    """The same tokens; those of tables get their own terminals."""
    stream = iter(tokens)
    token = next(stream, None)
    while token is not None:
        if token.type != "BAR":  # nearly all of them
            yield token
            token = next(stream, None)
            continue
        headings = True
        while token is not None and token.type == "BAR":
            token = yield from _row(token, stream, headings)
            headings = False
        token = yield from _promises(token, stream)


def _row(first: Token, stream: Iterator[Token], headings: bool) -> _Rest:
    """A row. One that does not end with a bar ends with its line."""
    yield _as("ROW", first)
    before, token = first, next(stream, None)
    while token is not None and token.line == first.line:
        following = next(stream, None)
        if token.type == "BAR" and (following is None or following.line != first.line):
            yield _as("ROW_END", token)
        elif token == "otherwise" and not headings and before.type == "BAR" and following and following.type == "BAR":
            yield _as("OTHERWISE", token)
        else:
            yield token
        before, token = token, following
    return token


def _promises(token: Token | None, stream: Iterator[Token]) -> _Rest:
    """What is promised of the rows, in any order, with a comma between."""
    while token is not None and (token == "complete" or token.type == "NO"):
        following = next(stream, None)
        if token.type == "NO":
            yield token
            if following is None or following != "overlap":
                return following
            token = _as("OVERLAP", following)
            following = next(stream, None)
        elif following is not None and following.type in _GOES_ON:
            yield token
            return following
        else:
            token = _as("COMPLETE", token)
        yield token
        if following is None or following.type != "COMMA":
            return following
        yield following
        token = next(stream, None)
    return token


def _as(terminal: str, token: Token) -> Token:
    return Token.new_borrow_pos(terminal, str(token), token)
