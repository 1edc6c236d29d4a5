"""For each pack of regulation policies of one rule, which do the worst that the law forbids: each is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from attrs import evolve

import forbear
from forbear.analysis.engine.analysis import analyse
from forbear.analysis.findings.promises.failed_promise import failed_ensures
from forbear.base import resources
from forbear.language.model.comparisons import Compare
from forbear.language.model.conditions import And, Condition, Not, facts_in
from forbear.language.model.policy import REFUSING, TypedPolicy, facts_read
from forbear.semantics.composition.rebasing import NEVER
from forbear.space.formulas import TRUE

WHOM_IT_BINDS = ("country", "collector", "state", "city")


class Worst(NamedTuple):
    """What is done, in which case of whom the law binds, and the facts by which the law itself lets it pass."""

    action: str
    case: str
    lifted_by: tuple[str, ...]

    @property
    def refused(self) -> str:
        """That it is refused, in all cases in which the condition may be true: unknown facts are among them."""
        unlifted = [f"{fact} is no" for fact in self.lifted_by]
        return f"ensure {self.action} not allowed when {' and '.join([*unlifted, self.case])}\n"


def _read() -> Iterator[tuple[str, list[Worst]]]:
    """The rows of `worst.txt`, by pack."""
    _, *packs = Path(__file__).with_name("worst.txt").read_text("utf-8").split("## ")
    for head, *rows in (pack.splitlines() for pack in packs):
        name, bound = head.split(": ")
        yield name, [_row(row, bound) for row in rows if row]


def _row(row: str, bound: str) -> Worst:
    done, _, lifted_by = row.partition(" unless ")
    action, _, case = done.partition(" when ")
    if "collector is" in case:
        bound = bound.removesuffix(" and collector is not creditor")
    return Worst(action, f"{bound} and {case}" if case else bound, tuple(lifted_by.split(", ")) if lifted_by else ())


WORST = dict(_read())


@cache
def pack(name: str) -> forbear.Policy:
    return forbear.load(f"pack:regulation/{name}")


@pytest.mark.parametrize("name", WORST)
def test_the_worst_that_the_law_forbids_is_refused_whatever_else_is_so(name: str) -> None:
    """Proved, over all facts: in no case that the row may speak of does a policy under the pack permit it."""
    rows = WORST[name]
    assert permitted(forbear.loads(house(rows, f"regulation/{name}")).typed, rows) == []
    conformance = forbear.conform(forbear.loads(house(rows)), pack(name))
    assert {violation.action for violation in conformance.violations} >= {row.action for row in rows}


def house(rows: list[Worst], standard: str | None = None) -> str:
    """A policy that does the worst; under a standard, with what it refuses."""
    acts = [f"rule does_{action}: always then allow {action}\n" for action in sorted({row.action for row in rows})]
    under, refused = (f' subject to "{standard}"', [row.refused for row in rows]) if standard else ("", [])
    return "".join([f"policy worst{under}\n", *acts, *refused])


def permitted(house: TypedPolicy, rows: list[Worst]) -> list[Worst]:
    candidates = failed_ensures(analyse(house, [ensure.when for ensure in house.ensures]))
    return [row for row, its in zip(rows, candidates, strict=True) if its.find(TRUE) is not None]


CONSENTS = ("contact_consent", "court_permission", "required_by_law")


@pytest.mark.parametrize("name", WORST)
def test_some_of_the_worst_passes_without_a_rule_or_by_a_consent_that_it_does_not_ask_for(name: str) -> None:
    rows = WORST[name]
    typed = forbear.loads(house(rows, f"regulation/{name}")).typed
    for rule in typed.rules:
        if {*REFUSING}.isdisjoint(rule.effects.values()):
            continue
        unasked = [Not(Compare(fact, "=", True)) for fact in CONSENTS if fact not in facts_in(rule.condition)]
        conditions: list[Condition] = [NEVER, *[And((rule.condition, none)) for none in unasked]]
        for weaker in conditions:
            without = [evolve(its, condition=weaker) if its is rule else its for its in typed.rules]
            assert permitted(evolve(typed, rules=tuple(without)), rows), (
                f"no row of `worst.txt` needs {rule.name}: {weaker}"
            )


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
def test_each_pack_has_its_worst_and_thirty_cases(name: str) -> None:
    """What it forbids to publish, a rule without exceptions forbids: none for somebody who may be told reaches it."""
    rows = WORST[name]
    assert len(rows) >= 2
    assert len(pack(name).typed.examples) >= 30
    published = [worst for worst in rows if worst.action == "public_post"]
    rules = [rule for rule in pack(name).typed.rules if "public_post" in rule.effects]
    assert bool(published) == bool(rules)
    assert all(worst.lifted_by == () for worst in published)
    assert all(rule.effects["public_post"] in REFUSING for rule in rules)
    unconditional = [rule for rule in rules if {*facts_in(rule.condition)} <= {*WHOM_IT_BINDS}]
    assert bool(unconditional) == bool(rules)


@pytest.mark.parametrize("name", REGULATION)
def test_each_pack_has_the_first_day_of_its_law_and_only_one_asks_for_a_day(name: str) -> None:
    typed = pack(name).typed
    assert typed.since is not None or any(rule.since for rule in typed.rules)
    assert typed.dated == (name == "us-nyc-5-77")
