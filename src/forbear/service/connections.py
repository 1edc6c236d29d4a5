"""Bounds connections: how many there may be, and how long one may take.

uvicorn reads HTTP. None of its settings bounds the number of connections in a way that its clients can read, the size
of a request without its body, the requests that wait for an answer, or the time that a client takes to send a request
or to read the answer. This module does. The one hook for that is the class of a protocol (`http=`), which has to know
where requests begin and end, as uvicorn's own does. So this extends that one, whose parts are not documented, and
uvicorn is bound to one minor version: `tests/service/test_clients.py` shows whether the next one will do.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from typing import Any, Final

import httptools
from attrs import frozen
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from forbear.service.metrics import Metrics
from forbear.service.problems import problem
from forbear.service.writing import Reply

LONGEST_HEAD: Final = 64 * 1024
"""Bytes of the line and the headers of a request, and of whatever comes between two pieces of its body or after it."""
MOST_HEADERS: Final = 100
"""Headers of a request. Short ones take thirty times as much memory as bytes."""
_HEAD_ENDS: Final = b"\r\n\r\n"
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
    """Returns the factory for the protocol of each connection."""

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
    """Whether the head of a request is being received."""
    _coming = True
    """Whether a request is being received."""
    _beside = 0
    """The bytes of the head received, or since the last piece of the body."""
    _body_goes_on = False
    """Whether the bytes that are being read have a piece of the body, or the end of the head."""
    _rest = b""
    """The bytes behind a request that waits for the answer to another one."""
    _answering: RequestResponseCycle | None = None
    """The request that is being answered; `cycle` is the last one received."""
    _turned_away = False
    _repeating = False
    """Whether the parser reads a known head again."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._metrics.connections = len(self.connections)
        if len(self.connections) > self._bounds.connections:
            self._turn_away("full", problem("full", most=self._bounds.connections))
        else:
            self._timer = self.loop.call_later(self._bounds.seconds, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self._rest = b""
        self.resume_writing()
        super().connection_lost(exc)
        self._metrics.connections = len(self.connections)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        rest, self._rest = self._rest, b""
        self._read(rest + data if rest else data)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._rest:
            self.data_received(b"")

    def _read(self, data: bytes) -> None:
        """Reads request by request. Bytes behind a request that waits for the answer to another one are not parsed yet:
        parsed, each request would take some hundred times as much memory.
        """
        view, start = memoryview(data), 0
        while start < len(data) and not self._turned_away and not self.transport.is_closing():
            if self.pipeline and not self._coming:
                self._rest = data[start:]
                self.flow.pause_reading()  # the request that is answered may have let it go on
                return
            end = data.find(_HEAD_ENDS, start)
            end = len(data) if end < 0 else end + len(_HEAD_ENDS)
            self._read_part(view[start:end])
            start = end

    def _read_part(self, data: memoryview) -> None:
        """Reads bytes that hold the end of one head at most."""
        self._body_goes_on = False
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
        self._beside = 0 if self._body_goes_on else self._beside + len(data)
        if self._beside > LONGEST_HEAD:
            self._turn_away_head()

    def _feed(self, data: memoryview) -> None:
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
        if self._repeating or not self._in_head:  # after a chunked body it is a trailer, which nothing uses
            return
        if len(self.headers) == MOST_HEADERS:
            raise _LongHead
        super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        self._body_goes_on = True
        super().on_body(body)

    def on_message_begin(self) -> None:
        if self._repeating:
            return
        super().on_message_begin()
        self._coming, self._in_head, self._beside = True, True, 0

    def on_headers_complete(self) -> None:
        if self._repeating:
            self._repeating = False
            return
        if self._head_length() > LONGEST_HEAD:  # it came at once, and was never seen to be coming
            raise _LongHead
        self._in_head, self._body_goes_on = False, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self._coming = False
        self._stop()
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

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
        if not self.transport.is_closing():
            self._turn_away("slow", problem("slow", seconds=self._bounds.seconds))

    def _head_length(self) -> int:
        """Bytes of a head that has come, but for white space that nobody needs."""
        line = len(self.parser.get_method()) + len(self.url) + len(b"  HTTP/1.1\r\n")
        return line + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers) + len(b"\r\n")

    def _turn_away_head(self) -> None:
        self._turn_away("head", problem("long-head", most=LONGEST_HEAD // 1024, fields=MOST_HEADERS))

    def _turn_away(self, reason: str, reply: Reply) -> None:
        """Says why, and closes the connection after the client has had time to read it."""
        self._stop()
        if self.cycle is not None and not self._in_head and self.cycle.response_started:
            self._abort(reason)  # it was answered before it came to its end, as too long
            return
        self._turned_away = True
        self._metrics.turned_away[reason] += 1
        lines = [b"HTTP/1.1 %d " % reply.status, b"content-type: " + reply.kind]
        lines += [b"content-length: %d" % len(reply.body), *[b"%s: %s" % header for header in reply.headers]]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", reply.body]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        for cycle in (self._answering, self.cycle):  # the application waits for the rest of a body, or will answer
            if cycle is not None:
                cycle.disconnected = True
                cycle.message_event.set()
        self._timer = self.loop.call_later(LINGERING, self.transport.abort)

    def _abort(self, reason: str) -> None:
        self._metrics.turned_away[reason] += 1
        self.transport.abort()
