"""After `prepare` no question compiles anything, whatever the policy and the case."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

import forbear

FACTS = "policy p\nfact late days clock\nfact amount count optional\naction sms, visit\n"
EVENTS = "event call\nfact calls count of call in last 7 days optional\n"
KINDS = {
    "plain": (FACTS.replace(" optional", ""), ""),
    "unknown": (FACTS, ""),
    "dates": (FACTS, 'rule new: suspend sms from 2026-01-01 because "a pause"\n'),
    "events": (FACTS + EVENTS, "rule often: never sms when calls >= 3\n"),
    "along": (
        FACTS.replace("sms, visit", "sms, visit, notice"),
        "rule both: after 90 days then allow sms with notice\n",
    ),
}
CASE = {"late": 5, "amount": 3}
AT = {"zone": "Europe/Berlin", "history_from": "opening", "history": [{"event": "call", "at": "2026-02-27T10:00:00Z"}]}
CASES: Mapping[str, Mapping[str, Any]] = {
    "plain": {"case": CASE},
    "day": {"case": CASE, "on": "2026-03-01"},
    "moment": {"case": {**CASE, **AT}, "at": "2026-03-01T09:00:00Z"},
    "since": {"case": {**CASE, **AT, "history_from": "2026-02-27"}, "at": "2026-03-01T09:00:00Z"},
    "error": {"case": {"late": -1}},
}
_compiled: list[object] = []


def _listen(event: str, given: tuple[object, ...]) -> None:
    if event == "compile":
        _compiled.append(given)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rules", [3, 60])
def test_no_question_compiles_anything(kind: str, rules: int) -> None:
    if not _compiled:
        sys.addaudithook(_listen)  # it cannot be taken away again
    facts, own = KINDS[kind]
    each = [f"rule r{n}: after {n + 3} days and amount > {n} then allow sms\n" for n in range(rules)]
    policy = forbear.loads("".join([facts, own, *each, "rule v: after 60 days then allow visit\n"]))
    policy.prepare()
    assert _compiled
    answered = set()
    for name, asked in CASES.items():
        for ask in (policy.decide, partial(policy.permits, "sms"), partial(policy.decide_alone, "sms")):
            _compiled[1:] = []
            try:
                ask(**asked)
                answered.add(name)
            except forbear.CaseError:
                pass
            assert len(_compiled) == 1, (name, ask, _compiled)
    assert answered == {*CASES} - {"error"} - ({"plain"} if kind == "dates" else set())
