"""Checks a compiled module against the oracle, so that a bug of the compiler writes no wrong module."""

from __future__ import annotations

import ast
import datetime
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import cast

from forbear.kernel.cases import GridValue, InPart, Value, in_part_json
from forbear.kernel.history.moments import OF_CALENDAR
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import value_json
from forbear.semantics import meaning
from forbear.space.boundaries import boundary_values, boundary_values_of
from forbear.space.predicates.specs import Specs
from forbear.targets.deciding_cases import Steps, deciding_cases
from forbear.targets.python.predicates import Predicate, event_predicates, rule_predicates
from forbear.targets.sample_cases import cases_with_events, days_around, decided, on_day, whole_cases

CHECKED_CASES = 400
CHECKED_TRUTHS = 200_000
CHECKED_HISTORIES = 60
STEPS = 3_000_000
"""The work spent on finding cases that decide, over all rules."""


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
            arguments = [whole[name] for name in predicate.parameters]
            if function(*arguments) is not meaning.truth(predicate.condition, predicate.facts, whole):
                raise CompilerBug(f"the predicate `{predicate.name}` is wrong for {whole}")


def _check_whole_cases(policy: TypedPolicy, tables: Specs, namespace: Mapping[str, object]) -> None:
    """Asks for decisions on cases at and around every threshold."""
    truths = cast(Callable[[Mapping[str, Value]], list[bool | None]], namespace["truths"])
    decide = cast(Callable[..., dict[str, dict[str, object]]], namespace["decide"])
    in_part = cast(type[InPart], namespace["InPart"])
    boundaries = boundary_values(policy, tables.needed)
    generator = random.Random(0)
    days = days_around(policy)
    by_oracle = _oracle(policy, tables)
    longest = max(map(len, boundaries.values()), default=1)
    rounds = max(3, min(max(longest, CHECKED_CASES), CHECKED_TRUTHS // max(1, len(policy.rules))))
    for number, sample in enumerate(islice(whole_cases(boundaries, generator), rounds)):
        day = generator.choice(days)
        case: dict[str, Value] = {**on_day(policy, sample, day)}
        if number % 2:
            case.update(_in_part(tables, boundaries, generator))
        holds = [meaning.truth(rule.condition, policy.facts, case) for rule in tables.policy.rules]
        own = {name: in_part(*value) if isinstance(value, InPart) else value for name, value in case.items()}
        if truths(own) != holds:
            wrong = next(n for n, (a, b) in enumerate(zip(truths(own), holds, strict=True)) if a is not b)
            raise CompilerBug(f"the predicate of rule `{tables.policy.rules[wrong].name}` is wrong for {case}")
        if number * len(policy.rules) * len(policy.actions) < CHECKED_TRUTHS:
            follows = set[str]() if day is None else _following(tables, case)
            written = {name: _written(tables, name, value) for name, value in case.items() if name not in follows}
            on = None if day is None else datetime.date.fromordinal(day)
            if follows or tables.history.dates:  # ages and working days may be of another day
                expected = _errors_or(by_oracle, written, on, None)
            else:
                expected = {name: answer.as_json() for name, answer in meaning.decide(policy, case, day).items()}
            if _errors_or(decide, written, on) != expected:
                raise CompilerBug(f"the decision is wrong for {written} on {on}")


def _in_part(
    tables: Specs, boundaries: Mapping[str, Sequence[GridValue]], generator: random.Random
) -> Iterator[tuple[str, InPart]]:
    """Some numbers that may be known in part, from one boundary value to a later one."""
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
    by_oracle = _oracle(policy, tables)
    for case, at in islice(cases_with_events(policy, tables, random.Random(0)), CHECKED_HISTORIES):
        if _errors_or(decide, case, None, at) != _errors_or(by_oracle, case, None, at):
            raise CompilerBug(f"the decision is wrong for {case} at {at}")


def _following(tables: Specs, case: Mapping[str, object]) -> set[str]:
    """The facts of a case that follow from the day of the decision, so that they are not given with it."""
    derived = tables.history.derived
    return {spec.name for spec in derived if spec.measure in OF_CALENDAR or (spec.of is not None and spec.of in case)}


def _oracle(policy: TypedPolicy, tables: Specs) -> Callable[..., object]:
    def by_oracle(case: object, on: object, at: object) -> object:
        return {name: answer.as_json() for name, answer in decided(policy, tables, case, on, at).items()}

    return by_oracle


def _errors_or(decide: Callable[..., object], *arguments: object) -> object:
    """The decision, or the errors of the case."""
    try:
        return decide(*arguments)
    except ValueError as error:  # `CaseError`, of Forbear or of the module
        return [tuple(fault) for fault in getattr(error, "faults", ())]
