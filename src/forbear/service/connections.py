"""Connections: how many there may be, and how long one may take.

uvicorn reads HTTP, and bounds neither the number of connections in a way that its clients can read, nor the head of a
request, nor the time that a client takes to send it or to read the answer. This does. The one hook for that is the
class of a protocol (`http=`), which has to know where requests begin and end, as uvicorn's own does. So this extends
that one, whose parts are not documented, and uvicorn is bound to one minor version: `tests/service/test_clients.py`
tells whether the next one will do.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from typing import Final

import httptools
from attrs import frozen
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from forbear.service.metrics import Metrics
from forbear.service.problems import problem
from forbear.service.writing import Reply

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of the line and the headers of a request."""
LINGERING: Final = 2.0
"""Seconds in which a client that is turned away may read why."""
SPARE: Final = 64
"""Descriptors that connections leave for files."""


@frozen
class Bounds:
    """How many connections there may be, and how many seconds one may wait for its client."""

    connections: int
    seconds: float


def room_for(connections: int) -> int:
    """Raises the limit of open files of this process as far as `connections` need and the system lets it; and returns
    how many connections there may be then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * connections + SPARE  # those that are turned away are open for a moment
    if hard != resource.RLIM_INFINITY:
        needed = min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        soft = needed
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft - SPARE))


def protocol(bounds: Bounds, metrics: Metrics) -> Callable[..., asyncio.Protocol]:
    """What makes the protocol of each connection."""

    class Bounded(_Bounded):
        _bounds = bounds
        _metrics = metrics

    return Bounded


class _LongHead(Exception):
    """Ends the parser within a request, so that nothing of it is answered."""


class _Bounded(HttpToolsProtocol):
    _bounds: Bounds
    _metrics: Metrics
    _timer: asyncio.TimerHandle | None = None
    """Until when a request has to have come."""
    _unread: asyncio.TimerHandle | None = None
    """Until when the client has to have read something."""
    _in_head = True
    """Whether the head of a request is coming."""
    _coming = True
    """Whether a request is coming."""
    _head = 0
    """Bytes of the head so far."""
    _turned_away = False
    _repeating = False
    """Whether the parser reads a head again, of which everything is known."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._metrics.connections = len(self.connections)
        if len(self.connections) > self._bounds.connections:
            self._turn_away("full", problem("full", most=self._bounds.connections))
        else:
            self._timer = self.loop.call_later(self._bounds.seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self.resume_writing()
        super().connection_lost(exc)
        self._metrics.connections = len(self.connections)

    def data_received(self, data: bytes) -> None:
        if self._turned_away:
            return
        self._unset_keepalive_if_required()
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, _LongHead):
                self._turn_away_head()
            else:
                self._turn_away("no HTTP", problem("no-http"))
        if not self._coming or self._turned_away or self.transport.is_closing():
            return
        if self._timer is None:
            self._timer = self.loop.call_later(self._bounds.seconds, self._late)
        if self._in_head:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self._turn_away_head()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # Java's client offers HTTP/2 with its first request. The parser takes that for granted and gives up the
            # body. So another one goes on, which has read of the head only how long the body is.
            self._repeating = True
            framing = [header for header in self.headers if header[0] in (b"content-length", b"transfer-encoding")]
            head = b"".join([b"%s: %s\r\n" % header for header in framing])
            self.parser = httptools.HttpRequestParser(self)
            self.parser.feed_data(b"POST / HTTP/1.1\r\n%s\r\n" % head)
            self._feed(data[upgrade.args[0] :])

    def on_url(self, url: bytes) -> None:
        if not self._repeating:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._repeating:
            super().on_header(name, value)

    def on_message_begin(self) -> None:
        if self._repeating:
            return
        super().on_message_begin()
        self._coming, self._in_head, self._head = True, True, 0

    def on_headers_complete(self) -> None:
        if self._repeating:
            self._repeating = False
            return
        if self._head_length() > LONGEST_HEAD:  # it came at once, and was never seen to be coming
            raise _LongHead
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._coming = False
        self._stop()
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self._bounds.seconds, self._abort, "unread")

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.cycle is not None and not self._in_head and self.cycle.response_started:
            self._abort("slow")  # it was answered before it came to its end, as too long
        elif not self.transport.is_closing():
            self._turn_away("slow", problem("slow", seconds=self._bounds.seconds))

    def _head_length(self) -> int:
        """Bytes of a head that has come, but for white space that nobody needs."""
        line = len(self.parser.get_method()) + len(self.url) + len(b"  HTTP/1.1\r\n")
        return line + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers) + len(b"\r\n")

    def _turn_away_head(self) -> None:
        self._turn_away("head", problem("long-head", most=LONGEST_HEAD // 1024))

    def _turn_away(self, reason: str, reply: Reply) -> None:
        """Says why, and closes the connection after the client has had time to read it."""
        self._stop()
        self._turned_away = True
        self._metrics.turned_away[reason] += 1
        lines = [b"HTTP/1.1 %d " % reply.status, b"content-type: " + reply.kind]
        lines += [b"content-length: %d" % len(reply.body), *[b"%s: %s" % header for header in reply.headers]]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", reply.body]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        if self.cycle is not None:  # the application waits for the rest of a body
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._timer = self.loop.call_later(LINGERING, self.transport.abort)

    def _abort(self, reason: str) -> None:
        self._metrics.turned_away[reason] += 1
        self.transport.abort()
