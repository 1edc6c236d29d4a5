"""`diff` and `conform` of policies whose vocabularies differ, against a brute force over the values of both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import unequal
from attrs import evolve
from night import NIGHTLY
from oracle import TRUE, truth
from test_comparison import breaches, in_time
from unequal import cases, real, verdict

import forbear
from forbear.analysis.comparison.conformance import conformance
from forbear.analysis.comparison.difference import difference
from forbear.language.model.policy import TypedPolicy
from forbear.report.safeguards import suggested_rules
from forbear.semantics.composition.union import union
from forbear.semantics.to_text import type_text

CHUNKS = range(5 if NIGHTLY else 1)
SEEDS = 500 if NIGHTLY else 8
"""Pairs of policies from seeds, in each chunk."""


def pairs(chunk: int) -> Iterator[tuple[str, str, TypedPolicy, TypedPolicy]]:
    return unequal.pairs(range(chunk * SEEDS, (chunk + 1) * SEEDS))


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_difference_is_exactly_the_changed_cases_of_both(chunk: int) -> None:
    changed_pairs = 0
    for one, other, old, new in pairs(chunk):
        found = difference(old, new)
        assert not found.undecided
        facts = union(old, new).new.facts
        declared = "".join(f"fact {name} {type_text(fact)}\n" for name, fact in facts.items())
        conditions = {
            change: forbear.loads(f"{declared}action sms\nrule probe: {change.condition} then allow sms").typed
            for change in found.changes
        }
        changed = False
        for case in cases(old, new):
            for action in {**old.actions, **new.actions}:
                before, after = verdict(case.old, action).word, verdict(case.new, action).word
                changed = changed or before != after
                reported = [
                    (change.before.value, change.after.value)
                    for change in found.changes
                    if change.action == action
                    and in_time(change, case.day)
                    and truth(conditions[change].rules[0].condition, case.values, conditions[change].facts, real)
                    == TRUE
                ]
                assert reported == ([] if before == after else [(before, after)]), (one, other, action, case)
        assert found.equivalent is not changed
        changed_pairs += changed
    assert changed_pairs


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_policy_is_judged_in_the_cases_that_it_can_have(chunk: int) -> None:
    broken = 0
    for one, other, standard, policy in pairs(chunk):
        found = conformance(policy, [standard])
        assert not found.undecided
        reported = {(one.standard_rule.name, one.action, one.kind) for one in found.violations}
        expected = {
            breach
            for case in cases(standard, policy, of_new=True)
            for action in standard.actions
            for breach in breaches(standard, action, case)
        }
        assert reported == expected, (one, other)
        if expected or not found.vacuous:
            assert found.conforms is not (bool(expected) or bool(found.unjudged and not found.judged))
        broken += bool(expected)
    assert broken


@pytest.mark.parametrize("chunk", CHUNKS)
def test_what_is_suggested_can_be_pasted_and_mends_the_policy(chunk: int) -> None:
    mended = unsaid = 0
    for one, other, standard, policy in pairs(chunk):
        suggested = suggested_rules(conformance(policy, [standard]))
        text = "".join(line for line in other.splitlines(keepends=True) if not line.startswith("ensure"))
        before, after = [forbear.loads(its) for its in (text, text + suggested)]
        new = {found.code for found in after.validate()} - {found.code for found in before.validate()}
        reported = {"contradiction", "decided-comparison", "undecided", *(() if after.typed.headed else ("dead-rule",))}
        assert not new & reported, (one, text + suggested)
        left = conformance(evolve(after.typed, since=None, until=None), [standard])
        for violation in left.violations:
            rule, action = f"`{violation.standard_rule.name}` of `{standard.name}`", violation.action
            assert violation.kind == "omits required"
            assert (
                f"# {rule} cannot be said of {action} here, since " in suggested
                or f" forbids {action} where {rule} requires it: one has to give way." in suggested
            ), (one, other, suggested)
            unsaid += 1
        mended += bool(suggested) and left.conforms
    assert mended
