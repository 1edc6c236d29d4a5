"""Values of related facts that go together: each pair of facts demands something of both.

What a fact may be is narrowed by all its pairs, then one fact after the other gets the nearest that is left to what is
wanted of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from forbear.kernel.cases import GridValue
from forbear.space.related import WEAKEST, Related

Runs = Sequence[tuple[int, int]]
_MOST_TRIES = 10_000


@frozen
class May:
    """What a fact may be: a number of some runs, none, or unknown."""

    runs: Runs
    none: bool
    unknown: bool

    def has(self, value: GridValue) -> bool:
        """Whether it may be a value."""
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
        """What is left where a strength is kept. Those that are kept are all from one on or, if `first`, up to one."""
        none = self.none and keeps(WEAKEST)
        left: list[tuple[int, int]] = []
        for low, high in self.runs:
            ascending = range(high, low - 1, -1) if falls else range(low, high + 1)
            changes = bisect_left(ascending, True, key=lambda v: keeps(-v if falls else v) is not first)
            kept = ascending[:changes] if first else ascending[changes:]
            if kept:
                left.append((min(kept[0], kept[-1]), max(kept[0], kept[-1])))
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
    """What is left of each fact for each value of one of them, the nearest to what is wanted first."""
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
    """Whether two known values, or none, meet what a pair demands."""
    return strength_of(more, pair.falls[1]) >= pair.least(strength_of(fewer, pair.falls[0]))


def strength_of(value: GridValue, falls: bool) -> int:
    """The strength of a value, or of none."""
    if value is None:
        return WEAKEST
    assert isinstance(value, int)
    return -value if falls else int(value)


def _narrowed(of: Mapping[str, Sequence[Related]], may: dict[str, May], changed: list[str]) -> dict[str, May] | None:
    """What is left of each fact; None where nothing is of one."""
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
