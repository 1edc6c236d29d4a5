"""The changes of a block day by day: of what the rules read, only what moves is compared anew."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from forbear.portfolio.ahead.changes import Change, on_day
from forbear.portfolio.ahead.reading import BlockRead
from forbear.portfolio.ahead.work import Span
from forbear.portfolio.verdicts.bits import Bits


def day_by_day(read: BlockRead, span: Span, before: Sequence[Bits]) -> Generator[Change, None, Sequence[Bits]]:
    """The changes on the days of a span after its first, of which `before` is the state. Returns that of the last."""
    work, actions, plan = read.work, read.work.told, span.plan
    assert plan is not None
    depending = [work.depends(plan, action) for action in actions]
    for day in range(span.first + 1, span.last + 1):
        today = read.on(span, day)
        undecided = read.all & ~today.good
        new = (undecided & ~before[-1]).any()  # nobody is decided again
        now = [
            today.permitted(plan, action) if moves else yesterday & today.good if new else yesterday
            for action, moves, yesterday in zip(actions, depending, before, strict=False)
        ]
        yield from on_day(day, read.rows, before, [*now, undecided])
        before = [*now, undecided]
    return before
