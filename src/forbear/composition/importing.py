"""Words of one policy that another takes over, so that a rule of the one can be said in the other.

Whatever stands in the way (a name that means something else there, a sum in a second currency) is an `ImportConflict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from forbear.model.conditions import Condition, atoms
from forbear.model.derived import RESERVED_FACTS, Event, compared
from forbear.model.facts import Fact, Kind
from forbear.model.policy import TypedPolicy
from forbear.semantics.kernel_specs import selections
from forbear.semantics.to_text import event_text
from forbear.syntax.words import words_of


class ImportConflict(ValueError):
    """A rule that a policy cannot say. The message says why, in words that go on from `since`."""


def with_declarations(
    policy: TypedPolicy, other: TypedPolicy, facts: Mapping[str, Fact], condition: Condition, action: str
) -> TypedPolicy:
    """The policy with the facts of a condition and with an action, as another policy has them, where it lacks them.

    `facts` are those of both. Raises `ImportConflict`.
    """
    wanted = list(dict.fromkeys(atom.fact for atom in atoms(condition)))
    for name in wanted:
        if name not in policy.facts:
            policy = with_fact(policy, other, facts, name)
    policy = _with_currency(policy, [facts[name] for name in wanted])
    if action not in policy.actions:
        if _uses_everything(policy):
            reason = f"`everything` in the policy would take in `{action}`: declare that action there first"
            raise ImportConflict(reason)
        policy = with_action(policy, other, action)
    return policy


def with_action(policy: TypedPolicy, other: TypedPolicy, action: str) -> TypedPolicy:
    """The policy with an action that it lacks. Raises `ImportConflict`."""
    for what, names in (("group", policy.groups), ("ladder", policy.ladders)):
        if action in names:
            raise ImportConflict(f"`{action}` is a {what} of the policy")
    return evolve(policy, actions={**policy.actions, action: other.actions[action]})


def _uses_everything(policy: TypedPolicy) -> bool:
    """Whether the files of a policy speak of every action of the vocabulary, so that another one changes its rules."""
    sources = {policy.place.source, *(fact.place.source for fact in policy.facts.values())}
    sources |= {action.place.source for action in policy.actions.values()}
    return any(word.text == "everything" for source in sources for word in words_of(source.text))


def with_fact(policy: TypedPolicy, other: TypedPolicy, facts: Mapping[str, Fact], name: str) -> TypedPolicy:
    """The policy with a fact that it lacks, and with the events from which another policy derives it."""
    fact = facts[name]
    for what, names in (("definition", policy.definitions), ("setting", policy.settings)):
        for taken in (name, *fact.names):
            if taken in names:
                raise ImportConflict(f"`{taken}` is a {what} of the policy")
    for known in policy.facts.values():
        if name in known.names or known.name in fact.names:
            one, both = (name, known.name) if name in known.names else (known.name, name)
            raise ImportConflict(f"`{one}` is a value of `{both}` in the policy")
    policy = evolve(policy, facts={**policy.facts, name: fact})
    if name in other.derived:
        derived = other.derived[name]
        for selection in selections(derived):
            policy = _with_event(policy, other, facts, other.events[selection.event])
        policy = evolve(policy, derived={**policy.derived, name: derived})
    return policy


def _with_event(policy: TypedPolicy, other: TypedPolicy, facts: Mapping[str, Fact], event: Event) -> TypedPolicy:
    known = policy.events.get(event.name)
    if known is None:
        for name in RESERVED_FACTS & policy.facts.keys():
            raise ImportConflict(f"the policy has a fact `{name}`, and none with events may")
        policy = evolve(policy, events={**policy.events, event.name: event})
    elif event_text(known) != event_text(event):
        raise ImportConflict(f"the event `{event.name}` of the policy has other attributes")
    for attribute_name, name in event.same.values():
        if name not in policy.facts:
            policy = with_fact(policy, other, facts, name)
        attribute, fact = event.attributes[attribute_name], policy.facts[name]
        if (attribute.kind, attribute.step, attribute.names) != (fact.kind, fact.step, fact.names):
            raise ImportConflict(f"`{name}` is of another type in the policy than `{attribute_name}` of `{event.name}`")
        mine = compared(policy.events[event.name], policy.events[event.name].attributes[attribute_name], fact)
        policy = evolve(policy, events={**policy.events, event.name: mine})
    return policy


def _with_currency(policy: TypedPolicy, said: Iterable[Fact]) -> TypedPolicy:
    """In a policy that names no currency, the first one that is written becomes that of all its sums."""
    named = {fact.currency: None for fact in said if fact.kind is Kind.MONEY and fact.currency is not None}
    if policy.currency is not None or not named:
        return policy
    if len(named) > 1:
        raise ImportConflict("it needs sums in two currencies, and the policy names none")
    (currency,) = named
    facts = {
        name: evolve(fact, currency=currency) if fact.kind is Kind.MONEY and fact.currency is None else fact
        for name, fact in policy.facts.items()
    }
    return evolve(policy, facts=facts, currency=currency)
