"""Makes the tables by which the kernel reads a case, and by which `history/` reads its events, from a typed policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from forbear.kernel.cases import FactSpec, GridValue
from forbear.kernel.history.counting import DerivedSpec, EventSpec, Selection, Where, never_counted
from forbear.kernel.history.readings import HistorySpec
from forbear.language.model import derived
from forbear.language.model.comparisons import ranges
from forbear.language.model.conditions import IsKnown, IsNone, atoms, facts_in
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.relations import Related
from forbear.semantics import meaning


def fact_spec(fact: Fact) -> FactSpec:
    """The table by which a fact's value is read."""
    absent = "unknown" if fact.optional else "none" if fact.or_none else "needed"
    names = {name: place for place, name in enumerate(fact.names)}
    grid = (fact.step.as_integer_ratio(), fact.low, fact.high)
    return FactSpec(fact.name, fact.kind.reader, absent, *grid, names, fact.currency, fact.private)


def fact_specs(policy: TypedPolicy) -> dict[str, FactSpec]:
    """The tables by which the facts of a policy are read."""
    in_part = derived.known_in_part(policy.derived)
    cuts: dict[str, set[int]] = {name: set() for name in in_part}
    related: set[str] = set()
    for rule in policy.rules:
        for atom in atoms(rule.condition):
            if isinstance(atom, Related):
                related.update(atom.facts)
            elif atom.fact in in_part and not isinstance(atom, (IsNone, IsKnown)):
                cuts[atom.fact].update(
                    cut for low, high in ranges(atom, policy.facts[atom.fact]) for cut in (low, high + 1)
                )
    return {
        fact.name: fact_spec(fact)._replace(
            cuts=tuple(sorted(cuts[fact.name])) if fact.name in in_part else None, related=fact.name in related
        )
        for fact in policy.facts.values()
    }


def history_spec(
    policy: TypedPolicy, needed: Iterable[str], facts: Mapping[str, FactSpec] | None = None
) -> HistorySpec:
    """Returns the tables by which a history is read. Derived facts that are not `needed`, because no rule reads them,
    are not counted. `facts` are those of `fact_specs` unless given.
    """
    counted = frozenset(needed) & policy.derived.keys()
    read = _read(policy, counted)
    flags = {event.name: [flag for flag in event.flags if flag in read] for event in policy.events.values()}
    events = {}
    for event in policy.events.values():
        numbers = {name: number for number, name in enumerate(event.attributes)}
        events[event.name] = EventSpec(
            event.name,
            tuple([fact_spec(attribute) for attribute in event.attributes.values()]),
            tuple([(numbers[its], fact, sign) for its, fact, sign in map(event.same.__getitem__, flags[event.name])]),
            tuple([at for name, at in numbers.items() if name in read]),
            event.private_id,
        )

    def selection(name: str, selected: derived.Selection | None) -> Selection | None:
        if selected is None:
            return None
        if name not in counted:
            return Selection(selected.event, never_counted)
        event = policy.events[selected.event]
        return Selection(selected.event, _where(selected, event, [*event.attributes, *flags[selected.event]]))

    specs = []
    for name, fact in policy.derived.items():
        window = fact.window or derived.Window("ever")
        anchor = selection(name, window.anchor)
        attribute = None
        if fact.events is not None and fact.attribute is not None:
            attribute = tuple(policy.events[fact.events.event].attributes).index(fact.attribute)
        specs.append(
            DerivedSpec(
                name,
                fact.measure,
                selection(name, fact.events),
                window.span,
                window.number,
                anchor,
                window.least,
                attribute,
                fact.of,
                fact.worked,
                window.of,
                fact.hours,
            )
        )
    return HistorySpec(fact_specs(policy) if facts is None else facts, events, tuple(specs), counted)


def _read(policy: TypedPolicy, names: Iterable[str]) -> set[str]:
    """The attributes and flags that the selections of some derived facts read."""
    return {
        fact for name in names for selection in policy.derived[name].selections for fact in facts_in(selection.where)
    }


def _where(selection: derived.Selection, event: derived.Event, names: Sequence[str]) -> Where:
    """The function from the values of attributes to whether a selection has the event, by the oracle."""
    facts = event.facts

    def where(*values: GridValue) -> bool | None:
        return meaning.truth(selection.where, facts, dict(zip(names, values, strict=True)))

    return where
