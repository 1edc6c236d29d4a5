"""Options of several commands."""

from __future__ import annotations

import datetime
import inspect
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import click
from attrs import frozen


@frozen
class Asked:
    """The policy for a command, with values of its settings, on a day or at a moment."""

    policy: str
    settings: Mapping[str, object]
    on: datetime.date | None = None
    at: str | None = None


@frozen
class AskedCase:
    """The case for a command, as JSON or in words, and the fields of JSON that name it."""

    case_path: str | None
    given: str | None
    key: str | None
    request: str | None


def declared(
    name: str, within: click.Group | None = None, *, project: bool = True, **attributes: Any
) -> Callable[[Callable[..., None]], click.Command]:
    """Makes a command of a function. The default of each parameter declares its argument or option; one that reads a
    `project` file has the options that say which.
    """
    kind = click.command if within is None else within.command

    def command(function: Callable[..., None]) -> click.Command:
        params = [each.default(each.name) for each in inspect.signature(function).parameters.values()]
        params += [config("config"), isolated("isolated")] if project else []
        return kind(name, params=params, **attributes)(function)

    return command


def argument(metavar: str, **attributes: Any) -> Any:
    """Declares an argument."""
    return lambda name: click.Argument([name], metavar=metavar, **attributes)


def option(help: str, metavar: str | None = None, *flags: str, **attributes: Any) -> Any:
    """Declares an option, which is called as its parameter unless there are `flags`. Help shows its default."""
    attributes = {"help": help, "metavar": metavar, "show_default": "default" in attributes, **attributes}
    return lambda name: click.Option([name, *(flags or (f"--{name.replace('_', '-')}",))], **attributes)


def flag(help: str, *flags: str, **attributes: Any) -> Any:
    """Declares an option without a value."""
    return option(help, None, *flags, is_flag=True, show_default=False, **attributes)


def _project_file(*named: Any) -> None:
    from forbear.cli.support.project import read_named  # late, as an author waits for `forbear lsp`

    read_named(*named)


class Day(click.ParamType[datetime.date]):
    """A date, or `today`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime.date:
        if isinstance(value, datetime.date):
            return value
        if value == "today":
            return datetime.date.today()
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                raise ValueError
            return datetime.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day; write `today`, or a date such as 2015-09-22", param, ctx)


class Filled(click.types.StringParamType):
    """A text that is not empty: an empty value is often a variable of a shell that is not set, and no default."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = super().convert(value, param, ctx)
        if text == "":
            option = isinstance(param, click.Option)
            self.fail("it is empty; give a value" + (", or leave the option out" if option else ""), param, ctx)
        return text


_MAY_BE_EMPTY = ("given",)
"""The options that may be empty. An empty case in words has all facts as usual."""


def strict(command: click.Command) -> click.Command:
    """Returns the command, and its subcommands, with its texts filled in, its help laid out, and each single-valued
    option allowed only once: otherwise the last of two would count, and the other be dropped silently. Errors of
    policies and cases end it. A command that is strict already is returned as it is: a program may call it a thousand
    times.
    """
    if "parse_args" in vars(command):
        return command
    parse, invoke = command.parse_args, command.invoke

    def parse_once(ctx: click.Context, args: list[str]) -> list[str]:
        given = command.make_parser(ctx).parse_args(list(args))[2] if not isinstance(command, click.Group) else []
        for option in given:
            alone = isinstance(option, click.Option) and not (option.multiple or option.is_flag or option.count)
            if alone and given.count(option) > 1:
                ctx.fail(f"{max(option.opts, key=len)} is given twice: it takes one value")
        return parse(ctx, args)

    def invoke_and_end(ctx: click.Context) -> Any:
        try:
            return invoke(ctx)
        except Exception as error:
            from forbear.cli.support.failing import end_with  # late, as an author waits for `forbear lsp`

            end_with(error)
            raise

    told, ends, shown = re.split("\b\n(?=Exit)|\n(?=Example:)", inspect.cleandoc(command.help or ""))
    command.help = f"{told}{' '.join(ends.split())}\n\n\b\n{shown}"  # examples alone are not wrapped
    command.parse_args, command.invoke = parse_once, invoke_and_end  # type: ignore[method-assign]
    for param in command.params:
        if param.type is click.STRING and param.name not in _MAY_BE_EMPTY:
            param.type = Filled()
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        strict(inner)
    return command


def _codes(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """Codes in one option or several, with commas between them."""
    names = [name.strip() for value in values for name in value.split(",")]
    if names:
        from forbear.analysis.severities import cannot_be, unknown_code

        for name in names:
            wrong = unknown_code(name) or (cannot_be(name, None) if param.name == "ignored" else None)
            if wrong is not None:
                raise click.BadParameter(f"{wrong[0]}; {wrong[1]}", ctx, param)
    return frozenset(names)


class Between(click.FloatRange):
    """A number in a range, in which "not a number" is not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{number} is not in the range {self.min}<=x<={self.max}.", param, ctx)
        return number


def _settings(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, object]:
    settings: dict[str, object] = {}
    for value in values:
        name, equals, literal = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not a setting; write NAME=VALUE", ctx, param)
        if name.strip() in settings:
            raise click.BadParameter(f"{name.strip()!r} is given twice", ctx, param)
        settings[name.strip()] = literal.strip()
    return settings


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds") if value == "now" else value


def number(default: int, help: str, *flags: str, least: int = 0, most: int | None = None) -> Any:
    """Declares an option that takes a whole number in a range."""
    return option(help, "N", *flags, type=click.IntRange(least, most), default=default)


def formats(*formats: str) -> Any:
    """Declares the option for the format of the output. An error of the project file is answered in this format too."""
    kind = click.Choice([*dict.fromkeys(["text", "json", *formats])])
    flags = ("--format", "--output-format")
    return option(
        "The format of the output.", None, *flags, type=kind, default="text", show_default=False, is_eager=True
    )


def names_of(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip() for value in values for name in value.split(",")]
    if not all(names):
        raise click.BadParameter(f"a name is missing; write {param.metavar}", ctx, param)
    return tuple(dict.fromkeys(names))


def mapped_names(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for value in values:
        column, equals, fact = value.partition("=")
        if not equals or not column or not fact:
            raise click.BadParameter(f"{value!r} lacks a name; write {param.metavar}", ctx, param)
        if names.setdefault(column, fact) != fact:
            raise click.BadParameter(f"{column!r} is mapped twice", ctx, param)
    return names


_of_project: Mapping[str, Any] = {"is_eager": True, "expose_value": False, "callback": _project_file}
config = option("Read this project file, and look for no other.", "FILE", **_of_project)
isolated = flag("Read no project file.", **_of_project)
policy = argument("POLICY")
day = option("The day: a date, or `today`.", "DATE", type=Day())
moment = option(
    "The moment, for a case with events: a date and time such as 2026-03-01T09:30:00-05:00, or `now`.",
    "MOMENT",
    callback=_moment,
)
settings = option("Give a setting another value of its type.", "NAME=VALUE", "--set", multiple=True, callback=_settings)
against = option("Compare with OLD: what the change of policy does.", "OLD")
effort = number(1, "Search N times as far, in up to N times the time, before reporting `undecided`.", least=1)
stdin_name = option(
    "The name of standard input in messages; files that it uses are relative to it.", "FILE", "--stdin-filename"
)
full = flag("In text, print cases with all their facts.")
quiet = flag("In text, print what is wrong and nothing else.", "-q", "--quiet")
jobs = option(
    "Processes for rows that are decided one by one; by default one per core.", "N", type=click.IntRange(min=1)
)

case = option("The case, `-` for standard input.", "FILE.json", "--case")
given = option(
    'The case as an example writes it: "days_overdue 14, hardship plan_active". Facts left out are usual.', "TEXT"
)
opened = option(
    "Facts that are not known yet: print each verdict with its condition on them.",
    "FACT,FACT",
    "--open",
    multiple=True,
    callback=names_of,
)
account = option("The field of a case in JSON that names the account. It is not a fact.", "FIELD")
request = option("The field with the id of the request, likewise.", "FIELD")
record_key = option("The key in FILE hashes private facts; otherwise they are omitted.", "FILE", "--record-key")
record_refused = flag("Record cases that are in error too.")

select = option(
    "Report only these warnings and notes, and all errors.", "CODE,...", "--select", multiple=True, callback=_codes
)
ignore = option("Do not report these warnings and notes.", "CODE,...", "--ignore", multiple=True, callback=_codes)

key = option("A column, or a field of JSON lines, that names a row in OUT.", "COLUMN", multiple=True)
names = option("Read this fact from this column.", "COLUMN=FACT", "--map", multiple=True, callback=mapped_names)
none = option("Read a null of this fact as none.", "FACT", multiple=True)
max_rejects = number(0, "Exit with 1 if more rows than N cannot be decided.")
