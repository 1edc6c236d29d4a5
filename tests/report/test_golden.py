"""The whole text report of `forbear validate`, as an author meets it after the mistakes that are likely.

FORBEAR_GOLDEN=write writes the texts anew: read each of them before it is kept.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from invoking import forbear, write

GOLDEN = Path(__file__).parent / "golden"
MISTAKES = {
    "forgotten_override": {"contradiction": 2},
    "day_left_out": {"hole": 1},
    "digits_swapped": {"failed-ensure": 1},
    "pasted_twice": {"duplicate": 1, "subsumed": 2},
    "wrong_group": {"falling-pressure": 1, "skipped-rung": 1},
    "swallowing_safeguard": {"masked-rule": 2},
    "broken_ensure": {"failed-ensure": 1},
}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.forbear")), ids=lambda path: path.stem)
def test_the_text_is_as_it_was_read(path: Path) -> None:
    golden = path.with_suffix(".txt")
    report = forbear("validate", path.name, "--on", "2026-01-01", cwd=GOLDEN).out
    if os.environ.get("FORBEAR_GOLDEN") == "write":
        golden.write_text(report, encoding="utf-8", newline="\n")
    assert report == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MISTAKES)
def test_each_likely_mistake_is_found(name: str) -> None:
    total = forbear("validate", f"{name}.forbear", "--format", "json", cwd=GOLDEN).json["total"]
    assert MISTAKES[name].items() <= total.items()


# Forty rules, ten holds, nine rungs


def test_contradictions_stand_under_the_rule_that_forbids() -> None:
    text = (GOLDEN / "ten_holds.forbear").read_text(encoding="utf-8")
    assert len(re.findall(r"^rule ", text, re.MULTILINE)) == 40
    assert len(re.findall(r"^  forbid ", text, re.MULTILINE)) == 10
    found = forbear("validate", "ten_holds.forbear", "--format", "json", "--limit", "1000", cwd=GOLDEN).json
    pairs: dict[str, set[str]] = {}
    for finding in [one for first in found["findings"] for one in (first, *first.get("also", ()))]:
        if finding["code"] == "contradiction":
            [forbids] = finding["by"]
            [permits] = set(finding["rules"]) - {forbids}
            pairs.setdefault(forbids, set()).add(permits)
    assert len(pairs) == 9  # one hold overrides all
    report = forbear("validate", "ten_holds.forbear", cwd=GOLDEN).out
    groups = [part for part in report.split("\n\n") if part.startswith("error[contradiction]")]
    assert len(groups) == len(pairs)
    for group in groups:
        head = group.splitlines()[0]
        [forbids] = [name for name in pairs if f"`{name}`" in head]
        for permits in pairs[forbids]:
            assert len(re.findall(rf"\b{permits}\b", group)) >= 1
        of_contradictions = "\n".join(line for line in group.splitlines() if not line.startswith("  also: "))
        assert not {name for name in pairs if name != forbids and f"`{name}`" in of_contradictions}
        assert group.count("overrides all") == 1
        assert "narrow" in group
    assert f"{len(pairs)} errors" in report.splitlines()[-1]
    assert found["counts"]["error"] == sum(map(len, pairs.values()))


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.forbear")), ids=lambda path: path.stem)
def test_what_is_underlined_speaks_in_the_case_that_is_shown(path: Path) -> None:
    """A finding about an action stands at a rule: in its case, that rule is one of those that decide."""
    rules = re.compile(r"^rule ([a-z_]+)", re.MULTILINE)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for finding in forbear("validate", path, "--format", "json").json["findings"]:
        if finding["code"] not in ("hole", "skipped-rung", "falling-pressure", "no-floor"):
            continue
        case = (finding.get("witnesses") or [finding["witness"]])[0]
        answer = forbear("decide", path, "--case", "-", "--format", "json", given=json.dumps(case)).json
        name = rules.findall("".join(lines[: finding["span"]["start"]["line"]]))[-1]
        deciding = {rule for decided in answer["decisions"].values() for rule in decided["rules"]}
        assert name in deciding, f"{finding['code']}: {finding['message']}"


# Thousands of findings


def test_thousands_of_findings_are_cut_and_counted(tmp_path: Path) -> None:
    """50 rules permit what 60 forbid: 3,000 contradictions, of which three are quoted, and the rest counted."""
    lines = ["policy house", "fact late days clock between 0 and 999", "action sms"]
    lines += [f"rule allow_{number}: from day {number} then allow sms" for number in range(50)]
    lines += [f"rule hold_{number}: from day {number + 100} then forbid sms" for number in range(60)]
    path = write(tmp_path, "\n".join(lines) + "\n")
    answer = forbear("validate", path, "--limit", "3")
    report = answer.out.splitlines()
    assert answer.code == 1
    assert len(report) < 100
    quoted = [line for line in report if re.match(r"error.*`allow_\d+` permits `sms`", line)]
    assert len(quoted) == 3
    assert any("2997 more of contradiction" in line for line in report)
    subsumed = 50 * 49 // 2 + 60 * 59 // 2
    assert any(f"{subsumed - 3} more of subsumed" in line for line in report)
    assert report[-1].startswith("3000 errors, ")
    everything = forbear("validate", path, "--limit", "3000")
    assert "more of" not in everything.out
    assert len(re.findall(r"^  --> .*` permits `sms`", everything.out, re.MULTILINE)) == 3000
    assert everything.out.splitlines()[-1].startswith("60 errors, ")  # one for each rule that forbids
