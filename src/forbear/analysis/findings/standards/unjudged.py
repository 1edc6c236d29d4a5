"""`unjudged`: actions that are permitted in some case, and of which no rule of a standard over the policy speaks."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.messages import diagnosis
from forbear.semantics.composition.standards import actions_spoken_of, all_standards
from forbear.space.formulas import Formula

_CODE = Code("unjudged", Severity.WARNING, acceptable=True)


def unjudged(analysis: Analysis) -> Iterator[Candidate]:
    """Yields a candidate for each group of such actions that the same accepts name, and for all that none names."""
    policy, space = analysis.policy, analysis.space
    spoken_of = actions_spoken_of([subject.standard for subject in policy.subject_to])
    actions = [
        action
        for action in policy.actions
        if action not in spoken_of
        and space.permits_by_own([action])
        and analysis.searcher.is_possible(analysis.formulas.verdicts(action).permitted)
    ]
    for together in analysis.by_accept(_CODE, actions):
        yield _candidate(analysis, together)


def _candidate(analysis: Analysis, actions: tuple[str, ...]) -> Candidate:
    def find(more: Formula) -> Diagnostic | None:
        found = analysis.permitted(actions, more)
        if found is None:
            return None
        action, point = found
        standards = list(dict.fromkeys(over.standard.name for over in all_standards(analysis.policy.subject_to)))
        return diagnosis(
            "unjudged.actions",
            analysis.space.place_of(action, point=point),
            code=_CODE,
            actions=actions,
            witness=point.witness,
            names=[*actions],
            first=actions[0],
            standards=standards,
        )

    return Candidate(actions, find)


UNJUDGED = Finding(_CODE, unjudged, applies=lambda policy: bool(policy.subject_to) and not policy.standard)
