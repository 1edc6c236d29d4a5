"""What options and arguments refuse before a command begins: what is empty, out of its range, or a misspelt command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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


def test_an_empty_argument_is_no_folder() -> None:
    for words in (("validate", ""), ("decide", "", "--given", "x"), ("plan", "pack:huabei/redesigned", "")):
        answer = forbear(*words)
        assert (answer.code, "it is empty; give a value\n" in answer.err) == (2, True), answer.err


USUAL = """\
policy usual
fact late days clock usually 5
fact calm yes/no usually yes
fact month_of_year count
action sms
rule remind: after 3 days and calm and month_of_year < 13 then allow sms
"""


@pytest.mark.parametrize("given", ["", " \n", "on 2026-03-10"])
def test_a_case_in_words_may_say_nothing(tmp_path: Path, given: str) -> None:
    file = tmp_path / "usual.forbear"
    file.write_text(USUAL, encoding="utf-8")
    path = str(file)
    assumed = "assumed, since it is not given: late 5, calm yes, month_of_year 0\n"
    decided = forbear("decide", path, "--given", given)
    assert (decided.code, decided.err) == (0, "")
    assert "sms     allowed  remind" in decided.out
    assert assumed in decided.out
    explained = forbear("explain", path, "sms", "--given", given)
    assert explained.out.startswith("sms is allowed by remind\n")
    assert assumed in explained.out
    asked = forbear("ask", path, "sms", "--given", given)
    assert asked.out == forbear("ask", path, "sms").out
    ahead = forbear("when", path, "sms", "--given", "", "--at", "2026-03-10T12:00", "--until", "2 days")
    assert ahead.out.startswith("sms is permitted now")
    tried = forbear("test", path, "--given", given, "--expect", "sms allowed")
    assert (tried.code, "1 of 1 examples hold" in tried.out) == (0, True)


def test_the_example_of_a_case_that_says_nothing_has_a_title(tmp_path: Path) -> None:
    path = tmp_path / "usual.forbear"
    path.write_text(USUAL, encoding="utf-8")
    printed = forbear("test", str(path), "--given", "").out
    assert printed.startswith('example "as usual":\n')
    path.write_text(USUAL + printed, encoding="utf-8")
    assert forbear("test", str(path)).code == 0


def test_a_zone_that_is_empty_is_not_utc() -> None:
    asked = ("when", "pack:examples/us_card_issuer", "sms", "--given", "days_overdue 5", "--at", "2026-03-06T10:00")
    answer = forbear(*asked, "--zone", "")
    assert answer.code == 2
    assert "Invalid value for '--zone': it is empty; give a value, or leave the option out" in answer.err


@pytest.mark.parametrize(("command", "option"), FLOATS)
@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "NaN"])
def test_what_is_no_number_is_out_of_each_range(command: str, option: str, number: str) -> None:
    answer = run(command, option, number, "rules", seconds=SECONDS)
    assert answer.code == 2
    assert f"Invalid value for '{option}'" in answer.err
    assert "is not in the range" in answer.err


@pytest.mark.parametrize(
    ("word", "said"), [("vaildate", "did you mean `validate`?"), ("xyzzy", "`forbear --help` lists all")]
)
def test_a_command_that_there_is_not(word: str, said: str) -> None:
    answer = run(word)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.endswith(f"\nError: there is no command '{word}'; {said}\n")


@pytest.mark.parametrize("words", [(), ("table",)])
def test_without_a_command_there_is_help_alone(words: tuple[str, ...]) -> None:
    answer = run(*words)
    assert answer.code == 2
    assert "Error" not in answer.said
    assert answer.said.count("Usage:") == 1
    assert answer.err == run(*words, "--help").out


def test_a_unix_socket_that_cannot_be_is_refused() -> None:
    answer = run("serve", "rules", "--unix", f"/tmp/{'x' * 120}", seconds=SECONDS)
    assert (answer.code, "has at most 10" in answer.err) == (2, True)
    for other in (("--port", "1"), ("--host", "::1")):
        answer = run("serve", "rules", "--unix", "a.sock", *other, seconds=SECONDS)
        assert (answer.code, "leave out --unix, or --host and --port" in answer.err) == (2, True)
