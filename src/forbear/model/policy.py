"""The typed policy: what is left when every name has been looked up and every value checked.

Everything behind this point (predicates, analysis, backends, reports) reads this form and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import evolve, frozen

from forbear.model.conditions import Condition, atoms
from forbear.model.derived import Derived, Event
from forbear.model.facts import Absent, Action, Fact, Grid, Group, Ladder
from forbear.model.read_only import read_only
from forbear.source import Place
from forbear.syntax import ast


class Effect(StrEnum):
    """What a rule does to an action. `allow` and `require` permit; `forbid` may be overridden, `never` may not.

    `exempt` is what an `allow` of a standard does to a policy that is subject to it: it permits nothing, and sets aside
    what the standard itself forbids.
    """

    ALLOW = "allow"
    FORBID = "forbid"
    REQUIRE = "require"
    NEVER = "never"
    EXEMPT = "exempt"

    @property
    def permits(self) -> bool:
        return self in (Effect.ALLOW, Effect.REQUIRE)


@frozen(cache_hash=True)
class RuleSet:
    """Rules, by their place in the policy. Rules that override the same rules share one set."""

    numbers: tuple[int, ...]


@frozen(field_transformer=read_only)
class Rule:
    """A rule. `unless` is part of the condition. Days are ordinals, both included.

    `overrides` says, for each action of this rule, which rules it overrides there.
    """

    name: str
    named: bool
    suspends: bool
    title: str | None
    condition: Condition
    effects: Mapping[str, Effect]
    overrides: Mapping[str, RuleSet]
    since: int | None
    until: int | None
    because: str | None
    source: str | None
    place: Place
    body: Place
    """Where it says what it does in which case."""
    standard: str | None = None
    """The standard that it comes from, if it is not a rule of the policy's own."""

    def overridden(self, action: str) -> tuple[int, ...]:
        """The rules that it overrides for an action."""
        return self.overrides[action].numbers if action in self.overrides else ()


class Expectation(StrEnum):
    """What an example or an ensure expects of an action's verdict."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not allowed"
    FORBIDDEN = "forbidden"
    REQUIRED = "required"
    UNSAID = "unsaid"
    NOT_UNSAID = "not unsaid"


@frozen
class Expected:
    actions: tuple[str, ...]
    expectation: Expectation
    place: Place


@frozen(field_transformer=read_only)
class Example:
    """One case and what is expected of it. `on` is an ordinal."""

    title: str
    given: Mapping[str, Grid | Absent]
    on: int | None
    expected: tuple[Expected, ...]
    place: Place


@frozen
class Ensure:
    """A promise about every case in `when`; with `any_of` at least one of the actions meets it."""

    any_of: bool
    expected: Expected
    when: Condition
    on: int | None
    place: Place


@frozen
class Conforms:
    """A promise to keep the bounds of a standard."""

    standard: TypedPolicy
    place: Place


@frozen
class Subject:
    """A standard that a policy is subject to, where it says so, and which file it is."""

    standard: TypedPolicy
    place: Place
    identity: str


@frozen
class Accept:
    """A finding that is meant, within `when`, until a day."""

    code: str
    names: tuple[str, ...]
    when: Condition | None
    because: str
    until: int | None
    place: Place


@frozen
class Setting:
    """A literal with a name, as in effect: the author's, or the one that whoever loaded the policy gave."""

    name: str
    value: ast.Literal
    description: str | None
    place: Place


@frozen(field_transformer=read_only)
class TypedPolicy:
    """A policy, or a vocabulary alone. Facts and actions are those of the vocabulary, in its order; `derived` says of
    some facts how they are derived. Conditions hold definitions unfolded. Rules of the standards that it is subject to
    stand behind its own.

    A file without a head is a policy called `policy`; `headed` is False then, and it belongs to no book.
    """

    name: str
    headed: bool
    standard: bool
    title: str | None
    version: str | None
    source: str | None
    currency: str | None
    since: int | None
    until: int | None
    facts: Mapping[str, Fact]
    events: Mapping[str, Event]
    derived: Mapping[str, Derived]
    actions: Mapping[str, Action]
    groups: Mapping[str, Group]
    ladders: Mapping[str, Ladder]
    definitions: Mapping[str, Condition | None]
    settings: Mapping[str, Setting]
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    ensures: tuple[Ensure, ...]
    conforms: tuple[Conforms, ...]
    accepts: tuple[Accept, ...]
    place: Place
    subject_to: tuple[Subject, ...] = ()

    def with_promises(
        self,
        examples: tuple[Example, ...] = (),
        ensures: tuple[Ensure, ...] = (),
        accepts: tuple[Accept, ...] = (),
    ) -> TypedPolicy:
        """With these promises and no others."""
        return evolve(self, examples=examples, ensures=ensures, conforms=(), accepts=accepts)

    def with_conforms(self, conforms: tuple[Conforms, ...]) -> TypedPolicy:
        return evolve(self, conforms=conforms)

    @property
    def dated(self) -> bool:
        """Whether a decision needs a day."""
        if self.since is not None or self.until is not None:
            return True
        return any(rule.since is not None or rule.until is not None for rule in self.rules)


def facts_read(policy: TypedPolicy) -> tuple[str, ...]:
    """The facts that some rule reads, whatever its dates, in the order of the vocabulary."""
    read = {atom.fact for rule in policy.rules for atom in atoms(rule.condition)}
    return tuple(name for name in policy.facts if name in read)


def own_rules(policy: TypedPolicy) -> tuple[Rule, ...]:
    """The rules that are no standard's."""
    return tuple([rule for rule in policy.rules if rule.standard is None]) if policy.subject_to else policy.rules


def clock(policy: TypedPolicy) -> Fact | None:
    return next((fact for fact in policy.facts.values() if fact.clock), None)


def about(policy: TypedPolicy, action: str) -> TypedPolicy:
    """The policy as far as it speaks of one action: the same verdicts on that one, from fewer rules."""
    numbers = [number for number, rule in enumerate(policy.rules) if action in rule.effects]
    alone = [
        evolve(
            policy.rules[number],
            effects={action: policy.rules[number].effects[action]},
            overrides={name: others for name, others in policy.rules[number].overrides.items() if name == action},
        )
        for number in numbers
    ]
    rules = renumbered(alone, {number: place for place, number in enumerate(numbers)})
    return evolve(policy, rules=rules, actions={action: policy.actions[action]}).with_promises()


def renumbered(rules: Iterable[Rule], places: Mapping[int, int]) -> tuple[Rule, ...]:
    """Rules that override others by their new places; one without a place is overridden no longer."""
    moved: dict[RuleSet, RuleSet] = {}

    def at_places(overridden: RuleSet) -> RuleSet:
        if overridden not in moved:
            moved[overridden] = RuleSet(tuple([places[number] for number in overridden.numbers if number in places]))
        return moved[overridden]

    return tuple(
        [
            evolve(rule, overrides={action: at_places(others) for action, others in rule.overrides.items()})
            if rule.overrides
            else rule
            for rule in rules
        ]
    )
