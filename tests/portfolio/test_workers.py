"""Processes that share rows: the same answers in the same order, and none of them is left, whatever happens."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pandas
import polars as pl
import pytest
from work import failing, killed, process, unreadable, waiting

import forbear
from forbear.cli.cases.lines import CaseOptions, line_of
from forbear.portfolio import applier, lines, planners, workers
from forbear.portfolio.lines import Batch, Lines, decided_lines
from forbear.portfolio.workers import WorkerEnded, Workers

POLICY = forbear.loads("after 9 days then allow phone_call\nlimit phone_call to 2 by calls_in_7_days\n")
AT = "2026-03-07T12:00:00-05:00"
CALL: dict[str, object] = {
    "event": "contact",
    "medium": "call",
    "direction": "outbound",
    "person": "consumer",
    "outcome": "no_answer",
}
CALL |= {"consented": False, "debt": "D", "place": "mobile"}
CASES = [
    {
        "days_overdue": number % 15,
        "zone": "America/New_York" if number % 5 else "nowhere",
        "history_from": "opening",
        "debt": "D",
        "history": [{**CALL, "at": f"2026-03-0{day}T10:00:00-05:00"} for day in range(1, 1 + number % 4)],
    }
    for number in range(50)
]


def test_little_work_is_done_here() -> None:
    with Workers(POLICY, 4) as started:
        assert list(started.each(process, range(100))) == [(os.getpid(), item) for item in range(100)]


def test_with_processes_the_answer_is_the_same() -> None:
    frame = pl.DataFrame({name: [case[name] for case in CASES] for name in CASES[0]})
    content = b"\n".join([*(json.dumps(case).encode() for case in CASES), b"no case"])
    request = POLICY.applier.request_for_lines((), why=True)
    asked = Lines(partial(line_of, options=CaseOptions({}, (), (), True, None, AT)), request, (), None)

    def answers(jobs: int) -> tuple[pl.DataFrame, list[Batch]]:
        with Workers(POLICY, jobs) as started:
            batches = list(decided_lines(POLICY.applier, [content], asked, started))
            assert (started._pool is not None) == (jobs > 1)
        return POLICY.apply(frame, at=AT, why=True, faults=True, jobs=jobs), batches

    alone = answers(1)
    with (
        patch.object(workers, "_ALONE", -1),
        patch.object(applier, "_ROWS", 7),
        patch.object(lines, "_LINES_BY_ROWS", 7),
    ):
        shared = answers(2)
    assert shared[0].equals(alone[0])
    assert [batch.frame.rows() for batch in shared[1]] == [batch.frame.rows() for batch in alone[1]]
    assert sum(len(batch.rejects) for batch in alone[1]) == 11
    for one, other in zip(shared[1], alone[1], strict=True):
        assert [(its.row, its.reason) for its in one.rejects] == [(its.row, its.reason) for its in other.rejects]
        assert one.applied.verdicts == other.applied.verdicts
        assert one.applied.decided_by == other.applied.decided_by
    assert multiprocessing.active_children() == []


def test_what_polars_or_nobody_can_pickle_is_decided_as_by_one_process() -> None:
    values: list[object] = [number % 15 for number in range(50)]
    values[3], values[40] = "N", threading.Lock()
    frame = pandas.DataFrame({"days_overdue": pandas.Series(values, dtype=object), "zone": "America/New_York"})
    policy = forbear.loads("after 9 days then allow phone_call")

    def answers(jobs: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        decided = policy.apply(frame, at=AT, faults=True, jobs=jobs)
        return pl.from_pandas(decided), pl.from_pandas(policy.plan(frame, 2, at=AT, jobs=jobs))

    alone = answers(1)
    assert [row for row, text in enumerate(alone[0]["fault"]) if text is not None] == [3, 40]
    with (
        patch.object(workers, "_ALONE", -1),
        patch.object(applier, "_ROWS", 1),
        patch.object(planners, "_ROWS", 7),
    ):
        shared = answers(2)
    assert shared[0].equals(alone[0])
    assert shared[1].equals(alone[1])
    assert multiprocessing.active_children() == []


def test_what_cannot_be_unpickled_ends_all_with_its_error() -> None:
    with patch.object(workers, "_ALONE", -1):
        with pytest.raises(ValueError, match="from the other side"), Workers(None, 2) as started:
            list(started.each(process, [0, unreadable, *range(100)]))
        assert multiprocessing.active_children() == []


def test_an_error_an_interrupt_and_a_killed_process_end_all(tmp_path: Path) -> None:
    begun, interrupted = tmp_path / "begun", threading.Event()

    def interrupt() -> None:
        while not begun.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)
        while not interrupted.wait(10):  # one that comes while an object is finalised is lost
            os.kill(os.getpid(), signal.SIGINT)

    with patch.object(workers, "_ALONE", -1):
        with pytest.raises(KeyboardInterrupt), Workers(None, 2) as started:  # noqa: PT012
            found = list(started.each(process, range(40)))
            assert os.getpid() not in {pid for pid, _ in found}
            assert [item for _, item in found] == list(range(40))
            with pytest.raises(ValueError, match="the fourth"):
                list(started.each(failing, range(40)))
            threading.Thread(target=interrupt, daemon=True).start()
            list(started.each(waiting, [begun] * 1_000))
        interrupted.set()
        assert multiprocessing.active_children() == []
        with pytest.raises(WorkerEnded, match="memory"), Workers(None, 2) as started:
            list(started.each(killed, range(4)))
        assert multiprocessing.active_children() == []


SCRIPT = """
import os, signal, sys
sys.path.insert(0, {here!r})
from work import process
from forbear.portfolio import workers
if __name__ == "__main__":
    workers._ALONE = -1
    with workers.Workers(None, 2) as started:
        print(*{{pid for pid, _ in list(started.each(process, range(40)))}}, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_where_this_process_is_killed_the_others_end(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT.format(here=str(Path(__file__).parent)))
    done = subprocess.run([sys.executable, tmp_path / "script.py"], stdout=subprocess.PIPE, text=True, check=False)
    pids = list(map(int, done.stdout.split()))
    assert pids
    until = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < until:
        time.sleep(0.1)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
