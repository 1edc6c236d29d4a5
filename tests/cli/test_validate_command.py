"""`forbear validate`: files that are named twice, and limits. What it prints is in `transcripts/validate.txt`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from command import run, write


@pytest.mark.parametrize("limit", [0, 1, 7, 12, 100])
def test_a_limit_bounds_each_code_in_every_format(tmp_path: Path, limit: int) -> None:
    """Of two files together, and of what the checker and what the analyser finds; the totals are of all."""
    actions = "".join(f"rule r{n}: after 3 days then allow smss{n}\n" for n in range(12))
    write(tmp_path, "a.forbear", actions)
    overlaps = "".join(f"rule o{n}: after {n} days then allow sms\n" for n in range(5))
    write(tmp_path, "b.forbear", overlaps)
    write(tmp_path, "c.forbear", overlaps)
    given = ["validate", ".", "--limit", str(limit)]
    report = run(*given, "--format", "json", cwd=tmp_path).json
    whole = run("validate", ".", "--all", "--format", "json", cwd=tmp_path).json
    assert report["total"] == whole["total"]
    assert report["counts"] == whole["counts"]
    assert whole["total"]["unknown-action"] == 12
    assert whole["total"]["subsumed"] > 12
    causes = Counter(finding["code"] for finding in report["findings"])
    also = Counter(one["code"] for finding in report["findings"] for one in finding.get("also", ()))
    shown = causes + also  # those of one cause are shown with it
    assert all(number <= limit for number in causes.values())
    assert all(shown[code] >= min(limit, number) for code, number in whole["total"].items())
    [its_run] = run(*given, "--format", "sarif", cwd=tmp_path).json["runs"]
    assert Counter(result["ruleId"] for result in its_run["results"]) == causes
    assert its_run["properties"] == {"counts": whole["counts"], "total": whole["total"]}
    lines = run(*given, "--format", "github", cwd=tmp_path).out.splitlines()
    assert Counter(line.split("title=")[1].split("::")[0] for line in lines if "file=" in line) == causes
    rest = [line.split("::")[2] for line in lines if "file=" not in line]
    assert rest == [
        f"{number - shown[code]} more of {code}; --limit {number} shows all"
        for code, number in whole["total"].items()
        if number > shown[code]
    ]
    text = run(*given, "--notes", cwd=tmp_path).out
    assert [line for line in text.splitlines() if " more of " in line] == rest


def test_sarif_has_the_page_of_each_code(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", "rule r: never sms when unreachable < 0\n")
    (rule, *_) = run("validate", "--format", "sarif", cwd=tmp_path).json["runs"][0]["tool"]["driver"]["rules"]
    assert rule["help"]["markdown"].startswith("# ")
    assert rule["id"] in rule["help"]["markdown"]
