"""`unguarded`: actions that are permitted in some case and forbidden in none."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, unless_standard
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.messages import diagnosis
from forbear.space.formulas import Formula


def unguarded(analysis: Analysis) -> Iterator[Candidate]:
    """Yields a candidate for each group of such actions that the same accepts name, and for all that none names."""
    unguarded_actions = []
    for action in analysis.policy.actions:
        if not analysis.space.permits_by_own([action]):
            continue
        verdicts = analysis.formulas.verdicts(action)
        possible = analysis.searcher.is_possible
        if possible(verdicts.permitted) and not possible(verdicts.forbidden):
            unguarded_actions.append(action)
    for actions in analysis.by_accept(UNGUARDED.code, unguarded_actions):
        yield _candidate(analysis, actions)


def _candidate(analysis: Analysis, actions: tuple[str, ...]) -> Candidate:
    def find(more: Formula) -> Diagnostic | None:
        found = analysis.permitted(actions, more)
        if found is None:
            return None
        return diagnosis(
            "unguarded.actions",
            analysis.space.place_of(*actions),
            code=UNGUARDED.code,
            actions=actions,
            witness=found[1].witness,
            names=[*actions],
        )

    return Candidate(actions, find)


UNGUARDED = Finding(Code("unguarded", Severity.NOTE, acceptable=True), unguarded, applies=unless_standard)
