"""What takes too long is given up: for the others, and when the service ends."""

from __future__ import annotations

import json
import select
import signal
import threading
import time
from pathlib import Path

from service_process import CASE, HOUSE, JSON, Answer, serving, until, written

from forbear.service.app import THREADS
from forbear.service.bodies import IN_ALL

HOURS = "fact hour time of decision\n" + "".join(
    f"rule at_{hour}: allow visit when hour between {hour:02}:00 and {hour:02}:30\n" for hour in range(24)
)
LONG = "/v1/policies/house/when/visit?until=3660%20days"
ZONES = ["America/New_York", "Europe/Berlin", "Asia/Tokyo"]
MOVING = {**CASE, "zone": ZONES, "history": [], "history_from": "opening", "at": "2026-03-01T09:00:00Z"}
IN_TIME = 12
"""Seconds in which it ends, as docs/reference/http.md says."""


def test_it_ends_in_time_whatever_its_threads_work_on(tmp_path: Path) -> None:
    """What `when` is asked here takes each thread more than ten seconds."""
    record = tmp_path / "record.jsonl"
    answers: list[Answer] = []
    with serving(
        written(tmp_path / "policies", HOUSE + HOURS), "--timeout", 1, "--record", record, "--key", "account"
    ) as found:
        asking = [threading.Thread(target=lambda: answers.append(found.ask("POST", LONG, MOVING))) for _ in range(6)]
        for one in asking:
            one.start()
        for one in asking:
            one.join(60)
        assert {(answer.status, answer.json["code"]) for answer in answers} <= {(503, "overtime"), (503, "busy")}
        assert "overtime" in {answer.json["code"] for answer in answers}
        until(lambda: found.metric("forbear_overtime") == THREADS)
        busy = found.ask("POST", LONG, MOVING)
        assert (busy.status, busy.json["code"], busy.headers["retry-after"]) == (503, "busy", "1")
        answered = {its for its in "01234" if found.decide({**MOVING, "account": its}).status == 200}
        assert answered  # what needs no thread goes on
        start = time.monotonic()
        found.process.send_signal(signal.SIGTERM)
        log = found.stop()
        assert time.monotonic() - start < IN_TIME
        assert found.process.returncode == 0
    assert answered <= {json.loads(line)["key"] for line in record.read_bytes().splitlines()} <= {*"01234"}
    assert all(line["level"] != "error" for line in log), log


def test_too_many_long_bodies_are_refused(tmp_path: Path) -> None:
    """They are held until their last byte is there, and together they have a limit."""
    most = 16 << 20
    with serving(written(tmp_path / "policies"), "--max-body", 16, "--timeout", 60) as found:
        kept = []
        head = b"POST /v1/policies/house/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        for _ in range(IN_ALL // most + 2):
            one = found.connect()
            one.sendall(head + b"Content-Length: %d\r\n\r\n" % most + b" " * (most - 10))
            kept.append(one)
        refused = select.select(kept, [], [], 20)[0]
        assert 0 < len(refused) <= 3
        for one in refused:
            content = one.recv(1000)
            assert content.startswith(b"HTTP/1.1 503")
            assert b'"code":"bodies"' in content
        for one in kept:
            one.close()
        until(lambda: found.decide(CASE).status == 200)


def test_what_asks_for_nothing_is_counted(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a-token-of-the-service")
    right = {**JSON, "Authorization": "Bearer a-token-of-the-service"}
    with serving(written(tmp_path / "policies"), "--token-file", token) as found:
        statuses = [
            found.ask("GET", "/nowhere-1").status,
            found.ask("GET", "/nowhere-1", headers=right).status,
            found.ask("GET", "/nowhere-2", headers=right).status,
            found.ask("PUT", "/v1/policies/house/decide", headers=right).status,
        ]
        assert statuses == [401, 404, 404, 405]
        page = found.ask("GET", "/metrics", headers=right).body.decode()
    rejected = [line for line in page.splitlines() if line.startswith("forbear_rejected_total")]
    counts = {"401": 1, "404": 2, "405": 1}
    assert rejected == [f'forbear_rejected_total{{status="{status}"}} {its}.0' for status, its in counts.items()]
    with serving(written(tmp_path / "policies")) as found:
        assert found.ask("GET", "/v1/policies", headers={"Origin": "https://example.org"}).status == 403
        assert found.metric('forbear_rejected_total{status="403"}') == 1
