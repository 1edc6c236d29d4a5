"""Checks a compiled module against the oracle, so that a bug of the compiler writes no wrong module."""

from __future__ import annotations

import ast
import datetime
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from forbear.backends.deciding_cases import Steps, deciding_cases
from forbear.backends.module_predicates import Predicate, event_predicates, rule_predicates
from forbear.history import OPENING, DerivedSpec, readings
from forbear.kernel import GridValue, InPart, Value, decision_day, in_part_json, read_case
from forbear.model.policy import TypedPolicy
from forbear.model.values import value_json
from forbear.predicates.specs import Specs
from forbear.semantics import meaning
from forbear.space.boundaries import boundary_values, boundary_values_of

CHECKED_CASES = 400
CHECKED_TRUTHS = 200_000
CHECKED_HISTORIES = 60
STEPS = 3_000_000
"""The work spent on finding cases that decide, over all rules."""
_SOME_DAY = datetime.date(2026, 3, 9).toordinal()


class CompilerBug(Exception):
    """The compiled module does not decide as the oracle does. Nothing was written."""


def check_module(policy: TypedPolicy, tables: Specs, tree: ast.Module) -> None:
    """Raises `CompilerBug` where the compiled tree is wrong for a tested case: at and around the thresholds."""
    namespace: dict[str, object] = {"__name__": "forbear_compiled"}
    exec(compile(tree, "<compiled policy>", "exec"), namespace)
    predicates = [*rule_predicates(tables.lowered), *event_predicates(policy, tables.history)]
    _check_predicates(predicates, namespace)
    _check_whole_cases(policy, tables, namespace)
    if policy.derived:
        _check_histories(policy, tables, namespace)


def _check_predicates(predicates: Iterable[Predicate], namespace: Mapping[str, object]) -> None:
    """Asks each predicate in the cases in which a single comparison decides it."""
    predicates = list(predicates)
    for predicate in predicates:
        function = cast(Callable[..., bool | None], namespace[predicate.name])
        values: dict[str, GridValue] = {}
        for name in predicate.parameters:
            values[name] = boundary_values_of(predicate.facts[name], ())[0]
        steps = Steps(max(1_000, STEPS // len(predicates)))
        for case in deciding_cases(predicate.condition, predicate.facts, steps):
            whole = {**values, **case}
            given = [whole[name] for name in predicate.parameters]
            if function(*given) is not meaning.truth(predicate.condition, predicate.facts, whole):
                raise CompilerBug(f"the predicate `{predicate.name}` is wrong for {whole}")


def _check_whole_cases(policy: TypedPolicy, tables: Specs, namespace: Mapping[str, object]) -> None:
    """Asks for decisions on cases at and around every threshold."""
    truths = cast(Callable[[Mapping[str, Value]], list[bool | None]], namespace["truths"])
    decide = cast(Callable[..., dict[str, dict[str, object]]], namespace["decide"])
    in_part = cast(type[InPart], namespace["InPart"])
    boundaries = boundary_values(policy, tables.needed)
    generator = random.Random(0)
    days = _days(policy)
    longest = max((len(values) for values in boundaries.values()), default=1)
    rounds = max(3, min(max(longest, CHECKED_CASES), CHECKED_TRUTHS // max(1, len(policy.rules))))
    for number in range(rounds):
        # A fact takes its boundary values in order in about half of the first cases, otherwise at random.
        case: dict[str, Value] = {
            name: values[number % len(values)]
            if number < longest and generator.random() < 0.5
            else generator.choice(values)
            for name, values in boundaries.items()
        }
        if number % 2:
            case.update(_in_part(tables, case, generator))
        holds = [meaning.truth(rule.condition, policy.facts, case) for rule in policy.rules]
        own = {name: in_part(*value) if isinstance(value, InPart) else value for name, value in case.items()}
        if truths(own) != holds:
            wrong = next(n for n, (a, b) in enumerate(zip(truths(own), holds, strict=True)) if a is not b)
            raise CompilerBug(f"the predicate of rule `{policy.rules[wrong].name}` is wrong for {case}")
        if number * len(policy.rules) * len(policy.actions) < CHECKED_TRUTHS:
            day = generator.choice(days)
            written = {name: _written(tables, name, value) for name, value in case.items()}
            decided = {name: its.as_json() for name, its in meaning.decide(policy, case, day).items()}
            on = None if day is None else datetime.date.fromordinal(day)
            if decide(written, on) != decided:
                raise CompilerBug(f"the decision is wrong for {written} on {on}")


def _in_part(tables: Specs, case: Mapping[str, Value], generator: random.Random) -> Iterator[tuple[str, InPart]]:
    """Some numbers that may be known in part, from one boundary value to a later one."""
    boundaries = boundary_values(tables.policy, case)
    for name, values in boundaries.items():
        spec = tables.facts[name]
        if spec.cuts is not None and spec.absent != "needed" and generator.random() < 0.5:
            low, high = sorted(generator.choices([value for value in values if isinstance(value, int)], k=2))
            none = spec.absent == "none" and generator.random() < 0.5
            if none or spec.low < low < high:
                yield name, InPart(low, high, none)


def _written(tables: Specs, name: str, value: Value) -> object:
    if isinstance(value, InPart):
        return in_part_json(tables.facts[name], value)
    return value_json(tables.policy.facts[name], value)


def _check_histories(policy: TypedPolicy, tables: Specs, namespace: Mapping[str, object]) -> None:
    """Asks for decisions on cases with events at and around the ends of the windows."""
    decide = cast(Callable[..., dict[str, dict[str, object]]], namespace["decide"])
    needed = tuple([name for name in tables.needed if name not in policy.derived])
    compared = [fact for event in tables.history.events.values() for _, fact in event.same]
    boundaries = boundary_values(policy, dict.fromkeys([*needed, *compared]))
    attributes = {
        event.name: {name: boundary_values_of(fact, ()) for name, fact in event.attributes.items()}
        for event in policy.events.values()
    }
    hours = [0, 1, *[hour for spec in tables.history.derived for hour in _near_the_end(spec)]]
    generator = random.Random(0)
    days = [day for day in _days(policy) if day is not None and day > 1_000] or [_SOME_DAY]
    for _ in range(CHECKED_HISTORIES):
        at = datetime.datetime.fromordinal(generator.choice(days)).replace(hour=9, tzinfo=datetime.UTC)
        case: dict[str, object] = {"zone": datetime.UTC, "history_from": OPENING}
        for name, values in boundaries.items():
            case[name] = value_json(policy.facts[name], generator.choice(values))
        events = []
        for _ in range(generator.randrange(12) if attributes else 0):
            event = generator.choice(list(attributes))
            written = {
                name: value_json(policy.events[event].attributes[name], generator.choice(values))
                for name, values in attributes[event].items()
            }
            moment = at - datetime.timedelta(hours=min(generator.choice(hours), 24 * 999))
            events.append({"event": event, "at": moment, **written})
        if attributes:
            case["history"] = events
        expected = _errors_or(_decision, policy, tables, case, at)
        if _errors_or(decide, case, None, at) != expected:
            raise CompilerBug(f"the decision is wrong for {case} at {at}")


def _near_the_end(spec: DerivedSpec) -> tuple[int, ...]:
    """Hours before a decision at and around the first that count."""
    if spec.window == "hours":
        return spec.number - 1, spec.number, spec.number + 1
    return 24 * spec.number - 24, 24 * spec.number - 12, 24 * spec.number


def _decision(
    policy: TypedPolicy, tables: Specs, case: Mapping[str, object], at: datetime.datetime
) -> dict[str, dict[str, object]]:
    """How the oracle decides a case with events."""
    (reading,) = readings(tables.history, case, None, at)
    values = read_case(tables.facts, tables.needed, reading.case)
    day = decision_day(policy.name, policy.dated, policy.since, policy.until, reading.day)
    return {name: its.as_json() for name, its in meaning.decide(policy, values, day).items()}


def _errors_or(decide: Callable[..., object], *arguments: object) -> object:
    """The decision, or the errors of the case."""
    try:
        return decide(*arguments)
    except ValueError as error:  # `CaseError`, of Forbear or of the module
        return [tuple(fault) for fault in getattr(error, "faults", ())]


def _days(policy: TypedPolicy) -> list[int | None]:
    """Days at and around each date of the policy and its rules, on which it is in force."""
    if not policy.dated:
        return [None]
    dates = {date for rule in policy.rules for date in (rule.since, rule.until) if date is not None}
    dates |= {date for date in (policy.since, policy.until) if date is not None}
    near = {day for date in dates for day in (date - 1, date, date + 1)}
    first = policy.since if policy.since is not None else datetime.date.min.toordinal()
    last = policy.until if policy.until is not None else datetime.date.max.toordinal()
    return [day for day in sorted(near) if first <= day <= last]
