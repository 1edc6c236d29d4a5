"""Pairs of small policies whose vocabularies differ, and what each of them says of every case of both.

A value is looked at as what it is, and not as a number of steps: each policy counts it on a grid of its own. Nothing
of how the analyser brings two vocabularies together is used here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm, prod

import oracle
import small
from attrs import evolve
from oracle import Compared, Missing, Value, Verdict

import forbear
from forbear.language.model import kinds
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.policy import TypedPolicy

RISKS = ("low", "middle", "high", "extreme")
OTHERWISE: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]] = {
    "misses": (
        ("count between 0 and 5", small.ordered_atoms("misses", ("0", "2", "4", "5"))),
        ("count between 2 and 4", small.ordered_atoms("misses", ("2", "3", "4"))),
        ("count between 4 and 5", small.ordered_atoms("misses", ("4", "5"))),
    ),
    "origin": (
        ("one of form, web", ("origin is form", "origin is not web", "origin is one of form, web")),
        ("one of shop, web, friend", ("origin is shop", "origin is not friend", "origin is not one of shop, web")),
    ),
    "risk": (
        ("one of low < high", small.ordered_atoms("risk", ("low", "high"))),
        ("one of low < middle < high < extreme", small.ordered_atoms("risk", ("low", "high", "extreme"))),
        ("one of middle < high", small.ordered_atoms("risk", ("middle", "high"))),
    ),
    "share": (
        ("number between 0 and 1 in steps of 0.25", small.ordered_atoms("share", ("0", "0.25", "0.75", "1"))),
        ("number between 0 and 2 in steps of 1", small.ordered_atoms("share", ("0", "1", "2"))),
        ("number between 0.2 and 0.8 in steps of 0.2", small.ordered_atoms("share", ("0.2", "0.4", "0.8"))),
    ),
    "promised": (
        (
            "date between 2015-09-21 and 2015-09-24",
            small.ordered_atoms("promised", ("2015-09-21", "2015-09-22", "2015-09-24")),
        ),
    ),
    "hour": (
        (
            "time between 08:00:01 and 08:00:04",
            (*small.ordered_atoms("hour", ("08:00:01", "08:00:03", "08:00:04")), "hour between 08:00:04 and 08:00:02"),
        ),
        ("time between 07:59:59 and 08:00", ("hour >= 08:00", "hour between 08:00 and 07:59:59", "hour < 08:00")),
    ),
}
"""Other declarations of the facts of small policies, each with conditions on it."""


def pairs(seeds: Sequence[int]) -> Iterator[tuple[str, str, TypedPolicy, TypedPolicy]]:
    """Pairs of policies that can be compared, behind their texts."""
    for seed in seeds:
        generator = random.Random(seed)
        # Every other pair has the same rules, as far as the vocabularies allow.
        texts = [_text(generator, 2 * seed + side * (seed % 2)) for side in range(2)]
        old, new = [_typed(text) for text in texts]
        if _size(old, new) <= 4_000 and not _incomparable(old, new):
            yield texts[0], texts[1], old, new


def _text(generator: random.Random, seed: int) -> str:
    facts = []
    for fact in small.FACTS:
        others = [evolve(fact, declaration=its, atoms=atoms) for its, atoms in OTHERWISE.get(fact.name, ())]
        facts.append(generator.choice([fact, fact, *others]))
    text = small.small_policy(seed, facts, generator.choice([3, 4, 6, 6]))
    return re.sub(r"\bcourt\b", "letter", text) if generator.random() < 0.2 else text


def _typed(text: str) -> TypedPolicy:
    return evolve(forbear.loads(text).typed, since=None, until=None).with_promises()


def _incomparable(old: TypedPolicy, new: TypedPolicy) -> bool:
    for name in old.facts.keys() & new.facts.keys():
        one, other = old.facts[name], new.facts[name]
        if (one.optional and other.or_none) or (other.optional and one.or_none):
            return True
        if one.kind is kinds.ORDER and not (set(one.names) <= set(other.names) or set(other.names) <= set(one.names)):
            return True
    return False


# Values as they are


def real(fact: Fact, value: Grid) -> Value:
    """A value of a fact as what it is; one of an enumeration with an order is its rank among all risks."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return Fraction(RISKS.index(fact.names[value])) if fact.kind is kinds.ORDER else value * fact.step


def values_of(facts: Sequence[Fact], named: Sequence[str]) -> list[Value]:
    """What a fact may be where these are its declarations: of their widest range, on the finest grid, by all names."""
    kind = facts[0].kind
    values: list[Value]
    match kind:
        case kinds.FLAG:
            values = [False, True]
        case kinds.CHOICE | kinds.CODE:
            values = list(dict.fromkeys(name for fact in facts for name in fact.names))
        case kinds.ORDER:
            names = {name for fact in facts for name in fact.names}
            values = [Fraction(rank) for rank, name in enumerate(RISKS) if name in names]
        case kinds.TEXT:
            values = [*dict.fromkeys(named), "a string that neither policy names"]
        case _:
            assert kind.numeric or facts[0].step == 1
            least = lcm(*[fact.step.denominator for fact in facts])
            step = Fraction(gcd(*[int(fact.step * least) for fact in facts]), least)
            low, high = min(fact.low * fact.step for fact in facts), max(fact.high * fact.step for fact in facts)
            values = [low + number * step for number in range(int((high - low) / step) + 1)]
    if any(fact.optional for fact in facts):
        values.append(Missing.UNKNOWN)
    if any(fact.or_none for fact in facts):
        values.append(Missing.NONE)
    return values


# Cases


def _axes(old: TypedPolicy, new: TypedPolicy, *, of_new: bool) -> dict[str, list[Value]]:
    conditions = [rule.condition for policy in (old, new) for rule in policy.rules]
    axes = {}
    for name in dict.fromkeys([*new.facts, *old.facts]):
        facts = [policy.facts[name] for policy in (new, old) if name in policy.facts]
        axes[name] = values_of(facts[:1] if of_new else facts, oracle.strings_named(conditions, name))
    return axes


def _size(old: TypedPolicy, new: TypedPolicy) -> int:
    days = {day for policy in (old, new) for day in oracle.days_of(policy)}
    return len(days) * prod(len(values) for values in _axes(old, new, of_new=False).values())


def cases(old: TypedPolicy, new: TypedPolicy, *, of_new: bool = False) -> Iterator[Compared]:
    """Every case of the two; with `of_new` those that the new one can have."""
    return oracle.compared(old, new, _axes(old, new, of_new=of_new), real)


def verdict(verdicts: Mapping[str, Verdict], action: str) -> Verdict:
    """The verdict on an action, which one that the policy lacks has too."""
    return verdicts.get(action, Verdict("unsaid", ()))
