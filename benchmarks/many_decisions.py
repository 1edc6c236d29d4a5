"""One case, 10 to 10,000 rules: `decide` and `permits` beside the same rules written by hand as `if`s."""

from __future__ import annotations

import sys

from measure import on_new_cases, verdict
from peers import by_hand
from peers.rules import Case, cases, forbear_text, rules
from workload import ACTIONS

import forbear

MOST = {10: 1.3, 100: 1.0, 1_000: 0.3, 10_000: 0.15}
"""The ratio of a decision to the rules by hand, by the number of rules."""
CHUNK = {10: 500, 100: 500, 1_000: 200, 10_000: 50}
CHUNKS = 60


def main() -> None:
    held = []
    whole: dict[int, float] = {}
    for number, most in MOST.items():
        given = rules(number)
        text = forbear_text(given)
        policy, another = forbear.loads(text), forbear.loads(text)  # so that neither remembers for the other
        hand, hand_permits = by_hand.decide(given), by_hand.permits(given, "email")
        asked = cases(CHUNK[number] * CHUNKS)
        for case in cases(200, seed=4):
            decision = policy.decide(case)
            assert {action: (its.verdict, list(its.rules)) for action, its in decision.items()} == hand(case)
            assert policy.permits("email", case) is hand_permits(case)

        def decide(case: Case, policy: forbear.Policy = policy) -> None:
            policy.decide(case)

        def decide_all(case: Case, policy: forbear.Policy = another) -> None:
            # Of very many rules the names are looked up when an action is asked for: so each is.
            decision = policy.decide(case)
            for action in ACTIONS:
                decision[action]

        def permits(case: Case, policy: forbear.Policy = policy) -> None:
            policy.permits("email", case)

        chunks = [asked[start : start + CHUNK[number]] for start in range(0, len(asked), CHUNK[number])]
        by_hand_time, decide_time = on_new_cases([hand, decide], chunks)
        (all_time,) = on_new_cases([decide_all], chunks)
        hand_permits_time, permits_time = on_new_cases([hand_permits, permits], chunks)
        whole[number] = all_time if number > 1_000 else decide_time
        print(
            f"{number:6,} rules: by hand {by_hand_time * 1e6:.2f} µs a case, decide {decide_time * 1e6:.2f}, and each "
            f"action looked at {all_time * 1e6:.2f}; permits by hand {hand_permits_time * 1e6:.2f}, "
            f"ours {permits_time * 1e6:.2f}"
        )
        held.append(verdict(f"a whole decision by {number:,} rules, to by hand", whole[number] / by_hand_time, most))
    held.append(verdict("permits by 10,000 rules, to by hand", permits_time / hand_permits_time, 1.5))
    held.append(verdict("a whole decision by 10,000 rules, to one by ten", whole[10_000] / whole[10], 50))
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
