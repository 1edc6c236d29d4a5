"""Two policies over one vocabulary, so that they can be compared: the union of their facts and of their actions.

A fact that both know is made one that holds the values of both: the wider range, the finer grid, all names. What a
policy's conditions say stays as it is; their values are only counted on the new grid. Both policies' own `in force` is
left aside; the dates of their rules are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd
from typing import assert_never

from attrs import evolve, frozen

from forbear.policy.conditions import Always, And, Between, Compare, Condition, IsKnown, IsNone, Not, OneOf, Or
from forbear.policy.meaning import rule_in_force
from forbear.policy.to_text import fact_text, setting_text, type_text
from forbear.policy.typed import Rule, TypedPolicy
from forbear.vocabulary.facts import NUMERIC, Absent, Fact, Grid, Kind


@frozen
class Redeclared:
    """A name that both policies know, and what each says of it; None where only the other knows it."""

    name: str
    old: str | None
    new: str | None


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


def union(old: TypedPolicy, new: TypedPolicy, day: int | None = None) -> Union:
    """Two policies over their common vocabulary; with a `day`, as they are on that day. Raises `Incomparable`."""
    facts = {name: _common(old.facts[name], fact) if name in old.facts else fact for name, fact in new.facts.items()}
    has_clock = any(fact.clock for fact in new.facts.values())
    for name, fact in old.facts.items():
        if name not in facts:
            facts[name] = evolve(fact, clock=fact.clock and not has_clock)
    actions = {**new.actions, **{name: action for name, action in old.actions.items() if name not in new.actions}}
    sides = [
        evolve(
            policy,
            facts=facts,
            actions=actions,
            rules=tuple(
                [
                    evolve(rule, condition=_on_grids(rule.condition, policy.facts, facts))
                    for rule in (policy.rules if day is None else _on_day(policy, day))
                ]
            ),
            since=None,
            until=None,
        ).with_promises()
        for policy in (old, new)
    ]
    return Union(
        sides[0],
        sides[1],
        _differing(
            {name: fact_text(fact, old) for name, fact in old.facts.items()},
            {name: fact_text(fact, new) for name, fact in new.facts.items()},
        ),
        _differing(dict.fromkeys(old.actions, "action"), dict.fromkeys(new.actions, "action")),
        _differing(
            {name: setting_text(setting) for name, setting in old.settings.items()},
            {name: setting_text(setting) for name, setting in new.settings.items()},
        ),
    )


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Redeclared, ...]:
    names = [*new, *(name for name in old if name not in new)]
    return tuple([Redeclared(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)])


def _on_day(policy: TypedPolicy, day: int) -> Sequence[Rule]:
    """The rules as they are on a day: without dates, and such as hold in no case where they are not in force."""
    return [
        evolve(rule, condition=rule.condition if rule_in_force(rule, day) else Not(Always()), since=None, until=None)
        for rule in policy.rules
    ]


# One fact for two


def _common(old: Fact, new: Fact) -> Fact:
    """A fact that has the values of both. Raises `Incomparable`."""
    if old.kind is not new.kind:
        raise Incomparable(_unlike(old, new, "are of two types"))
    if old.currency and new.currency and old.currency != new.currency:
        raise Incomparable(_unlike(old, new, "are in two currencies"))
    optional, or_none = old.optional or new.optional, old.or_none or new.or_none
    if optional and or_none:
        raise Incomparable(_unlike(old, new, "leave out a value for two reasons, `optional` and `or none`"))
    wide = evolve(new, optional=optional, or_none=or_none, currency=new.currency or old.currency)
    if new.kind in (Kind.CHOICE, Kind.ORDER):
        wide = evolve(wide, names=_common_names(old, new))
    elif new.kind in NUMERIC:
        wide = evolve(wide, step=_common_step(old.step, new.step))
    if new.ordered and new.kind is not Kind.ORDER:
        ends = [_number_on_grid(end, fact, wide) for fact in (old, new) for end in (fact.low, fact.high)]
        wide = evolve(wide, low=min(ends), high=max(ends))
    elif new.kind is Kind.ORDER:
        wide = evolve(wide, high=len(wide.names) - 1)
    usually = new.usually if new.usually is not None else old.usually
    if usually is not None and not isinstance(usually, Absent):
        usually = _on_grid(usually, new if new.usually is not None else old, wide)
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


def _on_grid(value: Grid, before: Fact, after: Fact) -> Grid:
    """A value of a fact as it is counted on another grid."""
    return value if isinstance(value, (bool, str)) else _number_on_grid(value, before, after)


def _number_on_grid(value: int, before: Fact, after: Fact) -> int:
    if before.kind is Kind.ORDER:
        return after.names.index(before.names[value])
    return int(value * before.step / after.step)


def _on_grids(condition: Condition, before: Mapping[str, Fact], after: Mapping[str, Fact]) -> Condition:
    """The same condition, its values counted on other grids."""
    match condition:
        case Always() | IsNone() | IsKnown():
            return condition
        case Not(part):
            return Not(_on_grids(part, before, after))
        case And(parts):
            return And(tuple([_on_grids(part, before, after) for part in parts]))
        case Or(parts):
            return Or(tuple([_on_grids(part, before, after) for part in parts]))
        case Compare() | Between() | OneOf():
            its, wide = before[condition.fact], after[condition.fact]
            if its.names == wide.names and its.step == wide.step:
                return condition
            return _atom_on_grid(condition, its, wide)
        case never:
            assert_never(never)


def _atom_on_grid(atom: Compare | Between | OneOf, before: Fact, after: Fact) -> Condition:
    match atom:
        case Compare(value=value):
            return evolve(atom, value=_on_grid(value, before, after))
        case Between(low=low, high=high):
            return evolve(atom, low=_number_on_grid(low, before, after), high=_number_on_grid(high, before, after))
        case OneOf(values=values):
            return evolve(atom, values=tuple([_on_grid(value, before, after) for value in values]))
        case never:
            assert_never(never)
