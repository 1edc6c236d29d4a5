"""Memory that one block after the other uses: no answer shows what another one left there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import polars as pl
import pytest

import forbear
from forbear.portfolio import applying
from forbear.portfolio.verdicts import buffers
from forbear.portfolio.verdicts.buffers import BufferPool

POLICY = """
fact late days clock
fact risk one of low, medium, high
action sms, visit
rule remind: after 3 days then allow sms
rule go: from day 61 to day 90 and risk is high then allow visit
rule stop: forbid sms when risk is low
"""


def frame(seed: int, rows: int = 1_000) -> pl.DataFrame:
    drawn = np.random.default_rng(seed)
    risks = np.array(["low", "medium", "high"])[drawn.integers(0, 3, rows)]
    return pl.DataFrame({"late": drawn.integers(0, 120, rows), "risk": risks})


def by_cases(policy: forbear.Policy, its: pl.DataFrame) -> pl.DataFrame:
    decided = [policy.decide(row) for row in its.to_dicts()]
    return pl.DataFrame({action: [one[action].verdict.value for one in decided] for action in policy.actions})


@pytest.mark.parametrize("why", [False, True])
def test_answers_stay_what_they_were(monkeypatch: pytest.MonkeyPatch, why: bool) -> None:
    """Whoever asks later, or at the same time, about as many rows."""
    monkeypatch.setattr(applying, "_FEW", 0)  # compiled loops, and threads
    policy = forbear.loads(POLICY)
    frames = [frame(seed) for seed in range(6)]
    expected = [by_cases(policy, its) for its in frames]
    one_by_one = [policy.apply(its, why=why) for its in frames]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda its: policy.apply(its, why=why), frames * 8))
    for found, wanted in zip(one_by_one + together, expected * 9, strict=True):
        assert found.select(*wanted.columns).cast(pl.String).equals(wanted)


def test_memory_is_lent_to_one_block_at_a_time_and_kept_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "MOST_KEPT", 1_000)
    its = BufferPool()
    with its.lent() as allocate, its.lent() as other:
        one, two = allocate(3, 10), other(3, 10)
        assert not np.shares_memory(one, two)
    with its.lent() as allocate:
        again = [allocate(3, 10) for _ in range(3)]
        assert [any(found is old for old in (one, two)) for found in again] == [True, True, False]
    with its.lent() as allocate:
        assert allocate(30, 10).shape == (30, 10)  # too large to be kept, so that nothing else is
    with suppress(ZeroDivisionError), its.lent() as allocate:
        failed = allocate(3, 10)
        raise ZeroDivisionError
    with its.lent() as allocate:
        assert allocate(3, 10) is not failed
