"""`failed-ensure`: a promise about actions, or about a standard, that some case breaks."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.findings.promises.failed_conforms import failed_conforms
from forbear.analysis.findings.promises.failed_ensure import FAILED_ENSURE, failed_ensures
from forbear.base.diagnostic import Diagnostic


def failed_promises(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each promise, about actions or about a standard."""
    yield from failed_ensures(analysis)
    yield from failed_conforms(analysis)


def _rule_of_standard(finding: Diagnostic) -> tuple[str, ...]:
    return (f"{finding.place}: {finding.by}, {finding.kept_by}",) if finding.by else ()


FAILED_PROMISE = Finding(
    FAILED_ENSURE,
    failed_promises,
    applies=lambda policy: bool(policy.ensures or policy.conforms),
    causes=_rule_of_standard,
)
