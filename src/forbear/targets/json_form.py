"""Writes a policy as one JSON document, for evaluators in other languages, as `docs/reference/evaluator.md` describes
it.

`policy.schema.json` describes the document. It is the data of the JavaScript kernel, with the declarations of events
and the texts of the policy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Final

from forbear.kernel.history.counting import OF_DATES
from forbear.kernel.history.moments import WEEKDAYS, CalendarSpec
from forbear.kernel.history.readings import HistorySpec
from forbear.language.model.conditions import atoms
from forbear.language.model.derived import Event, Selection
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.relations import Related
from forbear.semantics.composition.standards import all_standards, provenance
from forbear.semantics.kernel_specs import history_spec
from forbear.semantics.to_text import digest
from forbear.targets.policy_data import Data, condition_data, fact_data, policy_data

_FORMATS: Final = ("forbear-policy/1", "forbear-policy/2", "forbear-policy/3", "forbear-policy/4")
"""The first, that of a policy in which something goes along with an action, that of one that compares sums, and that of
one whose facts follow in a way that the first versions did not know.

The version is another one as soon as an evaluator that was written for this one could be wrong.
"""


def _compares_sums(policy: TypedPolicy) -> bool:
    every = [atom for rule in policy.rules for atom in atoms(rule.condition)]
    return any(isinstance(atom, Related) and not atom.of_two for atom in every)


def _follows_anew(read: HistorySpec) -> bool:
    """Returns true if an evaluator of the first versions could ignore something from which a fact that is read
    follows.
    """
    return any(sign != "=" for event in read.events.values() for _, _, sign in event.same) or any(
        its.measure in _NEW_MEASURES
        or its.window in _NEW_SPANS
        or its.since is not None
        or (its.of is not None and its.calendar is not None)
        or (its.anchor is not None and its.window != "since")
        for its in read.derived
        if its.name in read.needed
    )


_NEW_MEASURES = frozenset({"holiday", "now within", *OF_DATES})
_NEW_SPANS = frozenset({"minutes", "quarter", "working days"})


def json_form(policy: TypedPolicy) -> str:
    """The text of the document. The same policy gives the same text."""
    data = policy_data(policy)
    read = history_spec(policy, facts_read(policy))
    standards = {subject.standard.name: subject.standard for subject in all_standards(policy.subject_to)}
    return document(
        {
            "format": _FORMATS[3 if _follows_anew(read) else 2 if _compares_sums(policy) else "along" in data],
            "policy": data.pop("policy"),
            "kind": "standard" if policy.standard else "policy",
            "title": policy.title,
            "version": data.pop("version"),
            "source": policy.source,
            "digest": data.pop("digest"),
            "omits": policy.omits,
            "provenance": provenance(policy),
            "subject_to": [
                {
                    "name": standard.name,
                    "version": standard.version,
                    "digest": digest(standard),
                    "omits": standard.omits,
                    "provenance": provenance(standard),
                }
                for standard in standards.values()
            ],
            **data,
            "facts": [
                {**fact, "description": policy.facts[str(fact["name"])].description}
                for fact in data["facts"]  # type: ignore[attr-defined]
            ],
            "events": [_event(event, read) for event in policy.events.values()],
            "derived": [_derived(name, policy, name in read.needed) for name in policy.derived],
        }
    )


def document(entries: Mapping[str, object]) -> str:
    """An object as JSON with a line for each entry, and for each object in a list."""
    lines = []
    for key, value in entries.items():
        text = _text(value)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text = "[\n  " + ",\n  ".join(map(_text, value)) + "\n ]"
        lines.append(f" {_text(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def _event(event: Event, read: HistorySpec) -> Data:
    """Returns the declaration of an event, with those of its flags that count for some fact."""
    flags = [
        {"name": flag, "attribute": attribute, "operator": sign, "fact": fact}
        for flag, (attribute, fact, sign) in event.same.items()
        if (attribute, fact, sign) in _compared(event, read)
    ]
    ordered = [flag for flag in flags if flag["operator"] != "="]
    return {
        "name": event.name,
        "attributes": [fact_data(attribute) for attribute in event.attributes.values()],
        "same": [{key: flag[key] for key in ("name", "attribute", "fact")} for flag in flags if flag not in ordered],
        **({"ordered": ordered} if ordered else {}),
        "private_id": event.private_id,
    }


def _compared(event: Event, read: HistorySpec) -> set[tuple[str, str, str]]:
    names = tuple(event.attributes)
    return {(names[attribute], fact, sign) for attribute, fact, sign in read.events[event.name].same}


def _derived(name: str, policy: TypedPolicy, counted: bool) -> Data:
    """Returns how a fact is derived. One that no rule reads is not counted, so its events are left out."""
    derived = policy.derived[name]
    events, window = (derived.events, derived.window) if counted else (None, None)
    calendar = derived.calendar if window is None else window.calendar or derived.calendar
    return {
        "fact": name,
        "measure": derived.measure,
        "attribute": derived.attribute,
        "of": derived.of or derived.hours,
        "calendar": None if calendar is None else _calendar(calendar),
        "events": None if events is None else _selection(events, policy),
        "window": None
        if window is None
        else {
            "span": window.span,
            "number": window.number,
            "least": window.least,
            "anchor": None if window.anchor is None else _selection(window.anchor, policy),
            **({} if window.of is None else {"of": window.of}),
        },
    }


def _calendar(calendar: CalendarSpec) -> Data:
    first, last = (date.fromordinal(day).isoformat() for day in (calendar.first, calendar.last))
    return {
        "name": calendar.name,
        "first": first,
        "last": last,
        "weekend": [WEEKDAYS[day] for day in calendar.weekend],
        "holidays": [date.fromordinal(day).isoformat() for day in calendar.holidays],
        "working": [date.fromordinal(day).isoformat() for day in calendar.working],
    }


def _selection(selection: Selection, policy: TypedPolicy) -> Data:
    where = condition_data(selection.where, policy.events[selection.event].facts)
    return {"event": selection.event, "where": where}
