"""`not-read`: rules that rest on what nobody has read; and `review-due`: a review that has run out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.base.source import Place
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import listed
from forbear.language.model.policy import TypedPolicy, own_rules
from forbear.semantics.composition.standards import not_read, with_standards

_NOT_READ = Code("not-read", Severity.WARNING, acceptable=True, on_request=True)
_REVIEW_DUE = Code("review-due", Severity.WARNING, acceptable=True)


def named_standards(policy: TypedPolicy) -> Iterator[tuple[TypedPolicy, Place]]:
    """Yields the standards over a policy, and those that it promises to conform to, each once, with their places."""
    named = [(subject.standard, subject.place) for subject in policy.subject_to]
    named += [(promise.standard, promise.place) for promise in policy.conforms]
    seen = set()
    for root, place in named:
        for standard in with_standards([root]):
            if standard.name not in seen:
                seen.add(standard.name)
                yield standard, place


def _unread_rules(analysis: Analysis) -> Iterator[Candidate]:
    policy = analysis.policy
    own = not_read(policy)
    by_name = {rule.name: rule for rule in own_rules(policy)}
    for names in analysis.by_accept(_NOT_READ, own):
        yield Candidate.certain(names, _of_rules(names, None, by_name[names[0]].body, names[0]))
    for standard, place in named_standards(policy):
        names = tuple(not_read(standard))
        if names:
            finding = _of_rules(names, standard.name, place, standard.name)
            yield Candidate.certain((standard.name,), evolve(finding, rules=()))


def _of_rules(names: tuple[str, ...], standard: str | None, place: Place, accepted: str) -> Diagnostic:
    return diagnosis(
        f"not-read.{'rule' if len(names) == 1 else 'rules'}",
        place,
        code=_NOT_READ,
        rules=names,
        number=len(names),
        names=listed(names, len(names)),
        standard=standard,
        signed=accepted,
    )


def _review_due(analysis: Analysis) -> Iterator[Candidate]:
    policy = analysis.policy
    reviewed = [] if policy.reviewed is None else [(policy, policy.reviewed.place)]
    for its, place in (*reviewed, *named_standards(policy)):
        review = its.reviewed
        if review is None or review.until is None or analysis.today is None or analysis.today <= review.until:
            continue
        last = datetime.date.fromordinal(review.until).isoformat()
        yield Candidate.certain(
            (its.name,),
            diagnosis("review-due.past", place, code=_REVIEW_DUE, day=last, standard=its is not policy and its.name),
        )


NOT_READ = Finding(_NOT_READ, _unread_rules)
REVIEW_DUE = Finding(_REVIEW_DUE, _review_due)
