"""What a change is told to be, by names of rules and by edits, against a brute force: exactly the changed cases."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import oracle
import pytest
import small
from attrs import evolve
from mutations import mutated
from night import NIGHTLY
from oracle import Compared
from test_comparison import CHUNKS, SEEDS, cases, pairs, plain

import forbear
from forbear.analysis.comparison.difference import Difference, _first_days, difference
from forbear.analysis.comparison.pair import ChangeEffect, effect_of
from forbear.analysis.comparison.telling import teller
from forbear.analysis.comparison.telling.consequence import Consequence
from forbear.analysis.comparison.telling.where import Where
from forbear.kernel.cases import PERMITTED, Verdict
from forbear.language.model.policy import RuleSet, TypedPolicy
from forbear.semantics import meaning
from forbear.semantics.to_text import fact_text
from forbear.space.boundaries import period_starts


class Judge:
    """Whether what is told of a change holds in a case, read as a person would: by conditions and names of rules.

    `declared` is text that declares the facts, in which the conditions are read. The silence of a law permits, and no
    rule is said to do that.
    """

    def __init__(self, declared: str, found: Difference) -> None:
        self._policies = {True: found.new, False: found.old}
        texts = list(dict.fromkeys(where.condition for one in found.consequences for where in one.where))
        rules = "".join(
            f"rule told{at}: {text} then allow {next(iter(found.new.actions))}\n" for at, text in enumerate(texts)
        )
        read = {rule.name: rule.condition for rule in forbear.loads(f"{declared}\n{rules}").typed.rules}
        self.conditions = {text: read[f"told{at}"] for at, text in enumerate(texts)}

    def holds(self, told: Consequence, case: meaning.Case, day: int | None) -> bool:
        if not any(self._where(where, case, day) for where in told.where):
            return False
        side, other = self._policies[told.effect.newly], self._policies[not told.effect.newly]
        active = self._active(side, told.action, case, day)
        against = {*told.unless.forbid, *told.unless.require}
        if (told.by and not self._hold(side, told, case, day)) or active & against:
            return False
        decided = meaning.decide_action(other, told.action, case, day)
        if told.unless.silent and decided.verdict is Verdict.UNSAID:
            return False
        return not set(decided.rules) & set(told.unless.otherwise)

    def _hold(self, policy: TypedPolicy, told: Consequence, case: meaning.Case, day: int | None) -> bool:
        """Whether a rule `by` holds, whatever sets it aside; and each that is said to hold everywhere does."""
        holding = {
            rule.name
            for rule in policy.rules
            if rule.name in told.by
            and told.action in rule.effects
            and meaning.truth(rule.condition, policy.facts, case) is True
            and (day is None or (rule.since or 0) <= day <= (rule.until or day))
        }
        assert set(told.holding) <= holding
        return bool(holding)

    def _where(self, where: Where, case: meaning.Case, day: int | None) -> bool:
        if day is not None and (
            (where.since is not None and day < where.since.toordinal())
            or (where.until is not None and where.until.toordinal() < day)
        ):
            return False
        return meaning.truth(self.conditions[where.condition], self._policies[True].facts, case) is True

    def _active(self, policy: TypedPolicy, action: str, case: meaning.Case, day: int | None) -> set[str]:
        """The rules that count: where they are certainly active if they permit, and possibly active otherwise."""
        active = meaning.active_rules(policy, action, case, day)
        rules = [(policy.rules[number], holds) for number, holds in active.items()]
        return {rule.name for rule, holds in rules if holds or (holds is None and not rule.effects[action].permits)}


def declarations(found: Difference) -> str:
    """The facts and actions of two policies as they have them, in which their conditions are read."""
    facts = {**found.old.facts, **found.new.facts}.values()
    declared = "".join(f"fact {fact.name} {fact_text(fact, found.new)}\n" for fact in facts)
    return f"{declared}action {', '.join(found.new.actions)}\n"


def under_standards(chunk: int) -> Iterator[tuple[str, TypedPolicy, TypedPolicy]]:
    """Pairs of policies under standards, with up to three changes of their rules or of the standards, behind texts."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
            generator = random.Random(seed)
            files = small.under_standards(seed, 1 + seed % 2)
            changed = {**files}
            for _ in range(generator.randint(1, 3)):
                name = generator.choice([*files][: -1 if seed % 3 else None])
                changed[name] = mutated(changed[name], generator)
            old, new = (small.loaded(each, Path(folder), known_only=False) for each in (files, changed))
            if old is not None and new is not None:
                yield "\n".join([*files.values(), *changed.values()]), plain(old.typed), plain(new.typed)


def compared(made: str, chunk: int) -> Iterator[tuple[str, Difference]]:
    """Differences of policies, of laws, whose silence permits, and of policies under standards, with their texts."""
    if made == "under standards":
        found = ((text, difference(old, new)) for text, old, new in under_standards(chunk))
    else:
        found = (
            (text + changed, difference(evolve(old, standard=made == "laws"), evolve(new, standard=made == "laws")))
            for text, changed, old, new in pairs(chunk)
        )
    return itertools.islice(found, None if NIGHTLY else 8)


def each_case(found: Difference) -> Iterator[Compared]:
    """Every case, on each day from the first of its laws; on every day where these begin on other days."""
    old, new = (
        evolve(policy, standard=False, rules=tuple([evolve(rule, lasting=False) for rule in policy.rules]))
        for policy in (found.old, found.new)
    )
    first = 0
    if not found.old.standard and _first_days(found.old) == _first_days(found.new):
        old, new = found.old, found.new
        first = min(period_starts(evolve(new, rules=(*old.rules, *new.rules))), default=0)
    return (case for case in cases(old, new) if case.day is None or case.day >= first)


MADE = [(made, chunk) for made in ("policies", "laws", "under standards") for chunk in CHUNKS]


@pytest.mark.parametrize(("made", "chunk"), MADE)
def test_what_is_told_is_exactly_what_changes(made: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each changed case is told once, and no other is. Small policies would be told by conditions alone."""
    monkeypatch.setattr(teller, "PLAIN", -1 if chunk % 3 else teller.PLAIN)
    for text, found in compared(made, chunk):
        judge = Judge(declarations(found), found)
        told = [one for one in found.consequences if one.effect is not ChangeEffect.REFUSED_OTHERWISE]
        if any(one.where_otherwise for one in told):
            continue
        for case in each_case(found):
            values = {
                name: None if isinstance(value, oracle.Missing) else value
                for name, value in case.values.items()
                if not isinstance(value, Fraction)
            }
            for action in found.new.actions:
                before, after = (
                    "allowed" if made == "laws" and its[action].word == "unsaid" else its[action].word
                    for its in (case.old, case.new)
                )
                effect = None if before == after else effect_of(forbear.Verdict(before), forbear.Verdict(after))
                expected = [] if effect in (None, ChangeEffect.REFUSED_OTHERWISE) else [effect]
                holding = [one for one in told if one.action == action and judge.holds(one, values, case.day)]
                assert [one.effect for one in holding] == expected, (text, action, case.values, case.day, holding)


@pytest.mark.parametrize(("made", "chunk"), MADE)
def test_every_change_has_an_edit(made: str, chunk: int) -> None:
    for _, found in compared(made, chunk):
        for one in found.consequences:
            assert one.edits
            assert all(found.edits[number].rules for number in one.edits)
        assert {(one.action, one.effect) for one in found.consequences} == {
            (change.action, change.effect) for change in found.changes
        }


def _with_edits(old: TypedPolicy, new: TypedPolicy, names: set[str]) -> TypedPolicy:
    """The old policy with only these rules as they are in the new one."""
    before, after = ({rule.name: rule for rule in policy.rules} for policy in (old, new))
    chosen = [
        side[name]
        for name in {**after, **before}
        for side in ((after,) if name in names else (before,))
        if name in side
    ]
    places = {rule.name: number for number, rule in enumerate(chosen)}
    rules = []
    for rule in chosen:
        side = new if rule.name in names else old
        overrides = {
            action: RuleSet(
                tuple([places[name] for number in overridden.numbers if (name := side.rules[number].name) in places])
            )
            for action, overridden in rule.overrides.items()
        }
        rules.append(evolve(rule, overrides=overrides))
    return evolve(new, rules=tuple(rules))


TOGETHER = """\
policy house
fact late days clock
fact calls count between 0 and 9
fact segment one of prime, sub
action call
action visit
{0}
table sheet
  | segment | late   | call  | visit |
  | prime   | over 5 | allow |       |
  | sub     | over {1} | allow | {2} |
"""
EDITS = {
    "a cap is gone and a table widened": ("rule cap: limit call to 3 by calls", "", "2", "1", "allow", "allow"),
    "a cap is raised and a table widened": (
        "rule cap: limit call to 3 by calls",
        "rule cap: limit call to 5 by calls",
        "3",
        "1",
        "",
        "",
    ),
    "a cap is new and a table narrowed": ("", "rule cap: limit call to 3 by calls", "1", "4", "allow", ""),
    "each forbids alone": ("", "rule hold: forbid call when late > 2", "2", "7", "", ""),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_an_edit_does_alone_stands_under_it_alone(name: str) -> None:
    """Brute force over the cases: those that one edit changes by itself stand under one that does, and no other edit
    with it; those that no edit changes by itself stand under edits that together do."""
    cap, new_cap, late, new_late, visit, new_visit = EDITS[name]
    old = forbear.loads(TOGETHER.format(cap, late, visit)).typed
    new = forbear.loads(TOGETHER.format(new_cap, new_late, new_visit)).typed
    found = difference(old, new)
    judge = Judge(declarations(found), found)
    steps = [edit.rules for edit in found.edits]
    told = [one for one in found.consequences if one.effect is not ChangeEffect.REFUSED_OTHERWISE]
    alone = 0
    for late_days, calls, segment in itertools.product(range(12), range(10), ("prime", "sub")):
        case: meaning.Case = {"late": late_days, "calls": calls, "segment": segment}
        for action in new.actions:
            verdicts = [meaning.decide_action(policy, action, case, None).verdict for policy in (old, new)]
            if verdicts[0] == verdicts[1] or not any(verdict in PERMITTED for verdict in verdicts):
                continue
            doing = {
                number
                for number, rules in enumerate(steps)
                if meaning.decide_action(_with_edits(old, new, set(rules)), action, case, None).permitted
                == (verdicts[1] in PERMITTED)
            }
            [holding] = [one for one in told if one.action == action and judge.holds(one, case, None)]
            if doing:
                assert len(holding.edits) == 1, (case, action, holding)
                assert set(holding.edits) <= doing, (case, action, holding)
                alone += 1
            else:
                assert len(holding.edits) > 1, (case, action, holding)
    assert alone


UNDER_PACKS = """
policy card "Under three standards"
  currency USD
  uses collections
  subject to "regulation/us-reg-f", "regulation/us-fdcpa", "regulation/us-massachusetts"
fact promised_lately yes/no usually no
fact shop_closed yes/no this day usually no
rule quiet: never calls when local_time < 08:00 or local_time >= 21:00
rule sunday: forbid calls when weekday is sunday overrides all
rule holiday: never calls when public_holiday or shop_closed
rule cap_week: limit calls to {} by calls_in_7_days
rule cap_day: limit calls to 2 by calls_today
rule promise_quiet: never calls when promised_lately
rule dead: never everything except letter when deceased or bankruptcy
rule hold: forbid phone_call when hardship is one of requested, plan_active overrides all
rule call: after {} days and not cease_requested then allow phone_call
"""


def test_an_edit_that_suffices_alone_stands_alone_under_packs_too() -> None:
    old, new = (forbear.loads(UNDER_PACKS.format(*numbers)) for numbers in ((5, 10), (6, 7)))
    found = forbear.diff(old, new)
    assert not found.untold
    told = {
        one.edits: one.where[0].condition for one in found.consequences if one.effect.newly and not one.effect.of_duty
    }
    assert told == {
        (0,): "(within 7 days or after 10 days) and calls_in_7_days = 5",
        (1,): "from day 8 to day 10 and not cease_requested and calls_in_7_days != 5",
        (0, 1): "from day 8 to day 10 and not cease_requested and calls_in_7_days = 5",
    }


def test_where_the_other_law_is_silent_no_rule_of_it_is_named() -> None:
    forbidding = "standard law\nfact a yes/no\nfact b yes/no\nfact d days clock\nfact n count\naction call\n"
    forbidding += "rule first: forbid call when (a and n > 3) or (b and n < 2)\n"
    forbidding += "rule second: forbid call when b and n > 7\n"
    permitting = f"{forbidding}rule p: allow call when within 3 days and n > 1 overrides all\n"
    found = forbear.diff(forbear.loads(forbidding), forbear.loads(permitting))
    [told] = found.consequences
    assert told.as_json()["unless"] == {"silent": True}
