"""Where along the clock each rule gives an action its verdict, and what else must hold there: what a chart draws.

A rule decides in the cases in which its condition holds and none of the rules stands that can cut in. So a span has the
part of the condition that does not speak of the clock, and names those rules; together they are exact, and are read
more easily than one condition that leaves out whatever the others forbid. All of it comes from the formulas of the
verdicts, not from samples.
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from operator import itemgetter

from attrs import evolve, frozen

from forbear.analysis.comparison.difference import periods
from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.engine.searcher import BOUND
from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.kernel import Verdict
from forbear.lowered.actions import stronger
from forbear.model.policy import Effect, TypedPolicy
from forbear.semantics.to_text import condition_text
from forbear.space.axes import DAY
from forbear.space.formulas import All, Formula, but_not, inside
from forbear.space.in_words import box_text
from forbear.space.regions import Box
from forbear.space.search.bound import BoundReached

ROW_BOUND = BOUND // 4
"""Boxes that the search for the spans of one action may compare: about a second."""
_PARTS = 6
"""A rule whose condition comes to more parts than this is told whole, in its own words."""

VERDICTS = {
    Effect.NEVER: Verdict.FORBIDDEN,
    Effect.FORBID: Verdict.FORBIDDEN,
    Effect.REQUIRE: Verdict.REQUIRED,
    Effect.ALLOW: Verdict.ALLOWED,
}
"""The verdict that a rule of an effect gives where it decides. One that exempts decides nothing."""


@frozen
class Span:
    """Where a rule, by its place in the policy, gives an action its verdict: in every case on these stretches of the
    clock in which `condition` holds and none of the rules in `unless` stands.

    `runs` are stretches of the clock, as first and last cell of its axis, on which that is so in some case at least;
    one run of one cell where there is no clock. `condition` is text of the language, `always` for nothing. Days are
    those of rules' dates.
    """

    rule: int
    verdict: Verdict
    runs: tuple[tuple[int, int], ...]
    condition: str
    unless: tuple[int, ...]
    since: datetime.date | None
    until: datetime.date | None


@frozen
class Row:
    """The spans of an action, rule after rule. `left_out` counts the rules on it that were not looked at, since there
    are more spans than were asked for, or the search for them reached its bound."""

    action: str
    spans: tuple[Span, ...]
    left_out: int


def spans(analysis: Analysis, action: str, most: int) -> Row:
    """The spans of an action, of its first rules, about `most` in all."""
    speaking = {
        number: rule.effects[action] for number, rule in enumerate(analysis.policy.rules) if action in rule.effects
    }
    numbers = [number for number, effect in speaking.items() if effect in VERDICTS]
    found: list[Span] = []
    done = 0
    analysis.searcher.bound.left = ROW_BOUND
    try:
        for number in numbers:
            if len(found) >= most:
                break
            if analysis.policy.rules[number].name not in analysis.space.too_large:
                found += _of_rule(analysis, action, number, speaking)
                done += 1
    except BoundReached:
        pass
    return Row(action, tuple(found), len(numbers) - done)


def _of_rule(analysis: Analysis, action: str, number: int, speaking: Mapping[int, Effect]) -> Iterator[Span]:
    rule = analysis.policy.rules[number]
    effect = speaking[number]
    clock = clock_axis(analysis)
    standing = analysis.formulas.active(action)
    decides = but_not(standing.decides_as(number), standing.stronger(effect))
    possible = analysis.space.possible_cases.formula
    # A rule that overrides keeps this one from standing; one of a stronger effect has the last word.
    cutting_in = {other: standing.of(other, not effect.permits) for other in standing.overriders(number)}
    for other, its in speaking.items():
        if other not in cutting_in and its in stronger(effect):
            cutting_in[other] = standing.decides_as(other)
    parts = _parts(analysis, number, effect, clock)
    if len({condition for condition, _, _ in parts}) > _PARTS:
        whole: dict[tuple[str, datetime.date | None, datetime.date | None], list[Box]] = {}
        for (_, since, until), boxes in parts.items():
            whole.setdefault((condition_text(rule.condition, analysis.policy.facts), since, until), []).extend(boxes)
        parts = whole
    for (condition, since, until), boxes in parts.items():
        here = inside(boxes)
        runs = _runs(_cells(analysis, All((here, decides, possible)), clock))
        if runs:
            unless = [
                other
                for other, formula in sorted(cutting_in.items(), key=itemgetter(0))
                if analysis.searcher.search().find(All((here, formula, possible))) is not None
            ]
            yield Span(number, VERDICTS[effect], runs, condition, tuple(unless), since, until)


def _parts(
    analysis: Analysis, number: int, effect: Effect, clock: str | None
) -> dict[tuple[str, datetime.date | None, datetime.date | None], list[Box]]:
    """The boxes of a rule by what they ask of anything but the clock, in words, and by their days."""
    parts: dict[tuple[str, datetime.date | None, datetime.date | None], list[Box]] = {}
    one_day = analysis.space.masks[DAY].bit_count() == 1
    for box in analysis.space.of_effect(number, effect):
        for since, until, run in [(None, None, box)] if one_day else periods(box, analysis.space.cells):
            rest = {name: mask for name, mask in run.items() if name not in (clock, DAY)}
            parts.setdefault((box_text(rest, analysis.space.cells), since, until), []).append(run)
    return parts


def _cells(analysis: Analysis, formula: Formula, clock: str | None) -> int:
    """The cells of the clock on which a formula holds in some case."""
    search = analysis.searcher.search()
    if clock is None:
        return 0 if search.find(formula) is None else 1
    cells, left = 0, analysis.space.masks[clock]
    while left:
        box = search.find(formula, {clock: left})
        if box is None:
            break
        cells |= box[clock]
        left &= ~box[clock]
    return cells


def _runs(cells: int) -> tuple[tuple[int, int], ...]:
    runs = []
    first = None
    for cell in range(cells.bit_length() + 1):
        if cells >> cell & 1:
            first = cell if first is None else first
        elif first is not None:
            runs.append((first, cell - 1))
            first = None
    return tuple(runs)


def on_day(analysis: Analysis, day: int) -> Analysis:
    """The analysis of the cases of one day alone, on which its policy is in force."""
    if not analysis.space.cells.starts:
        return analysis
    bit = 1 << bisect_right(analysis.space.cells.starts, day) - 1
    return analysis.of(evolve(analysis.space, masks={**analysis.space.masks, DAY: bit}))


def in_ladder_order(policy: TypedPolicy) -> tuple[str, ...]:
    """The actions of a policy: those on its first ladder from mild to harsh, then the others."""
    ladder = next(iter(policy.ladders.values()), None)
    rungs = [
        action
        for rung in (ladder.rungs if ladder is not None else ())
        for action in (policy.groups[rung].actions if rung in policy.groups else (rung,))
    ]
    return tuple(dict.fromkeys([*rungs, *policy.actions]))
