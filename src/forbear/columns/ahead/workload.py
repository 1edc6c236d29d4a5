"""The workload ahead: how many rows of a frame become due for which action on which day, if nothing else happens.

`Policy.apply` on each day is what is right, on the frame as it is then. Here each row is decided only where something
may change. Where one fact alone moves, its cells are that: the rows of a block are sorted by it, so that those which
enter a cell within the days ahead follow each other, and are decided there once (`by_value.py`). Where several facts
move, only these are compared anew each day (`day_by_day.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import polars as pl
from attrs import frozen

from forbear.columns.ahead.by_value import by_value
from forbear.columns.ahead.counts import Counts
from forbear.columns.ahead.day_by_day import day_by_day
from forbear.columns.ahead.moving import Moves
from forbear.columns.ahead.work import Block, Span, Work
from forbear.columns.applying import Options, shared
from forbear.columns.plan import Plan

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
        found: list[Span] = []
        for day, plan in enumerate(self.plans):
            if found and found[-1].plan is plan:
                found[-1] = Span(found[-1].first, day, plan)
            else:
                found.append(Span(day, day, plan))
        return tuple(found)


def workload(ahead: Ahead, told: Sequence[str], frame: pl.DataFrame, rows: int, options: Options) -> Counts:
    """The counts of the `rows` rows of a frame."""
    work = work_of(ahead, told, frame, rows, options)
    alone = len(work.moving_read) == 1 and [*work.moves.values()] == [1] and not work.moving_relations
    decide = by_value if alone else day_by_day
    found = in_blocks(lambda block: decide(work, block), rows)
    return sum(found, Counts.nothing(told, len(ahead.plans) - 1))


def work_of(ahead: Ahead, told: Sequence[str], frame: pl.DataFrame, rows: int, options: Options) -> Work:
    """What each block of a frame needs."""
    columns = {fact: frame[column] for column, fact in options.facts.items()}
    moves = {fact: by for fact, by in ahead.moves.by_day.items() if fact in columns}
    return Work(tuple(told), ahead.spans, moves, columns, options, by_loops=rows >= _FEW)


def in_blocks(do: Callable[[Block], Result], rows: int) -> list[Result]:
    """The results of `do` for each block of a frame, in order."""
    blocks = [Block(start, min(_BLOCK, rows - start)) for start in range(0, rows, _BLOCK)]
    return shared(do, blocks, pl.thread_pool_size() if rows >= _FEW else 1)
