"""Decides rows one by one: those with a history of events, from which each row's facts are derived."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import polars as pl

from forbear.kernel.cases import ActionDecision, CaseError, FactSpec, Fault
from forbear.kernel.faults import Tally
from forbear.kernel.strict_json import read_json
from forbear.language.model.kinds import Storage, kind_of
from forbear.portfolio.applying import UNDECIDED, Applied, Options, along_column, rules_column
from forbear.portfolio.options import kinds
from forbear.space.predicates.specs import Specs

Case = TypeVar("Case")
_LISTS = ("history", "zone")
"""The parts of a case that may be lists, which a column of texts gives in JSON."""


def apply_by_rows(
    tables: Specs, cases: Iterable[Case], decide: Callable[[Case], Mapping[str, ActionDecision]], options: Options
) -> Applied:
    """Returns the verdicts on cases. `decide` takes a case as it is given, and raises `CaseError` for one that is
    rejected.
    """
    actions, companions = tables.told, tables.lowered.companions
    rules = {rule.name: number for number, rule in enumerate(tables.rules[: tables.lowered.own])}
    types = dict(kinds(actions, companions, why=options.why, faults=False))
    values_by_column: dict[str, list[object]] = {name: [] for name in types}
    rejects: dict[int, str] = {}
    faults: list[Fault] = []
    verdict_counts, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    number = -1
    for number, case in enumerate(cases):
        decision: Mapping[str, ActionDecision] | None = None
        try:
            decision = decide(case)
        except CaseError as error:
            rejects[number] = str(error)
            faults += error.faults
        for action in actions:
            verdict = UNDECIDED if decision is None else decision[action].verdict.value
            values_by_column[action].append(verdict)
            names = () if decision is None else decision[action].rules
            if options.why:
                values_by_column[rules_column(action)].append(names)
            if action in companions:
                along = () if decision is None else decision[action].along
                values_by_column[along_column(action)].append([companion.action for companion in along])
                names = tuple(dict.fromkeys([*names, *[name for companion in along for name in companion.rules]]))
            if options.count:
                verdict_counts[action, verdict] += 1
                decided_by.update([(action, rules[name]) for name in names])
    columns = {name: pl.Series(name, values, dtype=types[name]) for name, values in values_by_column.items()}
    reasons = Tally.of((fault, 1) for fault in faults)
    return Applied(columns, rejects, number + 1, verdict_counts, decided_by, reasons)


def cases_of(
    frame: pl.DataFrame, rows: int, facts: Mapping[str, FactSpec], options: Options
) -> Iterator[Mapping[str, object] | CaseError]:
    """The rows of a frame as cases, or the error of a row that cannot be read."""
    for row in frame.select(list(options.facts)).iter_rows() if options.facts else [()] * rows:
        case: dict[str, object] = {}
        unread: CaseError | None = None
        for name, value in zip(options.facts.values(), row, strict=True):
            if name in _LISTS:
                try:
                    if value is not None:
                        case[name] = _history(value) if name == "history" else _zones(value)
                except CaseError as error:
                    unread = error
            elif name not in facts:
                if value is not None:
                    case[name] = value
            elif value is None and name in options.none:
                case[name] = "none"
            else:
                case[name] = plain(facts[name], value)
        yield case if unread is None else unread


def plain(spec: FactSpec, value: object) -> object:
    """A value of a frame as a case may hold it. Many libraries write a day as midnight."""
    if isinstance(value, datetime.datetime) and value.tzinfo is None and kind_of(spec.kind).storage is Storage.DATE:
        return value.date() if value.time() == datetime.time() else value
    return value


def _zones(value: object) -> object:
    """A time zone, or a list of several, which may be a text in JSON. Raises `CaseError`."""
    if isinstance(value, str) and value.lstrip().startswith("["):  # which no name of a zone does
        return read_json(value, None, field="zone")
    return value


def _history(value: object) -> object:
    """A list of events, from a list of structs or from a text in JSON. A null field of a struct counts as not given.

    Raises `CaseError`.
    """
    if isinstance(value, str):
        return read_json(value, None, field="history")
    if isinstance(value, list):
        return [
            {name: field for name, field in event.items() if field is not None} if isinstance(event, dict) else event
            for event in value
        ]
    return value
