"""The workload ahead: how many rows of a frame become due for which action on which day, if nothing else happens.

`Policy.apply` on each day is what is right, on the frame as it is then. Here each row is decided only where something
may change: where something that moves enters another of its cells (`crossings.py`). If there are more such cells than
days, what moves is compared anew each day (`day_by_day.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import polars as pl
from attrs import frozen

from forbear.columns.ahead.changes import Change, counts
from forbear.columns.ahead.counts import Counts
from forbear.columns.ahead.crossings import Crossings, by_crossings
from forbear.columns.ahead.day_by_day import day_by_day
from forbear.columns.ahead.moving import Moves
from forbear.columns.ahead.reading import BlockRead, state
from forbear.columns.ahead.work import Block, Span, Work
from forbear.columns.applying import Options, shared
from forbear.columns.io.files import typed
from forbear.columns.verdicts.bits import nothing
from forbear.columns.verdicts.plan import Plan
from forbear.kernel import FactSpec

Result = TypeVar("Result")
_BLOCK = 1 << 18
"""Rows of a block: what is known of them stays in the processor's cache."""
_FEW = 1 << 17
"""Rows below which one thread counts alone, and without compiled loops."""


@frozen(eq=False)
class Ahead:
    """How a version of a policy reads columns and what time moves of them; and the plan for each day from its `first`
    one on, None for one on which it is not in force. Days are counted from the day that the columns are of."""

    facts: Mapping[str, FactSpec]
    options: Options
    moves: Moves
    first: int
    plans: Sequence[Plan | None]

    @property
    def last(self) -> int:
        """The last day."""
        return self.first + len(self.plans) - 1

    @property
    def spans(self) -> tuple[Span, ...]:
        """The days on which the same rules are in force."""
        spans: list[Span] = []
        for day, plan in enumerate(self.plans, self.first):
            if spans and spans[-1].plan is plan:
                spans[-1] = Span(spans[-1].first, day, plan)
            else:
                spans.append(Span(day, day, plan))
        return tuple(spans)


def workload(
    ahead: Sequence[Ahead], actions: Sequence[str], frame: pl.DataFrame, rows: int, *, texts: bool = False
) -> Counts:
    """The counts of the `rows` rows of a frame, by each version in turn. With `texts` all values are texts."""
    days = ahead[-1].last

    def take(changes: Iterable[Change], of: int) -> Counts:
        return counts(changes, actions, days, of)

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
    works = [_work_of(part, actions, typed(frame, part.facts, part.options, texts=texts), rows) for part in ahead]
    crossings = [_crossings(work) for work in works]

    def do(block: Block) -> Result:
        return take(_changes(works, crossings, block), block.rows)

    blocks = [Block(start, min(_BLOCK, rows - start)) for start in range(0, rows, _BLOCK)]
    return shared(do, blocks, pl.thread_pool_size() if rows >= _FEW else 1)


def _changes(works: Sequence[Work], crossings: Sequence[Crossings | None], block: Block) -> Iterator[Change]:
    """The changes of a block by each version in turn: from one to the next, the state on the day before is compared."""
    before = [nothing(block.rows)] * (len(works[0].told) + 1)
    for work, crossed in zip(works, crossings, strict=True):
        read = BlockRead(work, block)
        yield from day_by_day(read, before) if crossed is None else by_crossings(read, crossed, before)
        if work is not works[-1]:
            before = state(read, work.spans[-1].plan, work.days)


def _crossings(work: Work) -> Crossings | None:
    """What may be crossed; None where days are compared instead."""
    crossings = Crossings(work)
    crossing = all(abs(by) == 1 for by in work.moves.values()) and (
        len(work.moving_read) <= 1 or crossings.most <= work.days
    )
    return crossings if crossing else None


def _work_of(ahead: Ahead, actions: Sequence[str], frame: pl.DataFrame, rows: int) -> Work:
    """What each block of a frame needs."""
    columns = {fact: frame[column] for column, fact in ahead.options.facts.items()}
    moves = {fact: by for fact, by in ahead.moves.by_day.items() if fact in columns}
    return Work(tuple(actions), ahead.spans, moves, columns, ahead.options, by_loops=rows >= _FEW)
