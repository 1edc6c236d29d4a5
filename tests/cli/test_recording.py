"""`decide --record` and `replay`: what is recorded, what is hidden, and what comes of it when it is decided again."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections import ChainMap, UserDict, UserList, deque
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from command import FORBEAR, HOUSE, environment, run, write

import forbear

POLICY = """\
policy house
fact late days clock
fact reached count private
fact score count private
fact sum_ money CNY private
action sms
action visit
event call
  has phone text private
  has minutes count private
fact calls count of call in last 7 days
fact long_calls count of call where minutes > 5 in last 7 days optional
rule remind: after 3 days then allow sms
rule ask: after 9 days and reached > 3 then allow visit
rule many: calls > 2 then forbid sms overrides remind
"""
CASE = '{"late": 12, "reached": 5, "score": 700, "sum_": 12.50, "calls": 0}'
SECRET = b"0123456789abcdef"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", POLICY)


def record(house: Path, case: str, *options: str) -> Path:
    path = house.parent / "decisions.jsonl"
    answer = run("decide", house, "--lines", "--record", path, *options, given=case)
    assert answer.code == 0, answer.err
    return path


# What is recorded


def test_a_line_has_what_decided_and_hides_what_is_private(house: Path) -> None:
    (line,) = lines(record(house, CASE, "--on", "2026-03-01"))
    digest = forbear.load(house).digest
    assert line.pop("recorded").endswith("+00:00")
    assert line.pop("before") is None
    assert line.pop("digest").startswith("sha256:")
    assert line == {
        "format": "forbear-record/1",
        "forbear": forbear.__version__,
        "policy": {"name": "house", "digest": digest},
        "on": "2026-03-01",
        "case": {
            "late": 12,
            "reached": {"private": None},
            "score": {"private": None},
            "sum_": {"private": None},
            "calls": 0,
        },
        "decisions": {
            "sms": {"verdict": "allowed", "rules": ["remind"]},
            "visit": {"verdict": "allowed", "rules": ["ask"]},
        },
    }


def test_with_a_key_a_value_can_be_shown_to_be_the_one(house: Path) -> None:
    key = house.parent / "key"
    key.write_bytes(SECRET)
    path = record(house, f"{CASE}\n{CASE}", "--record-key", str(key))
    first, second = lines(path)
    assert first["case"]["sum_"] != second["case"]["sum_"], "equal values show"
    text = f"{first['salt']} sum_ CNY 12.50"
    expected = hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()
    assert first["case"]["sum_"] == {"private": f"hmac-sha256:{expected}"}
    assert "12.5" not in path.read_text(encoding="utf-8")


def test_attributes_of_events_are_hidden(house: Path) -> None:
    case = (
        '{"late": 12, "reached": 5, "at": "2026-03-01T09:00:00Z", "zone": "UTC", "history_from": "opening", "history":'
        ' [{"event": "call", "at": "2026-02-28T09:00:00Z", "phone": "0551", "minutes": 3}]}'
    )
    path = record(house, case)
    assert lines(path)[0]["case"]["history"] == [
        {"event": "call", "at": "2026-02-28T09:00:00Z", "phone": {"private": None}, "minutes": {"private": None}}
    ]
    assert lines(path)[0]["at"] == "2026-03-01T09:00:00Z"
    # Neither attribute is read by what the rules read, so the events are counted again.
    public = write(house.parent, "public.forbear", POLICY.replace("reached > 3 then", "reached >= 0 then"))
    assert "1 the same" in run("replay", path, "--policy", public).out
    counted = write(house.parent, "counted.forbear", POLICY.replace("rule many: calls", "rule many: long_calls"))
    answer = run("replay", path, "--policy", counted)
    assert answer.code == 1
    assert answer.out.startswith("line 1: `minutes` of `call` is private, and what is counted depends on it\n")


def test_values_of_python_are_recorded_as_json_holds_them(tmp_path: Path) -> None:
    policy = forbear.loads(
        "fact late days clock fact hour time fact day_ date fact sum_ money CNY action sms\n"
        "rule r: after 3 days and hour >= 08:00 and day_ > 2020-01-01 and sum_ > CNY 1 then allow sms"
    )
    case = {"late": 5, "hour": time(9, 30), "day_": date(2026, 3, 1), "sum_": Decimal("12.50")}
    path = tmp_path / "r.jsonl"
    with forbear.Record(path) as sink:
        policy.decide(case, record=sink)
        policy.decide({**case, "zone": "UTC"}, at=datetime(2026, 3, 1, tzinfo=UTC), record=sink)
    assert lines(path)[1]["at"] == "2026-03-01T00:00:00+00:00"
    assert lines(path)[0]["case"] == {"late": 5, "hour": "09:30:00", "day_": "2026-03-01", "sum_": "12.50"}
    with pytest.raises(forbear.RecordError, match="is closed"):
        policy.decide(case, record=sink)


def test_events_of_any_mapping_and_decimals_with_an_exponent_are_replayed(tmp_path: Path) -> None:
    policy = forbear.loads(
        "fact owed money CNY\nfact calls count of contact in last 7 days\naction call\nevent contact\n"
        "  has fee money CNY\n"
        "rule a: owed > CNY 10 and calls >= 1 then allow call\n"
    )
    event = {"event": "contact", "at": "2026-03-01T09:00:00Z", "fee": Decimal("2E+1")}
    case = {
        "owed": Decimal("1E+2"),
        "zone": deque(["UTC"]),
        "history_from": "2020-01-01",
        "history": (ChainMap(event),),
    }
    record = tmp_path / "record.jsonl"
    with forbear.Record(record) as opened:
        assert policy.decide(case, at="2026-03-02T09:00:00Z", record=opened).permits("call")
    document = json.loads(record.read_text(encoding="utf-8"))
    assert document["case"] == {
        "owed": "100", "zone": ["UTC"], "history_from": "2020-01-01",
        "history": [{"event": "contact", "at": "2026-03-01T09:00:00Z", "fee": "20"}],
    }  # fmt: skip
    assert policy.decide(document["case"], at=document["at"]).permits("call")


def test_events_of_any_class_are_recorded_as_objects_of_a_list(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "calls.forbear",
        "event call has minutes count\nfact calls count of call in last 7 days\naction sms\n"
        "rule r: always then allow sms\nrule s: never sms when calls >= 3",
    )
    policy = forbear.load(file)
    event = {"event": "call", "at": "2026-02-28T09:00:00Z", "minutes": 3}
    path = tmp_path / "r.jsonl"
    with forbear.Record(path) as sink:
        for history in (
            [MappingProxyType(event), UserDict({**event, "id": np.int64(5)})],
            deque([event]),
            UserList([MappingProxyType(event)]),
        ):
            case = {"history": history, "history_from": "opening", "zone": "UTC"}
            policy.decide(MappingProxyType(case), at="2026-03-01T09:00:00Z", record=sink)
    assert [one["case"]["history"] for one in lines(path)] == [[event, {**event, "id": 5}], [event], [event]]
    assert "3 decisions: 3 the same" in run("replay", path, "--policy", file).out


def test_a_case_in_error_is_no_decision(house: Path) -> None:
    path = house.parent / "decisions.jsonl"
    answer = run("decide", house, "--lines", "--record", path, given='{"late": "x"}')
    assert answer.code == 1
    assert path.read_text(encoding="utf-8") == ""


# A record that cannot be written


@pytest.mark.parametrize("options", [(), ("--lines",), ("--format", "json")])
def test_no_answer_without_its_record(house: Path, options: tuple[str, ...]) -> None:
    answer = run("decide", house, "--case", "-", "--record", "/dev/full", *options, given=CASE)
    assert answer.code == 1
    assert answer.err == "error: the record '/dev/full' cannot be written: no space left on device\n"
    assert "allowed" not in answer.out


def test_a_line_for_which_there_is_no_room_leaves_nothing(house: Path) -> None:
    """The second line would be longer than a file may be here."""
    path = record(house, CASE)
    before = path.read_bytes()
    limit = f"ulimit -f 1; trap '' XFSZ; exec {' '.join(FORBEAR)} decide {house} --lines --record {path}"
    done = subprocess.run(
        ["bash", "-c", limit],
        input=f"{CASE}\n{CASE}\n{CASE}\n",
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be written: file too large" in done.stderr
    content = path.read_bytes()
    assert content.startswith(before)
    assert len(content) < 1024
    assert [line["case"]["late"] for line in lines(path)] == [12] * len(content.splitlines())
    assert len(done.stdout.splitlines()) == len(content.splitlines()) - 1


def test_wrong_use(house: Path) -> None:
    short = house.parent / "short"
    short.write_bytes(b"abc")
    path = house.parent / "r.jsonl"
    for options, code, said in (
        (("--record", str(house)), 2, "is read by this command"),
        (("--record", "-"), 2, "is none"),
        (("--record-key", str(short)), 2, "a key is for a record"),
        (("--record", str(path), "--record-key", str(short)), 1, "at least 16 bytes"),
        (("--record", str(short), "--record-key", str(short)), 2, "is read by this command"),
        (("--record", str(path / "x")), 1, "cannot be written"),
    ):
        answer = run("decide", house, "--case", "-", *options, given=CASE)
        assert (answer.code, answer.out) == (code, ""), options
        assert said in answer.err
    assert house.read_text(encoding="utf-8") == POLICY
    assert run("replay", house.parent / "none.jsonl", "--policy", house).code == 2
    assert run("replay", path).code == 2


def test_a_line_that_was_cut_off_takes_no_other_with_it(house: Path) -> None:
    path = record(house, CASE)
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    record(house, CASE)
    assert path.read_bytes().startswith(whole[:40] + b"\n{")
    answer = run("replay", path, "--policy", house)
    assert answer.out.splitlines()[0] == "line 1: the line is cut off, as a crash or a full disk leaves it"
    assert answer.out.splitlines()[2].startswith("2 decisions: 1 ")
    assert "a chain of 1 line, unbroken" in answer.out


def test_processes_that_write_at_once_do_not_mix_their_lines(house: Path) -> None:
    path = house.parent / "decisions.jsonl"
    command = [*FORBEAR, "decide", str(house), "--lines", "--record", str(path)]
    cases = [CASE.replace("12,", f"{late},") for late in range(200)]
    writers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment())
        for _ in range(3)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n".join(cases))
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert sorted(line["case"]["late"] for line in lines(path)) == sorted([*range(200)] * 3)


# Replay


def test_what_differs_is_told(tmp_path: Path) -> None:
    house = write(tmp_path, "house.forbear", HOUSE)
    path = record(house, "\n".join(f'{{"days_overdue": {day}, "unreachable": 3}}' for day in (34, 61, 90)))
    same = run("replay", path, "--policy", house)
    assert (same.code, same.out.splitlines()[0]) == (0, "3 decisions: 3 the same")
    later = write(tmp_path, "later.forbear", HOUSE.replace("after 60 days", "after 70 days"))
    answer = run("replay", path, "--policy", later)
    assert answer.code == 1
    digest = lines(path)[0]["policy"]["digest"]
    assert answer.out.splitlines()[:4] == [
        "line 2: contact_related: allowed by ask_related_person -> unsaid",
        "3 decisions: 2 the same, 1 otherwise",
        "3 of them by another text of the policy than this one",
        f"  lines 1 to 3 ({digest[:19]})",
    ]
    document = run("replay", path, "--policy", later, "--format", "json").json
    assert document["counts"] == {"same": 2, "differs": 1, "undecided": 0, "unreadable": 0}
    assert document["lines"] == [
        {
            "line": 2,
            "result": "differs",
            "changes": {
                "contact_related": {
                    "recorded": {"verdict": "allowed", "rules": ["ask_related_person"]},
                    "now": {"verdict": "unsaid", "rules": []},
                }
            },
        }
    ]
    assert (document["other_digest"], document["other_texts"]) == (
        3,
        [{"first": 1, "last": 3, "name": "house", "digest": digest}],
    )


JULY = """\
policy house
  version "1"
  in force from 2026-07-01 until 2026-07-31
rule ask: after 9 days then allow sms
"""


def test_another_text_is_asked_what_it_would_decide_on_whatever_day(tmp_path: Path) -> None:
    july = write(tmp_path, "july.forbear", JULY)
    text = JULY.replace('"1"', '"2"').replace("from 2026-07-01 until 2026-07-31", "from 2026-08-01")
    text += "rule visit: after 20 days then allow visit in force until 2026-07-09\n"
    august = write(tmp_path, "august.forbear", text)
    case = '{"days_overdue": 30, "on": "%s", "id": "%s"}\n'
    given = case % ("2026-07-09", "a") + case % ("2026-07-10", "b") + case % ("2026-08-01", "c")
    options = ("--lines", "--record", tmp_path / "r.jsonl", "--record-refused", "--request", "id")
    assert run("decide", july, *options, given=given).code == 1
    assert run("decide", august, *options, given=case % ("2026-08-02", "d") + case % ("2026-07-11", "e")).code == 1
    answer = run("replay", tmp_path / "r.jsonl", "--policy", august)
    digests = [line["policy"]["digest"][:19] for line in lines(tmp_path / "r.jsonl")]
    assert answer.out.splitlines()[:6] == [
        "line 1: visit: unsaid -> allowed by visit",
        "line 3: it was refused, and is decided now: policy `house` is in force from 2026-07-01 until 2026-07-31, so "
        "not on 2026-08-01",
        "5 decisions: 3 the same, 2 otherwise",  # what the text itself refused for its days, too
        "3 of them by another text of the policy than this one",
        f"  lines 1 to 3 (version 1, {digests[0]})",
        "its own `in force from 2026-08-01` is put aside for these lines",
    ]
    back = run("replay", tmp_path / "r.jsonl", "--policy", july, "--request", "e").out
    assert back.startswith("line 5: it was refused, and is decided now")
    same = run("replay", tmp_path / "r.jsonl", "--policy", july, "--request", "c").out
    assert same.startswith("1 decision: 1 the same\na chain")


def test_no_line_to_decide_again_is_an_error(house: Path) -> None:
    path = record(house, CASE)
    answer = run("replay", path, "--policy", house, "--key", "0", "--request", "r")
    assert (answer.code, answer.out.splitlines()[0]) == (1, "0 decisions")
    assert answer.err == f"error: {str(path)!r} has no line with key '0' and request 'r': nothing was decided again\n"
    answer = run("replay", path, "--policy", house, "--key", "0", "--format", "json")
    assert "has no line with key '0'" in answer.json["error"]
    path.write_text("", encoding="utf-8")
    answer = run("replay", path, "--policy", house, "--anchor", f"sha256:{'0' * 64}")
    assert (answer.code, answer.out.splitlines()[0][:21]) == (1, "no line is the anchor")
    assert answer.err == f"error: {str(path)!r} has no line: nothing was decided again\n"


@pytest.mark.parametrize(("old", "new", "said"), [
    ("", "", "line 1: it depends on `reached`, which is private"),
    ("reached > 3", "reached >= 0", "1 decision: 1 the same"),  # whatever it was
    ("after 9 days", "after 12 days", "line 1: visit: allowed by ask -> unsaid"),  # whatever it was
    ("after 3 days then", "after 3 days and score >= 0 then", "line 1: it depends on"),
    ("policy house", "policy home", "line 1: policy `house` decided it, and this is `home`"),
    ("fact score", "fact other", "line 1: the vocabulary has no fact `score`"),
])  # fmt: skip
def test_values_that_were_hidden_are_all_tried(house: Path, old: str, new: str, said: str) -> None:
    path = record(house, CASE)
    other = write(house.parent, "other.forbear", POLICY.replace(old, new) if old else POLICY)
    answer = run("replay", path, "--policy", other)
    assert answer.out.startswith(said), answer.out
    assert answer.code == (0 if "the same" in answer.out else 1)


def test_lines_that_are_no_records_are_told(house: Path) -> None:
    path = house.parent / "r.jsonl"
    events = '{"policy": {"name": "house"}, "case": {"history": [1]}, "decisions": {}}\n'
    path.write_text('{}\nnonsense\n[1]\n{"policy": {"name": 3}}\n' + "[" * 100_000 + "\n" + events, encoding="utf-8")
    answer = run("replay", path, "--policy", house)
    assert answer.code == 1
    assert answer.out.splitlines()[-2:] == [
        "6 decisions: 6 no record of one",
        "the record carries no chain: what was deleted or altered in it does not show",
    ]
    assert answer.out.splitlines()[0] == "line 1: the line is no record of a decision"
    write(house.parent / "book", "one.forbear", POLICY.replace("policy house", "policy house in force from 2020-01-01"))
    path.write_text('{"policy": {"name": "house"}, "at": 5, "case": {}, "decisions": {}}\n', encoding="utf-8")
    assert "say for which day to decide" in run("replay", path, "--policy", house.parent / "book").out
