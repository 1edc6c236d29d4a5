"""Decides which cases are possible if facts are derived from the same events.

A case is impossible if two such facts have values that they never have together. An unknown fact makes no case
impossible. A box also has no case if the cells of its facts and of their relations exclude each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from types import MappingProxyType
from typing import TypeAlias

from attrs import frozen

from forbear.kernel.cases import GridValue, bits
from forbear.language.model.kinds import Storage
from forbear.space.axes import DAY, Axis, Space
from forbear.space.formulas import TRUE, All, Formula, Neither, inside
from forbear.space.regions import Box, full_masks
from forbear.space.related import WEAKEST, Related
from forbear.space.relations.cases import RelatedCases
from forbear.space.relations.dated import Dates
from forbear.space.relations.systems import Strip
from forbear.space.search.bound import Bound
from forbear.space.search.search import Search

# Values of related facts that go together: each pair of facts demands something of both.
#
# What a fact may be is narrowed by all its pairs, then one fact after the other gets the nearest that is left to what
# is wanted of it.


Runs = Sequence[tuple[int, int]]
_MOST_TRIES = 10_000


@frozen
class May:
    """The possible values of a fact: numbers in some runs, none, or unknown."""

    runs: Runs
    none: bool
    unknown: bool

    def has(self, value: GridValue) -> bool:
        """Returns true if the value is possible."""
        if value is None:
            return self.none or self.unknown
        return any(low <= int(value) <= high for low, high in self.runs)

    def only(self, value: GridValue) -> May:
        """That value alone."""
        if value is None:
            return May((), self.none, self.unknown)
        return May(((int(value), int(value)),), False, False)

    def values(self, wanted: GridValue) -> list[GridValue]:
        """The values to try: what is wanted, or the nearest to it; the ends; and none."""
        near = int(wanted or 0)
        ends = sorted({end for run in self.runs for end in run}, key=lambda end: abs(end - near))
        values: list[GridValue] = [*([wanted] if self.has(wanted) else []), *ends, *([None] if self.none else [])]
        return list(dict.fromkeys(values))

    def strengths(self, falls: bool) -> tuple[int, int]:
        """The lowest and the highest strength."""
        if not self.runs:
            return WEAKEST, WEAKEST
        low, high = self.runs[0][0], self.runs[-1][1]
        weak, strong = (-high, -low) if falls else (low, high)
        return (WEAKEST if self.none else weak), strong

    def where(self, keeps: Callable[[int], bool], falls: bool, first: bool) -> May:
        """Returns the possible values whose strength is kept. The kept strengths are all from one on or, if `first`, up
        to one.
        """
        none = self.none and keeps(WEAKEST)
        left: list[tuple[int, int]] = []
        for low, high in self.runs:
            weakest, strongest = (-high, -low) if falls else (low, high)
            start, end = weakest, strongest + 1  # no `bisect`: a range has no more values than the machine's words
            while start < end:
                middle = (start + end) // 2
                start, end = (middle + 1, end) if keeps(middle) is first else (start, middle)
            weakest, strongest = (weakest, start - 1) if first else (start, strongest)
            if weakest <= strongest:
                left.append((-strongest, -weakest) if falls else (weakest, strongest))
        return May(tuple(left), none, self.unknown)


def settled(
    pairs: Iterable[Related], may: Mapping[str, May], wanted: Mapping[str, GridValue]
) -> dict[str, GridValue] | None:
    """A value of each fact, as near as can be to what is wanted, the first fact first, so that what all pairs demand
    holds; None where none is found."""
    of: dict[str, list[Related]] = {name: [] for name in may}
    for pair in pairs:
        if pair.fewer in may and pair.more in may:
            of[pair.fewer].append(pair)
            of[pair.more].append(pair)
    names = list(wanted)
    start = _narrowed(of, dict(may), list(may))
    stack = [] if start is None else [_to_try(of, start, names[0], wanted)]
    tries = _MOST_TRIES
    while stack and tries:
        tries -= 1
        narrow = next(stack[-1], None)
        if narrow is None:
            stack.pop()
        elif len(stack) == len(names):
            return {name: its.runs[0][0] if its.runs else None for name, its in narrow.items()}
        else:
            stack.append(_to_try(of, narrow, names[len(stack)], wanted))
    return None


def _to_try(
    of: Mapping[str, Sequence[Related]], may: Mapping[str, May], name: str, wanted: Mapping[str, GridValue]
) -> Iterator[dict[str, May]]:
    """Yields, for each possible value of one fact, what remains possible for each fact, starting with the values
    nearest to the wanted one.
    """
    own = may[name]
    if own.unknown and wanted[name] is None:
        yield {**may, name: own.only(None)}
    known = _narrowed(of, {**may, name: May(own.runs, own.none, False)}, [name])
    if known is not None:
        for value in known[name].values(wanted[name]):
            narrow = _narrowed(of, {**known, name: known[name].only(value)}, [name])
            if narrow is not None:
                yield narrow
    if own.unknown and wanted[name] is not None:
        yield {**may, name: own.only(None)}


def holds(pair: Related, fewer: GridValue, more: GridValue) -> bool:
    """Returns true if two known values, or none, satisfy a pair."""
    return strength_of(more, pair.falls[1]) >= pair.least(strength_of(fewer, pair.falls[0]))


def strength_of(value: GridValue, falls: bool) -> int:
    """The strength of a value, or of none."""
    if value is None:
        return WEAKEST
    assert isinstance(value, int)
    return -value if falls else int(value)


def _narrowed(of: Mapping[str, Sequence[Related]], may: dict[str, May], changed: list[str]) -> dict[str, May] | None:
    """Returns the possible values that remain for each fact; None if a fact has none left."""
    while changed:
        for pair in of[changed.pop()]:
            fewer, more = may[pair.fewer], may[pair.more]
            if fewer.unknown or more.unknown:
                continue
            falls, more_falls = pair.falls
            strong = more.strengths(more_falls)[1]
            if pair.least(fewer.strengths(falls)[1]) > strong:
                fewer = fewer.where(lambda s: pair.least(s) <= strong, falls, first=True)  # noqa: B023
            weak = fewer.strengths(falls)[0]
            demand = pair.least(weak)
            if more.strengths(more_falls)[0] < demand:
                more = more.where(lambda s: s >= demand, more_falls, first=False)  # noqa: B023
            for name, left in ((pair.fewer, fewer), (pair.more, more)):
                if left != may[name]:
                    if not left.runs and not left.none:
                        return None
                    may[name] = left
                    changed.append(name)
    return may


_STRONGER = 10**16
"""A strength above that of any value (see `related.py`)."""
MOST_WORK = 3_000_000
"""The most work that may be done to decide whether one box has a case."""


_Side: TypeAlias = "tuple[str, bool]"
"""A fact, and whether its strength falls with its values."""


@frozen
class _Cell:
    """A cell of a related fact: its bit, and the strengths of its weakest and its strongest value."""

    bit: int
    weakest: int
    strongest: int


class PossibleCases:
    """The possible cases of a space, from its pairs of facts that are derived from the same events, its relations, and
    what hangs together by the day of the decision (`dates`).

    `narrowed` and what uses it raise `Unsolved` or `BoundReached` where it is not known whether a box has a case. What
    that takes is counted in `bound` too.
    """

    def __init__(
        self, pairs: Sequence[Related], space: Space, dates: Dates | None = None, bound: Bound | None = None
    ) -> None:
        self.pairs = pairs
        self.bound = bound
        self.space = space
        self.masks = full_masks(space)
        has_relations = space.forms or dates is not None
        by_days = set() if dates is None else {tie.fact for tie in dates.ties if not tie.by}
        self.relations = (
            RelatedCases(space.forms, space.axes, list(self._ordered(by_days)), [dates] if dates else [])
            if has_relations
            else None
        )
        self._dated = set() if self.relations is None else self.relations.dated
        sides = {side for pair in pairs for side in _sides(pair)}
        self._cells = {(name, falls): list(_cells(space.axes[name], falls)) for name, falls in sides}
        self._both_ways = {name for name, falls in sides if (name, not falls) in sides}

    @cached_property
    def formula(self) -> Formula:
        """The formula that holds for possible cases. Relations are left to each search."""
        return Neither((inside(self.excluded),)) if self.excluded else TRUE

    @cached_property
    def excluded(self) -> list[Box]:
        """The boxes that pairs exclude: boxes of two facts, with one cell of the first."""
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
        return Search(self.masks, Bound(MOST_WORK, self.bound), self.relations)

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
        """Returns true if only a search can decide: a box has values of some related fact that are not contiguous, or
        it has relations, or the strength of a fact both rises and falls with its values.
        """
        for name, mask in box.items():
            if name in self.space.forms or name in self._both_ways or name in self._dated:
                return True
            cells = self._cells.get((name, False), self._cells.get((name, True), []))
            held = [bool(cell.bit & mask) for cell in cells]
            if sum(before != after for before, after in zip([False, *held], [*held, False], strict=True)) > 2:
                return True
        return False

    def case_in(
        self,
        box: Box,
        minimal: Mapping[str, GridValue],
        day: int | None,
        relations: RelatedCases | None = None,
        copies: Mapping[str, str] = MappingProxyType({}),
        at_copies: Sequence[Formula] = (),
    ) -> tuple[dict[str, GridValue], int | None]:
        """Returns a possible case of a box and its day, as near as can be to the minimal one: first the facts that
        usually have some value, and the clock last. `relations` are those of the box, if they differ from those of the
        space.

        `copies` maps further names in the case, and in the box, to the fact whose values they are in other cases, which
        differ in that fact alone; `at_copies` has the formulas that take the place of `formula` there.
        """
        its = _Cases(self, relations or self.relations, copies)
        case, its_day = its.near(box, minimal, day)
        if its.relations is None or not its.broken(case):
            return case, its_day
        # Pairs and relations agree in a smaller box.
        search = Search(its.masks, Bound(MOST_WORK, self.bound), its.relations)
        smaller = search.find(All((self.formula, *at_copies)), box)
        return (case, its_day) if smaller is None else its.near(search.narrowed(smaller), minimal, day)

    def meets_pairs(self, case: Mapping[str, GridValue]) -> bool:
        """Returns true if a case satisfies all pairs."""
        return not _Cases(self, None, {}).broken(case)

    def _ordered(self, by_days: Set[str]) -> Iterator[Strip]:
        """Yields the constraints between pairs of facts by a factor, except for those that follow from the days of
        their events.
        """
        for pair in self.pairs:
            ordered = self.space.axes[pair.more].fact.ordered and not by_days >= {pair.fewer, pair.more}
            if pair.share is not None and ordered:
                *shares, less = pair.share
                times, other_times = (
                    -share if falls else share for share, falls in zip(shares, pair.falls, strict=True)
                )
                yield Strip(((pair.more, other_times), (pair.fewer, -times)), -less, None)

    def _mask(self, name: str, box: Box) -> int:
        return box.get(name, self.space.axes[name].everything)

    def _reach(self, side: _Side, mask: int) -> tuple[int, int]:
        """The lowest and the highest strength of a fact in some of its cells. An unknown fact may have any."""
        cells = [cell for cell in self._cells[side] if cell.bit & mask]
        if not cells or mask & ~sum(cell.bit for cell in self._cells[side]):
            return WEAKEST, _STRONGER
        return cells[0].weakest, cells[-1].strongest


@frozen
class _Cases:
    """Cases that differ in some facts alone: `copies` maps the names of their values in the others to these facts."""

    of: PossibleCases
    relations: RelatedCases | None
    copies: Mapping[str, str]

    @cached_property
    def masks(self) -> dict[str, int]:
        """The masks of all cells of each axis."""
        forms = {} if self.relations is None else self.relations.forms
        masks = {**self.of.masks, **{name: form.everything for name, form in forms.items()}}
        return masks | {copy: masks[fact] for copy, fact in self.copies.items()}

    def axis(self, name: str) -> Axis:
        """The axis of a fact, or of one in another case."""
        return self.of.space.axes[self.copies.get(name, name)]

    def near(
        self, box: Box, wanted: Mapping[str, GridValue], day: int | None
    ) -> tuple[dict[str, GridValue], int | None]:
        """The case of a box, and its day, that is near to what is wanted."""
        if self.relations is None:
            return self._meeting(box, wanted), day
        case, its_day = self._related(box, wanted, day)
        return (case, its_day) if not self.broken(case) else self._related(box, self._meeting(box, wanted), day)

    def _related(
        self, box: Box, wanted: Mapping[str, GridValue], day: int | None
    ) -> tuple[dict[str, GridValue], int | None]:
        """The same where relations hold, and pairs as far as these leave it."""
        assert self.relations is not None
        facts = {name: self.axis(name).fact for name in wanted}
        first = sorted(facts, key=lambda name: (facts[name].clock, facts[name].usually is None))
        preferred = {**{name: wanted[name] for name in first}, DAY: day}
        values = self.relations.case(box, self.masks, preferred, Bound(MOST_WORK, self.of.bound))
        assert values is not None, box
        its_day = values.pop(DAY, day)
        return self._meeting(box, {**wanted, **values}, values.keys()), None if its_day is None else int(its_day)

    def broken(self, case: Mapping[str, GridValue]) -> list[str]:
        """The facts of a case that demand more of others than these are."""
        return [pair.fewer for pair in self._pairs(case) if not self._fits(pair, case)]

    def _pairs(self, case: Mapping[str, GridValue]) -> list[Related]:
        pairs = [pair for pair in self.of.pairs if pair.fewer in case and pair.more in case]
        others = [
            pair.renamed(fact, copy)
            for copy, fact in self.copies.items()
            for pair in pairs
            if fact in (pair.fewer, pair.more)
        ]
        return pairs + others

    def _fits(self, pair: Related, case: Mapping[str, GridValue]) -> bool:
        """Returns true if two facts of a case satisfy their pair. An unknown fact satisfies every pair."""
        unknown = any(case[name] is None and self.axis(name).fact.optional for name in (pair.fewer, pair.more))
        return unknown or holds(pair, case[pair.fewer], case[pair.more])

    def _meeting(self, box: Box, case: Mapping[str, GridValue], fixed: Set[str] = frozenset()) -> dict[str, GridValue]:
        """Returns a case that satisfies all pairs, near to this one, with the values of `fixed` facts; the same case if
        none is found.
        """
        broken = self.broken(case)
        if not broken:
            return dict(case)
        pairs = self._pairs(case)
        axes = {name: self.axis(name) for pair in pairs for name in (pair.fewer, pair.more)}
        may = {name: _may(axis, box.get(name, axis.everything)) for name, axis in axes.items()}
        may.update({name: may[name].only(case[name]) for name in fixed & may.keys()})
        wanted = {name: case[name] for name in (*broken, *axes)}  # facts that demand more than they get are kept first
        values = settled(pairs, may, wanted) or {}
        return {**case, **{name: _of_axis(axes[name], value) for name, value in values.items()}}


def _may(axis: Axis, mask: int) -> May:
    """Returns the possible values of a fact in some cells."""
    ordered = axis.fact.ordered
    ends = [(axis.first[cell], axis.last(cell) if ordered else axis.first[cell]) for cell in bits(mask & axis.known)]
    absent = bool(mask & ~axis.known)
    runs = tuple([(int(low or 0), int(high or 0)) for low, high in ends])
    return May(runs, absent and not axis.fact.optional, absent and axis.fact.optional)


def _of_axis(axis: Axis, value: GridValue) -> GridValue:
    return bool(value) if value is not None and axis.fact.kind.storage is Storage.FLAG else value


def _sides(pair: Related) -> tuple[_Side, _Side]:
    return (pair.fewer, pair.falls[0]), (pair.more, pair.falls[1])


def _cells(axis: Axis, falls: bool) -> Iterator[_Cell]:
    """The cells of a fact, except unknown, in ascending strength."""
    cells: list[_Cell] = []
    for number in range(axis.size):
        ends: Sequence[GridValue]
        if number == len(axis.first):
            if axis.fact.optional:
                continue
            ends = (None,)
        else:
            ends = axis.values(number)
        strengths = [strength_of(value, falls) for value in ends]
        cells.append(_Cell(1 << number, min(strengths), max(strengths)))
    yield from sorted(cells, key=lambda cell: cell.weakest)
