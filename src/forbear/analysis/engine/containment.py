"""Finds the rules that add nothing to others, and the rules by their effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from forbear.analysis.engine.searcher import Searcher
from forbear.analysis.engine.space import PolicySpace
from forbear.language.model.policy import Effect
from forbear.space.formulas import Neither, inside
from forbear.space.regions import Box

_TRIED_BOXES = 4


class RulesByEffect:
    """For each action and effect, the rules that have it and are not dead, by their bits in the row."""

    def __init__(self, space: PolicySpace) -> None:
        numbers: dict[tuple[str, Effect], list[int]] = {}
        for number, effects in enumerate(space.effects):
            if number not in space.dead:
                for action, effect in effects.items():
                    numbers.setdefault((action, effect), []).append(number)
        self._masks = {key: space.row.mask(rules) for key, rules in numbers.items()}

    def having(self, action: str, effect: Effect) -> int:
        """The rules that have this effect."""
        return self._masks.get((action, effect), 0)

    def any_of(self, effects: Iterable[tuple[str, Effect]]) -> int:
        """Returns the rules that have at least one of these effects."""
        rules = 0
        for key in effects:
            rules |= self._masks.get(key, 0)
        return rules

    def all_of(self, effects: Iterable[tuple[str, Effect]]) -> int:
        """The rules that have each of these effects."""
        rules = -1
        for key in effects:
            rules &= self._masks.get(key, 0)
        return rules

    def only(self, effects: Mapping[str, Effect]) -> int:
        """The rules that have no effects but these."""
        return ~self.any_of(key for key in self._masks if effects.get(key[0]) is not key[1])


class Containment:
    """For each rule, the rules to which it adds nothing, and the rules that add nothing to it, by their bits in the
    row.

    The index cannot always decide about rules of several boxes, or with relations. The open pairs are returned
    separately, for a search to decide.
    """

    def __init__(self, space: PolicySpace, searcher: Searcher, by_effect: RulesByEffect) -> None:
        self._space = space
        self._searcher = searcher
        self._by_effect = by_effect
        self._tried: dict[tuple[int, int], bool] = {}
        self._sides = [{effect.permits for effect in effects.values()} for effects in space.effects]
        self._alone: set[int] = set()
        known = [number for number in range(len(space.policy.rules)) if space.looked_at(number)]
        self._known = space.row.mask(known)
        self._permitting, self._refusing = (
            space.row.mask([number for number in known if side in self._sides[number]]) for side in (True, False)
        )
        several = [number for number in known if any(len(space.on_side(number, side)) > 1 for side in (True, False))]
        self._several = space.row.mask(several)
        forms = space.cells.forms.keys()
        self._relating = space.row.mask(
            [number for number in known if forms and any(forms & box.keys() for box in space.of_rule(number))]
        )
        self._open_larger: dict[int, int] = {}
        open_smaller: dict[int, list[int]] = {}
        for number in known if several or self._relating else ():
            to_try = self._to_be_tried(number)
            if to_try:
                self._open_larger[number] = to_try
                for candidate in space.row.numbers(to_try):
                    searcher.bound.spend(1)
                    open_smaller.setdefault(candidate, []).append(number)
        self._open_smaller = {number: space.row.mask(numbers) for number, numbers in open_smaller.items()}

    def larger(self, number: int) -> tuple[int, int]:
        """The rules to which a rule adds nothing, and those for a search to decide."""
        return self._holding(number), self._open_larger.get(number, 0)

    def smaller(self, number: int) -> tuple[int, int]:
        """The rules that add nothing to a rule, and those for a search to decide."""
        row = self._space.row
        rules = self._by_effect.only(self._space.effects[number]) & self._known & ~(1 << row.bit(number))
        for side, having in ((True, self._permitting), (False, self._refusing)):
            if side in self._sides[number]:
                rules &= ~having | self._searcher.side(side).within(self._space.on_side(number, side))
        return rules, self._open_smaller.get(number, 0)

    def adds_nothing(self, smaller: int, larger: int) -> bool:
        """Returns true if rule `smaller` adds nothing to rule `larger`. Raises `BoundReached`."""
        answer = self._tried.get((smaller, larger))
        if answer is None:
            answer = self._tried[smaller, larger] = bool(
                self._holding(smaller) >> self._space.row.bit(larger) & 1
            ) or self._by_search(smaller, larger)
        return answer

    def _by_search(self, smaller: int, larger: int) -> bool:
        effects = self._space.effects
        if not effects[smaller].items() <= effects[larger].items():
            return False
        for side in self._sides[smaller]:
            outside = Neither((inside(self._space.on_side(larger, side)),))
            if self._searcher.holds(inside(self._space.on_side(smaller, side)), outside):
                return False
        return True

    def _holding(self, number: int) -> int:
        if number in self._alone:
            return 0
        row = self._space.row
        effects = self._space.effects[number].items()
        candidates = self._by_effect.all_of(effects) & self._known & ~(1 << row.bit(number))
        for side in self._sides[number]:
            if candidates:
                candidates &= self._searcher.side(side).holding(self._space.on_side(number, side))
        if not candidates:
            self._alone.add(number)
        return candidates

    def _to_be_tried(self, number: int) -> int:
        """Rules of several boxes, or with relations, that contain the corners of a rule's first boxes, so they may
        contain all of it."""
        effects = self._space.effects[number].items()
        own = 1 << self._space.row.bit(number)
        candidates = self._by_effect.all_of(effects) & self._known & ~own
        if not self._relating & own:
            candidates &= self._several | self._relating
        for side in self._sides[number]:
            for box in self._space.on_side(number, side)[:_TRIED_BOXES]:
                for corner in self._corners(box) if candidates else ():
                    candidates &= self._searcher.side(side).meeting([corner])
        return candidates & ~self._holding(number) if candidates else 0

    def _corners(self, box: Box) -> Iterator[Box]:
        """Yields cells of cases of a box: two corners or, if relations may exclude these, its minimal case."""
        space = self._space
        if space.relations is None:
            masks = {**space.masks, **box}
            yield {name: mask & -mask for name, mask in masks.items()}
            yield {name: 1 << mask.bit_length() - 1 for name, mask in masks.items()}
        elif self._searcher.search().find(space.possible_cases.formula, box) is not None:
            yield space.cells_of(space.point(box))
