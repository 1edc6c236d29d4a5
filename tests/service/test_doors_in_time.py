"""The doors agree until when a decision holds, for drawn worlds: library, service, columns, and the class of Java at
moments before that."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import worlds
from jvm import Jvm, as_vector, running_jvm
from service_process import Serving, serving, written
from worlds import World

import forbear
from forbear.kernel import cases as kernel
from forbear.targets.java.module import java_class

SEEDS = [range(first, first + 250) for first in range(20_000, 25_000, 250)]
"""By those of one service and one virtual machine."""
MOVED = "Africa/Casablanca"
"""Its clocks are other ones in newer data about time zones, and Java has data of its own."""
SPAN = datetime.timedelta(days=20)
SMALLEST = datetime.timedelta(microseconds=1)


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seeds: str(seeds.start))
def drawn(request: pytest.FixtureRequest) -> dict[str, World]:
    found = {f"World{seed}": worlds.world(seed) for seed in request.param}
    return {name: world for name, world in found.items() if world is not None and world.is_decided(world.at)}


@pytest.fixture(scope="module")
def service(drawn: dict[str, World], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("policies")
    for name, world in drawn.items():
        written(folder, world.text.replace("policy world", f"policy {name.lower()}", 1), f"{name}.forbear")
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="module")
def jvm(drawn: dict[str, World], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jvm]:
    with running_jvm(tmp_path_factory.mktemp("jvm")) as running:
        assert running.compile({f"{its}.java": java_class(drawn[its].policy.typed, its) for its in drawn}) == ""
        yield running


def test_the_doors_agree_until_when_a_decision_holds(drawn: dict[str, World], service: Serving, jvm: Jvm) -> None:
    ended = 0
    for name, world in drawn.items():
        policy, case, at = world.policy, world.case, world.at
        decision = policy.decide(case, at=at)
        until = decision.valid_until
        asked = {**case, "at": at.isoformat()}
        told = service.ask("POST", f"/v1/policies/{name.lower()}/decide?valid_until=true", asked).json
        assert told["decisions"] == decision.as_json(), name
        assert told["valid_until"] == (None if until is None else until.isoformat()), name
        assert tuple(told["held"]) == decision.held, name
        ended += until is not None and until < at + SPAN
        columns(world, decision)
        last = min(at + SPAN, until or at + SPAN) - SMALLEST
        chance = random.Random(name)
        moments = [at, last, *(at + chance.random() * (last - at) for _ in range(3))]
        by_java = [
            (world.case_at(zone, moment), None, moment.isoformat()) for moment in moments for zone in world.zones
        ]
        if len(world.zones) > 1:
            by_java = [(case, None, at.isoformat())]  # later, what counts days has another value in each zone
        if MOVED in world.zones:
            continue
        assert {json.dumps(its) for its in jvm.decide(name, by_java)} == {json.dumps(as_vector(decision))}, name
    assert ended > len(drawn) / 2


def columns(world: World, decision: forbear.Decision) -> None:
    """A row says of each action what the decision does, and from when until when it is permitted, as `when` does."""
    case, at = world.case, world.at
    if len(world.zones) > 1 or "history" not in case or not world.is_decided(at + SPAN):
        return
    none = [name for name, value in case.items() if value == "none"]
    row = {**case, **dict.fromkeys(none), "history": json.dumps(case["history"])}
    row = {name: value for name, value in row.items() if value is not None or name in none}
    found = world.policy.apply(pl.DataFrame([row]), at=at, none=none, when=[*decision], days=SPAN.days).row(
        0, named=True
    )
    for action, its in decision.items():
        when = world.policy.when(action, case, at, SPAN)
        permitted = [interval for interval in when if interval.verdict in kernel.PERMITTED]
        start = end = permitted[0].start if permitted else None
        for interval in permitted:
            end = interval.end if interval.start == end else end
        if end is not None and when.held:  # nobody knows them any more on the next day
            tomorrow = permitted[0].start.astimezone(zone := ZoneInfo(case["zone"])).date() + datetime.timedelta(days=1)
            end = min(end, datetime.datetime.combine(tomorrow, datetime.time(), zone))
        if start is not None and not world.is_decided(start):
            continue  # a row that lacks a fact of another action, as it does then, is undecided on each
        end = None if end == at + SPAN else end
        until = found[f"{action}_until"]
        if until != end and until is not None and not world.is_decided(until):
            assert world.is_decided(until - SMALLEST)
            end = until  # likewise
        expected = (its.verdict.value, start, end, list(when.held))
        assert tuple(found[f"{action}{part}"] for part in ("", "_from", "_until", "_held")) == expected, (action, found)
