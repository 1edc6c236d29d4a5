"""`skipped-rung` where the clock is compared with a fact: exact, or undecided where two percentages of it meet."""

from __future__ import annotations

import random
from collections import Counter

import oracle

import forbear

HEAD = """fact late days clock between 0 and 6
fact grace days between 0 and 7
action sms, call
ladder pressure: sms, call
"""
CONDITIONS = (
    *("late >= 50% of grace", "late > 30% of grace", "60% of late <= grace", "grace < 70% of late"),
    *("late = 50% of grace", "not (late = 50% of grace)", "late between 40% of grace and 80% of grace"),
    *("late < grace", "grace >= 2"),
)


SUMS = (
    *("late + more < grace + 1", "late > grace + more", "late + grace >= more + 2", "late = more", "late - more >= 1"),
    *("late < grace", "more >= 1", "late + more <= 3", "grace >= late + more"),
)


def written(seed: int, conditions: tuple[str, ...] = CONDITIONS) -> str:
    chosen = random.Random(seed)
    rules = []
    for number in range(3):
        condition = " and ".join(chosen.sample(conditions, chosen.choice((1, 2, 2))))
        effect = chosen.choice(("allow", "allow", "forbid"))
        rules.append(f"rule r{number}: {condition} then {effect} {chosen.choice(('sms', 'call'))}\n")
    return HEAD + "".join(rules)


def test_what_is_found_on_all_earlier_days_is_exact_or_undecided() -> None:
    outcomes = Counter[str]()
    for seed in range(150):
        policy = forbear.loads(written(seed))
        found = [one for one in policy.validate() if one.code in ("skipped-rung", "undecided")]
        expected = {one for one in oracle.findings(policy.typed) if one[0] == "skipped-rung"}
        if any(one.code == "undecided" for one in found):
            assert [(one.code, one.about) for one in found] == [("undecided", "skipped-rung")]
            assert "compares the clock in two percentages" in found[0].message
            outcomes["undecided"] += 1
        else:
            assert {(one.code, *one.actions, *sorted(one.skips)) for one in found} == expected
            outcomes["some" if expected else "none"] += 1
    assert 0 < outcomes["undecided"] < 10
    assert outcomes["some"] > 20


def test_what_is_found_on_all_earlier_days_is_exact_where_sums_are_compared() -> None:
    some = 0
    for seed in range(8):
        smaller = written(seed, SUMS).replace("0 and 6", "0 and 4").replace("0 and 7", "0 and 3")
        policy = forbear.loads(f"fact more days between 0 and 2\n{smaller}")
        found = [one for one in policy.validate() if one.code in ("skipped-rung", "undecided")]
        expected = {one for one in oracle.findings(policy.typed) if one[0] == "skipped-rung"}
        assert {(one.code, *one.actions, *sorted(one.skips)) for one in found} == expected
        some += bool(expected)
    assert some > 1
