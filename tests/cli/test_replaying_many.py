"""Many lines of a record: each policy is compiled once, and processes share the lines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from unittest.mock import patch

import invoking
import pytest

import forbear
from forbear.cli.cases import recorded
from forbear.deciding.deciders import decider
from forbear.portfolio import workers

TEXT = """\
policy house
fact days_overdue days clock
fact name text private optional
action sms, call
rule first: after 9 days then allow sms
rule second: after 20 days then allow call
rule named: never call when name is "x"
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A record with all that a line may be, the text that decided it, and an edited one."""
    same, edited, record = (tmp_path / name for name in ("same.forbear", "edited.forbear", "record.jsonl"))
    same.write_text(TEXT, encoding="utf-8")
    edited.write_text(TEXT.replace("9 days", "12 days"), encoding="utf-8")
    policy = forbear.load(same)
    with forbear.Record(record) as kept:
        for number in range(60):
            case = {"days_overdue": number % 30, "name": "x" if number % 7 == 0 else None}
            if number % 5 == 0:
                policy.permits("sms", case, record=kept, key=number)
            else:
                policy.decide(case, record=kept, key=str(number))
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join([*lines[:40], b"no record\n", *lines[41:], lines[5][:30]]))
    return same, edited, record


def test_each_policy_is_compiled_once(files: tuple[Path, Path, Path]) -> None:
    """Of an edited text, too, which puts its own days aside: for all actions, and for the one that was asked alone."""
    made = Counter[str | None]()
    compiled = decider.decider

    def counting(policy: object, action: str | None = None, **more: object) -> object:
        made[action] += 1
        return compiled(policy, action, **more)  # type: ignore[arg-type]

    same, edited, record = files
    for policy in (same, edited):
        made.clear()
        with patch.object(decider, "decider", counting):
            invoking.forbear("replay", record, "--policy", policy, "--jobs", "1")
        assert made == {None: 1, "sms": 1}


def test_with_processes_the_answer_is_the_same(files: tuple[Path, Path, Path]) -> None:
    _, edited, record = files
    asked = ("replay", record, "--policy", edited, "--limit", "9", "--format", "json")
    alone = invoking.forbear(*asked, "--jobs", "1")
    with patch.object(workers, "_ALONE", -1), patch.object(recorded, "_LINES", 7):
        assert invoking.forbear(*asked, "--jobs", "2") == alone
    found = alone.json
    assert all(found["counts"].values()), found
    assert (len(found["lines"]), len(found["chain"]["breaks"])) == (9, 1)
