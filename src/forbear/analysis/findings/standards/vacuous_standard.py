"""`vacuous-standard`: a standard that a policy names, and that never says no to it."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.comparison.conformance import promised
from forbear.analysis.comparison.pair import Vacuous, vacuous
from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Conforms, Subject
from forbear.semantics.composition.standards import all_standards
from forbear.semantics.composition.union import Incomparable
from forbear.space.formulas import Formula

_CODE = Code("vacuous-standard", Severity.WARNING, acceptable=True)


def vacuous_standards(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each standard over the policy, and for each that it promises to conform to."""
    policy = analysis.policy
    for subject in policy.subject_to:
        yield _candidate(analysis, subject)
    over = {subject.standard.name for subject in policy.subject_to}
    for promise in policy.conforms:
        if promise.standard.name not in over:
            yield _candidate(analysis, promise)


def _candidate(analysis: Analysis, named: Subject | Conforms) -> Candidate:
    standard = named.standard

    def find(more: Formula) -> Diagnostic | None:
        vacuity = _over(analysis, named) if isinstance(named, Subject) else _promised(analysis, named)
        if vacuity is None:
            return None
        return diagnosis(
            f"vacuous-standard.{'nowhere' if vacuity == 'holds nowhere' else 'other-actions'}",
            named.place,
            code=_CODE,
            standard=standard.name,
        )

    return Candidate((standard.name,), find, named.place)


def _over(analysis: Analysis, subject: Subject) -> Vacuous | None:
    """Returns how a standard is vacuous over the policy, with those that it is subject to itself."""
    names = {over.standard.name for over in all_standards([subject])}
    rules = list(enumerate(analysis.policy.rules))
    return vacuous(
        analysis,
        {number for number, rule in rules if rule.standard in names},
        {number for number, rule in rules if rule.standard is None},
    )


def _promised(analysis: Analysis, promise: Conforms) -> Vacuous | None:
    """Returns how a standard that the policy promises to conform to is vacuous. If they cannot be compared, the promise
    is broken, and that is reported.
    """
    try:
        pair = promised(analysis, promise)
    except Incomparable:
        return None
    return pair.vacuous()


VACUOUS_STANDARD = Finding(
    _CODE,
    vacuous_standards,
    applies=lambda policy: bool(policy.subject_to or policy.conforms) and not policy.standard,
)
