"""A policy as a stand-alone JavaScript module, or as the data that such a module reads.

The policy is data for `kernel.js`: conditions as lists, ordered values as texts of digits. So nothing of a rule file
becomes code, in a module or on a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, assert_never

from forbear.model.comparisons import Between, Compare, OneOf
from forbear.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, negation
from forbear.model.facts import Fact, Grid
from forbear.model.policy import RuleSet, TypedPolicy
from forbear.predicates.specs import specs
from forbear.semantics.to_text import condition_text, digest
from forbear.version import __version__

Data: TypeAlias = "dict[str, object]"


def javascript_module(policy: TypedPolicy) -> str:
    """The text of an ES module that exports `decide(case, on)` and `CaseError`. The same policy gives the same text.

    `case` and what `decide` gives are those of `forbear decide` in JSON; `on` is a day such as "2015-09-22".
    """
    data = json.dumps(policy_data(policy), ensure_ascii=True, separators=(",", ":"))
    return (
        f"// Decides a policy, compiled by Forbear {__version__}; do not edit. It needs nothing else.\n\n"
        f"{kernel()}\n// The policy\n\n"
        f"export const policy = load(JSON.parse({json.dumps(data, ensure_ascii=True)}));\n\n"
        "// The verdict on each action. Throws `CaseError`.\n"
        "export function decide(given, on = null) {\n    return decideBy(policy, given, on);\n}\n"
    )


def kernel() -> str:
    """The part of a module that is the same for every policy."""
    return (Path(__file__).parent / "kernel.js").read_text(encoding="utf-8")


def policy_data(policy: TypedPolicy, *, words: bool = False) -> Data:
    """The data of a policy for the kernel. With `words`, a comparison ends in its text and that of its negation."""
    tables = specs(policy)
    sets: dict[RuleSet, int] = {}  # many rules that override the same share one

    rules: list[Data] = [
        {
            "name": rule.name,
            "because": rule.because,
            "source": rule.source,
            "since": _digits(rule.since),
            "until": _digits(rule.until),
            "facts": spec.facts,
            "condition": _condition(rule.condition, policy.facts, words),
            "effects": {action: effect.value for action, effect in rule.effects.items()},
            "overrides": {action: sets.setdefault(others, len(sets)) for action, others in rule.overrides.items()},
        }
        for rule, spec in zip(policy.rules, tables.rules, strict=True)
    ]
    return {
        "policy": policy.name,
        "version": policy.version,
        "digest": digest(policy),
        "dated": policy.dated,
        "since": _digits(policy.since),
        "until": _digits(policy.until),
        "facts": [_fact(fact, tables.facts[fact.name].cuts) for fact in policy.facts.values()],
        "needed": tables.needed,
        "actions": list(policy.actions),
        "rules": rules,
        "sets": [overridden.numbers for overridden in sets],
    }


def _fact(fact: Fact, cuts: tuple[int, ...] | None) -> Data:
    return {
        "name": fact.name,
        "kind": fact.kind.reader,
        "step": [str(fact.step.numerator), str(fact.step.denominator)],
        "low": str(fact.low),
        "high": str(fact.high),
        "names": fact.names,
        "currency": fact.currency,
        "absent": "unknown" if fact.optional else "none" if fact.or_none else "needed",
        "private": fact.private,
        "cuts": None if cuts is None else [*map(str, cuts)],
    }


def _digits(number: int | None) -> str | None:
    return None if number is None else str(number)


def _condition(condition: Condition, facts: Mapping[str, Fact], words: bool) -> list[object]:
    match condition:
        case Always():
            return ["always"]
        case Not(part):
            return ["not", _condition(part, facts, words)]
        case And(parts):
            return ["and", [_condition(part, facts, words) for part in parts]]
        case Or(parts):
            return ["or", [_condition(part, facts, words) for part in parts]]
        case Compare(fact, operator, value):
            found: list[object] = ["compare", fact, operator, _value(facts[fact], value)]
        case Between(fact, low, high, negated):
            found = ["between", fact, str(low), str(high), negated]
        case OneOf(fact, values, negated):
            found = ["one of", fact, [_value(facts[fact], value) for value in values], negated]
        case IsNone(fact, negated):
            found = ["is none", fact, negated]
        case IsKnown(fact, negated):
            found = ["is known", fact, negated]
        case never:
            assert_never(never)
    if words:
        found += [condition_text(condition, facts), condition_text(negation(condition), facts)]
    return found


def _value(fact: Fact, value: Grid) -> object:
    return str(value) if fact.ordered else value
