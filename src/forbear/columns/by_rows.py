"""Rows decided one by one: those with a history of events, whose facts are counted for each."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import polars as pl

from forbear.columns.applying import UNDECIDED, VERDICT, Applied, Asked, rules_column
from forbear.kernel import ActionDecision, CaseError, FactSpec
from forbear.vocabulary.facts import Kind

Decide = Callable[[Mapping[str, object]], Mapping[str, ActionDecision]]
"""Decides one case; raises `CaseError`."""


def apply_by_rows(
    actions: Sequence[str],
    rules: Mapping[str, int],
    cases: Iterable[Mapping[str, object]],
    decide: Decide,
    asked: Asked,
) -> Applied:
    """The verdicts on some cases. `rules` has the number of each rule, by its name."""
    found: dict[str, list[object]] = {}
    for action in actions:
        found[action] = []
        if asked.why:
            found[rules_column(action)] = []
    rejects: dict[int, str] = {}
    decided_by: dict[tuple[str, int], int] = {}
    number = -1
    for number, case in enumerate(cases):
        decision: Mapping[str, ActionDecision] | None = None
        try:
            decision = decide(case)
        except CaseError as error:
            rejects[number] = str(error)
        for action in actions:
            found[action].append(UNDECIDED if decision is None else decision[action].verdict.value)
            names = () if decision is None else decision[action].rules
            if asked.why:
                found[rules_column(action)].append(names)
            if asked.count:
                for name in names:
                    decided_by[action, rules[name]] = decided_by.get((action, rules[name]), 0) + 1
    columns = {
        name: pl.Series(name, values, dtype=VERDICT if name in actions else pl.List(pl.String))
        for name, values in found.items()
    }
    return Applied(columns, rejects, number + 1, decided_by)


def cases_of(
    frame: pl.DataFrame, rows: int, facts: Mapping[str, FactSpec], asked: Asked
) -> Iterator[Mapping[str, object]]:
    """The rows of a frame as cases."""
    for row in frame.select(list(asked.facts)).iter_rows() if asked.facts else [()] * rows:
        case: dict[str, object] = {}
        for name, value in zip(asked.facts.values(), row, strict=True):
            if name == "history":
                if value is not None:
                    case[name] = _history(value)
            elif name not in facts:
                if value is not None:
                    case[name] = value
            elif value is None and name in asked.none:
                case[name] = "none"
            elif value is not None or facts[name].absent != "unknown":
                case[name] = _plain(facts[name], value)
        yield case


def _plain(spec: FactSpec, value: object) -> object:
    """A value as a case may hold it: midnight is how many libraries write a day."""
    if spec.kind == Kind.DATE and isinstance(value, datetime.datetime) and value.tzinfo is None:
        return value.date() if value.time() == datetime.time() else value
    return value


def _history(value: object) -> object:
    """A list of events, from a list of structs, whose null fields were not given, or from a text in JSON."""
    if isinstance(value, str):
        try:
            return json.loads(value, parse_float=Decimal)
        except ValueError:
            return value
    if isinstance(value, list):
        return [
            {name: its for name, its in event.items() if its is not None} if isinstance(event, dict) else event
            for event in value
        ]
    return value
