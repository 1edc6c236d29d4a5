"""The workload ahead: how many rows of a frame become due for which action on which day, if nothing else happens.

`Policy.apply` on each day is what is right, on the frame as it is then. Here each row is decided only where something
may change: where something that moves enters another of its cells (`crossings.py`). If there are more such cells than
days, what moves is compared anew each day (`day_by_day.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import polars as pl

from forbear.portfolio.ahead.changes import Change, counts, on_day
from forbear.portfolio.ahead.counts import Counts
from forbear.portfolio.ahead.crossings import Crossings, Orders, by_crossings
from forbear.portfolio.ahead.day_by_day import day_by_day
from forbear.portfolio.ahead.joining import joined
from forbear.portfolio.ahead.reading import BlockRead, state
from forbear.portfolio.ahead.work import Ahead, Block
from forbear.portfolio.applying import shared
from forbear.portfolio.io.files import typed
from forbear.portfolio.verdicts.bits import Bits, nothing

Result = TypeVar("Result")
_BLOCK = 1 << 18
"""Rows of a block: what is known of them stays in the processor's cache."""
_FEW = 1 << 17
"""Rows below which one thread counts alone, and without compiled loops."""


def workload(
    ahead: Sequence[Ahead],
    actions: Sequence[str],
    frame: pl.DataFrame,
    rows: int,
    *,
    texts: bool = False,
    dues: bool = False,
) -> Counts:
    """The counts of the `rows` rows of a frame, by each version in turn; with `dues`, also which rows become due. With
    `texts` all values are texts."""
    days = ahead[-1].last

    def take(changes: Iterable[Change], of: int) -> Counts:
        return counts(changes, actions, days, of, dues=dues)

    return sum(of_blocks(ahead, actions, frame, rows, take, texts=texts), Counts.nothing(actions, days))


def of_blocks(
    ahead: Sequence[Ahead],
    actions: Sequence[str],
    frame: pl.DataFrame,
    rows: int,
    take: Callable[[Iterable[Change], int], Result],
    *,
    texts: bool,
) -> list[Result]:
    """What `take` makes of the changes of each block of a frame and the number of its rows, in order."""
    frames = [typed(frame, part.facts, part.options, texts=texts) for part in ahead]
    work = joined(ahead, actions, frames, by_loops=rows >= _FEW)
    crossings = Crossings(work)

    def do(block: Block) -> Result:
        return take(_changes(BlockRead(work, block), crossings), block.rows)

    blocks = [Block(start, min(_BLOCK, rows - start)) for start in range(0, rows, _BLOCK)]
    return shared(do, blocks, pl.thread_pool_size() if rows >= _FEW else 1)


def _changes(read: BlockRead, crossings: Crossings) -> Iterator[Change]:
    """The changes of a block. From one span to the next, and so from one version to the next, the state on the day
    before is compared."""
    work, orders = read.work, Orders(read, crossings)
    before: Sequence[Bits] = [nothing(read.rows)] * (len(work.told) + 1)
    for span, movers in zip(work.spans, crossings.of_span, strict=True):
        now = state(read, span, span.first)
        yield from on_day(span.first, read.rows, before, now)
        before = now
        if span.plan is None or span.first == span.last:
            continue
        if movers is None:
            before = yield from day_by_day(read, span, before)
            continue
        yield from by_crossings(orders, span, movers)
        if span.last < work.days:
            before = state(read, span, span.last)
