"""What a finding tells of a case can be decided as it stands: as JSON with its day, and in short."""

from __future__ import annotations

import random
from collections import Counter

from strategies import examples

import forbear
from forbear.check.promises.promises import written_case
from forbear.language.model.policy import facts_read

FACTS = """calendar c covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
  holidays 2026-10-01 to 2026-10-07
fact days_overdue days clock
fact today date of decision
fact name weekday of decision
fact name_or_not weekday of decision optional
fact worked working day of c
fact born date
fact consent date or none
fact age years since born
fact months months since born
fact left days until consent
action sms, call, visit
"""
TESTS = [
    *[f"age {test}" for test in (">= 18", "< 18", "= 26")],
    *[f"months {test}" for test in (">= 216", "< 312")],
    *[f"left {test}" for test in (">= 3", "< 2", "is none", "= 0")],
    *[f"born {test}" for test in ("> 2000-01-01", "<= 2008-02-29")],
    *[f"consent {test}" for test in ("is none", ">= 2026-09-30")],
    *[f"today {test}" for test in (">= 2026-07-01", "< 2026-09-30", "= 2026-02-28")],
    *[f"name {test}" for test in ("is sunday", ">= friday", "is not monday")],
    *["name_or_not is thursday", "name is one of tuesday, saturday"],
    *["worked", "not worked", "days_overdue > 9", "days_overdue <= 30", "consent <= today", "born < today"],
]
PERIODS = [
    "",
    "\n  in force from 2026-06-01",
    "\n  in force from 2026-02-28 until 2026-10-03",
    "\n  in force from 2026-02-26 until 2026-02-28",
]


def drawn(seed: int) -> str:
    chosen = random.Random(f"witness {seed}")
    periods = PERIODS if chosen.random() < 0.6 else [""]
    rules = [
        f"rule r{number}: {chosen.choice(('allow', 'allow', 'forbid', 'require', 'never'))} "
        f"{chosen.choice(('sms', 'call', 'visit'))} when {' and '.join(chosen.sample(TESTS, chosen.randint(1, 3)))}"
        f"{chosen.choice(periods)}\n"
        for number in range(chosen.randint(3, 6))
    ]
    return FACTS + "".join(rules)


def test_a_witness_is_decided_as_it_stands_and_in_short() -> None:
    decided = Counter[str]()
    for seed in range(examples(20, by_night=25)):
        text = drawn(seed)
        policy = forbear.loads(text)
        for found in policy.validate():
            for witness, short in zip(found.cases, found.in_short, strict=True):
                on = str(witness["on"]) if "on" in witness else None
                case = {name: value for name, value in witness.items() if name != "on"}
                whole = policy.decide(case, on=on)
                if found.code == "contradiction":
                    assert not whole[found.actions[0]].permitted, (text, witness)
                if short.startswith("every fact"):
                    continue
                written = written_case(short, policy.typed, facts_read(policy.typed))
                assert str(written.on) in {str(on), str(case.get("today"))}, (text, short)
                by_words = policy.decide(written.case, on=written.on)
                for action in found.actions or policy.actions:
                    assert by_words[action].verdict is whole[action].verdict, (text, witness, short)
                decided["on a day" if on else "on any day"] += 1
                decided["derived"] += bool(on) and bool({"age", "months", "left", "worked"} & witness.keys())
    assert min(decided["derived"], decided["on any day"]) > 5, decided
