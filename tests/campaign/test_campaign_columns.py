"""Frames and CSV that hold what no case may: each row is decided as `decide` decides it, or is undecided."""

from __future__ import annotations

import csv
import datetime
import io
import json
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import damage
import kinds
import numpy as np
import polars as pl
import pytest
from campaign import HOSTILE, SHARDS, Campaign, call, writes_only

import forbear
from forbear.kernel.cases import CaseError

ROWS = 12
_DAYS = (datetime.date(1, 1, 1), datetime.date(2015, 9, 22), datetime.date(9999, 12, 31))
_WHOLE = (0, 1, 3, 5, 7, 20, 60, 61, 100, 101)
TYPES: tuple[tuple[Any, Sequence[Any]], ...] = (
    (pl.Int8, (*_WHOLE, -128, 127)), (pl.UInt8, (*_WHOLE, 255)), (pl.Int16, (*_WHOLE, -(2**15))),
    (pl.Int32, (*_WHOLE, 2**31 - 1)), (pl.UInt64, (*_WHOLE, 2**64 - 1, 2**63)),
    (pl.Int64, (*_WHOLE, 2**63 - 1, -(2**63), 2**53 + 1)), (pl.Int128, (*_WHOLE, 2**100)),
    (pl.Float32, (0.0, 0.1, 0.5, 5.0, 16777217.0, 1e10, float("nan"), float("inf"))),
    (pl.Float64, (0.0, -0.0, 0.1 + 0.2, 0.15, 5.0, 1e15, 1e22, 1e300, 5e-324, float("nan"), float("-inf"))),
    (pl.Decimal(38, 18), tuple(map(Decimal, ("0", "10", "20", "30", "0.15", "1e-18", "99999999999999999999")))),
    (pl.Decimal(38, 0), tuple(map(Decimal, ("0", "10", "20", "99999999999999999999999999999999999999")))),
    (pl.Decimal(9, 2), tuple(map(Decimal, ("0", "0.15", "1000.01", "-9999999.99")))),
    (pl.String, tuple(one for one in kinds.HOSTILE if type(one) is str and len(one) < 500 and one != "\ud800")),
    (pl.String, ("red", "blue", "low", "high", "NY", "2015-09-22", "08:00", "21:00:01", "true", "5", "CNY 1000.01")),
    (pl.Categorical, ("red", "low", "none", "zz", "5")), (pl.Boolean, (True, False)), (pl.Binary, (b"5", b"\xff")),
    (pl.Date, _DAYS), (pl.Datetime("us"), (datetime.datetime(2015, 9, 22), datetime.datetime(2015, 9, 22, 3))),
    (pl.Datetime("ms", "America/New_York"), (datetime.datetime(2015, 9, 22, tzinfo=datetime.UTC),)),
    (pl.Time, (datetime.time(8), datetime.time(21, 0, 1), datetime.time(8, 0, 0, 5))),
    (pl.Duration("us"), (datetime.timedelta(5),)), (pl.List(pl.Int64), ([5], [])),
    (pl.Struct({"a": pl.Int64}), ({"a": 5},)), (pl.Null, (None,)),
    (pl.Object, (5, "red", True, None, Decimal("0.15"), b"5")),
)  # fmt: skip


@pytest.mark.parametrize("shard", SHARDS)
def test_frames(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_frame, tmp_path, ci=120, nightly=20_000, shard=shard)


def _frame(generator: random.Random, folder: Path) -> Counter[str]:
    drawn = kinds.drawn(generator, most=3)
    policy = forbear.loads(drawn.text)
    columns = []
    for name in drawn.values:
        kind, values = generator.choice(TYPES)
        nulls = (None,) if generator.random() < 0.3 else ()
        columns.append(pl.Series(name, generator.choices((*values, *nulls), k=ROWS), dtype=kind, strict=False))
    frame = pl.DataFrame(columns)
    try:
        answer = policy.apply(frame, faults=True, why=True)
    except CaseError:
        return Counter({"the frame refused": 1})
    return _compared(
        policy, [_real(row, policy, frame.schema) for row in frame.iter_rows(named=True)], answer, frame.schema
    )


def _real(row: dict[str, Any], policy: forbear.Policy, schema: pl.Schema) -> dict[str, Any]:
    """A row as a case: midnight is a day."""
    return {
        name: float(str(np.float32(value)))  # the digits that it has
        if schema[name] == pl.Float32 and value is not None
        else value.date()
        if isinstance(value, datetime.datetime)
        and value.time() == datetime.time()
        and value.tzinfo is None
        and str(policy.typed.facts[name].kind) == "date"
        else value
        for name, value in row.items()
    }


def _compared(policy: forbear.Policy, cases: Sequence[Any], answer: pl.DataFrame, about: object) -> Counter[str]:
    """Each row against `decide`; a case that is None cannot be told, and has to be undecided."""
    assert answer.height == len(cases), f"{answer.height} rows of {len(cases)} | {about}"
    outcomes: Counter[str] = Counter()
    for case, row in zip(cases, answer.iter_rows(named=True), strict=True):
        try:
            expected = None if case is None else policy.decide(case)
        except CaseError:
            expected = None
        for action in policy.typed.actions:
            verdict = "undecided" if expected is None else expected[action].verdict.value
            assert row[action] == verdict, f"a row is {row[action]}, and decide says {verdict} | {case!r:.300} {about}"
        outcomes["undecided" if expected is None else "decided"] += 1
    return outcomes


# Files


@pytest.mark.parametrize("shard", SHARDS)
def test_csv(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_csv, tmp_path, ci=100, nightly=15_000, shard=shard)


def _csv(generator: random.Random, folder: Path) -> Counter[str]:
    """A file of CSV that is damaged. Python's own strict reader says what its rows are."""
    drawn = kinds.drawn(generator, most=3)
    written = io.StringIO()
    writer = csv.writer(written, quoting=generator.choice((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)), lineterminator="\n")
    writer.writerow(drawn.values)
    for _ in range(ROWS):
        writer.writerow("" if value is None else value for value in drawn.case(generator).values())
    content = written.getvalue().encode()
    head = content.index(b"\n") + 1
    for _ in range(generator.randint(0, 2)):
        at = generator.randrange(head, len(content) + 1)
        if generator.random() < 0.5:
            at = (
                max(content.rfind(b'"', head, at), content.rfind(b"\n", head, at), head - 1) + 1
            )  # where a mark means most
        new = generator.choice(
            (
                b'"',
                b'"',
                b'""',
                b'1""',
                b'1""',
                b"1",
                b",",
                b"\n",
                b"\r",
                b"\\",
                b"\0",
                b"\xff",
                b" ",
                b"'",
                b"=5",
                b"\xef\xbb\xbf",
            )
        )
        content = content[:at] + new + content[at + generator.randint(0, 1) :]
    ends = [found.start() + 1 for found in re.finditer(rb'[0-9]"[,\n]', content) if found.start() > head]
    if ends and generator.random() < 0.3:  # a cell that goes on behind its end
        at = generator.choice(ends) + 1
        content = content[:at] + b'1""' + content[at:]
    (folder / "cases.csv").write_bytes(content)
    policy = forbear.loads(drawn.text)
    (folder / "house.forbear").write_text(drawn.text, encoding="utf-8")
    keys = [word for name in drawn.values for word in ("--key", name)]
    with writes_only(folder, "out.csv", "out.csv.rejects"):
        said = call("apply", "house.forbear", "cases.csv", "-o", "out.csv", "--max-rejects", "99", *keys)
    rows = _rows(content)
    if not (folder / "out.csv").exists():
        assert said.code == 1
        return Counter({"the file refused": 1})
    answer = pl.read_csv("out.csv", infer_schema=False)
    if rows is None or _quoted_inside(folder / "out.csv.rejects"):  # readers differ on where rows end
        return _from_whole_records(policy, list(drawn.values), answer, content)
    assert b"\r" in content or len(rows) == answer.height, f"{answer.height} rows of {len(rows)} | {content!r}"
    if b"\r" in content or b"\0" in content:
        return Counter({"not sure where a line ends": 1})
    cases = [_case(policy, list(drawn.values), row) for row in rows]
    outcomes: Counter[str] = Counter()
    for place, case in enumerate(cases):  # nothing between two quotation marks is an empty text, or nothing
        empty = None if case is None else {name: "" if value is None else value for name, value in case.items()}
        one = answer[place : place + 1]
        try:
            outcomes += _compared(policy, [case], one, content)
        except AssertionError:
            outcomes += _compared(policy, [empty], one, content)
    return outcomes


def _quoted_inside(rejects: Path) -> bool:
    """Whether a row is refused since a value that does not begin with a quotation mark has one inside.

    Python's reader takes such a mark as a character; others leave out more of what comes next.
    """
    return rejects.exists() and "a quotation mark is inside" in rejects.read_text(encoding="utf-8")


def _from_whole_records(
    policy: forbear.Policy, names: Sequence[str], answer: pl.DataFrame, content: bytes
) -> Counter[str]:
    """Of a file in which something is no CSV, only rows are decided that stand in it as whole records."""
    lines = content.splitlines(keepends=True)[1:]
    found = [_rows(b"\n" + b"".join(lines[i:j])) for i in range(len(lines)) for j in range(i + 1, i + 4)]
    records = {tuple(text or None for text in some[0]) for some in found if some is not None and len(some) == 1}
    outcomes: Counter[str] = Counter()
    for row in answer.iter_rows(named=True):
        decided = any(row[action] != "undecided" for action in policy.typed.actions)
        read = tuple(row[name] or None for name in names)
        assert not decided or read in records, f"a row that is no CSV is decided | {read} of {content!r}"
        outcomes["decided" if decided else "undecided"] += 1
    return outcomes


def _rows(content: bytes) -> list[list[str]] | None:
    """The rows, or None where these cannot be told apart."""
    text = content.decode("utf-8", "surrogateescape")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    except csv.Error:
        return None


FLAGS: Mapping[str, object] = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}


def _case(policy: forbear.Policy, names: Sequence[str], row: Sequence[str]) -> dict[str, object] | None:
    if len(row) != len(names) or any("\udc80" <= letter <= "\udcff" for text in row for letter in text):
        return None
    values: dict[str, object] = dict.fromkeys(names)
    for name, text in zip(names, row, strict=True):
        flag = policy.typed.facts[name].kind.word == "yes/no"
        values[name] = FLAGS.get(text.lower(), text) if flag else text or None
        values[name] = values[name] or (False if values[name] is False else None)
    return values


HISTORY = """\
event contact has medium one of call, sms has amount number
fact late days clock
fact calls count of contact where medium is call and amount > 5 in last 7 days
action sms, visit
rule a: after 9 days and calls < 3 then allow sms
rule b: never visit when calls >= 1
"""
AT = "2026-03-02T12:00:00Z"
_EVENT = {"event": "contact", "at": "2026-03-01T09:30:00Z", "medium": "call", "amount": 7}
_TEXTS = (
    "[]", json.dumps([_EVENT]), json.dumps([_EVENT] * 3), "[" * 100_000, "[" * 50 + "]" * 50, "{}", "null", "", " ",
    "[5]", "x", "[{}]", json.dumps([_EVENT]).replace("7}", "1E+999999999999999999}"),
    json.dumps([_EVENT]).replace("7}", "1" * 5_000 + "}"),
    json.dumps([_EVENT]).replace("7}", "0." + "1" * 5_000 + "}"), json.dumps([_EVENT]).replace("7}", "NaN}"),
    json.dumps([_EVENT]).replace("7}", "-Infinity}"),
    json.dumps([_EVENT]).replace('"amount"', '"amount": 1, "amount"'),
    json.dumps([_EVENT]).replace('"medium"', '"medium": "call", "medium": "sms", "m"'), '"\\ud800"', "1" * 3_000_000,
    json.dumps([_EVENT])[:-1], json.dumps([_EVENT]) + "]", json.dumps([_EVENT]).replace("call", "\\u0063all"), "[1e5]",
    json.dumps([_EVENT]).replace("7}", "1e400}"), json.dumps([{**_EVENT, "medium": "call\n"}]), json.dumps([[_EVENT]]),
)  # fmt: skip


@pytest.mark.parametrize("shard", SHARDS)
def test_histories_as_texts(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_history_texts, tmp_path, ci=40, nightly=4_000, shard=shard)


def _history_texts(generator: random.Random, folder: Path) -> Counter[str]:
    """A column of histories as texts: one that is none takes its own row away, and no other."""
    (folder / "house.forbear").write_text(HISTORY, encoding="utf-8")
    texts = [generator.choice(_TEXTS) for _ in range(3)] + [_TEXTS[1]]
    if generator.random() < 0.5:
        texts[0] = damage.damaged(_TEXTS[2], generator).decode(errors="replace")
    rows = [{"late": 10, "history_from": "2026-01-01", "zone": "America/New_York", "history": text} for text in texts]
    pl.DataFrame(rows).write_parquet("cases.parquet")
    arguments = ("apply", "house.forbear", "cases.parquet", "-o", "out.parquet", "--at", AT, "--max-rejects", "9")
    said = call(*arguments, size=4_000_000)
    assert (folder / "out.parquet").exists(), (
        f"one row ends the file: {said.err[:200]} | {[text[:80] for text in texts]}"
    )
    policy = forbear.load("house.forbear")
    cases = [_told(row) for row in rows]
    decided = ["undecided" if case is None else _ask(policy, case) for case in cases]
    verdicts = pl.read_parquet("out.parquet")["sms"].to_list()
    assert verdicts == decided, f"a history as a text is decided otherwise | {[text[:200] for text in texts]}"
    return Counter("undecided" if one == "undecided" else "decided" for one in verdicts)


def _told(row: dict[str, Any]) -> dict[str, Any] | None:
    """A row with its history as JSON has it; None where the text is not JSON that has one meaning."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("a name twice")
        return dict(pairs)

    def refuse(text: str) -> object:
        raise ValueError(text)

    try:
        history = json.loads(row["history"], parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)
    except (ValueError, RecursionError, ArithmeticError):
        return None
    return {**row, "history": history}


def _ask(policy: forbear.Policy, case: dict[str, Any]) -> str:
    try:
        return policy.decide(case, at=AT)["sms"].verdict.value
    except CaseError:
        return "undecided"


# What is written

_KEYS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "plain",
    "-5",
    '"=1',
    "a,b",
    "x\u202ey",
    "\x9b2J",
    "\n=1",
    "=",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def test_keys(campaign: Campaign, tmp_path: Path) -> None:
    campaign.run(_keys, tmp_path, ci=20, nightly=500)


def _keys(generator: random.Random, folder: Path) -> str:
    """Keys stand in an answer as they were, so that they join back. What is said beside them is a text in every program
    that opens it: no formula, and nothing that moves a cursor."""
    text = "fact late days clock\naction sms\nafter 9 days then allow sms\n"
    (folder / "house.forbear").write_text(text, encoding="utf-8")
    ending = generator.choice(("csv", "jsonl"))
    rows = [{"account": generator.choice(_KEYS), "late": generator.choice(("10", *_KEYS))} for _ in range(4)]
    if ending == "csv":
        pl.DataFrame(rows).write_csv("cases.csv")
    else:
        (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    call("apply", "house.forbear", f"cases.{ending}", "-o", "out.csv", "--key", "account", "--max-rejects", "9")
    keys = [row["account"] for row in rows]
    answer, rejects = (_cells(folder / name) for name in ("out.csv", "out.csv.rejects"))
    assert [row[0] for row in answer[1:]] == keys, f"a key is another one | {keys} {answer}"
    assert [row[1] for row in rejects[1:]] == [keys[int(row[0]) - 1] for row in rejects[1:]], f"{keys} {rejects}"
    for cell in (*answer[0], *rejects[0], *(row[2] for row in rejects[1:])):
        assert not cell.startswith(_FORMULA), f"a cell is a formula | {cell!r}"
        assert HOSTILE.search(cell) is None, f"a control character in a reason | {cell!r}"
    return "texts"


def _cells(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
