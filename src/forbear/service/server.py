"""The server: sockets, signals and the log."""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
import os
import signal
import socket
import stat
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NoReturn

import uvicorn
from attrs import frozen

from forbear.base.characters import escaped
from forbear.base.logs import LOG
from forbear.service.app import Guarded, Service, application
from forbear.service.connections import Bounds, protocol, room_for

LONGEST_PATH = 107 if sys.platform == "linux" else 103
"""Bytes of the path of a Unix socket: a system takes so many, and a zero after them."""
_IDLE = 30
"""Seconds for which a connection is kept between two requests."""
_ENDING = 10
"""Seconds that requests have to end in when the service ends."""
_LEAVING = 2
"""Seconds after that in which the process ends by itself: the record is closed, and telemetry sends what it has."""
_BACKLOG = 2048
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "color_message", "asctime"}


@frozen
class Place:
    """The address at which a service listens: a host and port, or the path of a Unix socket."""

    host: str = "127.0.0.1"
    port: int = 0
    path: str | None = None

    @property
    def is_private(self) -> bool:
        """Whether only this machine can reach it."""
        if self.path is not None:
            return True
        with suppress(OSError):
            addresses = {entry[4][0] for entry in socket.getaddrinfo(self.host, None)}
            return bool(addresses) and all(
                str(address) == "::1" or str(address).startswith("127.") for address in addresses
            )
        return False

    def listen(self) -> socket.socket:
        """A socket that listens there. Raises `OSError`."""
        if self.path is None:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listening = socket.socket(family, kind, protocol)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            _remove_stale(self.path)
            listening, address = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), self.path  # type: ignore[assignment]
        try:
            before = os.umask(0o117)  # of a Unix socket: for the user and the group
            try:
                listening.bind(address)
            finally:
                os.umask(before)
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
        return listening


def address_of(listening: socket.socket) -> str:
    """The address of a socket, as people write it."""
    if listening.family == socket.AF_UNIX:
        return f"unix:{listening.getsockname()}"
    host, port, *_ = listening.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _remove_stale(path: str) -> None:
    """Removes the socket of a service that has ended. Raises `OSError` if a service listens there, or if it is not a
    socket.
    """
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            raise FileExistsError(17, "there is a file already", path)
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trying:
        try:
            trying.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
    raise FileExistsError(17, "another process listens there already", path)


def load_on_signal(service: Service) -> None:
    """Lets SIGHUP load the folder again."""
    signal.signal(signal.SIGHUP, lambda *_: service.folder.look())


def serve(service: Service, listening: socket.socket, connections: int) -> None:
    """Serves until SIGTERM or SIGINT, then ends the requests that are there."""
    bounds = Bounds(room_for(connections), service.limits.seconds)
    at_port = listening.family != socket.AF_UNIX
    guarded = Guarded(application(service), service.metrics, service.tokens, service.hosts if at_port else None)
    run(guarded, protocol(bounds, service.metrics), listening)


def run(app: Guarded, protocol: Callable[..., asyncio.Protocol], listening: socket.socket) -> None:
    """Runs an application until SIGTERM or SIGINT, which end the process with code 0."""
    config = uvicorn.Config(
        app,
        http=protocol,  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_ENDING,
        backlog=_BACKLOG,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # uvicorn raises the signal again, when it has ended
    _Server(config).run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that ends in time, whatever its threads still work on: for nobody, since each request has ended."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _exit_after(_ENDING + _LEAVING)
        for listening in sockets or ():
            if listening.family == socket.AF_UNIX:
                with suppress(OSError):  # somebody has removed it
                    os.unlink(listening.getsockname())
        await super().shutdown(sockets)
        _exit_after(_LEAVING)


def _exit_after(seconds: float) -> None:
    """Ends the process then, unless it has ended before. Threads cannot be ended in another way."""
    ending = threading.Timer(seconds, os._exit, [0])
    ending.daemon = True
    ending.start()


def log_to(stream: Any) -> None:
    """Writes the log of the service to a stream, a JSON object a line."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Lines())
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    server = logging.getLogger("uvicorn")
    server.addHandler(handler)
    server.setLevel(logging.ERROR)  # its warnings are about single requests
    server.propagate = False


def cannot_start(message: str, **more: object) -> NoReturn:
    """Writes why the service cannot start as a line of its log, and ends the process with code 1."""
    log_to(sys.stderr)
    LOG.error(message, extra=more)
    sys.exit(1)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        more: Mapping[str, object] = {name: value for name, value in vars(record).items() if name not in _OWN}
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)  # as in the record
        time = moment.isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname.lower(), "message": record.getMessage(), **more}
        if record.exc_info and record.exc_info[0] is not None:
            line["fault"] = record.exc_info[0].__name__  # its message and frames might show a case
        return escaped(json.dumps(line, ensure_ascii=False, default=str))
