"""`failed-example`: an example that the policy does not decide as expected. Outcomes also show what is covered."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from attrs import frozen

from forbear.diagnostic import Code, Diagnostic, Label, Severity
from forbear.kernel import ActionDecision, GridValue, Verdict, decide_action, truth_masks
from forbear.model.cases import given_texts
from forbear.model.facts import Absent
from forbear.model.policy import Example, Expectation, TypedPolicy
from forbear.model.values import HIDDEN, value_json
from forbear.predicates.specs import Specs, specs
from forbear.semantics import meaning
from forbear.space.days import boundary_days

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
    tables = specs(policy)
    days = boundary_days(policy)
    for example in policy.examples:
        yield _try(policy, tables, example, days if example.on is None else (example.on,))


def meets(verdict: Verdict, expectation: Expectation) -> bool:
    """Whether a verdict is as expected. `allowed` is met by any verdict that permits."""
    permitted = verdict in (Verdict.ALLOWED, Verdict.REQUIRED)
    match expectation:
        case Expectation.ALLOWED:
            return permitted
        case Expectation.NOT_ALLOWED:
            return not permitted
        case Expectation.NOT_UNSAID:
            return verdict is not Verdict.UNSAID
        case _:
            return verdict.value == expectation.value


def _try(policy: TypedPolicy, tables: Specs, example: Example, days: Iterable[int | None]) -> Outcome:
    values = example_case(example)
    case = {name: values.get(name) for name in tables.needed}
    truths = [meaning.truth(rule.condition, policy.facts, case) for rule in policy.rules]
    unknown = frozenset(name for name in tables.needed if case[name] is None and policy.facts[name].optional)
    failures: list[Diagnostic] = []
    deciding: set[str] = set()
    failed: set[tuple[str, Expectation]] = set()
    for day in days:
        in_force = [
            truth if meaning.rule_in_force(rule, day) else False
            for rule, truth in zip(policy.rules, truths, strict=True)
        ]
        certain, possible = truth_masks(in_force)
        for expected in example.expected:
            for action in expected.actions:
                decided = decide_action(tables.actions[action], tables.rules, certain, possible, unknown)
                deciding.update(decided.rules)
                key = (action, expected.expectation)
                if not meets(decided.verdict, expected.expectation) and key not in failed:
                    failed.add(key)
                    failures.append(_failure(policy, example, action, expected.expectation, decided, day))
    return Outcome(example, tuple(failures), frozenset(deciding))


def example_case(example: Example) -> dict[str, GridValue]:
    """The case of an example, on the grids."""
    return {name: None if isinstance(value, Absent) else value for name, value in example.given.items()}


def _failure(
    policy: TypedPolicy,
    example: Example,
    action: str,
    expectation: Expectation,
    decided: ActionDecision,
    day: int | None,
) -> Diagnostic:
    values = example_case(example)
    facts = {name: policy.facts[name] for name in values}
    witness: dict[str, object] = {  # a private value may be that of a real person
        name: {HIDDEN: None} if facts[name].private else value_json(facts[name], value)
        for name, value in values.items()
    }
    given = list(given_texts(policy.facts, {name: value for name, value in values.items() if not facts[name].private}))
    given += [f"{name} private" for name in values if facts[name].private]
    on = ""
    if day is not None:
        witness["on"] = datetime.date.fromordinal(day).isoformat()
        on = f" on {witness['on']}"
    rules = {rule.name: rule for rule in policy.rules}
    because = f" by {', '.join(f'`{name}`' for name in decided.rules)}" if decided.rules else ": no rule permits it"
    return Diagnostic(
        code=FAILED_EXAMPLE,
        message=f"expected `{action}` {expectation.value}, and it is {decided.verdict.value}{on}{because}",
        place=next(
            part.place for part in example.expected if action in part.actions and part.expectation is expectation
        ),
        help="change the rules, or what the example expects; `forbear explain FILE ACTION --case ...` shows why",
        related=tuple(Label(rules[name].place, f"`{name}` decides") for name in decided.rules[:3]),
        rules=decided.rules,
        actions=(action,),
        witness=witness,
        in_short=(f"{', '.join(given) or 'every fact usual'}{on.replace(' on', ', on')}",),
    )
