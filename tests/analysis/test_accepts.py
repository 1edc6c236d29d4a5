"""`accept` with a limit: what it covers does not count. The rest is in `transcripts/accepts.txt`."""

from __future__ import annotations

import pytest
from checking import each, totals, typed

import forbear
from forbear.analysis.run import findings

HEAD = "policy house\nfact late days clock between 0 and 100\naction call\n"


@pytest.mark.parametrize("limit", [0, 1, 3, 100])
def test_accepts_are_found_behind_the_limit(limit: int) -> None:
    """20 rules overlap in 190 pairs; three of the last are accepted."""
    text = HEAD + "".join(f"rule r{day}: from day {day} to day {day + 50} then allow call\n" for day in range(20))
    for pair in ("r17, r18", "r19, r17", "r18, r19"):
        text += f'accept overlap of {pair} because "meant"\n'
    found = findings(typed(text), limit=limit, asked=["overlap"])
    assert totals(found)["overlap"] == 187
    assert "stale-accept" not in totals(found)
    for reported in (found.diagnostics, each(forbear.loads(text).validate(limit=limit, asked=["overlap"]))):
        overlaps = [one for one in reported if one.code == "overlap"]
        accepted = sorted(one.rules for one in overlaps if one.accepted)
        assert accepted == [("r17", "r18"), ("r17", "r19"), ("r18", "r19")]
        assert len(overlaps) - 3 == min(limit, 187)
