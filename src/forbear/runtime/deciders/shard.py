"""Shards: some actions, with the rules on them side by side in rows of bits, whole or in partitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen

from forbear.lowered.actions import ActionTable
from forbear.lowered.from_policy import Lowered
from forbear.predicates import reading
from forbear.predicates.specs import Specs
from forbear.runtime.deciders.action_rules import action_rules, ascending
from forbear.runtime.deciders.partition import Partition
from forbear.space.axes import DAY, Space
from forbear.space.lookup.cell_rows import MOST_BITS, Rows, TooWide, joined, rows_of
from forbear.space.lookup.cells import Cell
from forbear.space.lookup.partitions import partitioned, partitions
from forbear.space.regions import RuleRegions, rule_regions
from forbear.space.search.rows import Row

WIDTH = 20_000
"""How many rules a shard of several actions may have."""

Cells = tuple[int, ...]
Lookup = Callable[[Cells], tuple[Partition, int]]
"""From the cells of a case to its partition, and the bits of the rules that hold in its row."""


@frozen
class Shard:
    """Some actions, with a partition or several, each with its rows."""

    actions: Sequence[str]
    certain: Sequence[tuple[Partition, Rows]]
    """With the rows of the rules that certainly hold."""
    possible: Sequence[tuple[Partition, Rows]] | None
    """With those of the rules that possibly hold; None where no fact can be unknown."""
    place: int | None
    """The number of the fact by which the cases are partitioned; None where there is one partition."""
    of_cell: Sequence[int]
    """For each cell of that fact, the number of its partition."""

    def joined(self, cell: Cell) -> tuple[list[str], reading.Context]:
        """The statements that look up the rules that certainly hold (`space/lookup/cell_rows.py`)."""
        return joined(self.certain, self.place, self.of_cell, cell)


@frozen
class Lookups:
    """The lookups of the rules that certainly hold and of those that possibly hold; the same where no fact can be
    unknown."""

    certain: Lookup
    possible: Lookup


def lookups(shard: Shard) -> Lookups:
    """The compiled lookups of a shard."""

    def lookup(rows: Sequence[tuple[Partition, Rows]]) -> Lookup:
        lines, used = joined(rows, shard.place, shard.of_cell, lambda number, times: f"cells[{number}] * {times}")
        return reading.compiled("lookup", ["cells"], reading.statements(*lines, "return partition, holding"), used)

    certain = lookup(shard.certain)
    return Lookups(certain, certain if shard.possible is None else lookup(shard.possible))


def shards(tables: Specs, space: Space, *, optional: bool) -> Iterator[Shard]:
    """The shards of a policy; `optional` is whether facts can be unknown. Raises `TooManyBoxes` or `TooWide`."""
    regions = list(_regions(tables.lowered, space))
    places = {name: number for number, name in enumerate([*tables.needed, DAY])}
    for actions in _grouped(tables.lowered.actions):
        by_action = {action: tables.lowered.actions[action] for action in actions}
        numbers = [number for table in by_action.values() for number in table.effects]
        whole = {number: regions[number] for number in numbers}
        alone = len(actions) == 1  # one row is read as one number, and a long number costs no more to read
        axis = None if alone else partitions([regions[number] for number in numbers], space)
        parts = [whole] if axis is None else partitioned(whole, axis)
        certain: list[tuple[Partition, Rows]] = []
        possible: list[tuple[Partition, Rows]] = []
        bits = 0
        for part in parts:
            partition, *rows = _partition(by_action, part, tables, space, optional, MOST_BITS - bits)
            bits += sum([some.bits for some in rows])
            certain.append((partition, rows[0]))
            possible.append((partition, rows[-1]))
        place, of_cell = (None, ()) if axis is None else (places[axis.axis], axis.of_cell)
        yield Shard(actions, certain, possible if optional else None, place, of_cell)


def _regions(lowered: Lowered, space: Space) -> Iterator[RuleRegions]:
    """The regions of all rules. Raises `TooWide` where their boxes alone have as many bits as rows may have at most."""
    bits = 0
    for rule, guards in zip(lowered.policy.rules, lowered.guards, strict=True):
        regions = rule_regions(rule, guards, space)
        bits += sum([mask.bit_length() for box in regions.possible for mask in box.values()])
        if bits > MOST_BITS:
            raise TooWide
        yield regions


def _partition(
    by_action: Mapping[str, ActionTable],
    regions: Mapping[int, RuleRegions],
    tables: Specs,
    space: Space,
    optional: bool,
    most: int,
) -> tuple[Partition, *tuple[Rows, ...]]:
    """A partition from the regions of the rules that can hold in it, with the rows of the rules that certainly hold.

    Where facts can be unknown, the rows of the rules that possibly hold follow. Raises `TooWide` where the rows would
    have more bits than `most`.
    """
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
    partition = Partition(actions, row.size)
    certain = rows_of([region.certain for region in side_by_side], row, space, tables.needed, most)
    if not optional:
        return partition, certain
    possible = rows_of([region.possible for region in side_by_side], row, space, tables.needed, most - certain.bits)
    return partition, certain, possible


def _grouped(actions: Mapping[str, ActionTable]) -> Iterator[list[str]]:
    """The actions of each shard."""
    group: list[str] = []
    width = 0
    for action, table in actions.items():
        if group and width + len(table.effects) > WIDTH:
            yield group
            group, width = [], 0
        group.append(action)
        width += len(table.effects)
    yield group
