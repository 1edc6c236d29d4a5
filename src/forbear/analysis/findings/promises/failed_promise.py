"""`failed-ensure`: a promise about actions, or about a standard, that some case breaks."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.findings.promises.failed_conforms import failed_conforms
from forbear.analysis.findings.promises.failed_ensure import failed_ensures


def failed_promises(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each promise, about actions or about a standard."""
    yield from failed_ensures(analysis)
    yield from failed_conforms(analysis)


FAILED_PROMISE = Finding(
    "failed-ensure", failed_promises, arises=lambda policy: bool(policy.ensures or policy.conforms)
)
