"""One case, 10 to 10,000 rules: `decide`, whole answers and `permits` beside the same rules written by hand as `if`s.

A whole answer is a dictionary: the verdict on each action with the names of the rules that gave it. By hand it is that,
and no less. Sums are whole numbers, and have cents in each of the forms in which they come; both get the same cases.
Each case is drawn anew and asked of a contender once, so that nothing can be remembered of it; but of few rules the
same ones hold again and again, and decisions are remembered by these. How many answers differ is printed.
"""

from __future__ import annotations

import sys

from measure import on_new_cases, verdict
from peers import by_hand
from peers.rules import Case, cases, forbear_text, rules
from workload import FORMS, with_cents

import forbear

MOST = {10: 2.0, 100: 2.5, 1_000: 0.7, 10_000: 0.2}
"""The ratio of a whole answer to the rules by hand, by the number of rules."""
MOST_DECIDED = {10: 1.3, 100: 1.6, 1_000: 0.3, 10_000: 0.15}
"""The same of `decide` alone, which leaves actions undecided where there are very many rules."""
CHUNK = {10: 500, 100: 500, 1_000: 200, 10_000: 50}
CHUNKS = 60


def main() -> None:
    held = []
    whole: dict[tuple[str, int], float] = {}
    for number, most in MOST.items():
        given = rules(number)
        checked = forbear.loads(forbear_text(given)).checked
        for form in FORMS:
            # Policies of their own, so that none remembers for another one.
            policy, another = forbear.Policy(checked), forbear.Policy(checked)
            texts = form == "text"
            hand, hand_permits = by_hand.decide(given, texts=texts), by_hand.permits(given, "email", texts=texts)
            asked = with_cents(cases(CHUNK[number] * CHUNKS), form)
            for case in with_cents(cases(200, seed=4), form):
                decision = policy.decide(case)
                assert {action: (its.verdict, list(its.rules)) for action, its in decision.items()} == hand(case)
                assert policy.permits("email", case) is hand_permits(case)

            def decide(case: Case, policy: forbear.Policy = policy) -> None:
                policy.decide(case)

            def answer(case: Case, policy: forbear.Policy = another) -> dict[str, tuple[str, tuple[str, ...]]]:
                return {action: (its.verdict, its.rules) for action, its in policy.decide(case).items()}

            def permits(case: Case, policy: forbear.Policy = policy) -> None:
                policy.permits("email", case)

            chunks = [asked[start : start + CHUNK[number]] for start in range(0, len(asked), CHUNK[number])]
            # In rounds of their own: 10,000 rules by hand leave nothing of another's tables in the processor's cache.
            (by_hand_time,), (decide_time,), (answer_time,) = (
                on_new_cases([one], chunks) for one in (hand, decide, answer)
            )
            hand_permits_time, permits_time = on_new_cases([hand_permits, permits], chunks)
            whole[form, number] = answer_time
            different = len({repr(answer(case)) for case in asked})
            print(
                f"{number:,} rules, {form}: by hand {by_hand_time * 1e6:.2f} µs a case, decide "
                f"{decide_time * 1e6:.2f}, a whole answer {answer_time * 1e6:.2f}; permits by hand "
                f"{hand_permits_time * 1e6:.2f}, ours {permits_time * 1e6:.2f}; {different:,} answers to "
                f"{len(asked):,} cases"
            )
            about = f"by {number:,} rules, {form}"
            held += [
                verdict(f"decide {about}, to by hand", decide_time / by_hand_time, MOST_DECIDED[number]),
                verdict(f"a whole answer {about}, to by hand", answer_time / by_hand_time, most),
            ]
            if number == 10_000:
                held += [
                    verdict(f"permits {about}, to by hand", permits_time / hand_permits_time, 2.5),
                    verdict(f"a whole answer {about}, to one by ten", answer_time / whole[form, 10], 50),
                ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
