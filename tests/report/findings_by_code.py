"""A small policy for each finding, with what `contract.md` promises of its fields."""

from __future__ import annotations

from typing import Any

from attrs import frozen

FACTS = """\
fact late days clock between 0 and 100
fact misses count between 0 and 9 usually 0
fact fee money CNY between CNY 0 and CNY 1000
fact share percent between 0% and 100%
fact origin one of form, friend, web optional
fact promised date between 2015-01-01 and 2016-12-31 or none
fact hour time
fact region text
fact risk one of low < middle < high
action sms, letter, call, relative, visit
group writing is sms, letter
ladder pressure: writing, call, relative, visit rising with late, fee
"""
UNDATED = f"policy house\n{FACTS}"
DATED = f"policy house in force from 2015-09-01 until 2015-12-31\n{FACTS}"
SEVERITIES = {
    "contradiction": "error",
    "blocked-duty": "warning",
    "dead-rule": "warning",
    "none-escapes": "warning",
    "duplicate": "warning",
    "subsumed": "warning",
    "overlap": "note",
    "masked-rule": "warning",
    "hole": "warning",
    "skipped-rung": "note",
    "falling-pressure": "warning",
    "no-floor": "note",
    "unguarded": "note",
    "failed-example": "error",
    "failed-ensure": "error",
    "stale-accept": "warning",
    "decided-comparison": "warning",
    "unclear-condition": "warning",
    "unnamed-rule": "warning",
    "forgotten-none": "note",
    "unread": "note",
}


@frozen
class Made:
    """Rules in which a code is found once, and the fields that its finding has."""

    code: str
    rules: str
    fields: dict[str, Any]
    witnesses: int = 1


MADE = (
    Made(
        "contradiction",
        "rule a: after 3 days and fee > CNY 12.50 then allow call, sms\nrule b: forbid sms, call when misses >= 2",
        {"rules": ["a", "b"], "actions": ["sms", "call"], "by": ["b"]},
    ),
    Made(
        "blocked-duty",
        "rule b: never call when share > 12.5%\nrule a: after 3 days then require call",
        {"rules": ["b", "a"], "actions": ["call"], "by": ["b"]},
    ),
    Made(
        "dead-rule",
        "rule a: after 3 days and within 2 days then allow call",
        {"rules": ["a"]},
        witnesses=0,
    ),
    Made(
        "none-escapes",
        "rule a: after 3 days then allow call\nrule b: never call when promised > 2015-09-22",
        {"rules": ["b"], "actions": ["call"], "fact": "promised"},
    ),
    Made(
        "duplicate",
        "rule a: after 3 days and hour > 20:30 then allow call\nrule b: from day 4 and hour > 20:30 then allow call",
        {"rules": ["a", "b"], "actions": ["call"]},
    ),
    Made(
        "subsumed",
        'rule a: after 3 days then allow call\nrule b: after 9 days and region is "CA" then allow call',
        {"rules": ["a", "b"], "actions": ["call"], "subsumed": "b"},
    ),
    Made(
        "overlap",
        "rule a: after 3 days and origin is friend then allow call\nrule b: promised > 2015-09-22 then allow call",
        {"rules": ["a", "b"], "actions": ["call"]},
    ),
    Made(
        "masked-rule",
        "rule a: after 3 days and risk >= middle then allow call\n"
        "rule b: never call when within 50 days\nrule c: never call when after 40 days",
        {"rules": ["a"], "actions": ["call"], "by": ["b", "c"]},
    ),
    Made(
        "hole",
        "rule a: within 13 days and fee <= CNY 100 then allow call\n"
        "rule b: after 14 days and promised is none then allow call",
        {"actions": ["call"]},
        witnesses=3,
    ),
    Made(
        "skipped-rung",
        "rule a: after 9 days then allow sms, call\nrule b: after 3 days then allow relative\n"
        "rule c: after 9 days then allow visit",
        {"actions": ["relative"], "skips": ["writing", "call"]},
    ),
    Made(
        "falling-pressure",
        "rule a: fee < CNY 500 and origin is unknown then allow writing",
        {"actions": ["writing"], "ladder": "pressure", "fact": "fee"},
        witnesses=2,
    ),
    Made(
        "no-floor",
        "rule a: origin is unknown or origin is friend then allow writing",
        {"actions": ["writing"]},
    ),
    Made(
        "unguarded",
        "rule a: after 3 days then allow call, sms\nrule b: after 3 days and misses > 1 then never letter",
        {"actions": ["sms", "call"]},
    ),
    Made(
        "failed-ensure",
        "rule a: after 3 days and not (origin is friend) then allow call, sms\n"
        "ensure sms, letter, call not allowed when within 60 days",
        {"rules": ["a"], "actions": ["sms", "call"]},
    ),
    Made(
        "failed-example",
        "rule a: after 3 days and not (origin is friend) and (promised is none or share > 1.5%) then allow call\n"
        'example "x": given late 9, share 99.99%, origin web, promised none, region "say \\"x\\"" expect call unsaid',
        {"rules": ["a"], "actions": ["call"]},
    ),
    Made("stale-accept", 'rule a: after 3 days then allow call\naccept hole of call because "meant"', {}, witnesses=0),
    Made(
        "unnamed-rule",
        "rule a: after 3 days then allow call\nafter 3 days then allow sms",
        {"rules": ["house:15"]},
        witnesses=0,
    ),
    Made(
        "forgotten-none",
        "event talk has medium text\nfact silence days since last talk\nrule a: silence > 7 then allow call",
        {"rules": ["a"], "actions": ["call"], "fact": "silence"},
        witnesses=0,
    ),
    Made("unread", "setting idle is 3\nrule a: after 3 days then allow call", {}, witnesses=0),
    Made(
        "unclear-condition",
        "rule a: not (misses >= 1) or late > 60 then allow call",
        {"rules": ["a"]},
        witnesses=0,
    ),
    Made("decided-comparison", "rule a: after 3 days and misses >= 0 then allow call", {"rules": ["a"]}, witnesses=0),
)
