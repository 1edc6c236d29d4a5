"""Many rules: from the cells of a case to verdicts, by rows of bits.

The rules on each action stand side by side (`speaking.py`). Those of a larger policy are cut apart by a fact in which
they are narrow, such as days: a row is then of those that can hold in a stretch of it (`space/stretches.py`). How the
verdicts follow from what holds is up to `stretch.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import partial
from typing import Any

from forbear.kernel import ActionDecision
from forbear.predicates import reading
from forbear.predicates.specs import Specs
from forbear.runtime.deciders.action_rules import settle, settle_open
from forbear.runtime.deciders.partition import WhenAsked
from forbear.runtime.deciders.shard import Band, Cells, Finders, bands, finders
from forbear.runtime.decision import Decision
from forbear.space.axes import space
from forbear.space.lookup.cells import cells as cells_of

_NOTHING: frozenset[str] = frozenset()


class ManyRules:
    """The bands of a policy: to decide whole cases, or whether its one action is permitted.

    The key of a case is the cells of its facts, and then its period where dates matter. Where there is one band, and
    neither dates nor unknown facts, it is the answer: the verdicts, or whether the action is permitted.

    Raises `TooManyBoxes` or `TooWide` where the conditions are not made for it.
    """

    memoised = False

    def __init__(self, tables: Specs, *, whole_case: bool) -> None:
        cut = space(tables.lowered)
        self._starts = cut.starts
        self._actions = dict.fromkeys(tables.actions)
        self._optional = [
            (place, name, len(cut.axes[name].first))
            for place, name in enumerate(tables.needed)
            if cut.axes[name].fact.optional
        ]
        found = list(bands(tables, cut, optional=bool(self._optional)))
        self._finders = _by_action(found)
        self._one_band = len(found) == 1
        self.direct = len(found) == 1 and not self._optional and not cut.starts
        cell, used = cells_of(cut, tables.needed)
        if self.direct:
            lines, rows = found[0].joined(cell)
            answer, limits = _answer(found[0], whole_case)
            used.update({**rows, **limits})
            body = reading.statements(*lines, f"return {answer}")
        else:
            body = reading.statements(
                f"return ({''.join(f'{cell(number, 1)}, ' for number in range(len(tables.needed)))})"
            )
        self.of_case = reading.of_case(tables, body, used, whole_case=whole_case)
        self.of_values = reading.of_values(tables.needed, body, used)

    def on_day(self, cells: Cells, day: int) -> Cells:
        """The key with the period in which a day is."""
        return (*cells, bisect_right(self._starts, day) - 1) if self._starts else cells

    def decide(self, key: Any) -> Decision:
        if self.direct:
            return Decision(self._actions, key)
        unknown = self._unknown(key) if self._optional else _NOTHING
        if self._one_band and not unknown:
            stretch, holding = next(iter(self._finders.values())).certain(key)
            return Decision(self._actions, stretch.known(holding))
        return Decision(self._actions, WhenAsked(partial(_settle, self._finders, key, unknown)))

    def permits(self, key: Any) -> bool:
        """Whether the one action of the policy is permitted."""
        if self.direct:
            return bool(key)
        (its,) = self._finders.values()
        stretch, certain = its.certain(key)
        return stretch.permits(certain, its.possible(key)[1])

    def _unknown(self, cells: Cells) -> frozenset[str]:
        return frozenset([name for place, name, absent in self._optional if cells[place] == absent])


def _answer(band: Band, whole_case: bool) -> tuple[str, reading.Context]:
    """An expression for the answer from `stretch`, and what is found there, and what it uses."""
    if whole_case:
        return "stretch.known(found)", {}
    ((stretch, _),) = band.certain
    (its,) = stretch.actions.values()
    if its.overridden:
        return "stretch.permits(found, found)", {}
    return "PERMITTING <= found < HINDERING", {"PERMITTING": its.permitting, "HINDERING": its.hindering}


def _by_action(found: list[Band]) -> dict[str, Finders]:
    return {action: its for band in found for its in [finders(band)] for action in band.actions}


def _settle(found: Mapping[str, Finders], cells: Cells, unknown: frozenset[str], action: str) -> ActionDecision:
    its = found[action]
    stretch, certain = its.certain(cells)
    if unknown:
        return settle_open(stretch.actions[action], certain, its.possible(cells)[1], unknown)
    return settle(stretch.actions, certain, action)
