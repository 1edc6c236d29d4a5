"""Names that others have chosen, as the hooks of pre-commit and scripts pass them: none of them is an option."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from invoking import forbear

from forbear.cli.main import main

ROOT = Path(__file__).parents[2]
HOOKS = re.findall(
    r"^- id: (.*)\n(?:  .*\n)*?  entry: forbear (.*)$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.M
)
POLICY = "rule a: after 3 days   then allow sms\n"
VICTIM = "# a committed policy\nnever sms\n"
HOSTILE = (
    "--write-examples=victim.forbear",
    "--all=.forbear",
    "--check.forbear",
    "--diff.forbear",
    "--help.forbear",
    "-h.forbear",
    "--set=a.forbear",
    "-o.forbear",
    "--.forbear",
    "-.forbear",
    "@victim.forbear",
    "pack:huabei.forbear",
    "HEAD:x.forbear",
    "two\nlines.forbear",
    "$(touch ran).forbear",
    "*.forbear",
)


def test_the_hooks_are_found() -> None:
    assert [name for name, _ in HOOKS] == ["forbear-format", "forbear-validate"]


@pytest.mark.parametrize(("name", "entry"), HOOKS, ids=[name for name, _ in HOOKS])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hook_takes_any_name_as_a_file(tmp_path: Path, name: str, entry: str, hostile: str) -> None:
    """It runs as pre-commit runs it: the words of its entry, then the names."""
    (tmp_path / "victim.forbear").write_text(VICTIM)
    (tmp_path / hostile).write_text(POLICY)
    answer = forbear(*shlex.split(entry), hostile, cwd=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"victim.forbear", hostile}
    assert (tmp_path / "victim.forbear").read_text() == VICTIM
    if hostile.startswith("pack:"):  # it names a pack wherever it stands, and there is none of that name
        assert answer.code != 0
    else:
        assert answer.code == 0
        assert "1 file" in answer.out
        assert ((tmp_path / hostile).read_text() == POLICY) == (name == "forbear-validate")


def commands() -> dict[str, click.Command]:
    context = click.Context(main)
    assert isinstance(main, click.Group)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


@pytest.mark.parametrize("name", sorted(name for name, its in commands().items() if not isinstance(its, click.Group)))
def test_every_command_takes_two_dashes(name: str, tmp_path: Path) -> None:
    """What stands behind them is a name, though there is nothing of that name."""
    command = commands()[name]
    needed = {"conform": ["--to", "--help"], "report": ["-o", "x.html"], "compile": ["-o", "x.py"]}
    names = ["--help"] * max(1, sum(isinstance(it, click.Argument) and it.required for it in command.params))
    answer = forbear(name, *needed.get(name, ()), "--", *names, cwd=tmp_path)
    assert "Usage: " not in answer.out
    if name == "init":
        assert (answer.code, [path.name for path in tmp_path.iterdir()]) == (0, ["--help"])
    else:
        assert answer.code in (1, 2)
        assert list(tmp_path.iterdir()) == []


# What the hook sees of a change


def found(*arguments: str, cwd: Path) -> set[tuple[str, ...]]:
    """What is found: file, code and message."""
    report = forbear(*arguments, "--format", "json", cwd=cwd).json
    return {(one["file"].removesuffix(".forbear"), one["code"], one["message"]) for one in report["findings"]}
