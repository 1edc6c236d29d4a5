"""A policy applied to a whole frame: a verdict column an action, row by row what `Policy.decide` says.

Rows are taken in blocks, and the blocks shared among threads: what is done of a block is done by NumPy and Polars,
which let other threads run. A row that cannot be decided has the verdict `undecided` on every action, which never
permits.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import polars as pl
from attrs import frozen
from numpy.typing import NDArray

from forbear.columns.bits import Bits, at_rows, counted, nothing, to_series, unpacked
from forbear.columns.deciding import Rows, Verdicts, standing, verdicts
from forbear.columns.plan import Plan
from forbear.columns.reading import Column, Fault, read_column
from forbear.kernel import FactSpec, Verdict

BLOCK = 1 << 19
"""Rows that are decided together: so many that the packed truths of a column stay in the cache of a core."""
SMALLEST = 1 << 15
"""Fewer rows are not worth a thread."""
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


def apply(plan: Plan, frame: pl.DataFrame, count: int, asked: Asked, threads: int | None = None) -> Applied:
    """The verdicts on the `count` rows of a frame, which may lack columns where none is a fact."""
    threads = threads or _cores()
    starts = range(0, max(count, 1), _block(count, threads))
    columns = [(plan.facts[fact], frame[column], fact in asked.none) for column, fact in asked.facts.items()]
    work = partial(_block_of, plan, columns, asked, count, starts.step)
    if threads == 1 or len(starts) == 1:
        blocks = list(map(work, starts))
    else:
        with ThreadPoolExecutor(min(len(starts), threads)) as pool:
            blocks = list(pool.map(work, starts))
    return _joined(blocks, starts)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _block(rows: int, threads: int) -> int:
    """How many rows a block has: a share of them for each thread, in whole words of 64 rows."""
    share = max(-(-rows // threads), SMALLEST)
    return min(BLOCK, -(-share // 64) * 64)


def _block_of(
    plan: Plan, columns: Sequence[tuple[FactSpec, pl.Series, bool]], asked: Asked, count: int, size: int, start: int
) -> Applied:
    """The answer for the rows of one block."""
    number = min(size, count - start)
    read: dict[str, Column | None] = dict.fromkeys(plan.axes)
    faults: list[Fault] = []
    for spec, series, null_is_none in columns:
        column = read_column(spec, series.slice(start, number), null_is_none)
        faults += column.faults
        if spec.name in read:
            read[spec.name] = column
    rows = Rows(number, plan.axes, read)
    bad = at_rows(np.concatenate([fault.rows for fault in faults]), number) if faults else None
    answer: dict[str, pl.Series] = {}
    given, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    for name, action in plan.actions.items():
        if not asked.why and not asked.count:
            answer[name] = _verdict_column(name, verdicts(plan, name, rows), bad, number)
            continue
        stand = standing(plan, action, rows)
        answer[name] = _verdict_column(name, stand.verdicts, bad, number)
        deciding = {rule: bits if bad is None else bits & ~bad for rule, bits in stand.deciding.items()}
        if asked.why:
            column_name = rules_column(name)
            answer[column_name] = _rules(column_name, plan, deciding, number)
        if asked.count:
            given.update(_counts(name, stand.verdicts, bad, number))
            decided_by.update({(name, rule): counted(bits, number) for rule, bits in deciding.items()})
    return Applied(answer, _by_row(faults), number, given, decided_by)


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


def _verdict_column(name: str, found: Verdicts, bad: Bits | None, rows: int) -> pl.Series:
    column = _ONE["unsaid"]
    for verdict, bits in (
        ("allowed", found.allowed),
        ("required", found.required),
        ("forbidden", found.forbidden),
        (UNDECIDED, bad),
    ):
        if bits is not None and bits.any():
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
    if len(blocks) == 1:
        return blocks[0]
    rejects: dict[int, str] = {}
    given, decided_by = Counter[tuple[str, str]](), Counter[tuple[str, int]]()
    for start, block in zip(starts, blocks, strict=True):
        rejects.update({start + row: message for row, message in block.rejects.items()})
        given.update(block.verdicts)
        decided_by.update(block.decided_by)
    columns = {name: pl.concat([block.columns[name] for block in blocks]) for name in blocks[0].columns}
    return Applied(columns, rejects, sum(block.rows for block in blocks), given, decided_by)
