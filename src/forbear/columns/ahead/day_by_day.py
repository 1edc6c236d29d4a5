"""The changes of a block day by day: of what the rules read, only what moves is compared anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forbear.columns.ahead.changes import Change, on_day
from forbear.columns.ahead.reading import BlockRead, state
from forbear.columns.verdicts.bits import Bits


def day_by_day(read: BlockRead, before: Sequence[Bits]) -> Iterator[Change]:
    """The changes on each day from the state `before` them on."""
    work, rows = read.work, read.rows
    actions = work.told
    for span in work.spans:
        yield from on_day(span.first, rows, before, now := state(read, span.plan, span.first))
        before = now
        if span.plan is None:
            continue
        depending = [work.depends(span.plan, action) for action in actions]
        for day in range(span.first + 1, span.last + 1):
            today = read.on(day)
            undecided = read.all & ~today.good
            new = (undecided & ~before[-1]).any()  # nobody is decided again
            now = [
                today.permitted(span.plan, action) if moves else yesterday & today.good if new else yesterday
                for action, moves, yesterday in zip(actions, depending, before, strict=False)
            ]
            yield from on_day(day, rows, before, [*now, undecided])
            before = [*now, undecided]
