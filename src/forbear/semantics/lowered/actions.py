"""Action tables: for each action its rules in order of precedence, and which of them override which."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from graphlib import TopologicalSorter

from attrs import frozen

from forbear.kernel.cases import Verdict
from forbear.language.model.policy import Effect, Rule, RuleSet

PRECEDENCE: Mapping[Effect, Verdict] = {
    Effect.NEVER: Verdict.FORBIDDEN,
    Effect.FORBID: Verdict.FORBIDDEN,
    Effect.REQUIRE: Verdict.REQUIRED,
    Effect.ALLOW: Verdict.ALLOWED,
    Effect.ALONG: Verdict.REQUIRED,
}
"""The effects that give a verdict, in order of precedence, each with its verdict."""


def stronger(effect: Effect) -> tuple[Effect, ...]:
    """Returns the effects that take precedence over an effect. None takes precedence over one that gives no verdict."""
    effects = list(PRECEDENCE)
    return tuple(effects[: effects.index(effect)]) if effect in PRECEDENCE else ()


@frozen
class Branch:
    """The rules that have an effect on an action, in file order."""

    effect: Effect
    rules: tuple[int, ...]

    @property
    def verdict(self) -> Verdict:
        return PRECEDENCE[self.effect]

    @property
    def possible(self) -> bool:
        """Whether a possibly active rule counts, as for rules that refuse or ask for a companion. A rule that permits
        must be certainly active.
        """
        return not self.effect.permits


@frozen(eq=False)
class Overriders:
    """Rules that override the same rules on an action. The overridden rules share one such object."""

    rules: tuple[int, ...]


@frozen(eq=False)
class ActionTable:
    """The rules on an action, by their places in the policy.

    The first of the `branches` with an active rule gives the verdict. Rules in `exempting` only override. `overridden`
    maps each overridden rule to the rules that override it; an overridden rule comes after those.
    """

    effects: Mapping[int, Effect]
    branches: tuple[Branch, ...]
    exempting: tuple[int, ...]
    overridden: Mapping[int, tuple[Overriders, ...]]

    def with_effect(self, effect: Effect) -> tuple[int, ...]:
        """The rules that have an effect, in file order."""
        return next((branch.rules for branch in self.branches if branch.effect is effect), ())

    def overriders(self, number: int) -> AbstractSet[int]:
        """The rules that override a rule."""
        return dict.fromkeys(rule for group in self.overridden.get(number, ()) for rule in group.rules).keys()


def action_tables(actions: Collection[str], rules: Sequence[Rule]) -> dict[str, ActionTable]:
    """The table of each action, from the rules of a policy in file order."""
    effects: dict[str, dict[int, Effect]] = {action: {} for action in actions}
    overriding: dict[str, dict[RuleSet, list[int]]] = {}
    for number, rule in enumerate(rules):
        for action, effect in rule.effects.items():
            effects[action][number] = effect
        for action, overridden in rule.overrides.items():
            overriding.setdefault(action, {}).setdefault(overridden, []).append(number)
    return {action: _table(by_rule, overriding.get(action, {})) for action, by_rule in effects.items()}


def _table(effects: Mapping[int, Effect], overriding: Mapping[RuleSet, list[int]]) -> ActionTable:
    by_effect: dict[Effect, list[int]] = {}
    for number, effect in effects.items():
        by_effect.setdefault(effect, []).append(number)
    branches = tuple([Branch(effect, tuple(by_effect[effect])) for effect in PRECEDENCE if effect in by_effect])
    return ActionTable(effects, branches, tuple(by_effect.get(Effect.EXEMPT, ())), _overridden(overriding))


def _overridden(overriding: Mapping[RuleSet, list[int]]) -> dict[int, tuple[Overriders, ...]]:
    """Returns the overridden rules with those that override them, in topological order: overriding rules come first."""
    by_rule: dict[int, list[Overriders]] = {}
    order: TopologicalSorter[object] = TopologicalSorter()
    for overridden, numbers in overriding.items():
        group = Overriders(tuple(numbers))
        order.add(group, *numbers)
        for number in overridden.numbers:
            by_rule.setdefault(number, []).append(group)
            order.add(number, group)
    return {node: tuple(by_rule[node]) for node in order.static_order() if isinstance(node, int) and node in by_rule}
