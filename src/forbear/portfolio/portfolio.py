"""Decides a portfolio, batch by batch: keys, verdicts, and the rows that are rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from attrs import frozen

from forbear.kernel.cases import CaseError, Verdict
from forbear.kernel.faults import Tally, malformed
from forbear.portfolio.applier import Applier
from forbear.portfolio.applying import UNDECIDED, VERDICT, Applied, along_column
from forbear.portfolio.asked import Request
from forbear.portfolio.io.files import Cases, Read
from forbear.portfolio.lines import Batch, CaseLine, answer_lines, batch_of, keys_of, lacking, some_lines
from forbear.portfolio.options import HISTORY, clashes
from forbear.portfolio.verdicts.bits import at_rows, to_series

_WITH_RULES = 1 << 17
"""Rows that are decided at a time when the answer has the deciding rules, whose names take much memory."""
_LINES, _ROOM = 10_000, 1 << 24
"""Lines that are compared at a time."""


def decided(applier: Applier, cases: Cases, request: Request, key: Sequence[str]) -> Iterator[Batch]:
    """The batches of a file of columns. Raises `Unreadable`."""
    start = 1
    for read in cases.batches(list(dict.fromkeys((*key, *request.columns)))):
        for part in _parts(read) if request.options.why else [read]:
            applied = _answer(applier, request, part, texts=cases.texts)
            yield batch_of(part.frame.select(key), applied, start, None)
            start += part.frame.height


def _parts(read: Read) -> Iterable[Read]:
    if read.lost or not read.frame.height:
        return [read]
    return map(Read, read.frame.iter_slices(_WITH_RULES))


def _answer(applier: Applier, request: Request, read: Read, *, texts: bool) -> Applied:
    rows = read.frame.height
    if not read.lost:
        return applier.answer(request, read.frame, rows, texts=texts)
    lost = np.fromiter(read.lost, np.intp)
    readable = np.delete(np.arange(rows), lost)
    applied = applier.answer(request, read.frame[readable], len(readable), texts=texts)
    # Each row that was kept goes to its place; the others take the value that is appended.
    places = np.full(rows, len(readable))
    places[readable] = np.arange(len(readable))
    columns, verdicts = {}, applied.verdicts.copy()
    for name, column in applied.columns.items():
        of_lost: object = UNDECIDED if column.dtype == VERDICT else [] if column.dtype == pl.List else None
        columns[name] = pl.concat([column, pl.Series([of_lost], dtype=column.dtype)])[places].alias(name)
        if request.options.count and column.dtype == VERDICT:
            verdicts[name, UNDECIDED] += len(lost)
    rejects = {**{int(readable[row]): why for row, why in applied.rejects.items()}, **read.lost}
    reasons = applied.reasons + Tally.of((malformed(why), 1) for why in read.lost.values())
    return Applied(columns, dict(sorted(rejects.items())), rows, verdicts, applied.decided_by, reasons)


# Two policies on one portfolio


@frozen(eq=False)
class Changed:
    """The differences between the verdicts of two policies on a batch of rows."""

    rows: int
    changes: Counter[tuple[str, str, str]]
    """Rows by action, verdict before and verdict after."""
    frame: pl.DataFrame
    """The rows that change, as they were given, with their numbers and their changes in words."""
    undecided: Mapping[int, str]
    """The rows that neither policy can decide, by number, with the reasons under the old one."""
    lacking: frozenset[str] | None
    """The keys that no line has, as in `Batch`."""


def changed(
    old: Applier, new: Applier, cases: Cases, requests: tuple[Request, Request], key: Sequence[str]
) -> Iterator[Changed]:
    """The differences of two policies on a file of columns, batch by batch, with the key columns first.

    Columns that are private in either policy are left out, unless they are keys. Raises `Unreadable`, and `CaseError`
    where a key is missing or the file has a column that the answer adds.
    """
    columns = [*key, *[name for name in cases.columns if name not in key]]
    _check_columns(cases.columns, columns, ("row", "changes"))
    sides = zip((old, new), requests, strict=True)
    private = {name for applier, request in sides for name in _private(applier, request)}.difference(key)
    start = 1
    for read in cases.batches(columns):
        before, after = (
            _answer(applier, request, read, texts=cases.texts)
            for applier, request in zip((old, new), requests, strict=True)
        )
        yield _compared(read.frame.drop(private), before, after, start, None)
        start += read.frame.height


def _private(applier: Applier, request: Request) -> Iterator[str]:
    """The columns that hold private values."""
    facts, events = applier.tables.facts, applier.tables.history.events.values()
    for column, name in request.options.facts.items():
        if facts[name].private if name in facts else name == HISTORY[0] and any(event.hides for event in events):
            yield column


def changed_lines(
    old: Applier,
    new: Applier,
    lines: Iterable[tuple[bytes, CaseLine, CaseLine]],
    requests: tuple[Request, Request],
    key: Sequence[str],
) -> Iterator[Changed]:
    """The differences of two policies on a file of lines, batch by batch.

    `lines` has for each line its text as the answer shows it, and its case as each policy decides it. Raises
    `CaseError` where the answer would have two columns of one name.
    """
    _check_columns(key, key, ("row", "case", "changes"))
    start = 1
    for part in some_lines(lines, lambda line: len(line[0]), _LINES, _ROOM):
        olds = [line for _, line, _ in part]
        before = answer_lines(old, olds, requests[0])
        after = answer_lines(new, [line for _, _, line in part], requests[1])
        texts = [line.decode("utf-8", "replace").rstrip("\r\n") for line, _, _ in part]
        shown = pl.DataFrame([*keys_of(olds, key).get_columns(), pl.Series("case", texts, dtype=pl.String)])
        yield _compared(shown, before, after, start, lacking(olds, key))
        start += len(part)


def _check_columns(columns: Sequence[str], key: Sequence[str], taken: Sequence[str]) -> None:
    wrong = list(clashes(columns, key, taken))
    if wrong:
        raise CaseError(wrong)


def _compared(
    shown: pl.DataFrame, before: Applied, after: Applied, start: int, lacks: frozenset[str] | None
) -> Changed:
    """Compares two answers. An action that a policy lacks is unsaid there; a row that it cannot decide is undecided."""
    rows = shown.height
    differs = pl.repeat(False, rows, eager=True)
    changes: Counter[tuple[str, str, str]] = Counter()
    words = []
    columns = [*before.columns.items(), *after.columns.items()]
    for action in dict.fromkeys(name for name, column in columns if column.dtype == VERDICT):
        old, new = (_in_words(applied, action, rows) for applied in (before, after))
        differ = old != new
        if not differ.any():
            continue
        pairs = pl.DataFrame({"before": old, "after": new}).filter(differ).group_by("before", "after").len()
        changes.update({(action, pair[0], pair[1]): pair[2] for pair in pairs.iter_rows()})
        texts = pl.select(pl.concat_str(pl.lit(f"{action} "), old.alias("before"), pl.lit(" -> "), new.alias("after")))
        words.append(texts.to_series().zip_with(differ, pl.Series([None], dtype=pl.String)).alias(action))
        differs |= differ
    numbered = shown.select(pl.int_range(start, start + pl.len()).alias("row"), pl.all())
    undecided = {start + row: before.rejects[row] for row in sorted(before.rejects.keys() & after.rejects.keys())}
    if not words:
        return Changed(rows, changes, numbered.clear().with_columns(pl.lit("").alias("changes")), undecided, lacks)
    joined = pl.DataFrame(words).select(pl.concat_str(pl.all(), separator="; ", ignore_nulls=True)).to_series()
    frame = numbered.with_columns(joined.alias("changes")).filter(differs)
    return Changed(rows, changes, frame, undecided, lacks)


def _in_words(applied: Applied, action: str, rows: int) -> pl.Series:
    """Returns the verdicts on an action in words, with its companions: `allowed with opt_out_notice`."""
    verdicts = applied.columns.get(action)
    if verdicts is None or verdicts.dtype != VERDICT:
        verdicts = _unsaid(applied, rows)
    verdicts = verdicts.cast(pl.String)
    along = applied.columns.get(along_column(action))
    if along is None or along.dtype == VERDICT:  # that of an action which is called so
        return verdicts
    joined = pl.DataFrame({"verdict": verdicts, "along": along}).select(
        pl.when(pl.col("along").list.len() > 0)
        .then(pl.concat_str(pl.col("verdict"), pl.lit(" with "), pl.col("along").list.join(", ")))
        .otherwise(pl.col("verdict"))
    )
    return joined.to_series()


def _unsaid(applied: Applied, rows: int) -> pl.Series:
    undecided = at_rows(np.array(list(applied.rejects), np.intp), rows)
    if_undecided, unsaid = (
        pl.Series([verdict], dtype=VERDICT).new_from_index(0, rows) for verdict in (UNDECIDED, Verdict.UNSAID.value)
    )
    return if_undecided.zip_with(to_series(undecided, rows), unsaid)
