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

WORDS = "fact days_overdue days clock\naction call\naction visit\n"
BOUNDS = 'uses "words"\nstandard bounds\nrule late: never call when within 2 days\n'
RULES: dict[str, str] = {
    "words": WORDS,
    "more/words": 'uses "../words"\naction letter\n',
    "bounds": BOUNDS,
    "user": 'uses "words"\nrule a: after 3 days then allow call\n',
    "user_of_user": 'uses "more/words"\nrule a: after 3 days then allow letter, visit\n',
    "subject": 'uses "words"\npolicy subject\n  subject to "bounds"\nrule a: after 3 days then allow call\n',
    "keeper": 'uses "words"\nrule a: after 3 days then allow call\nensure conforms to "bounds"\n',
    "book/old": "policy book\n  in force from 2020-01-01 until 2020-12-31\nrule a: after 3 days then allow sms\n",
    "book/new": "policy book\n  in force from 2021-01-01\nrule a: after 3 days then allow sms\n",
    "book/notes": "policy notes\nrule a: after 3 days then allow sms\n",
    "alone": "rule a: after 3 days then allow sms\n",
}


def repository(folder: Path) -> None:
    for name, text in RULES.items():
        file = folder / f"{name}.forbear"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


CHANGES = [
    ("words", "action visit\n", "", {"user_of_user: unknown-action"}),
    (
        "words",
        "action call\n",
        "action phone\n",
        {"user: unknown-action", "keeper: unknown-action", "bounds: unknown-action"},
    ),
    ("more/words", "letter", "mail", {"user_of_user: unknown-action"}),
    ("bounds", "within 2 days", "within 20 days", {"keeper: failed-ensure"}),
    ("bounds", "never call when within 2 days", "never call", {"subject: masked-rule", "keeper: failed-ensure"}),
    ("bounds", "late:", "late", {"bounds: syntax"}),
    ("book/old", "2020-12-31", "2020-11-30", {"book/new: version-gap"}),
    ("book/old", "2020-12-31", "2021-02-01", {"book/new: version-overlap"}),
    ("book/new", "policy book", "policy novel", set[str]()),
    ("alone", "3 days", "4 days", set[str]()),
]


@pytest.mark.parametrize(("changed", "old", "new", "seen"), CHANGES, ids=[f"{row[0]}-{row[2]}" for row in CHANGES])
def test_the_hook_sees_what_a_folder_check_sees(
    tmp_path: Path, changed: str, old: str, new: str, seen: set[str]
) -> None:
    """Of all findings that come with a change it reports each, and it reports none that the folder has not."""
    repository(tmp_path)
    before = found("validate", ".", cwd=tmp_path)
    file = tmp_path / f"{changed}.forbear"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    after = found("validate", ".", cwd=tmp_path)
    by_hook = found(*shlex.split(dict(HOOKS)["forbear-validate"])[:-1], f"{changed}.forbear", cwd=tmp_path)
    assert after - before <= by_hook <= after
    for one in seen:
        assert any(f"{name}: {code}".startswith(one) for name, code, *_ in by_hook), by_hook


def found(*arguments: str, cwd: Path) -> set[tuple[str, ...]]:
    """What is found: file, code and message."""
    report = forbear(*arguments, "--format", "json", cwd=cwd).json
    return {(one["file"].removesuffix(".forbear"), one["code"], one["message"]) for one in report["findings"]}


def test_the_hook_checks_no_file_that_the_change_does_not_touch(tmp_path: Path) -> None:
    repository(tmp_path)
    (tmp_path / "alone.forbear").write_text("broken\n")
    entry = shlex.split(dict(HOOKS)["forbear-validate"])
    assert "in 7 files" in forbear(*entry, "words.forbear", cwd=tmp_path).out
    assert "in 3 files" in forbear(*entry, "bounds.forbear", cwd=tmp_path).out
    assert "in 2 files" in forbear(*entry, "book/old.forbear", cwd=tmp_path).out
    assert "in 1 file" in forbear(*entry, "book/notes.forbear", cwd=tmp_path).out


def test_the_hook_looks_for_users_in_the_paths_of_the_project(tmp_path: Path) -> None:
    repository(tmp_path)
    (tmp_path / "forbear.toml").write_text('paths = ["user.forbear", "book"]\n')
    entry = shlex.split(dict(HOOKS)["forbear-validate"])
    assert "in 2 files" in forbear(*entry, "words.forbear", cwd=tmp_path).out
