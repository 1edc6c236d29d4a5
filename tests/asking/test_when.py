"""`when` is `decide` at each moment: over 60 days, in zones whose clocks change, for policies that read all that moves.

CI looks at the moments around each end of an interval and at some between; FORBEAR_PROFILE=nightly at every minute of
more policies.
"""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Iterator

import pytest
import worlds
from attrs import evolve
from strategies import NIGHTLY
from worlds import World

import forbear
from forbear.asking.when import Interval, When

SEEDS = range(400, 2_400) if NIGHTLY else range(120)
SPAN = datetime.timedelta(days=60)
MINUTE = datetime.timedelta(minutes=1)
SMALLEST = datetime.timedelta(microseconds=1)


def moments_of(world: World, found: When, chance: random.Random) -> Iterator[datetime.datetime]:
    """The moments to try, in order."""
    if NIGHTLY:
        yield from (world.at + number * MINUTE for number in range(SPAN // MINUTE))
        return
    near = {moment for interval in chance.sample(list(found), min(len(found), 15)) for moment in _near(interval)}
    sample = {world.at + chance.randrange(SPAN // MINUTE) * MINUTE for _ in range(25)}
    yield from sorted(moment for moment in near | sample if world.at <= moment < world.at + SPAN)


def _near(interval: Interval) -> list[datetime.datetime]:
    end = interval.end
    minute = end.replace(second=0, microsecond=0)
    return [end - SMALLEST, end, minute - MINUTE, minute + MINUTE]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_interval_has_what_decide_says_at_each_of_its_moments(seed: int) -> None:
    world = worlds.world(seed)
    if world is None:
        return
    found = world.policy.when("call", world.case, world.at, SPAN)
    intervals = list(found)
    assert (intervals[0].start, intervals[-1].end) == (world.at, world.at + SPAN)
    assert all(one.end == other.start for one, other in itertools.pairwise(intervals))
    for moment in moments_of(world, found, random.Random(seed)):
        while intervals[0].end <= moment:
            del intervals[0]
        interval = intervals[0]
        if interval.decision is None:
            assert isinstance(world.answer("call", moment), frozenset), (seed, moment)
        else:
            assert worlds.simple(world.answer("call", moment)) == worlds.simple(interval.decision), (seed, moment)


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_a_decision_is_valid_until_the_first_end_of_an_interval_of_any_action(seed: int) -> None:
    world = worlds.world(seed)
    if world is None:
        return
    ends = [
        found.intervals[0].end
        for action in world.policy.actions
        for found in [world.policy.when(action, world.case, world.at, SPAN)]
        if len(found) > 1
    ]
    try:
        until = world.policy.valid_until(world.case, world.at)
    except forbear.CaseError:
        return  # a fact that no rule on `call` reads is in error
    if ends:
        assert until is not None
        assert until <= min(ends)
    if until is not None and until != min(ends, default=None):
        # the whole case is decided, and a fact that no rule reads may run out of its range
        case = worlds.moved(world.case, world.zones[0], world.at, until)
        with pytest.raises(forbear.CaseError):
            world.policy.decide(case, at=until)


@pytest.mark.parametrize("seed", SEEDS[:40])
def test_an_interval_ends_for_what_is_named_and_for_nothing_else(seed: int) -> None:
    """Who takes the cause away moves the end."""
    world = worlds.world(seed)
    if world is None:
        return
    found = world.policy.when("call", world.case, world.at, SPAN)
    for interval, following in zip(found, found.intervals[1:], strict=False):
        assert interval.causes
        codes = {cause.code for cause in interval.causes}
        if codes <= {"rule_begins", "suspension_begins"} and len(interval.causes) == 1:
            name = interval.causes[0].arguments["rule"]
            without = world.text.splitlines()
            shorter = [line for line in without if not line.startswith(f"rule {name}:")]
            other = evolve(world, policy=forbear.loads("\n".join(shorter)))
            still = other.answer("call", following.start)
            assert worlds.simple(still) == worlds.simple(other.answer("call", following.start - SMALLEST))
    assert not found.intervals[-1].causes
