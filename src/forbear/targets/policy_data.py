"""A policy as data: what `kernel.js` reads, in a module or on a page, and most of its JSON form.

Conditions are lists, ordered values texts of digits. So nothing of a rule file becomes code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, assert_never

from forbear.kernel.cases import FactSpec
from forbear.language.model.comparisons import Between, Compare, OneOf
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, negation
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import RuleSet, TypedPolicy
from forbear.language.model.relations import Related, scaled
from forbear.semantics.to_text import condition_text, digest
from forbear.space.predicates.specs import specs

Data: TypeAlias = "dict[str, object]"


def policy_data(policy: TypedPolicy, *, words: bool = False) -> Data:
    """Returns the data of a policy for the kernel. With `words`, a comparison ends in its text and that of its
    negation.
    """
    tables = specs(policy)
    companions = tables.lowered.companions
    along = {action: [list(pair) for pair in pairs] for action, pairs in companions.items()}
    sets: dict[RuleSet, int] = {}  # many rules that override the same share one

    rules: list[Data] = [
        {
            "name": rule.name,
            "because": rule.because,
            "source": rule.cited,
            "since": _digits(rule.since),
            "until": _digits(rule.until),
            "facts": spec.facts,
            "condition": condition_data(rule.condition, policy.facts, words),
            "effects": {action: effect.value for action, effect in rule.effects.items()},
            "overrides": {
                action: sets.setdefault(overridden, len(sets)) for action, overridden in rule.overrides.items()
            },
        }
        for rule, spec in zip(tables.policy.rules, tables.rules, strict=True)
    ]
    return {
        "policy": policy.name,
        "version": policy.version,
        "digest": digest(policy),
        "dated": policy.dated,
        "since": _digits(policy.since),
        "until": _digits(policy.until),
        "facts": [{**fact_data(fact), **_in_rules(tables.facts[fact.name])} for fact in policy.facts.values()],
        "needed": tables.needed,
        "actions": list(policy.actions),
        **({"along": along} if along else {}),
        "rules": rules,
        "sets": [overridden.numbers for overridden in sets],
    }


def fact_data(fact: Fact) -> Data:
    """Returns how the value of a fact, or of an attribute of an event, is read."""
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
    }


def _in_rules(spec: FactSpec) -> Data:
    """Returns how the rules use a fact."""
    return {"cuts": None if spec.cuts is None else [*map(str, spec.cuts)], "related": spec.related}


def _digits(number: int | None) -> str | None:
    return None if number is None else str(number)


def condition_data(condition: Condition, facts: Mapping[str, Fact], words: bool = False) -> list[object]:
    """Returns a condition as a list. With `words`, a comparison ends in its text and that of its negation."""
    match condition:
        case Always():
            return ["always"]
        case Not(part):
            return ["not", condition_data(part, facts, words)]
        case And(parts):
            return ["and", [condition_data(part, facts, words) for part in parts]]
        case Or(parts):
            return ["or", [condition_data(part, facts, words) for part in parts]]
        case Compare(fact, operator, value):
            data: list[object] = ["compare", fact, operator, _value(facts[fact], value)]
        case Between(fact, low, high, negated):
            data = ["between", fact, str(low), str(high), negated]
        case OneOf(fact, values, negated):
            data = ["one of", fact, [_value(facts[fact], value) for value in values], negated]
        case Related(operator=operator):
            factors, number = scaled(condition, facts)
            if condition.of_two:
                (left, times), (right, factor) = factors.items()
                data = ["related", left, str(times), operator, right, str(-factor), str(number)]
            else:
                data = ["sum", [[name, str(factor)] for name, factor in factors.items()], operator, str(number)]
        case IsNone(fact, negated):
            data = ["is none", fact, negated]
        case IsKnown(fact, negated):
            data = ["is known", fact, negated]
        case never:
            assert_never(never)
    if words:
        data += [condition_text(condition, facts), condition_text(negation(condition), facts)]
    return data


def _value(fact: Fact, value: Grid) -> object:
    return str(value) if fact.ordered else value


def type_text(fact: Fact, named: str, words: tuple[str, str, str, str], *, in_part: bool) -> str:
    """Returns the type of a fact's values in a case, in a language with unions of types. `named` is the type of its
    names, if it has any, and the `words` are those of the language for a flag, a text, none and unknown.
    """
    flag, text, none, unknown = words
    forms = {Storage.NUMBER: "Numeric", Storage.DATE: "Day", Storage.TIME: "TimeOfDay", Storage.FLAG: flag}
    own = named if fact.kind.named else forms.get(fact.kind.storage, text)
    besides = ((none, fact.or_none and own != text), ("KnownInPart", in_part), (unknown, fact.optional))
    return " | ".join([own, *[word for word, may_be in besides if may_be]])
