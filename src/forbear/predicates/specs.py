"""A typed policy as the tables that the kernel works with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from forbear.history import HistorySpec
from forbear.kernel import ActionSpec, FactSpec, RuleSpec
from forbear.policy.conditions import atoms
from forbear.policy.reading import fact_spec, history_spec
from forbear.policy.typed import Effect, TypedPolicy, facts_read


@frozen
class Specs:
    """The tables of a policy. `needed` are the facts that some rule reads."""

    facts: Mapping[str, FactSpec]
    needed: tuple[str, ...]
    rules: tuple[RuleSpec, ...]
    actions: Mapping[str, ActionSpec]
    history: HistorySpec


def specs(policy: TypedPolicy, needed: tuple[str, ...] | None = None) -> Specs:
    """The tables of a policy; `needed` are the facts that a case must hold, if not those that its rules read."""
    read = facts_read(policy) if needed is None else needed
    return Specs(
        {fact.name: fact_spec(fact) for fact in policy.facts.values()},
        read,
        rule_specs(policy),
        action_specs(policy),
        history_spec(policy, read),
    )


def rule_specs(policy: TypedPolicy) -> tuple[RuleSpec, ...]:
    return tuple(
        RuleSpec(rule.name, rule.because, rule.source, rule.since, rule.until, facts)
        for rule, facts in zip(policy.rules, optional_facts(policy), strict=True)
    )


def optional_facts(policy: TypedPolicy) -> list[tuple[str, ...]]:
    """For each rule the optional facts that it reads."""
    optional = {fact.name for fact in policy.facts.values() if fact.optional}
    return [
        tuple(sorted({atom.fact for atom in atoms(rule.condition)} & optional)) if optional else ()
        for rule in policy.rules
    ]


def action_specs(policy: TypedPolicy) -> dict[str, ActionSpec]:
    """The rules of each action as bits: a rule's bit is its place in the policy."""
    numbers: dict[str, dict[Effect, list[int]]] = {action: {} for action in policy.actions}
    overridden: dict[str, dict[int, list[int]]] = {}
    for number, rule in enumerate(policy.rules):
        for action, effect in rule.effects.items():
            numbers[action].setdefault(effect, []).append(number)
        for action, weaker in rule.overrides.items():
            for other in weaker:
                overridden.setdefault(action, {}).setdefault(other, []).append(number)
    return {
        action: ActionSpec(
            mask_of(effects.get(Effect.NEVER, ())),
            mask_of(effects.get(Effect.FORBID, ())),
            mask_of(effects.get(Effect.REQUIRE, ())),
            mask_of(effects.get(Effect.ALLOW, ())),
            mask_of(effects.get(Effect.EXEMPT, ())),
            _strongest_first(overridden.get(action, {})),
        )
        for action, effects in numbers.items()
    }


def mask_of(numbers: Sequence[int]) -> int:
    """A number with the bits that are named."""
    if not numbers:
        return 0
    bytes_ = bytearray(max(numbers) // 8 + 1)
    for number in numbers:
        bytes_[number // 8] |= 1 << number % 8
    return int.from_bytes(bytes_, "little")


def _strongest_first(overriders: Mapping[int, list[int]]) -> tuple[tuple[int, int], ...]:
    """The overridden rules with those that override them, each after every overridden rule that overrides it."""
    ordered: list[tuple[int, int]] = []
    done: set[int] = set()
    for first in overriders:
        stack = [first]
        while stack:
            number = stack[-1]
            waiting = [other for other in overriders[number] if other in overriders and other not in done]
            if number in done:
                stack.pop()
            elif waiting:
                stack.extend(waiting)
            else:
                done.add(number)
                ordered.append((number, mask_of(overriders[number])))
                stack.pop()
    return tuple(ordered)
