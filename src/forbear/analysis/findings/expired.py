"""`expired`: a rule whose days are all past; and `far-off`: a rule that begins so late that its year may be a slip."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.findings.standards.not_read import named_standards
from forbear.base.diagnostic import Code, Severity
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Rule, TypedPolicy, own_rules

_EXPIRED = Code("expired", Severity.NOTE, acceptable=True)
_FAR_OFF = Code("far-off", Severity.WARNING, acceptable=True)
FAR = 3653
"""Days: a rule that begins later than in ten years is rarely meant to."""


def _expired(analysis: Analysis) -> Iterator[Candidate]:
    """Yields a candidate for each such rule; none for a policy whose own days are past."""
    policy, today = analysis.policy, analysis.today
    if today is None or (policy.until is not None and policy.until < today):
        return
    for rule in own_rules(policy):
        if rule.until is not None and rule.until < today:
            yield _candidate(_EXPIRED, rule, "expired.past", rule.until)


def _far_off(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each rule that begins in more than ten years; without a day to look from, none."""
    latest = sys.maxsize if analysis.today is None else analysis.today + FAR
    for rule in own_rules(analysis.policy):
        if rule.since is not None and rule.since > latest:
            yield _candidate(_FAR_OFF, rule, "far-off.ten-years", rule.since)


def _candidate(code: Code, rule: Rule, text: str, end: int) -> Candidate:
    day = datetime.date.fromordinal(end).isoformat()
    finding = diagnosis(text, rule.place, code=code, rules=(rule.name,), rule=rule.name, day=day)
    return Candidate.certain(finding.rules, finding)


def last_days(policy: TypedPolicy) -> Iterator[int]:
    """The days after which a finding that goes by the day may come or go."""
    for rule in own_rules(policy):
        yield from () if rule.until is None else (rule.until,)
        yield from () if rule.since is None else (rule.since - FAR - 1,)
    reviews = [policy.reviewed, *[standard.reviewed for standard, _ in named_standards(policy)]]
    yield from [day for day in (policy.until, *[review.until for review in reviews if review]) if day is not None]


EXPIRED = Finding(_EXPIRED, _expired)
FAR_OFF = Finding(_FAR_OFF, _far_off)
