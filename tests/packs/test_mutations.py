"""The packs' promises notice every slip that changes a verdict, no example is idle, and the docs have the figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import forbear
from forbear import resources
from forbear.analysis.findings.promises.failed_example import try_examples
from forbear.analysis.mutation.score import mutation_score
from forbear.report.mutation import slip_text

NAMES = [name for name in resources.pack_names() if not name.startswith("vocabulary/")]
DOCS = Path(__file__).parents[2] / "docs" / "regulation.md"


@pytest.mark.parametrize("name", NAMES)
def test_each_slip_is_noticed_and_each_example_notices_one(name: str) -> None:
    policy = forbear.load(f"pack:{name}").typed
    assert not any(outcome.failures for outcome in try_examples(policy))
    score = mutation_score(policy)
    assert [slip_text(mutant) for unnoticed in score.unnoticed for mutant in unnoticed.mutants] == []
    assert score.undecided == ()
    assert [example.title for example in score.idle] == []
    unchanged = len(score.equivalent) + len(score.requiring)
    row = f"| `{name}` | {len(policy.examples)} | {score.counted} | {unchanged} |"
    assert row in DOCS.read_text(encoding="utf-8"), row


def test_the_table_has_each_pack_once() -> None:
    table = re.findall(r"^\| `([a-z0-9_/-]+)` \| \d+ \| \d+ \| \d+ \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(table) == sorted(NAMES)
