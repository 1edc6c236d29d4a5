"""Recorded decisions of rules that compare a private fact with another one, decided again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import write
from invoking import forbear as run

POLICY = """\
policy p
fact late days clock
fact income money CNY private
fact debt money CNY
fact rent money CNY private
fact loan money CNY optional
fact born date private
fact age years since born
fact term count
fact today date of decision
action visit
rule v: after 3 days and {condition} then allow visit
"""
CASE = {"late": 9, "income": 150, "debt": 100, "rent": 90, "born": "1990-01-01", "term": 20, "on": "2026-03-02"}
MOMENT = {"on": None, "at": "2026-03-02T09:00:00Z", "zone": "UTC"}


@pytest.mark.parametrize(
    ("condition", "case", "said"),
    [
        ("income > debt and income < 200% of debt", {}, "it depends on `income`, which is private"),
        ("income > debt and income < 200% of debt", {"late": 2}, "1 decision: 1 the same"),
        ("age > term and age < 200% of term", {}, "it depends on `born`, which is private"),
        ("income > rent", {}, "`income` is private, and `rent` is compared with it"),
        ("age > term and term > age - 30", {"late": 2}, "1 decision: 1 the same"),
        ("born + 3 days < today", {"today": "2026-03-02"}, "it depends on `born`, which is private"),
        ("born + 3 days < today", MOMENT, "`born` is private, and `today` is compared with it"),
        ("income > loan", {}, "1 decision: 1 the same"),
    ],
)
def test_a_private_fact_is_tried_where_it_meets_another(
    tmp_path: Path, condition: str, case: dict[str, object], said: str
) -> None:
    policy, path = write(tmp_path, "p.forbear", POLICY.format(condition=condition)), tmp_path / "r.jsonl"
    answer = run("decide", policy, "--case", "-", "--record", path, given=json.dumps({**CASE, **case}))
    assert answer.code == 0, answer.err
    assert run("replay", path, "--policy", policy).out.splitlines()[0].removeprefix("line 1: ") == said
