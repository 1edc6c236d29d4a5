"""One case: `decide` and `permits` with ten rules, beside the same rules written by hand; sums whole, and with cents.

The cases are asked again and again. Nothing is remembered of a case; decisions are, by which rules hold.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from statistics import mean

from measure import turn_by_turn, verdict
from workload import ACTIONS, FORMS, TEN_RULES, by_hand, cases, with_cents

import forbear

ROUNDS = 60


def main() -> None:
    held = [each for form in FORMS for each in measured(form)]
    sys.exit(0 if all(held) else 1)


def measured(form: str) -> list[bool]:
    """Whether all is held on cases with sums of a form. By hand, only a text costs more than the comparisons."""
    policy = forbear.loads(TEN_RULES)
    asked = with_cents(cases(), form)
    number = Decimal if form == "text" else None
    for case in asked:
        decided = {action: (its.verdict.value, its.rules) for action, its in policy.decide(case).items()}
        assert decided == by_hand(case, number), case
        assert all(policy.permits(action, case) == policy.decide(case).permits(action) for action in ACTIONS)

    def hand() -> None:
        for case in asked:
            by_hand(case, number)

    def decide() -> None:
        for case in asked:
            policy.decide(case)

    def permits(action: str) -> object:
        def run() -> None:
            for case in asked:
                policy.permits(action, case)

        return run

    contenders = [hand, decide, *[permits(action) for action in ACTIONS]]
    by_hand_time, decide_time, *permits_times = turn_by_turn(contenders, ROUNDS)  # type: ignore[arg-type]
    print(f"{form}: by hand, nothing validated, {by_hand_time * 1e6:.0f} ns a case; decide {decide_time * 1e6:.0f}")
    print("permits: " + ", ".join(f"{a} {t * 1e6:.0f}" for a, t in zip(ACTIONS, permits_times, strict=True)) + " ns")
    return [
        verdict(f"{form}: decide, to the rules by hand", decide_time / by_hand_time, 1.3),
        verdict(f"{form}: permits, mean of the twelve actions, to decide", mean(permits_times) / decide_time, 0.5),
        verdict(f"{form}: permits, the slowest action, to the rules by hand", max(permits_times) / by_hand_time, 1.3),
    ]


if __name__ == "__main__":
    main()
