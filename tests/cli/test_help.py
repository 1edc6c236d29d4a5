"""What `--help` says of each command: how it ends, and examples that are run as they stand."""

from __future__ import annotations

import importlib
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command import FORBEAR, HOUSE, environment, run, write

from forbear.cli.main import COMMANDS, main
from forbear.language.model.messages import catalogue

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("help")
    for name in ("house.forbear", "rules/house.forbear"):
        write(where, name, HOUSE)
    write(where, "case.json", '{"days_overdue": 61, "unreachable": 3, "zone": "America/New_York"}')
    write(where, "cases.jsonl", '{"days_overdue": 61, "unreachable": 3}\n')
    write(where, "cases.csv", "days_overdue,unreachable\n61,3\n")
    write(where, "sheet.csv", "days_overdue,sms\nover 9,allow\n")
    write(where, "table.forbear", "table early\n| days_overdue | sms |\n| over 9 | allow |\n")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "rules"]):
        subprocess.run(["git", *words], cwd=where, check=True, env=environment())
    decide = [*FORBEAR, "decide", "house.forbear", "--case", "case.json", "--record", "decisions.jsonl"]
    subprocess.run(decide, cwd=where, check=True, env=environment(), capture_output=True)
    return where


def examples(command: str) -> Iterator[str]:
    for line in run(*command.split(), "--help").out.splitlines():
        found = re.fullmatch(r"\s+(?:Example: )?(forbear .*)", line)
        if found:
            yield found.group(1)


@pytest.mark.parametrize("command", [*COMMANDS, "table import", "table export"])
def test_help_tells_how_a_command_ends_and_shows_one(folder: Path, command: str) -> None:
    told_lines = run(*command.split(), "--help").out.splitlines()
    assert re.search(r" Exit code 0: .* 1: .* 2: ", " ".join(told_lines))
    assert [line for line in told_lines if len(line) > 80 and "forbear" not in line] == []
    text = "\n".join(told_lines)
    assert re.search(r"\w  +\w", text.partition("  Example: ")[0]) is None, "the source's indentation is not shown"
    assert re.search(r"^  .*\w\.\.\.$", text, re.MULTILINE) is None, "nothing is cut"
    shown = list(examples(command))
    assert shown
    for line in shown:
        assert line.startswith(f"forbear {command}")
        if command in ("studio", "serve", "mcp"):
            return  # they serve until they are ended: see tests/editors/studio, tests/service and tests/agents
        if " " in command:
            return  # the help of `table` has them too
        code, err = told(folder, line)
        assert code == 0 or command in ("conform", "validate", "format"), err
        assert code in (0, 1), err


def told(folder: Path, line: str) -> tuple[int, str]:
    """The exit code and the errors of an example. A shell reads it where it has more than words for it."""
    if not re.search(r"[|<>&;$*?`(]", line):
        answer = run(*shlex.split(line)[1:], cwd=folder)
        return answer.code, answer.err
    script = line.replace("forbear", " ".join(FORBEAR), 1)
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, env=environment(), check=False)
    return done.returncode, done.stderr.decode()


PAGES = ["commands", "names", "fault-codes", "documents", "requests", "keys", "limits", "diagnostics/README"]


@pytest.mark.parametrize("page", [*PAGES, "../regulation/README"])
def test_the_reference_is_current(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    written = (ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")
    assert written == importlib.import_module("reference").PAGES[page](), "write it anew: `python3 tools/reference.py`"


def test_the_pages_of_diagnostics_have_the_messages_of_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")
    pages = importlib.import_module("reference").PAGES
    codes = {name for name in pages if name.startswith("diagnostics/") and name not in PAGES}
    assert {f"diagnostics/{key.partition('.')[0]}" for key in catalogue()} <= codes
    for name in codes:
        written = (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")
        assert written == pages[name](), "write it anew: `python3 tools/reference.py`"


def test_a_program_may_call_a_command_thousands_of_times() -> None:
    """Each call prepared the command once more, until its preparations were too deep for Python."""
    context = click.Context(main, **main.context_settings)
    for _ in range(2_000):
        found = main.get_command(context, "packs")
    assert found is not None
    assert found.make_context("packs", ["--format", "json"], context).params["output"] == "json"
