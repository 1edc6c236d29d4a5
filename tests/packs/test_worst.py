"""For each pack of regulation policies of one rule, which do the worst that the law forbids: each is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from night import NIGHTLY

import forbear
from forbear.base import resources
from forbear.language.model.conditions import facts_in
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import REFUSING, facts_read

CONSENTS = ("contact_consent", "court_permission")
WHOM_IT_BINDS = ("country", "collector")


class Worst(NamedTuple):
    """What is done, in which case, and the facts by which the law itself lets it pass."""

    pack: str
    action: str
    case: str = "always"
    lifted_by: tuple[str, ...] = ()


def _read() -> Iterator[Worst]:
    """Each row of `worst.txt`."""
    _, *packs = Path(__file__).with_name("worst.txt").read_text("utf-8").split("## ")
    for name, *rows in (pack.split("\n") for pack in packs):
        for row in filter(None, rows):
            done, _, lifted_by = row.partition(" unless ")
            action, _, case = done.partition(" when ")
            yield Worst(name, action, case or "always", tuple(lifted_by.split(", ")) if lifted_by else ())


WORST = tuple(_read())


@cache
def pack(name: str) -> forbear.Policy:
    return forbear.load(f"pack:regulation/{name}")


def under_each_fact(worst: Worst) -> Iterator[str]:
    """The case; and the case with each value of each flag and name that a rule of the pack on the action reads. By day
    each row of a pack has a twenty-fourth of them, and the next row another."""
    typed = pack(worst.pack).typed
    rules = [rule for rule in typed.rules if rule.effects.get(worst.action) in REFUSING]
    read = dict.fromkeys(name for rule in rules for name in facts_in(rule.condition))
    given = {*worst.lifted_by, *WHOM_IT_BINDS, *re.split(r"\W", worst.case)}
    others = [name for name in read if name not in given]
    each = [f"{worst.case} and {name} is {value}" for name in others for value in _values(typed.facts[name])]
    yield worst.case
    yield from each if NIGHTLY else each[WORST.index(worst) % 24 :: 24]


def _values(fact: Fact) -> tuple[str, ...]:
    values = ("yes", "no") if fact.kind.storage is Storage.FLAG else fact.names
    return (*values, "unknown") if fact.optional and values else values


@pytest.mark.parametrize("worst", WORST, ids=lambda worst: f"{worst.pack}-{worst.action}-{worst.case}")
def test_the_worst_that_the_law_forbids_is_refused_whatever_else_is_so(worst: Worst) -> None:
    for case in under_each_fact(worst):
        policy = forbear.loads(f"policy worst\nrule worst: {case} then allow {worst.action}\n")
        conformance = forbear.conform(policy, pack(worst.pack))
        assert {violation.action for violation in conformance.violations} >= {worst.action}, case


REGULATION = [name.removeprefix("regulation/") for name in resources.pack_names() if name.startswith("regulation/")]


@pytest.mark.parametrize("name", REGULATION)
def test_no_pack_speaks_of_a_fact_that_no_rule_of_it_reads(name: str) -> None:
    """A head that names a fact promises that it counts: in a rule, or in what events are counted for one."""
    typed = pack(name).typed
    named = {word for word in re.findall(r"`(\w+)", typed.place.source.text) if word in typed.facts}
    read = facts_read(typed)
    counted = {word for fact in read for word in re.findall(r" is this (\w+)'", str(typed.derived.get(fact)))}
    hours = {derived.hours for derived in typed.derived.values()}
    assert named - {*read, *counted, *hours} == set()


@pytest.mark.parametrize("name", REGULATION)
def test_each_pack_has_its_worst(name: str) -> None:
    """What it forbids to publish, a rule without exceptions forbids: none for somebody who may be told reaches it."""
    rows = [worst for worst in WORST if worst.pack == name]
    assert len(rows) >= 2
    published = [worst for worst in rows if worst.action == "public_post"]
    rules = [rule for rule in pack(name).typed.rules if "public_post" in rule.effects]
    assert bool(published) == bool(rules)
    assert all(worst.lifted_by == () for worst in published)
    assert all(rule.effects["public_post"] in REFUSING for rule in rules)
    unconditional = [rule for rule in rules if {*facts_in(rule.condition)} <= {*WHOM_IT_BINDS, "state", "city"}]
    assert bool(unconditional) == bool(rules)


@pytest.mark.parametrize("name", REGULATION)
def test_each_pack_has_the_first_day_of_its_law_and_only_one_asks_for_a_day(name: str) -> None:
    typed = pack(name).typed
    assert typed.since is not None or any(rule.since for rule in typed.rules)
    assert typed.dated == (name == "us-nyc-5-77")
