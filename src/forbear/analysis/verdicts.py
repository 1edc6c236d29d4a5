"""Where the rules on an action stand, and where it has which verdict, as formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from attrs import frozen

from forbear.lowered.actions import ActionTable, Overriders, stronger
from forbear.policy.typed import Effect
from forbear.space.bound import Bound
from forbear.space.formulas import FALSE, Formula, Neither, any_of, but_not, inside
from forbear.space.regions import Box, RuleRegions


@frozen(eq=False)
class _Overridden:
    """Where one of the rules that override some rules stands: certainly, and not certainly not."""

    certainly: Formula
    possibly: Formula


_NOWHERE = _Overridden(FALSE, FALSE)


class Standing:
    """Where the rules on an action are active for it, those in `left_out` apart.

    A rule is active where it holds and no rule that overrides it is active. Rules that the same others override share
    one formula for those, so that a rule that `overrides all` costs no more than one that overrides one.
    """

    def __init__(
        self,
        table: ActionTable,
        regions: Sequence[RuleRegions],
        bound: Bound,
        left_out: frozenset[int] = frozenset(),
    ) -> None:
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
                others = self.overriders(number)
                self._overridden[key] = _Overridden(
                    any_of(self.of(other, True) for other in others),
                    any_of(self.of(other, False) for other in others),
                )

    def overriders(self, number: int) -> AbstractSet[int]:
        """The rules that override a rule for the action."""
        found = self._table.overriders(number)
        self._bound.spend(len(found))
        return found - self._left_out if self._left_out else found

    def of(self, number: int, certainly: bool) -> Formula:
        """Where a rule stands: certainly, or not certainly not."""
        found = self._active.get((number, certainly))
        if found is None:
            found = self._active[number, certainly] = self._where([number], self._key(number), certainly)
        return found

    def _key(self, number: int) -> tuple[Overriders, ...]:
        return self._table.overridden.get(number, ())

    def decides_as(self, number: int) -> Formula:
        """Where a rule stands as far as its effect on the action asks for it."""
        return self.of(number, self._table.effects[number].permits)

    def with_effect(self, effect: Effect) -> Formula:
        """Where one of the rules of an effect stands."""
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
        """Where a rule of a stronger effect stands."""
        if effect not in self._stronger:
            self._stronger[effect] = any_of(self.with_effect(one) for one in stronger(effect))
        return self._stronger[effect]

    def _where(self, numbers: Iterable[int], key: tuple[Overriders, ...], certainly: bool) -> Formula:
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
