"""What is private in one of two vocabularies that are joined is private in both."""

from __future__ import annotations

from attrs import evolve

from forbear.model.derived import Event
from forbear.model.facts import Fact
from forbear.model.policy import TypedPolicy


def with_private_of(policy: TypedPolicy, other: TypedPolicy) -> TypedPolicy:
    """The policy, with the facts, attributes and ids private that are private in another one."""

    def fact_of(fact: Fact, its: Fact | None) -> Fact:
        return fact if its is None or fact.private or not its.private else evolve(fact, private=True)

    def event_of(event: Event, its: Event | None) -> Event:
        if its is None:
            return event
        attributes = {name: fact_of(one, its.attributes.get(name)) for name, one in event.attributes.items()}
        return evolve(event, attributes=attributes, private_id=event.private_id or its.private_id)

    return evolve(
        policy,
        facts={name: fact_of(fact, other.facts.get(name)) for name, fact in policy.facts.items()},
        events={name: event_of(event, other.events.get(name)) for name, event in policy.events.items()},
    )
