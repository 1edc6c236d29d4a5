"""Bodies as they come: so long, and so many at once. `connections.py` sees to it that they come in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from starlette.types import Receive, Scope

from forbear.service.problems import Problem, problem

IN_ALL: Final = 256 * 1024 * 1024
"""Bytes of all bodies that are being received, in more pieces than one, or wait for their answer."""

_AS_IT_IS: Final = {b"content-encoding": b"identity", b"transfer-encoding": b"chunked"}
"""The headers of a body that is not compressed."""


class Gone(Exception):
    """The client has closed the connection."""


class Bodies:
    """Receives bodies of up to so many bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0

    async def read(self, scope: Scope, receive: Receive) -> bytes:
        """Returns the body of a request. Raises `Problem` if its type is not JSON, or if it is too long, and `Gone`."""
        length = self._length(scope)
        if length > self._most:
            raise self._too_long()
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            body = await self._rest(bytearray(body), receive)
        if len(body) > self._most:
            raise self._too_long()
        return body

    async def _rest(self, body: bytearray, receive: Receive) -> bytes:
        held = 0
        try:
            while True:
                if len(body) > self._most:
                    raise self._too_long()
                self._held += len(body) - held
                held = len(body)
                if self._held > IN_ALL:
                    raise Problem(problem("bodies"))
                message = await receive()
                if message["type"] != "http.request":
                    raise Gone
                body += message.get("body", b"")
                if not message.get("more_body"):
                    return bytes(body)
        finally:
            self._held -= held

    @contextmanager
    def holding(self, body: bytes) -> Iterator[None]:
        """Counts a body that waits for its answer. Raises `Problem` where all of them are too long."""
        if self._held + len(body) > IN_ALL:
            raise Problem(problem("bodies"))
        self._held += len(body)
        try:
            yield
        finally:
            self._held -= len(body)

    def _length(self, scope: Scope) -> int:
        kind, length = b"", 0
        for name, value in scope["headers"]:
            if name == b"content-type":
                kind = value
            elif name == b"content-length":
                length = int(value.lstrip(b"0") or b"0")  # however many zeros are in front
            elif name in _AS_IT_IS and value.lower() != _AS_IT_IS[name]:
                raise Problem(problem("encoded-body"))
        if kind.partition(b";")[0].strip().lower() != b"application/json":
            raise Problem(problem("no-json"))
        return length

    def _too_long(self) -> Problem:
        return Problem(problem("long-body", most=self._most))
