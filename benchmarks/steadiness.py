"""How far the slowest of 20 runs is from the median, beside work that is always the same."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from resource import RUSAGE_SELF, getrusage

import numpy as np
from attrs import field, frozen

from forbear.portfolio.applying import shared
from forbear.portfolio.verdicts import loops
from forbear.portfolio.verdicts.bits import words

RUNS, SETS = 20, 21
PIECES = 16
"""In which each core has the work that is always the same."""
_NUMBERS = np.random.default_rng(1).integers(0, 240, 4096)
_CUTS = np.arange(0, 240, 8)


def passes(seconds: float) -> int:
    """How often one core compares all numbers in such a time."""
    _compare(1)
    start = time.perf_counter()
    _compare(1000)
    return round(seconds / (time.perf_counter() - start) * 1000)


def same_work(times: int, threads: int) -> None:
    """As much for each thread, in pieces that threads share as they share ours: comparisons of what is in the cache of
    a core. How much its time varies is the machine's doing: a core may be half of one that others use too."""
    shared(_compare, [times // PIECES] * (PIECES * threads), threads)


def _compare(times: int) -> None:
    result = np.empty((len(_CUTS), words(len(_NUMBERS))), np.uint64)
    for _ in range(times):
        loops.reach(_NUMBERS, _CUTS, result)


@frozen
class Runs:
    """Runs of one work: the time of each, and how many pages of memory it had to be given anew."""

    times: list[float] = field(factory=list)
    faults: list[int] = field(factory=list)

    @property
    def slowest(self) -> float:
        return max(self.times) / statistics.median(self.times)


def runs_of(*contenders: Callable[[], object]) -> list[Runs]:
    """20 runs of each, turn by turn, after two that load and compile."""
    runs = [Runs() for _ in contenders]
    for number in range(RUNS + 2):
        for contender, kept in zip(contenders, runs, strict=True):
            faults, start = getrusage(RUSAGE_SELF).ru_minflt, time.perf_counter()
            contender()
            took = time.perf_counter() - start
            if number >= 2:
                kept.times.append(took)
                kept.faults.append(getrusage(RUSAGE_SELF).ru_minflt - faults)
    return runs


def as_a_rule(sets: Sequence[Runs]) -> float:
    return statistics.median(runs.slowest for runs in sets)


def summary(sets: Sequence[Runs]) -> str:
    ratios, faults = [runs.slowest for runs in sets], statistics.mean(count for runs in sets for count in runs.faults)
    return f"{min(ratios):.2f} to {max(ratios):.2f}, median {as_a_rule(sets):.2f} ({faults:.0f} page faults a run)"
