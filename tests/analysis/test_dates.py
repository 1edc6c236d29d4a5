"""Dates, their ages and the day of the decision: a contradiction is found where some days have it, and there alone."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping

import pytest
from checking import totals
from strategies import examples

import forbear
from forbear.analysis.run import findings
from forbear.kernel.history.moments import whole_months, whole_years

HEAD = """fact today date of decision
fact d date
fact e date
fact age years since d
fact term months since d
fact left days until d
fact other years since e
fact months months since e
action a
"""
Case = Mapping[str, int]
Condition = tuple[str, Callable[[Case], bool]]
WINDOWS = ("2023-02-26 2023-03-02", "2024-02-27 2024-03-02", "2024-01-28 2024-02-01", "2000-02-28 2000-03-01")
E_LATER = "2020-02-01 2020-03-01"
LATER = (*WINDOWS, "2025-02-27 2025-03-02", "2028-02-28 2028-03-01", "2024-04-29 2024-05-01")


def ordinals(window: str) -> range:
    first, last = (datetime.date.fromisoformat(day).toordinal() for day in window.split())
    return range(first, last + 1)


def between(name: str, window: str) -> str:
    return f"{name} between {window.replace(' ', ' and ')}"


AGES = {"age": "d", "term": "d", "other": "e", "months": "e"}


def case_of(today: int, d: int, e: int, *, aged: Collection[str] = ("d", "e")) -> Case | None:
    """The case of three days; None where a date whose age is asked for is after the day of the decision."""
    if ("d" in aged and d > today) or ("e" in aged and e > today):
        return None
    day, date, other = (datetime.date.fromordinal(one) for one in (today, d, e))
    ages = {"age": whole_years(date, day), "term": whole_months(date, day), "left": d - today}
    return {
        **ages,
        "other": whole_years(other, day),
        "months": whole_months(other, day),
        "today": today,
        "d": d,
        "e": e,
    }


def comparing(one: str, operator: str, other: str, more: int, unit: str = "") -> Condition:
    sums: dict[str, Callable[[int, int], bool]] = {
        "<": lambda x, y: x < y,
        ">=": lambda x, y: x >= y,
        "=": lambda x, y: x == y,
        "!=": lambda x, y: x != y,
    }
    holds = sums[operator]
    return f"{one} {operator} {other} + {more}{unit}", lambda case: holds(case[one], case[other] + more)


def drawn(chosen: random.Random, real: Case) -> Condition:
    """A condition that is close to being met by a case."""
    operator = chosen.choice(("<", ">=", "=", "!="))
    near = chosen.choice((-1, 0, 0, 1))
    match chosen.randrange(3):
        case 0:
            name = chosen.choice(("age", "term", "left", "other", "months"))
            low = real[name] + near
            if name != "left":
                low = max(low, 0)
            high = low + chosen.choice((0, 0, 1, 11))
            return f"{name} between {low} and {high}", lambda case: low <= case[name] <= high
        case 1:
            one, other = chosen.choice((("d", "e"), ("today", "d"), ("e", "today"), ("today", "e")))
            return comparing(one, operator, other, real[one] - real[other] + near, " days")
        case _:
            one, other = chosen.choice((("age", "other"), ("term", "months"), ("age", "months"), ("term", "other")))
            return comparing(one, operator, other, real[one] - real[other] + near)


def test_a_finding_has_a_real_case_and_each_real_case_is_found() -> None:
    outcomes = Counter[str]()
    for seed in range(examples(72, by_night=24)):
        chosen = random.Random(f"dates {seed}")
        windows = {"today": chosen.choice(LATER), "d": chosen.choice(WINDOWS), "e": chosen.choice((*WINDOWS, E_LATER))}
        days = [ordinals(windows[name]) for name in ("today", "d", "e")]
        real = [case for one in itertools.product(*days) if (case := case_of(*one)) is not None]
        if not real:
            continue
        its = [drawn(chosen, chosen.choice(real)) for _ in range(chosen.choice((2, 3, 3, 4)))]
        bounds = [between(name, window) for name, window in windows.items()]
        text = (
            f"{HEAD}rule permit: allow a when {' and '.join([*bounds, its[0][0]])}\n"
            f"rule refuse: forbid a when {' and '.join(text for text, _ in its[1:])}\n"
        )
        aged = {of for age, of in AGES.items() for said, _ in its if age in said.split()}
        every = [case for one in itertools.product(*days) if (case := case_of(*one, aged=aged)) is not None]
        expected = any(all(holds(case) for _, holds in its) for case in every)
        diagnostics = forbear.loads(text).validate()
        found = [one.witness for one in diagnostics if one.code == "contradiction"]
        if not found and any(one.code == "undecided" and one.about == "contradiction" for one in diagnostics):
            outcomes["undecided"] += 1
            continue
        assert len(found) == expected, text
        outcomes["found" if expected else "none"] += 1
        for one in found:
            assert one is not None
            on = [datetime.date.fromisoformat(str(one[name])).toordinal() for name in ("today", "d", "e")]
            case = case_of(*on, aged=aged)
            assert case is not None
            assert all(one[name] == case[name] for name in one if name not in ("today", "d", "e")), one
    assert outcomes["found"] > 5
    assert outcomes["none"] > 3
    assert outcomes["undecided"] < outcomes.total() / 8


IMPOSSIBLE = (
    ("today < 2000-01-01 and d > 1990-01-01", "age >= 18"),
    ("age >= 2", "left > -700"),
    ("d > e", "today < e and d < today"),
)


@pytest.mark.parametrize(("condition", "other"), IMPOSSIBLE)
def test_findings_that_are_only_counted_have_a_real_case_too(condition: str, other: str) -> None:
    """Those beyond the limit, of which only a search can decide: the boxes of the two rules have a case in common."""
    text = (
        f"{HEAD}action b\nrule early: allow b when term >= 3\nrule late: forbid b when term >= 2\n"
        f"rule permit: allow a when {condition}\nrule refuse: forbid a when {other}\n"
    )
    found = findings(forbear.loads(text).typed, limit=1, only=frozenset({"contradiction"}))
    assert totals(found) == {"contradiction": 1}
