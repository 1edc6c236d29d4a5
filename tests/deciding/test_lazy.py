"""Decisions on single actions that are made when they are first read."""

from __future__ import annotations

import forbear
from forbear.deciding.deciders.decider import decider


def test_views_of_a_decision_have_each_action_in_order() -> None:
    text = "policy p\nfact days_overdue days clock\naction sms, letter, visit\nrule r: after 3 days then allow letter"
    decision = decider(forbear.loads(text).typed, many=True).decide({"days_overdue": 5})
    assert decision["visit"].verdict == "unsaid"
    verdicts = [("sms", "unsaid"), ("letter", "allowed"), ("visit", "unsaid")]
    assert [(action, decided.verdict) for action, decided in decision.items()] == verdicts
    assert [decided.verdict for decided in decision.values()] == [verdict for _, verdict in verdicts]
