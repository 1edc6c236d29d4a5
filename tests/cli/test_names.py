"""Files whose names are no UTF-8, or hold line ends, controls and signs that a format takes for its own."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from click.testing import CliRunner
from command import HOUSE, environment, run

from forbear.cli.main import main

NAMES = (
    b"caf\xe9.forbear",
    b"two\nlines.forbear",
    b"\x1b[2J.forbear",
    b"100%25, a:b;c.forbear",
    "催收 \u202e.forbear".encode(),
)
CASE = '{"days_overdue": 61, "unreachable": 3}'
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u202e]")


@pytest.fixture(params=NAMES, ids=ascii)
def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The name of a policy with an error, as a program is given it."""
    name: bytes = request.param
    path = os.fsencode(tmp_path) + b"/" + name
    with open(path, "wb") as file:
        file.write(HOUSE.replace("contact_related\n", "contact_relatde\n").encode())
    return os.fsdecode(name)


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "NAME"],
        ["validate", "."],
        ["validate", "NAME.missing"],
        ["test", "NAME"],
        ["decide", "NAME", "--case", "-"],
        ["decide", "pack:huabei/before", "--case", "NAME"],
        ["explain", "NAME", "--case", "-", "sms"],
        ["facts", "NAME"],
        ["diff", "NAME", "pack:huabei/before"],
        ["conform", "pack:huabei/before", "--to", "NAME"],
        ["compile", "NAME", "-o", "x.py"],
        ["format", "NAME", "--diff"],
        ["format", "NAME"],
        ["init", "NAME"],
        ["init", "missing/NAME"],
        ["packs", "NAME"],
    ],
    ids=" ".join,
)
def test_words_show_it_escaped(tmp_path: Path, name: str, arguments: list[str]) -> None:
    answer = run(*[word.replace("NAME", name) for word in arguments], given=CASE, cwd=tmp_path)
    assert not CONTROL.search(answer.said), ascii(answer.said)
    assert "\nlines" not in answer.said


def test_json_is_json(tmp_path: Path, name: str) -> None:
    assert {
        finding["file"] for finding in run("validate", name, "--format", "json", cwd=tmp_path).json["findings"]
    } == {name}
    [file] = run("test", name, "--format", "json", cwd=tmp_path).json["files"]
    assert file["file"] == name
    assert list(run("validate", f"{name}.missing", "--format", "json", cwd=tmp_path).json) == ["error"]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_json_is_json_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "é催.forbear").write_text("rule a: after 3 days then allow smss", encoding="utf-8")
    answer = run("validate", ".", "--format", "json", cwd=tmp_path, env=environment(PYTHONIOENCODING=encoding))
    assert answer.json["findings"][0]["file"] == "é催.forbear"


def test_sarif_has_the_bytes_of_the_name(tmp_path: Path, name: str) -> None:
    [found] = run("validate", name, "--format", "sarif", cwd=tmp_path).json["runs"][0]["results"]
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri)
    assert unquote_to_bytes(uri) == os.fsencode(name)


def test_an_annotation_is_one_line(tmp_path: Path, name: str) -> None:
    [line] = run("validate", name, "--format", "github", cwd=tmp_path).out.splitlines()
    found = re.fullmatch(r"::error file=([^,:]*),line=[0-9]+,col=[0-9]+,endColumn=[0-9]+,title=[a-z-]+::.*", line)
    assert found
    written = unquote_to_bytes(found.group(1)).decode()
    assert written == re.sub(r"[\udce9\x1b\u202e]", lambda one: f"\\u{ord(one.group()):04x}", name)


@pytest.mark.parametrize("words", [["validate"], ["format"], ["decide", "--case"], ["report", "-o"]])
def test_a_nul_in_an_argument_is_refused(words: list[str]) -> None:
    result = CliRunner().invoke(main, [*words, "a\0b"])
    assert result.exit_code == 2
    assert "an argument holds a NUL character" in result.stderr
