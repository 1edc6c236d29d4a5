"""This tree beside an earlier commit, on a policy that both can read: loading, findings, one case, a portfolio.

`beside.py FOLDER` takes a checkout of the commit. Each tree runs in processes of its own, turn by turn, and the best of
them counts, by the time of the processor, so that others may work on the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from measure import verdict

ROUNDS = 10
MOST = 1.15


def times() -> dict[str, float]:
    """The times of the Forbear that this process imports, in milliseconds."""
    import itertools
    import time

    import polars as pl
    from workload import TEN_RULES, cases, many_rules

    import forbear

    numbers = itertools.count()  # no text is loaded twice
    some = cases(10_000)
    frame = pl.concat([pl.DataFrame(some)] * 300, rechunk=True)
    policy, hundred = forbear.loads(TEN_RULES), many_rules(100)
    parts: dict[str, Callable[[], object]] = {
        "100 rules, loads": lambda: forbear.loads(f"{hundred}\n# {next(numbers)}\n"),
        "ten rules, all findings": lambda: forbear.loads(TEN_RULES).validate(),
        "ten rules, decide 10,000 cases": lambda: [policy.decide(case) for case in some],
        "ten rules, apply on three million rows": lambda: policy.apply(frame),
    }
    found = {}
    for what, do in parts.items():
        best = float("inf")
        for _ in range(8):
            start = time.process_time()
            do()
            best = min(best, time.process_time() - start)
        found[what] = best * 1000
    return found


def main() -> None:
    trees = (Path(sys.argv[1]), Path(__file__).parents[1])
    best: list[dict[str, float]] = [{}, {}]
    for _ in range(ROUNDS):
        for tree, so_far in zip(trees, best, strict=True):
            environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
            printed = subprocess.run(
                [sys.executable, __file__, "--times"], env=environment, check=True, stdout=subprocess.PIPE
            ).stdout
            for what, took in json.loads(printed).items():
                so_far[what] = min(so_far.get(what, took), took)
    held = []
    for what, before in best[0].items():
        print(f"{what}: {before:.2f} ms before, {best[1][what]:.2f} ms now")
        held.append(verdict(what, best[1][what] / before, MOST))
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    if "--times" in sys.argv:
        print(json.dumps(times()))
    else:
        main()
