"""A policy applied to a whole frame: a verdict column an action, row by row what `Policy.decide` says.

Rows are taken in blocks. Threads share the blocks, and where there are few of them the columns of a block: both what
compares columns and what combines bits lets other threads run. A row that cannot be decided has the verdict `undecided`
on every action, which never permits.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TypeVar

import numpy as np
import polars as pl
import pyarrow as pa
from attrs import frozen
from numpy.typing import NDArray

from forbear.columns.bits import Bits, at_rows, counted, nothing, to_series, unpacked
from forbear.columns.comparing import compare
from forbear.columns.deciding import Rows, Verdicts, compared, inside, standing, verdicts
from forbear.columns.io.values import Fault, Named, read_column, read_rest
from forbear.columns.plan import Cells, Plan
from forbear.kernel import Verdict
from forbear.model.facts import Kind

BLOCK = 1 << 21
"""Rows that are decided together: so many that little time goes to what is done once a block."""
_MOST_BITS = 1 << 31
"""What is known of rows at any time, 256 MB: with very many rules blocks are smaller, and fewer decided at once."""
_FEW = 1 << 17
"""Fewer rows than these are decided by one thread, before another one has begun, and not by loops of machine code."""
_MOST_TRUTHS = 1 << 25
"""What is known of rules in rows at any time, a byte each, while their names are found."""
_TEXTS = (Kind.CHOICE, Kind.ORDER, Kind.TEXT)
"""What takes longest to compare."""
UNDECIDED = "undecided"
"""The verdict on a row that cannot be decided. It permits nothing."""
VERDICT = pl.Enum([*[verdict.value for verdict in Verdict], UNDECIDED])


Item = TypeVar("Item")
Result = TypeVar("Result")


@frozen(eq=False)
class Options:
    """What is asked of each frame: which facts its columns are, and what else the answer has besides verdicts."""

    facts: Mapping[str, str]
    """The fact of each column that is one."""
    none: frozenset[str] = frozenset()
    """The facts of which a null says that they are none."""
    why: bool = False
    count: bool = False


@frozen(eq=False)
class Applied:
    """The answer for a frame: the verdicts, and with `why` the deciding rules, column by column; what is wrong with
    which rows, in their order; how many rows there are; and with `count` in how many rows an action has a verdict, and
    in how many a rule is among those that gave it, by its number."""

    columns: Mapping[str, pl.Series]
    rejects: Mapping[int, str]
    rows: int
    verdicts: Counter[tuple[str, str]]
    decided_by: Counter[tuple[str, int]]


def apply(plan: Plan, frame: pl.DataFrame, count: int, options: Options) -> Applied:
    """The verdicts on the `count` rows of a frame, which may lack columns where none is a fact."""
    cells = plan.cells_for_rules if options.why or options.count else plan.cells_for_verdicts
    columns = {fact: frame[column] for column, fact in options.facts.items()}
    work = _Work(plan, cells, columns, options, by_loops=count >= _FEW and not options.count)
    known = max(sum(map(len, cells.values())), 1)  # bits of each row
    most = min(BLOCK, max(_MOST_BITS // known // 64, 1 << 10) * 64)
    threads = pl.thread_pool_size() if count >= _FEW else 1
    at_once = max(min(threads, -(-count // most), _MOST_BITS // (known * most)), 1)
    blocks = _blocks(count, most, at_once)
    return _joined(_shared(lambda block: _answer(work, block, threads // at_once), blocks, at_once))


_POOL = ThreadPoolExecutor(max(pl.thread_pool_size() - 1, 1))
"""Threads that stay: new ones would have to ask the system for memory again. Each starts when it is first needed."""


def _shared(do: Callable[[Item], Result], items: Sequence[Item], threads: int) -> list[Result]:
    """What comes of each item, in their order. So many threads take one item after the other, and this is one of them:
    it waits for no other that has not started, so that `do` may share its own work in turn."""
    left = deque(enumerate(items))
    found: dict[int, Result] = {}

    def work() -> None:
        try:
            while left:
                try:
                    number, item = left.popleft()
                except IndexError:  # another thread has just taken the last one
                    return
                found[number] = do(item)
        finally:
            left.clear()  # once one has failed, no other is begun

    others: list[Future[None]] = []
    with suppress(RuntimeError):  # no thread starts any more once the main one has ended, though others may still work
        others.extend(_POOL.submit(work) for _ in range(threads - 1))
    try:
        work()
    finally:
        # Nothing goes on behind the caller's back. Polars would fail the next frame too for an interrupt of this one.
        begun = [other for other in others if not other.cancel()]
        wait(begun)
    for other in begun:
        other.result()
    return [found[number] for number in range(len(items))]


@frozen(eq=False)
class _Block:
    """Some rows in succession."""

    start: int
    rows: int


def _blocks(count: int, most: int, at_once: int) -> list[_Block]:
    """All rows in blocks of about the same size, at most `most`, so many that none is left over of those at once."""
    rounds = max(-(-count // (most * at_once)), 1)
    size = -(-count // (rounds * at_once) // 64) * 64 or 64
    return [_Block(start, min(size, count - start)) for start in range(0, max(count, 1), size)]


@frozen(eq=False)
class _Work:
    """What is to be done with each block of a frame."""

    plan: Plan
    cells: Cells
    columns: Mapping[str, pl.Series]
    """By fact."""
    options: Options
    by_loops: bool
    """A command, which counts, is over before it has won back the time that the loops take to load."""


def _answer(work: _Work, block: _Block, threads: int) -> Applied:
    """The answer for the rows of one block."""
    plan, rows = work.plan, block.rows

    def read(fact: str) -> tuple[tuple[Fault, ...], dict[int, Bits]]:
        spec, cells = plan.facts[fact], work.cells.get(fact, ())
        if fact not in work.columns:
            return (), inside(plan.axes[fact], None, rows, cells, {})
        column = read_column(spec, work.columns[fact].slice(block.start, rows), fact in work.options.none)
        known = column.known if isinstance(column, Named) else ()
        values = compared(plan.axes[fact], column, cells) if cells else ()
        truths = compare(column, list(dict.fromkeys((*known, *values))), work.by_loops)
        if isinstance(column, Named):
            column = read_rest(spec, column, truths)
        return column.faults, inside(plan.axes[fact], column, rows, cells, truths) if cells else {}

    def quickness(fact: str) -> tuple[bool, int]:
        return plan.facts[fact].kind not in _TEXTS, -len(work.cells.get(fact, ()))

    # The slow ones first, so that no thread is left with one of them in the end.
    facts = sorted({**work.columns, **work.cells}, key=quickness)
    found = dict(zip(facts, _shared(read, facts, threads), strict=True))
    faults = [fault for fact in work.columns for fault in found[fact][0]]
    bad = at_rows(np.concatenate([fault.rows for fault in faults]), rows) if faults else None
    where = Rows(rows, {fact: its for fact, (_, its) in found.items()})
    answer: dict[str, pl.Series] = {}
    given, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    for name, action in plan.actions.items():
        if not work.options.why and not work.options.count and name in plan.outcomes:
            answer[name] = _verdict_column(name, verdicts(plan.outcomes[name], where), where, bad, rows)
            continue
        stand = standing(plan, action, where)
        answer[name] = _verdict_column(name, stand.verdicts, where, bad, rows)
        deciding = {rule: bits if bad is None else bits & ~bad for rule, bits in stand.deciding.items()}
        if work.options.why:
            column_name = rules_column(name)
            answer[column_name] = _rules(column_name, plan, deciding, rows)
        if work.options.count:
            given.update(_counts(name, stand.verdicts, bad, rows))
            decided_by.update({(name, rule): counted(bits, rows) for rule, bits in deciding.items()})
    return Applied(answer, _by_row(faults), rows, given, decided_by)


def _counts(name: str, found: Verdicts, bad: Bits | None, rows: int) -> dict[tuple[str, str], int]:
    """In how many rows an action has each verdict."""
    bad = nothing(rows) if bad is None else bad
    counts = {
        (name, verdict.value): counted(found[verdict] & ~bad, rows) if verdict in found else 0
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
    """The column that has the deciding rules of an action."""
    return f"{action}_rules"


_ONE = {verdict: pl.Series([verdict], dtype=VERDICT) for verdict in VERDICT.categories}


def _verdict_column(name: str, found: Verdicts, where: Rows, bad: Bits | None, rows: int) -> pl.Series:
    column = _ONE["unsaid"]
    strongest_last = [(verdict.value, bits) for verdict, bits in reversed(found.items())]
    for verdict, bits in (*strongest_last, (UNDECIDED, bad)):
        if bits is not None and bits is not where.none:
            column = _ONE[verdict].zip_with(to_series(bits, rows), column)
    if len(column) != rows:
        column = column.new_from_index(0, rows)
    return column.alias(name)


def _rules(name: str, plan: Plan, deciding: Mapping[int, Bits], rows: int) -> pl.Series:
    """The names of the deciding rules of each row, in file order."""
    numbers = sorted(number for number, bits in deciding.items() if bits.any())
    names = pl.Series([plan.tables.rules[number].name for number in numbers], dtype=pl.String)
    ends: NDArray[np.int64] = np.zeros(rows + 1, np.int64)
    found: list[NDArray[np.intp]] = []
    words = max(_MOST_TRUTHS // max(len(numbers), 1) // 64, 1)
    for start in range(0, len(nothing(rows)) if numbers else 0, words):
        some = slice(64 * start, min(64 * (start + words), rows))
        its = [unpacked(deciding[number][start : start + words], some.stop - some.start) for number in numbers]
        for truths in its:
            ends[some.start + 1 : some.stop + 1] += truths
        found.append(np.flatnonzero(np.stack(its, axis=1)) % len(numbers))
    values = names.gather(pl.Series(np.concatenate(found))) if found else names
    texts = values.to_arrow(compat_level=pl.CompatLevel.newest())
    return pl.Series(name, pa.LargeListArray.from_arrays(pa.array(np.cumsum(ends)), texts))


def _by_row(faults: Iterable[Fault]) -> dict[int, str]:
    """What is wrong with each row that has a fault, in the order of the rows."""
    found: dict[int, list[str]] = {}
    for fault in faults:
        for row in fault.rows.tolist():
            found.setdefault(row, []).append(fault.message)
    return {row: "; ".join(found[row]) for row in sorted(found)}


def _joined(blocks: Sequence[Applied]) -> Applied:
    """The answers for blocks that follow each other, as one."""
    if len(blocks) == 1:
        return blocks[0]
    parts: dict[str, list[pl.Series]] = {}
    rejects: dict[int, str] = {}
    rows = 0
    given, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    for block in blocks:
        for name, column in block.columns.items():
            parts.setdefault(name, []).append(column)
        rejects.update({rows + row: message for row, message in block.rejects.items()})
        rows += block.rows
        given.update(block.verdicts)
        decided_by.update(block.decided_by)
    return Applied({name: pl.concat(its) for name, its in parts.items()}, rejects, rows, given, decided_by)
