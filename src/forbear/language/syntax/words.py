"""Text to words: the tokens and comments of a rule file, each with its place, for the formatter."""

from __future__ import annotations

import re

from attrs import field, frozen

from forbear.base.source import Span
from forbear.language.syntax.parser import lex

_COMMENT = re.compile(r'"(?:[^"\\\n]++|\\[^\n])*+"|(?P<comment>#[^\n]*)')


@frozen
class Word:
    """A token: `kind` is its terminal in the grammar."""

    kind: str
    text: str
    span: Span = field(eq=False, repr=False)


@frozen
class Comment:
    """A comment, from its `#` to the end of its line, without trailing blanks."""

    text: str
    span: Span = field(eq=False, repr=False)


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, without its comments."""
    return tuple([Word(token.type, str(token), (token.start_pos or 0, token.end_pos or 0)) for token in lex(text)])


def comments_of(text: str) -> tuple[Comment, ...]:
    """The comments of a text in which every string is closed."""
    comments = []
    for match in _COMMENT.finditer(text):
        if match["comment"] is not None:
            comments.append(Comment(match["comment"].rstrip(" \t\r\f\v"), (match.start(), match.end())))
    return tuple(comments)
