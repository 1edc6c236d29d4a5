"""`forbear plan` and `apply --when`: surges, books, charts. What they print is in `transcripts/plan.txt` too."""

from __future__ import annotations

import itertools
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command import run, write

POLICY = """\
policy house
fact late days clock
fact asked yes/no
fact born date optional
fact age years since born
fact weekday weekday of decision
event talk
fact talks count of talk in last 7 days
action sms, call
rule sms: from day 3 to day 4 then allow sms
rule call: after {0} days and talks < 3 then allow call
rule grown: never call when asked
"""
SVG = "{http://www.w3.org/2000/svg}"
CASES = "late,asked,talks\n1,false,0\n1,false,2\n2,false,9\n3,true,0\nx,false,0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "house.forbear", POLICY.format(5))
    write(tmp_path, "old.forbear", POLICY.format(3))
    write(tmp_path, "cases.csv", CASES)
    return tmp_path


@pytest.mark.parametrize("days", [1, 9, 20, 90, 3650])
def test_the_labels_of_days_do_not_meet(folder: Path, days: int) -> None:
    arguments = ("plan", folder / "house.forbear", folder / "cases.csv", "--on", "2026-03-01", "--days", str(days))
    assert run(*arguments, "-o", folder / "plan.svg").code == 0
    drawn = ElementTree.fromstring((folder / "plan.svg").read_text())
    ticks = [float(text.get("x", 0)) for text in drawn.iter(f"{SVG}text") if text.get("class") == "tick"]
    assert ticks
    assert all(right - left >= 85 for left, right in itertools.pairwise(ticks)), "a date is 80 wide"


def test_what_is_never_permitted_is_named_whole_below_the_chart(folder: Path) -> None:
    idle = [f"never_done_action_{number}" for number in range(20)]
    write(folder, "house.forbear", POLICY.format(5).replace("action sms, call", f"action sms, call, {', '.join(idle)}"))
    assert run("plan", folder / "house.forbear", folder / "cases.csv", "-o", folder / "plan.svg").code == 0
    drawn = ElementTree.fromstring((folder / "plan.svg").read_text())
    texts = list(drawn.iter(f"{SVG}text"))
    assert max(len("".join(text.itertext())) for text in texts) < 160, "no line is wider than the chart"
    assert "Never done action 19" in " ".join("".join(drawn.itertext()).split())
    assert max(float(text.get("y", 0)) for text in texts[-3:]) < float(drawn.get("height", 0)), "nor below it"
