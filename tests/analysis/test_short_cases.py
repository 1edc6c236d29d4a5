"""A short case decides as it is shown: put into `decide` with nothing but what `--given` adds, it has the verdicts that
the whole case has. And it leaves out no usual value that decides: with any other value of a fact that it leaves out, an
action that is not permitted in the case would not be permitted either; and what is unknown and counts is named."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from night import NIGHTLY

import forbear
from forbear.check.promises.promises import written_case
from forbear.language.model.cases import case_text
from forbear.language.model.policy import facts_read

HEAD = """\
fact late days clock
fact hour time usually 12:00
fact score count between 0 and 9 usually 5
fact tries count optional
fact band one of low < mid < high usually mid
fact rank one of d < c < b optional usually c
fact plan one of missing, active, broken usually active
fact asked yes/no usually no
fact agreed yes/no usually yes
fact heard yes/no optional
fact told yes/no optional usually no
fact paid money CNY usually CNY 10
fact owed money CNY
fact last_call count or none
fact ago count or none usually none
fact place text optional
fact town text
fact today date of decision
fact birth date usually 1990-05-05
fact born date
fact age years since born
fact due date
fact idle years since due
fact promised date optional
fact left days until promised optional
action sms
action call
ladder pressure: sms, call
"""
HOURS = ["08:00", "11:00", "12:00", "13:00", "20:00"]
OF_USUAL = {
    "hour": [f"{hour:02}:{minute}" for hour in range(24) for minute in ("00:00", "59:59")],
    "score": range(10),
    "band": ["low", "mid", "high"],
    "plan": ["missing", "active", "broken"],
    "asked": [False, True],
    "agreed": [False, True],
}


class Chance(random.Random):
    """What is drawn; `aged` with dates and what counts years since them."""

    aged = True


def condition(chance: Chance) -> str:
    first, last = sorted(chance.sample(HOURS, 2))
    sign, number = chance.choice(["<", ">=", ">", "<="]), chance.randint(1, 8)
    ways = (
        f"hour between {first} and {last},not (hour between {first} and {last}),score {sign} {number},asked,not asked,"
        f"agreed,not agreed,tries > {number % 4},tries <= {number % 4},late > {number},band {sign} mid,band is low,"
        f"rank is c,rank is not c,rank is unknown,plan is active,plan is not active,plan is broken,heard,not heard,"
        f"heard is unknown,told,not told,paid {sign} CNY {number + 5},owed {sign} paid,owed {sign} CNY 10,"
        f'last_call {sign} {number},last_call is none,ago {sign} {number},ago is not none,place is "x",'
        f'place is not "x",place is unknown,town is "x",town is not one of "x"; "other",birth {sign} 1990-05-05,'
        f"promised < today,promised is unknown,left {sign} {number % 4},promised + {number} days < today"
    )
    if chance.aged:
        ways += f",age < 18,age >= {30 + number},born < 19{7 + number % 3}0-05-21,idle < 2,idle >= {number % 4}"
        ways += f",due > 2026-01-0{number},due < 202{number % 3 + 3}-05-01"
    return chance.choice(ways.split(",")).replace(";", ",")


def rule(chance: Chance, name: str, effects: Sequence[str]) -> str:
    parts = [f"({condition(chance)})" for _ in range(chance.choice([1, 2, 2, 3]))]
    effect, actions = chance.choice(effects), chance.choice(["sms", "call", "sms, call"])
    return f"rule {name}: {effect} {actions} when {chance.choice([' and ', ' or ']).join(parts)}\n"


def shown(seed: int) -> Iterator[tuple[list[forbear.Policy], Sequence[str], Mapping[str, Any], str]]:
    """Policies drawn by a seed: those that decide a case, the actions that it is about, the case, and it in short."""
    chance = Chance(seed)
    chance.aged = seed not in REQUIRED_BY_STANDARDS
    effects = ("allow", "allow", "forbid", "never", "require")
    rules = [rule(chance, f"r{number}", effects) for number in range(chance.randint(2, 5))]
    promises = [f"ensure {action} allowed when {condition(chance)}\n" for action in ("sms", "call")]
    on = 'given late 5, owed CNY 3, born 1985-02-03, due 2025-02-03, last_call 2, town "x" on 2026-03-10'
    promises.append(f'example "e": {on} expect sms allowed, call forbidden\n')
    policy = forbear.loads(f"policy p\n{HEAD}{''.join(rules)}{''.join(promises)}")
    for first in policy.validate():
        for finding in (first, *first.also):
            for witness, short in zip(finding.cases, finding.in_short, strict=False):
                yield [policy], finding.actions, witness, short
    rules[chance.randrange(len(rules))] = rule(chance, "other", effects)
    changed = forbear.loads(f"policy p\n{HEAD}{''.join(rules)}")
    for consequence in forbear.diff(policy, changed).consequences:
        if consequence.action in policy.actions:
            short = case_text(consequence.case, policy.typed.facts)
            yield [policy, changed], [consequence.action], consequence.witness, short
    standard = forbear.loads(
        f"standard s\n{HEAD}{''.join(rule(chance, f's{at}', ('never', 'require')) for at in (1, 2))}"
    )
    for violation in forbear.conform(policy, standard).violations:
        short = case_text(violation.case, policy.typed.facts)
        yield [policy, standard], [violation.action], violation.witness, short


def decided(policy: forbear.Policy, case: Mapping[str, Any]) -> Mapping[str, forbear.ActionDecision]:
    values = {name: value for name, value in case.items() if name != "on"}
    day = datetime.date.fromisoformat(case["on"]) if "on" in case else None
    return policy.decide(values, on=day)


def stopped(policy: forbear.Policy, decision: forbear.ActionDecision) -> bool:
    """Whether an action is not permitted; of a standard, which permits nothing by itself, whether it is forbidden."""
    return decision.verdict is forbear.Verdict.FORBIDDEN if policy.typed.standard else not decision.permitted


def given(policy: forbear.Policy, short: str) -> dict[str, object]:
    """The case that `decide --given` makes of a text."""
    text = "" if short.startswith("every fact usual") else short
    written = written_case(text, policy.typed, facts_read(policy.typed))
    return written.case | ({} if written.on is None else {"on": written.on.isoformat()})


REQUIRED_BY_STANDARDS = (5033, 5144)
"""Where a usual value is all that keeps a standard from requiring an action."""


@pytest.mark.parametrize("seed", [*range(2_000 if NIGHTLY else 18), *REQUIRED_BY_STANDARDS])
def test_a_short_case_decides_as_it_is_shown(seed: int) -> None:
    for policies, actions, witness, short in shown(seed):
        for policy in policies:
            whole, again = decided(policy, witness), decided(policy, given(policy, short))
            for action in actions:
                assert whole[action].verdict is again[action].verdict, (
                    short,
                    witness,
                )
                if stopped(policy, whole[action]):
                    named = {part.split()[0] for part in short.split(", ")}
                    for name in OF_USUAL.keys() & set(facts_read(policy.typed)) - named:
                        for value in OF_USUAL[name]:
                            moved = decided(policy, {**witness, name: value})[action]
                            assert stopped(policy, moved), (short, name, value)
