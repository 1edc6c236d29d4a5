"""`skipped-rung`: a rung is permitted, and a milder one was unsaid on every day up to then, all else equal."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.ladders import clock_axis, members, permitted
from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic
from forbear.policy.names import listed
from forbear.space.regions import Box
from forbear.space.search import All, Formula, Neither, inside
from forbear.vocabulary.facts import Ladder


def skipped_rungs(view: View) -> Iterator[Candidate]:
    """A candidate for each harsher rung of a ladder."""
    clock = clock_axis(view)
    if clock is None or view.policy.standard:
        return
    for ladder in view.policy.ladders.values():
        ever = [rung for rung in ladder.rungs if view.search().find(permitted(view, rung)) is not None]
        for place, rung in enumerate(ever):
            if place:
                yield _candidate(view, ladder, rung, ever[:place], clock)


def _candidate(view: View, ladder: Ladder, rung: str, milder: list[str], clock: str) -> Candidate:
    def find(more: Formula) -> Diagnostic | None:
        harsh = permitted(view, rung)
        first: Box | None = None
        skips = []
        for other in milder:
            box = view.search().find(All((harsh, Neither((_spoken_up_to(view, other, clock),)), more)))
            if box is not None:
                first = first or box
                skips.append(other)
        if first is None:
            return None
        return Diagnostic(
            code="skipped-rung",
            message=f"`{rung}` is permitted where no rule ever spoke of the milder {listed(skips)}",
            place=view.place_of(*members(view, rung)),
            help="permit the milder rung before, or forbid it where it is not wanted",
            actions=(rung,),
            skips=tuple(skips),
            ladder=ladder.name,
            witness=view.witness(first),
        )

    return Candidate((rung,), find)


def _spoken_up_to(view: View, rung: str, clock: str) -> Formula:
    """Where some rule speaks of a rung on this day of the clock or on one before, all else equal."""
    full = view.masks[clock]
    boxes = []
    for action in members(view, rung):
        for box in view.spoken_boxes(action):
            mask = box.get(clock, full)
            earliest = mask & -mask
            later = full & ~(earliest - 1)
            rest = {name: its for name, its in box.items() if name != clock}
            boxes.append(rest if later == full else {**rest, clock: later})
    return inside(boxes)
