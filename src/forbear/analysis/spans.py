"""Spans: where along the clock each rule decides an action, and under which further condition. A chart draws them.

A rule decides where its condition holds and no interrupting rule is active: no rule that overrides it, and none of a
stronger effect. So a span has the part of the condition that is not about the clock, and names the interrupting rules.
The two together are exact, and easier to read than one condition that excludes whatever the other rules forbid. They
come from the formulas of the verdicts, not from samples.
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from operator import itemgetter

from attrs import evolve, frozen

from forbear.analysis.comparison.telling.where import periods
from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.engine.searcher import BOUND
from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.kernel import Verdict
from forbear.lowered.actions import PRECEDENCE, stronger
from forbear.model.policy import Effect, TypedPolicy
from forbear.semantics.to_text import condition_text
from forbear.space.axes import DAY
from forbear.space.formulas import FALSE, All, Formula, any_of, but_not, inside
from forbear.space.in_words import box_text
from forbear.space.regions import Box
from forbear.space.search.bound import BoundReached

ROW_BOUND = BOUND // 4
"""How many boxes the search for the spans of one action may compare: about a second."""
_PARTS = 6
"""A rule whose condition has more parts than this is reported with its whole condition, as written."""


@frozen
class Span:
    """Where a rule, by its place in the policy, decides an action.

    It decides in every case on the `runs` of the clock in which `condition` holds and no rule in `unless` is active.
    Each run is the first and the last of contiguous cells of the clock's axis, on each of which there is such a case;
    without a clock there is one run of one cell. `condition` is text of the language. `since` and `until` are the first
    and the last day, from the dates of rules.
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
    """The spans of an action, in the order of its rules.

    `left_out` counts the rules without spans here, since there were enough spans or the search reached its bound.
    """

    action: str
    spans: tuple[Span, ...]
    left_out: int


def spans(analysis: Analysis, action: str, most: int) -> Row:
    """The spans of an action. Rules are left out once there are `most` spans."""
    effects = {
        number: rule.effects[action] for number, rule in enumerate(analysis.policy.rules) if action in rule.effects
    }
    numbers = [number for number, effect in effects.items() if effect in PRECEDENCE]
    row: list[Span] = []
    done = 0
    analysis.searcher.bound.left = ROW_BOUND
    try:
        for number in numbers:
            if len(row) >= most:
                break
            if analysis.policy.rules[number].name not in analysis.space.too_large:
                row += _of_rule(analysis, action, number, effects)
                done += 1
    except BoundReached:
        pass
    return Row(action, tuple(row), len(numbers) - done)


def rule_spans(analysis: Analysis, action: str, number: int) -> tuple[Span, ...]:
    """The spans of one rule for one of its actions; none where it asks for something to go along, or is too large.

    Raises `BoundReached`.
    """
    rules = analysis.policy.rules
    effects = {other: rule.effects[action] for other, rule in enumerate(rules) if action in rule.effects}
    if effects.get(number) not in PRECEDENCE or rules[number].name in analysis.space.too_large:
        return ()
    analysis.searcher.bound.left = ROW_BOUND
    return tuple(_of_rule(analysis, action, number, effects))


def _of_rule(analysis: Analysis, action: str, number: int, effects: Mapping[int, Effect]) -> Iterator[Span]:
    rule = analysis.policy.rules[number]
    effect = effects[number]
    clock = clock_axis(analysis)
    active = analysis.formulas.active(action)
    refused = () if effect is Effect.NEVER else (analysis.formulas.blocked(action),)
    decides = but_not(active.decides_as(number), any_of((active.stronger(effect), *refused)))
    possible = analysis.space.possible_cases.formula
    # While a rule that overrides this one is active, this one is not; one of a stronger effect takes precedence.
    interrupting = {rule: active.of(rule, not effect.permits) for rule in active.overriders(number)}
    for interrupter, its_effect in effects.items():
        if interrupter not in interrupting and its_effect in stronger(effect):
            interrupting[interrupter] = active.decides_as(interrupter)
    for asking in analysis.formulas.asking(action) if refused else ():
        interrupting[asking] = any_of((interrupting.get(asking, FALSE), analysis.formulas.blocked_by(asking, action)))
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
                interrupter
                for interrupter, formula in sorted(interrupting.items(), key=itemgetter(0))
                if analysis.searcher.search().find(All((here, formula, possible))) is not None
            ]
            yield Span(number, PRECEDENCE[effect], runs, condition, tuple(unless), since, until)


def _parts(
    analysis: Analysis, number: int, effect: Effect, clock: str | None
) -> dict[tuple[str, datetime.date | None, datetime.date | None], list[Box]]:
    """The boxes of a rule, by their condition on anything but the clock, as text, and by their first and last day."""
    parts: dict[tuple[str, datetime.date | None, datetime.date | None], list[Box]] = {}
    one_day = analysis.space.masks[DAY].bit_count() == 1
    for box in analysis.space.of_effect(number, effect):
        for since, until, run in [(None, None, box)] if one_day else periods(box, analysis.space.cells):
            rest = {name: mask for name, mask in run.items() if name not in (clock, DAY)}
            parts.setdefault((box_text(rest, analysis.space.cells), since, until), []).append(run)
    return parts


def _cells(analysis: Analysis, formula: Formula, clock: str | None) -> int:
    """The cells of the clock on which a formula holds in some case; without a clock, one cell if it holds in any."""
    search = analysis.searcher.search()
    if clock is None:
        return 0 if search.find(formula) is None else 1
    cells, left = 0, analysis.space.masks[clock]
    while left:
        box = search.find(formula, {clock: left})
        if box is None:
            break
        box = search.narrowed(box)
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
    """The analysis of the cases of one day (an ordinal), on which the policy must be in force."""
    if not analysis.space.cells.starts:
        return analysis
    bit = 1 << bisect_right(analysis.space.cells.starts, day) - 1
    return analysis.of(evolve(analysis.space, masks={**analysis.space.masks, DAY: bit}))


def in_ladder_order(policy: TypedPolicy) -> tuple[str, ...]:
    """The actions of a policy: those on its first ladder, from mild to harsh, and then the others."""
    ladder = next(iter(policy.ladders.values()), None)
    rungs = [
        action
        for rung in (ladder.rungs if ladder is not None else ())
        for action in (policy.groups[rung].actions if rung in policy.groups else (rung,))
    ]
    return tuple(dict.fromkeys([*rungs, *policy.actions]))
