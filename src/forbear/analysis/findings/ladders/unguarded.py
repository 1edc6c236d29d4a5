"""`unguarded`: actions that are permitted in some case and forbidden in none."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, unless_standard
from forbear.analysis.engine.space import Point
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.messages import diagnosis


def unguarded(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each group of such actions that the same accepts name, and for all that none names."""
    unguarded_actions = []
    for action in analysis.policy.actions:
        if not analysis.space.permits_by_own([action]):
            continue
        verdicts = analysis.formulas.verdicts(action)
        possible = analysis.searcher.is_possible
        if possible(verdicts.permitted) and not possible(verdicts.forbidden):
            unguarded_actions.append(action)

    def told(actions: tuple[str, ...], action: str, point: Point) -> Diagnostic:
        return diagnosis(
            "unguarded.actions",
            analysis.space.place_of(*actions),
            code=UNGUARDED.code,
            actions=actions,
            witness=point.witness,
            names=[*actions],
        )

    yield from analysis.permitted(UNGUARDED.code, unguarded_actions, told)


UNGUARDED = Finding(Code("unguarded", Severity.NOTE, acceptable=True), unguarded, applies=unless_standard)
