"""A portfolio, batch by batch: each with its keys and verdicts, and what is wrong with which of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
import polars as pl
from attrs import frozen

from forbear.columns.applier import Applier, Request
from forbear.columns.applying import UNDECIDED, VERDICT, Applied
from forbear.columns.bits import at_rows, to_series
from forbear.columns.by_rows import apply_by_rows
from forbear.columns.io.files import Cases, Read, read_flags
from forbear.columns.options import HISTORY, clashes
from forbear.kernel import ActionDecision, CaseError, Verdict
from forbear.model.facts import Kind

T = TypeVar("T")
_WITH_RULES = 1 << 17
"""Rows that are decided at a time where the rules are asked for, whose names take much room."""
_LINES = 10_000
"""Lines that are written at a time."""
_ROOM = 1 << 24
"""Bytes of lines after which fewer are."""


@frozen(eq=False)
class Reject:
    """A row that cannot be decided, by its number, counted from 1, and its keys."""

    row: int
    keys: tuple[object, ...]
    reason: str


@frozen(eq=False)
class Batch:
    """Some rows: a frame with keys and verdicts, and what is to be counted; of lines also the keys that they lack."""

    frame: pl.DataFrame
    rejects: tuple[Reject, ...]
    applied: Applied
    lacking: frozenset[str] | None


def decided(applier: Applier, cases: Cases, request: Request, key: Sequence[str]) -> Iterator[Batch]:
    """The batches of a file of columns. Raises `Unreadable`."""
    start = 1
    for read in cases.batches(list(dict.fromkeys((*key, *request.options.facts)))):
        for some in _parts(read) if request.options.why else [read]:
            applied = _answer(applier, request, some, texts=cases.texts)
            yield _batch(some.frame.select(key), applied, start, None)
            start += some.frame.height


def _parts(read: Read) -> Iterable[Read]:
    if read.lost or not read.frame.height:
        return [read]
    return map(Read, read.frame.iter_slices(_WITH_RULES))


def _answer(applier: Applier, request: Request, read: Read, *, texts: bool) -> Applied:
    rows = read.frame.height
    if not read.lost:
        return answer_of(applier, request, read.frame, rows, texts=texts)
    lost = np.fromiter(read.lost, np.intp)
    kept = np.delete(np.arange(rows), lost)
    applied = answer_of(applier, request, read.frame[kept], len(kept), texts=texts)
    # Each row that was kept is at its place; the others take what is put behind them.
    places = np.full(rows, len(kept))
    places[kept] = np.arange(len(kept))
    columns, verdicts = {}, applied.verdicts.copy()
    for name, column in applied.columns.items():
        of_lost = UNDECIDED if column.dtype == VERDICT else []
        columns[name] = pl.concat([column, pl.Series([of_lost], dtype=column.dtype)])[places].alias(name)
        if request.options.count and column.dtype == VERDICT:
            verdicts[name, UNDECIDED] += len(lost)
    rejects = {**{int(kept[row]): why for row, why in applied.rejects.items()}, **read.lost}
    return Applied(columns, dict(sorted(rejects.items())), rows, verdicts, applied.decided_by)


def answer_of(applier: Applier, request: Request, given: pl.DataFrame, rows: int, *, texts: bool) -> Applied:
    """The verdicts on so many rows of columns. With `texts` all their values are texts, as those of CSV."""
    facts = applier.tables.facts
    if texts:
        flags = [one for one, fact in request.options.facts.items() if fact in facts and facts[fact].kind == Kind.FLAG]
        given = read_flags(given, flags)
    return applier.answer(request, given, rows)


@frozen(eq=False)
class Line:
    """One case of a file of lines, with what its keys say, which of them it has, None where it cannot be read, the
    decision or what is wrong with it, and the size of its line."""

    keys: tuple[str | None, ...]
    has: frozenset[str] | None
    outcome: Mapping[str, ActionDecision] | CaseError
    size: int


def decided_lines(applier: Applier, lines: Iterable[Line], request: Request, key: Sequence[str]) -> Iterator[Batch]:
    """The batches of cases that come one a line."""
    start = 1
    for some in _some(lines, lambda line: line.size):
        yield _batch(_keys(some, key), answer_lines(applier, some, request), start, lacking(some, key))
        start += len(some)


def _keys(lines: Sequence[Line], key: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {name: [line.keys[place] for line in lines] for place, name in enumerate(key)},
        schema=dict.fromkeys(key, pl.String),
    )


def lacking(lines: Iterable[Line], key: Iterable[str]) -> frozenset[str] | None:
    """The keys that no line has of those that can be read; None where none can."""
    read = [line.has for line in lines if line.has is not None]
    return frozenset(key).difference(*read) if read else None


def _some(lines: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    some: list[T] = []
    room, none = _ROOM, True
    for line in lines:
        some.append(line)
        room -= size(line)
        if len(some) == _LINES or room <= 0:
            yield some
            some, room, none = [], _ROOM, False
    if some or none:  # an answer to no lines has its columns too
        yield some


def answer_lines(applier: Applier, lines: Iterable[Line], request: Request) -> Applied:
    """The verdicts on cases that come one by one."""
    return apply_by_rows(applier.tables, lines, _outcome, request.options)


def _outcome(line: Line) -> Mapping[str, ActionDecision]:
    if isinstance(line.outcome, CaseError):
        raise line.outcome
    return line.outcome


def _batch(keys: pl.DataFrame, applied: Applied, start: int, lacks: frozenset[str] | None) -> Batch:
    rejects = [
        Reject(start + row, keys.row(row) if keys.width else (), reason) for row, reason in applied.rejects.items()
    ]
    return Batch(pl.DataFrame([*keys.get_columns(), *applied.columns.values()]), tuple(rejects), applied, lacks)


# Two policies on one portfolio


@frozen(eq=False)
class Changed:
    """Of some rows, how many have which other verdict on an action, by action, verdict before and after; those rows,
    with what they were given as, and their changes in words; of the rows that neither policy can decide the numbers,
    and what is wrong with them; and the keys that lines lack."""

    rows: int
    changes: Counter[tuple[str, str, str]]
    frame: pl.DataFrame
    undecided: Mapping[int, str]
    lacking: frozenset[str] | None


def changed(
    old: Applier, new: Applier, cases: Cases, requests: tuple[Request, Request], key: Sequence[str]
) -> Iterator[Changed]:
    """What two policies say differently of a file of columns, its keys first; columns that are private for one of them
    are left out, unless they are keys. Raises `Unreadable`, and `CaseError` where a key is missing, or the file has
    columns that the answer has."""
    columns = [*key, *[name for name in cases.columns if name not in key]]
    _check_columns(cases.columns, columns, ("row", "changes"))
    given = zip((old, new), requests, strict=True)
    private = {name for applier, request in given for name in _private(applier, request)}.difference(key)
    start = 1
    for read in cases.batches(columns):
        before, after = (
            _answer(applier, request, read, texts=cases.texts)
            for applier, request in zip((old, new), requests, strict=True)
        )
        yield _compared(read.frame.drop(private), before, after, start, None)
        start += read.frame.height


def _private(applier: Applier, request: Request) -> Iterator[str]:
    """The columns in which something is private."""
    facts, events = applier.tables.facts, applier.tables.history.events.values()
    for column, name in request.options.facts.items():
        if facts[name].private if name in facts else name == HISTORY[0] and any(event.hides for event in events):
            yield column


def changed_lines(
    old: Applier,
    new: Applier,
    lines: Iterable[tuple[bytes, Line, Line]],
    requests: tuple[Request, Request],
    key: Sequence[str],
) -> Iterator[Changed]:
    """What two policies say differently of cases that come one a line, of which each has one for the old and one for
    the new policy, beside the line as it is shown. Raises `CaseError` where the answer would have two columns of one
    name."""
    _check_columns(key, key, ("row", "case", "changes"))
    start = 1
    for some in _some(lines, lambda its: len(its[0])):
        olds = [line for _, line, _ in some]
        before = answer_lines(old, olds, requests[0])
        after = answer_lines(new, [line for _, _, line in some], requests[1])
        texts = [line.decode("utf-8", "replace").rstrip("\r\n") for line, _, _ in some]
        given = pl.DataFrame([*_keys(olds, key).get_columns(), pl.Series("case", texts, dtype=pl.String)])
        yield _compared(given, before, after, start, lacking(olds, key))
        start += len(some)


def _check_columns(columns: Sequence[str], key: Sequence[str], taken: Sequence[str]) -> None:
    wrong = list(clashes(columns, key, taken))
    if wrong:
        raise CaseError(wrong)


def _compared(
    given: pl.DataFrame, before: Applied, after: Applied, start: int, lacks: frozenset[str] | None
) -> Changed:
    """An action that a policy lacks is unsaid there; a row that it cannot decide is undecided."""
    rows = given.height
    differs = pl.repeat(False, rows, eager=True)
    changes: Counter[tuple[str, str, str]] = Counter()
    words = []
    for action in dict.fromkeys((*before.columns, *after.columns)):
        one, other = (its.columns.get(action, _unsaid(its, rows)).cast(pl.String) for its in (before, after))
        differ = one != other
        if not differ.any():
            continue
        pairs = pl.DataFrame({"before": one, "after": other}).filter(differ).group_by("before", "after").len()
        changes.update({(action, its[0], its[1]): its[2] for its in pairs.iter_rows()})
        texts = pl.select(
            pl.concat_str(pl.lit(f"{action} "), one.alias("before"), pl.lit(" -> "), other.alias("after"))
        )
        words.append(texts.to_series().zip_with(differ, pl.Series([None], dtype=pl.String)).alias(action))
        differs |= differ
    numbered = given.select(pl.int_range(start, start + pl.len()).alias("row"), pl.all())
    undecided = {start + row: before.rejects[row] for row in sorted(before.rejects.keys() & after.rejects.keys())}
    if not words:
        return Changed(rows, changes, numbered.clear().with_columns(pl.lit("").alias("changes")), undecided, lacks)
    joined = pl.DataFrame(words).select(pl.concat_str(pl.all(), separator="; ", ignore_nulls=True)).to_series()
    frame = numbered.with_columns(joined.alias("changes")).filter(differs)
    return Changed(rows, changes, frame, undecided, lacks)


def _unsaid(applied: Applied, rows: int) -> pl.Series:
    undecided = at_rows(np.array(list(applied.rejects), np.intp), rows)
    one, other = (pl.Series([verdict], dtype=VERDICT) for verdict in (UNDECIDED, Verdict.UNSAID.value))
    return one.new_from_index(0, rows).zip_with(to_series(undecided, rows), other.new_from_index(0, rows))
