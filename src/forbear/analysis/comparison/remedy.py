"""The rules that a policy lacks to conform to a standard, said in the policy's own words.

A rule of the standard that is broken becomes a `never`, or a `require`, that holds where it gave the standard's
verdict: in its own condition, but not where a rule that overrides it stands. A duty overrides the holds that it meets.

A duty may permit what another rule of the standard forbids, which the policy has not needed so far. So the policy with
its new rules is held against the standards once more, until nothing is missing that a rule can mend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, evolve, field, frozen

from forbear.analysis.comparison.conformance import Conformance, Violation, conformance
from forbear.check.conditions.conditions import MAXIMUM_COMPARISONS, MAXIMUM_DEPTH
from forbear.composition.importing import Unsayable, with_words
from forbear.composition.rebasing import without_decided
from forbear.composition.union import Incomparable, Scope, union
from forbear.kernel import Verdict
from forbear.lowered.from_policy import lowered
from forbear.model.conditions import And, Condition, Not, atoms
from forbear.model.policy import Effect, Rule, RuleSet, TypedPolicy
from forbear.semantics import meaning
from forbear.semantics.to_text import rule_text
from forbear.source import Source
from forbear.space.axes import space_of
from forbear.space.regions import TooManyBoxes, intersection, rule_regions
from forbear.syntax.parser import parse

_DEEPEST = 10


@frozen
class Unsaid:
    """A rule of a standard that the policy breaks for an action, and cannot say; and why."""

    violation: Violation
    why: str


@frozen
class Remedy:
    """What a policy lacks: `policy` is the one with the new rules, and with the words that they need.

    `left` is what stays broken, or undecided, with these rules.
    """

    policy: TypedPolicy
    rules: tuple[Rule, ...]
    unsaid: tuple[Unsaid, ...]
    left: Conformance


def remedy(found: Conformance) -> Remedy:
    """The rules that are missing. Each is exact, or where that cannot be said bounds more cases than the standard."""
    scope = found.scope
    missing = _Missing(found.policy, found.standards)
    left, first = found, True
    while left.violations:
        added = False
        for violation in left.violations:
            blocked = violation.kind == "omits required" and violation.verdict is Verdict.FORBIDDEN
            added = ((first or not blocked) and missing.add(violation)) or added
        if not added:
            break
        left = conformance(missing.policy, found.standards, scope.day, in_force=scope.in_force)
        first = False
    return Remedy(missing.policy, tuple(missing.rules.values()), tuple(missing.unsaid.values()), left)


_Key = tuple[int, int, Effect, Condition]
"""A standard and a rule of it by their places, and what the new rule says in which case."""


@define
class _Missing:
    """The rules that were found so far, in a policy that has them."""

    own: TypedPolicy
    standards: Sequence[TypedPolicy]
    policy: TypedPolicy = field(init=False)
    rules: dict[_Key, Rule] = field(factory=dict, init=False)
    unsaid: dict[tuple[int, int, str], Unsaid] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self.policy = self.own

    def add(self, violation: Violation) -> bool:
        """Adds the rule against a violation, or the action to one that is there; False where that changes nothing."""
        place = next(n for n, standard in enumerate(self.standards) if standard is violation.standard)
        number = next(n for n, rule in enumerate(violation.standard.rules) if rule is violation.standard_rule)
        action = violation.action
        if (place, number, action) in self.unsaid:
            return False
        try:
            return self._add(violation, place, number)
        except Unsayable as error:
            self.unsaid[place, number, action] = Unsaid(violation, str(error))
            return False

    def _add(self, violation: Violation, place: int, number: int) -> bool:
        standard, action = violation.standard, violation.action
        both = union(standard, self.policy, Scope(of_new=True), called="standard")
        effect = Effect.REQUIRE if violation.kind == "omits required" else Effect.NEVER
        condition = without_decided(
            _where_it_stands(both.old, number, action), both.new.facts, when_unknown=effect is Effect.NEVER
        )
        apart = {one.apart: one.name for one in both.facts if one.apart is not None}
        for atom in atoms(condition):
            if atom.fact in apart:
                raise Unsayable(f"the policy derives another fact by the name `{apart[atom.fact]}`")
        key = (place, number, effect, condition)
        rule = self.rules.get(key) or _rule(violation, condition, [*self.own.rules, *self.rules.values()])
        if action in rule.effects:
            return False
        rule = evolve(rule, effects={**rule.effects, action: effect})
        worded = with_words(self.policy, standard, both.new.facts, condition, action)
        rule = _overriding(rule, action, worded)
        worded = evolve(worded, rules=(*self.own.rules, *{**self.rules, key: rule}.values()))
        _check(rule, worded, self.standards)
        self.policy = worded
        self.rules[key] = rule
        return True


def _rule(violation: Violation, condition: Condition, beside: Sequence[Rule]) -> Rule:
    its = violation.standard_rule
    base = its.name.replace(".", "_") if its.named else f"rule_{its.name.rpartition(':')[2]}"
    taken = {rule.name for rule in beside}
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    source = its.source if its.source is not None else f"{violation.standard.name}, {its.name}"
    own = evolve(its, name=name, named=True, standard=None, source=source)
    return evolve(own, condition=condition, effects={}, overrides={})


def _overriding(rule: Rule, action: str, policy: TypedPolicy) -> Rule:
    """The rule, set over the holds of a policy that it meets: else the two would contradict each other.

    It names all holds on the action, so that one which overrides everything does not override this rule.
    """
    if rule.effects[action] is not Effect.REQUIRE:
        return rule
    holds = {number: its for number, its in enumerate(policy.rules) if its.effects.get(action) is Effect.FORBID}
    if not any(_meet(rule, its, policy) for its in holds.values()):
        return rule
    for its in holds.values():
        if not its.named:
            raise Unsayable(f"`{its.name}` forbids `{action}`, and has no name by which it could be overridden")
    return evolve(rule, overrides={**rule.overrides, action: RuleSet(tuple(holds))})


def _meet(duty: Rule, hold: Rule, policy: TypedPolicy) -> bool:
    """Whether the two have a common case. What is too large to be looked at may have one."""
    its = lowered(evolve(policy, rules=(evolve(duty, overrides={}), evolve(hold, overrides={}))))
    space = space_of(its)
    try:
        certain = rule_regions(duty, its.guards[0], space).certain
        possible = rule_regions(hold, its.guards[1], space).possible
    except TooManyBoxes:
        return True
    return any(intersection(one, other) is not None for one in certain for other in possible)


def _check(rule: Rule, policy: TypedPolicy, standards: Sequence[TypedPolicy]) -> None:
    """Stops where a rule could not be read from its text, or makes the policy one that a standard cannot judge."""
    _, diagnostics = parse(Source("rule", rule_text(rule, policy)))
    large = sum(1 for _ in atoms(rule.condition)) > MAXIMUM_COMPARISONS or _depth(rule.condition) > MAXIMUM_DEPTH
    if diagnostics or large:
        raise Unsayable("written out its condition is too large")
    for standard in standards:
        try:
            union(standard, policy)
        except Incomparable as error:
            raise Unsayable(str(error)) from None


def _depth(condition: Condition) -> int:
    parts = getattr(condition, "parts", None) or ([condition.part] if isinstance(condition, Not) else [])
    return 1 + max((_depth(part) for part in parts), default=0)


def _where_it_stands(standard: TypedPolicy, number: int, action: str) -> Condition:
    """Where a rule stands: in its condition, but not where a rule that overrides it does.

    An overriding rule of which that cannot be said is left out, which bounds more cases than the standard does, and
    none too few.
    """
    stronger = meaning.overriders(standard, action)
    parts = [standard.rules[number].condition]
    for other in stronger.get(number, ()):
        stands = _standing(standard, stronger, other, 0)
        if stands is not None:
            parts.append(_negation(stands))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _negation(condition: Condition) -> Condition:
    return condition.part if isinstance(condition, Not) else Not(condition)


def _standing(
    standard: TypedPolicy, stronger: Mapping[int, Sequence[int]], number: int, depth: int
) -> Condition | None:
    """The condition in which an overriding rule stands, exactly; None where dates or a long chain forbid to say it."""
    rule = standard.rules[number]
    if rule.since is not None or rule.until is not None or depth > _DEEPEST:
        return None
    parts = [rule.condition]
    for other in stronger.get(number, ()):
        stands = _standing(standard, stronger, other, depth + 1)
        if stands is None:
            return None
        parts.append(_negation(stands))
    return parts[0] if len(parts) == 1 else And(tuple(parts))
