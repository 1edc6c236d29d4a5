"""Imports declarations of one policy into another, so that a rule of the first can be stated in the second.

Whatever prevents that (a name with another meaning, a sum in a second currency) raises `ImportConflict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from forbear.language.model.conditions import Condition, facts_in
from forbear.language.model.derived import RESERVED_FACTS, Event, compared
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.to_text import event_text


class ImportConflict(ValueError):
    """A declaration that cannot be imported. The message gives the reason, as a clause that may follow `since`."""


def with_declarations(
    policy: TypedPolicy, source: TypedPolicy, facts: Mapping[str, Fact], condition: Condition, action: str
) -> TypedPolicy:
    """The policy with the facts of a condition and with an action, imported from another policy if it lacks them.

    `facts` are the facts of both policies. Raises `ImportConflict`.
    """
    names = list(dict.fromkeys(facts_in(condition)))
    for name in names:
        if name not in policy.facts:
            policy = with_fact(policy, source, facts, name)
    policy = _with_currency(policy, [facts[name] for name in names])
    if action not in policy.actions:
        if policy.everything:
            reason = f"`everything` in the policy would take in `{action}`: declare that action there first"
            raise ImportConflict(reason)
        policy = with_action(policy, source, action)
    return policy


def with_action(policy: TypedPolicy, source: TypedPolicy, action: str) -> TypedPolicy:
    """The policy with an action imported from another policy. Raises `ImportConflict`."""
    for what, names in (("group", policy.groups), ("ladder", policy.ladders)):
        if action in names:
            raise ImportConflict(f"`{action}` is a {what} of the policy")
    return evolve(policy, actions={**policy.actions, action: source.actions[action]})


def with_fact(policy: TypedPolicy, source: TypedPolicy, facts: Mapping[str, Fact], name: str) -> TypedPolicy:
    """The policy with a fact imported from another policy, and with the events from which that policy derives it.

    Raises `ImportConflict`.
    """
    fact = facts[name]
    for what, names in (("definition", policy.definitions), ("setting", policy.settings)):
        for taken in (name, *fact.words):
            if taken in names:
                raise ImportConflict(f"`{taken}` is a {what} of the policy")
    for known in policy.facts.values():
        if name in known.words or known.name in fact.words:
            value, enumeration = (name, known.name) if name in known.words else (known.name, name)
            raise ImportConflict(f"`{value}` is a value of `{enumeration}` in the policy")
    policy = evolve(policy, facts={**policy.facts, name: fact})
    if name in source.derived:
        derived = source.derived[name]
        for selection in derived.selections:
            policy = _with_event(policy, source, facts, source.events[selection.event])
        if derived.of is not None and derived.of not in policy.facts:
            policy = with_fact(policy, source, facts, derived.of)
        policy = evolve(policy, derived={**policy.derived, name: derived})
    return policy


def _with_event(policy: TypedPolicy, source: TypedPolicy, facts: Mapping[str, Fact], event: Event) -> TypedPolicy:
    known = policy.events.get(event.name)
    if known is None:
        for name in RESERVED_FACTS & policy.facts.keys():
            raise ImportConflict(f"the policy has a fact `{name}`, and none with events may")
        policy = evolve(policy, events={**policy.events, event.name: event})
    elif event_text(known) != event_text(event):
        raise ImportConflict(f"the event `{event.name}` of the policy has other attributes")
    for attribute_name, name in event.same.values():
        if name not in policy.facts:
            policy = with_fact(policy, source, facts, name)
        attribute, fact = event.attributes[attribute_name], policy.facts[name]
        if (attribute.kind, attribute.step, attribute.names) != (fact.kind, fact.step, fact.names):
            raise ImportConflict(f"`{name}` is of another type in the policy than `{attribute_name}` of `{event.name}`")
        own = policy.events[event.name]
        own = compared(own, own.attributes[attribute_name], fact)
        policy = evolve(policy, events={**policy.events, event.name: own})
    return policy


def _with_currency(policy: TypedPolicy, imported: Iterable[Fact]) -> TypedPolicy:
    """The policy with the currency of imported facts, if it has none: the first that is written is that of all sums."""
    named = {fact.currency: None for fact in imported if fact.currency is not None}
    if policy.currency is not None or not named:
        return policy
    if len(named) > 1:
        raise ImportConflict("it needs sums in two currencies, and the policy names none")
    (currency,) = named
    facts = {
        name: evolve(fact, currency=currency) if fact.kind.currency and fact.currency is None else fact
        for name, fact in policy.facts.items()
    }
    return evolve(policy, facts=facts, currency=currency)
