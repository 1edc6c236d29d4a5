"""Each window and measure, as the second evaluator counts: over zones, changes of the clocks, leap days, year ends."""

from __future__ import annotations

import datetime
import json
import random
from typing import Any

import generated
import hypothesis
from generated import Derived, Selection, Vocabulary
from hypothesis import settings
from second_evaluator import Evaluator
from second_values import InPart, read_fact
from strategies import Fact, examples, seeds

import forbear
from forbear.space.related import WEAKEST, related_facts
from forbear.targets.json_form import json_form

MEDIA, OUTCOMES, DEBTS = ("call", "sms", "letter"), ("reached", "no_answer", "busy"), ("A", "B")
DEBT = Fact("debt", "text", pool=DEBTS, declaration="fact debt text")
CONTACT = (
    Fact("medium", "choice", names=MEDIA, declaration=f"fact medium one of {', '.join(MEDIA)}"),
    Fact("outcome", "choice", names=OUTCOMES, declaration=f"fact outcome one of {', '.join(OUTCOMES)}"),
    Fact("consented", "flag", declaration="fact consented yes/no"),
    Fact("its_debt", "text", pool=DEBTS, declaration="fact its_debt text"),
)
COST = Fact("cost", "count", high=9, pool=(1, 5), declaration="fact cost count between 0 and 9")


IS_CALL = "contact where medium is call and its_debt is this debt"
CALL = Selection("contact", IS_CALL)
REACHED = Selection("contact", f"{IS_CALL} and outcome is reached")
MISSED = Selection("contact", f"{IS_CALL} and outcome is not reached")
AGREED = Selection("contact", "contact where consented or medium is letter")
EVERY = Selection("contact", "contact")


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
    *[derived(f"working_{number}", "count", CALL, "working days", number) for number in (1, 3)],
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


EVALUATOR = Evaluator(json.loads(json_form(POLICY.typed)))


def counted(raw: object, at: datetime.datetime) -> dict[str, Any]:
    """The facts that follow from a history, on their grids: those known in part among them."""
    return read(generated.counted(EVALUATOR, raw, at))


def read(values: Any) -> dict[str, Any]:
    return {one.name: read_fact(EVALUATOR.facts[one.name], generated.as_json(values[one.name])) for one in DERIVED}


@settings(max_examples=examples(200, by_night=400))
@hypothesis.given(seeds())
def test_facts_are_what_the_second_evaluator_counts(seed: int) -> None:
    generator = random.Random(seed)
    case = generated.drawn(WIDE, generator)
    raw = generated.written(case, WIDE, generator)
    found = POLICY.derive(raw, case.at)
    assert read(found) == counted(raw, case.at), raw
    now = case.at.astimezone(case.zone)
    assert (found["the_day"], found["day_name"]) == (now.date(), now.strftime("%A").lower())
    assert found["clock_time"] == now.time().replace(microsecond=0, fold=0)
    outright = {name: value for name, value in found.items() if value is not None}
    assert POLICY.decide(raw, at=case.at)["sms"] == POLICY.decide({**outright, "debt": raw["debt"]})["sms"]


RELATED = related_facts(POLICY.typed, POLICY.typed.derived)


@settings(max_examples=examples(200, by_night=400))
@hypothesis.given(seeds())
def test_no_history_gives_related_facts_values_that_they_never_have_together(seed: int) -> None:
    generator = random.Random(seed)
    case = generated.drawn(WIDE, generator)
    values = counted(generated.written(case, WIDE, generator), case.at)
    for pair in RELATED:
        sides = zip((pair.fewer, pair.more), pair.falls, strict=True)
        fewer, more = (strength(name, values[name], falls) for name, falls in sides)
        assert None in (fewer, more) or more >= pair.least(fewer), (pair, values)


def strength(name: str, value: Any, falls: bool) -> Any:
    """How much a value demands or gives; None where it is not known."""
    if isinstance(value, InPart) or (value is None and EVALUATOR.facts[name]["absent"] != "none"):
        return None
    return WEAKEST if value is None else -value if falls else int(value)


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
