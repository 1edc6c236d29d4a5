"""Few rules: their conditions are evaluated one after the other, in code that is compiled for them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from typing import Any

from forbear.deciding.decision import Decision
from forbear.kernel import cases as kernel
from forbear.space.days import period_starts
from forbear.space.predicates import mask as masks
from forbear.space.predicates.specs import Specs


class FewRules:
    """A method whose key is the mask of `space/predicates/mask.py`."""

    memoised = True

    def __init__(self, tables: Specs, *, whole_case: bool) -> None:
        self._tables = tables
        self._layout = masks.layout(tables)
        self._starts = period_starts(tables.policy)
        self._kept: dict[int, int] = {}
        self._whole_case = whole_case

    def of_case(self, answer: Callable[[int], Any] | None) -> Callable[[object], Any]:
        """The fast path: from a case as given to the answer of its mask, or to the mask."""
        return masks.of_case(self._tables, answer, whole=self._whole_case)

    @cached_property
    def of_values(self) -> Callable[..., int]:
        """The slow path: from the values of the needed facts to the mask."""
        return masks.of_values(self._tables)

    def prepare(self) -> None:
        """Compiles the slow path."""
        _ = self.of_values

    def on_day(self, mask: int, day: int) -> int:
        """The mask with only the rules that are in force on a day (an ordinal)."""
        if not self._starts:
            return mask
        period = bisect_right(self._starts, day)
        bits_kept = self._kept.get(period)
        if bits_kept is None:
            bits_kept = self._kept[period] = self._layout.in_force(kernel.in_force(self._tables.rules, day))
        return mask & bits_kept

    def decide(self, mask: int) -> Decision:
        """The decisions on all actions."""
        certain, possible, unknown = self._layout.read(mask)
        by_action = kernel.decide_actions(self._tables.actions, self._tables.rules, certain, possible, unknown)
        return Decision(by_action, by_action)

    def permits(self, mask: int) -> bool:
        """Whether the one action of the policy is permitted."""
        (decided,) = self.decide(mask).values()
        return decided.permitted
