"""A typed policy as the tables by which the kernel reads a case, with the events that it may hold."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from forbear.history import DerivedSpec, EventSpec, HistorySpec, Selection, Where, not_asked
from forbear.kernel import FactSpec, GridValue
from forbear.model import derived
from forbear.model.conditions import atoms
from forbear.model.facts import Fact
from forbear.model.policy import TypedPolicy
from forbear.semantics import meaning


def fact_spec(fact: Fact) -> FactSpec:
    absent = "unknown" if fact.optional else "none" if fact.or_none else "needed"
    limits = (fact.step, fact.low, fact.high, fact.names, fact.currency)
    return FactSpec(fact.name, fact.kind.value, *limits, absent, fact.private)


def history_spec(policy: TypedPolicy, needed: Iterable[str]) -> HistorySpec:
    """The tables by which a history is read; `needed` are the facts that some rule reads."""
    wanted = frozenset(needed) & policy.derived.keys()
    flags = {
        event.name: [flag for flag in event.flags if flag in _read(policy, wanted)] for event in policy.events.values()
    }
    events = {}
    for event in policy.events.values():
        numbers = {name: number for number, name in enumerate(event.attributes)}
        events[event.name] = EventSpec(
            event.name,
            tuple([fact_spec(attribute) for attribute in event.attributes.values()]),
            tuple([(numbers[event.same[flag][0]], event.same[flag][1]) for flag in flags[event.name]]),
            event.private_id,
        )

    def selection(name: str, its: derived.Selection | None) -> Selection | None:
        if its is None:
            return None
        if name not in wanted:
            return Selection(its.event, not_asked)
        event = policy.events[its.event]
        return Selection(its.event, _where(its, event, [*event.attributes, *flags[its.event]]))

    specs = []
    for name, its in policy.derived.items():
        window = its.window or derived.Window("ever")
        anchor = selection(name, window.anchor)
        specs.append(DerivedSpec(name, its.measure, selection(name, its.events), window.span, window.number, anchor))
    facts = {fact.name: fact_spec(fact) for fact in policy.facts.values()}
    return HistorySpec(facts, events, tuple(specs), wanted)


def selections(its: derived.Derived) -> list[derived.Selection]:
    """The events that a fact is derived from, and those that it is counted since."""
    found = [its.events, None if its.window is None else its.window.anchor]
    return [selection for selection in found if selection is not None]


def _read(policy: TypedPolicy, wanted: Iterable[str]) -> set[str]:
    return {
        atom.fact
        for name in wanted
        for selection in selections(policy.derived[name])
        for atom in atoms(selection.where)
    }


def _where(its: derived.Selection, event: derived.Event, names: Sequence[str]) -> Where:
    """Whether an event is meant, by the reference interpreter; what it said of attributes is remembered."""
    facts = event.facts

    @functools.lru_cache(maxsize=10_000)
    def where(*values: GridValue) -> bool | None:
        return meaning.truth(its.where, facts, dict(zip(names, values, strict=True)))

    return where
