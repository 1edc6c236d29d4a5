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
    from forbear.asking.causes import Cause
    from forbear.asking.opened.outcomes import Outcome
    from forbear.asking.opened.partial import Partial
    from forbear.asking.opened.questions import Question, Questions
    from forbear.asking.when import Interval, When
    from forbear.composition.union import Incomparable
    from forbear.diagnostic import Diagnostic, PolicyError, Severity
    from forbear.kernel import ActionDecision, CaseError, Fault, Verdict
    from forbear.library.book import Book, load_book
    from forbear.library.comparing import conform, diff
    from forbear.library.loading import format, load, loads
    from forbear.library.policy import Policy
    from forbear.runtime.decision import Decision
    from forbear.runtime.explain import Explanation
    from forbear.runtime.records.record import Record
    from forbear.runtime.records.sink import RecordEntry, RecordError, Sink

_HOME = {
    "ActionDecision": "forbear.kernel",
    "Book": "forbear.library.book",
    "CaseError": "forbear.kernel",
    "Cause": "forbear.asking.causes",
    "Change": "forbear.analysis.comparison.difference",
    "Conformance": "forbear.analysis.comparison.conformance",
    "Decision": "forbear.runtime.decision",
    "Diagnostic": "forbear.diagnostic",
    "Difference": "forbear.analysis.comparison.difference",
    "Explanation": "forbear.runtime.explain",
    "Fault": "forbear.kernel",
    "Incomparable": "forbear.composition.union",
    "Interval": "forbear.asking.when",
    "Outcome": "forbear.asking.opened.outcomes",
    "Partial": "forbear.asking.opened.partial",
    "Policy": "forbear.library.policy",
    "PolicyError": "forbear.diagnostic",
    "Question": "forbear.asking.opened.questions",
    "Questions": "forbear.asking.opened.questions",
    "Record": "forbear.runtime.records.record",
    "RecordEntry": "forbear.runtime.records.sink",
    "RecordError": "forbear.runtime.records.sink",
    "Severity": "forbear.diagnostic",
    "Sink": "forbear.runtime.records.sink",
    "Verdict": "forbear.kernel",
    "Violation": "forbear.analysis.comparison.conformance",
    "When": "forbear.asking.when",
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
