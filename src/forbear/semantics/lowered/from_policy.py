"""Compiles a typed policy to its lowered form, guards and action tables, from which every fast implementation is
made.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from forbear.language.model.policy import TypedPolicy
from forbear.semantics.composition.duties import Companions, with_duties
from forbear.semantics.lowered.actions import ActionTable, action_tables
from forbear.semantics.lowered.from_conditions import guards
from forbear.semantics.lowered.guards import Guards


@frozen(eq=False)
class Lowered:
    """A policy with the guards of each rule, in file order, and the table of each action.

    Its duties are expressed by the rules after the first `own` ones, and by pairs of actions, which `companions` names.
    """

    policy: TypedPolicy
    guards: tuple[Guards, ...]
    actions: Mapping[str, ActionTable]
    companions: Companions
    own: int
    asking: tuple[int, ...]
    """For each rule after these, the number of the rule that asks for the companion."""


def lowered(policy: TypedPolicy) -> Lowered:
    """Lowers a policy: one pass, which every backend, index and analysis shares."""
    dutiful = with_duties(policy)
    policy = dutiful.policy
    return Lowered(
        policy,
        tuple([guards(rule.condition, policy.facts) for rule in policy.rules]),
        action_tables(policy.actions, policy.rules),
        dutiful.companions,
        dutiful.own,
        dutiful.asking,
    )
