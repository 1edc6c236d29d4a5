"""`no-floor`: a rung that is permitted on the clock's first day."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.ladders import members, permitted
from forbear.analysis.view import Candidate, View, permits
from forbear.diagnostic import Diagnostic
from forbear.policy.typed import clock
from forbear.space.formulas import All, Formula, inside
from forbear.vocabulary.values import value_text


def no_floors(view: View) -> Iterator[Candidate]:
    """A candidate for each rung, of whichever ladder, once."""
    fact = clock(view.policy)
    if fact is None or view.policy.standard:
        return
    for rung in dict.fromkeys(rung for ladder in view.policy.ladders.values() for rung in ladder.rungs):
        if view.permits_by_own(members(view, rung)):
            yield _candidate(view, rung, fact.name)


def _candidate(view: View, rung: str, clock_name: str) -> Candidate:
    def find(more: Formula) -> Diagnostic | None:
        first = inside([{clock_name: 1}]) if view.masks.get(clock_name, 1) != 1 else All(())
        formula = All((permitted(view, rung), first, more))
        box = view.search().find(formula)
        if box is None:
            return None
        box = view.plainer(formula, box)
        fact = view.policy.facts[clock_name]
        point = view.point(box)
        view.replayed(any(permits(view.verdict(its, point)) for its in members(view, rung)), "a permitted rung", point)
        return Diagnostic(
            code="no-floor",
            message=f"`{rung}` is permitted from the first day, {clock_name} {value_text(fact, fact.low)}",
            place=view.place_of(*members(view, rung), point=point),
            help="if it should begin later, say when: `after 30 days and ...`",
            actions=(rung,),
            witness=point.witness,
        )

    return Candidate((rung,), find)
