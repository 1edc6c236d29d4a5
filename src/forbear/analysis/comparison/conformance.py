"""Whether a policy keeps the bounds that a standard sets: no case in which it permits what the standard forbids, and
none in which it leaves out what the standard requires. What the standard leaves unsaid is free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from forbear.analysis.comparison.pair import Pair, paired
from forbear.analysis.engine.analysis import analyse
from forbear.analysis.engine.searcher import BOUND
from forbear.analysis.engine.space import Witness, check_witness, permits
from forbear.composition.union import Redeclared, Scope, union
from forbear.kernel import Verdict
from forbear.model.policy import Effect, Rule, TypedPolicy, facts_read
from forbear.space.formulas import All, Formula, Neither, but_not
from forbear.space.regions import TooManyBoxes
from forbear.space.search.bound import BoundReached

CONFORM_BOUND = 10 * BOUND
"""Boxes that the search may compare for one standard before it says `undecided`: some ten seconds."""

Kind: TypeAlias = Literal["permits forbidden", "omits required"]


@frozen
class Violation:
    """A rule of a standard that some case breaks, for one action; `policy_rules` decide there."""

    action: str
    standard: TypedPolicy
    standard_rule: Rule
    policy_rules: tuple[str, ...]
    kind: Kind
    verdict: Verdict
    witness: Witness = field(hash=False)

    def as_json(self) -> dict[str, object]:
        """As `forbear conform` prints it."""
        return {
            "action": self.action,
            "standard": self.standard.name,
            "standard_rule": self.standard_rule.name,
            "policy_rules": list(self.policy_rules),
            "kind": self.kind,
            "verdict": self.verdict.value,
            "witness": dict(self.witness),
        }


@frozen
class Undecided:
    """A rule of a standard of which it is not known whether a case breaks it: the search reached its bound."""

    action: str
    standard: TypedPolicy
    standard_rule: Rule

    def as_json(self) -> dict[str, object]:
        """As `forbear conform` prints it."""
        return {"action": self.action, "standard": self.standard.name, "standard_rule": self.standard_rule.name}


@frozen
class Conformance:
    """How a policy keeps the bounds of some standards. `unjudged` are actions that it permits in some case, and that
    no standard knows. `facts` are those that a standard reads and that the policy declares otherwise, or not at all.
    """

    policy: TypedPolicy
    standards: tuple[TypedPolicy, ...]
    scope: Scope
    violations: tuple[Violation, ...]
    unjudged: tuple[str, ...]
    undecided: tuple[Undecided, ...]
    facts: tuple[Redeclared, ...]

    @property
    def conforms(self) -> bool:
        """Whether it is proved that no case breaks a rule of a standard."""
        return not self.violations and not self.undecided

    def as_json(self) -> dict[str, object]:
        """As `forbear conform` prints it."""
        return {
            "conforms": self.conforms,
            "violations": [violation.as_json() for violation in self.violations],
            "unjudged": list(self.unjudged),
            "undecided": [one.as_json() for one in self.undecided],
            "facts": [{"name": one.name, "standard": one.old, "policy": one.new, **one.called()} for one in self.facts],
        }


def conformance(
    policy: TypedPolicy, standards: Sequence[TypedPolicy], day: int | None = None, *, in_force: bool = False
) -> Conformance:
    """Holds a policy against standards, in every case that it can have: the values that it declares of each fact.

    With a `day` (an ordinal), on that day; with `in_force`, on the days on which the policy is. Raises `Incomparable`.
    """
    scope = Scope(day, of_new=True, in_force=in_force)
    violations: list[Violation] = []
    undecided: list[Undecided] = []
    facts: dict[str, Redeclared] = {}
    for standard in standards:
        both = union(standard, policy, scope, called="standard")
        read = facts_read(both.old)
        facts.update((one.name, one) for one in both.facts if (one.apart or one.name) in read)
        for outcome in _outcomes(paired(both), standard):
            if isinstance(outcome, Violation):
                violations.append(outcome)
            else:
                undecided.append(outcome)
    known = {action for standard in standards for action in standard.actions}
    return Conformance(
        policy,
        tuple(standards),
        scope,
        tuple(violations),
        tuple(_permitted(policy, [action for action in policy.actions if action not in known])),
        tuple(undecided),
        tuple(facts.values()),
    )


def _outcomes(pair: Pair, standard: TypedPolicy) -> Iterator[Violation | Undecided]:
    """What there is to say of each rule and action of a standard, which is the old policy of the pair."""
    budget = CONFORM_BOUND
    deciding = {action: pair.rules_on(action) for action in standard.actions}
    alike: dict[object, str] = {}
    first = {action: alike.setdefault(rules, action) for action, rules in deciding.items()}
    replays = {action: sum(len(others) for _, _, others in deciding[action]) for action in alike.values()}
    for number, rule in enumerate(standard.rules):
        known: dict[str, Violation | Undecided | None] = {}
        for action, effect in rule.effects.items():
            if effect in (Effect.ALLOW, Effect.EXEMPT):
                continue
            its = first[action]
            if its not in known:
                allowance = pair.analysis.searcher.bound.left = min(budget, BOUND)
                try:
                    known[its] = _violation(pair, standard, number, its, replays[its])
                except (BoundReached, TooManyBoxes):
                    known[its] = Undecided(its, standard, rule)
                budget -= allowance - max(pair.analysis.searcher.bound.left, 0)
            outcome = known[its]
            if outcome is not None:
                yield evolve(outcome, action=action)


def _violation(pair: Pair, standard: TypedPolicy, number: int, action: str, replay: int) -> Violation | None:
    """What breaks a rule of the standard for an action, if something does; `replay` is what deciding a case costs."""
    if pair.too_large(action):
        raise TooManyBoxes
    rule = standard.rules[number]
    requires = rule.effects[action] is Effect.REQUIRE
    broken = Neither((pair.new(action).required,)) if requires else pair.new(action).permitted
    formula = All((_decides(pair, number, action), broken, pair.analysis.space.possible_cases.formula))
    box = pair.analysis.searcher.search().find(formula)
    if box is None:
        return None
    pair.analysis.searcher.bound.spend(replay)
    point = pair.analysis.space.point(pair.analysis.searcher.shrunk(formula, box))
    demanded, decided = pair.old_decision(action, point), pair.new_decision(action, point)
    shown = rule.name in demanded.rules and (
        (demanded.verdict, decided.verdict is not Verdict.REQUIRED) == (Verdict.REQUIRED, True)
        if requires
        else (demanded.verdict, permits(decided.verdict)) == (Verdict.FORBIDDEN, True)
    )
    check_witness(shown, "a violation", point)
    kind: Kind = "omits required" if requires else "permits forbidden"
    return Violation(action, standard, rule, decided.rules, kind, decided.verdict, point.witness)


def _decides(pair: Pair, number: int, action: str) -> Formula:
    """Where a rule of the standard is among those that give the verdict on an action."""
    rules = pair.union.old.rules
    standing = pair.analysis.formulas.active(f"old {action}")
    effect = rules[number].effects[action]
    stands = standing.decides_as(number)
    if effect is Effect.NEVER:
        return stands
    return but_not(stands, pair.old(action).forbidden if effect is Effect.REQUIRE else standing.stronger(effect))


def _permitted(policy: TypedPolicy, actions: Sequence[str]) -> Iterator[str]:
    """Those of the actions that a policy permits in some case. One of which that is not known counts as one."""
    analysis = analyse(policy) if actions else None
    for action in actions:
        assert analysis is not None
        analysis.searcher.bound.left = BOUND
        try:
            if (
                analysis.space.too_large
                or analysis.searcher.search().find(analysis.formulas.verdicts(action).permitted) is not None
            ):
                yield action
        except BoundReached:
            yield action
