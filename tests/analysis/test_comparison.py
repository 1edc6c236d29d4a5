"""`diff` and `conform` against a brute force: exactly the changed cases, each once, and exactly the broken rules.

The judge visits every case on every day of two small policies, one made from the other as an author would.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

import oracle
import pytest
import small
from attrs import evolve
from mutations import mutated
from night import NIGHTLY
from oracle import TRUE, Compared, Verdict

import forbear
from forbear.analysis.comparison.conformance import conformance
from forbear.analysis.comparison.difference import Change, difference
from forbear.language.model.policy import TypedPolicy
from forbear.report.safeguards import suggested_rules
from forbear.semantics.composition.union import Domain

CHUNKS = range(10 if NIGHTLY else 4)
SEEDS = 500 if NIGHTLY else 10
"""Pairs of policies from seeds, in each chunk."""
MADE = [
    *[(small.small_policy, chunk) for chunk in CHUNKS],
    *[(small.related_policy, chunk) for chunk in (CHUNKS[:4] if NIGHTLY else CHUNKS[1:2])],
    *[
        (make, chunk)
        for make in (small.spanning_policy, small.summing_policy)
        for chunk in CHUNKS[1 : 4 if NIGHTLY else 3]
    ],
]
"""How the policies of a chunk are made."""
MORE_BY_DAY = () if NIGHTLY else range(3, 11)
"""Chunks of spans, and of sums: with those above a hundred pairs of each, where a night has thousands."""


def typed(text: str) -> TypedPolicy | None:
    """A policy, as `plain` has it; None of a text that is none."""
    try:
        policy = forbear.loads(text).typed
    except forbear.PolicyError:
        return None
    return plain(policy)


def plain(policy: TypedPolicy) -> TypedPolicy:
    """A policy without its own dates and its promises, which is no standard."""
    tables = tuple([evolve(table, complete=False, no_overlap=False) for table in policy.tables])
    return evolve(policy, since=None, until=None, standard=False).with_promises(tables=tables)


def pairs(
    chunk: int, most: int = 3, make: Callable[[int], str] = small.small_policy
) -> Iterator[tuple[str, str, TypedPolicy, TypedPolicy]]:
    """Pairs of policies, the second made from the first by up to so many changes, behind their texts."""
    for seed in range(chunk * SEEDS, (chunk + 1) * SEEDS):
        text = changed = make(seed)
        generator = random.Random(seed)
        for _ in range(generator.randint(1, most)):
            tries = [mutated(changed, generator) for _ in range(4)]
            changed = next((tried for tried in tries if tried != changed and typed(tried) is not None), changed)
        old, new = typed(text), typed(changed)
        assert old is not None
        assert new is not None
        yield text, changed, old, new


def cases(old: TypedPolicy, new: TypedPolicy) -> Iterator[Compared]:
    """Every case of two policies of one vocabulary."""
    conditions = [rule.condition for policy in (old, new) for rule in policy.rules]
    axes = {name: oracle.values_of(fact, oracle.strings_named(conditions, name)) for name, fact in new.facts.items()}
    return oracle.compared(old, new, axes)


def vocabulary(text: str) -> str:
    """The declarations of a small policy."""
    return "".join(
        f"{line}\n" for line in text.splitlines() if line.startswith(("fact", "action", "group", "ladder", "define"))
    )


@pytest.mark.parametrize(
    ("make", "chunk", "of_law"),
    [
        *[(make, chunk, of_law) for make, chunk in MADE for of_law in (False, True)],
        *[(make, chunk, False) for make in (small.spanning_policy, small.summing_policy) for chunk in MORE_BY_DAY],
    ],
)
def test_a_difference_is_exactly_the_changed_cases(make: Callable[[int], str], chunk: int, of_law: bool) -> None:
    """Also where both are standards, of which what they do not forbid is allowed."""
    changed_pairs = 0
    for text, _, old, new in pairs(chunk, make=make):
        found = difference(evolve(old, standard=of_law), evolve(new, standard=of_law))
        assert not found.undecided
        declared = vocabulary(text)
        conditions = {
            change: forbear.loads(f"{declared}rule probe: {change.condition} then allow sms").typed.rules[0].condition
            for change in found.changes
        }
        changed = False
        for case in cases(old, new):
            for action in new.actions:
                before, after = (
                    "allowed" if of_law and word == "unsaid" else word
                    for word in (case.old[action].word, case.new[action].word)
                )
                changed = changed or before != after
                reported = [
                    (change.before.value, change.after.value)
                    for change in found.changes
                    if change.action == action
                    and in_time(change, case.day)
                    and oracle.truth(conditions[change], case.values, new.facts) == TRUE
                ]
                assert reported == ([] if before == after else [(before, after)]), (text, action, case.values, case.day)
        assert found.equivalent is not changed
        changed_pairs += changed
    assert changed_pairs > SEEDS // 10


def in_time(change: Change, day: int | None) -> bool:
    since, until = change.since, change.until
    return day is None or ((since is None or since.toordinal() <= day) and (until is None or day <= until.toordinal()))


@pytest.mark.parametrize(("make", "chunk"), MADE)
def test_witnesses_replay_in_both_policies(make: Callable[[int], str], chunk: int) -> None:
    for _, _, old, new in pairs(chunk, make=make):
        for change in difference(old, new).changes:
            for policy, expected in ((old, change.before), (new, change.after)):
                decided = replay(policy, change.witness)
                assert decided[change.action].word == expected.value


def replay(policy: TypedPolicy, witness: object) -> dict[str, Verdict]:
    judge = oracle.Oracle(policy)
    assert isinstance(witness, dict)
    known = {name: value for name, value in witness.items() if name == "on" or name in policy.facts}
    return oracle.case_of(judge, known).verdicts


@pytest.mark.parametrize("chunk", CHUNKS)
def test_on_a_day_it_is_the_difference_of_that_day(chunk: int) -> None:
    for _, _, old, new in itertools.islice(pairs(chunk), 10):
        all_days = list(cases(old, new))
        for day in {case.day for case in all_days} - {None}:
            assert day is not None
            found = difference(old, new, Domain(day))
            assert all(change.since is None and change.until is None for change in found.changes)
            expected = {
                (action, case.old[action].word, case.new[action].word)
                for case in all_days
                for action in new.actions
                if case.day == day and case.old[action].word != case.new[action].word
            }
            assert {(one.action, one.before.value, one.after.value) for one in found.changes} == expected


def strangers(chunk: int) -> Iterator[tuple[str, str, TypedPolicy, TypedPolicy]]:
    """Pairs of one rule each, which seldom speak of the same, behind their texts."""
    declared = "fact late days clock between 0 and 3\nfact agreed yes/no optional\naction sms, call, visit\n"
    generator = random.Random(chunk)
    for _ in range(SEEDS):
        texts = [
            declared + "".join(f"rule r{number}: {_one_rule(generator)}\n" for number in range(generator.randint(1, 2)))
            for _ in range(2)
        ]
        old, new = [typed(text) for text in texts]
        assert old is not None
        assert new is not None
        yield texts[0], texts[1], old, new


def _one_rule(generator: random.Random) -> str:
    condition = generator.choice(
        ["always", "after 1 day", "agreed", "after 1 day and before day 1", "agreed and not agreed", "after 2 days"]
    )
    effect = generator.choice(["allow", "allow", "forbid", "never", "require"])
    overrides = generator.choice(["", " overrides all"]) if effect == "allow" else ""
    return f"{condition} then {effect} {generator.choice(['sms', 'call', 'sms, call', 'visit'])}{overrides}"


class Judged(NamedTuple):
    """What a standard has to say of a policy, by a brute force."""

    vacuous: bool
    judged: set[str]
    unjudged: set[str]


def judged_by(standard: TypedPolicy, policy: TypedPolicy) -> Judged:
    both = list(cases(standard, policy))
    said = {
        word: {action for case in both for action, verdict in case.old.items() if verdict.word == word}
        for word in ("required", "forbidden")
    }
    permitted = {action for case in both for action, verdict in case.new.items() if verdict.permits}
    spoken_of = {
        action
        for rule in policy.rules
        for action, effect in rule.effects.items()
        if any(
            oracle.truth(rule.condition, case.values, policy.facts) >= (TRUE if effect.permits else oracle.OPEN)
            and oracle.in_force(rule, case.day)
            for case in both
        )
    }
    spoken_by_standard = {action for rule in standard.rules for action in rule.effects}
    return Judged(
        not said["required"] and said["forbidden"].isdisjoint(spoken_of),
        permitted & spoken_by_standard,
        permitted - spoken_by_standard,
    )


def breaches(standard: TypedPolicy, action: str, case: Compared) -> set[tuple[str, str, str]]:
    """The rules of a standard that a case breaks, with how: its verdicts are the old ones."""
    demanded, decided = case.old[action], case.new.get(action, Verdict("unsaid", ()))
    kind = None
    if demanded.word == "forbidden" and decided.permits:
        kind = "permits forbidden"
    elif demanded.word == "required" and decided.word != "required":
        kind = "omits required"
    return set() if kind is None else {(standard.rules[number].name, action, kind) for number in demanded.rules}


@pytest.mark.parametrize(("make", "chunk"), MADE)
def test_a_policy_conforms_where_no_case_breaks_a_rule(make: Callable[[int], str], chunk: int) -> None:
    broken = silent = 0
    for text, _, standard, policy in itertools.chain(pairs(chunk, 8, make), strangers(chunk)):
        found = conformance(policy, [standard])
        assert not found.undecided
        reported = {(one.standard_rule.name, one.action, one.kind) for one in found.violations}
        expected = set()
        for case in cases(standard, policy):
            for action in policy.actions:
                expected |= breaches(standard, action, case)
        assert reported == expected, text
        judged = judged_by(standard, policy)
        assert (bool(found.vacuous), set(found.judged), set(found.unjudged)) == (
            judged.vacuous and not expected,
            judged.judged,
            judged.unjudged,
        ), text
        hollow = judged.vacuous or bool(judged.unjudged and not judged.judged)
        assert found.conforms is not (bool(expected) or hollow)
        silent += hollow
        for violation in found.violations:
            demanded = replay(standard, dict(violation.witness))[violation.action]
            decided = replay(policy, dict(violation.witness))[violation.action]
            assert violation.standard_rule.name in [standard.rules[number].name for number in demanded.rules]
            assert tuple(policy.rules[number].name for number in decided.rules) == violation.policy_rules
        broken += bool(expected)
    assert broken
    assert silent


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_policy_and_its_layout_are_equivalent(chunk: int) -> None:
    for text, _, old, _ in pairs(chunk):
        laid_out = typed(forbear.format(text))
        assert laid_out is not None
        assert difference(old, old).equivalent
        assert difference(old, laid_out).equivalent


@pytest.mark.parametrize("chunk", CHUNKS)
def test_what_is_suggested_mends_what_is_permitted(chunk: int) -> None:
    """And the duties that are left out, but for those that a safeguard of the policy stands against, or a hold that has
    no name: and that is said."""
    mended = 0
    for _, text, standard, policy in pairs(chunk, 8):
        found = conformance(policy, [standard])
        suggested = suggested_rules(found)
        assert bool(suggested) == bool(found.violations or found.vacuous)
        better = typed(text + suggested)
        assert better is not None, text + suggested
        for left in conformance(better, [standard]).violations:
            assert left.kind == "omits required"
            rule = f"`{left.standard_rule.name}` of `{standard.name}`"
            assert (
                f"forbids {left.action} where {rule} requires it" in suggested
                or f"{rule} cannot be said of {left.action} here" in suggested
            ), text + suggested
        mended += bool(found.violations)
    assert mended
