"""Partitions: the rules that can hold in a part of the cases, or in all of them, and decisions from those that do.

In a short row, decisions on single actions are memoised. In a long one the same rules hardly ever hold together a
second time, and the names of the deciding rules alone take time, so an action is decided when it is first read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial

from attrs import frozen

from forbear.kernel import ActionDecision
from forbear.predicates import reading
from forbear.predicates.specs import Specs
from forbear.runtime.deciders.action_rules import ActionRules, action_rules, ascending, decide_action
from forbear.runtime.deciders.method import LazyDecisions, Memo
from forbear.space.axes import Space
from forbear.space.lookup.cell_rows import Rows, rows_of
from forbear.space.regions import RuleRegions
from forbear.space.search.rows import Row

LONG = 1_000
"""Above so many bits a row is long, and its actions are decided when they are first read."""
MEMOISED = 20_000
"""How many decisions on single actions a partition memoises, all actions together."""

Decisions = Mapping[str, ActionDecision]


@frozen(slots=False, eq=False)
class Partition:
    """The rules by action, with the rows of those that certainly hold and of those that possibly hold."""

    actions: Mapping[str, ActionRules]
    certain: Rows
    possible: Rows
    """The same object where no fact can be unknown."""

    @cached_property
    def known(self) -> Callable[[int], Decisions]:
        """A function from the rules that hold to the decisions where no fact is unknown; made on first use."""
        if self.certain.row.size <= LONG:
            return _memoised(self.actions)
        return lambda holding: LazyDecisions(self.actions, partial(decide_action, self.actions, holding))

    @property
    def bits(self) -> int:
        """How many bits all its rows have at most."""
        return self.certain.bits + (self.possible.bits if self.possible is not self.certain else 0)


def partition(
    tables: Specs, regions: Mapping[int, RuleRegions], space: Space, most: int, *, optional: bool
) -> Partition:
    """A partition from the regions of the rules that can hold in it; `optional` is whether facts can be unknown.

    Raises `TooWide` where the rows would have more bits than `most`.
    """
    by_action = tables.lowered.actions
    ordered = {
        action: [number for number in ascending(table) if number in regions] for action, table in by_action.items()
    }
    side_by_side = [regions[number] for numbers in ordered.values() for number in numbers]
    row = Row([max(len(region.certain), len(region.possible)) for region in side_by_side])
    actions = {}
    first = 0
    for action, numbers in ordered.items():
        start = row.starts[first] if numbers else row.size
        bits = {number: row.bit(first + index) - start for index, number in enumerate(numbers)}
        first += len(numbers)
        actions[action] = action_rules(start, bits, by_action[action], tables.actions[action], tables.rules)
    certain = possible = rows_of([region.certain for region in side_by_side], row, space, tables.needed, most)
    if optional:
        most -= certain.bits
        possible = rows_of([region.possible for region in side_by_side], row, space, tables.needed, most)
    return Partition(actions, certain, possible)


def _memoised(actions: Mapping[str, ActionRules]) -> Callable[[int], Decisions]:
    most = 1 + MEMOISED // len(actions)
    used: reading.Context = {}
    decisions = []
    for number, (action, rules) in enumerate(actions.items()):
        used[f"MEMO_{number}"] = Memo(partial(decide_action, actions, action=action), most)
        decisions.append(f"{action!r}: MEMO_{number}[holding & {rules.mask << rules.start}]")
    return reading.compiled("known", ["holding"], reading.statements(f"return {{{', '.join(decisions)}}}"), used)
