"""Mistakes as authors make them, written by people who had not seen a message: no fix leads to another meaning.

`mistakes/` has thirty policies, and in `mistakes.jsonl` ten statements of each as somebody might write them instead,
with cases and verdicts that tell what was meant from what is nearest to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from night import NIGHTLY

import forbear
from forbear.base.diagnostic import Severity
from forbear.library.loading import check_file

FOLDER = Path(__file__).parent / "mistakes"
MISTAKES = [json.loads(line) for line in (FOLDER / "mistakes.jsonl").read_text("utf-8").splitlines()]
POLICIES = sorted({mistake["policy"] for mistake in MISTAKES})
MOST_FIXES = 5


def verdicts(file: Path, mistake: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """For each case the verdict that was meant, and what is decided."""
    policy = forbear.load(file)
    for meant in mistake["cases"]:
        decision = policy.decide(meant["case"], at=meant["at"])
        yield meant["verdict"], decision[meant["action"]].verdict.value


def of(policy: str) -> list[dict[str, Any]]:
    return [mistake for mistake in MISTAKES if mistake["policy"] == policy]


@pytest.mark.parametrize("policy", POLICIES[:: 1 if NIGHTLY else 4])
def test_no_fix_of_a_mistake_means_something_else(tmp_path: Path, policy: str) -> None:
    right = (FOLDER / f"{policy}.forbear").read_text("utf-8")
    file = tmp_path / "house.forbear"
    file.write_text(right, "utf-8")
    for mistake in of(policy):
        assert all(meant == decided for meant, decided in verdicts(file, mistake)), mistake["right"]
    for mistake in of(policy):
        text = right.replace(mistake["right"], mistake["wrong"], 1)
        assert text != right
        for _ in range(MOST_FIXES):
            file.write_text(text, "utf-8")
            found = check_file(str(file)).diagnostics
            fix = next((one.fix for one in found if one.severity is Severity.ERROR and one.fix is not None), None)
            if all(one.severity is not Severity.ERROR for one in found):
                warned = any(one.code == "uses-standard" for one in found)
                assert warned or all(meant == decided for meant, decided in verdicts(file, mistake)), (mistake, text)
            if fix is None:
                break
            for edit in sorted(fix.edits, key=lambda edit: edit.place.span, reverse=True):
                start, end = edit.place.span
                text = text[:start] + edit.text + text[end:]


def test_there_are_as_many_mistakes_as_it_says() -> None:
    assert len(MISTAKES) == 300
    assert {len(of(policy)) for policy in POLICIES} == {10}
