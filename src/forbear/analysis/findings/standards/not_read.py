"""`not-read`: rules that rest on what nobody has read; and `review-due`: a review that has run out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.base.source import Place
from forbear.language.model.names import listed
from forbear.language.model.policy import TypedPolicy, own_rules
from forbear.semantics.composition.standards import not_read, with_standards

_NOT_READ = Code("not-read", Severity.WARNING, acceptable=True, on_request=True)
_REVIEW_DUE = Code("review-due", Severity.WARNING, acceptable=True)


def named_standards(policy: TypedPolicy) -> Iterator[tuple[TypedPolicy, Place]]:
    """The standards over a policy, and those that it promises to conform to, each once, with their places."""
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
        yield Candidate.certain(names, _of_rules(names, "", by_name[names[0]].body, names[0]))
    for standard, place in named_standards(policy):
        names = tuple(not_read(standard))
        if names:
            of = f" of the standard `{standard.name}`"
            finding = _of_rules(names, of, place, standard.name)
            yield Candidate.certain((standard.name,), evolve(finding, rules=()))


def _of_rules(names: tuple[str, ...], of: str, place: Place, accepted: str) -> Diagnostic:
    number = "a rule rests" if len(names) == 1 else f"{len(names)} rules rest"
    return Diagnostic(
        code=_NOT_READ,
        message=f"{number} on a text that nobody has read{of and ','}{of}: {listed(names, len(names))}",
        place=place,
        help="read the text, and take `second-hand` or `from-memory` out of the source; or sign for it: "
        f'`accept {_NOT_READ} of {accepted} because "..."`',
        rules=names,
    )


def _review_due(analysis: Analysis) -> Iterator[Candidate]:
    policy = analysis.policy
    reviewed = [] if policy.reviewed is None else [(policy, policy.reviewed.place)]
    for its, place in (*reviewed, *named_standards(policy)):
        review = its.reviewed
        if review is None or review.until is None or analysis.today is None or analysis.today <= review.until:
            continue
        last = datetime.date.fromordinal(review.until).isoformat()
        what = "this policy" if its is policy else f"the standard `{its.name}`"
        yield Candidate.certain(
            (its.name,),
            Diagnostic(
                code=_REVIEW_DUE,
                message=f"{what} was reviewed until {last}, and that day is past",
                place=place,
                help="look at its source again: has it changed? Then write the next day, `reviewed by ... until DATE`",
            ),
        )


NOT_READ = Finding(_NOT_READ, _unread_rules)
REVIEW_DUE = Finding(_REVIEW_DUE, _review_due)
