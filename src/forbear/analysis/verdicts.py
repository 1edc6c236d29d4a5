"""Where the rules on an action stand, and where it has which verdict, as formulas."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from attrs import frozen

from forbear.policy.typed import Effect, Rule
from forbear.space.bound import Bound
from forbear.space.formulas import FALSE, Formula, Neither, any_of, but_not, inside
from forbear.space.regions import Box, RuleRegions

STRONGER = {
    Effect.NEVER: (),
    Effect.FORBID: (Effect.NEVER,),
    Effect.REQUIRE: (Effect.NEVER, Effect.FORBID),
    Effect.ALLOW: (Effect.NEVER, Effect.FORBID, Effect.REQUIRE),
    Effect.EXEMPT: (),
}
"""The effects that have the last word over an effect. What exempts decides nothing itself."""


@frozen(eq=False)
class _Overridden:
    """Where one of the rules that override some rules stands: certainly, and not certainly not."""

    certainly: Formula
    possibly: Formula


_NOWHERE = _Overridden(FALSE, FALSE)


class Standing:
    """Where the rules on an action stand for it, those in `left_out` apart.

    A rule stands where it holds and no rule that overrides it stands. Rules that the same others override share one
    formula for those, so that a rule that `overrides all` costs no more than one that overrides one.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        regions: Sequence[RuleRegions],
        action: str,
        bound: Bound,
        left_out: frozenset[int] = frozenset(),
    ) -> None:
        self._effects = {
            number: rule.effects[action]
            for number, rule in enumerate(rules)
            if action in rule.effects and number not in left_out
        }
        self._regions = regions
        self._bound = bound
        self._by_effect: dict[Effect, Formula] = {}
        self._stronger: dict[Effect, Formula] = {}
        self._stands: dict[tuple[int, bool], Formula] = {}
        # What `overrides all` overrides is one and the same tuple for many rules.
        overriding: dict[int, list[int]] = {}
        self._overriding = overriding
        overridden: dict[int, tuple[int, ...]] = {}
        for number in self._effects:
            others = rules[number].overrides.get(action)
            if others:
                overriding.setdefault(id(others), []).append(number)
                overridden[id(others)] = others
        self._keys: dict[int, tuple[int, ...]] = {}
        for key, others in overridden.items():
            bound.spend(len(others))
            for number in others:
                self._keys[number] = (*self._keys.get(number, ()), key)
        self._overridden: dict[tuple[int, ...], _Overridden] = {(): _NOWHERE}
        self._find_overridden()

    def overriders(self, number: int) -> Collection[int]:
        """The rules that override a rule for the action."""
        found = dict.fromkeys(other for key in self._keys.get(number, ()) for other in self._overriding[key])
        self._bound.spend(len(found))
        return found.keys()

    def _find_overridden(self) -> None:
        """For each set of rules that override some, where one of them stands; after those that override them."""
        waiting = list(self._keys)
        while waiting:
            key = self._keys.get(waiting[-1], ())
            if key in self._overridden:
                waiting.pop()
                continue
            others = self.overriders(waiting[-1])
            first = [number for number in others if self._keys.get(number, ()) not in self._overridden]
            if first:
                waiting += first
            else:
                self._overridden[key] = _Overridden(
                    any_of(self.of(number, True) for number in others),
                    any_of(self.of(number, False) for number in others),
                )

    def of(self, number: int, certainly: bool) -> Formula:
        """Where a rule stands: certainly, or not certainly not."""
        found = self._stands.get((number, certainly))
        if found is None:
            found = self._stands[number, certainly] = self._where([number], self._keys.get(number, ()), certainly)
        return found

    def decides_as(self, number: int) -> Formula:
        """Where a rule stands as far as its effect on the action asks for it."""
        return self.of(number, self._effects[number].permits)

    def with_effect(self, effect: Effect) -> Formula:
        """Where one of the rules of an effect stands."""
        if effect not in self._by_effect:
            alike: dict[tuple[int, ...], list[int]] = {}
            for number, its in self._effects.items():
                if its is effect:
                    alike.setdefault(self._keys.get(number, ()), []).append(number)
            self._by_effect[effect] = any_of(
                self.of(numbers[0], effect.permits) if len(numbers) == 1 else self._where(numbers, key, effect.permits)
                for key, numbers in alike.items()
            )
        return self._by_effect[effect]

    def stronger(self, effect: Effect) -> Formula:
        """Where a rule of a stronger effect stands."""
        if effect not in self._stronger:
            self._stronger[effect] = any_of(self.with_effect(one) for one in STRONGER[effect])
        return self._stronger[effect]

    def _where(self, numbers: Iterable[int], key: tuple[int, ...], certainly: bool) -> Formula:
        boxes: list[Box] = []
        for number in numbers:
            boxes += self._regions[number].certain if certainly else self._regions[number].possible
        self._bound.spend(len(boxes))
        overridden = self._overridden[key]
        return but_not(inside(boxes), overridden.possibly if certainly else overridden.certainly)


@frozen(eq=False)
class Verdicts:
    """Where an action has a verdict."""

    forbidden: Formula
    required: Formula
    permitted: Formula
    unsaid: Formula


def verdicts(standing: Standing, spoken: Formula | None) -> Verdicts:
    """Where an action has which verdict; `spoken` is where a rule speaks of it, None where that has to be found out."""
    forbidden = standing.stronger(Effect.REQUIRE)
    requiring = standing.with_effect(Effect.REQUIRE)
    permitting = any_of((requiring, standing.with_effect(Effect.ALLOW)))
    return Verdicts(
        forbidden,
        but_not(requiring, forbidden),
        but_not(permitting, forbidden),
        Neither((forbidden, permitting) if spoken is None else (spoken,)),
    )
