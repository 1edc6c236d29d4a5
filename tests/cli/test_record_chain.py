"""The chain of a record: whatever is done to its lines shows, and what may happen to its file does not break it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import FORBEAR, Answer, environment, run, write

import forbear
from forbear.cli.cases.recorded import Records
from forbear.deciding.records.chain import chained

POLICY = "policy house\nfact late days clock\nfact income count private\naction sms\nafter 3 days then allow sms\n"
HOUSE = forbear.loads(POLICY)
KEY = b"0123456789abcdef"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", POLICY)


Lines = list[bytes]


def add(record: forbear.Record, *days: int) -> None:
    for day in days:
        HOUSE.decide({"late": day, "income": 5}, record=record)


def recorded(path: Path, lines: int = 6, key: bytes | None = None) -> list[bytes]:
    with forbear.Record(path, key=key) as record:
        add(record, *range(lines))
    return path.read_bytes().splitlines(keepends=True)


def days(path: Path) -> list[int]:
    return [json.loads(line)["case"]["late"] for line in path.read_bytes().splitlines()]


def broken(*paths: Path, anchors: tuple[str, ...] = (), key: Path | None = None) -> list[tuple[str, int, str]]:
    """Where the chain of some files is broken, and which anchors it lacks."""
    records = Records([str(path) for path in paths], None if key is None else str(key), anchors)
    for _ in records.lines():
        pass
    chain: Any = records.as_json()
    found = [(Path(one["file"]).name, one["line"], one["reason"]) for one in chain["breaks"]]
    found += [("", 0, anchor) for anchor in chain["missing_anchors"]]
    assert records.is_whole is (not found)
    return found


def replay(path: Path, *options: str | Path) -> Answer:
    return run("replay", path, "--policy", path.parent / "house.forbear", *options)


def rewritten(line: bytes, old: bytes, new: bytes, key: bytes | None = None) -> bytes:
    """An altered line that has a digest of its own which fits."""
    text = line.replace(old, new)
    assert text != line
    return chained(text[: text.index(b', "before": ')], json.loads(line)["before"], key)[0]


def written_anew(path: Path, lines: Lines, key: bytes | None = None) -> None:
    """Makes lines one chain that is whole."""
    before = None
    made = []
    for line in lines:
        linked, before = chained(line[: line.index(b', "before": ')], before, key)
        made.append(linked)
    path.write_bytes(b"".join(made))


# What is done to lines


NEXT = "the line does not follow the one before it"
DONE: dict[str, tuple[Callable[[Lines], Lines], list[int], str]] = {
    "first deleted": (lambda its: its[1:], [1], "lines are missing before it, or a file that comes before this one"),
    "deleted": (lambda its: its[:2] + its[3:], [3], NEXT),
    "twice": (lambda its: [*its[:3], its[2], *its[3:]], [4], "the line is there twice"),
    "copied": (lambda its: [*its, its[1]], [7], NEXT),
    "moved": (lambda its: [*its[:2], its[3], its[2], *its[4:]], [3, 4, 5], NEXT),
    "redated": (lambda its: [*its[:2], its[2].replace(b'd": "2', b'd": "1', 1), *its[3:]], [3], "the line was altered"),
    "altered": (lambda its: [*its[:4], its[4].replace(b": 4,", b": 5,"), its[5]], [5], "the line was altered"),
    "own digest too": (lambda its: [*its[:4], rewritten(its[4], b": 4,", b": 5,"), its[5]], [6], NEXT),
    "without link": (
        lambda its: [*its[:2], its[2][: its[2].index(b', "before"')] + b"}\n", *its[3:]],
        [3, 4],
        "the line carries no digest, and lines before it do",
    ),
    "begun anew": (
        lambda its: [*its[:3], chained(its[3][: its[3].index(b', "before"')], None, None)[0], *its[4:]],
        [4, 5],
        "a chain of its own begins here",
    ),
}


@pytest.mark.parametrize("done", DONE)
def test_what_is_done_to_lines_shows(house: Path, done: str) -> None:
    path = house.parent / "r.jsonl"
    lines = recorded(path)
    assert broken(path) == []
    change, where, said = DONE[done]
    path.write_bytes(b"".join(change(lines)))
    found = broken(path)
    assert [line for _, line, _ in found] == where
    assert found[0][2].startswith(said)


def test_only_an_anchor_shows_what_is_cut_off_or_written_anew(house: Path) -> None:
    path = house.parent / "r.jsonl"
    lines = recorded(path)
    answer = run("anchor", path)
    anchor = answer.out.strip()
    assert (answer.code, anchor) == (0, json.loads(lines[-1])["digest"])
    with forbear.Record(path) as record:
        assert record.anchor == anchor
        add(record, 7)
        assert record.anchor != anchor
    kept = (anchor, json.loads(lines[2])["digest"])
    assert broken(path, anchors=kept) == []
    path.write_bytes(b"".join(lines[:5]))
    assert broken(path) == []
    assert "without an --anchor, lines that were cut off at the end do not show" in replay(path).out
    assert broken(path, anchors=kept) == [("", 0, anchor)]
    answer = replay(path, "--anchor", anchor)
    assert (answer.code, f"no line is the anchor {anchor}: lines were cut off" in answer.out) == (1, True)
    written_anew(path, [line.replace(b'": 4,', b'": 5,') for line in lines])
    assert broken(path) == []
    assert broken(path, anchors=kept) == [("", 0, anchor)]  # up to the third line it is the same
    path.write_bytes(b"")
    assert broken(path, anchors=kept[:1]) == [("", 0, anchor)]
    assert run("anchor", path).code == 1
    assert run("anchor", path, "--anchor", anchor.upper()).code == 2


def test_who_has_no_key_cannot_write_a_record_anew(house: Path) -> None:
    path, key = house.parent / "r.jsonl", house.parent / "key"
    key.write_bytes(KEY)
    lines = recorded(path, key=KEY)
    assert broken(path, key=key) == []
    assert "6 lines sealed by a key: --record-key checks that" in replay(path).out
    altered = [line.replace(b'": 4,', b'": 5,') for line in lines]
    for its_key, said in ((None, "the line carries no seal"), (b"another key of 16", "the seal of the line is not of")):
        written_anew(path, altered, its_key)
        assert broken(path) == []
        found = broken(path, key=key)
        assert [line for _, line, _ in found] == [1, 2, 3, 4, 5, 6]
        assert found[0][2].startswith(said)
    path.write_bytes(b"".join(line[: line.index(b', "before"')] + b"}\n" for line in altered))
    assert broken(path) == []
    assert [(line, said[:27]) for _, line, said in broken(path, key=key)] == [
        (line, "the line carries no seal: w") for line in range(1, 7)
    ]
    (house.parent / "short").write_bytes(b"abc")
    assert run("anchor", path, "--record-key", house.parent / "short").code == 2


def test_a_record_of_before_there_were_chains_is_gone_on_with(house: Path) -> None:
    path = house.parent / "r.jsonl"
    old = [line[: line.index(b', "before"')] + b"}\n" for line in recorded(path, 3)]
    path.write_bytes(b"".join(old))
    answer = replay(path)
    assert (answer.code, answer.out.splitlines()[1:]) == (
        0,
        ["the record carries no chain: what was deleted or altered in it does not show"],
    )
    with forbear.Record(path) as record:
        add(record, 4, 5)
    assert broken(path) == []
    out = replay(path).out
    assert "the first 3 lines carry no chain" in out
    assert "a chain of 2 lines, unbroken" in out


# What happens to its file


def test_a_line_that_a_crash_cuts_off_breaks_no_chain(house: Path) -> None:
    """Whoever writes next finds it, in a process that was running already too."""
    path = house.parent / "r.jsonl"
    whole, other_line = recorded(path, 2)
    cut = other_line[:90]
    for torn in (cut, cut[:1], cut + b'"' * 100_000):
        path.write_bytes(whole)
        with forbear.Record(path) as record:
            add(record, 1)
            path.write_bytes(path.read_bytes() + torn)
            assert broken(path) == []
            add(record, 2)
            add(record, 3)
        with forbear.Record(path) as record:
            path.write_bytes(path.read_bytes() + torn)
            add(record, 4)
        assert path.read_bytes().count(torn + b"\n{") == 2
        assert broken(path) == []
    path.write_bytes(whole + other_line.rstrip())
    with forbear.Record(path) as record:
        add(record, 4)
    assert days(path) == [0, 1, 4]
    assert broken(path) == []
    answer = run("replay", write(house.parent, "torn.jsonl", whole + cut), "--policy", house)
    assert answer.code == 1
    assert answer.out.startswith("line 2: the line is cut off, as a crash or a full disk leaves it\n")


def test_a_file_that_is_moved_away_or_deleted_is_gone_on_with_in_a_new_one(house: Path) -> None:
    path = house.parent / "r.jsonl"
    moved = [house.parent / f"r.jsonl.{number}" for number in (1, 2)]
    with forbear.Record(path) as record, forbear.Record(path) as other:
        add(record, 1)
        add(other, 2)
        path.rename(moved[0])
        add(record, 3)  # after the last line of the other, which has not noticed yet
        add(other, 4)
        path.rename(moved[1])
        path.touch()  # as logrotate does
        add(other, 5)
        add(record, 6)
        assert [days(one) for one in (*moved, path)] == [[1, 2], [3, 4], [5, 6]]
        assert broken(*moved, path) == []
        assert [line for _, line, _ in broken(moved[1], path)] == [1]
        assert broken(moved[1], path, anchors=(anchor_of(moved[0]),)) == []
        assert [one[:2] for one in broken(moved[0], path)] == [("r.jsonl", 1)]
        end = record.anchor
        path.unlink()
        add(record, 7)
    assert days(path) == [7]
    assert json.loads(path.read_bytes())["before"] == end
    answer = replay(path)
    assert (
        answer.code,
        f"line 1: lines are missing before it, or a file that comes before this one: it follows {end}" in answer.out,
    ) == (1, True)


def anchor_of(path: Path) -> str:
    with forbear.Record(path) as record:
        assert record.anchor is not None
        return record.anchor


def test_a_file_that_is_copied_and_truncated_is_gone_on_with(house: Path) -> None:
    path, copy = house.parent / "r.jsonl", house.parent / "r.jsonl.1"
    with forbear.Record(path) as record:
        add(record, 1, 2)
        shutil.copyfile(path, copy)
        os.truncate(path, 0)
        add(record, 3, 4)
    assert [days(one) for one in (copy, path)] == [[1, 2], [3, 4]]
    assert broken(copy, path) == []


def test_lines_that_are_cut_off_while_it_is_written_show(house: Path) -> None:
    path = house.parent / "r.jsonl"
    with forbear.Record(path) as record:
        add(record, 1, 2, 3)
        lines = path.read_bytes().splitlines(keepends=True)
        os.truncate(path, len(lines[0]))
        add(record, 4, 5)
    assert [line for _, line, _ in broken(path)] == [2]


def test_the_folder_in_which_it_is_opened_is_its_folder(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(house.parent)
    with forbear.Record("r.jsonl") as record:
        (house.parent / "other").mkdir()
        monkeypatch.chdir(house.parent / "other")
        add(record, 1)
    assert days(house.parent / "r.jsonl") == [1]


# Who writes at once


def test_threads_and_records_that_write_at_once_make_one_chain(house: Path) -> None:
    path = house.parent / "r.jsonl"
    with forbear.Record(path) as one, forbear.Record(path) as two:
        threads = [threading.Thread(target=add, args=(record, *range(50))) for record in (one, two) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(days(path)) == sorted([*range(50)] * 6)
    assert broken(path) == []


FORKED = """
import os, resource, sys, threading
import forbear

policy = forbear.loads({policy!r})
record = forbear.Record(sys.argv[1])
limit = int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
policy.decide({{"late": 0, "income": 5}}, record=record)
busy = threading.Thread(target=lambda: [policy.decide({{"late": 1, "income": 5}}, record=record) for _ in range(20)])
busy.start()
children = []
for child in range(4):
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        answered = 0
        for _ in range(150):
            try:
                policy.decide({{"late": 10 + child, "income": 5}}, record=record)
                answered += 1
            except forbear.RecordError as error:
                assert "file too large" in str(error), error
        os.write(writing, str(answered).encode())
        os._exit(0)
    children.append((pid, reading))
busy.join()
print([(os.read(reading, 9).decode(), os.waitpid(pid, 0)[1]) for pid, reading in children])
"""


@pytest.mark.parametrize("room", [0, 60_000])
def test_processes_that_are_forked_write_each_for_itself(house: Path, room: int) -> None:
    """What was answered is recorded, also where there is room for a part of it only."""
    path = house.parent / "r.jsonl"
    script = write(house.parent, "forked.py", FORKED.format(policy=POLICY))
    done = subprocess.run(
        [sys.executable, str(script), str(path), str(room)],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
        timeout=60,
    )
    answered = [(int(number), code) for number, code in eval(done.stdout)]
    assert [code for _, code in answered] == [0] * 4
    found = days(path)
    assert [found.count(10 + child) for child in range(4)] == [number for number, _ in answered]
    assert sum(number for number, _ in answered) == 600 or (room and found.count(0) == 1)
    assert broken(path) == []
    if room:
        assert path.stat().st_size <= room
        with forbear.Record(path) as record:  # there is room again
            add(record, 5)
        assert broken(path) == []


def test_processes_that_write_at_once_while_it_is_moved_make_one_chain(house: Path) -> None:
    path = house.parent / "r.jsonl"
    command = [*FORBEAR, "decide", str(house), "--lines", "--record", str(path)]
    writers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()) for _ in range(2)
    ]
    case = b'{"late": 7, "income": 5}\n'
    parts = [house.parent / f"r.jsonl.{part}" for part in range(2)]
    for part in (*parts, None):
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write(case * 40)
            writer.stdin.flush()
        for writer in writers:
            assert writer.stdout is not None
            for _ in range(1 if part is parts[0] else 40):  # up to the first answer to what was just asked
                writer.stdout.readline()
        if part is not None:
            path.rename(part)
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    parts.append(path)
    assert sum(len(days(part)) for part in parts) == 240
    assert broken(*parts) == []


def test_a_digest_is_that_of_the_line_up_to_it(house: Path) -> None:
    """As the guide says, so that it can be checked without us."""
    path = house.parent / "r.jsonl"
    first, second = recorded(path, 2)
    text, _, rest = second.rpartition(b', "digest": "')
    assert rest.startswith(b"sha256:" + hashlib.sha256(text).hexdigest().encode())
    assert json.loads(second)["before"] == json.loads(first)["digest"]


def test_a_decision_too_long_to_be_read_again_is_not_recorded(tmp_path: Path) -> None:
    policy = forbear.loads("fact late days clock fact note text action sms\nrule r: after 3 days then allow sms")
    path = tmp_path / "r.jsonl"
    with forbear.Record(path) as record:
        with pytest.raises(forbear.RecordError, match="more than 128 MB"):
            policy.decide({"late": 5, "note": "x" * (128 * 2**20 - 1100)}, record=record)
        assert path.read_bytes() == b""
        policy.decide({"late": 5, "note": "x"}, record=record)
    assert path.read_bytes().count(b"\n") == 1


def test_a_record_is_not_copied(house: Path) -> None:
    with forbear.Record(house.parent / "r.jsonl") as record, pytest.raises(TypeError, match="by its path"):
        record.__reduce__()
