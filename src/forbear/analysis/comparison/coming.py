"""Findings that come and go with a change of a policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from forbear.analysis.causes import by_cause
from forbear.analysis.findings.undecided import UNDECIDED
from forbear.analysis.run import findings
from forbear.analysis.severities import OWN, Severities
from forbear.diagnostic import Diagnostic, Severity, in_file_order
from forbear.model.policy import TypedPolicy

_LIMIT = 100
"""The most findings of one code that are compared."""


@frozen
class Coming:
    """The errors and warnings that only the new policy has, and those that only the old one had.

    Findings that an author accepted are none of them. Two findings are the same if they have one code, and are about
    the same rules, actions, ladder and fact, or the same promise.
    """

    come: tuple[Diagnostic, ...]
    go: tuple[Diagnostic, ...]


def findings_between(
    old: TypedPolicy,
    old_checked: Iterable[Diagnostic],
    new: TypedPolicy,
    new_checked: Iterable[Diagnostic],
    severities: Severities = OWN,
    *,
    effort: int = 1,
) -> Coming:
    """The findings that come and go, as serious as they are taken; the `checked` diagnostics are the checker's."""
    before = _findings(old, old_checked, severities, effort)
    after = _findings(new, new_checked, severities, effort)
    return Coming(*[in_file_order(by_cause(one)) for one in (_without(after, before), _without(before, after))])


def _findings(
    policy: TypedPolicy, checked: Iterable[Diagnostic], severities: Severities, effort: int
) -> list[Diagnostic]:
    taken = findings(policy, checked, limit=_LIMIT, asked=severities.asked, effort=effort)
    found = severities.findings(taken).diagnostics
    return [
        one for one in found if one.accepted is None and one.severity is not Severity.NOTE and one.code != UNDECIDED
    ]


def _without(found: Iterable[Diagnostic], others: Iterable[Diagnostic]) -> list[Diagnostic]:
    left = Counter(map(_subject, others))
    only = []
    for one in found:
        if left[_subject(one)]:
            left[_subject(one)] -= 1
        else:
            only.append(one)
    return only


def _subject(found: Diagnostic) -> object:
    named = (found.rules, found.actions, found.by, found.skips, found.ladder, found.fact, found.about)
    promise = found.place.text if not found.rules or found.code.startswith("failed") else None
    return found.code, named, promise
