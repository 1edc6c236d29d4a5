"""Decides the cases of a file with one a line: by columns where that reads them exactly, and the others one by one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
import polars as pl
import pyarrow as pa
from attrs import frozen
from numpy.typing import NDArray

from forbear.kernel.cases import ActionDecision, CaseError
from forbear.kernel.faults import Reason, Tally
from forbear.portfolio.applier import Applier
from forbear.portfolio.applying import UNDECIDED, VERDICT, Applied, joined
from forbear.portfolio.asked import Request, Stretch, with_stretches
from forbear.portfolio.by_rows import apply_by_rows
from forbear.portfolio.io.frames import answer_columns, as_texts, of_arrow
from forbear.portfolio.io.json_lines import LineBlock, LineReader
from forbear.portfolio.workers import Workers

T = TypeVar("T")
Places: TypeAlias = "NDArray[np.intp]"
_LINES_BY_ROWS, _ROOM_BY_ROWS = 1_000, 1 << 18
"""Lines that are sent to a process at a time, where they are decided one by one; the bytes at which they are fewer."""


@frozen(eq=False)
class Reject:
    """A row that cannot be decided, by its number, counted from 1, and its keys."""

    row: int
    keys: tuple[object, ...]
    reason: str


@frozen(eq=False)
class Batch:
    """Some rows: a frame of keys and verdicts, the rejects, and the counts."""

    frame: pl.DataFrame
    rejects: tuple[Reject, ...]
    applied: Applied
    lacking: frozenset[str] | None
    """The keys that no line has; None for columns, and where no line can be read."""


def batch_of(keys: pl.DataFrame, applied: Applied, start: int, lacks: frozenset[str] | None) -> Batch:
    """A batch whose first row has the number `start`."""
    rejects = [
        Reject(start + row, keys.row(row) if keys.width else (), reason) for row, reason in applied.rejects.items()
    ]
    return Batch(pl.DataFrame([*keys.get_columns(), *applied.columns.values()]), tuple(rejects), applied, lacks)


@frozen(eq=False)
class CaseLine:
    """One case of a file of lines."""

    keys: tuple[str | None, ...]
    """The values of the keys; None for one that is missing or null."""
    has: frozenset[str] | None
    """The keys that the case has; None if the line cannot be read."""
    outcome: Mapping[str, ActionDecision] | CaseError
    size: int
    """The bytes of the line."""
    stretches: Sequence[Stretch] = ()
    """A stretch for each action that the request looks ahead for; empty if the case cannot be decided."""


@frozen(eq=False)
class ByColumns:
    """Decides lines by columns, with the same results as deciding them one by one."""

    reader: LineReader
    ask: Callable[[Sequence[str]], Request]
    """The request for frames with some columns. It raises `CaseError` if they cannot be decided by columns."""


@frozen(eq=False)
class Lines:
    """How to decide a file of lines."""

    line_of: Callable[[Any, bytes], CaseLine]
    """Reads a line, and decides it by a policy. It can be pickled."""
    request: Request
    key: Sequence[str]
    by_columns: ByColumns | None


@frozen(eq=False)
class _Answered:
    """The answer to some lines, and the keys that none of them has."""

    keys: pl.DataFrame
    applied: Applied
    lacks: frozenset[str] | None


def decided_lines(applier: Applier, blocks: Iterable[bytes], lines: Lines, workers: Workers) -> Iterator[Batch]:
    """The batches of a file of lines, of which each block has some that are whole. Raises `WorkerEnded`."""
    start = 1
    for text in blocks:
        block = LineBlock(text)
        answered = _by_columns(applier, block, lines, workers)
        yield batch_of(answered.keys, answered.applied, start, answered.lacks)
        start += block.height


def _by_columns(applier: Applier, block: LineBlock, lines: Lines, workers: Workers) -> _Answered:
    """The answer to some lines, by columns where that is possible."""
    by_columns = lines.by_columns.reader.read(block) if lines.by_columns is not None else None
    if lines.by_columns is None or by_columns is None:
        return _one_by_one(block.lines, lines, workers)
    try:
        request = lines.by_columns.ask(by_columns.frame.columns)
    except CaseError:
        return _one_by_one(block.lines, lines, workers)
    applied = applier.answer(request, by_columns.frame, by_columns.frame.height)
    keys = [
        by_columns.frame[name].cast(pl.String)
        if name in by_columns.frame.columns
        else pl.Series([None], dtype=pl.String)
        for name in lines.key
    ]
    if any(not series.len() - series.null_count() for series in keys):  # no line has it, or none a value
        return _one_by_one(block.lines, lines, workers)
    # A line with an error is decided once more, by itself: so its errors are those that it has elsewhere.
    sound = np.delete(np.arange(by_columns.frame.height), list(applied.rejects))
    left = np.delete(np.arange(block.height), by_columns.places[sound])
    good = _Answered(pl.DataFrame(dict(zip(lines.key, keys, strict=True))), applied, frozenset())
    if not len(left):
        return good
    rest = _one_by_one([block.lines[place] for place in left.tolist()], lines, workers)
    order = np.argsort(np.concatenate([by_columns.places[sound], left]), kind="stable")
    return _merged(good, sound, rest, left, order)


def _merged(good: _Answered, sound: Places, rest: _Answered, left: Places, order: Places) -> _Answered:
    """Two answers as one. Of the good one, the rows `kept` have no error; `left` are the places of the others."""
    applied, more = good.applied, rest.applied
    columns = {
        name: pl.concat([column.gather(sound), more.columns[name]]).gather(order).alias(name)
        for name, column in applied.columns.items()
    }
    verdicts, decided_by = applied.verdicts.copy(), applied.decided_by.copy()
    for name, column in applied.columns.items():
        if column.dtype == VERDICT:
            verdicts[name, UNDECIDED] -= len(applied.rejects)
    verdicts.update(more.verdicts)
    decided_by.update(more.decided_by)
    rejects = {int(left[row]): reason for row, reason in more.rejects.items()}
    keys = pl.concat([good.keys[sound], rest.keys])[order] if good.keys.width else good.keys
    return _Answered(keys, Applied(columns, rejects, len(order), verdicts, decided_by, more.reasons), frozenset())


# One by one


@frozen(eq=False)
class _Task:
    """Some lines for one process."""

    lines: Sequence[bytes]
    asked: Lines


def _one_by_one(lines: Sequence[bytes], options: Lines, workers: Workers) -> _Answered:
    options = Lines(options.line_of, options.request, options.key, None)
    parts = some_lines(lines, len, _LINES_BY_ROWS, _ROOM_BY_ROWS)
    answers = [*workers.each(_answer, (_Task(part, options) for part in parts))]
    if len(answers) == 1:
        return answers[0]
    lacks = [answer.lacks for answer in answers if answer.lacks is not None]
    return _Answered(
        pl.concat([answer.keys for answer in answers]),
        joined([answer.applied for answer in answers]),
        frozenset.intersection(*lacks) if lacks else None,
    )


def _answer(policy: Any, task: _Task) -> _Answered:
    lines = [task.asked.line_of(policy, line) for line in task.lines]
    applied = answer_lines(policy.applier, lines, task.asked.request)
    return _Answered(keys_of(lines, task.asked.key), applied, lacking(lines, task.asked.key))


def keys_of(lines: Sequence[CaseLine], key: Sequence[str]) -> pl.DataFrame:
    """The keys of some lines."""
    return pl.DataFrame(
        {name: [line.keys[place] for line in lines] for place, name in enumerate(key)},
        schema=dict.fromkeys(key, pl.String),
    )


def lacking(lines: Iterable[CaseLine], key: Iterable[str]) -> frozenset[str] | None:
    """The keys that no readable line has; None where no line can be read."""
    read = [line.has for line in lines if line.has is not None]
    return frozenset(key).difference(*read) if read else None


def some_lines(lines: Iterable[T], size: Callable[[T], int], most: int, most_room: int) -> Iterator[list[T]]:
    """The lines, at most `most` at a time, and fewer where they have many bytes; of no lines one empty list."""
    part: list[T] = []
    room, none = most_room, True
    for line in lines:
        part.append(line)
        room -= size(line)
        if len(part) == most or room <= 0:
            yield part
            part, room, none = [], most_room, False
    if part or none:  # an answer to no lines has its columns too
        yield part


def answer_lines(applier: Applier, lines: Iterable[CaseLine], request: Request) -> Applied:
    """The verdicts on cases of a file of lines."""
    along: list[Sequence[Stretch]] = []

    def outcome(line: CaseLine) -> Mapping[str, ActionDecision]:
        along.append(line.stretches)
        return _outcome(line)

    return with_stretches(apply_by_rows(applier.tables, lines, outcome, request.options), request.look, along)


def _outcome(line: CaseLine) -> Mapping[str, ActionDecision]:
    if isinstance(line.outcome, CaseError):
        raise line.outcome
    return line.outcome


# Decides batches of Arrow on the workers of an engine such as Spark.
#
# Each row of the answer has its keys, its verdicts and the reason if it is undecided. The first row of a batch also has
# the counts of the whole batch. An engine that loses a worker may decide a batch twice. The counts travel with the
# rows, so they are counted as often as the rows are written: once.


REASON, COUNTS = "forbear reason", "forbear counts"
"""The columns of the reason why a row is undecided, and of the counts. No action has a name with a blank."""


def decided_batch(
    applier: Applier, request: Request, batch: pa.RecordBatch, key: Sequence[str], *, texts: bool
) -> pa.RecordBatch:
    """The answer for a batch of columns. With `texts` all values are texts, as in CSV."""
    cases = of_arrow(batch.select(list(request.options.facts)))
    applied = applier.answer(request, cases, batch.num_rows, texts=texts)
    keys = dict(zip(key, [batch.column(name) for name in key], strict=True))
    return _arrow_batch(keys, applied, None)


def decided_lines_batch(
    applier: Applier, request: Request, lines: Sequence[CaseLine], key: Sequence[str]
) -> pa.RecordBatch:
    """The answer for cases of a file of lines."""
    keys = {name: pa.array([line.keys[place] for line in lines], pa.string()) for place, name in enumerate(key)}
    return _arrow_batch(keys, answer_lines(applier, lines, request), lacking(lines, key))


def _arrow_batch(keys: dict[str, Any], applied: Applied, lacks: frozenset[str] | None) -> pa.RecordBatch:
    *columns, reasons = answer_columns(applied, faults=True)
    counts = pl.Series(
        COUNTS, [_written(applied, lacks), *[None] * (applied.rows - 1)][: applied.rows], dtype=pl.String
    )
    table = pl.DataFrame([*columns, reasons.alias(REASON), counts]).to_arrow()
    arrays = [column.combine_chunks() for column in table.columns]
    return as_texts(pa.RecordBatch.from_arrays([*keys.values(), *arrays], [*keys, *table.schema.names]))


Counts = tuple[int, int, Counter[tuple[str, str]], Counter[tuple[str, int]], frozenset[str] | None, Tally]
"""The number of rows, the number undecided, the two counts of `Applied`, the keys that all lines lack, and the errors
of rows."""


def _written(applied: Applied, lacks: frozenset[str] | None) -> str:
    verdicts = [(*pair, rows) for pair, rows in applied.verdicts.items() if rows]
    decided_by = [(*pair, rows) for pair, rows in applied.decided_by.items() if rows]
    keys = None if lacks is None else [*lacks]
    return json.dumps([applied.rows, len(applied.rejects), verdicts, decided_by, keys, applied.reasons.entries])


def read_counts(texts: Iterable[str]) -> Iterable[Counts]:
    """Reads the texts of the column of counts."""
    for text in texts:
        rows, undecided, verdicts, decided_by, lacks, reasons = json.loads(text)
        yield (
            rows,
            undecided,
            Counter({(action, verdict): number for action, verdict, number in verdicts}),
            Counter({(action, rule): number for action, rule, number in decided_by}),
            None if lacks is None else frozenset(lacks),
            Tally(tuple([Reason(*reason) for reason in reasons])),
        )
