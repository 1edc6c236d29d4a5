"""`no-floor`: a rung that is permitted on the first day of the clock."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, unless_standard
from forbear.analysis.engine.space import check_witness
from forbear.analysis.findings.ladders.rungs import is_permitted, members, permitted
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import clock
from forbear.language.model.values import value_text
from forbear.space.formulas import All, Formula, inside


def no_floors(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each rung of the ladders."""
    fact = clock(analysis.policy)
    if fact is None:
        return
    for rung in dict.fromkeys(rung for ladder in analysis.policy.ladders.values() for rung in ladder.rungs):
        if analysis.space.permits_by_own(members(analysis, rung)):
            yield _candidate(analysis, rung, fact.name)


def _candidate(analysis: Analysis, rung: str, clock_name: str) -> Candidate:
    def find(more: Formula) -> Diagnostic | None:
        first = inside([{clock_name: 1}]) if analysis.space.masks.get(clock_name, 1) != 1 else All(())
        fact = analysis.policy.facts[clock_name]
        point = analysis.searcher.case(permitted(analysis, rung), first, more)
        if point is None:
            return None
        check_witness(is_permitted(analysis, rung, point), "a permitted rung", point)
        return diagnosis(
            "no-floor.rung",
            analysis.space.place_of(*members(analysis, rung), point=point),
            code=NO_FLOOR.code,
            actions=(rung,),
            witness=point.witness,
            rung=rung,
            clock=clock_name,
            first=value_text(fact, fact.low),
        )

    return Candidate((rung,), find)


NO_FLOOR = Finding(Code("no-floor", Severity.NOTE, acceptable=True), no_floors, applies=unless_standard)
