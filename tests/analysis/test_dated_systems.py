"""Systems of dates, ages and days of the decision: against all values of dates that are years apart."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import Counter

import pytest
from strategies import examples

from forbear.kernel.history.moments import CalendarSpec, whole_months, whole_years
from forbear.space.relations import dated
from forbear.space.relations.systems import Runs, Strip, System, clipped
from forbear.space.relations.ties import Dated, Weekday, WorkingDays
from forbear.space.search.bound import Bound

AGES = (Dated("age", "d", "today", "years since"), Dated("term", "d", "today", "months since"))
OF_E = (Dated("other", "e", "today", "years since"), Dated("months", "e", "today", "months since"))
STARTS = ("1999-12-31", "2000-02-27", "2001-02-28", "2003-02-28", "2004-01-29", "2004-02-28", "2006-03-01")
LATER = ("2004-02-28", "2004-03-31", "2007-02-27", "2008-02-28", "2008-02-29", "2012-05-30", "2100-02-27")


def ordinal(text: str) -> int:
    return datetime.date.fromisoformat(text).toordinal()


def days(chosen: random.Random, starts: tuple[str, ...]) -> Runs:
    """Two or three days at each of one or two places."""
    firsts = sorted(ordinal(start) for start in chosen.sample(starts, chosen.choice((1, 2, 2))))
    runs: list[tuple[int, int]] = []
    for first in firsts:
        if not runs or runs[-1][1] + 1 < first:
            runs.append((first, first + chosen.randrange(3)))
    return runs


def age(its: Dated, of: int, day: int) -> int:
    dates = datetime.date.fromordinal(of), datetime.date.fromordinal(day)
    return whole_years(*dates) if its.measure == "years since" else whole_months(*dates)


def test_systems_with_ages_are_solved_as_by_trying_all_dates() -> None:
    outcomes = Counter[bool]()
    for seed in range(examples(160, by_night=80)):
        chosen = random.Random(f"dated {seed}")
        domains = {"today": days(chosen, LATER), "d": days(chosen, STARTS), "e": days(chosen, (*STARTS, *LATER))}
        ages = [*chosen.sample(AGES, chosen.choice((1, 2))), *chosen.sample(OF_E, chosen.choice((0, 1)))]
        each = {name: [day for low, high in runs for day in range(low, high + 1)] for name, runs in domains.items()}
        real = [
            {**dates, **{its.fact: age(its, dates[its.of], dates["today"]) for its in ages}}
            for dates in (dict(zip(each, values, strict=True)) for values in itertools.product(*each.values()))
            if all(dates[its.of] <= dates["today"] for its in ages)
        ]
        strips = []
        for its in ages:
            near = (chosen.choice(real)[its.fact] if real else 3) + chosen.choice((-1, 0, 0, 0, 1))
            some = chosen.choice(([(near, near)], [(near, near)], [(near, near + 9)], [(0, near)], [(near, 5_000)]))
            domains[its.fact] = clipped([(0, 5_000)], *some[0]) or [(0, 0)]
        if chosen.random() < 0.5 and real:
            one, other = chosen.sample(["today", "d", "e", *[its.fact for its in ages]], 2)
            apart = chosen.choice(real)[one] - chosen.choice(real)[other]
            strips.append(Strip(((one, 1), (other, -1)), *chosen.choice(((apart, apart), (apart, None)))))
        system = System(domains, strips)
        every = [case for case in real if all(holds(system, name, case[name]) for name in case) and kept(system, case)]
        bound = Bound(10**9)
        found = dated.solution(system, ages, bound)
        assert (found is not None) == bool(every), seed
        assert found is None or found in every, seed
        wanted = {name: chosen.choice(runs)[0] + chosen.choice((-400, -1, 0, 1)) for name, runs in domains.items()}
        best = min(every, key=lambda case: [(abs(case[n] - wanted[n]), case[n]) for n in wanted], default=None)
        assert dated.nearest(system, ages, wanted, bound) == best, seed
        outcomes[bool(every)] += 1
    assert min(outcomes.values()) > 15, outcomes


LEAP_DAY = "2004-02-29"
EDGES = (*STARTS, "2003-03-29", "2004-02-26", "2004-02-27", "2004-03-01", "2005-01-27", "2007-02-25", "2008-01-29")


@pytest.mark.parametrize("its", AGES)
def test_each_age_is_found_around_ends_of_months_and_leap_days(its: Dated) -> None:
    """Each number that some date of a few days has on a day, and no other; a leap day is tried by itself, too."""
    for of, on in itertools.product((*EDGES, LEAP_DAY), (*EDGES, "2007-02-28", *LATER)):
        dates = range(ordinal(of), ordinal(of) + (1 if of == LEAP_DAY else 6))
        for day in (ordinal(on), ordinal(on) + 2):
            real = {age(its, date, day) for date in dates if date <= day}
            for number in {one + more for one in real or {0} for more in (-1, 0, 1)} - {-1}:
                domains = {"today": [(day, day)], "d": [(dates[0], dates[-1])], its.fact: [(number, number)]}
                found = dated.solution(System(domains, []), [its], Bound(10**6))
                assert (found is not None) == (number in real), (of, on, number)
                assert found is None or age(its, found["d"], day) == number


YEAR = CalendarSpec("c", ordinal("2026-01-01"), ordinal("2026-12-31"), (5, 6), tuple(range(739672, 739675)), ())


@pytest.mark.parametrize("seed", range(examples(24)))
def test_working_days_that_are_as_near_as_can_be_are_found_in_few_splits(seed: int) -> None:
    """Since a date and since an event, on one day of the week: in a whole year, and not day by day."""
    chosen = random.Random(f"working days {seed}")
    waited = WorkingDays("waited", "agreed", "today", YEAR, of_event=False)
    written = WorkingDays("written", "event", "today", YEAR)
    agreed, name = YEAR.first + chosen.randrange(300), chosen.randrange(7)
    wide = [(1, 3_652_059)]
    domains = {"agreed": wide, "weekday": [(name, name)], "waited": [(-400, 400)], "written": [(0, 400)]}
    system = System({**domains, "event": wide, "today": [(YEAR.first, YEAR.last)]}, [])
    wanted = {"agreed": agreed, "weekday": name, "waited": chosen.choice((0, 5)), "written": chosen.choice((0, 3))}
    wanted |= {"event": agreed, "today": agreed}
    every = (
        {"agreed": agreed, "weekday": name, "waited": waited.value(agreed, day), "written": written.value(event, day)}
        | {"event": event, "today": day}
        for day in range(YEAR.first, YEAR.last + 1)
        if (day - 1) % 7 == name
        for event in range(YEAR.first - 1, day + 1)
    )
    best = min(every, key=lambda case: [(abs(case[n] - wanted[n]), case[n]) for n in wanted])
    ties = [Weekday("weekday", "today", "today"), written, waited]
    assert dated.nearest(system, ties, wanted, Bound(16_000)) == best


def holds(system: System, name: str, value: int) -> bool:
    return any(low <= value <= high for low, high in system.domains[name])


def kept(system: System, case: dict[str, int]) -> bool:
    """Whether the strips of a system hold."""
    for strip in system.strips:
        total = sum(factor * case[name] for name, factor in strip.terms)
        if (strip.low is not None and total < strip.low) or (strip.high is not None and total > strip.high):
            return False
    return True
