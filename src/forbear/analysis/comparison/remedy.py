"""Finds the rules that a policy lacks to conform to standards, in the policy's own vocabulary.

Each broken rule of a standard gets a new rule, a `never` or a `require`. It holds when the standard's rule is active:
its condition holds, and no rule that overrides it is active. A `require` that meets a `forbid` on the action overrides
all of them.

A new `require` may permit an action that another rule of the standard forbids and that was not permitted before. So the
policy with its new rules is compared with the standards again, until no violation is left that a rule can remove.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, evolve, field, frozen

from forbear.analysis.comparison.conformance import Conformance, Violation, conformance
from forbear.analysis.engine.space import policy_space
from forbear.base.source import Source
from forbear.kernel.cases import Verdict
from forbear.language.model.conditions import (
    MAXIMUM_COMPARISONS,
    MAXIMUM_DEPTH,
    And,
    Condition,
    Not,
    atoms,
    depth,
    facts_in,
)
from forbear.language.model.policy import Effect, Rule, RuleSet, TypedPolicy
from forbear.language.syntax.parser import parse
from forbear.semantics import meaning
from forbear.semantics.composition.rebasing import without_decided
from forbear.semantics.composition.union import Domain, ImportConflict, Incomparable, union, with_declarations
from forbear.semantics.to_text import rule_text
from forbear.space.regions import intersection
from forbear.space.search.bound import BoundReached

_DEEPEST = 10


@frozen
class Unsaid:
    """A violation that the language has no rule against in the policy, with the reason why."""

    violation: Violation
    why: str


@frozen
class Remedy:
    """The rules that a policy lacks. `policy` is the policy with them, and with the vocabulary that they need.

    `left` is its conformance, with the violations and undecided rules that remain.
    """

    policy: TypedPolicy
    rules: tuple[Rule, ...]
    unsaid: tuple[Unsaid, ...]
    left: Conformance


def remedy(outcome: Conformance) -> Remedy:
    """The missing rules. Where one cannot be expressed exactly, it restricts more cases than the standard."""
    domain = outcome.domain
    missing = _Missing(outcome.policy, outcome.standards)
    left, first = outcome, True
    while left.violations:
        added = False
        for violation in left.violations:
            blocked = violation.kind == "omits required" and violation.verdict is Verdict.FORBIDDEN
            added = ((first or not blocked) and missing.add(violation)) or added
        if not added:
            break
        left = conformance(
            missing.policy, outcome.standards, domain.day, in_force=domain.in_force, effort=outcome.effort
        )
        first = False
    return Remedy(missing.policy, tuple(missing.rules.values()), tuple(missing.unsaid.values()), left)


_Key = tuple[int, int, Effect, Condition]
"""The places of a standard and of its rule, and the effect and condition of the new rule."""


@define
class _Missing:
    """The new rules found so far, and the policy that has them."""

    own: TypedPolicy
    standards: Sequence[TypedPolicy]
    policy: TypedPolicy = field(init=False)
    rules: dict[_Key, Rule] = field(factory=dict, init=False)
    unsaid: dict[tuple[int, int, str], Unsaid] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.policy = self.own

    def add(self, violation: Violation) -> bool:
        """Adds a rule against a violation, or the action to such a rule. Returns whether that changed the policy."""
        place = next(n for n, standard in enumerate(self.standards) if standard is violation.standard)
        number = next(n for n, rule in enumerate(violation.standard.rules) if rule is violation.standard_rule)
        action = violation.action
        if (place, number, action) in self.unsaid:
            return False
        try:
            return self._add(violation, place, number)
        except ImportConflict as error:
            self.unsaid[place, number, action] = Unsaid(violation, str(error))
            return False

    def _add(self, violation: Violation, place: int, number: int) -> bool:
        if violation.action not in violation.standard_rule.effects:
            raise ImportConflict("that rule is about an accompanying action: write the same in the policy")
        standard, action = violation.standard, violation.action
        both = union(standard, self.policy, Domain(of_new=True), called="standard")
        effect = Effect.REQUIRE if violation.kind == "omits required" else Effect.NEVER
        active = _where_active(both.old, meaning.overriders(both.old, action), number)
        assert active is not None
        condition = without_decided(active, both.new.facts, when_unknown=effect is Effect.NEVER)
        apart = {fact.apart: fact.name for fact in both.facts if fact.apart is not None}
        for name in facts_in(condition):
            if name in apart:
                raise ImportConflict(f"the policy derives another fact by the name `{apart[name]}`")
        key = (place, number, effect, condition)
        rule = self.rules.get(key) or _rule(violation, condition, [*self.own.rules, *self.rules.values()])
        if action in rule.effects:
            return False
        rule = evolve(rule, effects={**rule.effects, action: effect})
        worded = with_declarations(self.policy, standard, both.new.facts, condition, action)
        rule = _overriding(rule, action, worded)
        worded = evolve(worded, rules=(*self.own.rules, *{**self.rules, key: rule}.values()))
        _check(rule, worded, self.standards)
        self.policy = worded
        self.rules[key] = rule
        return True


def _rule(violation: Violation, condition: Condition, existing: Sequence[Rule]) -> Rule:
    """A rule without effects, which is named after the broken rule, and unlike any existing one."""
    broken = violation.standard_rule
    base = broken.name.replace(".", "_") if broken.named else f"rule_{broken.place.start.line}"
    taken = {rule.name for rule in existing}
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    source = broken.source if broken.source is not None else f"{violation.standard.name}, {broken.name}"
    own = evolve(broken, name=name, named=True, standard=None, source=source)
    return evolve(own, condition=condition, effects={}, overrides={}, along={})


def _overriding(rule: Rule, action: str, policy: TypedPolicy) -> Rule:
    """The rule, which overrides each `forbid` on the action if it meets one: else they would contradict each other.

    It names all of them, so that a `forbid` which overrides everything does not override this rule.
    """
    if rule.effects[action] is not Effect.REQUIRE:
        return rule
    forbids = {number: own for number, own in enumerate(policy.rules) if own.effects.get(action) is Effect.FORBID}
    if not any(_meet(rule, forbid, policy) for forbid in forbids.values()):
        return rule
    for forbid in forbids.values():
        if not forbid.named:
            raise ImportConflict(f"`{forbid.name}` forbids `{action}`, and has no name by which it could be overridden")
    return evolve(rule, overrides={**rule.overrides, action: RuleSet(tuple(forbids))})


def _meet(require: Rule, forbid: Rule, policy: TypedPolicy) -> bool:
    """Returns true if two rules have a case in common, or if this is not known."""
    space = policy_space(evolve(policy, rules=(evolve(require, overrides={}), evolve(forbid, overrides={}))))
    if space.too_large:
        return True
    required, forbidden = space.on_side(0, permits=True), space.on_side(1, permits=False)
    common = [
        box
        for requiring in required
        for forbidding in forbidden
        if (box := intersection(requiring, forbidding)) is not None
    ]
    try:
        return next(space.possible_cases.in_boxes(common), None) is not None
    except BoundReached:
        return True


def _check(rule: Rule, policy: TypedPolicy, standards: Sequence[TypedPolicy]) -> None:
    """Raises `ImportConflict` if a rule cannot be parsed from its text, or makes the policy incomparable."""
    _, diagnostics = parse(Source("rule", rule_text(rule, policy)))
    large = sum(1 for _ in atoms(rule.condition)) > MAXIMUM_COMPARISONS or depth(rule.condition) > MAXIMUM_DEPTH
    if diagnostics or large:
        raise ImportConflict("written out its condition is too large")
    for standard in standards:
        try:
            union(standard, policy)
        except Incomparable as error:
            raise ImportConflict(str(error)) from None


def _where_active(
    standard: TypedPolicy, overriders: Mapping[int, Sequence[int]], number: int, depth: int = 0
) -> Condition | None:
    """Returns the condition under which a rule is active: its own, and that no rule that overrides it is active.

    An overriding rule for which dates or a long chain prevent such a condition is left out. The new rule then restricts
    more cases than the standard, and never fewer. For an overriding rule itself it has to be exact, and is None else.
    """
    parts = [standard.rules[number].condition]
    for overrider in overriders.get(number, ()):
        rule = standard.rules[overrider]
        dated = rule.since is not None or rule.until is not None
        active = None if dated or depth > _DEEPEST else _where_active(standard, overriders, overrider, depth + 1)
        if active is not None:
            parts.append(active.part if isinstance(active, Not) else Not(active))
        elif depth:
            return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))
