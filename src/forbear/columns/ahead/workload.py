"""The workload ahead: how many rows of a frame become due for which action on which day, if nothing else happens.

`Policy.apply` on each day is what is right, on the frame as it is then. Here each row is decided only where something
may change: where something that moves enters another of its cells (`crossings.py`). If there are more such cells than
days, what moves is compared anew each day (`day_by_day.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import polars as pl
from attrs import frozen

from forbear.columns.ahead.changes import Change, counts
from forbear.columns.ahead.counts import Counts
from forbear.columns.ahead.crossings import Crossings, by_crossings
from forbear.columns.ahead.day_by_day import day_by_day
from forbear.columns.ahead.moving import Moves
from forbear.columns.ahead.reading import BlockRead
from forbear.columns.ahead.work import Block, Span, Work
from forbear.columns.applying import Options, shared
from forbear.columns.verdicts.plan import Plan

Result = TypeVar("Result")
_BLOCK = 1 << 18
"""Rows of a block: what is known of them stays in the processor's cache."""
_FEW = 1 << 17
"""Rows below which one thread counts alone, and without compiled loops."""


@frozen(eq=False)
class Ahead:
    """The plan for each day, from day 0; None for one on which the policy is not in force."""

    plans: Sequence[Plan | None]
    moves: Moves

    @property
    def spans(self) -> tuple[Span, ...]:
        """The days on which the same rules are in force."""
        spans: list[Span] = []
        for day, plan in enumerate(self.plans):
            if spans and spans[-1].plan is plan:
                spans[-1] = Span(spans[-1].first, day, plan)
            else:
                spans.append(Span(day, day, plan))
        return tuple(spans)


def workload(ahead: Ahead, actions: Sequence[str], frame: pl.DataFrame, rows: int, options: Options) -> Counts:
    """The counts of the `rows` rows of a frame."""
    days = len(ahead.plans) - 1
    by_block = of_blocks(ahead, actions, frame, rows, options, lambda changes, of: counts(changes, actions, days, of))
    return sum(by_block, Counts.nothing(actions, days))


def of_blocks(
    ahead: Ahead,
    actions: Sequence[str],
    frame: pl.DataFrame,
    rows: int,
    options: Options,
    take: Callable[[Iterable[Change], int], Result],
) -> list[Result]:
    """What `take` makes of the changes of each block of a frame and the number of its rows, in order."""
    work = _work_of(ahead, actions, frame, rows, options)
    crossings = Crossings(work)
    crossing = all(abs(by) == 1 for by in work.moves.values()) and (
        len(work.moving_read) <= 1 or crossings.most <= work.days
    )

    def do(block: Block) -> Result:
        read = BlockRead(work, block)
        return take(by_crossings(read, crossings) if crossing else day_by_day(read), block.rows)

    blocks = [Block(start, min(_BLOCK, rows - start)) for start in range(0, rows, _BLOCK)]
    return shared(do, blocks, pl.thread_pool_size() if rows >= _FEW else 1)


def _work_of(ahead: Ahead, actions: Sequence[str], frame: pl.DataFrame, rows: int, options: Options) -> Work:
    """What each block of a frame needs."""
    columns = {fact: frame[column] for column, fact in options.facts.items()}
    moves = {fact: by for fact, by in ahead.moves.by_day.items() if fact in columns}
    return Work(tuple(actions), ahead.spans, moves, columns, options, by_loops=rows >= _FEW)
