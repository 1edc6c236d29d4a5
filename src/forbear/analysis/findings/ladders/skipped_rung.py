"""`skipped-rung`: a rung is permitted, and a milder one is unsaid on every day up to then, all else equal.

Where the case shows that the milder step was taken, or where only a consent to it is missing, none is skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, unless_standard
from forbear.analysis.engine.searcher import Extended, Searched
from forbear.analysis.engine.space import check_witness
from forbear.analysis.findings.ladders.rungs import (
    is_permitted,
    is_unsaid,
    members,
    needs_consent,
    permitted,
    taken,
    with_consent,
)
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import listed
from forbear.language.model.policy import clock
from forbear.space.formulas import All, Formula, Neither, inside
from forbear.space.regions import Box
from forbear.space.relations.earlier import Earlier
from forbear.space.relations.systems import Reason, Unsolved


def skipped_rungs(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each rung that is harsher than another on some ladder."""
    fact = clock(analysis.policy)
    if fact is None:
        return
    milder: dict[str, dict[str, str]] = {}
    for ladder in analysis.policy.ladders.values():
        ever = [rung for rung in ladder.rungs if analysis.searcher.is_possible(permitted(analysis, rung))]
        for place, rung in enumerate(ever):
            for mild in ever[:place]:
                milder.setdefault(rung, {}).setdefault(mild, ladder.name)
    for rung, milder_rungs in milder.items():
        if analysis.space.permits_by_own(members(analysis, rung)):
            yield _candidate(analysis, rung, milder_rungs, fact.name)


def _candidate(analysis: Analysis, rung: str, milder: Mapping[str, str], clock_name: str) -> Candidate:
    """`milder` maps each milder rung to the ladder on which it is."""

    def find(more: Formula) -> Diagnostic | None:
        harsh = permitted(analysis, rung)
        unsaid, where, exact = _unsaid_up_to(analysis, milder, clock_name)
        search = analysis.searcher.search(where)
        maybe, wider, _ = (unsaid, where, True) if exact else _unsaid_up_to(analysis, milder, clock_name, at_most=True)
        first: Box | None = None
        skipped: dict[str, Formula] = {}
        for mild, unsaid_up_to in unsaid.items():
            box = search.find(All((harsh, unsaid_up_to, more)))
            if box is not None:
                first = first or box
                skipped[mild] = unsaid_up_to
            elif not exact and analysis.searcher.search(wider).find(All((harsh, maybe[mild], more))) is not None:
                raise Unsolved(Reason.SHARES_OF_THE_CLOCK)
        if first is None:
            return None
        in_one_case = list(skipped)
        formula = All((harsh, *skipped.values(), more))
        box = search.find(formula)  # one case that shows them all, if there is one
        if box is None:
            in_one_case = in_one_case[:1]
            formula, box = All((harsh, skipped[in_one_case[0]], more)), first
        point = analysis.space.point(analysis.searcher.shrunk(formula, box, where=where), where.relations)
        check_witness(is_permitted(analysis, rung, point), "a permitted rung", point)
        silent = all(is_unsaid(analysis, mild, point) for mild in in_one_case)
        check_witness(silent, "a rung that is left out", point)
        elsewhere = [mild for mild in skipped if mild not in in_one_case]
        permitting = {mild: _permitting(analysis, members(analysis, mild)) for mild in in_one_case}
        return diagnosis(
            "skipped-rung.case",
            analysis.space.place_of(*members(analysis, rung), point=point),
            code=SKIPPED_RUNG.code,
            actions=(rung,),
            skips=tuple(skipped),
            witness=point.witness,
            rung=rung,
            day=point.witness.get(clock_name),
            skipped=in_one_case,
            milder=_on_ladders(analysis, in_one_case, milder),
            elsewhere=elsewhere,
            others=_on_ladders(analysis, elsewhere, milder) or None,
            # Permitting a step that every rule permits only with a consent is no advice.
            advised=[mild for mild, name in permitting.items() if name is not None],
            permitting=[*dict.fromkeys(name for name in permitting.values() if name is not None)],
        )

    return Candidate((rung,), find)


def _permitting(analysis: Analysis, actions: Iterable[str]) -> str | None:
    """Returns the first rule that permits one of the actions, in other cases and without consent."""
    for number, rule in enumerate(analysis.policy.rules):
        for action in actions:
            if action in rule.effects and rule.effects[action].permits and not needs_consent(analysis, number, action):
                return rule.name
    return None


def _on_ladders(analysis: Analysis, rungs: Iterable[str], milder: Mapping[str, str]) -> str:
    """Rungs as text, with their ladders where there are several."""
    by_ladder: dict[str, list[str]] = {}
    for rung in rungs:
        by_ladder.setdefault(milder[rung], []).append(rung)
    several = len(analysis.policy.ladders) > 1
    return ", or ".join(
        listed(named) + (f" of ladder `{name}`" if several else "") for name, named in by_ladder.items()
    )


def _unsaid_up_to(
    analysis: Analysis, rungs: Iterable[str], clock_name: str, *, at_most: bool = False
) -> tuple[dict[str, Formula], Searched, bool]:
    """Returns, for each rung, the formula for when it is unsaid on this day of the clock and on every earlier one, all
    else equal, although no consent is missing and no fact shows that it was taken; the search for that; and whether the
    formula is exact. If not, it covers fewer cases or, with `at_most`, more.
    """
    space = analysis.space
    earlier = Earlier(clock_name, space.cells.axes, space.cells.forms, at_most)
    unsaid: dict[str, Formula] = {}
    for rung in rungs:
        actions = members(analysis, rung)
        boxes = [box for action in actions for box in analysis.formulas.boxes_not_unsaid(action)]
        boxes += with_consent(analysis, actions)
        unsaid[rung] = Neither((inside(earlier.boxes(boxes)), taken(analysis, actions)))
    if not earlier.forms or space.relations is None:
        return unsaid, space, not earlier.inexact
    masks = {name: form.everything for name, form in earlier.forms.items()}
    where = Extended({**space.masks, **masks}, space.relations.with_forms(earlier.forms))
    return unsaid, where, not earlier.inexact


SKIPPED_RUNG = Finding(
    Code("skipped-rung", Severity.NOTE, acceptable=True),
    skipped_rungs,
    applies=unless_standard,
    causes=lambda finding: (f"skipped: {', '.join(finding.skips)}",),
)
