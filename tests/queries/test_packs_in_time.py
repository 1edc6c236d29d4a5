"""Bundled packs in time: the cases of their examples, from a moment on, are decided as `decide` decides at each moment.

CI tries some examples of each; FORBEAR_PROFILE=nightly all of them, for every action.
"""

from __future__ import annotations

import datetime
import random
from typing import Any

import pytest
import worlds
from night import NIGHTLY
from worlds import World

import forbear
from forbear.check.promises.promises import case_of_example
from forbear.language.model.policy import Example

PACKS = ("examples/us_card_issuer", "examples/cn_card_strategy", "regulation/us-reg-f", "regulation/us-massachusetts")
OF_MOMENT = ("time", "date", "weekday", "working day", "holiday")
SMALLEST = datetime.timedelta(microseconds=1)


def case_from(policy: forbear.Policy, example: Example, zone: str) -> dict[str, Any]:
    """The case of an example, without what follows from a moment, and without what follows from its dates."""
    case = case_of_example(example, policy.typed)
    for name, derived in policy.typed.derived.items():
        if derived.measure in OF_MOMENT or (derived.of is not None and derived.of in case):
            case.pop(name, None)
    return {**case, "zone": zone}


@pytest.mark.parametrize("pack", PACKS)
def test_the_cases_of_a_pack_are_decided_in_time_as_at_each_moment(pack: str) -> None:
    policy = forbear.load(f"pack:{pack}")
    chance = random.Random(pack)
    examples = policy.typed.examples if NIGHTLY else chance.sample(policy.typed.examples, 12)
    tried = 0
    for example in examples:
        zone = chance.choice(worlds.ZONES)
        day = datetime.date(2026, 3, 27) if example.on is None else datetime.date.fromordinal(example.on)
        at = datetime.datetime(day.year, day.month, day.day, 15, 30, tzinfo=datetime.UTC)
        case = case_from(policy, example, zone)
        try:
            policy.decide(case, at=at)
        except forbear.CaseError:
            continue  # on another day than that of the example a date of it may be in the future
        outright = {
            name: worlds.SIGNS[derived.measure]
            for name, derived in policy.typed.derived.items()
            if derived.measure in worlds.SIGNS and name in case
        }
        outright |= {name: 1 for name, fact in policy.typed.facts.items() if fact.rising}
        world = World(policy, "", case, at, outright)
        for action in policy.actions if NIGHTLY else chance.sample(policy.actions, 3):
            found = policy.when(action, case, at, "40 days")
            chosen = found.intervals if NIGHTLY else chance.sample(found.intervals, min(3, len(found)))
            for interval in chosen:
                middle = interval.start + (interval.end - interval.start) / 2
                for moment in (interval.start, middle, interval.end - SMALLEST):
                    tried += 1
                    answer = world.answer(action, moment)
                    if interval.decision is None:
                        assert isinstance(answer, frozenset), (example.title, action, moment)
                    else:
                        assert worlds.simple(answer) == worlds.simple(interval.decision), (
                            example.title,
                            action,
                            moment,
                        )
    assert tried > 20
