"""Formulas of where the rules on an action are active, and of where it has each verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from attrs import frozen

from forbear.analysis.engine.searcher import Searcher
from forbear.analysis.engine.space import PolicySpace
from forbear.language.model.policy import PERMITTING, REFUSING, Effect
from forbear.semantics.composition.duties import companions_first
from forbear.semantics.lowered.actions import ActionTable, Overriders, stronger
from forbear.space.formulas import FALSE, Formula, Neither, any_of, both, but_not, inside
from forbear.space.regions import Box, RuleRegions
from forbear.space.search.bound import Bound
from forbear.space.search.witness import cover


@frozen(eq=False)
class _Overridden:
    """The formulas for when one of the rules that override some rules is certainly active, and for when one is possibly
    active.
    """

    certainly: Formula
    possibly: Formula


_NOWHERE = _Overridden(FALSE, FALSE)


class ActiveRules:
    """The formulas for when the rules on an action are active, as if the rules in `left_out` did not exist.

    A rule is active if it holds and no rule that overrides it is active. Rules that are overridden by the same rules
    share one formula for these, so a rule that `overrides all` costs no more than one that overrides a single rule.
    """

    def __init__(
        self,
        table: ActionTable,
        regions: Sequence[RuleRegions],
        bound: Bound,
        left_out: frozenset[int] = frozenset(),
        blocked: Formula = FALSE,
    ) -> None:
        self.blocked = blocked
        """Where what has to go along with the action is forbidden, which forbids it as a `never` does."""
        self._table = table
        self._regions = regions
        self._bound = bound
        self._left_out = left_out
        self._by_effect: dict[Effect, Formula] = {}
        self._stronger: dict[Effect, Formula] = {}
        self._active: dict[tuple[int, bool], Formula] = {}
        self._overridden: dict[tuple[Overriders, ...], _Overridden] = {(): _NOWHERE}
        for number, key in table.overridden.items():  # after the rules that override it
            bound.spend(len(key))
            if key not in self._overridden:
                overriding = self.overriders(number)
                self._overridden[key] = _Overridden(
                    any_of(self.of(rule, True) for rule in overriding),
                    any_of(self.of(rule, False) for rule in overriding),
                )

    def overriders(self, number: int) -> AbstractSet[int]:
        """The rules that override a rule on the action."""
        overriding = self._table.overriders(number)
        self._bound.spend(len(overriding))
        return overriding - self._left_out if self._left_out else overriding

    def of(self, number: int, certainly: bool) -> Formula:
        """Returns the formula for when a rule is certainly active, or possibly active."""
        formula = self._active.get((number, certainly))
        if formula is None:
            formula = self._active[number, certainly] = self._where([number], self._key(number), certainly)
        return formula

    def _key(self, number: int) -> tuple[Overriders, ...]:
        return self._table.overridden.get(number, ())

    def decides_as(self, number: int) -> Formula:
        """Returns the formula for when a rule counts: if it is certainly active and its effect permits, or if it is
        possibly active otherwise.
        """
        return self.of(number, self._table.effects[number].permits)

    def with_effect(self, effect: Effect) -> Formula:
        """Returns the formula for when a rule with an effect counts."""
        if effect not in self._by_effect:
            alike: dict[tuple[Overriders, ...], list[int]] = {}
            for number in self._table.with_effect(effect):
                if number not in self._left_out:
                    alike.setdefault(self._key(number), []).append(number)
            self._by_effect[effect] = any_of(
                self.of(numbers[0], effect.permits) if len(numbers) == 1 else self._where(numbers, key, effect.permits)
                for key, numbers in alike.items()
            )
        return self._by_effect[effect]

    def stronger(self, effect: Effect) -> Formula:
        """Returns the formula for when an effect is outranked: a stronger rule counts, or the action is blocked."""
        if effect not in self._stronger:
            preceding = stronger(effect)
            blocked = self.blocked if preceding else FALSE
            self._stronger[effect] = any_of((*map(self.with_effect, preceding), blocked))
        return self._stronger[effect]

    def gives_verdict(self, number: int) -> Formula:
        """Returns the formula for when a rule is among those that give the verdict: it counts, and nothing takes
        precedence.
        """
        return but_not(self.decides_as(number), self.stronger(self._table.effects[number]))

    def preventing(self, number: int, others: Iterable[int]) -> dict[int, Formula]:
        """Returns, for each of some rules, the formula for when it keeps a rule from deciding, by overriding it or by a
        stronger effect.
        """
        effect, overriding = self._table.effects[number], self.overriders(number)
        formulas: dict[int, Formula] = {}
        for other in others:
            ways = [self.decides_as(other)] if self._table.effects[other] in stronger(effect) else []
            # A possibly active rule is enough to override a rule that permits, but not a `forbid`.
            ways += [self.of(other, not effect.permits)] if other in overriding else []
            if ways:
                formulas[other] = any_of(ways)
        return formulas

    def _where(self, numbers: Iterable[int], key: tuple[Overriders, ...], certainly: bool) -> Formula:
        boxes: list[Box] = []
        for number in numbers:
            boxes += self._regions[number].certain if certainly else self._regions[number].possible
        self._bound.spend(len(boxes))
        overridden = self._overridden[key]
        return but_not(inside(boxes), overridden.possibly if certainly else overridden.certainly)


@frozen(eq=False)
class Verdicts:
    """The formulas for when an action has each verdict. `permitted` includes `required`."""

    forbidden: Formula
    required: Formula
    permitted: Formula
    unsaid: Formula


def verdicts(active: ActiveRules, not_unsaid: Formula | None) -> Verdicts:
    """The formulas of an action's verdicts. `not_unsaid` is where it is not unsaid; None derives that."""
    forbidden = active.stronger(Effect.REQUIRE)
    requiring = active.with_effect(Effect.REQUIRE)
    permitting = any_of((requiring, active.with_effect(Effect.ALLOW)))
    return Verdicts(
        forbidden,
        but_not(requiring, forbidden),
        but_not(permitting, forbidden),
        Neither((forbidden, permitting) if not_unsaid is None else (not_unsaid,)),
    )


class VerdictFormulas:
    """The formulas of a policy's verdicts. Each is made on first use."""

    def __init__(self, space: PolicySpace, searcher: Searcher) -> None:
        self._space = space
        self._searcher = searcher
        self._active: dict[str, ActiveRules] = {}
        self._not_unsaid: dict[tuple[str, ...], Formula] = {}
        self._verdicts: dict[str, Verdicts] = {}
        self._along: dict[str, Mapping[str, Formula]] = {}
        self._covers: dict[str, tuple[Box, ...]] = {}

    def active(self, action: str) -> ActiveRules:
        """Returns the formulas for when the rules on an action are active."""
        if action not in self._active:
            # Companions come first, so that no chain of companions is a chain of calls.
            for needed in companions_first(self._space.companions, action):
                if needed not in self._active:
                    self._active[needed] = self._active_without(needed, frozenset())
        return self._active[action]

    def _active_without(self, action: str, left_out: frozenset[int]) -> ActiveRules:
        blocked = any_of(self.blocked_by(number, action) for number in self.asking(action) if number not in left_out)
        return ActiveRules(self._space.tables[action], self._space.regions, self._searcher.bound, left_out, blocked)

    def verdicts(self, action: str) -> Verdicts:
        """The formulas of an action's verdicts."""
        if action not in self._verdicts:
            not_unsaid = None if self._derives_unsaid(action) else self.not_unsaid((action,))
            self._verdicts[action] = verdicts(self.active(action), not_unsaid)
        return self._verdicts[action]

    def _derives_unsaid(self, action: str) -> bool:
        """Returns true if the boxes of the rules on an action do not show when it is unsaid."""
        return self.is_blocked(action) or self._space.is_exempted(action)

    def is_blocked(self, action: str) -> bool:
        """Returns true if an action has a companion that is forbidden in some case."""
        return bool(self.asking(action)) and self.active(action).blocked is not FALSE

    def permitted_alone(self, action: str) -> Formula:
        """Returns the formula for when an action would be permitted if it had no companions."""
        active = self.active(action)
        permitting, refusing = (any_of(map(active.with_effect, effects)) for effects in (PERMITTING, REFUSING))
        return but_not(permitting, refusing)

    def asking(self, action: str) -> list[int]:
        """Returns the rules that ask for a companion of an action."""
        if action not in self._space.companions:
            return []
        return [number for number, rule in enumerate(self._space.policy.rules) if action in rule.along]

    def blocked_by(self, number: int, action: str) -> Formula:
        """Returns the formula for when a rule asks for a forbidden companion."""
        companions = self._space.policy.rules[number].along[action]
        forbidden = any_of(self.active(companion).stronger(Effect.REQUIRE) for companion in companions)
        return FALSE if forbidden is FALSE else both(inside(self._space.on_side(number, False)), forbidden)

    def along(self, action: str) -> Mapping[str, Formula]:
        """Returns, for each companion of an action, the formula for when it must accompany it: the action is permitted,
        and a rule asks for the companion.
        """
        if action not in self._along:
            self._along[action] = self._made_along(action)
        return self._along[action]

    def _made_along(self, action: str) -> Mapping[str, Formula]:
        space = self._space
        where = {action: self.verdicts(action).permitted}
        for host in reversed(companions_first(space.companions, action)):
            for companion, pair in space.companions.get(host, ()):
                asking = [number for number, effects in enumerate(space.effects) if pair in effects]
                where_asked = inside([box for number in asking for box in space.on_side(number, False)])
                where[companion] = any_of((where.get(companion, FALSE), both(where[host], where_asked)))
        del where[action]
        return where

    def verdicts_without(self, action: str, left_out: frozenset[int]) -> Verdicts:
        """The formulas of an action's verdicts in the policy without some rules."""
        not_unsaid = None if self._derives_unsaid(action) else inside(self._space.boxes_on(action, left_out))
        return verdicts(self._active_without(action, left_out), not_unsaid)

    def not_unsaid(self, actions: tuple[str, ...]) -> Formula:
        """Returns the formula for when at least one of the actions is not unsaid."""
        if actions not in self._not_unsaid:
            if any(map(self._derives_unsaid, actions)):
                self._not_unsaid[actions] = any_of(Neither((self.verdicts(action).unsaid,)) for action in actions)
            else:
                self._not_unsaid[actions] = inside([box for action in actions for box in self.boxes_not_unsaid(action)])
        return self._not_unsaid[actions]

    def boxes_not_unsaid(self, action: str) -> Sequence[Box]:
        """The boxes in which an action is not unsaid."""
        if not self._derives_unsaid(action):
            return self._space.boxes_on(action)
        if action not in self._covers:
            active, effects = self.active(action), self._space.tables[action].effects
            telling = [  # where one of these holds, it gives a verdict, or one that overrides it does
                number
                for number, effect in effects.items()
                if Effect.EXEMPT not in {effect, *[effects[other] for other in active.overriders(number)]}
            ]
            boxes = [box for number in telling for box in self._space.of_effect(number, effects[number])]
            others = [number for number in effects if number not in telling and effects[number] is not Effect.EXEMPT]
            rest = any_of((*map(active.decides_as, others), active.blocked))
            more = cover(rest, self._searcher.search(), self._space.masks, boxes)
            self._covers[action] = (*boxes, *more)
        return self._covers[action]
