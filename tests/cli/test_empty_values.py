"""What options and arguments refuse before a command begins: what is empty, out of its range, or a misspelt command."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from command import run
from invoking import forbear

from forbear.cli.main import COMMANDS, main

SECONDS = 20
"""How long a command may take to refuse: a service that begins in spite of it would never end."""
FLOATS = (("serve", "--timeout"), ("test", "--min-score"), ("test", "--min-coverage"))


def valued(command: click.Command, *words: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The options of a command that take a value."""
    for inner, command_inside in command.commands.items() if isinstance(command, click.Group) else ():
        yield from valued(command_inside, *words, inner)
    for param in command.params:
        if isinstance(param, click.Option) and not param.is_flag and param.name != "given":
            yield words, max(param.opts, key=len)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_empty_value_is_no_default(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    for words, option in valued(command, name):
        for answer in (forbear(*words, option, ""), forbear(*words, f"{option}=")):
            assert answer.code == 2, (words, option, answer)
            assert "Invalid value for " in answer.err, answer.err
            assert f"'{option}'" in answer.err, answer.err


@pytest.mark.parametrize(("command", "option"), FLOATS)
@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "NaN"])
def test_what_is_no_number_is_out_of_each_range(command: str, option: str, number: str) -> None:
    answer = run(command, option, number, "rules", seconds=SECONDS)
    assert answer.code == 2
    assert f"Invalid value for '{option}'" in answer.err
    assert "is not in the range" in answer.err


@pytest.mark.parametrize("words", [(), ("table",)])
def test_without_a_command_there_is_help_alone(words: tuple[str, ...]) -> None:
    answer = run(*words)
    assert answer.code == 2
    assert "Error" not in answer.said
    assert answer.said.count("Usage:") == 1
    assert answer.err == run(*words, "--help").out
