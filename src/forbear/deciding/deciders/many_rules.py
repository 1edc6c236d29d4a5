"""Many rules: from the cells of a case to decisions, by rows of bits.

The rules on each action are side by side in one row (`action_rules.py`). If the row is short, decisions on single
actions are memoised. In a long one the same rules hardly ever hold together a second time, and even the names of the
deciding rules take time, so an action is decided when it is first read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from attrs import frozen

from forbear.deciding.deciders.action_rules import (
    ActionRules,
    action_rules,
    ascending,
    decide_action,
    decide_with_unknowns,
    permits,
)
from forbear.deciding.deciders.case_cells import cells
from forbear.deciding.deciders.cell_rows import MOST_BITS, TooWide, rows_of
from forbear.deciding.deciders.few_rules import FewRules
from forbear.deciding.deciders.method import LazyDecisions, Memo
from forbear.deciding.decision import Decision
from forbear.kernel.cases import ActionDecision, InPart, Value
from forbear.semantics.lowered.from_policy import Lowered
from forbear.space.axes import Space, space_of
from forbear.space.predicates import reading
from forbear.space.predicates.specs import Specs
from forbear.space.regions import RuleRegions, TooManyBoxes, rule_regions
from forbear.space.search.rows import Row

LONG = 1_000
"""A row of more bits is long: decisions by it are not memoised."""
MEMOISED = 20_000
"""How many decisions on single actions are memoised, all actions together."""
TOO_MANY_ALTERNATIVES = (TooManyBoxes, TooWide)
"""Raised if rows of bits would be too many, or too wide."""

Cells = tuple[int, ...]


@frozen
class _InPart:
    """The key of a case in which a number is known in part: that of the method of few rules."""

    key: int


class ManyRules:
    """A method whose key is the cells of the facts, followed by the period if the policy has dates.

    A case in which a number is known in part is left to the method of few rules.

    Raises one of `TOO_MANY_ALTERNATIVES` if the conditions have too many of them for this method.
    """

    memoised = False

    def __init__(self, tables: Specs, *, whole_case: bool) -> None:
        space = space_of(tables.lowered)
        self._tables = tables
        self._whole_case = whole_case
        self._starts = space.starts
        self._optional = [
            (place, name, len(space.axes[name].first))
            for place, name in enumerate(tables.needed)
            if space.axes[name].fact.optional
        ]
        numbers, regions = _side_by_side(tables, list(_regions(tables.lowered, space)))
        row = Row([max(len(region.certain), len(region.possible)) for region in regions])
        self._actions = _by_action(tables, numbers, row)
        certain = rows_of([region.certain for region in regions], row, space, tables.needed, MOST_BITS)
        self._certain = self._possible = certain
        if self._optional:
            left = MOST_BITS - certain.bits
            self._possible = rows_of([region.possible for region in regions], row, space, tables.needed, left)
        self._known = _memoised(self._actions) if row.size <= LONG else self._when_read
        cell, self._used = cells(space, tables.needed)
        self._key = f"({''.join([f'{cell(number)}, ' for number in range(len(tables.needed))])})"

    def of_case(self, answer: Callable[[Any], Any] | None) -> Callable[[object], Any]:
        """The fast path: from a case as given to the answer of its key, or to the key."""
        return reading.of_case(self._tables, [], self._key, self._used, answer, whole=self._whole_case)

    @cached_property
    def _of_values(self) -> Callable[..., Cells]:
        return reading.of_values(self._tables.needed, [], self._key, self._used)

    @cached_property
    def _few_rules(self) -> FewRules:
        return FewRules(self._tables, whole_case=self._whole_case)

    def prepare(self) -> None:
        """Compiles the slow path, that of numbers known in part if there are any, and the finding of rules."""
        _ = self._of_values, self._certain.holding, self._possible.holding
        if any(self._tables.facts[name].cuts is not None for name in self._tables.needed):
            self._few_rules.prepare()

    def of_values(self, *values: Value) -> Any:
        """The slow path: from the values of the needed facts to the key."""
        if InPart in map(type, values):
            return _InPart(self._few_rules.of_values(*values))
        return self._of_values(*values)

    def on_day(self, key: Any, day: int) -> Any:
        """The key for a day (an ordinal): the cells, and the number of the period that has the day."""
        if isinstance(key, _InPart):
            return _InPart(self._few_rules.on_day(key.key, day))
        return (*key, bisect_right(self._starts, day) - 1) if self._starts else key

    def decide(self, key: Any) -> Decision:
        """The decisions on all actions."""
        if isinstance(key, _InPart):
            return self._few_rules.decide(key.key)
        certain = self._certain.holding(key)
        unknown = frozenset([name for place, name, absent in self._optional if key[place] == absent])
        if not unknown:
            return Decision(self._actions, self._known(certain))
        possible = self._possible.holding(key)
        return Decision(
            self._actions,
            LazyDecisions(
                self._actions,
                lambda action: decide_with_unknowns(self._actions[action], certain, possible, unknown),
            ),
        )

    def _when_read(self, holding: int) -> Mapping[str, ActionDecision]:
        """The decisions if no fact is unknown, each made when it is first read."""
        return LazyDecisions(self._actions, lambda action: decide_action(self._actions[action], holding))

    def permits(self, key: Any) -> bool:
        """Whether the one action of the policy is permitted."""
        if isinstance(key, _InPart):
            return self._few_rules.permits(key.key)
        (rules,) = self._actions.values()
        certain = self._certain.holding(key)
        return permits(rules, certain, self._possible.holding(key) if self._optional else certain)


def _regions(lowered: Lowered, space: Space) -> Iterator[RuleRegions]:
    """The regions of all rules. Raises `TooWide` if their boxes alone have as many bits as rows may have at most."""
    bits = 0
    for rule, guards in zip(lowered.policy.rules, lowered.guards, strict=True):
        regions = rule_regions(rule, guards, space)
        bits += sum([mask.bit_length() for box in regions.possible for mask in box.values()])
        if bits > MOST_BITS:
            raise TooWide
        yield regions


def _side_by_side(
    tables: Specs, regions: Sequence[RuleRegions]
) -> tuple[Mapping[str, Sequence[int]], Sequence[RuleRegions]]:
    """For each action the rules on it in the order of their bits, and the regions of all of these in that order."""
    numbers = {action: ascending(table) for action, table in tables.lowered.actions.items()}
    return numbers, [regions[number] for of_action in numbers.values() for number in of_action]


def _by_action(tables: Specs, numbers: Mapping[str, Sequence[int]], row: Row) -> Mapping[str, ActionRules]:
    """The rules on each action, with their bits in the row."""
    actions = {}
    first = 0
    for action, of_action in numbers.items():
        start = row.starts[first] if of_action else row.size
        bits = {number: row.bit(first + index) - start for index, number in enumerate(of_action)}
        first += len(of_action)
        table = tables.lowered.actions[action]
        actions[action] = action_rules(start, bits, table, tables.actions[action], tables.rules)
    return actions


def _memoised(actions: Mapping[str, ActionRules]) -> Callable[[int], Mapping[str, ActionDecision]]:
    """The function from the rules that hold to the decisions if no fact is unknown, memoised by action."""
    most = 1 + MEMOISED // len(actions)
    memos = [
        (action, rules.mask << rules.start, Memo(partial(decide_action, rules), most))
        for action, rules in actions.items()
    ]
    return lambda holding: {action: memo[holding & mask] for action, mask, memo in memos}
