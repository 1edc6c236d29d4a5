"""The kinds of findings. Each declares itself in its file: its code, severity, search and scope."""

from __future__ import annotations

from forbear.analysis.accepts import STALE_ACCEPT
from forbear.analysis.engine.analysis import Finding
from forbear.analysis.findings.dead_rule import DEAD_RULE
from forbear.analysis.findings.expired import EXPIRED, FAR_OFF
from forbear.analysis.findings.ladders.falling_pressure import FALLING_PRESSURE
from forbear.analysis.findings.ladders.hole import HOLE
from forbear.analysis.findings.ladders.no_floor import NO_FLOOR
from forbear.analysis.findings.ladders.skipped_rung import SKIPPED_RUNG
from forbear.analysis.findings.ladders.unguarded import UNGUARDED
from forbear.analysis.findings.masked_rule import MASKED_RULE
from forbear.analysis.findings.none_escapes import NONE_ESCAPES
from forbear.analysis.findings.pairs.blocked_duty import BLOCKED_DUTY
from forbear.analysis.findings.pairs.contradiction import CONTRADICTION
from forbear.analysis.findings.pairs.duplicate import DUPLICATE, SUBSUMED
from forbear.analysis.findings.pairs.overlap import OVERLAP
from forbear.analysis.findings.promises.failed_example import FAILED_EXAMPLE
from forbear.analysis.findings.promises.failed_promise import FAILED_PROMISE
from forbear.analysis.findings.standards.not_read import NOT_READ, REVIEW_DUE
from forbear.analysis.findings.standards.unjudged import UNJUDGED
from forbear.analysis.findings.standards.vacuous_standard import VACUOUS_STANDARD
from forbear.analysis.findings.tables.table_gap import TABLE_GAP
from forbear.analysis.findings.tables.table_overlap import TABLE_OVERLAP
from forbear.analysis.findings.undecided import UNDECIDED

FINDINGS: tuple[Finding, ...] = (
    TABLE_GAP,
    TABLE_OVERLAP,
    CONTRADICTION,
    BLOCKED_DUTY,
    DEAD_RULE,
    NONE_ESCAPES,
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
    NOT_READ,
    REVIEW_DUE,
    EXPIRED,
    FAR_OFF,
    OVERLAP,
    FAILED_PROMISE,
)
"""Every kind of finding, in the order in which they are searched for."""

CODES = (*[finding.code for finding in FINDINGS], FAILED_EXAMPLE, STALE_ACCEPT, UNDECIDED)
"""Every code of the analyser."""
