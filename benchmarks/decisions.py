"""One case: `decide` and `permits` with ten rules, beside the same rules written by hand."""

from __future__ import annotations

import sys
from statistics import mean

from measure import turn_by_turn, verdict
from workload import ACTIONS, TEN_RULES, Case, by_hand, cases

import forbear

ROUNDS = 60


def main() -> None:
    policy = forbear.loads(TEN_RULES)
    asked = cases()
    for case in asked:
        decided = {action: (its.verdict.value, its.rules) for action, its in policy.decide(case).items()}
        assert decided == by_hand(case), case
        assert all(policy.permits(action, case) == policy.decide(case).permits(action) for action in ACTIONS)

    def hand() -> None:
        for case in asked:
            by_hand(case)

    def decide() -> None:
        for case in asked:
            policy.decide(case)

    def permits(action: str) -> object:
        def run(asked: list[Case] = asked) -> None:
            for case in asked:
                policy.permits(action, case)

        return run

    contenders = [hand, decide, *[permits(action) for action in ACTIONS]]
    by_hand_time, decide_time, *permits_times = turn_by_turn(contenders, ROUNDS)  # type: ignore[arg-type]
    print(f"by hand, nothing validated: {by_hand_time * 1e6:.0f} ns a case; decide: {decide_time * 1e6:.0f} ns")
    print("permits: " + ", ".join(f"{a} {t * 1e6:.0f}" for a, t in zip(ACTIONS, permits_times, strict=True)) + " ns")
    held = [
        verdict("decide, to the rules by hand", decide_time / by_hand_time, 1.3),
        verdict("permits, mean of the twelve actions, to decide", mean(permits_times) / decide_time, 0.5),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
