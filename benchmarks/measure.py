"""How the benchmarks measure: the best of many rounds, ours and the rival's turn by turn."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Asked = TypeVar("Asked")
CLOCK = time.process_time if "--processor" in sys.argv else time.perf_counter
"""With `--processor` the time of the processor, for a machine on which others work too."""


def turn_by_turn(
    contenders: Sequence[Callable[[], object]], rounds: int, clock: Callable[[], float] = CLOCK
) -> list[float]:
    """The best time of each, in seconds. Each runs twice in its turn, so that none pays for what another one left."""
    best = [float("inf")] * len(contenders)
    for _ in range(rounds):
        for index, contender in enumerate(contenders):
            for _ in range(2):
                start = clock()
                contender()
                best[index] = min(best[index], clock() - start)
    return best


def on_new_cases(
    contenders: Sequence[Callable[[Asked], object]],
    chunks: Iterable[Sequence[Asked]],
    clock: Callable[[], float] = CLOCK,
) -> list[float]:
    """The best time of each for one case, in seconds; no case is asked twice, so that nothing is remembered of it."""
    best = [float("inf")] * len(contenders)
    for chunk in chunks:
        for index, contender in enumerate(contenders):
            start = clock()
            for case in chunk:
                contender(case)
            best[index] = min(best[index], (clock() - start) / len(chunk))
    return best


def verdict(what: str, ratio: float, most: float) -> bool:
    """Prints a ratio beside what it may be, and says whether it is."""
    held = ratio <= most
    print(f"{what:64} {ratio:7.2f}   at most {most:.2f}   {'holds' if held else 'MISSED'}")
    return held
