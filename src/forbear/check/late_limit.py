"""A rule that forbids by `> N` on a count of what was done: one more than N is done before it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forbear.base.diagnostic import Diagnostic
from forbear.language.model.comparisons import Compare
from forbear.language.model.conditions import And, Condition
from forbear.language.model.policy import Rule, TypedPolicy, own_rules


def late_limits(policy: TypedPolicy) -> Iterator[Diagnostic]:
    """One for each rule and fact, but where another rule forbids earlier. `> 0` says plainly that one may be done."""
    refusing = [rule for rule in own_rules(policy) if not any(effect.permits for effect in rule.effects.values())]
    reached = {
        (part.fact, action)
        for rule in refusing
        for part in _conjuncts(rule)
        if isinstance(part, Compare) and part.operator == ">="
        for action in rule.effects
    }
    for rule in refusing:
        for part in _conjuncts(rule):
            if isinstance(part, Compare) and part.operator == ">" and isinstance(part.value, int) and part.value > 0:
                derived = policy.derived.get(part.fact)
                earlier = all((part.fact, action) in reached for action in rule.effects)
                if derived is not None and derived.measure == "count" and not earlier:
                    yield Diagnostic(
                        code="unclear-condition",
                        message=f"where `{part.fact}` is {part.value}, `{rule.name}` does not hold, so one more may be"
                        f" done: number {part.value + 1}",
                        place=rule.body,
                        help=f"write `{part.fact} >= {part.value}` if {part.value} is the most, or"
                        f" `{part.fact} >= {part.value + 1}`, as it is read",
                        rules=(rule.name,),
                        actions=tuple(rule.effects),
                        fact=part.fact,
                    )


def _conjuncts(rule: Rule) -> Sequence[Condition]:
    return rule.condition.parts if isinstance(rule.condition, And) else (rule.condition,)
