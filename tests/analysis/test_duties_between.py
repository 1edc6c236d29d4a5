"""What `diff` and `conform` say of policies with duties, held against every case."""

from __future__ import annotations

import random

import oracle
import pytest
import small
from attrs import evolve
from night import NIGHTLY
from oracle import Oracle, Verdicts

import forbear
from forbear.analysis.comparison.conformance import conformance
from forbear.analysis.comparison.difference import difference
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.composition.union import Domain, Incomparable, Union, union

CHUNKS = range(50) if NIGHTLY else range(5)
SEEDS = 4


def drawn(seed: int) -> tuple[TypedPolicy, TypedPolicy]:
    """Two small policies with duties; in one of two pairs the second is the first without the duties of a rule."""
    old, new = (
        forbear.loads(small.Writer(small._Random(one), (small.COUNT, small.FLAG), 3, duties=True).policy()).typed
        for one in (seed, 7 * seed + 5)
    )
    asking = [number for number, rule in enumerate(old.rules) if rule.along]
    if seed % 2 and asking:
        rules = list(old.rules)
        number = random.Random(seed).choice(asking)
        rules[number] = evolve(rules[number], along={})
        new = evolve(old, rules=tuple(rules))
    return old.with_promises(), new.with_promises()


def points(both: Union) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The truths of the rules of the old policy, and of the new one, in each case of both."""
    rules = [
        evolve(rule, name=f"r{number}", overrides={}) for number, rule in enumerate((*both.old.rules, *both.new.rules))
    ]
    judge = Oracle(evolve(both.new, rules=tuple(rules)))
    first = len(both.old.rules)
    return [(point.truths[:first], point.truths[first:]) for point in judge.points]


@pytest.mark.parametrize("chunk", CHUNKS)
def test_what_changes_along(chunk: int) -> None:
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        old, new = drawn(seed)
        try:
            both = union(old, new)
        except Incomparable:
            continue
        before, after = Verdicts(both.old), Verdicts(both.new)
        expected = set()
        for of_old, of_new in points(both):
            one, other = before(of_old), after(of_new)
            for action in both.new.actions:
                if one[action].word != other[action].word:
                    expected.add((action, one[action].word, other[action].word))
                if one[action].permits and other[action].permits:
                    for lost in one[action].along - other[action].along:
                        expected.add((f"{action} with {lost}", "required", "unsaid"))
                    for new_one in other[action].along - one[action].along:
                        expected.add((f"{action} with {new_one}", "unsaid", "required"))
        found = difference(old, new)
        assert not found.undecided
        assert {(its.action, its.before.value, its.after.value) for its in found.changes} == expected, seed
        assert {its.action for its in found.consequences} == {action for action, _, _ in expected}, seed


@pytest.mark.parametrize("chunk", CHUNKS)
def test_whether_a_standard_with_duties_is_kept(chunk: int) -> None:
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        old, policy = drawn(seed)
        standard = evolve(old, standard=True)
        try:
            both = union(standard, policy, Domain(of_new=True), called="standard")
        except Incomparable:
            continue
        law, own = Verdicts(both.old), Verdicts(both.new)
        broken = any(_breaks(both, law, own, *truths) for truths in points(both))
        assert bool(conformance(policy, [standard]).violations) is broken, seed


def _breaks(both: Union, law: Verdicts, own: Verdicts, of_law: tuple[int, ...], of_own: tuple[int, ...]) -> bool:
    theirs, its = law(of_law), own(of_own)
    permitted = {action for action in both.new.actions if its[action].permits}
    done = permitted.union(*[its[action].along for action in permitted])
    for action in both.new.actions:
        if theirs[action].word == "forbidden" and action in done:
            return True
        if theirs[action].word == "required" and its[action].word != "required":
            return True
        asked = {
            companion
            for rule, truth in zip(both.old.rules, of_law, strict=True)
            if truth >= oracle.OPEN
            for companion in rule.along.get(action, ())
        }
        if action in permitted and asked - its[action].along:
            return True
    return False
