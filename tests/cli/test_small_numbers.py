"""Numbers below a millionth, which Python writes as 1E-7. No command does: neither a case nor a rule may hold that."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from command import run, write

import forbear
from forbear.kernel.cases import in_digits

POLICY = """\
policy dust
currency CNY
fact late days clock
fact ratio number between 0 and 1 in steps of 0.0000001 usually 0.0000004
fact rate percent in steps of 0.00000001%
fact owed money CNY in steps of CNY 0.0000001
fact paid number in steps of 0.0000001 optional
setting least is 0.0000002
action sms, call, visit
rule a: allow sms when ratio > least and rate < 0.0000003%
rule b: allow call when owed >= CNY 0.0000003 and paid = 0.0000009
rule c: forbid sms when ratio between 0.0000002 and 0.0000004 and late > 3
table t
| ratio | visit |
| 0.0000001 to 0.0000003 | allow |
| over 0.0000005 | allow |
""".replace("rule d: forbid visit when owed >= paid + CNY 0.0000005\n", "")
WORDS = "late 1, ratio 0.0000003, rate 0.0000002%, owed CNY 0.0000001, paid 0.0000002"
PART = "late 1, rate 0.0000002%, owed CNY 0.0000001"
CASE = '{"late": 1, "ratio": 3e-7, "rate": 2e-7, "owed": 1e-7, "paid": null, "account": 1e-7}'
BAD = '{"late": 1e-7, "ratio": 3e-8, "rate": 2e-9, "owed": 1e-9, "paid": 1e-8}'
PRINTED = (
    ("validate", "dust.forbear", "--notes"),
    ("facts", "dust.forbear"),
    ("decide", "dust.forbear", "--full", "--given", WORDS),
    ("decide", "dust.forbear", "--open", "ratio,paid", "--given", PART),
    ("decide", "dust.forbear", "--full", "--key", "account", "--record", "out.jsonl", "--case", "case.json"),
    ("decide", "dust.forbear", "--case", "bad.json"),
    ("explain", "dust.forbear", "sms", "--given", WORDS),
    ("explain", "dust.forbear", "visit", "--key", "account", "--case", "case.json"),
    ("ask", "dust.forbear", "visit", "--given", PART),
    ("apply", "dust.forbear", "bad.jsonl", "-o", "out.jsonl"),
    ("diff", "dust.forbear", "other.forbear", "--full"),
)
WRITTEN = (
    ("report", "dust.forbear", "-o", "out.html"),
    ("compile", "dust.forbear", "-o", "out.json", "--target", "json"),
    ("table", "export", "dust.forbear", "-o", "out.csv"),
    ("test", "dust.forbear", "--write-examples", "out.forbear"),
    ("test", "dust.forbear", "--suggest"),
)
EACH = [*((*words, "--format", output) for words in PRINTED for output in ("text", "json")), *WRITTEN]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "dust.forbear", POLICY)
    write(tmp_path, "other.forbear", POLICY.replace("0.0000003", "0.0000006"))
    write(tmp_path, "case.json", CASE)
    write(tmp_path, "bad.json", BAD)
    write(tmp_path, "bad.jsonl", f"{BAD}\n{BAD}\n")
    return tmp_path


@pytest.mark.parametrize("words", EACH, ids=" ".join)
def test_no_command_writes_an_exponent(folder: Path, words: tuple[str, ...]) -> None:
    answer = run(*words, cwd=folder)
    said = "\n".join([answer.said, *(path.read_text(encoding="utf-8") for path in folder.glob("out*"))])
    assert re.search(r"\b0\.000000\d", said), said
    assert not re.search("[0-9]E-[0-9]", said), said


def test_what_is_printed_is_read_again(folder: Path) -> None:
    case = run("decide", "dust.forbear", "--given", WORDS, "--format", "json", cwd=folder).json["case"]
    assert (case["ratio"], case["owed"]) == ("0.0000003", "0.0000001")
    again = run("decide", "dust.forbear", "--case", "-", "--format", "json", given=json.dumps(case), cwd=folder)
    assert (again.code, again.json["case"]) == (0, case)
    told = run("decide", "dust.forbear", "--given", WORDS, "--full", cwd=folder)
    printed = re.findall(r"^case: (.*)$", told.out, re.MULTILINE)[0]
    assert run("decide", "dust.forbear", "--given", printed, "--full", cwd=folder).out == told.out
    found = run("validate", "dust.forbear", "--format", "json", cwd=folder).json["findings"]
    in_short = [words for finding in found for words in finding.get("in_short", [])]
    assert any("0.000000" in words for words in in_short)
    for words in in_short:
        assert run("decide", "dust.forbear", "--given", words, cwd=folder).code == 0, words
    policy = forbear.loads(POLICY)
    partial = policy.partial({"late": 4, "rate": 0, "owed": 0, "paid": None}, ["ratio"])
    conditions = [text for outcomes in partial.values() for one in outcomes for text in one.alternatives]
    assert "ratio between 0.0000002 and 0.0000004" in conditions
    for condition in filter(None, conditions):
        forbear.loads(f"{POLICY}rule again: allow visit when {condition}\n")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1E-7", "0.0000001"),
        ("-2.50E-9", "-0.00000000250"),
        ("0E-7", "0.0000000"),
        ("3E+3", "3000"),
        ("1E-999999999", "1E-999999999"),
        ("1E+999999999", "1E+999999999"),
        ("NaN", "NaN"),
        ("sNaN", "sNaN"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_a_decimal_in_digits(number: str, text: str) -> None:
    """One of a thousand million digits is not written out."""
    assert in_digits(Decimal(number)) == text
