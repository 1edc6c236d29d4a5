"""`forbear serve` with ten rules, beside the same server with an empty handler: requests and cases a second, and p99.

Server and client have a processor each. The client is a loop over sockets that parses next to nothing, so that the
server is what is measured; the processor time of the server is printed too, which a busy machine does not change. The
rounds of all contenders take turns.
"""

from __future__ import annotations

import itertools
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from attrs import define, field
from measure import verdict
from workload import TEN_RULES, cases

CONNECTIONS = 16
ROUNDS = 7
SECONDS = 1.0
BATCH = 1_000
_TICK = os.sysconf("SC_CLK_TCK")


@define
class Contender:
    """A server that is asked the same requests again and again, and what each round gave."""

    name: str
    port: int
    pid: int
    requests: Sequence[bytes]
    cases: int = 1
    """Cases a request."""
    rates: list[float] = field(factory=list)
    """Cases a second."""
    costs: list[float] = field(factory=list)
    """Seconds of the server's processor a case."""
    waits: list[float] = field(factory=list)
    """The 99th of 100 waits, in seconds."""

    def round(self) -> None:
        """Asks for a while, over connections that are kept."""
        before, start = self._worked(), time.perf_counter()
        waits = _load(self.port, self.requests, CONNECTIONS if self.cases == 1 else 2)
        took, number = time.perf_counter() - start, len(waits) * self.cases
        self.rates.append(number / took)
        self.costs.append((self._worked() - before) / number)
        self.waits.append(sorted(waits)[int(len(waits) * 0.99)])

    def _worked(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


@define
class _Connection:
    """A connection that waits for one answer at a time. What comes is received in place: to put a long answer together
    of its parts would take the client as long as the server takes for it."""

    socket: socket.socket
    started: float = 0.0
    _room: bytearray = field(factory=lambda: bytearray(1 << 16))
    _got: int = 0
    _length: int = 0
    """Of the answer, once its head has come."""

    def ask(self, request: bytes, now: float) -> None:
        self.started, self._got, self._length = now, 0, 0
        self.socket.sendall(request)

    def has_answer(self) -> bool:
        """Receives what has come; and whether the answer is there."""
        with memoryview(self._room) as room:
            self._got += self.socket.recv_into(room[self._got :])
        if not self._length:
            head = self._room.find(b"\r\n\r\n", 0, self._got)
            if head < 0:
                return False
            assert self._room.startswith(b"HTTP/1.1 200"), bytes(self._room[:500])
            at = self._room.find(b"content-length: ") + 16
            self._length = head + 4 + int(self._room[at : self._room.index(b"\r", at)])
            self._room.extend(bytes(max(0, self._length - len(self._room))))
        return self._got >= self._length


def _load(port: int, requests: Sequence[bytes], connections: int) -> list[float]:
    """Keeps each connection waiting for one answer, for `SECONDS`; and returns how long each answer took."""
    selector, waits = selectors.DefaultSelector(), []
    following = itertools.cycle(requests)
    for _ in range(connections):
        one = _Connection(socket.create_connection(("127.0.0.1", port)))
        one.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(one.socket, selectors.EVENT_READ, one)
        one.ask(next(following), time.perf_counter())
    end = time.perf_counter() + SECONDS
    while selector.get_map():
        for key, _ in selector.select():
            one = key.data
            if not one.has_answer():
                continue
            now = time.perf_counter()
            waits.append(now - one.started)
            if now < end:
                one.ask(next(following), now)
            else:
                selector.unregister(one.socket)
                one.socket.close()
    return waits


def _request(path: str, document: object) -> bytes:
    body = json.dumps(document).encode()
    head = f"POST /v1/policies/ten_rules/{path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


@contextmanager
def _started(*command: str) -> Iterator[tuple[int, int]]:
    """A server, by its port and process. It has the second processor for itself."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "http://" in line:
            break
    if os.cpu_count() == 2:
        for thread in os.listdir(f"/proc/{process.pid}/task"):
            os.sched_setaffinity(int(thread), {1})
    try:
        yield int(line.rpartition(":")[2]), process.pid
    finally:
        process.terminate()
        process.wait()


def empty() -> None:
    """Serves an empty handler in the same server."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from forbear.service.app import Guarded
    from forbear.service.connections import Bounds, protocol
    from forbear.service.metrics import Metrics
    from forbear.service.policies import Origin
    from forbear.service.server import Place, address_of, run
    from forbear.service.watching import Folder

    async def nothing(request: Request) -> Response:
        await request.body()
        return Response(b"{}", media_type="application/json")

    listening = Place().listen()
    print(address_of(listening), flush=True)
    app = Starlette(routes=[Route("/v1/policies/{name}/decide", nothing, methods=["POST"])])
    metrics = Metrics(Folder(Origin(Path(sys.argv[2]))), None)
    run(Guarded(app, metrics, None), protocol(Bounds(1_000, 10.0), metrics), listening)


def main() -> None:
    """Measures, and exits with 1 where a ratio is missed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "ten.forbear").write_text(TEN_RULES)
        serve = (sys.executable, "-m", "forbear", "serve", str(folder), "--port", "0")
        servers = [
            stack.enter_context(_started(sys.executable, __file__, "empty", str(folder))),
            stack.enter_context(_started(*serve)),
            stack.enter_context(_started(*serve, "--record", str(folder / "record.jsonl"))),
        ]
        if os.cpu_count() == 2:
            os.sched_setaffinity(0, {0})
        asked = [
            {**case, "overdue_amount": f"{case['overdue_amount']}.{number % 100:02}"}
            for number, case in enumerate(cases(BATCH * 4))
        ]
        single = [_request("decide", case) for case in asked]
        batches = [
            _request("decide/batch", {"cases": asked[start : start + BATCH]}) for start in range(0, 4 * BATCH, BATCH)
        ]
        contenders = [
            Contender("empty handler", *servers[0], single),
            Contender("decide", *servers[1], single),
            Contender("decide, recorded", *servers[2], single),
            Contender(f"batches of {BATCH:,}", *servers[1], batches, BATCH),
            Contender(f"batches of {BATCH:,}, recorded", *servers[2], batches, BATCH),
        ]
        for _ in range(ROUNDS):
            for contender in contenders:
                contender.round()
    for one in contenders:
        rate, cost, wait = median(one.rates), median(one.costs), median(one.waits)
        print(
            f"{one.name:28} {rate:9,.0f} cases a second {cost * 1e6:8.1f} us of the server a case"
            f"   p99 {wait * 1e3:7.2f} ms"
        )
    nothing, decide, recorded, batch, _ = contenders
    held = [
        verdict("cases a second, the empty handler to decide", median(nothing.rates) / median(decide.rates), 2.0),
        verdict("processor time, decide to the empty handler", median(decide.costs) / median(nothing.costs), 2.0),
        verdict("cases a second, 20 times decide to batches", 20 * median(decide.rates) / median(batch.rates), 1.0),
    ]
    held += [
        verdict("cases a second, decide to decide, recorded", median(decide.rates) / median(recorded.rates), 4.0),
        verdict("processor time, decide, recorded to decide", median(recorded.costs) / median(decide.costs), 3.0),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    empty() if sys.argv[1:2] == ["empty"] else main()
