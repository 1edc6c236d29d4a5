"""`hole`: along the clock, all else equal, an action is permitted, then unsaid, then permitted again."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, ending, unless_standard
from forbear.analysis.engine.searcher import SeveralCases
from forbear.analysis.engine.space import check_witness
from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.kernel.cases import PERMITTED, Verdict
from forbear.language.model.messages import diagnosis
from forbear.space.formulas import All, Formula


def holes(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each action that some rule of the policy's own permits."""
    clock = clock_axis(analysis)
    if clock is None:
        return
    for action in analysis.policy.actions:
        if analysis.space.permits_by_own([action]):
            yield _candidate(analysis, action, clock)


def _candidate(analysis: Analysis, action: str, clock: str) -> Candidate:
    before, after = f"{clock}<", f"{clock}>"

    def find(more: Formula) -> Diagnostic | None:
        verdicts = analysis.formulas.verdicts(action)
        along = SeveralCases(analysis.space, clock, (before, after), ((before, clock), (clock, after)))
        formula = All(
            (
                verdicts.unsaid,  # about one case alone: where it is false, the others need not be searched
                along.at(verdicts.permitted, before),
                along.at(verdicts.permitted, after),
                *along.ordered,
                more,
            )
        )
        box = analysis.searcher.search(along).find(formula)
        if box is None:
            return None
        ends = {clock: False, before: True, after: False}
        of_axis = along.points(analysis.searcher.shrunk(formula, box, ends, along), ends)
        points = [of_axis[axis] for axis in (before, clock, after)]
        verdicts_there = [analysis.space.verdict(action, point) for point in points]
        check_witness(
            verdicts_there[0] in PERMITTED and verdicts_there[1] is Verdict.UNSAID and verdicts_there[2] in PERMITTED,
            "a hole",
            points[1],
        )
        witnesses = [point.witness for point in points]
        days = [str(witness[clock]) for witness in witnesses]
        return diagnosis(
            "hole.day",
            analysis.space.place_of(action, point=points[0]),
            code=HOLE.code,
            actions=(action,),
            witness=witnesses[1],
            witnesses=tuple(witnesses),
            action=action,
            before=days[0],
            day=days[1],
            after=days[2],
        )

    return Candidate((action,), find)


HOLE = Finding(Code("hole", Severity.WARNING, acceptable=True), holes, applies=unless_standard, causes=ending)
