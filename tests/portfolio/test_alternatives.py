"""Alternatives of several comparisons each: the rows of one do not show in those of another."""

from __future__ import annotations

import itertools

import polars as pl

import forbear


def test_alternatives_of_several_comparisons() -> None:
    facts = ["a", "b", "c", "d", "e", "f"]
    policy = forbear.loads(
        f"{' '.join(f'fact {name} yes/no' for name in facts)}  action call, visit\n"
        "rule pairs: (a and b) or (c and d) or (e and f) then allow call\n"
        "rule one_alone: a or (b and c) or (d and e) then allow visit"
    )
    rows = [dict(zip(facts, values, strict=True)) for values in itertools.product([False, True], repeat=6)]
    found = policy.apply(pl.DataFrame(rows)).to_dicts()
    assert found == [{name: its.verdict.value for name, its in policy.decide(row).items()} for row in rows]
