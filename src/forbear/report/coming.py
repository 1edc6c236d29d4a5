"""Groups the findings that come or go with a change of a policy, and limits how many are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from forbear.analysis.findings.promises.failed_promise import FAILED_ENSURE
from forbear.base.diagnostic import Diagnostic, Severity
from forbear.report.text import also_text

_FEW = 5
"""The most new findings, and the most that go, that are shown; more if they are broken promises."""


def alike(diagnostics: Iterable[Diagnostic], *, whole: bool = False) -> list[tuple[Diagnostic, str]]:
    """Returns the findings that come or go, the most serious first, and broken promises first among errors.

    Several with one code and place are represented by the first, with the number of the others; but a broken promise
    never represents another one. If `whole`, each finding is listed.
    """
    findings = [finding for diagnostic in diagnostics for finding in (diagnostic, *(diagnostic.also if whole else ()))]
    severities = list(Severity)
    findings.sort(key=lambda finding: (severities.index(finding.severity), finding.code != FAILED_ENSURE))
    if whole:
        return [(finding, _case(finding)) for finding in findings]
    together: dict[object, list[Diagnostic]] = {}
    for number, diagnostic in enumerate(findings):
        alone = number if diagnostic.code == FAILED_ENSURE else None
        together.setdefault((diagnostic.code, diagnostic.place, alone), []).append(diagnostic)
    return [(group[0], _case(group[0]) + _more(group)) for group in together.values()]


def _case(finding: Diagnostic) -> str:
    """The case in which a promise is broken, of which the message says `in this one`."""
    return "".join(f"; case: {case}" for case in finding.in_short[:1]) if finding.code == FAILED_ENSURE else ""


def shown_of(findings: Sequence[tuple[Diagnostic, str]], *, whole: bool) -> int:
    """Returns how many findings that come or go are shown: all broken promises, and a few of the others."""
    promises = sum(finding.code == FAILED_ENSURE for finding, _ in findings)
    return len(findings) if whole else max(promises, _FEW)


def folds_findings(diagnostics: Sequence[Diagnostic]) -> bool:
    """Returns true if `--all` shows more of these findings."""
    told_apart = alike(diagnostics)
    return shown_of(told_apart, whole=False) < len(told_apart) or len(alike(diagnostics, whole=True)) > len(told_apart)


def _more(findings: Sequence[Diagnostic]) -> str:
    """Returns the other findings in words: by name if the cause is the same, otherwise by number."""
    also = f"; also {also_text(findings[0])}" if findings[0].also else ""
    more = sum(1 + len(finding.also) for finding in findings[1:])
    return f"{also}, and {more} more like it" if more else also
