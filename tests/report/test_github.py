"""`forbear validate --format github`: workflow commands, a line each, with all that could end one escaped."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from findings_by_code import FACTS, MADE, SEVERITIES, UNDATED, Made
from invoking import forbear, write

from forbear.base.diagnostic import CODES, Diagnostic
from forbear.base.source import Place, Source
from forbear.report.formats.github import workflow_lines

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner reads it: properties stand between commas, `%25` and its like are taken back."""
    match = COMMAND.fullmatch(line)
    assert match is not None, line
    properties = dict(part.split("=", 1) for part in match[2].split(","))
    return match[1], {name: unquote(value) for name, value in properties.items()}, unquote(match[3])


ONE = {CODES["syntax"]: 1}


def diagnostic(
    name: str, message: str, text: str = "rule a: after 3 days", span: tuple[int, int] = (5, 6)
) -> Diagnostic:
    return Diagnostic(code="syntax", message=message, place=Place(Source(name, text), span), help="do so")


@pytest.mark.parametrize(
    "name", ["a,b.forbear", "a:b.forbear", "100%.forbear", "a%2Cb.forbear", "a\nb", "a\r\nb", "::x::"]
)
@pytest.mark.parametrize("message", ["50% of it", "a, b: c", "one\ntwo", "one\r\ntwo", "%0A", "::error::x"])
def test_what_could_end_a_command_or_a_property_is_escaped(name: str, message: str) -> None:
    [line] = workflow_lines([diagnostic(name, message)], ONE)
    assert "\n" not in line
    assert "\r" not in line
    level, properties, data = read(line)
    assert level == "error"
    assert properties["file"] == name
    assert properties["title"] == "syntax"
    assert data == f"{message}; do so"


def test_the_place_is_that_of_the_diagnostic() -> None:
    """Columns from 1; GitHub's last column is one that is meant, not the one behind it."""
    [line] = workflow_lines([diagnostic("a", "m")], ONE)
    assert read(line)[1] == {"file": "a", "line": "1", "col": "6", "endColumn": "6", "title": "syntax"}
    [line] = workflow_lines([diagnostic("a", "m", "rule a:\n  after 3 days then allow sms\n", (0, 20))], ONE)
    properties = read(line)[1]
    assert (properties["line"], properties["endLine"]) == ("1", "2")
    [line] = workflow_lines([diagnostic("a", "m", "", (0, 0))], ONE)
    assert read(line)[1]["line"] == "1"


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.code)
def test_each_finding_is_one_line(made: Made, tmp_path: Path) -> None:
    path = write(tmp_path, UNDATED + made.rules, "odd, 100%.forbear")
    asked = ("--select", made.code) if made.code == "overlap" else ()
    report = forbear("validate", path, "--format", "json", *asked).json
    answer = forbear("validate", path, "--format", "github", *asked)
    lines = answer.out.splitlines()
    assert len(lines) == len(report["findings"])
    for line, finding in zip(lines, report["findings"], strict=True):
        level, properties, data = read(line)
        assert level == {"error": "error", "warning": "warning", "note": "notice"}[finding["severity"]]
        assert properties["file"] == str(path)
        assert properties["title"] == finding["code"]
        assert int(properties["line"]) == finding["span"]["start"]["line"]
        assert data.startswith(finding["message"])
    assert made.code in [read(line)[1]["title"] for line in lines]
    assert answer.code == (1 if SEVERITIES[made.code] == "error" else 0) or report["counts"]["error"]


def test_accepted_findings_are_absent(tmp_path: Path) -> None:
    text = UNDATED + "rule a: after 3 days then allow call\nrule b: forbid call when misses > 1\n"
    accept = 'accept contradiction of a, b because "meant"\n'
    answer = forbear("validate", write(tmp_path, text), "--format", "github")
    assert answer.code == 1
    assert "title=contradiction" in answer.out
    accepted = forbear("validate", write(tmp_path, text + accept), "--format", "github")
    assert accepted.code == 0
    assert "title=contradiction" not in accepted.out
    assert "meant" not in accepted.out


def test_nothing_to_say_is_no_line(tmp_path: Path) -> None:
    text = FACTS + "rule a: after 3 days then allow sms, letter\nrule b: never sms, letter when misses > 8\n"
    answer = forbear("validate", write(tmp_path, text), "--format", "github")
    assert (answer.code, answer.out) == (0, "")
