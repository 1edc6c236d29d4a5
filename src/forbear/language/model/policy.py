"""The typed policy: every name is resolved and every value is checked.

All later stages (lowering, predicates, analysis, backends, reports) start from this form.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from itertools import permutations
from typing import Final

from attrs import Factory, evolve, field, frozen

from forbear.base.source import Place
from forbear.language.model.conditions import Condition, atoms, facts_in, facts_of
from forbear.language.model.derived import Derived, Event
from forbear.language.model.facts import Absent, Action, Fact, Grid, Group, Ladder
from forbear.language.model.read_only import read_only
from forbear.language.model.tables import Table
from forbear.language.syntax.nodes import Literal


class Effect(StrEnum):
    """The effect of a rule on an action. `allow` and `require` permit; `forbid` may be overridden, `never` may not.

    An `allow` of a standard becomes `exempt` in a policy that is subject to it: it permits nothing, but overrides what
    the standard itself forbids. `along` is the effect on a pair of actions: the second must accompany the first.
    """

    ALLOW = "allow"
    FORBID = "forbid"
    REQUIRE = "require"
    NEVER = "never"
    EXEMPT = "exempt"
    ALONG = "along"

    @property
    def permits(self) -> bool:
        return self in PERMITTING


PERMITTING: Final = (Effect.ALLOW, Effect.REQUIRE)
REFUSING: Final = (Effect.FORBID, Effect.NEVER)


@frozen(cache_hash=True)
class RuleSet:
    """A set of rules, by their numbers in the policy, from 0. Rules that override the same rules share one set."""

    numbers: tuple[int, ...]


@frozen(field_transformer=read_only)
class Rule:
    """A rule. Its `unless` is part of the condition. `since` and `until` are ordinals, both included.

    `overrides` has, for each action of this rule, the rules that it overrides there.
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
    """The place of its condition and effects."""
    standard: str | None = None
    """The standard from which it comes; None for a rule of the policy itself."""
    along: Mapping[str, tuple[str, ...]] = Factory(dict)
    """For an action, those that must accompany it: its companions, in the order of the vocabulary."""
    basis: str | None = None
    """The basis of the rule, if nobody has compared it with the text of its source: `second-hand`, `from-memory`."""
    lasting: bool = False
    """Whether it is a standard's rule that needs no day: it applies to a question without one."""

    @property
    def cited(self) -> str | None:
        """Its source as it is shown, with what it rests on: `Order 17; second-hand`."""
        return f"{self.source}; {self.basis}" if self.basis else self.source

    @property
    def by_place(self) -> bool:
        """Whether it is named by its place: its line, or its number in a table. Both change by an edit above."""
        return not self.named or self.name.rpartition(".")[2].isdigit()

    def overridden(self, action: str) -> tuple[int, ...]:
        """The numbers of the rules that it overrides for an action."""
        return self.overrides[action].numbers if action in self.overrides else ()


class Expectation(StrEnum):
    """The verdict that an example or an ensure expects for an action."""

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
    companions: tuple[str, ...] = ()
    """The actions that must accompany each of the actions."""


@frozen(field_transformer=read_only)
class Past:
    """The sources of the derived facts of an example: a case with its events, and the moment of the decision. `follows`
    names these facts.
    """

    case: Mapping[str, object]
    moment: datetime.datetime
    follows: tuple[str, ...]


@frozen(field_transformer=read_only)
class Example:
    """A case and the verdicts that are expected for it. `on` is an ordinal; `past` has the sources of derived facts,
    None if all facts are given.
    """

    title: str
    given: Mapping[str, Grid | Absent]
    on: int | None
    expected: tuple[Expected, ...]
    place: Place
    past: Past | None = field(default=None, eq=False, repr=False)


@frozen
class Ensure:
    """A promise about every case in which `when` holds. With `any_of`, at least one of the actions must keep it."""

    any_of: bool
    expected: Expected
    when: Condition
    on: int | None
    place: Place


@frozen
class Conforms:
    """A promise to conform to a standard."""

    standard: TypedPolicy
    place: Place


@frozen
class Subject:
    """A standard that a policy is subject to, the place of that clause, and the identity of the standard's file."""

    standard: TypedPolicy
    place: Place
    identity: str


@frozen
class Accept:
    """A finding that the author accepts, if `when` holds, until a day (an ordinal, included).

    `group` is the group that the author named, if the accept is of the group or of one of its actions.
    """

    code: str
    names: tuple[str, ...]
    group: str | None
    when: Condition | None
    because: str
    until: int | None
    place: Place


@frozen
class Reading:
    """The text of the law that was read, in which copy, and on which day, an ordinal."""

    text: str
    on: int


@frozen
class Review:
    """Who compared a policy with its source, None for nobody; and until when that is valid, an ordinal."""

    by: str | None
    until: int | None
    place: Place

    @property
    def words(self) -> str:
        """The review in words: `reviewed by counsel, until 2027-12-31`."""
        until = "" if self.until is None else f", until {datetime.date.fromordinal(self.until).isoformat()}"
        return f"reviewed by {self.by or 'nobody'}{until}"


@frozen
class Setting:
    """A named literal with the value in effect: the author's, or the one that was given when the policy was loaded.

    An `open` one of a standard may be set by a policy that is subject to it. There it is a setting STANDARD.NAME.
    """

    name: str
    value: Literal
    description: str | None
    place: Place
    open: bool = False


@frozen(field_transformer=read_only)
class Terms:
    """The terms that a policy brings to the standards over it.

    `groups` are its own and those of all policies under it, with their `actions`, and `settings` the values that these
    give to settings of standards, by STANDARD.NAME.
    """

    groups: tuple[Group, ...]
    actions: Mapping[str, Action]
    settings: Mapping[str, Setting]


@frozen(field_transformer=read_only)
class TypedPolicy:
    """A policy, or a vocabulary alone.

    Facts and actions are those of the vocabulary, in its order. `derived` has the derivations of derived facts.
    Definitions are expanded in conditions. The rules of the standards that the policy is subject to come after its own.
    `since` and `until` are the ordinals of `in force`, both included.

    A file without a head is a policy called `policy`. Then `headed` is False, and it belongs to no book.
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
    everything: bool = False
    """Whether a list of actions in its files contains `everything`: then another action would change its meaning."""
    unread: frozenset[str] = frozenset()
    """The names that its files declare and nothing reads. Nothing rests on the values of such settings."""
    omits: tuple[str, ...] = ()
    """The law that it leaves out, in the author's words. It decides nothing, and is not part of the canonical text."""
    read: tuple[Reading, ...] = ()
    reviewed: Review | None = None
    """Like `omits`, what was read of its source, and who has compared it, decides nothing."""
    tables: tuple[Table, ...] = ()
    """Its tables, whose rows are among its rules. Their promises are not part of the canonical text."""

    @property
    def called(self) -> str:
        """Its name in sentences among the versions of its book: `version 2`, or by its first day or else its last: `one
        without a name until 2026-03-14`.
        """
        if self.version:
            return f"version {self.version}"
        days = [("from", self.since), ("until", self.until)]
        named = [f" {word} {datetime.date.fromordinal(day).isoformat()}" for word, day in days if day is not None]
        return f"one without a name{''.join(named[:1])}"

    @cached_property
    def private_names(self) -> frozenset[str]:
        """The names under which a case may give private values: those of facts, and `history` if events have some."""
        facts = frozenset([name for name, fact in self.facts.items() if fact.private])
        return facts | {"history"} if any(event.hides for event in self.events.values()) else facts

    def with_promises(
        self,
        examples: tuple[Example, ...] = (),
        ensures: tuple[Ensure, ...] = (),
        accepts: tuple[Accept, ...] = (),
        tables: tuple[Table, ...] = (),
    ) -> TypedPolicy:
        """The policy with these promises and no others."""
        return evolve(self, examples=examples, ensures=ensures, conforms=(), accepts=accepts, tables=tables)

    def with_conforms(self, conforms: tuple[Conforms, ...]) -> TypedPolicy:
        return evolve(self, conforms=conforms)

    @property
    def dated(self) -> bool:
        """Whether a decision needs a day. What a standard refuses from some day on, it refuses without a day too."""
        if self.until is not None or (self.since is not None and not self.standard):
            return True
        dated = (rule for rule in self.rules if rule.since is not None or rule.until is not None)
        return not all(rule.lasting or (self.standard and lasts(rule)) for rule in dated)


def lasts(rule: Rule) -> bool:
    """Returns true if a rule of a standard, once it has begun, refuses for good: it has no last day, and overrides
    nothing.
    """
    return rule.until is None and (rule.since is None or Effect.ALLOW not in rule.effects.values())


def facts_read(policy: TypedPolicy) -> tuple[str, ...]:
    """The facts that rules read, whatever their dates, in the order of the vocabulary."""
    read = {name for rule in policy.rules for name in facts_in(rule.condition)}
    return tuple(name for name in policy.facts if name in read)


def compared_with_private(policy: TypedPolicy, names: Collection[str]) -> dict[str, str]:
    """Returns those of some facts that a rule compares with a private one that is not among them, each with that
    one.
    """
    private_by_name = {}
    for rule in policy.rules:
        for atom in atoms(rule.condition):
            for name, private_name in permutations(facts_of(atom), 2):
                if name in names and private_name not in names and policy.facts[private_name].private:
                    private_by_name[name] = private_name
    return private_by_name


def actions_of(rule: Rule) -> Mapping[str, None]:
    """Returns the actions of a rule: those that it decides, those for which it asks for companions, and the
    companions.
    """
    if not rule.along:
        return dict.fromkeys(rule.effects)
    companions = [companion for companions_of_action in rule.along.values() for companion in companions_of_action]
    return dict.fromkeys((*rule.effects, *rule.along, *companions))


def own_rules(policy: TypedPolicy) -> tuple[Rule, ...]:
    """The rules of the policy itself, without those of standards."""
    return tuple([rule for rule in policy.rules if rule.standard is None]) if policy.subject_to else policy.rules


def titles(policy: TypedPolicy) -> dict[str, str]:
    """Returns the titles of the rules that have one, by their names. A row of a table has the title of its table, and
    its number if it has no name.
    """
    by_row = {}
    for table in policy.tables:
        for row in table.rows if table.title is not None else ():
            number = row.name.removeprefix(f"{table.name}.")
            by_row[row.name] = f"{table.title}, row {number}" if number != row.name else f"{table.title}"
    return by_row | {rule.name: rule.title for rule in policy.rules if rule.title is not None}


def terms_to_standards(policy: TypedPolicy) -> Terms:
    """Returns the terms that a policy brings to a standard over it, or to one that it is compared with."""
    settings = {name: setting for name, setting in policy.settings.items() if "." in name}
    return Terms(tuple(policy.groups.values()), policy.actions, settings)


def clock(policy: TypedPolicy) -> Fact | None:
    return next((fact for fact in policy.facts.values() if fact.clock), None)


def about(policy: TypedPolicy, *actions: str) -> TypedPolicy:
    """Returns the policy reduced to the rules on some actions, with the same verdicts on these. It has no promises.

    These rules alone do not decide the companions of an action: for that, reduce a policy `with_duties`.
    """
    numbers = [number for number, rule in enumerate(policy.rules) if any(action in rule.effects for action in actions)]
    alone = [
        evolve(
            policy.rules[number],
            effects={name: effect for name, effect in policy.rules[number].effects.items() if name in actions},
            overrides={
                name: overridden for name, overridden in policy.rules[number].overrides.items() if name in actions
            },
            along={},
        )
        for number in numbers
    ]
    rules = renumbered(alone, {number: place for place, number in enumerate(numbers)})
    return evolve(policy, rules=rules, actions={action: policy.actions[action] for action in actions}).with_promises()


def renumbered(rules: Iterable[Rule], places: Mapping[int, int]) -> tuple[Rule, ...]:
    """The rules, with the numbers in `overrides` mapped by `places`; numbers that are not in `places` are dropped."""
    moved: dict[RuleSet, RuleSet] = {}

    def at_places(overridden: RuleSet) -> RuleSet:
        if overridden not in moved:
            moved[overridden] = RuleSet(tuple([places[number] for number in overridden.numbers if number in places]))
        return moved[overridden]

    return tuple(
        [
            evolve(rule, overrides={action: at_places(overridden) for action, overridden in rule.overrides.items()})
            if rule.overrides
            else rule
            for rule in rules
        ]
    )
