"""Cases in JSON, also those that are none: whatever was given, with its private values hidden.

A case that was refused may hold anything, and `permits` does not read the facts that it does not need. So of such a
case only what the vocabulary knows is shown: a value by another name is hidden, for the name may be that of a private
fact, misspelt.
"""

from __future__ import annotations

import datetime
import math
import operator
from collections.abc import Mapping, Sequence
from decimal import Decimal

from forbear.deciding.records.hiding import Hide, HideCase
from forbear.kernel.cases import FactSpec, Wrong, as_dict, is_scalar, own, read_value, shown
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import HIDDEN
from forbear.semantics.kernel_specs import fact_spec

UNREADABLE = "unreadable"
"""The key of an object that stands for a value that JSON does not have. No fact can be read from one."""
_MOST_DIGITS = 40


def shown_any(policy: TypedPolicy, case: object, hide_case: HideCase) -> dict[str, object] | None:
    """A case with its private values hidden; None where it is no mapping. Raises nothing, whatever the case is."""
    facts = as_dict(case)
    return None if facts is None else _Showing(policy, hide_case()).case(facts)


def plain(value: object) -> object:
    """What JSON has no form of, of a case without errors: any mapping or sequence, dates, times and moments, decimals,
    values of NumPy. A decimal is written as a case may give it: in digits, without an exponent."""
    if not is_scalar(type(value)):
        if isinstance(value, Mapping):
            return as_dict(value)
        if isinstance(value, Sequence):
            return list(value)
        value = own(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text if len(text) < _MOST_DIGITS else f"{value.normalize():f}"  # more digits are no number of a case
    if isinstance(value, bool):
        return value
    index = getattr(value, "__index__", None)
    return str(value) if index is None else int(index())


def shown_value(raw: object) -> object:
    """Any value as JSON has it. One that JSON does not have is `{"unreadable": TEXT}`."""
    try:
        value = own(raw)
        if value is None or isinstance(value, (bool, str)) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if isinstance(value, datetime.tzinfo):
            return str(value)
        if isinstance(value, Decimal):
            if value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS:
                return plain(value)
        elif isinstance(value, (datetime.date, datetime.time)):
            return value.isoformat()
        elif abs(number := operator.index(value)) < 10**_MOST_DIGITS:  # type: ignore[arg-type]  # of NumPy and the like
            return number
    except Exception:  # a foreign class may raise anything
        pass
    return {UNREADABLE: shown(raw)}


class _Showing:
    def __init__(self, policy: TypedPolicy, hide: Hide) -> None:
        self._policy = policy
        self._hide = hide
        self._specs: dict[str, FactSpec] = {}

    def case(self, facts: Mapping[str, object]) -> dict[str, object]:
        return {_name(name): self._of_case(name, value) for name, value in facts.items()}

    def _of_case(self, name: object, value: object) -> object:
        if not isinstance(name, str):
            return {HIDDEN: None}
        fact = self._policy.facts.get(name)
        if fact is not None:
            return self._of_fact(name, fact, value)
        listed = _listed(value)
        if name in ("zone", "history_from"):
            return shown_value(value) if listed is None else [shown_value(item) for item in listed]
        if name != "history" or not self._policy.events or listed is None:
            return {HIDDEN: None}
        return [self._of_event(event) for event in listed]

    def _of_fact(self, name: str, fact: Fact, value: object) -> object:
        spec = self._specs.get(name)
        if spec is None:
            spec = self._specs[name] = fact_spec(fact)
        try:
            read_value(spec, value)
        except Wrong:
            if fact.private:
                return {HIDDEN: None}
            # Only what is in JSON as it is stays: a text that stands for something else might be read as a value.
            in_json = type(value) in (bool, int, float, str, type(None))
            return shown_value(value) if in_json else {UNREADABLE: shown(value)}
        return self._hide.value(name, fact, value) if fact.private else shown_value(value)

    def _of_event(self, event: object) -> object:
        attributes = as_dict(event)
        name = None if attributes is None else own(attributes.get("event"))
        if attributes is None or not isinstance(name, str) or name not in self._policy.events:
            return {HIDDEN: None}
        return {_name(key): self._of_attribute(name, key, value) for key, value in attributes.items()}

    def _of_attribute(self, of: str, name: object, value: object) -> object:
        event = self._policy.events[of]
        if not isinstance(name, str):
            return {HIDDEN: None}
        if name in ("event", "at"):
            return shown_value(value)
        if name == "id":
            identity = shown_value(value)
            if not event.private_id or identity is None:
                return identity
            return {HIDDEN: None} if isinstance(identity, dict) else self._hide.id(f"{of}.id", identity)
        attribute = event.attributes.get(name)
        return {HIDDEN: None} if attribute is None else self._of_fact(f"{of}.{name}", attribute, value)


def _name(name: object) -> str:
    return name if isinstance(name, str) else shown(name)


def _listed(value: object) -> list[object] | None:
    """The items of any sequence but a text; None for what is none."""
    try:
        return None if isinstance(value, (str, bytes)) or not isinstance(value, Sequence) else list(value)
    except Exception:  # a foreign class may raise anything
        return None
