"""Forbear: how far a lender may go with a borrower who is late, as a text that its author can read.

    >>> import forbear
    >>> policy = forbear.loads("after 60 days and unreachable >= 3 then allow contact_related")
    >>> policy.permits("contact_related", {"days_overdue": 61, "unreachable": 3})
    True

Names are imported when they are first used, so that a command that needs no parser does not load one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from forbear.version import __version__

if TYPE_CHECKING:
    from forbear.analysis.comparison.conformance import Conformance, Violation
    from forbear.analysis.comparison.difference import Change, Difference
    from forbear.base.diagnostic import Diagnostic, PolicyError, Severity
    from forbear.deciding.decision import Decision
    from forbear.deciding.records.record import Record
    from forbear.deciding.records.sink import RecordEntry, RecordError, Sink
    from forbear.kernel.cases import ActionDecision, CaseError, Fault, Verdict
    from forbear.library.book import Book, load_book
    from forbear.library.comparing import conform, diff
    from forbear.library.explained import Explanation
    from forbear.library.loading import format, load, loads
    from forbear.library.policy import Policy
    from forbear.queries.opened.asker import Partial
    from forbear.queries.opened.outcomes import Outcome
    from forbear.queries.opened.questions import Question, Questions
    from forbear.queries.when import Cause, Interval, When
    from forbear.semantics.composition.union import Incomparable

_HOME = {
    "ActionDecision": "forbear.kernel.cases",
    "Book": "forbear.library.book",
    "CaseError": "forbear.kernel.cases",
    "Cause": "forbear.queries.when",
    "Change": "forbear.analysis.comparison.difference",
    "Conformance": "forbear.analysis.comparison.conformance",
    "Decision": "forbear.deciding.decision",
    "Diagnostic": "forbear.base.diagnostic",
    "Difference": "forbear.analysis.comparison.difference",
    "Explanation": "forbear.library.explained",
    "Fault": "forbear.kernel.cases",
    "Incomparable": "forbear.semantics.composition.union",
    "Interval": "forbear.queries.when",
    "Outcome": "forbear.queries.opened.outcomes",
    "Partial": "forbear.queries.opened.asker",
    "Policy": "forbear.library.policy",
    "PolicyError": "forbear.base.diagnostic",
    "Question": "forbear.queries.opened.questions",
    "Questions": "forbear.queries.opened.questions",
    "Record": "forbear.deciding.records.record",
    "RecordEntry": "forbear.deciding.records.sink",
    "RecordError": "forbear.deciding.records.sink",
    "Severity": "forbear.base.diagnostic",
    "Sink": "forbear.deciding.records.sink",
    "Verdict": "forbear.kernel.cases",
    "Violation": "forbear.analysis.comparison.conformance",
    "When": "forbear.queries.when",
    "conform": "forbear.library.comparing",
    "diff": "forbear.library.comparing",
    "format": "forbear.library.loading",
    "load": "forbear.library.loading",
    "load_book": "forbear.library.book",
    "loads": "forbear.library.loading",
}

__all__ = [
    "ActionDecision",
    "Book",
    "CaseError",
    "Cause",
    "Change",
    "Conformance",
    "Decision",
    "Diagnostic",
    "Difference",
    "Explanation",
    "Fault",
    "Incomparable",
    "Interval",
    "Outcome",
    "Partial",
    "Policy",
    "PolicyError",
    "Question",
    "Questions",
    "Record",
    "RecordEntry",
    "RecordError",
    "Severity",
    "Sink",
    "Verdict",
    "Violation",
    "When",
    "__version__",
    "conform",
    "diff",
    "format",
    "load",
    "load_book",
    "loads",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'forbear' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value
