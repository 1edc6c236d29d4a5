"""What is said to end an interval does: who takes just that away moves the end.

It is taken away by hand: in a policy in which nothing follows from the moment, and whose facts are all given outright,
those that are named keep their value of the moment before, and all others have that of the end. A rule that is named
is in force, or is not, as before; where the version of a book is named, the version before decides.

Of each world some ends are tried of each set of causes. CI has ends of each kind of cause in four worlds or more; of
rare ones by the seeds that SEEDS names besides. FORBEAR_PROFILE=nightly tries thousands of worlds.
"""

from __future__ import annotations

import datetime
import random
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest
import worlds
from attrs import frozen
from night import NIGHTLY
from worlds import World

import forbear
from forbear.queries.when import When

RARE = (315, 3_112, 3_119, 3_129, 3_144, 3_199, 3_211, 3_458, 3_481, 4_111, 8_552, 8_794)
SEEDS = range(3_000, 9_000) if NIGHTLY else [*range(3_000, 3_040), *RARE]
SEEDS_OF_BOOKS = range(20_000, 23_000) if NIGHTLY else range(20_000, 20_020)
SPAN = datetime.timedelta(days=60)
DAY = datetime.timedelta(days=1)
SMALLEST = datetime.timedelta(microseconds=1)
LONG_AGO = datetime.date(1999, 1, 1)
MOST = 2
"""Ends of one set of causes that are tried of a world."""
TYPES = {
    "time of decision": "time",
    "date of decision": "date",
    "weekday of decision": "one of monday < tuesday < wednesday < thursday < friday < saturday < sunday",
    "years since": "count optional",
    "months since": "count optional",
    "days until": "number in steps of 1 or none",
    "working day of": "yes/no",
    "holiday of": "yes/no",
    "working days of office since agreed_on": "number in steps of 1 or none",
    "now within": "yes/no optional",
}
"""What follows from the moment or the day, and the type of what a case gives in its place."""
PAGE = (Path(__file__).parents[2] / "docs/reference/language/time.md").read_text("utf-8")
CODES = set(re.findall(r"`(\w+)`(?=[^|]*\|[^|]*\|\n)", PAGE.partition("| code | the cause |")[2]))
"""Those of the reference."""
OF_RULES = {"rule_begins", "rule_ends", "suspension_begins", "suspension_ends"}
OF_VERSIONS = {"version", "policy_begins", "policy_ends"}

Facts: TypeAlias = "Mapping[str, Any]"
Part: TypeAlias = "tuple[str, object, str]"
"""Whether it is a fact, a rule or the version, its name, and its zone."""


@frozen
class Rule:
    """A rule as it is written, with its first and last day."""

    name: str
    line: str
    first: datetime.date
    last: datetime.date


@frozen
class Version:
    """A policy without its dates: its vocabulary, in which nothing follows from the moment, and its rules."""

    policy: forbear.Policy
    vocabulary: str
    rules: Sequence[Rule]
    first: datetime.date
    last: datetime.date

    @classmethod
    def of(cls, text: str) -> Version:
        vocabulary, rules = [], []
        for line in text.splitlines():
            derived = re.match(r"(fact \w+) (.*)", line)
            kind = derived and next((TYPES[words] for words in TYPES if derived[2].startswith(words)), None)
            rule = re.match(r"rule (\w+): (.*?)(?: in force)?(?: from (2\S+) until (2\S+))?$", line)
            if rule is not None:
                plain = rule[2].replace("suspend", "never")
                rules.append(Rule(rule[1], f"rule {rule[1]}: {plain}", *_days(rule[3], rule[4])))
            elif derived and kind:
                vocabulary.append(f"{derived[1]} {kind}")
            else:
                vocabulary.append(line)
        head = re.compile(r"\n  in force(?: from (\S+))?(?: until (\S+))?(?=\n)")
        dates = head.search(text)
        policy = forbear.loads(head.sub("", text))
        return cls(policy, head.sub("", "\n".join(vocabulary)), rules, *_days(*(dates.groups() if dates else ("", ""))))


def _days(first: str | None, last: str | None) -> tuple[datetime.date, datetime.date]:
    start, end = (datetime.date.fromisoformat(day) if day else None for day in (first, last))
    return start or datetime.date.min, end or datetime.date.max


@lru_cache(maxsize=256)
def loaded(text: str) -> forbear.Policy:
    return forbear.loads(text)


@frozen
class End:
    """What there is in one zone just before an end, and at it."""

    world: World
    versions: Sequence[Version]
    zone: str
    moments: tuple[datetime.datetime, datetime.datetime]

    def answer(self, kept: Collection[tuple[str, object]]) -> object:
        """What is decided at the end where these facts, these rules and the version are as they were before it."""
        days = [moment.astimezone(ZoneInfo(self.zone)).date() for moment in self.moments]
        of_version = ("version", "") not in kept
        day = days[of_version]
        taken_on = day
        if len(self.versions) > 1:  # of a book the version of the first zone is taken
            taken_on = self.moments[of_version].astimezone(ZoneInfo(self.world.zones[0])).date()
        version = next((version for version in self.versions if version.first <= taken_on <= version.last), None)
        if version is None or not version.first <= day <= version.last:
            return frozenset({None})
        before, now = (self._facts(version, moment) for moment in self.moments)
        given = {name: (before if ("fact", name) in kept else now)[name] for name in now}
        in_force = {rule.name: days[("rule", rule.name) not in kept] for rule in version.rules}
        rules = [
            rule.line + ("" if rule.first <= in_force[rule.name] <= rule.last else f" in force until {LONG_AGO}")
            for rule in version.rules
        ]
        policy = loaded("\n".join([version.vocabulary, *rules]))
        case = {name: value for name, value in given.items() if value is not None}
        try:
            return policy.decide_alone("call", case, on=LONG_AGO + DAY)["call"]
        except forbear.CaseError as error:
            return frozenset(fault.fact for fault in error.faults)

    def _facts(self, version: Version, moment: datetime.datetime) -> Facts:
        """All facts as a case gives them outright."""
        case = worlds.moved(self.world.case, self.zone, self.world.at, moment)
        facts = version.policy.typed.facts
        given = {name: value for name, value in case.items() if name in facts}
        return dict.fromkeys(facts) | given | version.policy.derive(case, moment)


def parts_of(causes: Iterable[Any]) -> list[Part]:
    found: list[Part] = []
    for cause in causes:
        kind = "rule" if cause.code in OF_RULES else "version" if cause.code in OF_VERSIONS else "fact"
        found.append((kind, "" if kind == "version" else cause.arguments[kind], str(cause.arguments["zone"])))
    return found


def check(world: World, found: When, versions: Sequence[Version]) -> Counter[str]:
    """Holds some ends of each set of causes against what is decided without them. Returns how many there are of each
    kind of cause."""
    tried: Counter[frozenset[str]] = Counter()
    kinds: Counter[str] = Counter()
    for interval in found.intervals[:-1]:
        codes = frozenset(cause.code for cause in interval.causes)
        assert codes
        assert codes <= CODES
        if interval.decision is None or tried[codes] == MOST:
            continue
        ends = [End(world, versions, zone, (interval.end - SMALLEST, interval.end)) for zone in world.zones]

        def decided(kept: Collection[Part]) -> object:
            answers = [end.answer([(kind, name) for kind, name, of in kept if of == end.zone]) for end in ends]  # noqa: B023
            return worlds.simple(worlds.strictest(answers) if len(answers) > 1 else answers[0])

        was, parts = worlds.simple(interval.decision), parts_of(interval.causes)
        try:
            assert decided(parts) == was, (interval.end, parts)
        except forbear.CaseError:
            continue  # a day that a calendar does not cover has no facts
        for part in parts:
            assert decided([other for other in parts if other != part]) != was, (interval.end, part, parts)
        tried[codes] += 1
        kinds.update(codes)
    return kinds


@pytest.mark.parametrize("seed", SEEDS)
def test_who_takes_the_causes_away_moves_the_end_and_each_of_them_is_needed(seed: int) -> None:
    world = worlds.world(seed)
    if world is not None:
        check(world, world.policy.when("call", world.case, world.at, SPAN), [Version.of(world.text)])


def edited(text: str, chance: random.Random, number: int) -> str:
    """A policy with one rule more, one less, or as it is: what its author makes of it for the next version."""
    rules = re.findall(r"^rule r\d+: .*$", text, re.MULTILINE)
    change = chance.choice(["more", "less", "none"])
    if change == "more" or not rules:
        return f"{text}\n{worlds.rules(chance, 1).splitlines()[0].replace('rule r0', f'rule more{number}')}"
    return text.replace(f"{chance.choice(rules)}\n", "", 1) if change == "less" else text


def texts_of(world: World, chance: random.Random) -> list[str]:
    """Versions that follow each other at midnights at which other things may happen too."""
    first, *others = sorted(chance.sample(range(1, 25), chance.choice([2, 3])))
    text = re.sub(r"policy world(\n  in force.*)?", "policy world\n  in force", world.text)
    starts = [world.at.date() + day * DAY for day in (first, *others)]
    found = []
    for number in range(len(starts) + 1):
        dates = f" from {starts[number - 1]}" if number else ""
        dates += f" until {starts[number] - DAY}" if number < len(starts) else ""
        found.append(text.replace("  in force", f'  version "{number}"\n  in force{dates}', 1))
        text = edited(text, chance, number)
    return found


@pytest.mark.parametrize("seed", SEEDS_OF_BOOKS)
def test_the_version_of_a_book_is_a_cause_where_the_end_is_its_doing(seed: int, tmp_path: Path) -> None:
    world = worlds.world(seed)
    if world is None:
        return
    texts = texts_of(world, random.Random(seed))
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.forbear").write_text(text)
    try:
        found = forbear.load_book(tmp_path).when("call", world.case, world.at, SPAN)
    except forbear.CaseError:  # the version of the first zone is not in force on the day of the other one
        assert len({world.at.astimezone(ZoneInfo(zone)).date() for zone in world.zones}) == 2
        return
    check(world, found, [Version.of(text) for text in texts])
