"""What is printed: nothing that moves a terminal or is not seen reaches it, and no value that is private."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import polars as pl
import pytest
from campaign import HOSTILE, SHARDS, Campaign, call

import forbear
from forbear.kernel.cases import CaseError

CONTROLS = (
    "\x1b[2J", "\x9b2J", "\x9d0;x\x9c", "\x07", "\x08\x08", "\x7f", "\u202e", "\u2066x", "\u200b", "\u200f", "\u061c",
    "\ufeff", "\u2028", "\x85", "\r", "\x00",
)  # fmt: skip
"""Sequences of a terminal in 7 and 8 bits, what turns the order of letters around, and what is not seen."""
HIDING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What has no place in any text. What is not seen otherwise, such as a joiner, some scripts need."""
POLICY = """\
policy house "Title{0}"
  source "Source{0}"
  version "1{0}"
fact late days clock "Days{0}"
fact state text optional "State{0}"
action sms, visit "Reaches{0}"
setting grace is 3 "An assumption{0}"
rule a "Named{0}": # a comment{0}
  after 9 days and state is "x{0}" then allow sms overrides b
  because "reason{0}"
  source "origin{0}"
rule b: after grace days then forbid sms because "for now{0}"
example "tried{0}": given late 10, state "x{0}" expect sms allowed
ensure visit not allowed when after 3 days
"""
SHOWING = (
    ("validate", "house.forbear", "--all", "--notes"), ("validate", "house.forbear", "--format", "json"),
    ("test", "house.forbear"), ("validate", "house.forbear", "--format", "github"),
    ("validate", "house.forbear", "--format", "sarif"), ("facts", "house.forbear", "--all"),
    ("facts", "house.forbear", "--format", "json"), ("facts", "house.forbear", "--json-schema"),
    ("decide", "house.forbear", "--case", "case.json"),
    ("decide", "house.forbear", "--case", "case.json", "--format", "json"),
    ("decide", "house.forbear", "--lines", "--case", "case.json"),
    ("explain", "house.forbear", "sms", "--case", "case.json"),
    ("explain", "house.forbear", "sms", "--case", "case.json", "--format", "json"),
    ("when", "house.forbear", "sms", "--case", "case.json", "--at", "2026-03-01T10:00:00Z"),
    ("when", "house.forbear", "x{0}", "--case", "case.json", "--at", "now", "--until", "x{0}", "--format", "json"),
    ("diff", "house.forbear", "other.forbear"), ("diff", "house.forbear", "other.forbear", "--format", "json"),
    ("format", "--diff", "house.forbear"), ("diff", "house.forbear", "other.forbear", "--format", "markdown"),
    ("conform", "house.forbear", "--to", "other.forbear"),
    ("compile", "house.forbear", "-o", "-", "--target", "python"),
    ("compile", "house.forbear", "-o", "-", "--target", "javascript"),
    ("compile", "house.forbear", "-o", "-", "--target", "sql", "--dialect", "spark"),
    ("report", "house.forbear", "-o", "-"), ("replay", "record.jsonl", "--policy", "house.forbear"),
    ("explain", "house.forbear", "x{0}", "--case", "case.json"),
    ("apply", "house.forbear", "case.jsonl", "-o", "out.csv", "--guard", "x{0} permitted < 1"),
    ("decide", "x{0}", "--case", "case.json"),
)  # fmt: skip


@pytest.mark.parametrize("shard", SHARDS)
def test_terminal(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_terminal, tmp_path, ci=150, nightly=10_000, shard=shard)


def _terminal(generator: random.Random, folder: Path) -> str:
    """A control character in a policy, a case, a record, or an argument. `call` looks at what is printed."""
    control = generator.choice(CONTROLS)
    everywhere = generator.random() < 0.4
    places = POLICY.count("{0}")
    at = generator.randrange(places)
    text = (
        "".join(
            part + (control if everywhere or number == at else "")
            for number, part in enumerate(POLICY.split("{0}")[:-1])
        )
        + POLICY.split("{0}")[-1]
    )
    hostile_policy = generator.random() < 0.6
    (folder / "house.forbear").write_text(
        text if hostile_policy else POLICY.replace("{0}", ""), encoding="utf-8", newline=""
    )
    (folder / "other.forbear").write_text(POLICY.replace("{0}", "").replace("9 days", "8 days"), encoding="utf-8")
    cases: tuple[dict[str, object], ...] = (
        {"late": 10, "state": f"x{control}"}, {"late": 10, f"x{control}": 1}, {"late": control},
        {"late": 10, "state": [control]}, {"late": 10},
    )  # fmt: skip
    case = generator.choice(cases)
    (folder / "case.json").write_text(json.dumps(case, ensure_ascii=generator.random() < 0.5), encoding="utf-8")
    (folder / "case.jsonl").write_text(json.dumps(case) + "\n")
    record = {
        "policy": {"name": f"house{control}"},
        "case": case,
        "decisions": {f"sms{control}": {"verdict": control, "rules": [control]}},
    }
    (folder / "record.jsonl").write_text(json.dumps(record) + "\n")
    arguments = [one.replace("{0}", control.replace("\x00", "")) for one in generator.choice(SHOWING)]
    said = call(*arguments)
    if hostile_policy and arguments[0] == "validate" and HIDING.search(control):
        assert said.code == 1 or "warning" in said.out, (
            f"a rule file hides something, and nobody says so: U+{ord(control[0]):04X} | {said.out[:300]}"
        )
    return f"exit {said.code}"


# Private values


SECRET_TEXT, SECRET_NUMBER = "Zq7Secret", "918273645.13"
PRIVATE = """\
{head}
fact late days clock
fact salary money CNY between CNY 0 and CNY 5000 optional {private}
fact sick text optional {private}
fact diagnosis one of none_known, mild, severe optional {private}
fact born date optional {private}
fact rings time optional {private}
fact married yes/no optional {private}
action sms, visit
event contact has amount money CNY between CNY 0 and CNY 10 {private} has who one of a, b {private}
fact calls count of contact where amount > CNY 5 in last 7 days
rule a: after 9 days and (salary > CNY 100 or sick is "x" or diagnosis is mild or born < 2000-01-01) then allow sms
rule b: never visit when rings < 08:00 or married
rule c: never sms when calls > 3
"""
"""`private` in the policy, or in the standard that it is subject to alone."""


@pytest.mark.parametrize("shard", SHARDS)
def test_private(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_private, tmp_path, ci=60, nightly=8_000, shard=shard)


def _private(generator: random.Random, folder: Path) -> str:
    """A private value that is wrong: it stands in no error, no reject and no record."""
    in_standard = generator.random() < 0.3
    if in_standard:
        (folder / "bound.forbear").write_text(PRIVATE.format(head="standard bound", private="private"))
        text = PRIVATE.format(head='policy house\n  subject to "bound"', private="").replace("rule ", "rule own_")
        (folder / "house.forbear").write_text(text)
    else:
        (folder / "house.forbear").write_text(PRIVATE.format(head="policy house", private="private"))
    secrets = (
        SECRET_TEXT,
        float(SECRET_NUMBER),
        SECRET_NUMBER,
        f"CNY {SECRET_NUMBER}",
        [SECRET_TEXT],
        {SECRET_TEXT: 1},
        f"USD {SECRET_NUMBER}",
    )
    case: dict[str, object] = {"late": 10, "calls": 0}
    wrong = generator.choice(("salary", "diagnosis", "born", "rings", "married", "sick", "history"))
    secret: object = generator.choice(secrets)
    if wrong == "history":
        event = {"event": "contact", "at": "2026-03-01T09:30:00Z", "amount": 3, "who": "a"}
        del case["calls"]
        event[generator.choice(("amount", "who"))] = secret
        case |= {"history": [event], "history_from": "2026-01-01", "zone": "America/New_York"}
    else:
        case[wrong] = secret
    taken = wrong == "sick" and isinstance(secret, str)
    (folder / "case.json").write_text(json.dumps(case))
    (folder / "case.jsonl").write_text(json.dumps(case) + "\n")
    at = ("--at", "2026-03-02T12:00:00Z") if wrong == "history" else ()
    shown = ""
    match generator.randrange(5):
        case 0:
            said = call(
                "decide", "house.forbear", "--case", "case.json", *at, "--format", generator.choice(("text", "json"))
            )
            shown = said.err + ("" if taken else said.out)
        case 1:
            said = call("decide", "house.forbear", "--lines", "--case", "case.jsonl", *at)
            shown = said.err + ("" if taken else said.out)
        case 2:
            if not isinstance(secret, (list, dict)) and wrong != "history" and generator.random() < 0.5:
                pl.DataFrame([{name: str(value) for name, value in case.items()}]).write_csv("cases.csv")
                said = call("apply", "house.forbear", "cases.csv", "-o", "out.csv")
            else:
                said = call("apply", "house.forbear", "case.jsonl", "-o", "out.csv", *at)
            shown = said.out + said.err + (folder / "out.csv.rejects").read_text() + (folder / "out.csv").read_text()
        case 3:
            said = call("decide", "house.forbear", "--case", "case.json", *at, "--record", "kept.jsonl")
            shown = (folder / "kept.jsonl").read_text() + said.err
        case _:
            try:
                forbear.load("house.forbear").decide(case, at=at[1] if at else None)
            except CaseError as error:
                shown = f"{error} {error!r} {error.faults}"
    for part in (SECRET_TEXT, SECRET_NUMBER, SECRET_NUMBER[:9]):
        assert part not in shown, f"a private value is shown: {wrong}, in_standard={in_standard} | {shown[:400]}"
    assert HOSTILE.search(shown.replace("\r", "")) is None
    return "taken" if taken else "refused"
