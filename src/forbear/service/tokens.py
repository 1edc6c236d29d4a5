"""The tokens of permitted callers, from a file that may change while the service runs."""

from __future__ import annotations

import asyncio
import hmac
import re
from pathlib import Path
from typing import Final

from forbear.base.logs import LOG
from forbear.service.watching import EVERY

_SHORTEST: Final = 16
"""Characters of a token."""
_MOST: Final = 2
"""Tokens in a file: while callers change to a new one, the old one is accepted too."""
_LONGEST = 65_536
"""Bytes of a file that are read."""
_TOKEN = re.compile(rb"[!-~]+")


class Tokens:
    """The tokens that the service accepts: those of `content`, and later those of the file at `path` when it changes.

    Raises `ValueError` if `content` has no tokens, or a wrong one.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._content = content
        self._tokens = _tokens_in(content)

    def accept(self, given: bytes) -> bool:
        """Returns true if this is one of the tokens, compared in constant time."""
        return any(hmac.compare_digest(given, token) for token in self._tokens)

    async def watch(self) -> None:
        """Follows the file until it is cancelled. As with the folder, a change counts when two looks found the same."""
        last = self._content
        if not await asyncio.to_thread(self._path.is_file):
            return  # a pipe can be read only once
        while True:
            await asyncio.sleep(EVERY)
            before, last = last, await asyncio.to_thread(self._read)
            if last == before and last != self._content:
                self._content = last
                self._change(last)

    def _read(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                return file.read(_LONGEST)
        except OSError:
            return b""  # has no token, as an empty one

    def _change(self, content: bytes) -> None:
        try:
            self._tokens = _tokens_in(content)
        except ValueError as error:
            LOG.error(
                "the token file has an error, and the tokens before stay in force", extra={"errors": [str(error)]}
            )
        else:
            LOG.info("the changed tokens are in force", extra={"tokens": len(self._tokens)})


def _tokens_in(content: bytes) -> tuple[bytes, ...]:
    """The tokens of a file, one a line, without white space around them. Raises `ValueError`."""
    tokens = tuple(line.strip() for line in content.strip().splitlines())
    if not tokens or not all(len(token) >= _SHORTEST and _TOKEN.fullmatch(token) for token in tokens):
        raise ValueError(f"a token needs at least {_SHORTEST} visible characters of ASCII, without blanks")
    if len(tokens) > _MOST:
        raise ValueError(f"a token file has at most {_MOST} lines: a new token, and the one before it")
    return tokens
