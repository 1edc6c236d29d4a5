"""`unjudged`: actions that are permitted in some case, and of which no rule of a standard over the policy speaks."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.engine.space import Point
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.messages import diagnosis
from forbear.semantics.composition.standards import actions_spoken_of, all_standards

_CODE = Code("unjudged", Severity.WARNING, acceptable=True)


def unjudged(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each group of such actions that the same accepts name, and for all that none names."""
    policy, space = analysis.policy, analysis.space
    spoken_of = actions_spoken_of([subject.standard for subject in policy.subject_to])
    actions = [
        action
        for action in policy.actions
        if action not in spoken_of
        and space.permits_by_own([action])
        and analysis.searcher.is_possible(analysis.formulas.verdicts(action).permitted)
    ]

    def told(together: tuple[str, ...], action: str, point: Point) -> Diagnostic:
        return diagnosis(
            "unjudged.actions",
            space.place_of(action, point=point),
            code=_CODE,
            actions=together,
            witness=point.witness,
            names=[*together],
            first=together[0],
            standards=list(dict.fromkeys(over.standard.name for over in all_standards(policy.subject_to))),
        )

    yield from analysis.permitted(_CODE, actions, told)


UNJUDGED = Finding(_CODE, unjudged, applies=lambda policy: bool(policy.subject_to) and not policy.standard)
