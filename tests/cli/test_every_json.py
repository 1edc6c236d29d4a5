"""JSON is read in one way, by whichever door it comes: what one refuses each of them refuses, of that row alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest
from invoking import forbear, write

import forbear as library
from forbear.kernel.cases import CaseError
from forbear.kernel.strict_json import MOST_BYTES, read_json

TEXT = """\
event contact
  has medium one of call, sms
fact late days clock
fact note text optional
fact calls count of contact where medium is call in last 7 days
action phone_call
rule call: after 1 day then allow phone_call
rule two: limit phone_call to 2 by calls
"""
AT = "2026-03-10T12:00:00-04:00"
GOOD = '{"event": "contact", "at": "2026-03-09T09:00:00-04:00", "medium": "call"}'

BAD: Mapping[str, tuple[str, str]] = {
    "no JSON": (GOOD[:-1], "is no JSON"),
    "nothing": ("", "is no JSON"),
    "a name twice": (GOOD[:-1] + ', "medium": "sms"}', "`medium` is given twice"),
    "NaN": (GOOD[:-1] + ', "medium": NaN}', "`NaN`"),
    "infinite": (GOOD[:-1] + ', "id": -Infinity}', "`-Infinity`"),
    "too deep to read": ("[" * 100_000 + "]" * 100_000, "nests deeper than 100"),
    "too deep": ("[" * 100 + "]" * 100, "nests deeper than 100"),
    "an exponent beyond all bounds": (GOOD[:-1] + ', "id": 1e99999999999999999999}', "more digits than can be read"),
    "a megabyte of digits": (GOOD[:-1] + f', "id": {"7" * 1_000_000}}}', "more digits than can be read"),
    "a megabyte of decimals": (GOOD[:-1] + f', "id": 0.{"7" * 1_000_000}}}', "more digits than can be read"),
    "half a character": (GOOD[:-1] + ', "id": "\\udc00"}', "half a character"),
    "half of one in a name": (GOOD[:-1] + ', "\\uD83D": 1}', "half a character"),
    "too many values": ("[" + "0," * 1_100_000 + "0]", "more than 1,000,000 values"),
    "too many names": (GOOD[:-1] + "".join(f', "n{n}": 1' for n in range(10_001)) + "}", "more than 10,000 names"),
}


"""Each is refused as the one value of a list."""


@pytest.mark.parametrize("what", BAD)
def test_what_is_refused_is_told(what: str) -> None:
    text, said = BAD[what]
    for content in (f"[{text}]", f"[{text}]".encode()):
        if text:
            with pytest.raises(CaseError) as caught:
                read_json(content, "list")
            assert said in str(caught.value)
            assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[" * 100 + "]" * 100, None),
        (json.dumps("," * 2_000_000), "," * 2_000_000),
        ('"\\ud83d\\ude00 \\\\ud800"', "😀 \\ud800"),
        ("  1.50\r\n", None),
        ("1" * 4300, None),
    ],
    ids=["deep", "commas", "two halves", "a number", "digits"],
)
def test_what_is_within_the_bounds_is_read(text: str, value: object) -> None:
    assert value is None or read_json(text) == value
    assert read_json(text.encode()) == read_json("\ufeff".encode() + text.encode())


def test_what_is_too_long_is_not_looked_at() -> None:
    with pytest.raises(CaseError, match="the case has more than 16 MB"):
        read_json(b" " * (MOST_BYTES + 1))
    with pytest.raises(CaseError, match="the case is not UTF-8"):
        read_json(b'"\xed\xa0\x80"')


def case_of(history: str) -> str:
    about = {"late": 9, "zone": "America/New_York", "history_from": "opening", "at": AT}
    return json.dumps(about)[:-1] + f', "history": [{history}]}}'


def by_decide(folder: Path, history: str) -> Iterator[str]:
    write(folder, case_of(history), "case.json")
    answer = forbear("decide", "house.forbear", "--case", "case.json", "--format", "json", cwd=folder)
    if answer.code:
        yield answer.json["error"]


def by_explain(folder: Path, history: str) -> Iterator[str]:
    write(folder, case_of(history), "case.json")
    answer = forbear("explain", "house.forbear", "phone_call", "--case", "case.json", "--format", "json", cwd=folder)
    if answer.code:
        yield answer.json["error"]


def by_when(folder: Path, history: str) -> Iterator[str]:
    write(folder, case_of(history), "case.json")
    answer = forbear("when", "house.forbear", "phone_call", "--case", "case.json", "--format", "json", cwd=folder)
    if answer.code:
        yield answer.json["error"]


def three(history: str) -> str:
    return "".join(case_of(one) + "\n" for one in (GOOD, history, GOOD))


def by_lines(folder: Path, history: str) -> Iterator[str]:
    answer = forbear("decide", "house.forbear", "--lines", given=three(history), cwd=folder)
    first, *others, last = map(json.loads, answer.out.splitlines())
    assert first["decisions"] == last["decisions"]
    yield from (other["error"] for other in others if "error" in other)


def by_apply(folder: Path, history: str) -> Iterator[str]:
    write(folder, three(history), "cases.jsonl")
    yield from _applied(folder, "cases.jsonl")


def _applied(folder: Path, cases: str) -> Iterator[str]:
    at = () if cases.endswith(".jsonl") else ("--at", AT)
    answer = forbear("apply", "house.forbear", cases, "-o", "out.jsonl", *at, "--format", "json", cwd=folder)
    assert answer.code in (0, 1)
    verdicts = [json.loads(line)["phone_call"] for line in (folder / "out.jsonl").read_text().splitlines()]
    assert verdicts[::2] == ["allowed", "allowed"]
    rejects = pl.read_csv(folder / "out.jsonl.rejects")["reason"].to_list()
    assert verdicts[1] == ("undecided" if rejects else "allowed")
    yield from rejects


def _columns(history: str) -> pl.DataFrame:
    about = {"late": "9", "zone": "America/New_York", "history_from": "opening"}
    return pl.DataFrame([{**about, "history": f"[{one}]"} for one in (GOOD, history, GOOD)])


def by_csv(folder: Path, history: str) -> Iterator[str]:
    _columns(history).write_csv(folder / "cases.csv")
    yield from _applied(folder, "cases.csv")


def by_parquet(folder: Path, history: str) -> Iterator[str]:
    _columns(history).write_parquet(folder / "cases.parquet")
    yield from _applied(folder, "cases.parquet")


def by_frame(folder: Path, history: str) -> Iterator[str]:
    for frame in (_columns(history), _columns(history).to_pandas(), _columns(history).to_arrow()):
        answer = pl.DataFrame(library.load(folder / "house.forbear").apply(frame, at=AT, faults=True))
        assert answer["phone_call"].to_list()[::2] == ["allowed", "allowed"]
        yield from answer["fault"].drop_nulls().to_list()


def by_diff(folder: Path, history: str) -> Iterator[str]:
    write(folder, three(history), "cases.jsonl")
    answer = forbear(
        *("diff", "house.forbear", "house.forbear", "--on-cases", "cases.jsonl", "--format", "json"), cwd=folder
    )
    if "first_undecided" in answer.json:
        assert (answer.json["rows"], answer.json["first_undecided"]["row"]) == (3, 2)
        yield answer.json["first_undecided"]["reason"]


def by_replay(folder: Path, history: str) -> Iterator[str]:
    write(folder, case_of(GOOD), "case.json")
    (folder / "record.jsonl").unlink(missing_ok=True)
    assert forbear("decide", "house.forbear", "--case", "case.json", "--record", "record.jsonl", cwd=folder).code == 0
    line = (folder / "record.jsonl").read_text()
    record = json.loads(line)
    before, after = line.split(json.dumps(record["case"]["history"])[1:-1])
    write(folder, line + before + history + after + line, "record.jsonl")
    answer = forbear("replay", "record.jsonl", "--policy", "house.forbear", "--format", "json", cwd=folder)
    assert answer.json["counts"]["same"] >= 2
    yield from (f"{one['result']}: {one['reason']}" for one in answer.json["lines"])


DOORS: Mapping[str, Callable[[Path, str], Iterator[str]]] = {
    name.removeprefix("by_"): door for name, door in dict(globals()).items() if name.startswith("by_")
}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_refuses_the_same_and_that_row_alone(tmp_path: Path, door: str) -> None:
    write(tmp_path, TEXT)
    assert list(DOORS[door](tmp_path, GOOD)) == []
    for what, (history, said) in BAD.items():
        if not history:
            continue
        started = time.monotonic()
        reasons = list(DOORS[door](tmp_path, history))
        assert reasons, (door, what)
        assert time.monotonic() - started < 5, (door, what)
        for reason in reasons:
            assert reason.startswith("unreadable") if door == "replay" else said in reason, (door, what, reason)
