"""The pair findings asked of an SMT solver, pair by pair: a second opinion, and a rival.

It is written from the reference of the language and shares nothing with `forbear.space`. Where `z3-solver` is
installed, `python benchmarks/solver.py` compares both on 500 rules.
"""

from __future__ import annotations

import itertools
import sys
from typing import Any

import z3
from measure import turn_by_turn, verdict
from workload import many_rules

import forbear
from forbear.language.model import kinds
from forbear.language.model.comparisons import Between, Compare, OneOf
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or
from forbear.language.model.facts import Fact
from forbear.language.model.policy import Effect, Rule, TypedPolicy
from forbear.language.model.relations import Related, unit

Answer = tuple[str, str, str]


class Encoding:
    """A policy's facts as variables: a number on the grid, and whether it is absent (unknown or none)."""

    def __init__(self, policy: TypedPolicy) -> None:
        self.policy = policy
        self.values: dict[str, Any] = {}
        self.absent: dict[str, Any] = {}
        self.texts: dict[str, list[str]] = {}
        self.bounds: list[Any] = []
        for fact in policy.facts.values():
            value, absent = z3.Int(fact.name), z3.Bool(f"{fact.name} absent")
            self.values[fact.name], self.absent[fact.name] = value, absent
            if fact.kind is kinds.FLAG:
                self.bounds += [value >= 0, value <= 1]
            elif fact.kind is kinds.CHOICE:
                self.bounds += [value >= 0, value < len(fact.names)]
            elif fact.kind is not kinds.TEXT:
                self.bounds += [value >= fact.low, value <= fact.high]
            if not (fact.optional or fact.or_none):
                self.bounds.append(z3.Not(absent))

    def number(self, fact: Fact, value: object) -> int:
        if fact.kind is kinds.CHOICE:
            return fact.names.index(str(value))
        if fact.kind is kinds.TEXT:
            texts = self.texts.setdefault(fact.name, [])
            if value not in texts:
                texts.append(str(value))
            return texts.index(str(value))
        return int(value)  # type: ignore[call-overload, no-any-return]

    def holds(self, condition: Condition) -> tuple[Any, Any]:
        """Whether a condition is certainly true, and whether it is not certainly false."""
        match condition:
            case Always():
                return z3.BoolVal(True), z3.BoolVal(True)
            case Not(part):
                certain, possible = self.holds(part)
                return z3.Not(possible), z3.Not(certain)
            case And(parts) | Or(parts):
                join = z3.And if isinstance(condition, And) else z3.Or
                both = [self.holds(part) for part in parts]
                return join([one for one, _ in both]), join([other for _, other in both])
            case IsKnown(name, negated) | IsNone(name, negated):
                wanted_absent = negated if isinstance(condition, IsKnown) else not negated
                absent = self.absent[name] if wanted_absent else z3.Not(self.absent[name])
                return absent, absent
            case Related():
                return self.related(condition)
            case Compare() | Between() | OneOf():
                return self.comparison(condition)
            case Related():
                raise AssertionError(condition)  # the workload has none

    def related(self, atom: Related) -> tuple[Any, Any]:
        facts = [self.policy.facts[name] for name in atom.facts]
        absent = [self.absent[fact.name] for fact in facts]
        unknown = z3.Or([lacks for fact, lacks in zip(facts, absent, strict=True) if fact.optional])
        none = z3.Or([lacks for fact, lacks in zip(facts, absent, strict=True) if fact.or_none])
        left, right = (
            z3.Sum(
                z3.Q(term.offset.numerator, term.offset.denominator),
                *[
                    z3.Q(worth.numerator, worth.denominator) * z3.ToReal(self.values[name])
                    for name, share in term.parts
                    for worth in [share * unit(self.policy.facts[name])]
                ],
            )
            for term in (atom.left, atom.right)
        )
        known = {
            "<": left < right,
            "<=": left <= right,
            "=": left == right,
            "!=": left != right,
            ">=": left >= right,
            ">": left > right,
        }[atom.operator]
        holds = z3.If(none, z3.BoolVal(atom.operator == "!="), known)
        return z3.And(z3.Not(unknown), holds), z3.Or(unknown, holds)

    def comparison(self, atom: Compare | Between | OneOf) -> tuple[Any, Any]:
        fact = self.policy.facts[atom.fact]
        value, absent = self.values[fact.name], self.absent[fact.name]
        negative = atom.operator == "!=" if isinstance(atom, Compare) else atom.negated
        match atom:
            case Compare(operator=operator, value=other):
                bound = self.number(fact, other)
                known = {
                    "<": value < bound,
                    "<=": value <= bound,
                    "=": value == bound,
                    "!=": value != bound,
                    ">=": value >= bound,
                    ">": value > bound,
                }[operator]
            case Between(low=low, high=high, negated=negated):
                join = z3.And if low <= high else z3.Or
                known = join(value >= low, value <= high)
                known = z3.Not(known) if negated else known
            case OneOf(values=values, negated=negated):
                known = z3.Or([value == self.number(fact, one) for one in values])
                known = z3.Not(known) if negated else known
        if fact.optional:
            return z3.And(z3.Not(absent), known), z3.Or(absent, known)
        of_none = z3.Or(absent, known) if negative else z3.And(z3.Not(absent), known)
        return (of_none, of_none) if fact.or_none else (known, known)


def ask_each_pair(policy: TypedPolicy) -> set[Answer]:
    """The contradictions, blocked duties and common cases of undated rules without overrides, pair by pair."""
    encoding = Encoding(policy)
    solver = z3.Solver()
    solver.add(encoding.bounds)
    truths = [encoding.holds(rule.condition) for rule in policy.rules]
    found: set[Answer] = set()
    alive = []
    for number, rule in enumerate(policy.rules):
        sides = {effect.permits for effect in rule.effects.values()}
        alive.append(any(_possible(solver, truths[number][0 if permits else 1]) for permits in sides))
    for one, other in itertools.combinations(range(len(policy.rules)), 2):
        if not alive[one] or not alive[other]:
            continue
        for code, first, second in _questions(policy.rules[one], policy.rules[other]):
            sides_of = (truths[one][0 if first.permits else 1], truths[other][0 if second.permits else 1])
            if _possible(solver, *sides_of):
                found.add((code, policy.rules[one].name, policy.rules[other].name))
    return found


def _possible(solver: Any, *formulas: Any) -> bool:
    solver.push()
    solver.add(*formulas)
    answer = solver.check()
    solver.pop()
    return bool(answer == z3.sat)


def _questions(one: Rule, other: Rule) -> set[tuple[str, Effect, Effect]]:
    questions = set()
    for action, effect in one.effects.items():
        its = other.effects.get(action)
        if its is None:
            continue
        if Effect.FORBID in (effect, its) and effect.permits != its.permits:
            questions.add(("contradiction", effect, its))
        elif {effect, its} == {Effect.REQUIRE, Effect.NEVER}:
            questions.add(("blocked-duty", effect, its))
        elif effect is its and effect is not Effect.NEVER:
            questions.add(("common case", effect, its))
    return questions


def ask_the_analyser(policy: forbear.Policy) -> set[Answer]:
    """The same from the analyser: an overlap, a duplicate and a subsumed rule are a common case."""
    names = {"overlap": "common case", "duplicate": "common case", "subsumed": "common case"}
    return {
        (names.get(found.code, found.code), found.rules[0], found.rules[1])
        for cause in policy.validate(asked=["overlap"])
        for found in (cause, *cause.also)
        if found.code in ("contradiction", "blocked-duty", *names)
    }


def common_cases(policy: TypedPolicy) -> int:
    """How many pairs of rules have a common case at all: the same question for each pair."""
    encoding = Encoding(policy)
    solver = z3.Solver()
    solver.add(encoding.bounds)
    truths = [encoding.holds(rule.condition)[0] for rule in policy.rules]
    return sum(_possible(solver, one, other) for one, other in itertools.combinations(truths, 2))


def main() -> None:
    from analysis import pair_findings

    policy = forbear.loads(many_rules(500, seed=7))
    ours = ask_the_analyser(policy)
    theirs = ask_each_pair(policy.typed)
    print(f"500 rules, {len(ours)} answers, " + ("the same" if ours == theirs else f"DIFFERENT: {len(ours ^ theirs)}"))
    pair_time, some_time, every_time = turn_by_turn(
        [
            lambda: pair_findings(policy.typed),
            lambda: ask_each_pair(policy.typed),
            lambda: common_cases(policy.typed),
        ],
        2,
    )
    print(f"all pair findings {pair_time * 1e3:.0f} ms; z3 asked for each pair {every_time:.1f} s,")
    print(f"z3 asked only for pairs that could be a finding by their effects {some_time:.1f} s")
    held = verdict("asking z3 for each pair, as 1/100 of its time", 100 * pair_time / every_time, 1.0)
    verdict("the same, asked only where effects could clash or agree", 100 * pair_time / some_time, 1.0)
    sys.exit(0 if held and ours == theirs else 1)


if __name__ == "__main__":
    main()
