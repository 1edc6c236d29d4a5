"""`falling-pressure`: where a fact rises, the harshest permitted rung falls, and the rung that was lost is unsaid."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.ladders import ascending_only, members, permitted, unsaid
from forbear.analysis.view import Candidate, View, permits, point_of
from forbear.diagnostic import Diagnostic
from forbear.kernel import Verdict
from forbear.space.formulas import All, At, Formula, Less, Neither, inside
from forbear.vocabulary.facts import Ladder
from forbear.vocabulary.values import value_text


def falling_pressures(view: View) -> Iterator[Candidate]:
    """A candidate for each ladder and each fact that it rises with and that some rule reads."""
    if view.policy.standard:
        return
    for ladder in view.policy.ladders.values():
        for fact in ladder.rising:
            if fact in view.cut.axes:
                yield _candidate(view, ladder, fact)


def _candidate(view: View, ladder: Ladder, fact: str) -> Candidate:
    higher = f"{fact}>"

    def find(more: Formula) -> Diagnostic | None:
        copies = {higher: view.masks[fact]}
        search = view.search(**copies)
        line = ascending_only(view, fact)
        on_line = view.masks[fact] == line or inside([{fact: line}])
        known = () if on_line is True else (on_line, At(on_line, fact, higher))
        harsher: list[Formula] = []
        for rung in reversed(ladder.rungs):
            here = permitted(view, rung)
            harsher.append(here)
            if not view.permits_by_own(members(view, rung)):
                continue
            formula = All(
                (
                    here,
                    At(unsaid(view, rung), fact, higher),
                    Neither(tuple(harsher[:-1])),
                    Neither(tuple([At(one, fact, higher) for one in harsher[:-1]])),
                    Less(fact, higher),
                    *known,
                    At(view.possible_cases.formula, fact, higher),
                    more,
                )
            )
            box = search.find(formula)
            if box is not None:
                box = view.plainer(formula, box, {higher: False, fact: True}, **copies)
                low = view.point(point_of(box, fact, fact), {fact: True})
                high = view.point(point_of(box, fact, higher), {fact: False})
                view.replayed(any(permits(view.verdict(its, low)) for its in members(view, rung)), "pressure", low)
                lost = all(view.verdict(its, high) is Verdict.UNSAID for its in members(view, rung))
                view.replayed(lost, "falling pressure", high)
                witnesses = (low.witness, high.witness)
                values = [point.case[fact] for point in (low, high)]
                texts = [value_text(view.policy.facts[fact], value) for value in values if value is not None]
                return Diagnostic(
                    code="falling-pressure",
                    message=f"as `{fact}` rises from {texts[0]} to {texts[1]}, `{rung}` is lost, and nothing as harsh "
                    "is permitted",
                    place=view.place_of(*members(view, rung), point=low),
                    help=f"permit `{rung}` there too, or a harsher rung; or forbid it where it is not wanted",
                    actions=(rung,),
                    ladder=ladder.name,
                    fact=fact,
                    witness=witnesses[0],
                    witnesses=witnesses,
                )
        return None

    return Candidate((ladder.name, fact), find)
