"""Constructs of spans, windows, hours and sums: for each a policy and a case, and one policy and case of them all."""

from __future__ import annotations

import re
from typing import Any

import forbear

AT = "2026-03-06T12:00:00+00:00"
HEAD = """\
calendar c covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
  holidays 2026-04-03
event e
  has x yes/no
  has m count between 1 and 9
event reply
action call, sms
"""
CONSTRUCTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a span of the day over midnight": ("fact t time of decision", "not t from 22:00 until 08:00", {}),
    "a span without its end": ("fact n count", "n from 5 until 20", {"n": 5}),
    "weekly hours": ("fact own weekly hours or none\nfact spared now within own", "spared", {"own": "fri 11:00-13:00"}),
    "a sum of facts": ("fact a days\nfact b days\nfact most days", "a + b > most", {"a": 3, "b": 4, "most": 6}),
    "working days since a date": (
        "fact agreed date or none\nfact waited working days of c since agreed",
        "waited >= 4",
        {"agreed": "2026-03-02"},
    ),
    "a window since a date": (
        "fact agreed date or none\nfact n count of e since agreed",
        "n >= 2",
        {"agreed": "2026-03-03"},
    ),
    "a window of working days": ("fact n count of e in last 3 working days of c", "n = 2", {}),
    "a window of minutes": ("fact n any e in last 30 minutes", "n", {}),
    "a window of this quarter": ("fact n count of e this quarter", "n = 3", {}),
    "two windows at once": ("fact n count of e in last 7 days and since last reply", "n >= 1", {}),
    "days with an event": ("fact n days with e in last 7 days", "n = 3", {}),
    "days in a row": ("fact n days in a row with e where x in last 7 days", "n >= 1", {}),
    "an attribute of at least a fact": (
        "fact least count\nfact n count of e where m >= this least in last 7 days",
        "n >= 2",
        {"least": 4},
    ),
    "a holiday": ("fact feast holiday of c", "not feast", {}),
    "a row for the rest": ("fact n count", "n >= 5", {"n": 5}),
    "a discount that is open": ("fact offer number between 0 and 1 in steps of 0.1", "offer <= 0.2", {"offer": "0.2"}),
    "a limit by a count": ("fact n count of e in last 7 days", "n < 9", {}),
}
"""By construct: what declares it, a condition that reads it and holds of a case, and the facts of that case."""
HISTORY = [
    {"event": "e", "at": "2026-03-02T09:00:00+00:00", "x": False, "m": 1},
    {"event": "reply", "at": "2026-03-04T09:00:00+00:00"},
    {"event": "e", "at": "2026-03-05T09:00:00+00:00", "x": True, "m": 5},
    {"event": "e", "at": "2026-03-06T11:45:00+00:00", "x": False, "m": 9},
]


def policy_text(construct: str, condition: str | None = None) -> str:
    declared, holds, _ = CONSTRUCTS[construct]
    rules = f"rule permit: allow call when {condition or holds}\nrule refuse: never sms when {condition or holds}\n"
    if construct == "a limit by a count":
        rules += "rule few: limit call to 9 by n\n"
    if construct == "a row for the rest":
        rows = ("| n | call | sms |", "| 5 until 9 | allow | never |", "| otherwise | forbid | allow |")
        rules = "\n  ".join(["table t", *rows]) + "\n"
    return f"{HEAD}{declared}\n{rules}"


def case_of(construct: str) -> dict[str, Any]:
    own = CONSTRUCTS[construct][2]
    history = {"history": HISTORY, "history_from": "opening"} if " e " in CONSTRUCTS[construct][0] + " " else {}
    return {**own, **history, "zone": "UTC"}


EXPECTED = {"call": "allowed", "sms": "forbidden"}


def columns(policy: forbear.Policy, case: dict[str, Any]) -> dict[str, Any]:
    """The case as a row that SQL reads: what follows from its history and moment is given."""
    known = case | policy.derive(case, AT)
    row = {name: known[name] for name in policy.typed.facts if name in known}
    return {name: float(value) if name.startswith("offer") else value for name, value in row.items()}


def together() -> tuple[str, dict[str, Any], dict[str, str]]:
    """A policy with all constructs, a case of it, and its verdicts."""
    declared, verdicts = HEAD.replace("action call, sms\n", ""), dict[str, str]()
    case: dict[str, Any] = {"history": HISTORY, "history_from": "opening", "zone": "UTC"}
    for number, (construct, (_, _, given)) in enumerate(CONSTRUCTS.items()):
        text = policy_text(construct)
        own = "|".join([*forbear.loads(text).typed.facts, "call", "sms", "permit", "refuse", "few"])
        declared += re.sub(rf"\b({own})\b", rf"\1_{number}", "action call, sms\n" + text.removeprefix(HEAD))
        case |= {f"{name}_{number}": value for name, value in given.items()}
        verdicts |= {f"{action}_{number}": verdict for action, verdict in EXPECTED.items()}
    return declared, case, verdicts
