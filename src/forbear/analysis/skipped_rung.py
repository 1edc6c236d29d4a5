"""`skipped-rung`: a rung is permitted, and a milder one was unsaid on every day up to then, all else equal."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.ladders import members, permitted
from forbear.analysis.view import Candidate, View, permits
from forbear.diagnostic import Diagnostic
from forbear.policy.names import listed
from forbear.policy.typed import clock
from forbear.space.regions import Box
from forbear.space.search import All, Formula, Neither, inside


def skipped_rungs(view: View) -> Iterator[Candidate]:
    """A candidate for each rung that is harsher than another, on whichever ladder."""
    fact = clock(view.policy)
    if fact is None or view.policy.standard:
        return
    milder: dict[str, list[str]] = {}
    for ladder in view.policy.ladders.values():
        ever = [rung for rung in ladder.rungs if view.search().find(permitted(view, rung)) is not None]
        for place, rung in enumerate(ever):
            milder.setdefault(rung, []).extend(ever[:place])
    for rung, others in milder.items():
        if others:
            yield _candidate(view, rung, list(dict.fromkeys(others)), fact.name)


def _candidate(view: View, rung: str, milder: list[str], clock_name: str) -> Candidate:
    def find(more: Formula) -> Diagnostic | None:
        harsh = permitted(view, rung)
        first: Box | None = None
        skips = []
        for other in milder:
            box = view.search().find(All((harsh, Neither((_spoken_up_to(view, other, clock_name),)), more)))
            if box is not None:
                first = first or box
                skips.append(other)
        if first is None:
            return None
        point = view.point(first)
        view.replayed(any(permits(view.verdict(its, point)) for its in members(view, rung)), "a permitted rung", point)
        return Diagnostic(
            code="skipped-rung",
            message=f"`{rung}` is permitted where no rule ever spoke of the milder {listed(skips)}",
            place=view.place_of(*members(view, rung), point=point),
            help="permit the milder rung before, or forbid it where it is not wanted",
            actions=(rung,),
            skips=tuple(skips),
            witness=point.witness,
        )

    return Candidate((rung,), find)


def _spoken_up_to(view: View, rung: str, clock_name: str) -> Formula:
    """Where some rule speaks of a rung on this day of the clock or on one before, all else equal."""
    full = view.masks.get(clock_name, 1)  # one cell, where no rule reads the clock
    boxes = []
    for action in members(view, rung):
        for box in view.spoken_boxes(action):
            mask = box.get(clock_name, full)
            earliest = mask & -mask
            later = full & ~(earliest - 1)
            rest = {name: its for name, its in box.items() if name != clock_name}
            boxes.append(rest if later == full else {**rest, clock_name: later})
    return inside(boxes)
