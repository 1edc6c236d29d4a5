"""Cases: each is decided as the plain interpreter says, whatever decides it; what is no case is refused everywhere."""

from __future__ import annotations

import datetime
import math
import pickle
import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import damage
import kinds
import numpy as np
import pytest
import small
import strategies
from campaign import SHARDS, Campaign

import forbear
from forbear.kernel.cases import CaseError
from forbear.language.model.conditions import IsKnown, atoms
from forbear.language.model.policy import facts_read
from forbear.library.loading import check_text
from forbear.semantics import meaning
from forbear.targets.python import check
from forbear.targets.python.module import compile_module

CASES = 25


@pytest.mark.parametrize("shard", SHARDS)
def test_cases(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_cases, tmp_path, ci=60, nightly=48_000, shard=shard)


def _cases(generator: random.Random, folder: Path) -> Counter[str]:
    text = kinds.drawn(generator).text if generator.random() < 0.4 else small.small_policy(generator.randrange(10**9))
    if generator.random() < 0.1:
        text = generator.choice(damage.shipped())
    checked = check_text(text)
    if checked.policy is None or any(name in checked.policy.derived for name in facts_read(checked.policy)):
        return Counter()
    policy = forbear.Policy(checked)
    decide = _module(policy) if generator.random() < 0.1 else None
    outcomes: Counter[str] = Counter()
    days = strategies.boundary_days_of(policy.typed)
    for case in strategies.boundary_cases(policy.typed, generator.randrange(10**9), CASES):
        day = generator.choice(days)
        outcomes[_decided(policy, decide, case, day, generator)] += 1
    return outcomes


def _decided(
    policy: forbear.Policy, module: Callable[..., Any] | None, case: Any, day: int | None, generator: random.Random
) -> str:
    typed = policy.typed
    on = None if day is None else datetime.date.fromordinal(day)
    raw = strategies.written(typed.facts, case, generator)
    try:
        found = policy.decide(raw, on)
    except CaseError as error:
        faults = error.faults
        assert all(fault.fact is None for fault in faults), f"a good case is refused | {faults} {dict(raw)}"
        return "not in force"
    expected = meaning.decide(typed, case, day)
    assert {name: found[name] for name in typed.actions} == expected, f"decided otherwise | {dict(raw)}"
    assert all(policy.permits(name, raw, on) == found.permits(name) for name in typed.actions), "permits differs"
    if module is not None:
        _alike(module(raw, on), found)
    _unknown_permits_nothing(policy, case, day, generator)
    return "decided"


def _unknown_permits_nothing(policy: forbear.Policy, case: Any, day: int | None, generator: random.Random) -> None:
    """What is permitted though a fact is unknown is permitted whatever the fact is, unless a rule asks for that."""
    typed = policy.typed
    asked = {atom.fact for rule in typed.rules for atom in atoms(rule.condition) if isinstance(atom, IsKnown)}
    free = [name for name in case if typed.facts[name].optional and name not in asked]
    if not free:
        return
    name = generator.choice(free)
    on = None if day is None else datetime.date.fromordinal(day)
    with_it = policy.decide(strategies.written(typed.facts, case), on)
    without = policy.decide(strategies.written(typed.facts, {**case, name: None}), on)
    wider = [action for action in typed.actions if without.permits(action) and not with_it.permits(action)]
    assert not wider, f"what is unknown permits | {name} {case}"


def _alike(said: Mapping[str, Mapping[str, object]], decided: forbear.Decision) -> None:
    verdicts = {name: one["verdict"] for name, one in said.items()}
    assert verdicts == {name: one.verdict.value for name, one in decided.items()}, "a compiled module decides otherwise"


def _module(policy: forbear.Policy) -> Callable[..., Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "CHECKED_CASES", 2)
        text = compile_module(policy.typed)
    namespace: dict[str, Any] = {"__name__": "compiled"}
    exec(compile(text, "<compiled>", "exec"), namespace)
    decide: Callable[..., Any] = namespace["decide"]
    return decide


@pytest.mark.parametrize("shard", SHARDS)
def test_hostile_cases(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_hostile, tmp_path, ci=60, nightly=8_000, shard=shard)


def _hostile(generator: random.Random, folder: Path) -> Counter[str]:
    drawn = kinds.drawn(generator)
    policy = forbear.loads(drawn.text)
    module = _module(policy) if generator.random() < 0.1 else None
    outcomes: Counter[str] = Counter()
    for _ in range(CASES):
        case = kinds.hostile_case(drawn, generator)
        try:
            decided = policy.decide(case)
        except CaseError as error:
            _told(error)
            outcomes["refused"] += 1
            if module is not None:
                _refused(module, case)
            continue
        outcomes["decided"] += 1
        _as_its_plain_form(policy, case, decided)
        if module is not None:
            _alike(module(case), decided)
    return outcomes


def _told(error: CaseError) -> None:
    """What is wrong with a case is short, and in one line."""
    assert error.faults
    for fault in error.faults:
        assert "\n" not in fault.message, f"a message of several lines | {fault.message!r}"
        assert len(fault.message) < 2_000, f"a message of {len(fault.message)} characters"


def _refused(module: Callable[..., Any], case: object) -> None:
    try:
        module(case)
    except Exception as error:
        raised = type(error).__name__
        assert raised == "CaseError", f"a module raises {raised} | {case!r:.200}"
        return
    raise AssertionError(f"a compiled module decides what decide refuses | {case!r:.200}")


def _as_its_plain_form(policy: forbear.Policy, case: Mapping[str, object], decided: forbear.Decision) -> None:
    """What was taken is decided as the value that it stands for."""
    plain = {name: _plain(value) for name, value in case.items()}
    assert policy.decide(plain).as_json() == decided.as_json(), f"another form, another decision | {case!r:.200}"


def _plain(value: Any) -> object:
    if value is None or isinstance(value, bool | np.bool_):
        return value if value is None else bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        assert math.isfinite(value)
        return repr(float(value))
    return int(value) if hasattr(value, "__index__") else str(value)


def test_errors(campaign: Campaign, tmp_path: Path) -> None:
    """What is raised can go to another process, and says the same there."""
    campaign.run(_error, tmp_path, ci=40, nightly=1_000)


def _error(generator: random.Random, folder: Path) -> str:
    drawn = kinds.drawn(generator)
    raised: Exception | None = None
    try:
        if generator.random() < 0.5:
            forbear.loads(damage.damaged(drawn.text, generator).decode(errors="replace"))
        else:
            forbear.loads(drawn.text).decide(kinds.hostile_case(drawn, generator))
    except (forbear.PolicyError, CaseError) as error:
        raised = error
    if raised is None:
        return "no error"
    again = pickle.loads(pickle.dumps(raised))
    assert (type(again), str(again)) == (type(raised), str(raised))
    if isinstance(raised, CaseError):
        assert [(one.fact, one.message) for one in again.faults] == [(one.fact, one.message) for one in raised.faults]
        return "a case refused"
    assert isinstance(raised, forbear.PolicyError)
    assert [one.code for one in again.diagnostics] == [one.code for one in raised.diagnostics]
    return "a policy refused"
