"""`test --mutate` of a policy of a lender's size of which each ninth example is left: most slips are searched for."""

from __future__ import annotations

import sys
import time

from measure import verdict

import forbear
from forbear.analysis.mutation.score import mutation_score


def main() -> None:
    policy = forbear.load("pack:examples/cn_card_strategy").typed
    policy = policy.with_promises(examples=policy.examples[::9])
    start = time.process_time()
    score = mutation_score(policy)
    took = time.process_time() - start
    print(f"{len(policy.rules)} rules: {score.noticed} of {score.counted} slips noticed")
    sys.exit(0 if verdict("the score, in seconds of one processor", took, 20.0) else 1)


if __name__ == "__main__":
    main()
