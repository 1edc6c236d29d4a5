"""Many rules: from the cells of a case to decisions, by rows of bits.

The rules on each action are side by side (`action_rules.py`), in shards of some actions (`shard.py`). A large shard is
partitioned by a fact in which its rules are narrow, such as days: each row then has only the rules that can hold in one
part of that fact's cells (`space/lookup/partitions.py`). `partition.py` decides from the rules that hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from attrs import frozen

from forbear.kernel import ActionDecision, InPart, Value
from forbear.predicates import reading
from forbear.predicates.specs import Specs
from forbear.runtime.deciders.action_rules import decide_action, decide_with_unknowns
from forbear.runtime.deciders.few_rules import FewRules
from forbear.runtime.deciders.partition import LazyDecisions
from forbear.runtime.deciders.shard import Cells, Lookups, Shard, lookups, shards
from forbear.runtime.decision import Decision
from forbear.space.axes import space_of
from forbear.space.lookup.cells import cells as cells_of

_NOTHING: frozenset[str] = frozenset()


@frozen
class _InPart:
    """The key of a case in which a number is known in part: that of the method of few rules."""

    key: int


class ManyRules:
    """The shards of a policy: a method that decides whole cases, or whether the policy's one action is permitted.

    The key of a case is the cells of its facts, followed by its period where the policy has dates. Where there is one
    shard, and neither dates nor facts that can be unknown, the key is the answer itself: the decisions, or whether the
    action is permitted. A case in which a number is known in part is left to the method of few rules.

    Raises `TooManyBoxes` or `TooWide` where the conditions have too many alternatives for this method.
    """

    memoised = False

    def __init__(self, tables: Specs, *, whole_case: bool) -> None:
        space = space_of(tables.lowered)
        self._starts = space.starts
        self._actions = dict.fromkeys(tables.actions)
        self._optional = [
            (place, name, len(space.axes[name].first))
            for place, name in enumerate(tables.needed)
            if space.axes[name].fact.optional
        ]
        all_shards = list(shards(tables, space, optional=bool(self._optional)))
        self._lookups = _by_action(all_shards)
        self._one_shard = len(all_shards) == 1
        self.direct = self._one_shard and not self._optional and not space.starts
        cell, used = cells_of(space, tables.needed)
        if self.direct:
            lines, rows = all_shards[0].joined(cell)
            answer, limits = _answer(all_shards[0], whole_case)
            used.update({**rows, **limits})
            body = reading.statements(*lines, f"return {answer}")
        else:
            body = reading.statements(
                f"return ({''.join(f'{cell(number, 1)}, ' for number in range(len(tables.needed)))})"
            )
        self.of_case = reading.of_case(tables, body, used, whole_case=whole_case)
        self._of_values = reading.of_values(tables.needed, body, used)
        self._tables = tables

    @cached_property
    def _few_rules(self) -> FewRules:
        return FewRules(self._tables, whole_case=True)

    def of_values(self, *values: Value) -> Any:
        """The slow path: from the values of the needed facts to the key."""
        if InPart in map(type, values):
            return _InPart(self._few_rules.of_values(*values))
        return self._of_values(*values)

    def on_day(self, cells: Any, day: int) -> Any:
        """The key for a day (an ordinal): the cells, and the number of the period that has the day."""
        if isinstance(cells, _InPart):
            return _InPart(self._few_rules.on_day(cells.key, day))
        return (*cells, bisect_right(self._starts, day) - 1) if self._starts else cells

    def decide(self, key: Any) -> Decision:
        """The decisions on all actions."""
        if isinstance(key, _InPart):
            return self._few_rules.decide(key.key)
        if self.direct:
            return Decision(self._actions, key)
        unknown = self._unknown(key) if self._optional else _NOTHING
        if self._one_shard and not unknown:
            partition, holding = next(iter(self._lookups.values())).certain(key)
            return Decision(self._actions, partition.known(holding))
        return Decision(self._actions, LazyDecisions(partial(_decide, self._lookups, key, unknown)))

    def permits(self, key: Any) -> bool:
        """Whether the one action of the policy is permitted."""
        if isinstance(key, _InPart):
            return self._few_rules.permits(key.key)
        if self.direct:
            return bool(key)
        (lookup,) = self._lookups.values()
        partition, certain = lookup.certain(key)
        return partition.permits(certain, lookup.possible(key)[1])

    def _unknown(self, cells: Cells) -> frozenset[str]:
        return frozenset([name for place, name, absent in self._optional if cells[place] == absent])


def _answer(shard: Shard, whole_case: bool) -> tuple[str, reading.Context]:
    """An expression for the answer from `partition` and `holding`, and the constants that it uses."""
    if whole_case:
        return "partition.known(holding)", {}
    ((partition, _),) = shard.certain
    (rules,) = partition.actions.values()
    if rules.overridden:
        return "partition.permits(holding, holding)", {}
    return "PERMITTING <= holding < REFUSING", {"PERMITTING": rules.permitting, "REFUSING": rules.refusing}


def _by_action(all_shards: Sequence[Shard]) -> dict[str, Lookups]:
    by_action = {}
    for shard in all_shards:
        by_action.update(dict.fromkeys(shard.actions, lookups(shard)))
    return by_action


def _decide(by_action: Mapping[str, Lookups], cells: Cells, unknown: frozenset[str], action: str) -> ActionDecision:
    lookup = by_action[action]
    partition, certain = lookup.certain(cells)
    if unknown:
        return decide_with_unknowns(partition.actions[action], certain, lookup.possible(cells)[1], unknown)
    return decide_action(partition.actions, certain, action)
