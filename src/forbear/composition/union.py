"""Two policies over one vocabulary, so that they can be compared: the union of their facts and of their actions.

A fact that both know is made one that holds the values of both: the wider range, the finer grid, all names; or, where
it is asked what the new policy does in its own cases, the values of the new one. What a policy's conditions say stays
as it is; it is only said of these values. Both policies' own `in force` is left aside, unless it is asked for; the
dates of their rules are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd

from attrs import evolve, frozen

from forbear.composition.importing import ImportConflict, with_fact
from forbear.composition.private import with_private_of
from forbear.composition.rebasing import NEVER, number_on_grid, rebased, renamed
from forbear.model.facts import NUMERIC, Fact, Kind
from forbear.model.policy import Rule, TypedPolicy
from forbear.semantics.meaning import rule_in_force
from forbear.semantics.to_text import derivation_text, fact_text, setting_text, type_text


@frozen
class Redeclared:
    """A name that both policies know, and what each says of it; None where only the other knows it.

    Where the two derive a fact from different events it is two facts, and `apart` is what the old one is called in
    conditions and cases.
    """

    name: str
    old: str | None
    new: str | None
    apart: str | None = None

    def called(self) -> dict[str, str]:
        """For JSON: what the old fact is called in conditions and cases, where it is another one."""
        return {} if self.apart is None else {"called": self.apart}


@frozen
class Union:
    """Two policies over their common vocabulary, and where their vocabularies and settings differ."""

    old: TypedPolicy
    new: TypedPolicy
    facts: tuple[Redeclared, ...]
    actions: tuple[Redeclared, ...]
    settings: tuple[Redeclared, ...]


class Incomparable(ValueError):
    """A fact that means one thing in one policy and another in the other. The message says which, and why."""


@frozen
class Scope:
    """Which cases two policies are compared on: on one `day` (an ordinal), or on all; on the values that either has of
    a fact, or with `of_new` those alone that the new one has; with `in_force` on the days on which that is in force."""

    day: int | None = None
    of_new: bool = False
    in_force: bool = False


EVERYWHERE = Scope()


def union(old: TypedPolicy, new: TypedPolicy, scope: Scope = EVERYWHERE, *, called: str = "old") -> Union:
    """Two policies over their common vocabulary. Raises `Incomparable`.

    A fact of the old one that is another one in the new goes by a name that begins as it is `called`.
    """
    apart = {name: free_name(f"{called}_{name}", old, new) for name in derived_otherwise(old, new)}
    its = {apart.get(name, name): evolve(fact, name=apart.get(name, name)) for name, fact in old.facts.items()}
    facts = {name: common_fact(its[name], fact, scope) if name in its else fact for name, fact in new.facts.items()}
    has_clock = any(fact.clock for fact in new.facts.values())
    for name, fact in its.items():
        if name not in facts:
            facts[name] = evolve(fact, clock=fact.clock and not has_clock)
    actions = {**new.actions, **{name: action for name, action in old.actions.items() if name not in new.actions}}

    old, new = with_private_of(old, new), with_private_of(new, old)

    def rebase(policy: TypedPolicy, own: Mapping[str, Fact]) -> TypedPolicy:
        rules = policy.rules if scope.day is None else _on_day(policy, scope.day)
        moved = [evolve(rule, condition=rebased(rule.condition, own, facts)) for rule in rules]
        return evolve(policy, facts=facts, actions=actions, rules=tuple(moved)).with_promises()

    counting = _counting(new, old, facts, apart)
    before, after = rebase(_renamed(old, apart), its), rebase(counting, new.facts)
    return Union(
        _undated(before),
        after if scope.in_force else _undated(after),
        tuple(_redeclared_facts(old, new, apart)),
        _differing(dict.fromkeys(old.actions, "action"), dict.fromkeys(new.actions, "action")),
        _differing(
            {name: setting_text(setting) for name, setting in old.settings.items()},
            {name: setting_text(setting) for name, setting in new.settings.items()},
        ),
    )


def _counting(new: TypedPolicy, old: TypedPolicy, facts: Mapping[str, Fact], apart: Mapping[str, str]) -> TypedPolicy:
    """The new policy with what only the old one derives, so that it is known how these facts are related to its own.

    Where the two have two events of one name, they count different things, and nothing is known.
    """
    offered = evolve(old, derived={apart.get(name, name): its for name, its in old.derived.items()})
    for name in offered.derived:
        if name not in new.facts:
            try:
                new = with_fact(new, offered, facts, name)
            except ImportConflict:
                continue
    return new


def derived_otherwise(old: TypedPolicy, new: TypedPolicy) -> list[str]:
    """The facts that both derive, and not from the same events."""
    return [
        name for name in new.derived if name in old.derived and derivation_text(name, new) != derivation_text(name, old)
    ]


def _renamed(policy: TypedPolicy, names: Mapping[str, str]) -> TypedPolicy:
    """The policy with other names for some of its facts, in its rules."""
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
    for one in _differing(*texts):
        yield evolve(one, apart=apart.get(one.name))


def _in_currency(fact: Fact, other: Fact | None) -> Fact:
    """The fact in the other one's currency where it has none: nothing is said there of any sum, so it is the same."""
    return fact if other is None or fact.currency is not None else evolve(fact, currency=other.currency)


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Redeclared, ...]:
    names = [*new, *(name for name in old if name not in new)]
    return tuple([Redeclared(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)])


def _on_day(policy: TypedPolicy, day: int) -> Sequence[Rule]:
    """The rules as they are on a day: without dates, and such as hold in no case where they are not in force."""
    return [
        evolve(rule, condition=rule.condition if rule_in_force(rule, day) else NEVER, since=None, until=None)
        for rule in policy.rules
    ]


# One fact for two


def common_fact(old: Fact, new: Fact, scope: Scope) -> Fact:
    """A fact that has the values of both, or those of the new one alone. Raises `Incomparable`."""
    wide = _wide(old, new)
    return evolve(new, currency=wide.currency, private=wide.private) if scope.of_new else wide


def _wide(old: Fact, new: Fact) -> Fact:
    if old.kind is not new.kind:
        raise Incomparable(_unlike(old, new, "are of two types"))
    if old.currency and new.currency and old.currency != new.currency:
        raise Incomparable(_unlike(old, new, "are in two currencies"))
    optional, or_none = old.optional or new.optional, old.or_none or new.or_none
    if optional and or_none:
        raise Incomparable(_unlike(old, new, "leave out a value for two reasons, `optional` and `or none`"))
    wide = evolve(
        new,
        optional=optional,
        or_none=or_none,
        currency=new.currency or old.currency,
        private=old.private or new.private,
    )
    if new.kind in (Kind.CHOICE, Kind.ORDER):
        wide = evolve(wide, names=_common_names(old, new))
    elif new.kind in NUMERIC:
        wide = evolve(wide, step=_common_step(old.step, new.step))
    if new.ordered and new.kind is not Kind.ORDER:
        ends = [int(number_on_grid(end, fact, wide)) for fact in (old, new) for end in (fact.low, fact.high)]
        wide = evolve(wide, low=min(ends), high=max(ends))
    elif new.kind is Kind.ORDER:
        wide = evolve(wide, high=len(wide.names) - 1)
    usually = new.usually if new.usually is not None else old.usually
    if new.ordered and isinstance(usually, int):
        usually = int(number_on_grid(usually, new if new.usually is not None else old, wide))
    return evolve(wide, usually=usually)


def _unlike(old: Fact, new: Fact, why: str) -> str:
    return f"`{new.name}` is `{type_text(old)}` in the one and `{type_text(new)}` in the other: they {why}"


def _common_names(old: Fact, new: Fact) -> tuple[str, ...]:
    if new.kind is Kind.CHOICE:
        return tuple(dict.fromkeys((*new.names, *old.names)))
    for fewer, more in ((old.names, new.names), (new.names, old.names)):
        if tuple(name for name in more if name in fewer) == fewer:
            return more
    raise Incomparable(_unlike(old, new, "order their values otherwise"))


def _common_step(one: Fraction, other: Fraction) -> Fraction:
    """The largest step of which both are multiples."""
    return Fraction(gcd(one.numerator * other.denominator, other.numerator * one.denominator)) / (
        one.denominator * other.denominator
    )
