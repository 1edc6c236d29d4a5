"""A text in TOML: what it says, in time that grows with its length, and where, as `tomllib` keeps no places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from forbear.base.source import Source, Span

MOST_PARTS = 32
"""Parts of a key: `tool.forbear.severity` has three."""

_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
"""The end of an error message of `tomllib`."""


@lru_cache(4)  # an editor asks for it with each key
def read_toml(text: str) -> dict[str, object] | tuple[str, Span]:
    """Returns the content of a TOML text; or an error message and its position."""
    import tomllib  # most folders have no project file

    long_key = _long_key(text)
    if long_key is not None:
        return f"a key has at most {MOST_PARTS} parts here", long_key
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (RecursionError, ValueError) as error:
        message = str(error) or "too many brackets within each other"
        position = _WHERE.search(message)
        if position and position[1]:
            at = min(Source("", text).offset(int(position[1])) + int(position[2]) - 1, len(text))
        else:
            at = len(text.rstrip()) if position else 0
        return message[: position.start()] if position else message, (at, min(at + 1, len(text)))


_TOKEN = re.compile(
    r"""(?P<nothing>[ \t\r]+|\#[^\n]*)
    |(?P<word>\"{3}(?:\\.|[^\\]|\\\Z)*?(?:\"{3,5}|\Z)|'{3}.*?(?:'{3,5}|\Z)|"(?:\\.|[^"\\\n])*+"?|'[^'\n]*+'?|[\w+-]++)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
"""The tokens of TOML. Every text, valid or not, is split into them in one pass."""


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return (token for token in _TOKEN.finditer(text) if token.lastgroup != "nothing")


def _long_key(text: str) -> Span | None:
    """The beginning of a key of more parts than are read: `tomllib` takes time by their square."""
    parts, after_dot, start = 0, False, 0
    for token in _tokens(text):
        if token.lastgroup == "word":
            parts, start = (parts + 1, start) if after_dot else (1, token.start())
            if parts > MOST_PARTS:
                return start, token.end()
        after_dot = token[0] == "." and parts > 0
        if token.lastgroup == "sign" and not after_dot:
            parts = 0
    return None


def _statements(text: str) -> Iterator[tuple[tuple[str, ...], list[re.Match[str]]]]:
    """The statements of a text in TOML: the path of the key of each, or of the table that it begins, and its tokens."""
    table: tuple[str, ...] = ()
    statement: list[re.Match[str]] = []
    depth = 0
    for token in (*_tokens(text), None):
        if token is not None and (token[0] != "\n" or depth):
            depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
            statement.append(token)
        elif statement:
            begins_table = statement[0][0] == "["
            key = []
            for part in statement:
                if part[0] == "=":
                    break
                key += [_meant(part)] if part.lastgroup == "word" else []
            path = tuple(key) if begins_table else (*table, *key)
            table = path if begins_table else table
            yield path, statement
            statement = []


def _meant(token: re.Match[str]) -> str:
    """The name, or the text, that a token writes."""
    import tomllib

    written = token[0]
    if "\\" not in written and not written.startswith(('"""', "'''")):
        return written.strip(written[0]) if written[0] in "\"'" else written
    return str(tomllib.loads(f"x = {written}")["x"])


@lru_cache(4)
def span_of(text: str, path: tuple[str, ...]) -> Span:
    """The span of a key, or of a text in the list of a key: `path` then ends in that text. `tomllib` keeps none."""
    for its_path, statement in _statements(text):
        if its_path[: len(path)] == path[: len(its_path)]:
            for token in statement:
                if token.lastgroup == "word" and _meant(token) == path[-1]:
                    quotes = token[0][0] in "\"'"
                    return token.start() + quotes, token.end() - quotes
    return 0, 0
