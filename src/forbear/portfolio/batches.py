"""Decides batches of Arrow on the workers of an engine such as Spark.

Each row of the answer has its keys, its verdicts and the reason if it is undecided. The first row of a batch also has
the counts of the whole batch. An engine that loses a worker may decide a batch twice. The counts travel with the rows,
so they are counted as often as the rows are written: once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from forbear.kernel.faults import Reason, Tally
from forbear.portfolio.applier import Applier
from forbear.portfolio.applying import Applied
from forbear.portfolio.asked import Request
from forbear.portfolio.io.frames import answer_columns, as_texts, of_arrow
from forbear.portfolio.lines import CaseLine, answer_lines, lacking

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
