"""A short case leaves out no usual value that decides: with any other value of a fact that it leaves out, an action
that is not permitted in the case would not be permitted either; and what is unknown and counts is named."""

from __future__ import annotations

import random

import pytest

import forbear
from forbear.base.diagnostic import Diagnostic

HEAD = """\
fact late days clock
fact hour time usually 12:00
fact score count between 0 and 9 usually 5
fact tries count optional
fact asked yes/no usually no
action sms
action call
ladder pressure: sms, call
"""
HOURS = ["08:00", "11:00", "12:00", "13:00", "20:00"]


def drawn(seed: int) -> str:
    """A policy whose rules read usual times and scores, with promises that mostly fail."""
    chance = random.Random(seed)

    def condition() -> str:
        first, last = sorted(chance.sample(HOURS, 2))
        return chance.choice(
            [
                f"hour between {first} and {last}",
                f"not (hour between {first} and {last})",
                f"score {chance.choice(['<', '>='])} {chance.randint(1, 9)}",
                "asked",
                f"tries > {chance.randint(0, 3)}",
                f"late > {chance.randint(0, 9)}",
            ]
        )

    rules = [
        f"rule r{number}: {chance.choice(['allow', 'forbid', 'never'])} {chance.choice(['sms', 'call', 'sms, call'])} "
        f"when {condition()} {chance.choice(['and', 'or'])} late > {chance.randint(0, 9)}\n"
        for number in range(4)
    ]
    ensures = [f"ensure {action} allowed when late > {chance.randint(0, 9)}\n" for action in ("sms", "call")]
    return HEAD + "".join(rules) + "".join(ensures)


def left_out(finding: Diagnostic, short: str) -> list[str]:
    given = {part.split()[0] for part in short.split(", ")}
    return [name for name in ("hour", "score") if name not in given]


@pytest.mark.parametrize("seed", range(25))
def test_a_usual_value_that_decides_is_in_the_short_case(seed: int) -> None:
    policy = forbear.loads(drawn(seed))
    others = {
        "hour": [f"{hour:02}:{minute}" for hour in range(24) for minute in ("00:00", "59:59")],
        "score": range(10),
    }
    shown = 0
    for first in policy.validate():
        for finding in (first, *first.also):
            for witness, short in zip(finding.cases, finding.in_short, strict=False):
                decisions = policy.decide(witness)
                for action in finding.actions:
                    if decisions[action].permitted:
                        continue
                    shown += 1
                    for name in left_out(finding, short):
                        for value in others[name]:
                            assert not policy.decide({**witness, name: value})[action].permitted, (finding, name, value)
    assert shown or seed


LUNCH = """\
rule call: after 9 days then allow phone_call
rule lunch: never phone_call when after 15 days and local_time between 12:00 and 14:00
ensure phone_call allowed when from day 12 to day 20
"""


def test_the_lunch_break_is_in_the_case_and_what_is_only_usual_is_not() -> None:
    [broken] = [finding for finding in forbear.loads(LUNCH).validate() if finding.code == "failed-ensure"]
    assert broken.in_short == ("days_overdue 16, local_time 12:00",)
    open_at_noon = LUNCH.replace("between 12:00 and 14:00", "between 22:00 and 23:00")
    for finding in forbear.loads(open_at_noon).validate():
        assert not any("12:00" in short for short in finding.in_short)


def test_a_failed_example_names_what_is_unknown_and_counts() -> None:
    policy = forbear.loads(
        f"{HEAD}rule write: after 3 days then allow sms\nrule safe: never sms when tries > 3\n"
        'example "day 5": given late 5 expect sms allowed\nexample "none": given late 5, tries 9 expect sms allowed\n'
    )
    shown = [finding.in_short for finding in policy.validate() if finding.code == "failed-example"]
    also = [each.in_short for finding in policy.validate() for each in finding.also if each.code == "failed-example"]
    assert sorted([*shown, *also]) == [("late 5, tries 9",), ("late 5, tries unknown",)]
