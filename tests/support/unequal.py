"""Pairs of small policies whose vocabularies differ, and what each of them says of every case of both.

A value is looked at as what it is, and not as a number of steps: each policy counts it on a grid of its own. Nothing
of how the analyser brings two vocabularies together is used here.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm, prod
from typing import TypeAlias, assert_never

import oracle
import small
from attrs import evolve, frozen
from oracle import FALSE, OPEN, TRUE, Missing, Verdict, Verdicts

import forbear
from forbear.language.model import kinds
from forbear.language.model.comparisons import Between, Compare, OneOf
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.relations import Related

Value: TypeAlias = Fraction | bool | str | Missing

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


def truth(condition: Condition, facts: Mapping[str, Fact], case: Mapping[str, Value]) -> int:
    """Whether a condition over the facts of a policy holds of a case, by Kleene."""
    match condition:
        case Always():
            return TRUE
        case Not(part):
            return TRUE - truth(part, facts, case)
        case And(parts):
            return min(truth(part, facts, case) for part in parts)
        case Or(parts):
            return max(truth(part, facts, case) for part in parts)
        case IsKnown(fact, negated):
            return TRUE if (case[fact] is not Missing.UNKNOWN) != negated else FALSE
        case IsNone(fact, negated):
            return TRUE if (case[fact] is Missing.NONE) != negated else FALSE
        case Compare() | Between() | OneOf():
            value = case[condition.fact]
            if value is Missing.UNKNOWN:
                return OPEN
            return TRUE if _compared(condition, facts[condition.fact], value) else FALSE
        case Related():
            raise NotImplementedError(condition)  # these policies have none
        case never:
            assert_never(never)


def _compared(atom: Compare | Between | OneOf, fact: Fact, value: Value) -> bool:
    match atom:
        case OneOf(values=values, negated=negated):
            return (value is not Missing.NONE and value in [real(fact, one) for one in values]) != negated
        case Between(low=low, high=high, negated=negated):
            lowest, highest = real(fact, low), real(fact, high)
            if value is Missing.NONE:
                return negated
            assert isinstance(value, Fraction)
            assert isinstance(lowest, Fraction)
            assert isinstance(highest, Fraction)
            over_midnight = lowest > highest
            inside = value >= lowest or value <= highest if over_midnight else lowest <= value <= highest
            return inside != negated
        case Compare(operator="=", value=other):
            return value is not Missing.NONE and value == real(fact, other)
        case Compare(operator="!=", value=other):
            return value is Missing.NONE or value != real(fact, other)
        case Compare(operator=operator, value=other):
            than = real(fact, other)
            if not isinstance(value, Fraction):
                return False
            assert isinstance(than, Fraction)
            return {"<": value < than, "<=": value <= than, ">": value > than, ">=": value >= than}[operator]
        case never:
            assert_never(never)


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


@frozen
class Case:
    """A case on a day, and both verdicts on each action."""

    values: dict[str, Value]
    day: int | None
    old: dict[str, Verdict]
    new: dict[str, Verdict]


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


def cases(old: TypedPolicy, new: TypedPolicy, *, of_new: bool = False) -> Iterator[Case]:
    """Every case of the two; with `of_new` those that the new one can have."""
    axes = _axes(old, new, of_new=of_new)
    days = {day for policy in (old, new) for day in oracle.days_of(policy) if day is not None}
    decide = [(policy, Verdicts(policy)) for policy in (old, new)]
    for values in itertools.product(*axes.values()):
        case = dict(zip(axes, values, strict=True))
        for day in sorted(days) or (None,):
            both = []
            for policy, verdicts in decide:
                truths = [
                    truth(rule.condition, policy.facts, case) if oracle.in_force(rule, day) else FALSE
                    for rule in policy.rules
                ]
                both.append(verdicts(tuple(truths)))
            yield Case(case, day, *both)


def verdict(verdicts: Mapping[str, Verdict], action: str) -> Verdict:
    """The verdict on an action, which one that the policy lacks has too."""
    return verdicts.get(action, Verdict("unsaid", ()))
