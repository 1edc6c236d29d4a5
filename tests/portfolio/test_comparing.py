"""Columns are compared alike by loops, by Polars and by plain Python; and threads leave nothing out."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

import forbear
from forbear.portfolio import applying
from forbear.portfolio.io.values import Column, NamedColumn, NumberColumn, Value
from forbear.portfolio.verdicts.bits import unpacked
from forbear.portfolio.verdicts.comparing import compare

WAYS = pytest.mark.parametrize("by_loops", [True, False], ids=["loops", "Polars"])
NAMES = ("low", "medium", "high", "", "mediums", "lo\0", "höchst", "twelve bytes", "thirteen byte")
OTHERS = (None, "lov", "mediun", "twelve byte!", "thirteen bytes")
"""No names, though each looks like one."""
NUMBERS = (-(2**63), -129, -128, -1, 0, 1, 127, 128, 255, 256, 2**16, 2**32, 2**53, 2**53 + 1, 2**63 - 1)
KINDS = (np.int64, np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64)
LENGTHS = st.sampled_from([0, 1, 2, 63, 64, 65, 511, 512, 513, 700])


def _compared(column: Column, values: Sequence[Value], by_loops: bool) -> list[list[bool]]:
    found = compare(column, values, by_loops)
    return [unpacked(found[value], len(column.values)).tolist() for value in values]


def _within(series: pl.Series, chunked: bool) -> pl.Series:
    """The same values, as a slice of a longer column, in one chunk or two."""
    longer = pl.concat([series[:1], series, series[:1]], rechunk=True)
    at = len(series) // 2
    found = longer.slice(min(len(series), 1), len(series))
    return pl.concat([found[:at], found[at:]], rechunk=False) if chunked else found


@WAYS
@settings(max_examples=examples(60))
@given(st.sampled_from(KINDS), LENGTHS, st.permutations(NUMBERS), st.integers(1, len(NUMBERS)))
def test_numbers(by_loops: bool, kind: type[np.signedinteger], rows: int, mixed: list[int], most: int) -> None:
    info = np.iinfo(kind)
    few = [one for one in mixed if info.min <= one <= info.max][:most]
    values = np.array([few[row * 7 % len(few)] for row in range(rows)], kind)
    ends = (min(0, int(values.min())), int(values.max())) if rows else (0, 0)
    cuts = [one for one in sorted({*few, *(one - 1 for one in few)}) if ends[0] < one <= ends[1]]
    line = NumberColumn(values, ends, Fraction(1), None, ())
    assert _compared(line, cuts, by_loops) == [[one >= cut for one in values.tolist()] for cut in cuts]


@WAYS
@settings(max_examples=examples(60))
@given(LENGTHS, st.booleans(), st.permutations(NAMES + OTHERS), st.sets(st.sampled_from((*NAMES, "\ud800"))))
def test_texts(by_loops: bool, rows: int, chunked: bool, mixed: list[str | None], asked: set[str]) -> None:
    texts = [mixed[row % len(mixed)] for row in range(rows)]
    named = NamedColumn(_within(pl.Series(texts, dtype=pl.String), chunked), (), None, ())
    assert _compared(named, [*asked], by_loops) == [[one == name for one in texts] for name in asked]


@settings(max_examples=examples(30))
@given(LENGTHS, st.booleans(), st.data())
def test_flags(rows: int, chunked: bool, data: st.DataObject) -> None:
    few = data.draw(st.lists(st.sampled_from([None, True, False]), min_size=1))
    flags = [few[row * 5 % len(few)] for row in range(rows)]
    named = NamedColumn(_within(pl.Series(flags, dtype=pl.Boolean), chunked), (), None, ())
    assert _compared(named, [True, False], False) == [[one is value for one in flags] for value in (True, False)]


def test_threads_share_what_there_is() -> None:
    """Each item once, in order, by more than one thread."""
    both = threading.Barrier(2, timeout=60)

    def do(item: int) -> tuple[int, int]:
        if item < 2:
            both.wait()  # passes when two threads are here
        return item, threading.get_ident()

    found = applying.shared(do, range(50), 2)
    assert [item for item, _ in found] == list(range(50))
    assert len({thread for _, thread in found}) == 2
    assert applying.shared(str, [], 2) == []


@pytest.mark.parametrize("main_fails", [True, False])
def test_where_one_fails_none_is_begun_and_what_was_begun_ends(main_fails: bool) -> None:
    both = threading.Barrier(2, timeout=60)
    begun: list[int] = []
    ended: list[int] = []

    def do(item: int) -> None:
        begun.append(item)
        both.wait()
        if (threading.current_thread() is threading.main_thread()) is main_fails:
            raise ValueError(item)
        time.sleep(0.3)
        ended.append(item)

    with pytest.raises(ValueError, match=r"[01]"):
        applying.shared(do, range(50), 2)
    assert sorted(begun) == [0, 1]
    assert len(ended) == 1


FULL = """
import resource
import forbear, numpy as np, polars as pl

resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
frame = pl.DataFrame({"days_overdue": np.arange(200_000) % 8})
print(forbear.loads("after 3 days then allow sms").apply(frame)["sms"].value_counts(sort=True).rows())
"""
LATE = """
import concurrent.futures.thread, threading, time
import forbear, numpy as np, polars as pl

policy = forbear.loads("after 3 days then allow sms")
frame = pl.DataFrame({"days_overdue": np.arange(200_000) % 8})

def work():
    while not concurrent.futures.thread._shutdown:
        time.sleep(0.01)
    print(policy.apply(frame)["sms"].value_counts(sort=True).rows())

threading.Thread(target=work).start()
"""


@pytest.mark.parametrize("script", [FULL, LATE], ids=["machine code has no room", "the main thread has ended"])
def test_a_large_frame_is_decided_even_where(script: str, tmp_path: Path) -> None:
    environment = {**os.environ, "POLARS_MAX_THREADS": "2"}
    if script is FULL:
        environment["NUMBA_CACHE_DIR"] = str(tmp_path)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=120)
    assert (run.stdout, run.stderr) == ("[('unsaid', 100000), ('allowed', 100000)]\n", "")


def test_there_is_a_thread_however_much_is_compared() -> None:
    """So many thresholds that what is known of the fewest rows of a block is more than there should be at any time."""
    with patch.object(applying, "_MOST_BITS", 1000), patch.object(applying, "_FEW", 1):
        frame = pl.DataFrame({"days_overdue": np.arange(100_000) % 8})
        answer = forbear.loads("after 3 days then allow sms").apply(frame)
    assert answer["sms"].to_list() == (["unsaid"] * 4 + ["allowed"] * 4) * 12_500


@pytest.mark.parametrize("at_once", [1, 2, 3, 8])
def test_blocks_have_each_row_once(at_once: int) -> None:
    for most in (64, 128, 6400):
        for count in (0, 1, 63, 64, 65, 1000, 12_799, 12_800, 12_801):
            blocks = applying._blocks(count, most, at_once)
            assert [start for start, _ in blocks] == [sum(rows for _, rows in blocks[:i]) for i in range(len(blocks))]
            assert sum(rows for _, rows in blocks) == count
            assert all(rows <= most and not start % 64 for start, rows in blocks)
            assert len(blocks) <= at_once * -(-max(count, 1) // (most * at_once))
