"""What is answered is on the disk: under `kill -9`, on a full disk, and under load."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from invoking import forbear
from night import NIGHTLY
from service_process import CASE, Serving, serving, until, written

from forbear import Record, load


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def replayed(folder: Path, record: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "forbear", "replay", str(record), "--policy", str(folder / "house.forbear")],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_each_answer_has_its_line_and_replay_agrees(tmp_path: Path) -> None:
    folder, record = written(tmp_path / "policies"), tmp_path / "record.jsonl"
    with serving(folder, "--record", record, "--key", "account", "--request", "id") as found:
        answer = found.decide({**CASE, "account": "A-17", "id": "r-1"}).json
        assert (answer["key"], answer["request"]) == ("A-17", "r-1")
        assert found.decide({**CASE, "late": -1}).status == 422
        found.ask("POST", "/v1/policies/house/permits/sms", {**CASE, "account": "A-18"})
        batch = {"cases": [{**CASE, "account": f"B-{number}"} for number in range(50)]}
        assert found.ask("POST", "/v1/policies/house/decide/batch", batch).status == 200
        assert found.metric("forbear_record_entries_total") == 52
        keys = ["A-17", "A-18", *[f"B-{number}" for number in range(50)]]
        assert [line["key"] for line in lines(record)] == keys
        first = lines(record)[0]
        assert (first["request"], first["policy"]["digest"]) == ("r-1", answer["policy"]["digest"])
        decided = {action: its["verdict"] for action, its in answer["decisions"].items()}
        assert {action: its["verdict"] for action, its in first["decisions"].items()} == decided
        assert "permits" in lines(record)[1]
        assert b"3400.5" not in record.read_bytes()
        alone, *together = [dict(line) for line in (lines(record)[0], *lines(record)[2:])]
        for line in (alone, *together):  # those of a batch have what one alone has
            assert line.pop("recorded") <= lines(record)[-1]["recorded"]
            for own in ("key", "request", "before", "digest"):
                line.pop(own, None)
        assert together == [alone] * 50
    assert "a chain of 52 lines, unbroken" in replayed(folder, record)


def test_refused_cases_are_recorded_where_it_is_asked_for(tmp_path: Path) -> None:
    folder, record = written(tmp_path / "policies"), tmp_path / "record.jsonl"
    with serving(folder, "--record", record, "--record-refused") as found:
        assert found.decide({**CASE, "late": -1}).status == 422
        assert found.decide(b"{").status == 400
        assert found.decide([]).status == 422
        assert found.ask("POST", "/v1/policies/house/decide/batch", {"cases": [1, CASE]}).status == 200
    assert ["faults" in line for line in lines(record)] == [True] * 4 + [False]


def asking(found: Serving, threads: int, each: Callable[[int, int, int], None]) -> list[threading.Thread]:
    """Threads that ask until they cannot; `each` is called with the thread, the number of a question and its status."""

    def ask(thread: int) -> None:
        try:
            connection = found.connection()
            for number in range(1_000_000):
                case = {**CASE, "late": number % 100, "account": f"{thread}-{number}"}
                each(thread, number, found.decide(case, on=connection).status)
        except (OSError, HTTPException):
            return

    running = [threading.Thread(target=ask, args=(thread,)) for thread in range(threads)]
    for one in running:
        one.start()
    return running


@pytest.mark.parametrize("round_", range(20 if NIGHTLY else 1))
def test_a_kill_under_load_leaves_no_answer_unrecorded(tmp_path: Path, round_: int) -> None:
    folder, record = written(tmp_path / "policies"), tmp_path / "record.jsonl"
    answered, enough = set[str](), threading.Event()

    def each(thread: int, number: int, status: int) -> None:
        assert status == 200
        answered.add(f"{thread}-{number}")
        if len(answered) > 150 + 40 * round_:
            enough.set()

    with serving(folder, "--record", record, "--key", "account") as found:
        running = asking(found, 8, each)
        assert enough.wait(30)
        found.process.send_signal(signal.SIGKILL)
        for one in running:
            one.join(20)
    content = record.read_bytes()
    whole, _, rest = content.rpartition(b"\n")
    kept = [json.loads(line) for line in whole.splitlines()]  # each is whole
    assert answered <= {line["key"] for line in kept}
    if not rest:
        rest = whole[:50]
        record.write_bytes(content + rest)
    with serving(folder, "--record", record, "--key", "account") as again:  # a line that was cut off is ended
        assert record.read_bytes() == whole + b"\n" + rest + b"\n"
        assert again.decide({**CASE, "account": "last"}).status == 200
    assert f"a chain of {len(kept) + 1} lines, unbroken" in replayed(folder, record)
    assert [line for line in record.read_bytes().splitlines() if not line.endswith(b"}")] == [rest]


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="this system has no pipes of a given size")
def test_what_waits_is_written_together(tmp_path: Path) -> None:
    """The record is a full pipe, a disk that waits until the test reads it."""
    pipe, number = tmp_path / "record", 40
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    full = b"\n" * fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 4096)
    os.write(reading, full)
    statuses: list[int] = []

    def ask(account: int) -> None:
        statuses.append(found.decide({**CASE, "account": str(account)}).status)

    with serving(written(tmp_path / "policies"), "--record", pipe, "--key", "account") as found:
        running = [threading.Thread(target=ask, args=(account,)) for account in range(number)]
        for one in running:
            one.start()
        until(lambda: found.metric("forbear_connections") == number + 1)
        time.sleep(0.3)
        assert not statuses
        content = b""
        while len(content.removeprefix(full).splitlines()) < number or not content.endswith(b"\n"):
            assert select.select([reading], [], [], 20)[0]
            content += os.read(reading, 1 << 16)
        for one in running:
            one.join(20)
        assert statuses == [200] * number
        assert sorted(int(json.loads(line)["key"]) for line in content.splitlines() if line) == [*range(number)]
        assert found.metric("forbear_record_entries_total") == number
        assert found.metric("forbear_record_groups_total") <= number / 4
    os.close(reading)


def test_a_full_disk_gives_no_verdict(tmp_path: Path) -> None:
    """The disk is a limit on the size of a file, which gives the same errors; and /dev/full, which gives its own."""
    folder, record = written(tmp_path / "policies"), tmp_path / "record.jsonl"

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))

    with serving(folder, "--record", record, "--key", "account", preexec_fn=limited) as found:
        statuses = []
        for number in range(20):
            answer = found.decide({**CASE, "account": str(number)})
            statuses.append(answer.status)
            if answer.status != 200:
                assert answer.status == 503
                assert b"allowed" not in answer.body
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["retry-after"] == "5"
        assert 0 < statuses.count(200) < 20
        batch = found.ask("POST", "/v1/policies/house/decide/batch", {"cases": [CASE] * 10})
        assert (batch.status, b"allowed" in batch.body) == (503, False)
        ready = found.ask("GET", "/health/ready")
        assert (ready.status, ready.json["status"]) == (503, "unavailable")
        assert found.ask("GET", "/health/live").status == 200
        assert found.metric("forbear_record_failures_total") > 0
        verdicts = found.metric('forbear_verdicts_total{action="sms",call="decide",policy="house",verdict="allowed"}')
        assert verdicts == statuses.count(200)
        log = found.stop()
    assert len(lines(record)) == statuses.count(200)
    assert any("cannot be written" in line["message"] for line in log)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no such device")
def test_a_full_device_gives_no_verdict(tmp_path: Path) -> None:
    with serving(written(tmp_path / "policies"), "--record", "/dev/full") as found:
        answer = found.decide(CASE)
        assert (answer.status, b"allowed" in answer.body) == (503, False)
        assert "no space left" in answer.json["detail"]


def test_it_does_not_start_where_it_cannot_record(tmp_path: Path) -> None:
    folder = written(tmp_path / "policies")
    for path in (tmp_path / "nowhere" / "record.jsonl", tmp_path, folder / "house.forbear"):
        done = forbear("serve", folder, "--port", "0", "--record", path)
        assert done.code in (1, 2)
        assert "record" in done.err or "written" in done.err


def test_a_durable_line_is_synchronised_and_its_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No kill shows it: what was written outlives a process, and not a loss of power."""
    synchronised: list[str] = []
    original = os.fsync

    def fsync(descriptor: int) -> None:
        synchronised.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        original(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    policy = load(written(tmp_path / "policies") / "house.forbear")
    path = tmp_path / "record.jsonl"
    with Record(path, durable=True) as record:
        assert synchronised == [str(tmp_path)]
        policy.decide(CASE, record=record)
        assert synchronised == [str(tmp_path), str(path)]
    with Record(path) as record:
        policy.decide(CASE, record=record)
    assert len(synchronised) == 2
