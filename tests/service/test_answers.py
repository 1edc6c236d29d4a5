"""What the service answers, over real sockets: the same documents as the command line prints."""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from invoking import forbear
from night import NIGHTLY
from service_process import CASE, Serving, serving, written
from transcripts import parameters, shown

import forbear as library
from forbear.check.promises.promises import case_of_example, day_of_example
from forbear.report.formats.json import dumps
from forbear.service.policies import Origin

RULES = Path(__file__).parent.parent.parent / "rules"
SERVED = RULES if NIGHTLY else RULES / "huabei"
PACKS = Origin(SERVED).load()


@pytest.fixture(scope="module")
def packs() -> Iterator[Serving]:
    with serving(SERVED) as found:
        yield found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(written(tmp_path_factory.mktemp("house"))) as found:
        yield found


@pytest.mark.parametrize(("shared", "text"), parameters("service"))
def test_what_is_answered(shared: str, text: str, tmp_path: Path) -> None:
    assert shown(shared, text, tmp_path) == text


def cases_of(name: str) -> list[dict[str, Any]]:
    """The cases of the examples of all versions of a policy."""
    its = PACKS.by_name[name]
    found = []
    for version in its.versions:
        for example in version.typed.examples[:: 1 if NIGHTLY else 5]:
            dated = version.typed.since or version.typed.until
            day = day_of_example(example) or (None if dated is None else datetime.date.fromordinal(dated))
            on = {} if day is None else {"on": str(day)}
            found.append(json.loads(dumps({**case_of_example(example, version.typed), **on})))
    return found


@pytest.mark.parametrize("name", PACKS.by_name)
def test_answers_are_those_of_the_command(packs: Serving, name: str) -> None:
    cases, its = cases_of(name), PACKS.by_name[name]
    file = its.versions[0].files[0]
    lines = "\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    told = forbear("decide", file if len(its.versions) == 1 else file.parent, "--lines", given=lines).out
    expected = [json.loads(line) for line in told.splitlines()]
    for document in expected:
        document.pop("line", None)
    connection = packs.connection()
    for case, answer in zip(cases, expected, strict=True):
        found = packs.decide(case, name, on=connection)
        if "error" in answer:
            assert (found.status, found.json["faults"]) == (422, answer["faults"])
            assert found.headers["content-type"] == "application/problem+json"
        else:
            assert (found.status, found.json) == (200, answer)
            assert found.headers["etag"] == f'"{answer["policy"]["digest"]}"'
    assert sum("decisions" in answer for answer in expected) > len(expected) / 2
    batch = packs.ask("POST", f"/v1/policies/{name}/decide/batch", {"cases": cases}, on=connection)
    assert (batch.status, batch.json) == (200, {"answers": expected})
    connection.close()


def test_explanations_are_those_of_the_command(packs: Serving, tmp_path: Path) -> None:
    case = {"days_overdue": 34, "unreachable": 5, "overdue_amount": "500.25", "on": "2016-01-01"}
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case))
    told = forbear("explain", RULES / "huabei", "--case", file, "sms", "--format", "json").json
    found = packs.ask("POST", "/v1/policies/huabei/explain/sms", case)
    assert (found.status, found.json) == (200, told)
    assert found.headers["etag"] == f'"{found.json["policy"]["digest"]}"'
    explained = packs.ask("POST", "/v1/policies/huabei/explain", case).json
    every = explained["explanations"]
    assert told in [{"policy": explained["policy"], **one} for one in every]
    assert [one["action"] for one in every] == list(PACKS.by_name["huabei"].versions[-1].actions)


def test_intervals_are_those_of_the_command(house: Serving, tmp_path: Path) -> None:
    case = {**CASE, "late": 55, "at": "2026-03-07T10:00:00-05:00", "zone": "America/New_York"}
    file, policy = tmp_path / "case.json", written(tmp_path / "policies") / "house.forbear"
    file.write_text(json.dumps(case))
    told = forbear("when", policy, "visit", "--case", file, "--until", "12 days", "--format", "json").json
    found = house.ask("POST", "/v1/policies/house/when/visit?until=12%20days", case)
    assert (found.status, found.json) == (200, told)
    assert [interval["permitted"] for interval in told["intervals"]] == [False, True]
    assert found.headers["etag"] == f'"{told["policy"]["digest"]}"'
    found = house.ask("POST", "/v1/policies/house/when/visit", CASE)
    assert (found.status, found.json["detail"]) == (
        422,
        'give the moment to begin at, under "at" in the case',
    )
    assert house.ask("POST", "/v1/policies/house/when/visit", CASE).json["faults"][0]["fact"] == "at"
    misspelt = {**{name: value for name, value in case.items() if name != "late"}, "lat": 3}
    faults = house.ask("POST", "/v1/policies/house/when/visit", misspelt).json["faults"]
    assert {fault["code"] for fault in faults} == {"unknown-fact", "missing"}
    assert house.ask("POST", "/v1/policies/house/when/visitt", case).json["nearest"] == "visit"


def test_intervals_of_a_book_name_each_version_that_decides_and_their_etag_is_of_all_of_them(tmp_path: Path) -> None:
    first = 'policy house version "1" in force until 2026-03-09\nfact late days clock\naction sms\n'
    first += "rule r: after 3 days then allow sms\n"
    second = first.replace('"1" in force until 2026-03-09', '"2" in force from 2026-03-10')
    case: dict[str, Any] = {"late": 9, "at": "2026-03-08T10:00:00", "zone": "UTC"}
    (tmp_path / "case.json").write_text(json.dumps(case))
    etags = []
    for number, later in enumerate((second, second.replace("after 3", "after 30"))):
        folder = tmp_path / str(number)
        written(folder, first, "first.forbear")
        written(folder, later, "second.forbear")
        book = library.load_book(folder)
        one, two = [{"name": "house", "digest": its.digest, "version": its.version} for its in book.versions]
        found = book.when("sms", {"late": 9, "zone": "UTC"}, case["at"], "12 days")
        assert (found.versions, found.as_json()["versions"]) == (book.versions, [one, two])
        asked = ("when", folder, "sms", "--case", tmp_path / "case.json", "--format", "json", "--until")
        with serving(folder) as service:
            for until, versions in (("1 day", [one]), ("12 days", [one, two])):
                answer = service.ask("POST", f"/v1/policies/house/when/sms?until={until.replace(' ', '%20')}", case)
                assert answer.json == forbear(*asked, until).json
                assert (answer.json["book"], answer.json["policy"], answer.json["versions"]) == ("house", one, versions)
                etags.append(answer.headers["etag"])
    assert etags[0] == etags[2] == f'"{one["digest"]}"'  # the second version has nothing to say of one day
    assert len(set(etags)) == 3


def test_what_is_open_is_answered_as_by_the_command(house: Serving, tmp_path: Path) -> None:
    case = {"late": 61, "income": "3400.50"}
    file, policy = tmp_path / "case.json", written(tmp_path / "policies") / "house.forbear"
    file.write_text(json.dumps(case))
    told = forbear("decide", policy, "--case", file, "--open", "reached", "--format", "json").json
    found = house.ask("POST", "/v1/policies/house/partial?open=reached", case)
    assert (found.status, found.json) == (200, told)
    told = forbear("ask", policy, "sms", "--case", file, "--format", "json").json
    found = house.ask("POST", "/v1/policies/house/ask/sms", case)
    assert (found.status, found.json) == (200, told)
    assert "reached" in json.dumps(told)
    assert b"3400" not in found.body
    assert house.ask("POST", "/v1/policies/house/ask/sns", case).json["nearest"] == "sms"


REFUSED: list[tuple[bytes, int, str]] = [
    (b'{"late": "\xff"}', 400, "not UTF-8"),
    (b'{"late": 1' + b"0" * 5000 + b"}", 400, "more digits than can be read"),
    (b'{"late": 1.' + b"0" * 5000 + b"}", 400, "more digits than can be read"),
    (b"[" * 101 + b"]" * 101, 400, "nests deeper"),
    (b"[" * 100 + b"]" * 100, 422, "not a list"),
    (b'{"late": ' + b"[" * 100 + b"]" * 100 + b"}", 400, "nests deeper"),
    (b'{"late": ' + b"[" * 99 + b"]" * 99 + b"}", 422, "`late`"),
    (b"{" + b",".join(b'"a%d":1' % number for number in range(10_001)) + b"}", 400, "more than 10,000 names"),
]


@pytest.mark.parametrize(("body", "status", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_a_bad_body_is_refused_in_words(house: Serving, body: bytes, status: int, message: str) -> None:
    found = house.decide(body)
    assert (found.status, found.headers["content-type"]) == (status, "application/problem+json")
    assert message in found.json["detail"]
    assert found.json["status"] == status
    assert "decisions" not in found.json


def test_cases_in_error_are_counted_for_each_call(house: Serving) -> None:
    asked = ("decide", "permits/sms", "explain", "explain/sms", "partial?open=income", "when/sms", "ask/sms")
    calls = {one.partition("/")[0].partition("?")[0] for one in asked}

    def counted() -> dict[str, float]:
        return {one: house.metric(f'forbear_refused_total{{call="{one}",policy="house"}}') for one in calls}

    before = counted()
    for one in asked:
        for case in ({"late": -1, "at": "2026-03-07T10:00", "zone": "UTC"}, 5, b"no JSON"):
            assert house.ask("POST", f"/v1/policies/house/{one}", case).status in (400, 422)
    assert {one: number - before[one] for one, number in counted().items()} == {
        **dict.fromkeys(calls, 2),
        "explain": 4,
    }


WORDED = """
policy worded
fact late  days clock
fact note  text
fact asked yes/no optional
fact phone text private optional
action sms, visit
rule remind: after 3 days then allow sms
rule stop: forbid visit when note = "stop"
rule ask_first: allow visit when asked
fact remark text optional
""" + "\n".join(f"fact more_{number} count optional" for number in range(20))  # of so many facts texts go the fast way


def test_a_batch_has_the_bytes_of_each_case_alone(tmp_path: Path) -> None:
    """Whether a case goes the fast way or not, has private values or characters to be escaped."""
    counted = 'forbear_verdicts_total{action="visit",call="decide/batch",policy="worded",verdict="forbidden"}'
    with serving(written(tmp_path / "policies", WORDED, "worded.forbear")) as found:
        for text, as_ascii in itertools.product(("plain", "caf\u00e9", "\u202estop"), (True, False)):
            cases = [
                {"late": 5, "note": text},
                {"late": "61", "note": text, "asked": True, "phone": "555-0101"},
                {"late": 5, "note": text, "asked": None, "phone": text},
                {"late": 5, "note": text, "on": "2026-01-01"},
                {"late": 5, "note": "x", "remark": text},
                {"late": 5, "note": "stop", "asked": True},
            ]
            alone = [found.decide(json.dumps(case, ensure_ascii=as_ascii).encode(), "worded").body for case in cases]
            assert all(b'"decisions":' in one and b"555" not in one for one in alone)
            assert not any("\u202e".encode() in one for one in alone)
            batch = json.dumps({"cases": cases}, ensure_ascii=as_ascii).encode()
            together = found.ask("POST", "/v1/policies/worded/decide/batch", batch)
            assert together.body == b'{"answers":[' + b",".join(alone) + b"]}"
        assert found.metric(counted) == 6
        assert found.metric('forbear_refused_total{call="decide/batch",policy="worded"}') == 0


def test_what_is_not_there(house: Serving) -> None:
    found = house.decide(CASE, "hause")
    assert (found.status, found.json["nearest"]) == (404, "house")
    assert "did you mean `house`?" in found.json["detail"]
    assert house.decide(CASE, "x" * 3000).status == 404
    wrong = house.ask("GET", "/v1/policies/house/decide")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    nowhere = house.ask("GET", "/v1/policy")
    assert (nowhere.status, nowhere.headers["content-type"]) == (404, "application/problem+json")


def test_what_is_no_json(house: Serving) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert house.decide(CASE, headers={"Content-Type": kind}).status == 415
    assert house.decide(CASE, headers={"Content-Type": "Application/JSON; charset=utf-8"}).status == 200
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert house.decide(CASE, headers=packed).status == 415
    packed = {"Content-Type": "application/json", "Transfer-Encoding": "gzip, chunked"}
    assert house.decide(b"2\r\n{}\r\n0\r\n\r\n", headers=packed).status == 415


def test_health_metrics_and_versions(house: Serving) -> None:
    digest = house.decide(CASE).json["policy"]["digest"]
    assert house.ask("GET", "/health/live").json == {"status": "live"}
    ready = house.ask("GET", "/health/ready")
    expected = {"status": "ready", "folder": "in force", "policies": {"house": [digest]}}
    assert (ready.status, ready.json) == (200, expected)
    listed = house.ask("GET", "/v1/policies").json
    assert listed["policies"][0]["versions"] == [{"version": None, "digest": digest, "since": None, "until": None}]
    counted = 'forbear_verdicts_total{action="visit",call="%s",policy="house",verdict="allowed"}'
    before = house.metric(counted % "decide"), house.metric(counted % "decide/batch")
    house.decide(CASE)
    house.ask("POST", "/v1/policies/house/decide/batch", {"cases": [CASE] * 5})
    after = house.metric(counted % "decide"), house.metric(counted % "decide/batch")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 5)
    page = house.ask("GET", "/metrics").body
    assert digest.encode() in page
    assert b"3400.5" not in page


def test_the_version_of_a_book_is_that_of_the_day(packs: Serving) -> None:
    case = {"days_overdue": 34, "unreachable": 5, "overdue_amount": "500.25"}
    told = {
        day: packs.decide({**case, "on": day}, "huabei").json["policy"]["version"]
        for day in ("2015-01-01", "2015-10-01", "2016-01-01")
    }
    assert list(told.values()) == ["before", "suspended", "redesigned"]
    batch = {"cases": [{**case, "on": day} for day in told]}
    mixed = packs.ask("POST", "/v1/policies/huabei/decide/batch", batch)
    assert [one["policy"]["version"] for one in mixed.json["answers"]] == list(told.values())
    assert "etag" not in mixed.headers  # it would be that of one of them
    assert packs.decide(case, "huabei").json["detail"].startswith("`huabei` has versions: say for which day or moment")


def test_how_long_an_answer_is_valid(tmp_path: Path) -> None:
    """Where it is asked for, as the command line has it; and the record does not change by it."""
    folder, record = written(tmp_path / "policies"), tmp_path / "record.jsonl"
    case = {**CASE, "late": 58, "at": "2026-03-07T10:00", "zone": "America/New_York"}
    with serving(folder, "--record", record) as found:
        plain, timed = (
            found.ask("POST", f"/v1/policies/house/decide{query}", case) for query in ("", "?valid_until=true")
        )
        assert timed.json == {**plain.json, "valid_until": "2026-03-10T00:00:00-04:00", "held": []}
        assert found.ask("POST", "/v1/policies/house/decide?valid_until=true", {**case, "late": -1}).status == 422
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert [line["decisions"] for line in lines] == [lines[0]["decisions"]] * 2
    assert lines[0].keys() == lines[1].keys()
    asked = ("decide", folder / "house.forbear", "--valid-until", "--case", "-", "--format", "json")
    assert forbear(*asked, given=json.dumps(case)).json == timed.json
