"""Which rules add nothing to which others, and which rules have which effects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from forbear.kernel import bits
from forbear.policy.typed import Effect
from forbear.predicates.specs import mask_of
from forbear.space.regions import contains
from forbear.space.search import All, Neither, inside

if TYPE_CHECKING:
    from forbear.analysis.view import View


class Speaking:
    """For each action and effect the living rules that have it, a bit each."""

    def __init__(self, view: View) -> None:
        numbers: dict[tuple[str, Effect], list[int]] = {}
        for number, rule in enumerate(view.policy.rules):
            if number not in view.dead:
                for action, effect in rule.effects.items():
                    numbers.setdefault((action, effect), []).append(number)
        self._masks = {key: mask_of(found) for key, found in numbers.items()}

    def any_of(self, effects: Iterable[tuple[str, Effect]]) -> int:
        """The rules that have one of these effects at least."""
        found = 0
        for key in effects:
            found |= self._masks.get(key, 0)
        return found

    def all_of(self, effects: Iterable[tuple[str, Effect]]) -> int:
        """The rules that have each of these effects."""
        found = -1
        for key in effects:
            found &= self._masks.get(key, 0)
        return found


def smaller_pairs(view: View) -> set[tuple[int, int]]:
    """Each pair of rules of which the first adds nothing to the second."""
    speaking = Speaking(view)
    found = set()
    hulls, boxed = view.hulls, view.boxed
    too_large = {number for number, rule in enumerate(view.policy.rules) if rule.name in view.too_large}
    for number, rule in enumerate(view.policy.rules):
        if number in view.dead or number in too_large:
            continue
        larger = view.index.holding(hulls[number]) & speaking.all_of(rule.effects.items()) & ~(1 << number)
        for other in bits(larger):
            if boxed[number] and boxed[other]:
                nothing_new = contains(hulls[other], hulls[number])
            else:
                nothing_new = other not in too_large and _adds_nothing(view, number, other)
            if nothing_new:
                found.add((number, other))
    return found


def _adds_nothing(view: View, one: int, other: int) -> bool:
    effects = set(view.policy.rules[one].effects.values())
    for effect in {effect.permits: effect for effect in effects}.values():
        outside = All((inside(view.of_effect(one, effect)), Neither((inside(view.of_effect(other, effect)),))))
        if view.search().find(outside) is not None:
            return False
    return True
