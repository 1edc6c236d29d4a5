"""`hole`: along the clock, all else equal, an action is permitted, then unsaid, then permitted again."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.ladders import clock_axis
from forbear.analysis.view import Candidate, View, permits, point_of
from forbear.diagnostic import Diagnostic
from forbear.kernel import Verdict
from forbear.space.formulas import All, At, Formula, Less


def holes(view: View) -> Iterator[Candidate]:
    """A candidate for each action that some rule of the policy's own permits."""
    clock = clock_axis(view)
    if clock is None or view.policy.standard:
        return
    for action in view.policy.actions:
        if view.permits_by_own([action]):
            yield _candidate(view, action, clock)


def _candidate(view: View, action: str, clock: str) -> Candidate:
    before, after = f"{clock}<", f"{clock}>"

    def find(more: Formula) -> Diagnostic | None:
        verdicts = view.verdicts(action)
        copies = {before: view.masks[clock], after: view.masks[clock]}
        formula = All(
            (
                verdicts.unsaid,  # of one case alone: where it fails, nothing need be asked of the two others
                At(verdicts.permitted, clock, before),
                At(verdicts.permitted, clock, after),
                Less(before, clock),
                Less(clock, after),
                more,
            )
        )
        box = view.search(**copies).find(formula)
        if box is None:
            return None
        box = view.plainer(formula, box, {clock: False, before: True, after: False}, **copies)
        points = [view.point(point_of(box, clock, axis), {clock: axis == before}) for axis in (before, clock, after)]
        verdicts_there = [view.verdict(action, point) for point in points]
        view.replayed(
            permits(verdicts_there[0]) and verdicts_there[1] is Verdict.UNSAID and permits(verdicts_there[2]),
            "a hole",
            points[1],
        )
        witnesses = [point.witness for point in points]
        days = [str(witness[clock]) for witness in witnesses]
        return Diagnostic(
            code="hole",
            message=f"`{action}` is permitted on day {days[0]} and on day {days[2]}, and unsaid on day {days[1]}",
            place=view.place_of(action, point=points[0]),
            help="let the rules meet, or forbid the action in between",
            actions=(action,),
            witness=witnesses[1],
            witnesses=tuple(witnesses),
        )

    return Candidate((action,), find)
