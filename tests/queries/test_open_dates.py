"""A date that is open on a day: what its ages decide is said of the date, as trying all dates says it."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import Counter
from collections.abc import Mapping

from strategies import examples

import forbear

DAY = datetime.date(2024, 2, 28)
LEAP_DAY = datetime.date(2024, 2, 29)
HEAD = """fact d date{absent}
fact age years since d
fact term months since d
fact left days until d
fact cap count between 0 and 3
fact agreed yes/no
action sms
"""
OF_ONE = [
    *[f"age {test}" for test in (">= 2", "< 1", "= 1", "between 1 and 2")],
    *[f"term {test}" for test in (">= 24", "< 11", "= 12", "!= 13")],
    *[f"left {test}" for test in (">= -366", "< -364", "= 1")],
    *[f"d {test}" for test in (">= 2023-03-01", "< 2023-02-28", "= 2023-02-28", "<= 2024-02-20")],
    "cap >= 2",
    "agreed",
]
OF_TWO = ["age >= cap", "term > cap + 11", "age + 11 <= term"]
"""Comparisons of an age with another open fact."""
NONE = ["d is none", "age is none"]


def dates() -> list[str]:
    """Those around which some condition changes, and some far from these."""
    near = {
        DAY,
        *[DAY.replace(year=2024 - years, day=28) for years in range(1, 5)],
        LEAP_DAY,
        datetime.date(2024, 1, 29),
    }
    near |= {datetime.date(2023, month, 29) for month in (1, 3, 4)} | {datetime.date(2022, 2, 28)}
    around = {day + datetime.timedelta(more) for day in near for more in range(-2, 4)}
    return sorted(map(str, around | {datetime.date(1950, 1, 1), datetime.date(1, 1, 1), datetime.date(2100, 1, 1)}))


def verdict(policy: forbear.Policy, case: Mapping[str, object]) -> str | None:
    """The verdict, or None of a case that is refused: its date has ages and is after the day."""
    try:
        return policy.decide(case, on=DAY)["sms"].verdict.value
    except forbear.CaseError as error:
        if "after the day of the decision" in str(error):
            return None
        raise


def test_an_open_date_is_decided_as_each_date_is() -> None:
    outcomes = Counter[str]()
    for seed in range(examples(24, by_night=16)):
        chosen = random.Random(f"open dates {seed}")
        or_none, compared = chosen.random() < 0.4, chosen.random() < 0.4
        pool = [*OF_ONE, *OF_ONE, *(OF_TWO * 4 if compared else []), *(NONE * 2 if or_none else [])]
        rules = [
            f"rule r{place}: {effect} sms when {' and '.join(chosen.sample(pool, chosen.randint(1, 3)))}"
            for place, effect in enumerate(("allow", "forbid", "require")[: chosen.randint(2, 3)])
        ]
        text = HEAD.format(absent=" or none" if or_none else "") + "\n".join(rules)
        policy = forbear.loads(text)
        opened = ["d", *chosen.sample(["cap", "agreed"], chosen.randint(0, 2))]
        given: dict[str, object] = {"cap": chosen.randint(0, 3), "agreed": chosen.random() < 0.5}
        given = {name: value for name, value in given.items() if name not in opened}
        values = {"d": [*dates(), *(["none"] if or_none else [])], "cap": range(4), "agreed": (False, True)}
        told = {}
        for one in itertools.product(*[values[name] for name in opened]):
            its = verdict(policy, {**given, **dict(zip(opened, one, strict=True))})
            if its is not None:
                told[one] = its
        found = policy.partial(given, opened, on=DAY)["sms"]
        for one, its in told.items():
            case = {**dict(zip(opened, one, strict=True)), **ages(str(one[0]))}
            assert [each.verdict.value for each in found if each.holds(case)] == [its], (text, given, case)
        assert {each.verdict.value for each in found} == set(told.values()), (text, given)
        questions = policy.ask("sms", given, on=DAY)
        if set(questions.opened) == set(opened):
            outcomes["asked"] += 1
            assert (questions.settled is not None) == (len(set(told.values())) == 1), (text, given)
            differ = {
                opened[place]
                for (one, its), (other, of_other) in itertools.combinations(told.items(), 2)
                if its != of_other
                for place in [at for at in range(len(opened)) if one[at] != other[at]][:1]
                if one[:place] + one[place + 1 :] == other[:place] + other[place + 1 :]
            }
            asked = {its.fact for its in questions}
            assert differ <= asked <= set(opened), (text, given)
    assert outcomes["asked"] > 1


def ages(date: str) -> dict[str, object]:
    """What a condition on an age that is compared with another open fact has to be told as well."""
    if date == "none":
        return dict.fromkeys(("age", "term", "left"), "none")
    of = datetime.date.fromisoformat(date)
    months = 12 * (DAY.year - of.year) + DAY.month - of.month - (of.day > DAY.day)
    birthdays = DAY.year - of.year - ((DAY.month, DAY.day) < (of.month, of.day))
    return {"age": max(birthdays, 0), "term": max(months, 0), "left": (of - DAY).days}
