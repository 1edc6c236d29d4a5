"""Policies that are subject to standards: what they and the standards say by themselves, and what they say together.

The expectation is put together from the verdicts of the policy and of each standard alone, as the reference of the
language says under `subject to`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import small
import strategies
from attrs import evolve, frozen
from strategies import examples
from test_agreement import compiled, day_of, run_module

import forbear
from forbear.deciding.deciders.decider import decider
from forbear.kernel.cases import GridValue, Verdict
from forbear.language.model.policy import Effect, TypedPolicy
from forbear.semantics import meaning

CASES = 30
CHUNKS = range(4)


@frozen
class Together:
    """A policy under standards, and each of them by itself."""

    policy: forbear.Policy
    text: str
    alone: TypedPolicy
    standards: tuple[TypedPolicy, ...]


def together(seed: int, folder: Path) -> Together | None:
    files = small.under_standards(seed, 1 + seed % 2)
    policy = small.loaded(files, folder)
    if policy is None:
        return None
    *standards, _ = [forbear.load(folder / f"{name}.forbear").typed for name in files]
    alone = re.sub("\n  subject to .*", "\n", files["small"], count=1)  # no line less: some rules are called by theirs
    return Together(policy, "\n".join(files.values()), forbear.loads(alone).typed, tuple(standards))


def expected(
    it: Together, action: str, case: Mapping[str, GridValue], day: int | None
) -> tuple[Verdict, set[str] | None]:
    """The verdict on an action, and rules that have to be named; None where it is the policy's own affair."""

    def of(policy: TypedPolicy) -> tuple[Verdict, tuple[str, ...]]:
        said = evolve(policy, facts=it.policy.typed.facts, actions=it.policy.typed.actions)
        # What only a standard's `allow` reads is no part of the case, and may be anything.
        whole = {name: fact.low if fact.ordered else False for name, fact in said.facts.items()} | dict(case)
        its = meaning.decide_action(said, action, whole, day)
        return its.verdict, its.rules

    forbids: set[str] = set()
    requires: set[str] = set()
    for standard in it.standards:
        if day is not None and not (standard.since or day) <= day <= (standard.until or day):
            continue
        verdict, rules = of(standard)
        names = {name if ":" in name else f"{standard.name}.{name}" for name in rules}
        forbids |= names if verdict is Verdict.FORBIDDEN else set()
        requires |= names if verdict is Verdict.REQUIRED else set()
    verdict, rules = of(it.alone)
    effects = {rule.name: rule.effects.get(action) for rule in it.alone.rules}
    nevers = {name for name in rules if effects[name] is Effect.NEVER}
    if forbids or nevers:
        return Verdict.FORBIDDEN, forbids | nevers
    if requires:
        return Verdict.REQUIRED, requires
    return verdict, None


@pytest.mark.parametrize("chunk", CHUNKS)
def test_each_verdict_follows_from_those_of_the_policy_and_the_standards(chunk: int, tmp_path: Path) -> None:
    seen = set()
    for seed in range(chunk * 10_000, chunk * 10_000 + examples(30, by_night=40)):
        it = together(seed, tmp_path)
        if it is None:
            continue
        typed = it.policy.typed
        days = strategies.boundary_days_of(typed)
        generator = random.Random(seed)
        for case in strategies.boundary_cases(typed, seed, CASES):
            day = generator.choice(days)
            for action, its in meaning.decide(typed, case, day).items():
                verdict, rules = expected(it, action, case, day)
                assert its.verdict is verdict, (action, case, day, it.text)
                assert rules is None or rules <= set(its.rules), (action, case, day, it.text)
                assert rules is not None or not [name for name in its.rules if name.startswith("bound")], it.text
                seen.add((verdict, rules is None))
    assert len(seen) == 6, "each verdict, and those that two may give from either"


@pytest.mark.parametrize("chunk", CHUNKS)
def test_however_it_is_asked_it_is_decided_alike(chunk: int, tmp_path: Path) -> None:
    for seed in range(chunk * 10_000, chunk * 10_000 + examples(5, by_night=10)):
        it = together(seed, tmp_path)
        if it is None:
            continue
        typed = it.policy.typed
        decide, by_rows = run_module(compiled(typed)), decider(typed, many=True)
        days = strategies.boundary_days_of(typed)
        generator = random.Random(seed)
        for case in strategies.boundary_cases(typed, seed, CASES):
            day = generator.choice(days)
            reference = {action: its.as_json() for action, its in meaning.decide(typed, case, day).items()}
            raw = strategies.written(typed.facts, case, generator)
            assert it.policy.decide(raw, day_of(day)).as_json() == reference, it.text
            assert decide(raw, day_of(day)) == reference, it.text
            assert by_rows.decide(raw, day_of(day)).as_json() == reference, it.text
            for action, its in reference.items():
                assert it.policy.permits(action, raw, day_of(day)) is its["permitted"], it.text
