"""Policies about dates, ages, the day and the time of the decision, calendars, weekly hours and days since events: the
same findings as by a brute force over what some borrower can be at some moment, each with a case of such a borrower.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping

import days
import oracle
import pytest
from checking import each
from days import HOURS
from night import NIGHTLY
from test_exactness import decided_as_told, finding_of, replay

import forbear
from forbear.base.diagnostic import Diagnostic

CHUNKS = range(4)
SEEDS = 500 if NIGHTLY else 50
OVER_ALL_VALUES = frozenset({"duplicate", "subsumed", "masked-rule"})
"""The findings that are taken over all values, be they possible together or not."""


def check(text: str, judge: days.DaysOracle) -> list[Diagnostic]:
    policy = forbear.loads(text)
    diagnostics = each(policy.validate(asked=["overlap"]))
    assert not [one for one in diagnostics if one.code == "undecided"], text
    reported = [one for one in diagnostics if one.code in oracle.CODES]
    found, expected = {finding_of(judge, one) for one in reported}, judge.findings()
    missed = {finding for finding in expected - found if finding[0] not in OVER_ALL_VALUES}
    within = {finding[1:3] for finding in expected if finding[0] in OVER_ALL_VALUES}
    false = {finding for finding in found - expected if finding[0] != "overlap" or finding[1:] not in within}
    assert (missed, false) == (set(), set()), text
    for one in reported:
        replay(judge, one)
        decided_as_told(policy, one)
        for witness in one.witnesses:
            assert judge.is_real(witness), (text, witness)
        for witness in one.cases:
            its_hours_decide(policy, witness, {fact.name for fact in judge.facts})
    return reported


def its_hours_decide(policy: forbear.Policy, witness: Mapping[str, object], read: set[str]) -> None:
    """A case that tells what is within weekly hours is decided so at a moment within and outside such hours."""
    told = {hours: {witness.get(name) for name in names if name in read} for hours, names in HOURS.items()}
    told = {hours: its for hours, its in told.items() if its}
    if not told or any(len(its) > 1 for its in told.values()):  # a case without its hours tells one fact, and no other
        return
    day = datetime.date.fromisoformat(str(witness["on"]))
    hour, minute = map(int, str(witness.get("hour", "12:00:00")).split(":")[:2])
    weekday, ends = f"{day:%a}".lower(), divmod(60 * hour + minute + 1, 60)
    within = [f"{weekday} {hour:02}:{minute:02}-{ends[0]:02}:{ends[1]:02}"]
    spans = [
        (f"{hour:02}:{minute:02}" != "00:00", f"00:00-{hour:02}:{minute:02}"),
        (ends[0] < 24, f"{ends[0]:02}:{ends[1]:02}-24:00"),
    ]
    outside = [f"{weekday} {span}" for there_is, span in spans if there_is]
    given = {hours: within if True in its else outside for hours, its in told.items() if None not in its}
    follows = {
        name for name, its in policy.typed.derived.items() if its.of in {None, *witness, *told} and its.events is None
    }
    case = {name: value for name, value in witness.items() if name not in {"on", *follows}}
    whole = policy.decide({name: value for name, value in witness.items() if name != "on"}, on=day)
    at_moment = policy.decide(case | given | {"zone": "UTC"}, at=f"{day}T{witness.get('hour', '12:00:00')}Z")
    for action, its in whole.items():
        assert its.verdict is at_moment[action].verdict, (witness, given)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_findings_about_days_are_exact(chunk: int) -> None:
    codes = Counter[str]()
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        text, first, last = days.policy_about_days(seed)
        codes.update(one.code for one in check(text, days.DaysOracle(forbear.loads(text).typed, first, last)))
    assert len(codes) > 4, codes


@pytest.mark.parametrize("absent", ["", " or none", " optional"])
def test_working_days_are_those_of_a_date_before_or_after_the_day(absent: str) -> None:
    text = (
        "calendar c covers 2026-09-28 to 2026-10-12\n  weekend saturday, sunday\n  holidays 2026-10-01 to 2026-10-02\n"
        "policy dated in force from 2026-10-05 until 2026-10-07\n"
        f"fact consent date between 2026-09-26 and 2026-10-13{absent}\nfact today date of decision\n"
        "fact waited working days of c since consent\naction sms, call, visit\n"
        "rule r0: allow sms when waited = -2 and consent >= 2026-10-09\n"
        "rule r1: forbid sms when waited <= -2 and today >= 2026-10-06\n"
        "rule r2: allow call when waited = 0 and consent < today\n"
        "rule r3: allow visit when waited >= 6\nrule r4: never visit when waited < -5\n"
        "rule r5: require call when waited = 6\n"
        "ensure sms not allowed when waited >= -1\nensure call unsaid when waited < 0\n"
    )
    judge = days.DaysOracle(forbear.loads(text).typed, datetime.date(2026, 10, 5), datetime.date(2026, 10, 7))
    codes = Counter[str](one.code for one in check(text, judge))
    assert codes["dead-rule"] == (1 if "optional" in absent else 2), codes  # what is unknown may be below -5


def test_the_days_until_an_optional_date_that_lies_ahead_may_be_known_beside_an_age_that_is_not() -> None:
    text = (
        "policy dated in force from 2028-02-26 until 2028-02-29\n"
        "fact consent date between 2028-03-09 and 2028-03-11 optional\nfact left days until consent\n"
        "fact held months since consent\naction sms, call\nrule r0: allow sms when left >= 13\n"
        "rule r1: require call when held <= 0\n"
    )
    policy = forbear.loads(text)
    judge = days.DaysOracle(policy.typed, datetime.date(2028, 2, 26), datetime.date(2028, 2, 29))
    assert [one.rules for one in check(text, judge) if one.code == "dead-rule"] == [("r1",)]
    assert policy.decide({"left": 13}, on="2028-02-26")["sms"].permitted


def test_a_form_asks_nothing_that_no_date_in_its_range_decides() -> None:
    policy = forbear.loads(
        "fact consent date between 2026-01-01 and 2026-01-05\nfact left days until consent\naction a\n"
        "rule r: allow a when left > 10\nrule s: forbid a when left < -5\n"
    )
    questions = policy.ask("a", {}, on="2026-03-01")
    assert (len(questions), questions.permitted) == (0, False)
    assert len(policy.ask("a", {}, on="2026-01-08")) == 1
