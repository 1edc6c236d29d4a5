"""Entries of a record by account and request, refused cases and `permits` among them: decided again, and explained."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from command import write
from invoking import forbear as run

import forbear

POLICY = """\
policy house
fact late days clock
fact income money CNY private
fact reached count
action visit, sms
event call
  has phone text private
  has minutes count
fact calls count of call where minutes > 5 in last 7 days optional
rule visit_rarely: after 60 days and income >= CNY 3000 then allow visit
rule remind: after 3 days and reached < 5 then allow sms
rule many: limit sms to 3 by calls
"""
CASES = """\
{"account": "A-17", "id": "r-1", "late": 90, "income": 3400, "reached": 0, "calls": 0}
{"account": 18, "id": "r-2", "late": 90, "incom": 3400, "reached": 0}
nonsense
{"account": "A-17", "id": "r-4", "late": 2, "income": "x", "reached": 0}
{"account": null, "late": 2, "income": 5, "reached": 0, "calls": 0}
{"account": "A-17", "id": "r-6", "late": "x", "income": 5, "reached": 0}
"""
SECRET = b"0123456789abcdef"
EVENT = {"event": "call", "at": "2026-02-28T09:00:00Z", "phone": "0551-2", "minutes": 9}
HISTORY = {"zone": "UTC", "history_from": "opening", "history": [EVENT]}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", POLICY)


def named(document: dict[str, Any]) -> tuple[object, object]:
    return document.get("key"), document.get("request")


@pytest.mark.parametrize(("option", "field"), [("--key", "account"), ("--request", "id")])
def test_a_case_in_words_has_no_names_for_the_record(house: Path, option: str, field: str) -> None:
    path = house.parent / "r.jsonl"
    answer = run("decide", house, "--given", "late 61", "--record", path, option, field)
    assert (answer.code, answer.out, path.exists()) == (2, "", False)
    assert f"{option} is for a case in JSON (--case)" in answer.err


def test_names_of_lines_come_out_in_answers_and_in_the_record(house: Path) -> None:
    path = house.parent / "r.jsonl"
    options = ("--lines", "--key", "account", "--request", "id", "--record", path, "--record-refused")
    answer = run("decide", house, *options, given=CASES)
    assert answer.code == 1
    answers = [json.loads(line) for line in answer.out.splitlines()]
    entries = lines(path)
    want = [("A-17", "r-1"), ("18", "r-2"), (None, None), ("A-17", "r-4"), (None, None), ("A-17", "r-6")]
    assert list(map(named, answers)) == list(map(named, entries)) == want
    assert [line.get("line") for line in answers] == [None, 2, 3, 4, None, 6]
    assert ["faults" in entry for entry in entries] == [False, True, True, True, False, True]
    assert [entry["case"] and entry["case"].keys() for entry in entries][2:4] == [None, {"late", "income", "reached"}]
    assert "3400" not in path.read_text(encoding="utf-8").split('"digest": "sha256:')[0]
    for entry, said in zip(entries, answers, strict=True):
        assert entry.get("faults") == said.get("faults")

    replayed = run("replay", path, "--policy", house)
    assert replayed.code == 1
    assert replayed.out.splitlines()[:4] == [
        "line 1: it depends on `income`, which is private",
        "line 4: it was refused for `income`, which is private",
        "6 decisions: 4 the same, 2 not to be decided again",
        f"a chain of 6 lines, unbroken; its end is {entries[-1]['digest']}",
    ]
    alone = run("replay", path, "--policy", house, "--key", "A-17", "--request", "r-6")
    assert (alone.code, alone.out.splitlines()[:2]) == (0, ["1 decision: 1 the same", replayed.out.splitlines()[3]])
    assert "3 decisions: 1 the same, 2 not to be" in run("replay", path, "--policy", house, "--key", "A-17").out
    text = (
        POLICY.replace("late days clock", "late text")
        .replace("after 60 days and ", "")
        .replace("after 3 days and ", "")
    )
    other = write(house.parent, "other.forbear", text)
    assert run("replay", path, "--policy", other, "--request", "r-6").out.splitlines()[0] == (
        'line 6: it was refused, and is decided now: `late` needs a whole number, not "x"'
    )


def test_a_field_that_is_a_fact_stays_one_and_without_the_options_nothing_is_left_out(house: Path) -> None:
    case = '{"late": 9, "income": 1, "reached": 7, "calls": 0}'
    answer = run("decide", house, "--case", "-", "--key", "reached", "--format", "json", given=case)
    assert (answer.json["key"], answer.json["case"]["reached"]) == ("7", 7)
    assert "request" not in answer.json
    refused = run("decide", house, "--lines", given='{"late": 9, "income": 1, "reached": 7, "account": "A"}')
    assert "no fact `account`" in refused.json["error"]
    bad = json.dumps({**json.loads(case), "id": "x" * 1001})
    refused = run("decide", house, "--case", "-", "--request", "id", "--format", "json", given=bad)
    assert (refused.code, refused.json["error"][:28]) == (1, "`id` needs 1 to 1,000 charac")
    answer = run("decide", house, "--case", "-", "--record-refused", "--format", "json", given=case)
    assert (answer.code, "name its file, with --record FILE" in answer.json["error"]) == (2, True)


def test_a_case_that_no_version_of_a_book_decides_is_recorded_as_refused(house: Path) -> None:
    book = house.parent / "book"
    write(book, "one.forbear", POLICY.replace("policy house", "policy house in force from 2020-01-01"))
    path = house.parent / "r.jsonl"
    given = '{"late": 9, "income": 3400, "reached": 7, "on": "2019-01-01", "id": 5}'
    options = ("--record", path, "--record-refused", "--request", "id")
    assert run("decide", book, "--lines", *options, given=given).code == 1
    (entry,) = lines(path)
    assert (entry["policy"], entry["case"], entry["request"]) == ({"name": "house"}, None, "5")
    assert run("replay", path, "--policy", book).out.startswith("1 decision: 1 the same\n")


def entries_of(house: Path, secret: bytes | None = None) -> Path:
    """A record with `permits` of private and of public facts, refused and not, and with events."""
    path = house.parent / "p.jsonl"
    policy = forbear.load(house)
    case: dict[str, Any] = {"late": 90, "income": "3400.00", "reached": 0, "calls": 0}
    counted = {"late": 90, "income": "3400.00", "reached": 0, **HISTORY}
    at = "2026-03-01T09:00:00Z"
    with forbear.Record(path, secret, refused=True) as record:
        for number, (action, asked, moment) in enumerate([
            ("sms", case, None), ("visit", case, None), ("sms", {**case, "late": None, "income": "x"}, None),
            ("sms", counted, at), ("sms", {**counted, "history": [{**EVENT, "minute": 3}]}, at),
        ], 1):  # fmt: skip
            with suppress(forbear.CaseError):
                policy.permits(action, asked, at=moment, record=record, key="A-17", request=f"r-{number}")
        policy.decide(counted, at=at, record=record, request="r-6")
        with suppress(forbear.CaseError):
            policy.decide({**counted, "history": [{**EVENT, "event": "met"}]}, at=at, record=record)
    return path


@pytest.mark.parametrize("secret", [None, SECRET])
def test_permits_is_decided_again_on_its_action_alone(house: Path, secret: bytes | None) -> None:
    path = entries_of(house, secret)
    answer = run("replay", path, "--policy", house)
    assert answer.out.splitlines()[:3] == [
        "line 2: it depends on `income`, which is private",
        "line 6: it depends on `income`, which is private",
        "7 decisions: 5 the same, 2 not to be decided again",
    ]
    assert "a chain of 7 lines, unbroken" in answer.out
    later = write(house.parent, "later.forbear", POLICY.replace("reached < 5", "reached < 1"))
    text = (
        POLICY.replace("visit, sms", "visit, email")
        .replace("allow sms", "allow email")
        .replace("limit sms", "limit email")
    )
    without = write(house.parent, "without.forbear", text)
    assert "7 decisions: 4 the same" in run("replay", path, "--policy", later).out
    text = POLICY.replace("event call", "event met\n  has phone text private\n  has minutes count\nevent call")
    known = write(
        house.parent, "known.forbear", text.replace("has minutes", "has minute count private optional\n  has minutes")
    )
    assert run("replay", path, "--policy", known).out.splitlines()[1:4:2] == [
        f"line {number}: it was refused, and what is private of its events may be why" for number in (5, 7)
    ]
    assert run("replay", path, "--policy", without, "--limit", "1").out.startswith(
        "line 1: sms: allowed by remind -> unsaid\n"
    )


# An auditor asks why


def test_a_line_is_explained_by_the_policy_that_decided_it(house: Path) -> None:
    path = entries_of(house)
    recorded = [entry["recorded"] for entry in lines(path)]
    answer = run("explain", house, "--record", path, "--request", "r-6", "sms")
    assert answer.out == (
        f"line 6, recorded {recorded[5]}, request r-6\n"
        "sms is allowed by remind\n  case    late 90, reached 0\n  at      2026-03-01 09:00 in UTC\n\n"
        "allow by remind: active  (house.forbear:11)\n  yes     late > 3\n  yes     reached < 5\n\n"
        "never by many: does not hold  (house.forbear:12)\n  no      needs calls >= 3, is 1: 2 more\n\n"
        "what would change it:\n  late 3 -> unsaid\n  reached 5 -> unsaid\n  calls 3 -> forbidden\n"
    ).replace("house.forbear:", f"{house}:")
    document = run("explain", house, "--record", path, "--line", "1", "--format", "json").json
    assert document["entry"] == {"line": 1, "recorded": recorded[0], "request": "r-1", "key": "A-17"}
    assert (document["action"], document["decision"]["verdict"]) == ("sms", "allowed")
    assert document["policy"] == {"name": "house", "digest": forbear.load(house).digest}
    faults = run("explain", house, "--record", path, "--line", "3", "--format", "json").json
    assert (faults["policy"], faults["faults"][0]["fact"]) == (document["policy"], "late")
    refused = run("explain", house, "--record", path, "--line", "3")
    assert (refused.code, refused.out.splitlines()[1]) == (
        0,
        "  `late` is null, which means unknown, and it is not optional",
    )


def test_what_cannot_be_explained_is_told(house: Path) -> None:
    path = entries_of(house)
    altered = write(house.parent, "altered.jsonl", path.read_text().replace('"late": 90', '"late": 89', 1))
    for file, policy, options, code, said in (
        (path, house, ("--line", "2"), 1, "line 2: the rules on `visit` read `income`, which the record leaves out as"),
        (path, house, ("--line", "6"), 2, "name the action to explain"),
        (path, house, ("--line", "1", "visit"), 1, "line 1: it has no decision on `visit`, only on sms"),
        (path, house, ("--line", "99", "sms"), 1, f"'{path}' has no line 99"),
        (path, house, ("--request", "r-9", "sms"), 1, "has no line of request 'r-9'"),
        (path, house, ("sms",), 2, "name the line of the record, with --request ID or --line N"),
        (
            path,
            house,
            ("--line", "1", "--on", "2026-03-01", "sms"),
            2,
            "leave out --case, --given, --example, --on and --at",
        ),
        (altered, house, ("--line", "1", "sms"), 1, "line 1: the line was altered: its digest is not that of its text"),
    ):
        answer = run("explain", policy, "--record", file, *options, "--format", "json")
        assert (answer.code, answer.json.keys()) == (code, {"error"}), options
        assert said in answer.json["error"]
    assert run("explain", house, "--line", "1", "sms").code == 2


def test_of_a_book_that_lacks_the_text_the_version_of_the_day_is_named(tmp_path: Path) -> None:
    path, book = tmp_path / "r.jsonl", tmp_path / "book"
    for version, days in (("1", "until 2026-06-30"), ("2", "from 2026-07-01")):
        text = f'policy house\n  version "{version}"\n  in force {days}\nrule ask: after 9 days then allow sms\n'
        write(book, f"v{version}.forbear", text)
    case = json.dumps({"days_overdue": 10, "on": "2026-06-01", "request": "r", "account": "a"})
    names = ("--key", "account", "--request", "request")
    assert run("decide", book, "--case", "-", "--record", path, *names, given=case).code == 0
    once = lines(path)[0]["policy"]["digest"]
    write(book, "v1.forbear", (book / "v1.forbear").read_text("utf-8").replace("after 9", "after 90"))
    said = run("explain", book, "--record", path, "--line", "1", "sms")
    assert said.code == 0
    told = " ".join(said.out.split())
    decided = f"another text of the policy decided it, version 1, {once}: allowed by ask."
    assert f"{decided} Explained by version 1, sha256:" in told
    answer = run("explain", book, "--record", path, "--line", "1", "sms", "--format", "json").json
    was = {"policy": lines(path)[0]["policy"], "verdict": "allowed", "rules": ["ask"]}
    assert (answer["decided_by"], answer["policy"]["digest"] != once, answer["decision"]["verdict"]) == (
        was,
        True,
        "unsaid",
    )
    (book / "v1.forbear").unlink()
    assert "no version here is that text: give" in run("explain", book, "--record", path, "--line", "1", "sms").err
    for command in (("explain",), ("ask",)):
        assert run(*command, book, "sms", "--case", "-", *names, given=case.replace("06-01", "07-01")).code == 0


def test_of_a_book_the_version_that_decided_explains(house: Path) -> None:
    book = house.parent / "book"
    for year, days in ((2020, 3), (2021, 30)):
        until = "until 2020-12-31" if year == 2020 else ""
        head = f"policy house\n  in force from {year}-01-01 {until}"
        write(
            book, f"{year}.forbear", POLICY.replace("policy house", head).replace("after 3 days", f"after {days} days")
        )
    path = house.parent / "r.jsonl"
    with forbear.Record(path) as record:
        for day in ("2020-05-01", "2021-05-01"):
            version = forbear.load_book(book).on(day)
            version.decide({"late": 9, "income": 1, "reached": 0, "calls": 0}, day, record=record, request="same")
    answer = run("explain", book, "--record", path, "--line", "1", "sms")
    assert "sms is allowed by remind" in answer.out
    assert "sms is unsaid" in run("explain", book, "--record", path, "--line", "2", "sms").out
    assert (
        "several lines are of that request: name one by its number, --line 1, 2"
        in (run("explain", book, "--record", path, "--request", "same", "sms", "--format", "json").json["error"])
    )
