"""`falling-pressure`: as a fact rises, the harshest permitted rung is lost, and becomes unsaid."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, ending, unless_standard
from forbear.analysis.engine.searcher import SeveralCases
from forbear.analysis.engine.space import check_witness
from forbear.analysis.findings.ladders.rungs import (
    is_permitted,
    is_unsaid,
    members,
    permitted,
    unsaid,
)
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.facts import Ladder
from forbear.language.model.messages import diagnosis
from forbear.language.model.values import value_text
from forbear.space.formulas import All, Formula, Neither, inside


def falling_pressures(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each ladder, and each fact that it rises with and some rule reads."""
    for ladder in analysis.policy.ladders.values():
        for fact in ladder.rising:
            if fact in analysis.space.cells.axes:
                yield _candidate(analysis, ladder, fact)


def _candidate(analysis: Analysis, ladder: Ladder, fact: str) -> Candidate:
    higher = f"{fact}>"

    def find(more: Formula) -> Diagnostic | None:
        along = SeveralCases(analysis.space, fact, (higher,), ((fact, higher),))
        search = analysis.searcher.search(along)
        has_value = inside([{fact: analysis.space.cells.axes[fact].known}])
        known = (has_value, along.at(has_value, higher))
        if search.find(All((*along.ordered, *known))) is None:
            return None  # the other facts leave no two values
        harsher: list[Formula] = []
        for rung in reversed(ladder.rungs):
            permitted_here = permitted(analysis, rung)
            harsher.append(permitted_here)
            if not analysis.space.permits_by_own(members(analysis, rung)):
                continue
            formula = All(
                (
                    *along.ordered,  # first, as each split then leaves the two values apart
                    *known,
                    along.at(unsaid(analysis, rung), higher),
                    permitted_here,
                    Neither(tuple(harsher[:-1])),
                    Neither(tuple([along.at(formula, higher) for formula in harsher[:-1]])),
                    along.at(analysis.space.possible_cases.formula, higher),
                    more,
                )
            )
            box = search.find(formula)
            if box is not None:
                ends = {higher: False, fact: True}
                points = along.points(analysis.searcher.shrunk(formula, box, ends, along), ends)
                low, high = points[fact], points[higher]
                check_witness(is_permitted(analysis, rung, low), "pressure", low)
                check_witness(is_unsaid(analysis, rung, high), "falling pressure", high)
                witnesses = (low.witness, high.witness)
                values = [point.case[fact] for point in (low, high)]
                texts = [value_text(analysis.policy.facts[fact], value) for value in values if value is not None]
                return diagnosis(
                    "falling-pressure.rung",
                    analysis.space.place_of(*members(analysis, rung), point=low),
                    code=FALLING_PRESSURE.code,
                    actions=(rung,),
                    ladder=ladder.name,
                    witness=witnesses[0],
                    witnesses=witnesses,
                    fact=fact,
                    low=texts[0],
                    high=texts[1],
                    rung=rung,
                )
        return None

    return Candidate((ladder.name, fact), find)


FALLING_PRESSURE = Finding(
    Code("falling-pressure", Severity.WARNING, acceptable=True, of_pair=True),
    falling_pressures,
    applies=unless_standard,
    causes=ending,
)
