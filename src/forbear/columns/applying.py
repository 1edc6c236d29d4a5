"""A policy applied to a whole frame: a verdict column an action, row by row what `Policy.decide` says.

Rows are taken in blocks, and the blocks shared among threads: Polars compares the columns and NumPy combines what comes
out, and both let other threads run. A row that cannot be decided has the verdict `undecided` on every action, which
never permits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from forbear.columns.bits import Bits, at_rows, counted, nothing, to_series, unpacked
from forbear.columns.comparing import compare
from forbear.columns.deciding import Rows, Verdicts, compared, inside, standing, verdicts
from forbear.columns.plan import Cells, Plan
from forbear.columns.reading import Column, Fault, Named, Value, read_column, read_rest
from forbear.kernel import Verdict

BLOCK = 1 << 21
"""Rows that are decided together: so many that little time goes to what is done once a block."""
_MOST_BITS = 1 << 31
"""What is known of rows at any time, 256 MB: with very many rules blocks are smaller, and decided one by one."""
UNDECIDED = "undecided"
"""The verdict on a row that cannot be decided. It permits nothing."""
VERDICT = pl.Enum([*[verdict.value for verdict in Verdict], UNDECIDED])


@frozen(eq=False)
class Asked:
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


def apply(plan: Plan, frame: pl.DataFrame, count: int, asked: Asked) -> Applied:
    """The verdicts on the `count` rows of a frame, which may lack columns where none is a fact."""
    cells = plan.cells_for_rules if asked.why or asked.count else plan.cells_for_verdicts
    work = _Work(plan, cells, {fact: frame[column] for column, fact in asked.facts.items()}, asked)
    known = max(sum(map(len, cells.values())), 1)  # bits of each row
    starts = range(0, max(count, 1), min(BLOCK, max(_MOST_BITS // known // 64, 1 << 10) * 64))
    answer = partial(_answer, work, count, starts.step)
    # One thread more than there are cores: now and then one of them waits for Python.
    threads = min(pl.thread_pool_size() + 1, _MOST_BITS // (known * starts.step))
    if len(starts) == 1 or threads < 2:
        return _joined([answer(start) for start in starts], starts)
    with ThreadPoolExecutor(threads) as pool:
        return _joined(list(pool.map(answer, starts)), starts)


@frozen(eq=False)
class _Work:
    """What is to be done with each block of a frame."""

    plan: Plan
    cells: Cells
    columns: Mapping[str, pl.Series]
    """By fact."""
    asked: Asked


def _answer(work: _Work, count: int, size: int, start: int) -> Applied:
    """The answer for the rows of one block."""
    plan, rows = work.plan, min(size, count - start)
    columns: dict[str, Column] = {}
    values: dict[str, Sequence[Value]] = {}
    for fact, series in work.columns.items():
        column = read_column(plan.facts[fact], series.slice(start, rows), fact in work.asked.none)
        known = column.known if isinstance(column, Named) else ()
        asked = compared(plan.axes[fact], column, work.cells[fact]) if fact in work.cells else []
        columns[fact], values[fact] = column, list(dict.fromkeys((*known, *asked)))
    truths = compare(columns, values)
    for fact, column in columns.items():
        if isinstance(column, Named):
            columns[fact] = read_rest(plan.facts[fact], column, truths[fact])
    faults = [fault for column in columns.values() for fault in column.faults]
    bad = at_rows(np.concatenate([fault.rows for fault in faults]), rows) if faults else None
    where = Rows(
        rows,
        {
            fact: inside(plan.axes[fact], columns.get(fact), rows, cells, truths.get(fact, {}))
            for fact, cells in work.cells.items()
        },
    )
    answer: dict[str, pl.Series] = {}
    given, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    for name, action in plan.actions.items():
        if not work.asked.why and not work.asked.count and name in plan.outcomes:
            answer[name] = _verdict_column(name, verdicts(plan.outcomes[name], where), where, bad, rows)
            continue
        stand = standing(plan, action, where)
        answer[name] = _verdict_column(name, stand.verdicts, where, bad, rows)
        deciding = {rule: bits if bad is None else bits & ~bad for rule, bits in stand.deciding.items()}
        if work.asked.why:
            column_name = rules_column(name)
            answer[column_name] = _rules(column_name, plan, deciding, rows)
        if work.asked.count:
            given.update(_counts(name, stand.verdicts, bad, rows))
            decided_by.update({(name, rule): counted(bits, rows) for rule, bits in deciding.items()})
    return Applied(answer, _by_row(faults), rows, given, decided_by)


def _counts(name: str, found: Verdicts, bad: Bits | None, rows: int) -> dict[tuple[str, str], int]:
    """In how many rows an action has each verdict."""
    bad = nothing(rows) if bad is None else bad
    counts = {
        (name, verdict): counted(bits & ~bad, rows)
        for verdict, bits in (
            (Verdict.ALLOWED.value, found.allowed),
            (Verdict.REQUIRED.value, found.required),
            (Verdict.FORBIDDEN.value, found.forbidden),
        )
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
    for verdict, bits in (
        ("allowed", found.allowed),
        ("required", found.required),
        ("forbidden", found.forbidden),
        (UNDECIDED, bad),
    ):
        if bits is not None and bits is not where.none:
            column = _ONE[verdict].zip_with(to_series(bits, rows), column)
    if len(column) != rows:
        column = column.new_from_index(0, rows)
    return column.alias(name)


def _rules(name: str, plan: Plan, deciding: Mapping[int, Bits], rows: int) -> pl.Series:
    """The names of the deciding rules of each row, in file order. Rows that have the same ones share them."""
    numbers = sorted(number for number, bits in deciding.items() if bits.any())
    groups: NDArray[np.int64] = np.zeros(rows, np.int64)
    sets: list[tuple[int, ...]] = [()]
    for number in numbers:
        # Each rule splits the groups that there are so far in those with it and those without.
        doubled = groups * 2 + unpacked(deciding[number], rows)
        present = np.zeros(2 * len(sets), np.bool_)
        present[doubled] = True
        groups = (np.cumsum(present) - 1)[doubled]
        sets = [(*sets[one // 2], number) if one % 2 else sets[one // 2] for one in np.flatnonzero(present).tolist()]
    names = [[plan.tables.rules[number].name for number in one] for one in sets]
    return pl.Series(name, names, dtype=pl.List(pl.String)).gather(pl.Series(groups))


def _by_row(faults: Iterable[Fault]) -> dict[int, str]:
    """What is wrong with each row that has a fault, in the order of the rows."""
    found: dict[int, list[str]] = {}
    for fault in faults:
        for row in fault.rows.tolist():
            found.setdefault(row, []).append(fault.message)
    return {row: "; ".join(found[row]) for row in sorted(found)}


def _joined(blocks: Sequence[Applied], starts: Iterable[int]) -> Applied:
    rejects: dict[int, str] = {}
    given, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    for start, block in zip(starts, blocks, strict=True):
        rejects.update({start + row: message for row, message in block.rejects.items()})
        given.update(block.verdicts)
        decided_by.update(block.decided_by)
    columns = {name: pl.concat([block.columns[name] for block in blocks]) for name in blocks[0].columns}
    return Applied(columns, rejects, sum(block.rows for block in blocks), given, decided_by)
