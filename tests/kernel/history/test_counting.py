"""Each window and measure, against counting by hand: over zones, changes of the clocks, leap days, year ends."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import generated
import hypothesis
from generated import NONE, OVERFLOW, UNKNOWN, WEEKDAYS, Derived, Known, Selection, Vocabulary
from hypothesis import settings
from strategies import FALSE, TRUE, Fact, Value, examples, seeds

import forbear
from forbear.space.related import related_facts

MEDIA, OUTCOMES, DEBTS = ("call", "sms", "letter"), ("reached", "no_answer", "busy"), ("A", "B")
DEBT = Fact("debt", "text", pool=DEBTS, declaration="fact debt text")
CONTACT = (
    Fact("medium", "choice", names=MEDIA, declaration=f"fact medium one of {', '.join(MEDIA)}"),
    Fact("outcome", "choice", names=OUTCOMES, declaration=f"fact outcome one of {', '.join(OUTCOMES)}"),
    Fact("consented", "flag", declaration="fact consented yes/no"),
    Fact("its_debt", "text", pool=DEBTS, declaration="fact its_debt text"),
)
COST = Fact("cost", "count", high=9, pool=(1, 5), declaration="fact cost count between 0 and 9")


def selected(text: str, holds: Callable[[Mapping[str, Value]], object]) -> Selection:
    return Selection("contact", f"contact{text and ' where '}{text}", lambda values: TRUE if holds(values) else FALSE)


IS_CALL = "medium is call and its_debt is this debt"
CALL = selected(IS_CALL, lambda its: its["medium"] == "call" and its["its_debt"] == its["debt"])
REACHED = selected(f"{IS_CALL} and outcome is reached", lambda its: CALL.truth(its) and its["outcome"] == "reached")
MISSED = selected(f"{IS_CALL} and outcome is not reached", lambda its: CALL.truth(its) and its["outcome"] != "reached")
AGREED = selected("consented or medium is letter", lambda its: its["consented"] or its["medium"] == "letter")
EVERY = selected("", lambda its: True)


def derived(name: str, measure: str, of: Selection, window: str = "ever", number: int = 0, least: int = 0) -> Derived:
    """A fact; what is not none may be unknown."""
    anchor, its = REACHED if window == "since" else None, COST if measure in ("sum", "last") else None
    optional = measure in generated.OF_WINDOW
    return Derived(name, measure, of, window, number, anchor, optional, least, its)


DERIVED = (
    *[derived(f"calls_{number}", "count", CALL, "days", number) for number in (1, 2, 6, 7, 30)],
    *[derived(f"hours_{number}", "count", CALL, "hours", number) for number in (1, 24, 168)],
    derived("of_week", "any", CALL, "week"),
    derived("of_month", "count", AGREED, "month"),
    derived("of_quarter", "count", AGREED, "quarter"),
    derived("minutes", "count", CALL, "minutes", 60),
    derived("in_a_row", "count", MISSED, "since"),
    derived("spoken", "any", REACHED),
    derived("all_of_them", "count", EVERY),
    derived("days_since", "days since", REACHED),
    derived("called", "days since", CALL),
    derived("days_since_first", "days since first", REACHED),
    *[derived(f"months_{number}", "count", CALL, "months", number) for number in (1, 3)],
    *[derived(f"before_{number}", "any", CALL, "at least", number) for number in (2, 7)],
    derived("of_days_3_to_20", "count", CALL, "between", 17, 3),
    derived("days_9", "days with", CALL, "days", 9),
    derived("days_early", "days with", CALL, "between", 17, 3),
    derived("row", "days in a row", CALL),
    derived("row_early", "days in a row", CALL, "between", 3, 2),
    derived("cost_7", "sum", CALL, "days", 7),
    derived("cost_ever", "sum", CALL),
    derived("last_cost", "last", CALL),
)
WIDE = Vocabulary({"contact": (*CONTACT, COST)}, (DEBT,), DERIVED, {"its_debt": "debt"})
POLICY = forbear.loads(
    f"{WIDE.text}action sms\nfact clock_time time of decision\nfact the_day date of decision\n"
    "fact day_name weekday of decision\nrule r: allow sms when "
    + "".join(f"{one.name} is {'known' if one.optional else 'not none'} and " for one in DERIVED)
    + "clock_time >= 08:00 and the_day >= 2020-01-01 and day_name is not sunday\n"
)


def by_hand(case: generated.Case) -> dict[str, object]:
    return {one.name: generated.value(one, case) for one in DERIVED}


def may_be(name: str, value: object) -> object:
    """A value; of one that is known in part its ends, and whether it may be none."""
    most = POLICY.typed.facts[name].high
    if isinstance(value, dict):
        return value.get("at_least", 0), min(value.get("at_most", most), most), value.get("or_none", False)
    if value in (None, UNKNOWN):
        return 0, most, False
    return value


@settings(max_examples=examples(200, by_night=400))
@hypothesis.given(seeds())
def test_facts_are_what_counting_by_hand_gives(seed: int) -> None:
    generator = random.Random(seed)
    case = generated.drawn(WIDE, generator)
    raw = generated.written(case, WIDE, generator)
    found = POLICY.derive(raw, case.at)
    for name, value in by_hand(case).items():
        given = value.given if isinstance(value, Known) else value
        assert value == OVERFLOW or may_be(name, found[name]) == may_be(name, given), (name, value, case)
    now = case.at.astimezone(case.zone)
    assert (found["the_day"], found["day_name"]) == (now.date(), WEEKDAYS[now.weekday()])
    assert found["clock_time"] == now.time().replace(microsecond=0, fold=0)
    outright = {name: value for name, value in found.items() if value is not None}
    assert POLICY.decide(raw, at=case.at)["sms"] == POLICY.decide({**outright, "debt": raw["debt"]})["sms"]


RELATED = related_facts(POLICY.typed, POLICY.typed.derived)


@settings(max_examples=examples(200, by_night=400))
@hypothesis.given(seeds())
def test_no_history_gives_related_facts_values_that_they_never_have_together(seed: int) -> None:
    values = by_hand(generated.drawn(WIDE, random.Random(seed)))
    for pair in RELATED:
        fewer, more = values[pair.fewer], values[pair.more]
        if not any(isinstance(value, Known) or value in (UNKNOWN, OVERFLOW) for value in (fewer, more)):
            assert strength(more, pair.falls[1]) >= pair.least(strength(fewer, pair.falls[0])), (pair, fewer, more)


def strength(value: object, falls: bool) -> int:
    if value == NONE:
        return -(10**15)
    assert isinstance(value, int)
    return -value if falls else int(value)


TOGETHER = """
calls_1 calls_7, calls_7 all_of_them, calls_30 all_of_them, hours_24 calls_7, calls_2 hours_168,
of_week calls_7, calls_1 of_week, days_since spoken, days_since calls_7, spoken days_since,
calls_7 months_1, months_1 months_3, days_since days_since_first, days_since_first days_since,
days_since_first before_7, days_since before_7, of_days_3_to_20 before_2, of_days_3_to_20 called,
before_7 before_2, days_9 calls_7, days_9 row, calls_1 days_9, row days_9, row_early days_early,
days_early called, cost_7 cost_ever, cost_7 calls_7, cost_7 called, last_cost all_of_them,
calls_2 last_cost
"""
"""Pairs of facts of which a value of the first says something of the second."""
APART = """
calls_7 calls_2, calls_2 hours_24, calls_7 of_week, of_week calls_6, calls_7 days_since,
of_month calls_30, in_a_row calls_30, days_since in_a_row, months_1 calls_30, before_2 before_7,
calls_7 before_2, cost_ever cost_7, calls_7 cost_7
"""
"""Those of which it does not: a call may cost nothing, for example."""


def test_facts_are_related_that_should_be() -> None:
    found = {(pair.fewer, pair.more) for pair in RELATED}
    together, apart = ({(*pair.split(),) for pair in text.split(",")} for text in (TOGETHER, APART))
    assert together <= found
    assert not apart & found
