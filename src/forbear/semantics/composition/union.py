"""Puts two policies over one vocabulary, so that they can be compared: the union of their facts and actions.

A fact of both becomes one fact with the values of both: the wider range, the finer grid, all names. With
`Domain.of_new` it has the values of the new policy alone. Conditions keep their meaning; they are rebased to the
common facts. The `in force` of the policies is ignored, unless the domain says otherwise; the dates of their rules are
not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import gcd

from attrs import evolve, frozen

from forbear.kernel.history.moments import CalendarSpec, working_days
from forbear.language.model.conditions import Condition, facts_in
from forbear.language.model.derived import RESERVED_FACTS, Event, compared
from forbear.language.model.facts import Fact
from forbear.language.model.names import listed
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.semantics.composition.rebasing import NEVER, number_on_grid, rebased, renamed
from forbear.semantics.meaning import rule_in_force
from forbear.semantics.to_text import derivation_text, event_text, fact_text, setting_text, type_text

# How two calendars of one name differ, in words.


_MOST_DAYS = 6


def differing_days(old: CalendarSpec, new: CalendarSpec, are: str) -> tuple[str, str]:
    """Returns what each of two calendars says and the other does not: the days covered, and the days that `are` worked,
    or holidays. Empty if they agree.
    """
    common = range(max(old.first, new.first), min(old.last, new.last) + 1)
    worked = [set(common).intersection(working_days(calendar)) for calendar in (old, new)]
    before, after = (
        [f"covers {date.fromordinal(calendar.first)} to {date.fromordinal(calendar.last)}"]
        if (old.first, old.last) != (new.first, new.last)
        else []
        for calendar in (old, new)
    )
    said = before + _said(worked[0] - worked[1], are), after + _said(worked[1] - worked[0], are)
    return "; ".join(said[0]), "; ".join(said[1])


def _said(days: Collection[int], are: str) -> list[str]:
    if not days:
        return []
    shown = listed([str(date.fromordinal(day)) for day in sorted(days)], _MOST_DAYS, quote="")
    one = f"is {'a holiday' if are == 'holidays' else are}"
    return [f"{shown} {one if len(days) == 1 else f'are {are}'}"]


# A fact that is private in one of two combined vocabularies is private in both.


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


# Imports declarations of one policy into another, so that a rule of the first can be stated in the second.
#
# Whatever prevents that (a name with another meaning, a sum in a second currency) raises `ImportConflict`.


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
        for of in (derived.date, derived.hours):
            if of is not None and of not in policy.facts:
                policy = with_fact(policy, source, facts, of)
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
    for attribute_name, name, operator in event.same.values():
        if name not in policy.facts:
            policy = with_fact(policy, source, facts, name)
        attribute, fact = event.attributes[attribute_name], policy.facts[name]
        if (attribute.kind, attribute.step, attribute.names) != (fact.kind, fact.step, fact.names):
            raise ImportConflict(f"`{name}` is of another type in the policy than `{attribute_name}` of `{event.name}`")
        own = policy.events[event.name]
        own = compared(own, own.attributes[attribute_name], fact, operator)
        policy = evolve(policy, events={**policy.events, event.name: own})
    return policy


def _with_currency(policy: TypedPolicy, imported: Iterable[Fact]) -> TypedPolicy:
    """Returns the policy with the currency of the imported facts if it has none: the first currency written applies to
    all sums.
    """
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


@frozen
class Redeclared:
    """A name whose declarations differ, with both declarations; None where a policy does not declare it.

    If the policies derive a fact from different events, it is two facts, and `apart` is the name of the old one in
    conditions and cases.
    """

    name: str
    old: str | None
    new: str | None
    apart: str | None = None

    def called(self) -> dict[str, str]:
        """The entry for JSON of the old fact's name in conditions and cases; empty if it is one fact."""
        return {} if self.apart is None else {"called": self.apart}


@frozen
class Union:
    """Two policies over their common vocabulary, and the differences of their vocabularies and settings."""

    old: TypedPolicy
    new: TypedPolicy
    facts: tuple[Redeclared, ...]
    actions: tuple[Redeclared, ...]
    settings: tuple[Redeclared, ...]


class Incomparable(ValueError):
    """A fact has different meanings in two policies. The message says which fact, and why."""


@frozen
class Domain:
    """The cases on which two policies are compared."""

    day: int | None = None
    """An ordinal; None for all days."""
    of_new: bool = False
    """If true, only the values that facts have in the new policy are possible, not those of either policy."""
    in_force: bool = False
    """If true, only the days on which the new policy is in force are possible."""


EVERYWHERE = Domain()


def union(old: TypedPolicy, new: TypedPolicy, domain: Domain = EVERYWHERE, *, called: str = "old") -> Union:
    """Two policies over their common vocabulary. Raises `Incomparable`.

    A fact that the policies derive from different events is called CALLED_FACT in the old policy.
    """
    apart = {name: free_name(f"{called}_{name}", old, new) for name in derived_otherwise(old, new)}
    of_old = {apart.get(name, name): evolve(fact, name=apart.get(name, name)) for name, fact in old.facts.items()}
    facts = {
        name: common_fact(of_old[name], fact, domain) if name in of_old else fact for name, fact in new.facts.items()
    }
    has_clock = any(fact.clock for fact in new.facts.values())
    for name, fact in of_old.items():
        if name not in facts:
            facts[name] = evolve(fact, clock=fact.clock and not has_clock)
    actions = {**new.actions, **{name: action for name, action in old.actions.items() if name not in new.actions}}

    old, new = with_private_of(old, new), with_private_of(new, old)

    def rebase(policy: TypedPolicy, own: Mapping[str, Fact]) -> TypedPolicy:
        rules = policy.rules if domain.day is None else _on_day(policy, domain.day)
        moved = [evolve(rule, condition=rebased(rule.condition, own, facts)) for rule in rules]
        return evolve(policy, facts=facts, actions=actions, rules=tuple(moved)).with_promises()

    counting = _counting(new, old, facts, apart)
    before, after = rebase(_renamed(old, apart), of_old), rebase(counting, new.facts)
    return Union(
        _undated(before),
        after if domain.in_force else _undated(after),
        tuple(_redeclared_facts(old, new, apart)),
        _differing(dict.fromkeys(old.actions, "action"), dict.fromkeys(new.actions, "action")),
        _differing(
            {name: setting_text(setting) for name, setting in old.settings.items()},
            {name: setting_text(setting) for name, setting in new.settings.items()},
        ),
    )


def _counting(new: TypedPolicy, old: TypedPolicy, facts: Mapping[str, Fact], apart: Mapping[str, str]) -> TypedPolicy:
    """The new policy with the facts that only the old one derives, so that relations between derived facts are known.

    If two events of one name differ, they count different things, and no relation is known.
    """
    derived = {apart.get(name, name): derivation for name, derivation in old.derived.items()}
    offered = evolve(old, derived=derived)
    for name in offered.derived:
        if name not in new.facts:
            try:
                new = with_fact(new, offered, facts, name)
            except ImportConflict:
                continue
    return new


def derived_otherwise(old: TypedPolicy, new: TypedPolicy) -> list[str]:
    """The facts that both policies derive, but not from the same events."""
    return [
        name
        for name in new.derived
        if name in old.derived
        and (
            derivation_text(name, new) != derivation_text(name, old)
            or new.derived[name].worked != old.derived[name].worked
        )
    ]


def _renamed(policy: TypedPolicy, names: Mapping[str, str]) -> TypedPolicy:
    """The policy with some facts renamed in its rules."""
    if not names:
        return policy
    return evolve(
        policy, rules=tuple([evolve(rule, condition=renamed(rule.condition, names)) for rule in policy.rules])
    )


def _undated(policy: TypedPolicy) -> TypedPolicy:
    return evolve(policy, since=None, until=None)


def free_name(name: str, old: TypedPolicy, new: TypedPolicy) -> str:
    while name in old.facts or name in new.facts:
        name += "_"
    return name


def _redeclared_facts(old: TypedPolicy, new: TypedPolicy, apart: Mapping[str, str]) -> Iterator[Redeclared]:
    texts: list[dict[str, str]] = []
    for policy, other in ((old, new), (new, old)):
        facts = {name: _in_currency(fact, other.facts.get(name)) for name, fact in policy.facts.items()}
        texts.append({name: fact_text(fact, policy) for name, fact in facts.items()})
    for name in [name for name in apart if texts[0][name] == texts[1][name]]:  # by a calendar that differs
        before, after = old.derived[name].worked, new.derived[name].worked
        if before is not None and after is not None:
            are = "holidays" if new.derived[name].measure == "holiday" else "worked"
            for text, days in zip(texts, differing_days(before, after, are), strict=True):
                text[name] += f" ({days})" if days else ""
    for redeclared in _differing(*texts):
        yield evolve(redeclared, apart=apart.get(redeclared.name))


def _in_currency(fact: Fact, other: Fact | None) -> Fact:
    """The fact, with the other's currency if it has none: then no rule compares it with a sum, so nothing changes."""
    return fact if other is None or fact.currency is not None else evolve(fact, currency=other.currency)


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Redeclared, ...]:
    names = [*new, *(name for name in old if name not in new)]
    return tuple([Redeclared(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)])


def _on_day(policy: TypedPolicy, day: int) -> Sequence[Rule]:
    """The rules on a day, without dates. A rule that is not in force has a condition that never holds."""
    return [
        evolve(rule, condition=rule.condition if rule_in_force(rule, day) else NEVER, since=None, until=None)
        for rule in policy.rules
    ]


# One fact for two


def common_fact(old: Fact, new: Fact, domain: Domain) -> Fact:
    """A fact with the values of both or, by the domain, of the new one alone. Raises `Incomparable`."""
    if old == new:
        return new
    wide = _wide(old, new)
    if domain.of_new:
        return evolve(new, currency=wide.currency, private=wide.private, this_day=wide.this_day, rising=wide.rising)
    return wide


def _wide(old: Fact, new: Fact) -> Fact:
    if old.kind is not new.kind:
        raise Incomparable(_unlike(old, new, "are of two types"))
    if old.currency and new.currency and old.currency != new.currency:
        raise Incomparable(_unlike(old, new, "are in two currencies"))
    optional, or_none = old.optional or new.optional, old.or_none or new.or_none
    if optional and or_none:
        raise Incomparable(_unlike(old, new, "leave out a value for two reasons, `optional` and `or none`"))
    by_time = new if new.by_day or new.this_day else old
    wide = evolve(
        new,
        optional=optional,
        or_none=or_none,
        currency=new.currency or old.currency,
        private=old.private or new.private,
        this_day=by_time.this_day,
        rising=by_time.rising,
    )
    if new.kind.named:
        names = _common_names(old, new)
        wide = evolve(wide, names=names, high=len(names) - 1 if new.ordered else 0)
    elif new.ordered:
        wide = evolve(wide, step=_common_step(old.step, new.step))
        ends = [int(number_on_grid(end, fact, wide)) for fact in (old, new) for end in (fact.low, fact.high)]
        wide = evolve(wide, low=min(ends), high=max(ends))
    usually = new.usually if new.usually is not None else old.usually
    if new.ordered and isinstance(usually, int):
        usually = int(number_on_grid(usually, new if new.usually is not None else old, wide))
    return evolve(wide, usually=usually)


def _unlike(old: Fact, new: Fact, why: str) -> str:
    return f"`{new.name}` is `{type_text(old)}` in the one and `{type_text(new)}` in the other: they {why}"


def _common_names(old: Fact, new: Fact) -> tuple[str, ...]:
    if not new.ordered:
        return tuple(dict.fromkeys((*new.names, *old.names)))
    for fewer, more in ((old.names, new.names), (new.names, old.names)):
        if tuple(name for name in more if name in fewer) == fewer:
            return more
    raise Incomparable(_unlike(old, new, "order their values otherwise"))


def _common_step(old: Fraction, new: Fraction) -> Fraction:
    """The largest step of which both are multiples."""
    return Fraction(gcd(old.numerator * new.denominator, new.numerator * old.denominator)) / (
        old.denominator * new.denominator
    )
