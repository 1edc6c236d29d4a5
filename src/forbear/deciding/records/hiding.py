"""A case with its private values hidden: each is replaced by `{"private": ...}`.

Without a key the replacement is null, and for the id of an event a number, the same for equal ids. With a key it is a
keyed hash. Whoever has the key can prove with it that a given value was the one decided on.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from forbear.kernel.cases import FactSpec, InPart, Wrong, in_part_text, read_in_part, read_value
from forbear.language.model.derived import Event
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import HIDDEN, quoted, value_text
from forbear.semantics.kernel_specs import fact_spec


@frozen
class Hide:
    """Functions that make the replacement of a private value, and of a private id of an event.

    `value` takes the name of the fact (or of event and attribute), the fact and the value; `id` a name and the id.
    """

    value: Callable[[str, Fact, object], object]
    id: Callable[[str, object], object]


HideCase = Callable[[], Hide]
"""Makes the functions for one case, if something in it is to be hidden."""


def left_out() -> Hide:
    """Hides the values of one case, without a key."""
    numbers: dict[object, int] = {}
    return Hide(
        lambda name, fact, value: {HIDDEN: None},
        lambda name, value: {HIDDEN: numbers.setdefault(_id_text(value), len(numbers) + 1)},
    )


def hashed(key: bytes, salt: str) -> Hide:
    """Hides the values of one case by their keyed hashes. `salt` is the case's own."""

    def hash_of(name: str, text: str) -> object:
        digest = hmac.digest(key, f"{salt} {name} {text}".encode(), "sha256").hex()
        return {HIDDEN: f"hmac-sha256:{digest}"}

    return Hide(
        lambda name, fact, value: hash_of(name, _written(name, fact, fact_spec(fact), value)),
        lambda name, value: hash_of(name, _id_text(value)),
    )


def shown_case(policy: TypedPolicy, case: Mapping[str, object], hide_case: HideCase = left_out) -> Mapping[str, object]:
    """A case with its private values hidden, by `left_out` unless given otherwise. The case may have any errors."""
    if policy.private_names.isdisjoint(case):
        return case
    hide, private = hide_case(), policy.private_names
    return {name: _hidden(policy, name, value, hide) if name in private else value for name, value in case.items()}


def _hidden(policy: TypedPolicy, name: str, value: object, hide: Hide) -> object:
    fact = policy.facts.get(name)
    if fact is not None:
        return hide.value(name, fact, value)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return {HIDDEN: None}
    return [_of_event(policy.events, event, hide) for event in value]


def _of_event(events: Mapping[str, Event], raw: object, hide: Hide) -> object:
    name = raw.get("event") if isinstance(raw, Mapping) else None
    event = events.get(name) if isinstance(name, str) else None
    if event is None or not isinstance(raw, Mapping):
        return {HIDDEN: None}
    return {key: _of_attribute(event, key, value, hide) for key, value in raw.items()}


def _of_attribute(event: Event, name: str, value: object, hide: Hide) -> object:
    if name == "id":
        return hide.id(f"{event.name}.id", value) if event.private_id and value is not None else value
    attribute = event.attributes.get(name)
    if attribute is None or not attribute.private:
        return value
    return hide.value(f"{event.name}.{name}", attribute, value)


def _written(name: str, fact: Fact, spec: FactSpec, value: object) -> str:
    """A value as the language writes it, so that 12.5 and "12.50" have the same hash."""
    if isinstance(value, (InPart, Mapping)):  # the case has no errors, so it is a number that is known in part
        known = read_in_part(spec._replace(cuts=()), value)
        if isinstance(known, InPart):
            return in_part_text(spec, known)
        value = known
    try:
        on_grid = read_value(spec, value)
    except Wrong:  # neither a case that was decided nor `shown_any` asks for such a value
        raise AssertionError(name) from None
    return ("none" if fact.or_none else "unknown") if on_grid is None else value_text(fact, on_grid)


def _id_text(value: object) -> str:
    return quoted(value) if isinstance(value, str) else str(value)
