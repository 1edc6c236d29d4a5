"""`failed-example`: an example that the policy does not decide as expected. Outcomes also show what is covered."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from attrs import frozen

from forbear.analysis.engine.short_cases import ShortCases
from forbear.analysis.findings.tables.table_gap import cause_of
from forbear.base.diagnostic import Code, Diagnostic, Label, Severity
from forbear.kernel.cases import PERMITTED, ActionDecision, GridValue, Verdict, truth_masks
from forbear.language.model.cases import DAY, case_text
from forbear.language.model.conditions import facts_in
from forbear.language.model.facts import Absent
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Example, Expectation, Expected, TypedPolicy
from forbear.language.model.values import HIDDEN, quoted, value_json
from forbear.semantics import meaning
from forbear.space.boundaries import boundary_days
from forbear.space.predicates.specs import Specs, specs

FAILED_EXAMPLE = Code("failed-example", Severity.ERROR)


@frozen
class Outcome:
    """The outcome of an example: its failures, and the names of the rules that decided its actions."""

    example: Example
    failures: tuple[Diagnostic, ...]
    deciding: frozenset[str]


def failed_examples(policy: TypedPolicy) -> Iterator[Diagnostic]:
    """A finding for each example that fails."""
    for outcome in try_examples(policy):
        yield from outcome.failures


def try_examples(policy: TypedPolicy) -> Iterator[Outcome]:
    """Each example, tried on its day, or on every day on which the policy is in force."""
    if not policy.examples:
        return
    tables, short_cases = specs(policy), ShortCases(policy)
    for example, days in _with_days(policy):
        yield _try(policy, tables, short_cases, example, days)


def failing(policy: TypedPolicy) -> Iterator[bool]:
    """Yields whether each example fails, which is cheaper than finding out how."""
    tables = specs(policy) if policy.examples else None
    for example, days in _with_days(policy):
        assert tables is not None
        decisions = _decisions(policy, tables, example, days)
        yield any(not is_met(decide(action), expected) for _, expected, action, decide in decisions)


def _with_days(policy: TypedPolicy) -> Iterator[tuple[Example, Sequence[int | None]]]:
    days = boundary_days(policy) if policy.examples else ()
    for example in policy.examples:
        yield example, days if example.on is None else (example.on,)


def shown_day(example: Example, policy: TypedPolicy) -> datetime.date | None:
    """The day on which to show an example: its own, or what it gives as the `date of decision`. One that names no day
    holds on each: then it is, under a policy that depends on dates, the first day on which it fails, or else that from
    which on the last rules are in force."""
    values = example_case(example)
    dates = [values.get(name) for name, derived in policy.derived.items() if derived.measure == "date"]
    said = next((date for date in dates if isinstance(date, int)), None) if example.on is None else example.on
    tables, days = specs(policy), boundary_days(policy) if said is None else (said,)
    failing = (day for day in days if _try(policy, tables, ShortCases(policy), example, (day,)).failures)
    day = next(failing, days[-1])
    return None if day is None else datetime.date.fromordinal(day)


def meets(verdict: Verdict, expectation: Expectation) -> bool:
    """Returns true if a verdict is as expected. `allowed` is met by any verdict that permits."""
    permitted = verdict in PERMITTED
    match expectation:
        case Expectation.ALLOWED:
            return permitted
        case Expectation.NOT_ALLOWED:
            return not permitted
        case Expectation.NOT_UNSAID:
            return verdict is not Verdict.UNSAID
        case _:
            return verdict.value == expectation.value


def is_met(decided: ActionDecision, expected: Expected) -> bool:
    """Returns true if a decision on an action is as expected, with its companions."""
    return meets(decided.verdict, expected.expectation) and not lacking(decided, expected)


def lacking(decided: ActionDecision, expected: Expected) -> list[str]:
    """Returns the companions of an action that are expected and missing."""
    along = {companion.action for companion in decided.along}
    return [companion for companion in expected.companions if companion not in along]


def _try(
    policy: TypedPolicy, tables: Specs, short_cases: ShortCases, example: Example, days: Iterable[int | None]
) -> Outcome:
    failures: list[Diagnostic] = []
    deciding: set[str] = set()
    failed = set[tuple[str, Expectation, tuple[str, ...]]]()
    for day, expected, action, decide in _decisions(policy, tables, example, days):
        decided = decide(action)
        deciding.update(decided.rules, *[companion.rules for companion in decided.along])
        for _, pair in tables.lowered.companions.get(action, ()):  # of a standard, which permits nothing
            deciding.update(decide(pair).rules)
        key = (action, expected.expectation, expected.companions)
        if not is_met(decided, expected) and key not in failed:
            failed.add(key)
            failures.append(_failure(policy, short_cases, example, action, expected, decided, day))
    return Outcome(example, tuple(failures), frozenset(deciding))


def _decisions(
    policy: TypedPolicy, tables: Specs, example: Example, days: Iterable[int | None]
) -> Iterator[tuple[int | None, Expected, str, Callable[[str], ActionDecision]]]:
    """Each action that an example expects something of, on each of some days, with what decides an action then."""
    values = example_case(example)
    case = {name: values.get(name) for name in tables.needed}
    rules = tables.policy.rules
    truths = [meaning.truth(rule.condition, policy.facts, case) for rule in rules]
    unknown = frozenset(name for name in tables.needed if case[name] is None and policy.facts[name].optional)
    for day in days:
        in_force = [
            truth if meaning.rule_in_force(rule, day) else False for rule, truth in zip(rules, truths, strict=True)
        ]
        certain, possible = truth_masks(in_force)
        decide = partial(tables.decide, certain=certain, possible=possible, unknown=unknown)
        for expected in example.expected:
            for action in expected.actions:
                yield day, expected, action, decide


def example_case(example: Example) -> dict[str, GridValue]:
    """The case of an example, on the grids."""
    return {name: None if isinstance(value, Absent) else value for name, value in example.given.items()}


def _failure(
    policy: TypedPolicy,
    short_cases: ShortCases,
    example: Example,
    action: str,
    expected: Expected,
    decided: ActionDecision,
    day: int | None,
) -> Diagnostic:
    values = example_case(example)
    case: dict[str, object] = {name: value_json(policy.facts[name], value) for name, value in values.items()}
    if day is not None:
        case[DAY] = datetime.date.fromordinal(day).isoformat()
    hidden: dict[str, object] = {  # a private value may be that of a real person
        name: {HIDDEN: None} for name, fact in policy.facts.items() if fact.private and case.get(name) is not None
    }
    witness = {name: hidden.get(name, value) for name, value in case.items()}
    read = {name for rule in policy.rules if action in rule.effects for name in facts_in(rule.condition)}
    kept = short_cases.of(case, (action,))
    short = {  # whether a private value is usual is not shown either
        name: hidden.get(name, case[name])
        for name in (*policy.facts, DAY)
        if (name in read if name in hidden else name in kept)
    }
    rules = {rule.name: rule for rule in policy.rules}
    return diagnosis(
        "failed-example.verdict",
        expected.place,
        code=FAILED_EXAMPLE,
        related=tuple(Label(rules[name].place, f"`{name}` decides") for name in decided.rules[:3]),
        rules=decided.rules,
        actions=(action,),
        witness=witness,
        in_short=(case_text(short, policy.facts),),
        causes=tuple(_causes(policy, example, action, expected, decided)),
        title=quoted(example.title),
        action=action,
        expected=expected.expectation,
        companions=[*expected.companions],
        verdict=decided.verdict != "unsaid" and decided.verdict,
        day=witness.get(DAY),
        deciding=[*decided.rules],
        lacking=lacking(decided, expected) if decided.permitted else [],
    )


def _causes(
    policy: TypedPolicy, example: Example, action: str, expected: Expected, decided: ActionDecision
) -> Iterator[str]:
    """Yields the causes that other failed examples may share with this one: the rules that decide, or the lack of a
    rule, of a row of a table, or of a companion.
    """
    if decided.rules and not meets(decided.verdict, expected.expectation):
        yield f"{decided.verdict} by {decided.rules}, where {expected.expectation} is expected"
    elif decided.rules:
        yield f"lacks {lacking(decided, expected)}"
    else:
        yield f"no rule makes {action} {expected.expectation}"
        case: meaning.Case = {**dict.fromkeys(policy.facts), **example_case(example)}
        for table in policy.tables:
            if meaning.truth(table.when, policy.facts, case) is True and all(
                meaning.truth(row.condition, policy.facts, case) is not True for row in table.rows
            ):
                yield cause_of(table.place)
