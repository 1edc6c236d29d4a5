"""Decides whether a policy conforms to a standard.

It does if it permits in no case what the standard forbids, and requires in every case what the standard requires. If
the standard has no rule on an action, the policy may decide freely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from forbear.analysis.comparison.pair import Pair, Vacuous, paired
from forbear.analysis.engine.analysis import Analysis, analyse, keeping
from forbear.analysis.engine.space import Point, Witness, check_witness
from forbear.kernel.cases import Verdict
from forbear.language.model.conditions import facts_in
from forbear.language.model.policy import REFUSING, Conforms, Effect, Rule, TypedPolicy, facts_read
from forbear.language.model.values import fields_json
from forbear.semantics import meaning
from forbear.semantics.composition.duties import pair_of
from forbear.semantics.composition.standards import actions_spoken_of, omissions, provenance, with_standards
from forbear.semantics.composition.union import Domain, Redeclared, union
from forbear.space.formulas import FALSE, All, Formula, Neither, any_of, inside
from forbear.space.regions import TooManyBoxes
from forbear.space.search.bound import BoundReached

_RULES = 10
"""The searches for one standard may compare as many boxes as those for so many rules: some ten seconds."""

Kind: TypeAlias = Literal["permits forbidden", "omits required"]
PERMITS: Kind = "permits forbidden"
OMITS: Kind = "omits required"


@frozen
class Violation:
    """A rule of a standard that a policy breaks on one action, with a case.

    `policy_rules` decide in that case; `kept_by` is a rule of the policy that keeps the standard's rule in other cases.
    `witness` is the case with all its facts, and `case` has those alone that are not at their usual or mildest value.
    """

    action: str
    standard: TypedPolicy
    standard_rule: Rule
    policy_rules: tuple[str, ...]
    kind: Kind
    verdict: Verdict
    witness: Witness = field(hash=False)
    kept_by: str | None = None
    case: Mapping[str, object] = field(factory=dict, hash=False)

    def as_json(self) -> dict[str, object]:
        """Returns the violation as `forbear conform` prints it."""
        return {
            "action": self.action,
            "standard": self.standard.name,
            "standard_rule": self.standard_rule.name,
            **fields_json(self, "policy_rules", "kind", "verdict", "witness", "kept_by"),
        }


@frozen
class Undecided:
    """A rule of a standard of which it is unknown whether the policy breaks it: the search reached its bound."""

    action: str
    standard: TypedPolicy
    standard_rule: Rule

    def as_json(self) -> dict[str, object]:
        """Returns the undecided rule as `forbear conform` prints it."""
        return {"action": self.action, "standard": self.standard.name, "standard_rule": self.standard_rule.name}


@frozen
class VacuousStandard:
    """A standard that is vacuous for a policy, and how; "undecided" if the search for that reached its bound."""

    standard: TypedPolicy
    how: Vacuous | Literal["undecided"]

    def as_json(self) -> dict[str, object]:
        """Returns the vacuous standard as `forbear conform` prints it."""
        return {"standard": self.standard.name, "how": self.how}


@frozen
class Conformance:
    """The conformance of a policy to some standards.

    Of the actions that the policy permits in some case, `judged` are covered by a rule of a standard, and `unjudged`
    are not. `facts` are those that a standard reads and the policy declares differently, or not at all.
    """

    policy: TypedPolicy
    standards: tuple[TypedPolicy, ...]
    domain: Domain
    violations: tuple[Violation, ...]
    vacuous: tuple[VacuousStandard, ...]
    judged: tuple[str, ...]
    unjudged: tuple[str, ...]
    undecided: tuple[Undecided, ...]
    facts: tuple[Redeclared, ...]
    effort: int
    """The effort of the search."""

    @property
    def conforms(self) -> bool:
        """Whether it is proved that the policy breaks no rule of a standard in any case, and that it was judged at all.

        A vacuous standard judges nothing; nor does any standard if all that the policy permits is unjudged.
        """
        judges = not self.vacuous and (self.judged or not self.unjudged)
        return not self.violations and not self.undecided and bool(judges)

    def as_json(self) -> dict[str, object]:
        """Returns the conformance as `forbear conform` prints it."""
        return {
            **fields_json(self, "conforms", "violations", "vacuous", "judged", "unjudged", "undecided"),
            "facts": [
                {"name": fact.name, "standard": fact.old, "policy": fact.new, **fact.called()} for fact in self.facts
            ],
            "omits": [{"standard": name, "texts": list(texts)} for name, texts in omissions(self.standards)],
            "provenance": [
                {"standard": standard.name, **provenance(standard)} for standard in with_standards(self.standards)
            ],
        }


def conformance(
    policy: TypedPolicy,
    standards: Sequence[TypedPolicy],
    day: int | None = None,
    *,
    in_force: bool = False,
    effort: int = 1,
) -> Conformance:
    """Compares a policy with standards, in every case that the policy can have, by the facts that it declares.

    With a `day` (an ordinal), only on that day; with `in_force`, only on the days on which the policy is in force.
    `effort` raises the bounds of the searches. Raises `Incomparable` if the policy and a standard declare a fact in
    incompatible ways.
    """
    domain = Domain(day, of_new=True, in_force=in_force)
    violations: list[Violation] = []
    undecided: list[Undecided] = []
    hollow: list[VacuousStandard] = []
    facts: dict[str, Redeclared] = {}
    for standard in standards:
        pair = paired(union(standard, policy, domain, called="standard"), effort)
        outcomes = outcomes_of(pair, standard)
        read = facts_read(pair.union.old)
        facts.update((fact.name, fact) for fact in pair.union.facts if (fact.apart or fact.name) in read)
        violations += [outcome for outcome in outcomes if isinstance(outcome, Violation)]
        undecided += [outcome for outcome in outcomes if isinstance(outcome, Undecided)]
        how = None if outcomes else _vacuous(pair)
        hollow += [] if how is None else [VacuousStandard(standard, how)]
    spoken_of = actions_spoken_of(standards)
    permitted = list(_permitted(policy, domain, effort))
    return Conformance(
        policy,
        tuple(standards),
        domain,
        tuple(violations),
        tuple(hollow),
        tuple([action for action in permitted if action in spoken_of]),
        tuple([action for action in permitted if action not in spoken_of]),
        tuple(undecided),
        tuple(facts.values()),
        effort,
    )


def promised(analysis: Analysis, promise: Conforms) -> Pair:
    """A standard and the policy that promises to conform to it. They are paired once. Raises `Incomparable`."""
    if promise.place not in analysis.pairs:
        both = union(promise.standard, analysis.policy, Domain(of_new=True, in_force=True), called="standard")
        analysis.pairs[promise.place] = paired(both, analysis.space.effort)
    pair: Pair = analysis.pairs[promise.place]
    pair.analysis.searcher.bound.left = pair.analysis.searcher.most
    return pair


def outcomes_of(pair: Pair, standard: TypedPolicy) -> Sequence[Violation | Undecided]:
    """Returns the rules of one standard that a policy breaks, and those for which this is undecided."""
    return [
        evolve(outcome, case=_short(pair, outcome)) if isinstance(outcome, Violation) else outcome
        for outcome in _outcomes(pair, standard)
    ]


def _short(pair: Pair, violation: Violation) -> Mapping[str, object]:
    shown = (violation.standard_rule.name, *violation.policy_rules)
    return pair.short_cases.of(violation.witness, (violation.action,), shown)


def _vacuous(pair: Pair) -> Vacuous | Literal["undecided"] | None:
    """Returns how a standard is vacuous, given that the policy breaks none of its rules."""
    pair.analysis.searcher.bound.left = pair.analysis.searcher.most
    try:
        return pair.vacuous()
    except BoundReached:
        return "undecided"


def _outcomes(pair: Pair, standard: TypedPolicy) -> Iterator[Violation | Undecided]:
    """Yields the outcome for each rule and action of a standard, which is the old policy of the pair; none if the rule
    is kept.
    """
    most = pair.analysis.searcher.most
    budget = _RULES * most
    deciding = {action: pair.rules_on(action) for action in standard.actions}
    alike: dict[object, str] = {}  # actions of the same rules have the same violations, unless companions matter
    apart = bool(pair.analysis.space.companions)
    first = {action: alike.setdefault(action if apart else rules, action) for action, rules in deciding.items()}
    costs = {action: sum(len(overridden) for _, _, overridden in deciding[action]) for action in alike.values()}
    for number, rule in enumerate(standard.rules):
        known: dict[str, Violation | Undecided | None] = {}
        for action, effect in rule.effects.items():
            if effect in (Effect.ALLOW, Effect.EXEMPT):
                continue
            like = first[action]
            if like not in known:
                allowance = pair.analysis.searcher.bound.left = min(budget, most)
                try:
                    known[like] = _violation(pair, standard, number, like, costs[like])
                except (BoundReached, TooManyBoxes):
                    known[like] = Undecided(like, standard, rule)
                budget -= allowance - max(pair.analysis.searcher.bound.left, 0)
            outcome = known[like]
            if outcome is not None:
                yield evolve(outcome, action=action)
        for action, companions in rule.along.items():
            for companion in (None, *companions):
                pair.analysis.searcher.bound.left = most
                try:
                    outcome = _along_violation(pair, standard, number, action, companion)
                except (BoundReached, TooManyBoxes):
                    outcome = Undecided(action if companion is None else pair_of(action, companion), standard, rule)
                if outcome is not None:
                    yield outcome


def _along_violation(
    pair: Pair, standard: TypedPolicy, number: int, action: str, companion: str | None
) -> Violation | None:
    """Returns the violation of a rule of the standard that asks for a companion of an action: the policy permits the
    action without it. Without a companion: the policy permits the action although the companion that the rule asks for
    is forbidden.
    """
    if pair.too_large(action):
        raise TooManyBoxes
    formulas, space = pair.analysis.formulas, pair.analysis.space
    rule = standard.rules[number]
    if companion is None:
        broken = formulas.blocked_by(number, f"old {action}")
    else:
        without = Neither((pair.new_along(action).get(companion, FALSE),))
        broken = All((inside(space.on_side(number, False)), without))
    point = pair.analysis.searcher.possible_case(broken, pair.new(action).permitted)
    if point is None:
        return None
    old, by_policy = pair.union.old, pair.new_decision(action, point)
    name, kind, verdict = action, PERMITS, by_policy.verdict
    if companion is None:
        blocked = meaning.duties_blocked(old, action, point.case, point.day)
        shown = number in blocked and blocked[number].holds is not False
    else:
        shown = meaning.condition_holds(old, old.rules[number], point.case, point.day) is not False
        shown = shown and all(required.action != companion for required in by_policy.along)
        name, kind, verdict = pair_of(action, companion), OMITS, Verdict.UNSAID
    check_witness(shown and by_policy.permitted, "a violation", point)
    return Violation(name, standard, rule, by_policy.rules, kind, verdict, point.witness)


def _violation(pair: Pair, standard: TypedPolicy, number: int, action: str, cost: int) -> Violation | None:
    """Returns the violation of a rule of the standard on an action, if there is one; `cost` is that of deciding one
    case.
    """
    if pair.too_large(action):
        raise TooManyBoxes
    rule = standard.rules[number]
    requires = rule.effects[action] is Effect.REQUIRE
    permitted_along = any_of(
        formula
        for host in pair.union.new.actions
        for companion, formula in pair.new_along(host).items()
        if companion == action
    )
    permitted = any_of((pair.new(action).permitted, permitted_along))
    broken = Neither((pair.new(action).required,)) if requires else permitted
    point = pair.analysis.searcher.possible_case(_decides(pair, number, action), broken)
    if point is None:
        return None
    pair.analysis.searcher.bound.spend(cost)
    by_standard, by_policy = pair.old_decision(action, point), pair.new_decision(action, point)
    shown = rule.name in by_standard.rules and (
        by_standard.verdict is Verdict.REQUIRED and by_policy.verdict is not Verdict.REQUIRED
        if requires
        else by_standard.verdict is Verdict.FORBIDDEN and (by_policy.permitted or _goes_along(pair, action, point))
    )
    check_witness(shown, "a violation", point)
    kind = OMITS if requires else PERMITS
    kept_by = _kept_by(pair, number, action)
    return Violation(action, standard, rule, by_policy.rules, kind, by_policy.verdict, point.witness, kept_by)


def _kept_by(pair: Pair, number: int, action: str) -> str | None:
    """The name of a rule of the policy's own that keeps a rule of the standard in some cases."""
    rule, first = pair.union.old.rules[number], len(pair.union.old.rules)
    keeper = keeping(
        pair.analysis,
        f"new {action}",
        (Effect.REQUIRE,) if rule.effects[action] is Effect.REQUIRE else REFUSING,
        [first + place for place, own in enumerate(pair.union.new.rules) if own.standard is None],
        set(facts_in(rule.condition)),
        _decides(pair, number, action),
    )
    return None if keeper is None else pair.union.new.rules[keeper - first].name


def _goes_along(pair: Pair, action: str, point: Point) -> bool:
    """Returns true if the policy asks for an action as the companion of one that it permits."""
    decisions = [pair.new_decision(host, point) for host in pair.union.new.actions]
    return any(required.action == action for decision in decisions for required in decision.along)


def _decides(pair: Pair, number: int, action: str) -> Formula:
    """Returns the formula for when a rule of the standard is among those that give the verdict on an action."""
    return pair.analysis.formulas.active(f"old {action}").gives_verdict(number)


def _permitted(policy: TypedPolicy, domain: Domain, effort: int) -> Iterator[str]:
    """The actions that a policy permits in some case, including those for which that is undecided."""
    analysis = analyse(union(policy, policy, domain).new, effort=effort)
    for action in policy.actions:
        analysis.searcher.bound.left = analysis.searcher.most
        try:
            permitted = analysis.formulas.verdicts(action).permitted
            if analysis.space.too_large or analysis.searcher.is_possible(permitted):
                yield action
        except BoundReached:
            yield action
