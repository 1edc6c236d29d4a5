"""An explanation tells no more of a private value than which comparisons hold of it."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping

import strategies
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import examples

import forbear
from forbear.deciding.explain import explain
from forbear.kernel.cases import GridValue
from forbear.language.model.conditions import Atom, atoms, facts_of
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.relations import Related, meeting
from forbear.semantics import meaning
from forbear.space.boundaries import boundary_values

CASES = 12


def made_private(policy: TypedPolicy, draw: st.DataObject) -> TypedPolicy:
    """The policy with some of the facts that its rules read private, and no others."""
    names = draw.draw(st.sets(st.sampled_from(facts_read(policy)), min_size=1, max_size=3))
    facts = {name: evolve(fact, private=name in names) for name, fact in policy.facts.items()}
    return evolve(policy, facts=facts)


def twin(policy: TypedPolicy, case: Mapping[str, GridValue], generator: random.Random) -> dict[str, GridValue]:
    """The case with other private values, of which the same comparisons hold."""
    by_fact: dict[str, list[Atom]] = {name: [] for name in case}
    for rule in policy.rules:
        for atom in atoms(rule.condition):
            for name in facts_of(atom):
                by_fact[name].append(atom)
    other = dict(case)
    for name in generator.sample(sorted(case), len(case)):
        fact = policy.facts[name]
        if fact.private and not (case[name] is None and fact.optional):
            near = [value for value in others(policy, name, other, by_fact[name]) if value != other[name]]
            generator.shuffle(near)
            for value in near:
                tried = {**other, name: value}
                if all(truth(policy, atom, tried) is truth(policy, atom, case) for atom in by_fact[name]):
                    other = tried
                    break
    return other


def truth(policy: TypedPolicy, atom: Atom, case: Mapping[str, GridValue]) -> bool | None:
    return meaning.truth(atom, policy.facts, case)


def others(policy: TypedPolicy, name: str, case: Mapping[str, GridValue], compared: list[Atom]) -> list[GridValue]:
    """Values of a fact: those at which a comparison may change, and their neighbours."""
    fact: Fact = policy.facts[name]
    values: list[GridValue] = list(boundary_values(policy, [name])[name])
    for atom in compared:
        if isinstance(atom, Related):
            values += meeting(atom, name, case, policy.facts)
    if fact.ordered:
        near = [value + by for value in values if isinstance(value, int) for by in (-2, -1, 1, 2)]
        values += [value for value in near if fact.low <= value <= fact.high]
    return [value for value in dict.fromkeys(values) if value is not None or fact.or_none]


@settings(max_examples=examples(30, by_night=200))
@given(strategies.policies(relations=True), strategies.seeds(), st.data())
def test_what_is_private_changes_no_explanation(model: strategies.Policy, seed: int, data: st.DataObject) -> None:
    policy = forbear.loads(model.text)
    assume(facts_read(policy.typed))
    typed = made_private(policy.typed, data)
    generator = random.Random(seed)
    days = strategies.boundary_days_of(typed)
    told = 0
    for case in strategies.boundary_cases(typed, seed, CASES):
        other = twin(typed, case, generator)
        day = generator.choice(days)
        on = None if day is None else datetime.date.fromordinal(day)
        one, two = (strategies.written(typed.facts, values) for values in (case, other))
        decided, also = policy.decide(one, on), policy.decide(two, on)
        assert dict(decided) == dict(also)
        for action in decided if other != case else ():
            told += 1
            assert explain(typed, decided, action, one, on) == explain(typed, also, action, two, on), (one, two, on)
    assume(told)
