"""What is permitted on each day ahead, as `Policy.apply` decides it of the frame as it is then."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

import forbear
from forbear.kernel.cases import Wrong, read_value
from forbear.language.model.conditions import facts_in
from forbear.language.model.kinds import DAYS as DAYS_KIND

DAYS = 11


def as_it_is(policy: forbear.Policy, frame: pl.DataFrame, moves: Mapping[str, int], day: int) -> pl.DataFrame:
    """The frame on a later day, read value by value."""
    columns = []
    for name, by in moves.items():
        spec = policy.applier.tables.facts[name]
        values: list[Any] = []
        for raw in frame[name].to_list():
            try:
                value = read_value(spec, raw)
            except Wrong:
                value = None
            number = None if value is None else (value + by * day) * Fraction(*spec.step)  # type: ignore[operator]
            values.append(raw if number is None else Decimal(number.numerator) / number.denominator)
        columns.append(pl.Series(name, values, dtype=pl.Object))
    return frame.with_columns(columns)


def expected(policy: forbear.Policy, frame: pl.DataFrame, on: Any, moves: Mapping[str, int], **more: Any) -> Any:
    """The counts by day and action: permitted, due, ended, undecided."""
    return expected_of(lambda day: (policy, moves), policy.actions, frame, on, **more)


def expected_of(
    in_force: Callable[[Any], tuple[forbear.Policy, Mapping[str, int]]],
    actions: Iterable[str],
    frame: pl.DataFrame,
    on: Any,
    **more: Any,
) -> Any:
    """The counts of actions by what is in force on a day, and what moves by that."""
    before: dict[str, Any] = {}
    found = []
    for day, answer in enumerate(answers(in_force, actions, frame, on, **more)):
        then = None if on is None else on + datetime.timedelta(day)
        for action, verdicts in answer.items():
            now = np.array([verdict in ("allowed", "required") for verdict in verdicts], np.bool_)
            was = before.get(action, now)
            counts = [int(some.sum()) for some in (now, now & ~was, was & ~now)]
            found.append((day, then, action, *counts, verdicts.count("undecided")))
            before[action] = now
    return found


def answers(
    in_force: Callable[[Any], tuple[forbear.Policy, Mapping[str, int]]],
    actions: Iterable[str],
    frame: pl.DataFrame,
    on: Any,
    **more: Any,
) -> Iterator[dict[str, list[str]]]:
    """The verdicts on each day. An action that the version of the day lacks is unsaid."""
    for day in range(DAYS + 1):
        then = None if on is None else on + datetime.timedelta(day)
        try:
            policy, moves = in_force(then)
            answer = policy.apply(as_it_is(policy, frame, moves, day), then, **more)
            some = answer[next(iter(policy.actions))].cast(pl.String).to_list()  # undecided is a row as a whole
            lacked = ["undecided" if verdict == "undecided" else "unsaid" for verdict in some]
        except forbear.CaseError:
            assert day
            answer, lacked = pl.DataFrame(), ["undecided"] * frame.height
        yield {action: answer[action].cast(pl.String).to_list() if action in answer else lacked for action in actions}


MOVED = {"days since", "days since first", "days until"}


def held_by(policy: forbear.Policy, action: str, columns: Iterable[str]) -> set[str]:
    """The columns of facts that rules on an action, or on what goes along with it, read and that nothing moves."""
    typed = policy.typed
    actions, more = {action}, {action}
    while more:
        more = {its for rule in typed.rules for one in more for its in rule.along.get(one, ())} - actions
        actions |= more
    rules = [rule for rule in typed.rules if actions & {*rule.effects, *rule.along}]
    read = {name for rule in rules for name in facts_in(rule.condition)}
    given = read.intersection(columns)
    follows = {name for name, one in typed.derived.items() if one.measure not in MOVED and not one.stays}
    facts = typed.facts.values()
    plain = {fact.name for fact in facts if fact.kind == DAYS_KIND and not (fact.clock or fact.rising)} - {
        *typed.derived
    }
    return given & (follows | plain | {fact.name for fact in facts if fact.this_day})


def check_stretches(
    found: pl.DataFrame, permitted: Sequence[Any], on: datetime.date, frame: pl.DataFrame, *policies: forbear.Policy
) -> None:
    """Row by row: the first day on which an action is permitted, and the next on which it is not, or on which nobody
    knows what is held; neither where the row is undecided on the first day."""
    undecided = found[found.columns[0]].cast(pl.String) == "undecided"
    for action in [name.removesuffix("_from") for name in found.columns if name.endswith("_from")]:
        columns = {name for policy in policies for name in held_by(policy, action, frame.columns)}
        for row in range(found.height):
            its = [] if undecided[row] else [answer[action][row] for answer in permitted]
            first = its.index(True) if True in its else None
            end = its.index(False, first) if first is not None and False in its[first:] else None
            held = {name for name in columns if its and frame[name][row] not in (None, "none")}
            assert {*found[f"{action}_held"][row]} == held, (action, row)
            if held and first is not None and first < DAYS:
                end = first + 1
            days = [None if day is None else on + datetime.timedelta(day) for day in (first, end)]
            assert [found[f"{action}_{name}"][row] for name in ("from", "until")] == days, (action, row)
