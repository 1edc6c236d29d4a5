"""Accompanying actions (`with`), expressed as ordinary rules, so that code that handles rules handles them too.

A companion is an action that must accompany another one. A rule that asks for one has the effect `along` on the pair of
both, an action of its own that no author can write: `email with opt_out_notice`. Where the companion is forbidden, a
rule of the same name says `never` to the action. These rules come after all others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from graphlib import TopologicalSorter
from typing import TypeAlias

from attrs import evolve, frozen

from forbear.language.model.conditions import Always, And, Condition, Not, Or, atoms, depth
from forbear.language.model.facts import Action
from forbear.language.model.policy import REFUSING, Effect, Rule, RuleSet, TypedPolicy, about
from forbear.semantics.composition.rebasing import NEVER
from forbear.semantics.meaning import rule_in_force

Companions: TypeAlias = Mapping[str, tuple[tuple[str, str], ...]]
"""Maps each action that has companions to these, in the order of the vocabulary, each with the name of the pair."""


@frozen(eq=False)
class Dutiful:
    """A policy whose accompanying actions are expressed by effects on pairs and by rules that say `never`.

    These rules follow the first `own` ones; `asking` maps each of them to the number of the rule that asks for the
    companion.
    """

    policy: TypedPolicy
    companions: Companions
    own: int
    asking: tuple[int, ...]


def pair_of(action: str, companion: str) -> str:
    """The name of a pair."""
    return f"{action} with {companion}"


def is_pair(name: str) -> bool:
    """Returns true if a name is that of a pair, not of an action."""
    return " with " in name


def companions_of(policy: TypedPolicy) -> Companions:
    """The companions of each action that has any, whatever the conditions."""
    needed: dict[str, set[str]] = {}
    for rule in policy.rules:
        for action, companions in rule.along.items():
            needed.setdefault(action, set()).update(companions)
    return {
        action: tuple(
            [(companion, pair_of(action, companion)) for companion in policy.actions if companion in needed[action]]
        )
        for action in policy.actions
        if action in needed
    }


def reached(companions: Companions, *actions: str) -> Companions:
    """Returns the companions of some actions, their companions, and so on."""
    companions_by_action: dict[str, tuple[tuple[str, str], ...]] = {}
    waiting = list(actions)
    for reachable in waiting:
        if reachable in companions and reachable not in companions_by_action:
            companions_by_action[reachable] = companions[reachable]
            waiting += [companion for companion, _ in companions[reachable]]
    return companions_by_action


def companions_first(companions: Companions, *actions: str) -> Sequence[str]:
    """Returns actions and all their companions, direct and indirect, each after its own companions."""
    duties = reached(companions, *actions)
    order = TopologicalSorter({name: [companion for companion, _ in pairs] for name, pairs in duties.items()})
    for action in actions:
        order.add(action)
    return tuple(order.static_order())


def with_duties(policy: TypedPolicy) -> Dutiful:
    """The policy with its duties expressed as rules. A policy without duties is returned as it is."""
    own = len(policy.rules)
    if not any(rule.along for rule in policy.rules):
        return Dutiful(policy, {}, own, ())
    companions = companions_of(policy)
    pairs = [pair for of_action in companions.values() for _, pair in of_action]
    rules = [evolve(rule, effects=effects_with_pairs(rule), along={}) if rule.along else rule for rule in policy.rules]
    refusing: list[Rule] = []
    asking: list[int] = []
    for blocked in blockings(policy):
        rule = policy.rules[blocked.number]
        effects = dict.fromkeys(blocked.actions, Effect.NEVER)
        refusing.append(
            evolve(
                rule,
                condition=blocked.condition,
                effects=effects,
                overrides={},
                along={},
                since=blocked.since,
                until=blocked.until,
                lasting=True,  # its days are those of rules that are there too
            )
        )
        asking.append(blocked.number)
    actions = {**policy.actions, **{pair: Action(pair, None, policy.place) for pair in pairs}}
    return Dutiful(evolve(policy, rules=(*rules, *refusing), actions=actions), companions, own, tuple(asking))


def effects_with_pairs(rule: Rule) -> Mapping[str, Effect]:
    """Returns the effects of a rule on actions, and on the pairs of an action and a companion that it asks for."""
    if not rule.along:
        return rule.effects
    pairs = [pair_of(action, companion) for action, needed in rule.along.items() for companion in needed]
    return {**rule.effects, **dict.fromkeys(pairs, Effect.ALONG)}


def alone(policy: TypedPolicy, action: str) -> TypedPolicy:
    """The policy reduced to the rules on an action and on its companions, with its duties expressed as rules."""
    dutiful = with_duties(policy)
    pairs = [pair for of_action in reached(dutiful.companions, action).values() for _, pair in of_action]
    return about(dutiful.policy, action, *pairs)


# Where a companion is forbidden

_FIRST = date.min.toordinal()
_LAST = date.max.toordinal()


@frozen(eq=False)
class Blocking:
    """The cases in which a rule asks for a forbidden companion: for these actions, on these days, if the condition
    possibly holds.

    `comparisons` and `depth` measure the condition, which may share its parts.
    """

    number: int
    actions: tuple[str, ...]
    condition: Condition
    since: int | None
    until: int | None
    comparisons: int
    depth: int


@frozen(eq=False)
class _Measured:
    """A condition with the number of its comparisons, written out, and its nesting depth.

    The `alternatives` of an `or` may be shared by several conditions.
    """

    condition: Condition
    comparisons: int
    depth: int
    alternatives: tuple[_Measured, ...] = ()


def blockings(policy: TypedPolicy) -> Iterator[Blocking]:
    """Yields, rule by rule, the cases in which companions are forbidden. Companions must not form a circle."""
    reader = _Forbidden(policy)
    for number, rule in enumerate(policy.rules):
        alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for action, companions in rule.along.items():
            alike[companions].append(action)
        for companions, actions in alike.items():
            for since, until in reader.periods(rule, companions):
                forbidden = reader.any_of(companions, since if since is not None else until)
                if forbidden is not None:
                    whole = _both(reader.measured[number], forbidden)
                    yield Blocking(
                        number, tuple(actions), whole.condition, since, until, whole.comparisons, whole.depth
                    )


class _Forbidden:
    """The conditions under which the rules of a policy forbid actions."""

    def __init__(self, policy: TypedPolicy) -> None:
        self.policy = policy
        self.companions = companions_of(policy)
        self.measured = [_measured(rule.condition) for rule in policy.rules]
        self.on_action: dict[str, list[int]] = defaultdict(list)
        self.along: dict[str, list[int]] = defaultdict(list)
        """The rules that ask for a companion of an action."""
        for number, rule in enumerate(policy.rules):
            for action in rule.effects:
                self.on_action[action].append(number)
            for action in rule.along:
                self.along[action].append(number)
        self.known: dict[tuple[str, frozenset[int]], _Measured | None] = {}

    def periods(self, rule: Rule, companions: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
        """Splits the days of a rule into periods within which the same rules on its companions are in force."""
        starts: set[int] = set()
        for number in self._involved(companions):
            involved = self.policy.rules[number]
            starts.update([] if involved.since is None else [involved.since])
            starts.update([] if involved.until in (None, _LAST) else [involved.until + 1])
        since = rule.since
        for start in sorted(starts):
            if (since or _FIRST) < start and (rule.until is None or start <= rule.until):
                yield since, start - 1
                since = start
        yield since, rule.until

    def _involved(self, actions: Sequence[str]) -> set[int]:
        numbers: set[int] = set()
        for action in companions_first(self.companions, *actions):
            numbers.update(self.on_action.get(action, ()))
            numbers.update(self.along.get(action, ()))
        return numbers

    def any_of(self, actions: Sequence[str], day: int | None) -> _Measured | None:
        """The condition under which one of some actions is forbidden on a day; None if no rule in force forbids any of
        them.
        """
        rules = self.policy.rules  # without a day, no rule that is involved has dates
        in_force = frozenset(
            [number for number in self._involved(actions) if day is None or rule_in_force(rules[number], day)]
        )
        for action in companions_first(self.companions, *actions):
            if (action, in_force) not in self.known:
                self.known[action, in_force] = self._where(action, in_force)
        return _any_of([forbidden for action in actions if (forbidden := self.known[action, in_force]) is not None])

    def _where(self, action: str, in_force: frozenset[int]) -> _Measured | None:
        """The condition under which an action is forbidden. The conditions of its companions are in `known` already."""
        active = self._active(action, in_force)
        parts = [active[number] for number in active if self.policy.rules[number].effects[action] in REFUSING]
        for number in self.along.get(action, ()):
            if number in in_force:
                refused = [self.known[companion, in_force] for companion in self.policy.rules[number].along[action]]
                forbidden = _any_of([part for part in refused if part is not None])
                if forbidden is not None:
                    parts.append(_both(self.measured[number], forbidden))
        return _any_of(parts)

    def _active(self, action: str, in_force: frozenset[int]) -> Mapping[int, _Measured]:
        """The condition under which each rule in force on an action is active, in file order."""
        numbers = [number for number in self.on_action.get(action, ()) if number in in_force]
        overriding: dict[int, list[RuleSet]] = defaultdict(list)
        order: TopologicalSorter[int | RuleSet] = TopologicalSorter()
        by_set: dict[RuleSet, list[int]] = defaultdict(list)
        for number in numbers:
            order.add(number)
            if action in self.policy.rules[number].overrides:
                by_set[self.policy.rules[number].overrides[action]].append(number)
        for overridden, overriding_rules in by_set.items():
            order.add(overridden, *overriding_rules)
            for number in overridden.numbers:
                if number in in_force:
                    overriding[number].append(overridden)
                    order.add(number, overridden)
        conditions: dict[int, _Measured] = {}
        for node in order.static_order():
            if isinstance(node, int):
                overriders = _any_of(
                    [conditions[number] for targets in overriding.get(node, ()) for number in by_set[targets]]
                )
                conditions[node] = (
                    self.measured[node] if overriders is None else _both(self.measured[node], _not(overriders))
                )
        return {number: conditions[number] for number in numbers}


def _measured(condition: Condition) -> _Measured:
    return _Measured(condition, sum(1 for _ in atoms(condition)), depth(condition))


def _not(part: _Measured) -> _Measured:
    return _Measured(Not(part.condition), part.comparisons, part.depth + 1)


def _both(first: _Measured, second: _Measured) -> _Measured:
    if first.condition == Always():
        return second
    parts = [part.condition.parts if isinstance(part.condition, And) else (part.condition,) for part in (first, second)]
    return _Measured(
        And((*parts[0], *parts[1])), first.comparisons + second.comparisons, max(first.depth, second.depth) + 1
    )


def _any_of(parts: Iterable[_Measured]) -> _Measured | None:
    """The disjunction of some conditions without repetitions; None if there are no conditions."""
    alternatives = {
        id(alternative.condition): alternative
        for part in parts
        for alternative in part.alternatives or (part,)
        if alternative.condition != NEVER
    }
    kept = tuple(alternatives.values())
    if len(kept) < 2:
        return kept[0] if kept else None
    condition = Or(tuple([part.condition for part in kept]))
    return _Measured(condition, sum(part.comparisons for part in kept), max(part.depth for part in kept) + 1, kept)
