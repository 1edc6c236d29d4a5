"""Which cases are possible where facts are derived from the same events.

A case is impossible where two such facts have values that they never have together. An unknown fact makes no case
impossible. A box has no case, either, where the cells of its facts and of their relations exclude each other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import TypeAlias

from attrs import frozen

from forbear.kernel import GridValue
from forbear.model.kinds import Storage
from forbear.space.axes import DAY, Axis, Space
from forbear.space.formulas import TRUE, Formula, Neither, inside
from forbear.space.regions import Box, full_masks
from forbear.space.related import WEAKEST, Related
from forbear.space.relations.cases import RelatedCases
from forbear.space.relations.dated import Dates
from forbear.space.relations.systems import Strip
from forbear.space.search.bound import Bound
from forbear.space.search.search import Search

_STRONGER = 10**16
"""A strength above that of any value (see `related.py`)."""
MOST_WORK = 1_000_000
"""How much work may be done to find out whether one box has a case."""


_Side: TypeAlias = "tuple[str, bool]"
"""A fact, and whether its strength falls with its values."""


@frozen
class _Cell:
    """A cell of a related fact: its bit, its values in ascending strength, and the strengths of the first and last."""

    bit: int
    values: Sequence[GridValue]
    weakest: int
    strongest: int


class PossibleCases:
    """The possible cases of a space, from its pairs of facts that are derived from the same events, its relations, and
    what hangs together by the day of the decision (`dates`).

    `narrowed` and what uses it raise `Unsolved` or `BoundReached` where it is not known whether a box has a case.
    """

    def __init__(self, pairs: Sequence[Related], space: Space, dates: Dates | None = None) -> None:
        self.pairs = pairs
        self._space = space
        self._masks = full_masks(space)
        has_relations = space.forms or dates is not None
        by_days = set() if dates is None else {tie.fact for tie in dates.ties if not tie.by}
        self.relations = (
            RelatedCases(space.forms, space.axes, list(self._ordered(by_days)), dates) if has_relations else None
        )
        self._dated = set() if self.relations is None else self.relations.dated
        sides = {side for pair in pairs for side in _sides(pair)}
        self._cells = {(name, falls): list(_cells(space.axes[name], falls)) for name, falls in sides}
        self._both_ways = {name for name, falls in sides if (name, not falls) in sides}

    @cached_property
    def formula(self) -> Formula:
        """Where a case is possible. What relations exclude, each search knows itself."""
        return Neither((inside(self.excluded),)) if self.excluded else TRUE

    @cached_property
    def excluded(self) -> list[Box]:
        """What pairs exclude: boxes of two facts, of one cell of the first."""
        boxes: list[Box] = []
        for pair in self.pairs:
            fewer, more = _sides(pair)
            for cell in self._cells[fewer]:
                demand = pair.least(cell.weakest)
                impossible = sum(
                    cell_of_more.bit for cell_of_more in self._cells[more] if cell_of_more.strongest < demand
                )
                if impossible:
                    boxes.append({pair.fewer: cell.bit, pair.more: impossible})
        return boxes

    @property
    def all_possible(self) -> bool:
        """Whether no two facts depend on each other."""
        return not self.pairs and self.relations is None

    def in_boxes(self, boxes: Iterable[Box]) -> Iterator[Box]:
        """Each box that has a possible case, narrowed."""
        if self.all_possible:
            return iter(boxes)
        return (narrowed for box in boxes if (narrowed := self.narrowed(box)) is not None)

    def narrowed(self, box: Box) -> Box | None:
        """A box without the cells that no possible case of it has; None where it has no possible case.

        If two narrowed boxes without gaps have a case in common, they have a possible case in common.
        """
        narrow = self._narrowed(box)
        if narrow is None or self.relations is None:
            return narrow
        return narrow if self._search().find(self.formula, narrow) is not None else None

    def at_case(self, box: Box) -> Box:
        """A part of a box with a possible case, of which all cases within its relations are possible."""
        if self.relations is None or not self.pairs:
            return box
        search = self._search()
        case_box = search.find(self.formula, box)
        assert case_box is not None, box
        return search.narrowed(case_box)

    def _search(self) -> Search:
        return Search(self._masks, Bound(MOST_WORK), self.relations)

    def _narrowed(self, box: Box) -> Box | None:
        narrow = box
        changed = True
        while changed:
            changed = False
            for pair in self.pairs:
                if pair.fewer not in narrow and pair.more not in narrow:
                    continue
                fewer, more = self._mask(pair.fewer, narrow), self._mask(pair.more, narrow)
                its_fewer, its_more = _sides(pair)
                _, strong = self._reach(its_more, more)
                new_fewer = fewer & ~sum(
                    cell.bit for cell in self._cells[its_fewer] if pair.least(cell.weakest) > strong
                )
                weak, _ = self._reach(its_fewer, new_fewer)
                demand = pair.least(weak)
                new_more = more & ~sum(cell.bit for cell in self._cells[its_more] if cell.strongest < demand)
                if not new_fewer or not new_more:
                    return None
                if (new_fewer, new_more) != (fewer, more):
                    narrow = {**narrow, pair.fewer: new_fewer, pair.more: new_more}
                    changed = True
        return narrow

    def has_gaps(self, box: Box) -> bool:
        """Whether the values that a box has of some related fact are not contiguous, or it has relations, or the
        strength of a fact both rises and falls with its values, so that only a search can tell."""
        for name, mask in box.items():
            if name in self._space.forms or name in self._both_ways or name in self._dated:
                return True
            cells = self._cells.get((name, False), self._cells.get((name, True), []))
            held = [bool(cell.bit & mask) for cell in cells]
            if sum(before != after for before, after in zip([False, *held], [*held, False], strict=True)) > 2:
                return True
        return False

    def made_possible(self, case: Mapping[str, GridValue], box: Box) -> dict[str, GridValue]:
        """A case of a box, with its related facts changed within the box so that it is possible.

        First, facts that are too strong for the box get their weakest value. Then, facts that are weaker than others
        demand get the weakest value that is strong enough.
        """
        possible = dict(case)
        narrow = self._narrowed(box) if self.pairs else None
        if narrow is None:
            return possible
        pairs = [pair for pair in self.pairs if pair.fewer in possible and pair.more in possible]
        for pair in pairs:
            its_fewer, its_more = _sides(pair)
            strength = self._strength(its_fewer, possible[pair.fewer])
            _, strong = self._reach(its_more, self._mask(pair.more, narrow))
            if strength is not None and pair.least(strength) > strong:
                possible[pair.fewer] = self._at_least(its_fewer, WEAKEST, narrow)
        for pair in [*pairs] * len(pairs):
            its_fewer, its_more = _sides(pair)
            fewer = self._strength(its_fewer, possible[pair.fewer])
            more = self._strength(its_more, possible[pair.more])
            if fewer is not None and more is not None and more < pair.least(fewer):
                possible[pair.more] = self._at_least(its_more, pair.least(fewer), narrow)
        return possible

    def related(
        self, case: Mapping[str, GridValue], day: int | None, box: Box, relations: RelatedCases | None = None
    ) -> tuple[dict[str, GridValue], int | None]:
        """A case of a box and its day, with the facts that its relations are about changed within the box so that they
        hold, and the day so that it is the one by which they do.

        Each keeps its value where it can: first those that are usually something, and the clock last. `relations` are
        those of the box, where they are not the ones of the space.
        """
        relations = relations or self.relations
        if relations is None:
            return dict(case), day
        facts = {name: self._space.axes[name].fact for name in case}
        first = sorted(facts, key=lambda name: (facts[name].clock, facts[name].usually is None))
        masks = {**self._masks, **{name: form.everything for name, form in relations.forms.items()}}
        values = relations.case(box, masks, {**{name: case[name] for name in first}, DAY: day}, Bound(MOST_WORK))
        assert values is not None, box
        its_day = values.pop(DAY, day)
        return {**case, **values}, None if its_day is None else int(its_day)

    def _ordered(self, by_days: Set[str]) -> Iterator[Strip]:
        """What pairs of facts demand of each other by a factor, but for what follows from the days of their events."""
        for pair in self.pairs:
            ordered = self._space.axes[pair.more].fact.ordered and not by_days >= {pair.fewer, pair.more}
            if pair.share is not None and ordered:
                *shares, less = pair.share
                times, other_times = (
                    -share if falls else share for share, falls in zip(shares, pair.falls, strict=True)
                )
                yield Strip(((pair.more, other_times), (pair.fewer, -times)), -less, None)

    def _mask(self, name: str, box: Box) -> int:
        return box.get(name, self._space.axes[name].everything)

    def _reach(self, side: _Side, mask: int) -> tuple[int, int]:
        """The lowest and the highest strength of a fact in some of its cells. An unknown fact may have any."""
        cells = [cell for cell in self._cells[side] if cell.bit & mask]
        if not cells or mask & ~sum(cell.bit for cell in self._cells[side]):
            return WEAKEST, _STRONGER
        return cells[0].weakest, cells[-1].strongest

    def _strength(self, side: _Side, value: GridValue) -> int | None:
        """The strength of a value of a fact; None where it is unknown."""
        name, falls = side
        return None if value is None and self._space.axes[name].fact.optional else _strength(value, falls)

    def _at_least(self, side: _Side, demand: int, box: Box) -> GridValue:
        """The weakest value of a fact in a box that has at least a strength; unknown (None) where there is none."""
        name, falls = side
        mask = self._mask(name, box)
        for cell in self._cells[side]:
            if cell.bit & mask and cell.strongest >= demand:
                holds: Callable[[GridValue], bool] = lambda value: _strength(value, falls) >= demand  # noqa: E731
                return cell.values[bisect_left(cell.values, True, key=holds)]
        return None


def _sides(pair: Related) -> tuple[_Side, _Side]:
    return (pair.fewer, pair.falls[0]), (pair.more, pair.falls[1])


def _cells(axis: Axis, falls: bool) -> Iterator[_Cell]:
    """The cells of a fact, except unknown, in ascending strength."""
    cells: list[_Cell] = []
    for number in range(axis.size):
        values: Sequence[GridValue]
        if number == len(axis.first):
            if axis.fact.optional:
                continue
            values = (None,)
        elif axis.fact.kind.storage is Storage.FLAG:
            values = (axis.first[number],)
        else:
            first, last = axis.first[number], axis.last(number)
            assert isinstance(first, int)
            assert isinstance(last, int)
            values = range(last, first - 1, -1) if falls else range(first, last + 1)
        cells.append(_Cell(1 << number, values, _strength(values[0], falls), _strength(values[-1], falls)))
    yield from sorted(cells, key=lambda cell: cell.weakest)


def _strength(value: GridValue, falls: bool) -> int:
    if value is None:
        return WEAKEST
    assert isinstance(value, int)
    return -value if falls else value
