"""A policy of the size that lenders have is decided: 100 rules of segment, product and band under Regulation F."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from checking import totals, typed

import forbear
from forbear.analysis.run import Findings, findings
from forbear.base.diagnostic import Diagnostic, Severity

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))

from matrix import DEFECTS, matrix
from packs import POLICIES

sys.path.pop(0)


def found(text: str) -> Findings:
    return findings(typed(text))


def of(code: str, result: Findings) -> list[Diagnostic]:
    return [one for one in result.diagnostics if one.code == code]


@pytest.mark.parametrize("uneven", [False, True])
def test_a_matrix_without_a_defect_has_no_finding(uneven: bool) -> None:
    assert totals(found(matrix(uneven=uneven))) == {}


def test_a_row_that_is_left_out_is_a_hole() -> None:
    result = found(matrix(1))
    assert totals(result) == {"hole": 3, "falling-pressure": 1}
    for hole in of("hole", result):
        assert hole.witness is not None
        assert (hole.witness["segment"], hole.witness["product"]) == ("thin_file", "overdraft")
        assert hole.witness["days_overdue"] == 37
    assert [hole.actions for hole in of("hole", result)] == [("push_notification",), ("email",), ("sms",)]


def test_each_of_several_defects_is_found() -> None:
    assert set(DEFECTS) < totals(found(matrix(5))).keys()


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_lender_under_three_packs_is_judged_and_left_with_notes(path: Path) -> None:
    policy = forbear.load(path)
    assert {one.severity for one in policy.validate() if one.accepted is None} == {Severity.NOTE}
