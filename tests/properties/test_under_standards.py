"""Policies that are subject to standards: what they and the standards say by themselves, and what they say together.

The expectation is put together from the verdicts of the policy and of each standard alone, as the reference of the
language says under `subject to`.
"""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import small
import strategies
from attrs import evolve, frozen
from checking import write
from strategies import examples
from test_agreement import compiled, day_of, run_module

import forbear
from forbear.base.diagnostic import Severity
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
        if day is None and standard.until is not None:
            continue  # no day is needed, so none of its rules begins before it ends
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


# The first day of a law

LAW = """standard law "A law" in force from 2021-11-30
rule night: never phone_call when local_time > 21:00
rule notice: require opt_out_notice with sms
"""
LATER = """standard later "Another" in force from 2023-01-01
rule tell: require opt_out_notice when deceased
"""
UNDER_LAWS = """policy house subject to "law", "later"
rule call: after 10 days then allow phone_call, sms
rule no_notice: forbid opt_out_notice when deceased
ensure phone_call forbidden when local_time is 22:00
ensure sms allowed with opt_out_notice when after 10 days and deceased
example "now": given days_overdue 20, local_time 22:00 expect phone_call forbidden, sms allowed with opt_out_notice
example "before": given days_overdue 20, local_time 22:00 on 2021-11-29 expect phone_call allowed
"""


def failing(policy: forbear.Policy) -> set[str]:
    return {one.code for one in policy.validate() if one.severity is Severity.ERROR}


def test_a_standard_binds_from_its_first_day_and_whoever_asks_without_a_day(tmp_path: Path) -> None:
    path = write(tmp_path, law=LAW, later=LATER, house=UNDER_LAWS)
    house = forbear.load(path)
    assert failing(house) == set()
    typed = house.typed
    assert not typed.dated
    many, module = decider(typed, many=True), run_module(compiled(typed))
    case = {"days_overdue": 20, "local_time": "22:00", "deceased": True}
    for on, permitted in (
        (None, {"sms"}),
        ("2015-06-01", {"phone_call", "sms"}),
        ("2021-11-29", {"phone_call", "sms"}),
        ("2021-11-30", set()),  # what has to go along is forbidden, until the later law sets that aside
        ("2022-12-31", set()),
        ("2023-01-01", {"sms"}),
    ):
        day = None if on is None else datetime.date.fromisoformat(on).toordinal()
        values = {"days_overdue": 20, "local_time": 22 * 3600, "deceased": True}
        for decided in (house.decide(case, on), many.decide(case, on), meaning.decide(typed, values, day)):
            assert {action for action, its in decided.items() if its.permitted} - {"opt_out_notice"} == permitted, on
        said = {action for action, its in module(case, on).items() if its["permitted"]}
        assert said - {"opt_out_notice"} == permitted, on
        assert {one for one in ("phone_call", "sms") if house.permits(one, case, on)} == permitted, on
    law = forbear.load(tmp_path / "law.forbear")
    assert law.decide(case)["phone_call"].verdict.value == "forbidden"
    with pytest.raises(forbear.CaseError, match="in force from 2021-11-30"):
        law.decide(case, "2021-11-29")


def test_what_a_dated_policy_promises_it_promises_under_the_law(tmp_path: Path) -> None:
    """Unless it names a day before the law itself."""
    dated = UNDER_LAWS + "rule write: after 3 days then allow letter in force from {}\n"
    for first, said in (("2026-01-01", set()), ("2015-01-01", {"failed-ensure", "failed-example"})):
        house = forbear.load(write(tmp_path, law=LAW, later=LATER, house=dated.format(first)))
        assert house.typed.dated
        assert failing(house) == said
