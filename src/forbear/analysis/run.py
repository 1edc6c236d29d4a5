"""All findings of a policy: each kind gives its candidates, which are searched for, and matched with accepts."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import frozen

from forbear.analysis.accepts import Accepts
from forbear.analysis.engine.analysis import Analysis, Finding, analyse
from forbear.analysis.engine.searcher import BOUND
from forbear.analysis.findings.dead_rule import DEAD_RULE
from forbear.analysis.findings.ladders.falling_pressure import FALLING_PRESSURE
from forbear.analysis.findings.ladders.hole import HOLE
from forbear.analysis.findings.ladders.no_floor import NO_FLOOR
from forbear.analysis.findings.ladders.skipped_rung import SKIPPED_RUNG
from forbear.analysis.findings.ladders.unguarded import UNGUARDED
from forbear.analysis.findings.masked_rule import MASKED_RULE
from forbear.analysis.findings.pairs.blocked_duty import BLOCKED_DUTY
from forbear.analysis.findings.pairs.contradiction import CONTRADICTION
from forbear.analysis.findings.pairs.duplicate import DUPLICATE, SUBSUMED
from forbear.analysis.findings.pairs.overlap import OVERLAP
from forbear.analysis.findings.promises.failed_example import failed_examples
from forbear.analysis.findings.promises.failed_promise import FAILED_PROMISE
from forbear.analysis.findings.standards.unjudged import UNJUDGED
from forbear.analysis.findings.standards.vacuous_standard import VACUOUS_STANDARD
from forbear.analysis.findings.undecided import Unsure, applies, too_large, undecided
from forbear.diagnostic import Diagnostic
from forbear.model.policy import TypedPolicy
from forbear.space.regions import TooManyBoxes
from forbear.space.search.bound import BoundReached

FINDINGS: tuple[Finding, ...] = (
    CONTRADICTION,
    BLOCKED_DUTY,
    DEAD_RULE,
    DUPLICATE,
    SUBSUMED,
    MASKED_RULE,
    HOLE,
    SKIPPED_RUNG,
    FALLING_PRESSURE,
    NO_FLOOR,
    UNGUARDED,
    UNJUDGED,
    VACUOUS_STANDARD,
    OVERLAP,
    FAILED_PROMISE,
)
"""Every kind of finding, in the order in which they are searched for."""


@frozen
class Findings:
    """The findings, up to the limit for each code, and how many there are of each code that no accept covers."""

    diagnostics: tuple[Diagnostic, ...]
    totals: Mapping[str, int]


def findings(
    policy: TypedPolicy,
    checked: Iterable[Diagnostic] = (),
    *,
    limit: int | None = None,
    today: datetime.date | None = None,
    only: frozenset[str] | None = None,
) -> Findings:
    """All findings of a policy: the `checked` diagnostics of the checker, and what the analyser finds.

    `limit` bounds how many findings of one code are reported. An accept that has expired by the day `today` is stale.
    With `only`, the analyser searches for these codes alone, and reports no stale accepts.
    """
    accepts = Accepts(policy, today)
    reported: list[Diagnostic] = [accepts.judge_checked(diagnostic) for diagnostic in checked]
    if only is None:
        reported += failed_examples(policy)
    totals = Counter(diagnostic.code for diagnostic in reported if diagnostic.accepted is None)
    conditions = [ensure.when for ensure in policy.ensures]
    conditions += [accept.when for accept in policy.accepts if accept.when is not None]
    analysis = analyse(policy, conditions)
    for finding in FINDINGS:
        if (only is None or finding.code in only) and applies(policy, finding):
            of_kind, number = _find(finding, analysis, accepts, limit)
            reported += of_kind
            totals[finding.code] += number
    totals["undecided"] += sum(
        diagnostic.code == "undecided" and diagnostic.accepted is None for diagnostic in reported
    )
    for stale in accepts.stale() if only is None else ():
        reported.append(stale)
        totals["stale-accept"] += 1
    return Findings(tuple(reported), {code: number for code, number in totals.items() if number})


def _find(finding: Finding, analysis: Analysis, accepts: Accepts, limit: int | None) -> tuple[list[Diagnostic], int]:
    """The findings of one kind, including `undecided`, and how many there are that no accept covers."""
    reported: list[Diagnostic] = []
    number = 0
    if analysis.space.too_large:
        reported.append(accepts.judge_undecided(finding.code, too_large(analysis, finding.code)))
        if not finding.of_rules_alone:
            return reported, 0  # it depends on verdicts, and so on the rules whose regions are not known
    searcher = analysis.searcher
    searcher.bound.left = searcher.spare.left = budget = BOUND
    unsure = Unsure()
    candidates = iter(finding.find(analysis))
    try:
        for candidate in candidates:
            if isinstance(candidate, int):
                number += candidate
                continue
            # One candidate takes no more than a quarter of the bound, and leaves the rest to others of its code.
            allowance = searcher.bound.left = min(budget, BOUND // 4)
            diagnostic = None
            try:
                diagnostic = accepts.judge(finding.code, candidate, analysis)
            except BoundReached:
                unsure.long.append(candidate)
            except TooManyBoxes:
                unsure.large.append(candidate)
            budget -= allowance - max(searcher.bound.left, 0)
            searcher.bound.left = budget
            if budget <= 0:
                unsure.leave(candidates)
                break
            if diagnostic is None:
                continue
            if diagnostic.accepted is None:
                number += 1
            if diagnostic.accepted is not None or limit is None or number <= limit:
                reported.append(diagnostic)
            if limit is not None and number >= limit:
                searcher.counting.add(finding.code)
    except (BoundReached, TooManyBoxes):
        unsure.rest = True
    reported += [
        accepts.judge_undecided(finding.code, diagnostic) for diagnostic in undecided(analysis, finding.code, unsure)
    ]
    return reported, number
