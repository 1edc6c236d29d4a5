"""Edits of policies of real size, in `changes/edits.txt`: what is told of them is exact, short, and says the most
dangerous first. The first policy is under two standards, the second promises to conform to two."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from statistics import median

import pytest
from attrs import evolve, frozen
from night import NIGHTLY
from test_consequences import Judge
from written import blocks

import forbear
from forbear.analysis.comparison import difference
from forbear.analysis.comparison.difference import Difference
from forbear.analysis.comparison.pair import TRANSITIONS, ChangeEffect, effect_of, paired
from forbear.analysis.comparison.telling.between import by_verdict
from forbear.analysis.comparison.telling.consequence import Consequence
from forbear.kernel.cases import Value, read_case
from forbear.language.model.policy import TypedPolicy, facts_read, own_rules
from forbear.report.comparison import difference_lines
from forbear.semantics import meaning
from forbear.semantics.composition.union import union
from forbear.space.boundaries import boundary_values
from forbear.space.formulas import All, Any, Formula, Neither, any_of, inside
from forbear.space.predicates.specs import specs
from forbear.space.search.bound import Bound
from forbear.space.search.search import Search

HERE = Path(__file__).parent
HOUSE = HERE / "changes" / "house.forbear"
ISSUER = HERE.parents[1] / "rules" / "examples" / "us_card_issuer.forbear"


@frozen
class Edit:
    """An edit of a policy, by the text that it replaces."""

    policy: Path
    before: str
    after: str

    def made(self) -> str:
        """The text of the policy with the edit made."""
        text = self.policy.read_text(encoding="utf-8")
        assert text.count(self.before) == 1, self
        return text.replace(self.before, self.after)


def _side(text: str, mark: str) -> str:
    return "\n".join(line[2:] for line in text.split("\n") if line.startswith(mark))


EDITS = [
    Edit({file.name: file for file in (HOUSE, ISSUER)}[one.title], _side(one.text, "-"), _side(one.text, "+"))
    for one in blocks(HERE / "changes" / "edits.txt")
    if one.text.startswith("-")
]

QUICK = (7, 21, 40)
"""Edits of each kind of which the difference is soon found."""


@cache
def policy(path: Path) -> forbear.Policy:
    return forbear.load(path)


def told(edit: Edit, *, findings: bool = False) -> Difference:
    old, new = policy(edit.policy), forbear.loads(edit.made(), str(edit.policy))
    return forbear.diff(old, new, findings=findings)


def lines(found: Difference) -> list[str]:
    return ["".join(text for text, _ in line) for line in difference_lines(found, "old", "new", 3)]


def check(edit: Edit, found: Difference) -> None:
    """What is told of an edit is by effect, of the edit, and not long."""
    order = list(ChangeEffect)
    effects = [order.index(one.effect) for one in found.consequences]
    assert effects == sorted(effects), edit
    assert not found.untold, edit
    assert {(one.action, one.effect) for one in found.consequences} >= {
        (change.action, change.effect) for change in found.changes
    }, edit
    printed = lines(found)
    assert len(printed) <= 40, (edit, printed)
    first = next((line for line in printed if line.startswith(tuple(effect.value for effect in ChangeEffect))), "")
    if any(one.effect is ChangeEffect.NEWLY_PERMITTED for one in found.consequences):
        assert first.startswith("newly permitted"), (edit, printed)
    assert printed[-1].startswith("old and new "), edit


def is_short(found: Difference) -> bool:
    """At most two conditions an action, each of at most 12 comparisons, the rules behind an `unless` counted as one."""
    conditions: Counter[tuple[str, ChangeEffect]] = Counter()
    for one in found.consequences:
        conditions[one.action, one.effect] += max(len(one.where), 1)
        terms = max((where.terms for where in one.where), default=1)
        if terms + len(one.by) + bool(one.unless.as_json()) > 12:
            return False
    return max(conditions.values(), default=0) <= 2


class Formulas:
    """The regions that consequences tell, made anew from their words, and those of the verdicts."""

    def __init__(self, judge: Judge, found: Difference) -> None:
        self.pair = paired(union(found.old, found.new))
        self._judge = judge

    def told(self, one: Consequence) -> Formula:
        """Where a consequence holds by what is told of it."""
        newly, space = one.effect.newly, self.pair.analysis.space
        other = self.pair.old(one.action) if newly else self.pair.new(one.action)
        stands = other.required if one.effect.of_duty else other.permitted
        return All(
            (
                any_of(
                    space.condition(self._judge.conditions[where.condition], when_unknown=False) for where in one.where
                ),
                self._holding(one.by, newer=newly),
                Neither((self._active(one.action, (*one.unless.forbid, *one.unless.require), newer=newly),)),
                Neither((All((stands, self._active(one.action, one.unless.otherwise, newer=not newly))),)),
            )
        )

    def changed(self, action: str, effect: ChangeEffect) -> Formula:
        """Where the verdicts on an action change with an effect."""
        sides = [by_verdict(side) for side in (self.pair.old(action), self.pair.new(action))]
        return Any(tuple([All((sides[0][before], sides[1][after])) for before, after in TRANSITIONS[effect]]))

    def _holding(self, names: Iterable[str], *, newer: bool) -> Formula:
        """Where one of some rules holds, whatever sets it aside."""
        offset = len(self.pair.union.old.rules) if newer else 0
        rules = self.pair.union.new.rules if newer else self.pair.union.old.rules
        numbers = [offset + at for at, rule in enumerate(rules) if rule.name in set(names)]
        return inside([box for number in numbers for box in self.pair.analysis.space.on_side(number, True)])

    def _active(self, action: str, names: Iterable[str], *, newer: bool) -> Formula:
        rules = self.pair.union.new.rules if newer else self.pair.union.old.rules
        offset = len(self.pair.union.old.rules) if newer else 0
        active = self.pair.analysis.formulas.active(f"{'new' if newer else 'old'} {action}")
        wanted = set(names)
        return any_of(active.decides_as(offset + at) for at, rule in enumerate(rules) if rule.name in wanted)


def exact(edit: Edit, found: Difference, judge: Judge) -> None:
    """Asserts by searches that no case is told that does not change, and that each that does is told."""
    formulas = Formulas(judge, found)
    told: dict[tuple[str, ChangeEffect], list[Formula]] = {}
    for one in found.consequences:
        if one.effect is not ChangeEffect.REFUSED_OTHERWISE and not one.where_otherwise:
            told.setdefault((one.action, one.effect), []).append(formulas.told(one))
    for (action, effect), its in told.items():
        search = Search(formulas.pair.analysis.space.masks, Bound(8_000_000 if NIGHTLY else 400_000))
        region = formulas.changed(action, effect)
        assert search.find(All((any_of(its), Neither((region,))))) is None, (edit, action)
        assert search.find(All((region, Neither((any_of(its),))))) is None, (edit, action)


def tried(edit: Edit, found: Difference, judge: Judge, number: int) -> None:
    """Asserts the same of cases near those that change: each with a few facts at other values that matter."""
    both = union(found.old, found.new)
    either = evolve(both.new, rules=both.old.rules + both.new.rules)
    values = boundary_values(either, facts_read(either))
    generator = random.Random(edit.after)
    told = [one for one in found.consequences if one.effect is not ChangeEffect.REFUSED_OTHERWISE]
    changes = 0
    for _ in range(number if told else 0):
        one = generator.choice(told)
        case, day = read_witness(either, one.witness)
        for name in generator.sample(sorted(values), generator.randint(0, 3)):
            case[name] = generator.choice(values[name])
        sides = [meaning.decide_action(side, one.action, case, day).verdict for side in (found.old, found.new)]
        effect = None if sides[0] is sides[1] else effect_of(*sides)
        expected = [] if effect in (None, ChangeEffect.REFUSED_OTHERWISE) else [effect]
        holding = [its.effect for its in told if its.action == one.action and judge.holds(its, case, day)]
        assert holding == expected, (edit, one.action, case)
        changes += bool(expected)
    assert changes or not told


def read_witness(policy: TypedPolicy, witness: Mapping[str, object]) -> tuple[dict[str, Value], int | None]:
    """The values of a witness on the grids; the facts that it leaves out are unknown."""
    tables = specs(policy)
    given = {name: value for name, value in witness.items() if name != "on"}
    day = None if "on" not in witness else date.fromisoformat(str(witness["on"])).toordinal()
    values = read_case(tables.facts, (), given)
    return {name: values.get(name) for name in tables.facts}, day


@pytest.mark.parametrize("number", range(len(EDITS)) if NIGHTLY else QUICK)
def test_an_edit_is_told_exactly_and_in_short(number: int) -> None:
    edit = EDITS[number]
    found = told(edit)
    check(edit, found)
    assert is_short(found)
    judge = Judge(edit.made(), found)
    exact(edit, found, judge)
    tried(edit, found, judge, 1_000 if NIGHTLY else 60)


def test_most_edits_are_told_in_few_lines() -> None:
    numbers = [len(lines(told(edit, findings=True))) for edit in EDITS]
    assert max(numbers) <= 40
    assert median(numbers) <= 15


def test_what_is_told_costs_no_more_than_the_exact_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole takes at most twice as long as the conditions alone, with nothing told."""
    seconds = [0.0, 0.0]
    for at, silent in enumerate((True, False)):
        with monkeypatch.context() as patched:
            if silent:
                patched.setattr(difference, "_consequences", lambda *_: [])
            for number in QUICK:
                old, new = policy(EDITS[number].policy), forbear.loads(EDITS[number].made(), str(EDITS[number].policy))
                start = time.process_time()
                forbear.diff(old, new)
                seconds[at] += time.process_time() - start
    assert seconds[1] <= 2 * seconds[0], seconds


def test_there_are_sixty_edits_of_two_policies() -> None:
    assert len(EDITS) == 60
    assert Counter(edit.policy for edit in EDITS) == {HOUSE: 30, ISSUER: 30}
    house = policy(HOUSE).typed
    assert len(own_rules(house)) >= 30
    assert len(facts_read(house)) >= 30
    assert len(house.subject_to) == 2
