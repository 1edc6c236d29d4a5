"""A case that names another day as that of its decision than the one on which it is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

import forbear
from forbear.targets.python.module import compile_module

TEXT = """\
fact late days clock
fact today date of decision{}
fact name weekday of decision optional
fact promised date
action visit, letter
rule broken: allow visit when promised < today and late > 3
rule monday: allow letter when name is monday
"""
POLICY = forbear.loads(TEXT.format(""))
MODULE: dict[str, Any] = {"__name__": "compiled"}
exec(compile(compile_module(POLICY.typed), "<compiled>", "exec"), MODULE)
CASE: Mapping[str, Any] = {"late": 9, "today": "2026-03-10", "promised": "2026-03-01"}
ON = "2026-03-10"
OTHER_NAME = '`name` is given as "monday", and by `on` it is "tuesday": mend one of the two'
OTHER = '`today` is given as "2026-03-09", and by `on` it is "2026-03-10": mend one of the two'


def test_without_a_day_or_a_value_there_is_nothing_to_hold_against() -> None:
    assert POLICY.permits("visit", {**CASE, "today": "2026-03-09"})
    unknown = forbear.loads(TEXT.format(" optional"))
    assert not unknown.permits("visit", {**CASE, "today": None}, ON)
    assert POLICY.permits("letter", {**CASE, "name": "monday"})
    unread = forbear.loads(TEXT.format("\nfact age years since promised").replace("promised < today", "age = 0"))
    assert unread.permits("visit", {**CASE, "today": "2026-03-09"}, ON)


def test_a_private_day_is_not_shown() -> None:
    with pytest.raises(forbear.CaseError, match=r"`today` is given as \(private\), and by `on` it is \(private\)"):
        forbear.loads(TEXT.format(" private")).decide({**CASE, "today": "2026-03-09"}, ON)


def test_a_row_of_another_day_is_undecided_and_the_others_are_as_before() -> None:
    days = ["2026-03-10", "2026-03-09", "soon", None]
    frame = pl.DataFrame([{**CASE, "today": day} for day in days])
    answer = POLICY.apply(frame, ON, faults=True)
    assert answer["visit"].to_list() == ["allowed", "undecided", "undecided", "undecided"]
    assert answer["fault"][1] == OTHER
    alone = POLICY.apply(frame[[0, 2, 3]], ON, faults=True)  # by columns
    assert alone.rows() == answer[[0, 2, 3]].rows()
    assert POLICY.apply(frame.with_columns(today=pl.Series([{}] * 4, dtype=pl.Object)), ON)["visit"].n_unique() == 1
    assert POLICY.apply(frame[:2])["visit"].to_list() == ["allowed", "allowed"]


def test_a_row_of_another_day_of_the_week_is_undecided() -> None:
    names = ["tuesday", "monday", None]
    frame = pl.DataFrame([{**CASE, "name": name} for name in names])
    answer = POLICY.apply(frame, ON, faults=True)
    assert answer["letter"].to_list() == ["unsaid", "undecided", "unsaid"]
    assert answer["fault"][1] == OTHER_NAME
    assert POLICY.apply(frame[[0, 2]], ON, faults=True).rows() == answer[[0, 2]].rows()  # by columns
    assert POLICY.apply(frame)["letter"].to_list() == ["unsaid", "undecided", "unsaid"]  # `today` names the day
