"""Applies a policy to a frame: a column of verdicts for each action, with the verdicts that `Policy.decide` gives.

Rows are decided in blocks, and threads share the blocks. If there are fewer blocks than threads, threads share the
columns of a block too: the code that compares columns and combines bits releases Python's lock. A row that cannot be
decided has the verdict `undecided` on every action, which never permits.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
import polars as pl
import pyarrow as pa
from attrs import frozen
from numpy.typing import NDArray

from forbear.kernel.cases import FactSpec, Verdict
from forbear.kernel.faults import NO_ERRORS, Tally
from forbear.language.model.relations import Relation
from forbear.portfolio.io.values import Column, NamedColumn, RowError, read_column, read_rest
from forbear.portfolio.verdicts.bits import Bits, at_rows, counted, everything, nothing, to_series, unpacked
from forbear.portfolio.verdicts.comparing import compare, related
from forbear.portfolio.verdicts.deciding import (
    Companions,
    Decisions,
    Rows,
    Verdicts,
    compared,
    decisions,
    inside,
    verdicts,
)
from forbear.portfolio.verdicts.plan import FAILS, HOLDS, Cells, Plan
from forbear.space.axes import Axis

BLOCK = 1 << 21
"""Rows of a block: enough that the work done once a block takes little time."""
_MOST_BITS = 1 << 31
"""Bits in memory at any time (256 MB). With very many rules, blocks are smaller and fewer are decided in parallel."""
_FEW = 1 << 17
"""Rows below which one thread decides alone, and without compiled loops: it ends before these would pay off."""
_MOST_TRUTHS = 1 << 25
"""Bytes in memory at any time while the names of deciding rules are collected: a byte for each rule in each row."""
UNDECIDED = "undecided"
"""The verdict on a row that cannot be decided. It permits nothing."""
VERDICT = pl.Enum([*[verdict.value for verdict in Verdict], UNDECIDED])


MOMENT = pl.Datetime("us", "UTC")
"""The type of a column of moments."""
Item = TypeVar("Item")
Result = TypeVar("Result")


@frozen(eq=False)
class Options:
    """How to read a frame, and what the answer has in addition to verdicts: the deciding rules (`why`), counts
    (`count`).
    """

    facts: Mapping[str, str]
    """The facts, by column."""
    none: frozenset[str] = frozenset()
    """The facts whose nulls mean none."""
    why: bool = False
    count: bool = False


@frozen(eq=False)
class Applied:
    """The answer for a frame."""

    columns: Mapping[str, pl.Series]
    """The verdicts by action and, with `why`, the names of the deciding rules."""
    rejects: Mapping[int, str]
    """The rows that cannot be decided, in order, counted from 0, with the reasons."""
    rows: int
    verdicts: Counter[tuple[str, str]]
    """With `count`: the rows by action and verdict."""
    decided_by: Counter[tuple[str, int]]
    """With `count`: the rows by action and the number of a deciding rule."""
    reasons: Tally = NO_ERRORS
    """The errors of the rows that cannot be decided."""


def apply(plan: Plan, frame: pl.DataFrame, count: int, options: Options) -> Applied:
    """The verdicts on the `count` rows of a frame. The count is given because a frame of no columns has no rows."""
    cells = plan.cells_for_rules if options.why or options.count else plan.cells_for_verdicts
    columns = {fact: frame[column] for column, fact in options.facts.items()}
    work = _Work(plan, cells, columns, options, by_loops=count >= _FEW and not options.count)
    bits_of_row = max(sum(map(len, cells.values())), 1)
    most = min(BLOCK, max(_MOST_BITS // bits_of_row // 64, 1 << 10) * 64)
    threads = pl.thread_pool_size() if count >= _FEW else 1
    at_once = max(min(threads, -(-count // most), _MOST_BITS // (bits_of_row * most)), 1)
    blocks = _blocks(count, most, at_once)
    return joined(shared(lambda block: _answer(work, block, threads // at_once), blocks, at_once))


_POOL = ThreadPoolExecutor(max(pl.thread_pool_size() - 1, 1))
"""Threads are kept, since new ones would have to allocate memory again. Each starts when it is first needed."""


def shared(do: Callable[[Item], Result], items: Sequence[Item], threads: int) -> list[Result]:
    """The results of `do` for each item, in order, computed by `threads` threads, the calling one among them.

    The caller never waits for a thread that has not started, so `do` may call this function itself.
    """
    left = deque(enumerate(items))
    results: dict[int, Result] = {}

    def work() -> None:
        try:
            while left:
                try:
                    number, item = left.popleft()
                except IndexError:  # another thread has just taken the last one
                    return
                results[number] = do(item)
        finally:
            left.clear()  # after a failure no further item is started

    futures: list[Future[None]] = []
    with suppress(RuntimeError):  # after the main thread has ended no thread can start, though others may still run
        futures.extend(_POOL.submit(work) for _ in range(threads - 1))
    try:
        work()
    finally:
        # Wait even after an interrupt: a computation still running in Polars would make the next frame fail too.
        started = [future for future in futures if not future.cancel()]
        wait(started)
    for future in started:
        future.result()
    return [results[number] for number in range(len(items))]


def _blocks(count: int, most: int, at_once: int) -> list[tuple[int, int]]:
    """Returns all rows in blocks of about equal size, at most `most` rows each, of which `at_once` are decided in
    parallel. A block is its first row, counted from 0, and how many rows it has.
    """
    rounds = max(-(-count // (most * at_once)), 1)
    size = -(-count // (rounds * at_once) // 64) * 64 or 64
    return [(start, min(size, count - start)) for start in range(0, max(count, 1), size)]


@frozen(eq=False)
class _Work:
    """The inputs for the work on each block of a frame."""

    plan: Plan
    cells: Cells
    columns: Mapping[str, pl.Series]
    """The columns, by fact."""
    options: Options
    by_loops: bool
    """Whether to compare columns by compiled loops. `forbear apply`, which counts, does not: loading the loops takes
    longer than they save in a short process.
    """


@frozen(eq=False)
class FactRead:
    """A column that was read as a fact: its errors, the rows in each set of its cells, and its values. Without a column
    there are none of these.
    """

    errors: tuple[RowError, ...]
    inside: dict[int, Bits]
    column: Column | None


def read_fact(
    spec: FactSpec,
    axis: Axis | None,
    cells: Sequence[int],
    series: pl.Series | None,
    rows: int,
    null_is_none: bool,
    by_loops: bool,
) -> FactRead:
    """Reads a column (None if it is missing) and compares it. An axis is needed if there are cells."""
    if series is None:
        assert axis is not None
        return FactRead((), inside(axis, None, rows, cells, {}), None)
    column = read_column(spec, series, null_is_none)
    known = column.known if isinstance(column, NamedColumn) else ()
    values = compared(axis, column, cells) if axis is not None and cells else ()
    truths = compare(column, list(dict.fromkeys((*known, *values))), by_loops)
    if isinstance(column, NamedColumn):
        column = read_rest(spec, column, truths)
    within = inside(axis, column, rows, cells, truths) if axis is not None and cells else {}
    return FactRead(column.errors, within, column)


def relate_facts(
    relation: Relation,
    axes: Mapping[str, Axis],
    cells: Sequence[int],
    read: Mapping[str, Column | None],
    rows: int,
    by_loops: bool,
) -> dict[int, Bits]:
    """The rows in each set of cells of a relation between facts, which have axes."""
    columns = [column for fact in relation.facts if (column := read.get(fact)) is not None]
    if not cells or len(columns) < len(relation.facts):  # without a column a fact is absent
        return dict.fromkeys(cells, everything(rows))
    holding = related(relation, columns, axes[relation.facts[0]].fact.names, by_loops)
    by_cells = {HOLDS: holding, FAILS: ~holding, HOLDS | FAILS: everything(rows)}
    return {cell_set: by_cells[cell_set] for cell_set in cells}


def _answer(work: _Work, block: tuple[int, int], threads: int) -> Applied:
    """The answer for the rows of one block."""
    plan, (start, rows) = work.plan, block

    def read(fact: str) -> FactRead:
        series = work.columns[fact].slice(start, rows) if fact in work.columns else None
        none, cells = fact in work.options.none, work.cells.get(fact, ())
        return read_fact(plan.facts[fact], plan.axes.get(fact), cells, series, rows, none, work.by_loops)

    def relate(name: str) -> dict[int, Bits]:
        columns = {fact: read.column for fact, read in read_facts.items()}
        return relate_facts(plan.relations[name], plan.axes, work.cells[name], columns, rows, work.by_loops)

    facts = [name for name in {**work.columns, **work.cells} if name not in plan.relations]
    read_facts = dict(zip(facts, shared(read, facts, threads), strict=True))
    relations = dict(zip(plan.relations, shared(relate, list(plan.relations), threads), strict=True))
    errors = [error for fact in work.columns for error in read_facts[fact].errors]
    bad = at_rows(np.concatenate([error.rows for error in errors]), rows) if errors else None
    where = Rows(rows, {**{fact: read.inside for fact, read in read_facts.items()}, **relations})
    answer: dict[str, pl.Series] = {}
    verdict_counts, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    tables = plan.tables
    companions = Companions(plan, where, rules=work.options.why or work.options.count)
    for name in tables.told:
        if not work.options.why and not work.options.count and name in plan.outcomes:
            decided = Decisions(verdicts(plan.outcomes[name], where), {})
        else:
            decided = decisions(plan, plan.actions[name], where)
        answer[name] = _verdict_column(name, decided.verdicts, where, bad, rows)
        deciding = {rule: bits if bad is None else bits & ~bad for rule, bits in decided.deciding.items()}
        if work.options.why:
            column_name = rules_column(name)
            answer[column_name] = _names_column(column_name, _by_name(plan, deciding), rows)
        if name in tables.lowered.companions:
            along = companions.with_action(name, decided.verdicts, bad)
            column_name = along_column(name)
            answer[column_name] = _names_column(column_name, sorted(along.companions.items()), rows)
            deciding = {
                rule: deciding.get(rule, where.none) | along.rules.get(rule, where.none)
                for rule in {**deciding, **along.rules}
            }
        if work.options.count:
            verdict_counts.update(_counts(name, decided.verdicts, bad, rows))
            for rule, bits in deciding.items():
                decided_by[name, tables.written(rule)] += counted(bits, rows)
    reasons = Tally.of((error.fault, len(error.rows)) for error in errors)
    return Applied(answer, _by_row(errors), rows, verdict_counts, decided_by, reasons)


def _counts(name: str, by_verdict: Verdicts, bad: Bits | None, rows: int) -> dict[tuple[str, str], int]:
    """The number of rows in which an action has each verdict."""
    bad = nothing(rows) if bad is None else bad
    counts = {
        (name, verdict.value): counted(by_verdict[verdict] & ~bad, rows) if verdict in by_verdict else 0
        for verdict in Verdict
        if verdict is not Verdict.UNSAID
    }
    undecided = counted(bad, rows)
    return {
        **counts,
        (name, Verdict.UNSAID.value): rows - undecided - sum(counts.values()),
        (name, UNDECIDED): undecided,
    }


def rules_column(action: str) -> str:
    """The name of the column of an action's deciding rules."""
    return f"{action}_rules"


def along_column(action: str) -> str:
    """Returns the name of the column of an action's companions."""
    return f"{action}_along"


def from_column(action: str) -> str:
    """The name of the column of the day or moment from which on an action is permitted."""
    return f"{action}_from"


def until_column(action: str) -> str:
    """The name of the column of the day or moment from which on it no longer is."""
    return f"{action}_until"


def held_column(action: str) -> str:
    """The name of the column of the facts that the two rest on and that nothing moves."""
    return f"{action}_held"


def stretch_columns(action: str, ends: Any) -> Mapping[str, Any]:
    """The columns of the stretch of an action, and their types; its ends are of one."""
    return {from_column(action): ends, until_column(action): ends, held_column(action): pl.List(pl.String)}


_ONE = {verdict: pl.Series([verdict], dtype=VERDICT) for verdict in VERDICT.categories}


def _verdict_column(name: str, by_verdict: Verdicts, where: Rows, bad: Bits | None, rows: int) -> pl.Series:
    column = _ONE["unsaid"]
    strongest_last = [(verdict.value, bits) for verdict, bits in reversed(by_verdict.items())]
    for verdict, bits in (*strongest_last, (UNDECIDED, bad)):
        if bits is not None and bits is not where.none:
            column = _ONE[verdict].zip_with(to_series(bits, rows), column)
    if len(column) != rows:
        column = column.new_from_index(0, rows)
    return column.alias(name)


def _by_name(plan: Plan, deciding: Mapping[int, Bits]) -> list[tuple[str, Bits]]:
    """The deciding rules in file order, with their rows."""
    return [(plan.tables.rules[number].name, deciding[number]) for number in sorted(deciding)]


def _names_column(name: str, by_name: Sequence[tuple[str, Bits]], rows: int) -> pl.Series:
    """A column of the names that each row has, in the order in which they are given."""
    occurring = [(own_name, bits) for own_name, bits in by_name if bits.any()]
    names = pl.Series([own_name for own_name, _ in occurring], dtype=pl.String)
    ends: NDArray[np.int64] = np.zeros(rows + 1, np.int64)
    positions: list[NDArray[np.intp]] = []
    words = max(_MOST_TRUTHS // max(len(occurring), 1) // 64, 1)
    for start in range(0, len(nothing(rows)) if occurring else 0, words):
        block_rows = slice(64 * start, min(64 * (start + words), rows))
        truths_by_name = [
            unpacked(bits[start : start + words], block_rows.stop - block_rows.start) for _, bits in occurring
        ]
        for truths in truths_by_name:
            ends[block_rows.start + 1 : block_rows.stop + 1] += truths
        positions.append(np.flatnonzero(np.stack(truths_by_name, axis=1)) % len(occurring))
    values = names.gather(pl.Series(np.concatenate(positions))) if positions else names
    texts = values.to_arrow(compat_level=pl.CompatLevel.newest())
    return pl.Series(name, pa.LargeListArray.from_arrays(pa.array(np.cumsum(ends)), texts))


def _by_row(errors: Iterable[RowError]) -> dict[int, str]:
    """The errors of each row that has any, in the order of the rows."""
    by_row: dict[int, list[str]] = {}
    for error in errors:
        for row in error.rows.tolist():
            by_row.setdefault(row, []).append(error.fault.message)
    return {row: "; ".join(by_row[row]) for row in sorted(by_row)}


def joined(blocks: Sequence[Applied]) -> Applied:
    """The answers for consecutive blocks, as one."""
    if len(blocks) == 1:
        return blocks[0]
    parts: dict[str, list[pl.Series]] = {}
    rejects: dict[int, str] = {}
    rows = 0
    verdict_counts, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    for block in blocks:
        for name, column in block.columns.items():
            parts.setdefault(name, []).append(column)
        rejects.update({rows + row: message for row, message in block.rejects.items()})
        rows += block.rows
        verdict_counts.update(block.verdicts)
        decided_by.update(block.decided_by)
    columns = {name: pl.concat(series) for name, series in parts.items()}
    reasons = sum((block.reasons for block in blocks), NO_ERRORS)
    return Applied(columns, rejects, rows, verdict_counts, decided_by, reasons)
