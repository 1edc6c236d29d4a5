"""Bands: some actions, with the rules on them side by side in rows of bits, whole or cut apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen

from forbear.lowered.actions import ActionTable
from forbear.lowered.from_policy import Lowered
from forbear.predicates import reading
from forbear.predicates.specs import Specs
from forbear.runtime.deciders.action_rules import ascending, speaking
from forbear.runtime.deciders.partition import Stretch
from forbear.space.axes import DAY, Space
from forbear.space.lookup.cell_rows import MOST_BITS, Rows, TooWide, joined, rows_of
from forbear.space.lookup.cells import Cell
from forbear.space.lookup.partitions import cut_apart, stretches
from forbear.space.regions import RuleRegions, rule_regions
from forbear.space.search.rows import Row

WIDTH = 20_000
"""How many rules may be in a band that has several actions."""

Cells = tuple[int, ...]
Found = tuple[Stretch, int]
"""A stretch, and which bits of its row hold."""


@frozen
class Band:
    """Some actions. Each stretch has its rows, with `possible` a second time, of what holds where unknown facts are
    taken into account: None where no fact can be unknown. `place` is the number of the fact that is cut, None where
    there is one stretch; `of_cell` says in which stretch each of its cells is."""

    actions: Sequence[str]
    certain: Sequence[tuple[Stretch, Rows]]
    possible: Sequence[tuple[Stretch, Rows]] | None
    place: int | None
    of_cell: Sequence[int]

    def joined(self, cell: Cell) -> tuple[list[str], reading.Context]:
        """As in `space/cell_rows.py`: what holds for certain."""
        return joined(self.certain, self.place, self.of_cell, cell)


@frozen
class Finders:
    """The functions from the cells of a case to a stretch and what holds there, for certain and possibly."""

    certain: Callable[[Cells], Found]
    possible: Callable[[Cells], Found]


def finders(band: Band) -> Finders:
    def finder(rows: Sequence[tuple[Stretch, Rows]]) -> Callable[[Cells], Found]:
        lines, used = joined(rows, band.place, band.of_cell, lambda number, times: f"cells[{number}] * {times}")
        return reading.compiled("found", ["cells"], reading.statements(*lines, "return stretch, found"), used)

    certain = finder(band.certain)
    return Finders(certain, certain if band.possible is None else finder(band.possible))


def bands(tables: Specs, cut: Space, *, optional: bool) -> Iterator[Band]:
    """The bands of a policy; `optional` is whether facts can be unknown. Raises `TooManyBoxes` or `TooWide`."""
    regions = list(_regions(tables.lowered, cut))
    places = {name: number for number, name in enumerate([*tables.needed, DAY])}
    for actions in _grouped(tables.lowered.actions):
        by_action = {action: tables.lowered.actions[action] for action in actions}
        numbers = [number for its in by_action.values() for number in its.effects]
        there = {number: regions[number] for number in numbers}
        alone = len(actions) == 1  # what holds is looked at as a whole, which takes no longer for a long row
        apart = None if alone else stretches([regions[number] for number in numbers], cut)
        parts = [there] if apart is None else cut_apart(there, apart)
        certain: list[tuple[Stretch, Rows]] = []
        possible: list[tuple[Stretch, Rows]] = []
        bits = 0
        for part in parts:
            stretch, *rows = _stretch(by_action, part, tables, cut, optional, MOST_BITS - bits)
            bits += sum([its.bits for its in rows])
            certain.append((stretch, rows[0]))
            possible.append((stretch, rows[-1]))
        place, of_cell = (None, ()) if apart is None else (places[apart.axis], apart.of_cell)
        yield Band(actions, certain, possible if optional else None, place, of_cell)


def _regions(its: Lowered, cut: Space) -> Iterator[RuleRegions]:
    """The regions of all rules. Raises `TooWide` where their boxes alone have so many bits as rows may have at most."""
    bits = 0
    for rule, guards in zip(its.policy.rules, its.guards, strict=True):
        regions = rule_regions(rule, guards, cut)
        bits += sum([mask.bit_length() for box in regions.possible for mask in box.values()])
        if bits > MOST_BITS:
            raise TooWide
        yield regions


def _stretch(
    by_action: Mapping[str, ActionTable],
    regions: Mapping[int, RuleRegions],
    tables: Specs,
    cut: Space,
    optional: bool,
    most: int,
) -> tuple[Stretch, *tuple[Rows, ...]]:
    """A stretch from the rules that can hold in it, and its rows, a second time where facts can be unknown. Raises
    `TooWide` where the rows would have more bits than `most`."""
    ordered = {
        action: [number for number in ascending(table) if number in regions] for action, table in by_action.items()
    }
    side_by_side = [regions[number] for numbers in ordered.values() for number in numbers]
    row = Row([max(len(its.certain), len(its.possible)) for its in side_by_side])
    actions = {}
    first = 0
    for action, numbers in ordered.items():
        start = row.starts[first] if numbers else row.size
        bits = {number: row.bit(first + index) - start for index, number in enumerate(numbers)}
        first += len(numbers)
        actions[action] = speaking(start, bits, by_action[action], tables.actions[action], tables.rules)
    stretch = Stretch(actions, row.size)
    certain = rows_of([its.certain for its in side_by_side], row, cut, tables.needed, most)
    if not optional:
        return stretch, certain
    possible = rows_of([its.possible for its in side_by_side], row, cut, tables.needed, most - certain.bits)
    return stretch, certain, possible


def _grouped(actions: Mapping[str, ActionTable]) -> Iterator[list[str]]:
    """The actions of each band."""
    group: list[str] = []
    width = 0
    for action, table in actions.items():
        if group and width + len(table.effects) > WIDTH:
            yield group
            group, width = [], 0
        group.append(action)
        width += len(table.effects)
    yield group
