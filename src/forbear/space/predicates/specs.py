"""Makes the tables from which the kernel reads cases and decides, from a typed policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from forbear.kernel.cases import (
    ActionDecision,
    ActionSpec,
    Branch,
    FactSpec,
    RuleSpec,
    as_dict,
    decide_actions,
    with_along,
)
from forbear.kernel.history.readings import HistorySpec
from forbear.language.model.conditions import facts_in
from forbear.language.model.derived import known_in_part
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.semantics.composition.duties import reached
from forbear.semantics.kernel_specs import fact_specs, history_spec
from forbear.semantics.lowered.actions import ActionTable, Overriders
from forbear.semantics.lowered.from_policy import Lowered, lowered
from forbear.space.masks import mask_of


@frozen
class Specs:
    """The tables of a policy. `needed` are the facts that are read from a case, in order."""

    lowered: Lowered
    facts: Mapping[str, FactSpec]
    needed: tuple[str, ...]
    rules: tuple[RuleSpec, ...]
    actions: Mapping[str, ActionSpec]
    history: HistorySpec

    @property
    def told(self) -> Sequence[str]:
        """The actions that decisions report: all except pairs of an action and a companion."""
        pairs = {pair for pairs_of_action in self.lowered.companions.values() for _, pair in pairs_of_action}
        return [action for action in self.actions if action not in pairs]

    def written(self, number: int) -> int:
        """Returns the number of the rule as the author wrote it: for a rule made for a companion, that of the rule that
        asks.
        """
        return number if number < self.lowered.own else self.lowered.asking[number - self.lowered.own]

    def decide(self, action: str, certain: int, possible: int, unknown: frozenset[str]) -> ActionDecision:
        """Returns the decision on an action, with its companions. The other arguments are those of
        `kernel.decide_action`.
        """
        companions = self.lowered.companions
        names = [
            action,
            *[pair for pairs_of_action in reached(companions, action).values() for _, pair in pairs_of_action],
        ]
        specs = {name: self.actions[name] for name in names}
        return with_along(decide_actions(specs, self.rules, certain, possible, unknown), companions, action)

    def without_history(self, case: object, unread: Collection[str] = ()) -> object:
        """Returns a case without its events if no rule reads a fact that follows from them, because they need no check
        then; and without other `unread` entries.
        """
        unread = {*unread, *(() if self.history.counted else {"history", "history_from"} - self.facts.keys())}
        entries = as_dict(case) if unread else None
        if entries is None or unread.isdisjoint(entries):
            return case
        return {name: value for name, value in entries.items() if name not in unread}

    @property
    def policy(self) -> TypedPolicy:
        return self.lowered.policy


def specs(policy: TypedPolicy) -> Specs:
    """Lowers a policy, and makes its tables. The facts that some rule reads are needed."""
    low = lowered(policy)
    policy = low.policy
    read = facts_read(policy)
    facts = fact_specs(policy)
    return Specs(
        low,
        facts,
        read,
        rule_specs(policy),
        {action: _action_spec(table) for action, table in low.actions.items()},
        history_spec(policy, read, facts),
    )


def rule_specs(policy: TypedPolicy) -> tuple[RuleSpec, ...]:
    """Returns the data that decisions report about each rule, in file order."""
    return tuple(
        RuleSpec(rule.name, rule.because, rule.cited, rule.since, rule.until, facts)
        for rule, facts in zip(policy.rules, _open_facts(policy), strict=True)
    )


def _open_facts(policy: TypedPolicy) -> list[tuple[str, ...]]:
    """Returns, for each rule, the facts that it reads and that may be unknown, or known in part."""
    in_part = known_in_part(policy.derived)
    open_ones = {
        fact.name for fact in policy.facts.values() if fact.optional or (fact.or_none and fact.name in in_part)
    }
    return [
        tuple(sorted(open_ones.intersection(facts_in(rule.condition)))) if open_ones else () for rule in policy.rules
    ]


def _action_spec(table: ActionTable) -> ActionSpec:
    """The table of an action as bits. The bit of a rule is its place in the policy."""
    masks: dict[Overriders, int] = {}
    overridden = []
    for number, overriding in table.overridden.items():
        mask = 0
        for group in overriding:
            if group not in masks:
                masks[group] = mask_of(group.rules)
            mask |= masks[group]
        overridden.append((number, mask))
    return ActionSpec(
        tuple([Branch(branch.verdict, branch.possible, mask_of(branch.rules)) for branch in table.branches]),
        mask_of([*table.effects]),
        tuple(overridden),
    )
