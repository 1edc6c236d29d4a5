"""What is said to end an interval does: who takes just that away moves the end.

It is taken away by hand: in a policy whose facts are all given outright, those that are named keep their value of the
moment before, and all others have that of the end.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest
import worlds
from attrs import frozen
from strategies import NIGHTLY
from worlds import World

import forbear
from forbear.asking.when import Interval

SEEDS = range(3_000, 9_000) if NIGHTLY else [*range(3_000, 3_100), 315, 4_111, 8_552, 8_794]
SMALLEST = datetime.timedelta(microseconds=1)
TYPES = {
    "time of decision": "time",
    "date of decision": "date",
    "weekday of decision": "one of monday < tuesday < wednesday < thursday < friday < saturday < sunday",
    "years since": "count optional",
    "months since": "count optional",
    "days until": "number in steps of 1 or none",
    "working day of": "yes/no",
    "working days of": "days or none",
    "days since": "days or none",
    "count of": "count optional",
    "sum of": "money USD optional",
    "amount of": "money USD or none",
    "any": "yes/no optional",
}
OF_RULES = {"rule_begins", "rule_ends", "suspension_begins", "suspension_ends"}


@frozen
class Written:
    """A rule as it is written, with its first and last day."""

    name: str
    line: str
    first: datetime.date
    last: datetime.date


def flat(text: str) -> tuple[str, list[Written]]:
    """The vocabulary, in which nothing follows from anything, and the rules without their dates."""
    vocabulary, rules = [], []
    for line in text.splitlines():
        derived = re.match(r"(fact \w+) (.*)", line)
        kind = derived and next((TYPES[words] for words in TYPES if derived[2].startswith(words)), None)
        rule = re.match(r"rule (\w+): (.*?)(?: in force)?(?: from (2\S+) until (2\S+))?$", line)
        if rule is not None:
            plain = rule[2].replace("suspend", "never")
            dates = [datetime.date.fromisoformat(day) if day else None for day in (rule[3], rule[4])]
            first, last = dates[0] or datetime.date.min, dates[1] or datetime.date.max
            rules.append(Written(rule[1], f"rule {rule[1]}: {plain}", first, last))
        elif derived and kind:
            vocabulary.append(f"{derived[1]} {kind}")
        elif not line.startswith(("  ", "event", "calendar")):
            vocabulary.append(line)
    return "\n".join(vocabulary), rules


Facts: TypeAlias = "Mapping[str, Any]"
Parts: TypeAlias = "Collection[tuple[str, object]]"
Part: TypeAlias = "tuple[str, object, str]"
"""Whether it is a fact or a rule, its name, and its zone."""


def answer(text: str, facts: tuple[Facts, Facts], days: tuple[datetime.date, datetime.date], kept: Parts) -> Any:
    """What is decided in a zone at an end where these facts, and rules, are as they were before it.

    `facts` and `days` are those before the end and at it.
    """
    vocabulary, rules = flat(text)
    before, now = facts
    given = {name: (before if ("fact", name) in kept else now)[name] for name in now}
    in_force = [rule.line for rule in rules if rule.first <= days[("rule", rule.name) not in kept] <= rule.last]
    policy = forbear.loads("\n".join([vocabulary, *in_force]))
    return policy.decide_alone("call", {name: value for name, value in given.items() if value is not None})["call"]


def facts_at(world: World, zone: str, moment: datetime.datetime) -> dict[str, Any] | None:
    """All facts of a case at a moment, as a case gives them outright; None where one is known in part or in error."""
    case = worlds.moved(world.case, zone, world.at, moment)
    try:
        found = world.policy.derive(case, moment)
    except forbear.CaseError:
        return None
    given = {name: value for name, value in case.items() if name in world.policy.typed.facts}
    facts = dict.fromkeys(world.policy.typed.facts) | given | found
    return None if any(isinstance(value, dict) for value in facts.values()) else facts


def parts_of(interval: Interval) -> list[Part]:
    kinds = [("rule" if cause.code in OF_RULES else "fact", cause.arguments) for cause in interval.causes]
    return [(kind, arguments[kind], str(arguments["zone"])) for kind, arguments in kinds]


@pytest.mark.parametrize("seed", SEEDS)
def test_who_takes_the_causes_away_moves_the_end_and_each_of_them_is_needed(seed: int) -> None:
    world = worlds.world(seed)
    if world is None:
        return
    found = world.policy.when("call", world.case, world.at, datetime.timedelta(days=60))
    tried = 0
    for interval in found.intervals[:-1]:
        codes = {cause.code for cause in interval.causes}
        assert codes
        moments = interval.end - SMALLEST, interval.end
        facts = [tuple([facts_at(world, zone, moment) for moment in moments]) for zone in world.zones]
        if codes & {"undecided", "policy_ends"} or interval.decision is None or tried > 8:
            continue
        if any(None in of_zone for of_zone in facts):
            continue
        tried += 1
        was = worlds.simple(interval.decision)

        def decided(kept: Collection[Part]) -> object:
            answers = []
            for zone, of_zone in zip(world.zones, facts, strict=True):  # noqa: B023
                days = tuple([moment.astimezone(ZoneInfo(zone)).date() for moment in moments])  # noqa: B023
                here = [(kind, name) for kind, name, of_part in kept if of_part == zone]
                answers.append(answer(world.text, of_zone, days, here))  # type: ignore[arg-type]
            return worlds.simple(worlds.strictest(answers)) if len(answers) > 1 else worlds.simple(answers[0])

        parts = parts_of(interval)
        assert decided(parts) == was, (interval.end, parts)
        for part in parts:
            assert decided([other for other in parts if other != part]) != was, (interval.end, part)
