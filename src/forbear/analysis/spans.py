"""Spans: the days of the clock on which each rule decides an action, and the further condition. A chart draws them.

A rule decides if its condition holds, no interrupting rule is active (no rule that overrides it, and none of a stronger
effect), and none asks for a forbidden companion, which forbids as a `never` does. So a span has the part of the
condition that is not about the clock, and names these rules. The two together are exact, and easier to read than one
condition that excludes whatever the other rules forbid. They come from the formulas of the verdicts, not from samples.
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import TypeAlias

from attrs import evolve, frozen

from forbear.analysis.comparison.telling.where import periods
from forbear.analysis.engine.analysis import Analysis, analyse
from forbear.analysis.engine.searcher import Extended, Searched
from forbear.analysis.engine.space import BOUND
from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.kernel.cases import Verdict
from forbear.language.model.comparisons import Compare
from forbear.language.model.policy import Effect, TypedPolicy
from forbear.semantics.lowered.actions import PRECEDENCE
from forbear.semantics.to_text import condition_text
from forbear.space.axes import DAY
from forbear.space.formulas import All, Formula, inside
from forbear.space.in_words import box_text
from forbear.space.masks import runs
from forbear.space.regions import Box
from forbear.space.relations.forms import Form
from forbear.space.search.bound import BoundReached

ROW_BOUND = BOUND // 4
"""The number of boxes that the search for the spans of one action may compare: about a second."""
_PARTS = 6
"""A rule whose condition has more parts than this is reported with its whole condition, as written."""


@frozen
class Span:
    """The cases in which a rule, by its place in the policy, decides an action.

    It decides in every case on the `runs` of the clock in which `condition` holds, no rule in `unless` is active, and
    no rule in `blocked` asks for a forbidden companion: it may be the rule itself. Each run is the first and the last
    of contiguous cells of the clock's axis, on each of which there is such a case; without a clock there is one run of
    one cell. `condition` is text of the language. `since` and `until` are the first and the last day, from the dates of
    rules.
    """

    rule: int
    verdict: Verdict
    runs: tuple[tuple[int, int], ...]
    condition: str
    unless: tuple[int, ...]
    blocked: tuple[int, ...]
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
    effects = _effects(analysis, action)
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
    """Returns the spans of one rule for one of its actions; none if it asks for a companion, or is too large.

    Raises `BoundReached`.
    """
    rules = analysis.policy.rules
    effects = _effects(analysis, action)
    if effects.get(number) not in PRECEDENCE or rules[number].name in analysis.space.too_large:
        return ()
    analysis.searcher.bound.left = ROW_BOUND
    return tuple(_of_rule(analysis, action, number, effects))


def to_the_day(analysis: Analysis, day: int | None = None) -> Analysis:
    """Returns the analysis of the same policy in which a span begins on the first day of the clock on which its rule
    decides in some case, and ends on the last; on one day (an ordinal) or, with None, on all its days.

    If rules compare the clock with a fact, cells end elsewhere at first. Cells for which this takes too long are left
    so.
    """
    current = analysis if day is None else on_day(analysis, day)
    clock = clock_axis(current)
    if clock is None or all(clock not in form.facts for form in current.space.cells.forms.values()):
        return current
    axis = current.space.cells.axes[clock]
    starts = {first for action in current.policy.actions for first in _starts(current, action, clock)} - {*axis.first}
    if not starts:
        return current
    more = [Compare(clock, ">=", start) for start in sorted(starts) if axis.fact.low < start <= axis.fact.high]
    exact = analyse(analysis.policy, more, analysis.space.effort, each_day=day is not None)
    return exact if day is None else on_day(exact, day)


def _starts(analysis: Analysis, action: str, clock: str) -> Iterator[int]:
    """The days on which spans of an action begin, or have just ended."""
    effects = _effects(analysis, action)
    analysis.searcher.bound.left = ROW_BOUND
    try:
        for number, effect in effects.items():
            if effect in PRECEDENCE and analysis.policy.rules[number].name not in analysis.space.too_large:
                for _, formula in _decided(analysis, action, number, effects, clock):
                    for first, last in runs(_cells(analysis, formula, clock)):
                        yield _end(analysis, formula, clock, first, greatest=False)
                        yield _end(analysis, formula, clock, last, greatest=True) + 1
    except BoundReached:
        pass


def _end(analysis: Analysis, formula: Formula, clock: str, cell: int, *, greatest: bool) -> int:
    """The least or the greatest value of the clock in a cell for which a formula has a case."""
    space = analysis.space
    axis = space.cells.axes[clock]
    first, last = axis.first[cell], axis.last(cell)
    assert isinstance(first, int)
    assert isinstance(last, int)
    preferred, best = (last, first) if greatest else (first, last)
    where: Searched = space
    within: Box = {clock: 1 << cell}
    while True:
        box = analysis.searcher.search(where).find(formula, within)
        if box is None or where.relations is None:
            return best
        case = where.relations.case(box, where.masks, {clock: preferred}, analysis.searcher.bound)
        assert case is not None
        value = case.get(clock, preferred)
        assert isinstance(value, int)
        if value == preferred:
            return value
        # A further look, for a value that is nearer: the cells of the form are before and from a value.
        best = value
        form = Form((clock,), (1,), axis.fact.low, (value + greatest,), (), (), "nearer ")
        where = Extended({**space.masks, form.name: form.everything}, where.relations.with_forms({form.name: form}))
        within = {clock: 1 << cell, form.name: 2 if greatest else 1}


def _effects(analysis: Analysis, action: str) -> dict[int, Effect]:
    rules = analysis.policy.rules
    return {number: rule.effects[action] for number, rule in enumerate(rules) if action in rule.effects}


_Part: TypeAlias = "tuple[str, datetime.date | None, datetime.date | None]"
"""A condition on anything but the clock, as text, and the first and the last day."""


def _decided(
    analysis: Analysis, action: str, number: int, effects: Mapping[int, Effect], clock: str | None
) -> Iterator[tuple[tuple[_Part, Formula], Formula]]:
    """The parts of a rule, each with where it holds, and where in it the rule decides."""
    rule, effect = analysis.policy.rules[number], effects[number]
    decides = analysis.formulas.active(action).gives_verdict(number)
    possible = analysis.space.possible_cases.formula
    parts = _parts(analysis, number, effect, clock)
    if len({condition for condition, _, _ in parts}) > _PARTS:
        whole: dict[_Part, list[Box]] = {}
        for (_, since, until), boxes in parts.items():
            whole.setdefault((condition_text(rule.condition, analysis.policy.facts), since, until), []).extend(boxes)
        parts = whole
    for part, boxes in parts.items():
        holding = inside(boxes)
        yield (part, holding), All((holding, decides, possible))


def _of_rule(analysis: Analysis, action: str, number: int, effects: Mapping[int, Effect]) -> Iterator[Span]:
    effect = effects[number]
    clock = clock_axis(analysis)
    interrupting = analysis.formulas.active(action).preventing(number, effects)
    asking = analysis.formulas.asking(action) if effect is not Effect.NEVER else ()
    blocking = {rule: analysis.formulas.blocked_by(rule, action) for rule in asking}
    for ((condition, since, until), holding), decided in _decided(analysis, action, number, effects, clock):
        days = tuple(runs(_cells(analysis, decided, clock)))
        if days:
            unless, blocked = (
                tuple(
                    [
                        rule
                        for rule, formula in sorted(by_rule.items(), key=itemgetter(0))
                        if analysis.searcher.is_possible(holding, formula)
                    ]
                )
                for by_rule in (interrupting, blocking)
            )
            yield Span(number, PRECEDENCE[effect], days, condition, unless, blocked, since, until)


def _parts(analysis: Analysis, number: int, effect: Effect, clock: str | None) -> dict[_Part, list[Box]]:
    """The boxes of a rule, by their condition on anything but the clock, as text, and by their first and last day."""
    parts: dict[_Part, list[Box]] = {}
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
    relations = analysis.space.relations
    is_free = relations is None or not relations.relates(clock)  # then each cell of a box has a case, if one has
    cells, left = 0, analysis.space.masks[clock]
    while left:
        box = search.find(formula, {clock: left})
        if box is None:
            break
        box = box if is_free else search.narrowed(box)
        cells |= box[clock]
        left &= ~box[clock]
    return cells


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
