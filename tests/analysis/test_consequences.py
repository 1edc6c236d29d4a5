"""What a change is told to be, by names of rules and by edits, against a brute force: exactly the changed cases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import oracle
import pytest
from night import NIGHTLY
from test_comparison import CHUNKS, cases, pairs, vocabulary

import forbear
from forbear.analysis.comparison.difference import Difference, difference
from forbear.analysis.comparison.effects import ChangeEffect, effect_of
from forbear.analysis.comparison.telling import teller
from forbear.analysis.comparison.telling.consequence import Consequence
from forbear.analysis.comparison.telling.where import Where
from forbear.model.policy import TypedPolicy
from forbear.semantics import meaning


class Judge:
    """Whether what is told of a change holds in a case, read as a person would: by conditions and names of rules.

    `declared` is text that declares the facts, in which the conditions are read.
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
        if not self._hold(side, told, case, day) or active & against:
            return False
        decided = meaning.decide_action(other, told.action, case, day)
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


def compared(chunk: int) -> Iterator[tuple[str, str, TypedPolicy, TypedPolicy, Difference]]:
    for text, changed, old, new in itertools.islice(pairs(chunk), None if NIGHTLY else 8):
        yield text, changed, old, new, difference(old, new)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_what_is_told_is_exactly_what_changes(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each changed case is told once, and no other is. Small policies would be told by conditions alone."""
    monkeypatch.setattr(teller, "PLAIN", -1 if chunk % 3 else teller.PLAIN)
    for text, changed, old, new, found in compared(chunk):
        judge = Judge(vocabulary(text), found)
        told = [one for one in found.consequences if one.effect is not ChangeEffect.REFUSED_OTHERWISE]
        if any(one.where_otherwise for one in told):
            continue
        for case in cases(old, new):
            plain = {name: None if isinstance(value, oracle.Missing) else value for name, value in case.values.items()}
            for action in new.actions:
                before, after = case.old[action].word, case.new[action].word
                effect = None if before == after else effect_of(forbear.Verdict(before), forbear.Verdict(after))
                expected = [] if effect in (None, ChangeEffect.REFUSED_OTHERWISE) else [effect]
                holding = [one for one in told if one.action == action and judge.holds(one, plain, case.day)]
                assert [one.effect for one in holding] == expected, (
                    text,
                    changed,
                    action,
                    case.values,
                    case.day,
                    holding,
                )


@pytest.mark.parametrize("chunk", CHUNKS)
def test_every_change_has_an_edit(chunk: int) -> None:
    for _, _, _, _, found in compared(chunk):
        for one in found.consequences:
            assert one.edits
            assert all(found.edits[number].rules for number in one.edits)
        assert {(one.action, one.effect) for one in found.consequences} == {
            (change.action, change.effect) for change in found.changes
        }
