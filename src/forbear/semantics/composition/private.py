"""What is private in one of two combined vocabularies is private in both."""

from __future__ import annotations

from attrs import evolve

from forbear.language.model.derived import Event
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy


def with_private_of(policy: TypedPolicy, counterpart: TypedPolicy) -> TypedPolicy:
    """The policy with those facts, attributes and ids private that are private in the other policy."""

    def fact_of(fact: Fact, theirs: Fact | None) -> Fact:
        return fact if theirs is None or fact.private or not theirs.private else evolve(fact, private=True)

    def event_of(event: Event, theirs: Event | None) -> Event:
        if theirs is None:
            return event
        attributes = {
            name: fact_of(attribute, theirs.attributes.get(name)) for name, attribute in event.attributes.items()
        }
        return evolve(event, attributes=attributes, private_id=event.private_id or theirs.private_id)

    return evolve(
        policy,
        facts={name: fact_of(fact, counterpart.facts.get(name)) for name, fact in policy.facts.items()},
        events={name: event_of(event, counterpart.events.get(name)) for name, event in policy.events.items()},
    )
