"""One case: `decide` and `permits` with ten rules, beside the same rules written by hand; sums whole, and with cents.

No contender is asked a case twice, so that nothing can be remembered of it; decisions are, by which rules hold.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from statistics import mean

from measure import on_new_cases, verdict
from workload import ACTIONS, FORMS, TEN_RULES, Case, by_hand, cases, with_cents

import forbear

CHUNK = 500
CHUNKS = 120


def main() -> None:
    held = [each for form in FORMS for each in measured(form)]
    sys.exit(0 if all(held) else 1)


def measured(form: str) -> list[bool]:
    """Whether all is held on cases with sums of a form. By hand, only a text costs more than the comparisons."""
    policy = forbear.loads(TEN_RULES)
    asked = with_cents(cases(CHUNK * CHUNKS), form)
    number = Decimal if form == "text" else None
    for case in with_cents(cases(1_000, seed=4), form):
        decided = {action: (its.verdict.value, its.rules) for action, its in policy.decide(case).items()}
        assert decided == by_hand(case, number), case
        assert all(policy.permits(action, case) == policy.decide(case).permits(action) for action in ACTIONS)

    def hand(case: Case) -> None:
        by_hand(case, number)

    def decide(case: Case) -> None:
        policy.decide(case)

    def permits(action: str, case: Case) -> None:
        policy.permits(action, case)

    contenders: list[Callable[[Case], object]] = [hand, decide, *[partial(permits, action) for action in ACTIONS]]
    chunks = [asked[start : start + CHUNK] for start in range(0, len(asked), CHUNK)]
    by_hand_time, decide_time, *permits_times = on_new_cases(contenders, chunks)
    print(f"{form}: by hand, nothing validated, {by_hand_time * 1e9:.0f} ns a case; decide {decide_time * 1e9:.0f}")
    print("permits: " + ", ".join(f"{a} {t * 1e9:.0f}" for a, t in zip(ACTIONS, permits_times, strict=True)) + " ns")
    return [
        verdict(f"{form}: decide, to the rules by hand", decide_time / by_hand_time, 1.3),
        verdict(f"{form}: permits, mean of the twelve actions, to decide", mean(permits_times) / decide_time, 0.5),
        verdict(f"{form}: permits, the slowest action, to the rules by hand", max(permits_times) / by_hand_time, 1.3),
    ]


if __name__ == "__main__":
    main()
