"""`unguarded`: actions that are permitted in some case and forbidden in none."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic
from forbear.policy.names import listed
from forbear.space.formulas import All, Formula


def unguarded(view: View) -> Iterator[Candidate]:
    """One candidate a policy, if there are such actions."""
    if view.policy.standard:
        return
    found = []
    for action in view.policy.actions:
        if not view.permits_by_own([action]):
            continue
        verdicts = view.verdicts(action)
        search = view.search()
        if search.find(verdicts.permitted) is not None and search.find(verdicts.forbidden) is None:
            found.append(action)
    if found:
        yield _candidate(view, tuple(found))


def _candidate(view: View, actions: tuple[str, ...]) -> Candidate:
    def find(more: Formula) -> Diagnostic | None:
        for action in actions:
            formula = All((view.verdicts(action).permitted, more))
            box = view.search().find(formula)
            if box is not None:
                break
        else:
            return None
        return Diagnostic(
            code="unguarded",
            message=f"nothing ever forbids {listed(actions)}",
            place=view.place_of(*actions),
            help="if there are cases in which it must not happen, add a `never`",
            actions=actions,
            witness=view.witness(view.plainer(formula, box)),
        )

    return Candidate(actions, find)
