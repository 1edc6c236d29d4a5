"""`forbear serve` as a process of its own, asked over real sockets."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

import forbear

SOURCES = str(Path(forbear.__file__).parent.parent)
JSON = {"Content-Type": "application/json"}
HOUSE = """
policy house "How far we go"
fact late days clock
fact income money CNY private
fact reached count
action visit, sms
rule visit_rarely: after 60 days and income >= CNY 3000 then allow visit
rule remind: after 3 days and reached < 5 then allow sms
"""
SHOWN = """
policy shown
  in force from 2026-01-01 until 2026-04-01
calendar office "a test" covers 2026-01-01 to 2026-03-20
  weekend saturday, sunday
event touch
fact late days clock
fact local_time time of decision
fact working working day of office
fact touched count of touch in last 7 days
fact since_touch days since last touch
fact note text
fact promised date or none
fact income money EUR
fact payment money EUR
action sms, call, visit
rule soon "Soon": after 3 days and local_time between 02:30 and 22:00 then allow sms with visit
  because "it helps"
  source "a book"
rule spring: never sms when late >= 9 in force from 2026-03-20 until 2026-03-25
rule work: allow call when working and since_touch > 2 and touched < 5
rule afford: allow visit when payment <= 10% of income and note is not "no" and promised >= 2026-03-01
"""
"""A policy that reads most of what there is to read."""
CASE: Mapping[str, object] = {"late": 61, "income": "3400.50", "reached": 0}


@frozen
class Answer:
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Serving:
    """A running service."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.unix = address.removeprefix("unix:") if address.startswith("unix:") else None
        self.port = 0 if self.unix else int(address.rpartition(":")[2])
        self.log: list[str] = []

    def connect(self) -> socket.socket:
        """A socket to it."""
        if self.unix is None:
            found = socket.create_connection(("127.0.0.1", self.port), 20)
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a body waits 40 ms behind its head
            return found
        found = socket.socket(socket.AF_UNIX)
        found.settimeout(20)
        found.connect(self.unix)
        return found

    def connection(self) -> http.client.HTTPConnection:
        """A connection that is kept for several requests."""
        found = http.client.HTTPConnection("localhost")
        found.sock = self.connect()
        return found

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] = JSON,
        on: http.client.HTTPConnection | None = None,
    ) -> Answer:
        """The answer to a request. A body is bytes, or else a document that is sent as JSON."""
        connection = on or self.connection()
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, content, dict(headers))
        answer = connection.getresponse()
        found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        if on is None:
            connection.close()
        return found

    def decide(self, case: object, name: str = "house", **more: Any) -> Answer:
        """The answer of `decide`."""
        return self.ask("POST", f"/v1/policies/{name}/decide", case, **more)

    def metric(self, name: str) -> float:
        """The value of a metric, named with its labels as Prometheus writes it; 0 where it is not there."""
        for line in self.ask("GET", "/metrics").body.decode().splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        return 0.0

    def worked(self) -> float:
        """The processor time that it has used, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, by: int = signal.SIGTERM) -> list[dict[str, Any]]:
        """Ends it, and returns its log after the line with which it began."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        _, log = self.process.communicate(timeout=30)
        first, *rest = map(json.loads, log.splitlines())
        assert first["message"] == "the service listens"
        return rest


@contextmanager
def serving(folder: Path, *options: object, program: list[str] | None = None, **more: Any) -> Iterator[Serving]:
    """A service of a folder, ended at the end. `program` is what is run instead of `python -m forbear`."""
    command = [*(program or [sys.executable, "-m", "forbear"]), "serve", str(folder), *map(str, options)]
    if not {"--unix", "--port"} & set(command):
        command += ["--port", "0"]
    paths = os.pathsep.join([SOURCES, os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [*command, "--isolated"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        **more,
    )
    assert process.stdout is not None
    address = ""
    for line in process.stdout:
        address = line.strip().rpartition(": ")[2]
        if address.startswith(("unix:", "http:")):
            break
    else:
        raise AssertionError(process.communicate()[1])
    found = Serving(process, address)
    try:
        yield found
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def written(folder: Path, text: str = HOUSE, name: str = "house.forbear") -> Path:
    """A folder with a policy, which is written as a whole."""
    folder.mkdir(exist_ok=True)
    half = folder / f".{name}"
    half.write_text(text, encoding="utf-8")
    half.rename(folder / name)
    return folder


def until(found: Any, seconds: float = 20) -> None:
    """Waits until a function says yes."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
