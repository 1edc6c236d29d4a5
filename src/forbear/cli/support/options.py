"""Options of several commands."""

from __future__ import annotations

import datetime
import inspect
import math
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

import click
from attrs import fields, frozen

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


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


def together(**kinds: type[Any]) -> Callable[[Decorated], Decorated]:
    """Hands those options of a command that are called as the fields of a class to it as one object."""

    def decorated(function: Decorated) -> Decorated:
        @wraps(function)
        def command(**options: Any) -> Any:
            taken = {name: [field.name for field in fields(kind)] for name, kind in kinds.items()}
            made = {
                name: kind(**{field: options[field] for field in taken[name] if field in options})
                for name, kind in kinds.items()
            }
            left = options.keys() - {field for names in taken.values() for field in names}
            return function(**{name: options[name] for name in left}, **made)

        return cast(Decorated, command)

    return decorated


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
                ctx.fail(f"{max(option.opts, key=len)} is given twice: one value is all that it takes")
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


def number_option(
    name: str, default: int, help: str, least: int = 0, most: int | None = None
) -> Callable[[Decorated], Decorated]:
    """An option that takes a whole number in a range."""
    kind = click.IntRange(least, most)
    return click.option(name, type=kind, default=default, show_default=True, metavar="N", help=help)


policy_argument = click.argument("policy", metavar="POLICY")
day_option = click.option("--on", "on", type=Day(), metavar="DATE", help="The day: a date, or `today`.")
against_option = click.option("--against", metavar="OLD", help="Compare with OLD: what the change of policy does.")
effort_option = number_option(
    "--effort", 1, "Search N times as far, in up to N times the time, before reporting `undecided`.", least=1
)
moment_option = click.option(
    "--at",
    "at",
    callback=_moment,
    metavar="MOMENT",
    help="The moment, for a case with events: a date and time such as 2026-03-01T09:30:00-05:00, or `now`.",
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes for rows that are decided one by one; by default one per core.",
)
settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    callback=_settings,
    metavar="NAME=VALUE",
    help="Give a setting another value of its type.",
)


def moment_options(function: Decorated) -> Decorated:
    """`--on`, `--at` and `--set`."""
    return day_option(moment_option(settings_option(function)))


def format_option(*formats: str) -> Callable[[Decorated], Decorated]:
    return click.option(
        "--format",
        "--output-format",
        "output",
        type=click.Choice([*dict.fromkeys(["text", "json", *formats])]),
        default="text",
        is_eager=True,  # an error of the project file is answered in this format too
        help="The format of the output.",
    )


stdin_filename_option = click.option(
    "--stdin-filename",
    "stdin_name",
    metavar="FILE",
    help="The name of standard input in messages; files that it uses are relative to it.",
)
full_option = click.option("--full", is_flag=True, help="In text, print cases with all their facts.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="In text, print what is wrong and nothing else.")


def names_of(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip() for value in values for name in value.split(",")]
    if not all(names):
        raise click.BadParameter(f"a name is missing; write {param.metavar}", ctx, param)
    return tuple(dict.fromkeys(names))


open_option = click.option(
    "--open",
    "opened",
    multiple=True,
    callback=names_of,
    metavar="FACT,FACT",
    help="Facts that are not known yet: print each verdict with its condition on them.",
)
given_option = click.option(
    "--given",
    metavar="TEXT",
    help='The case as an example writes it: "days_overdue 14, hardship plan_active". Facts left out are usual.',
)
case_option = click.option("--case", "case_path", metavar="FILE.json", help="The case, `-` for standard input.")
account_option = click.option(
    "--key", metavar="FIELD", help="The field of a case in JSON that names the account. It is not a fact."
)


def json_options(function: Decorated) -> Decorated:
    """Adds the options of a command about one case: `--case`, and the fields of JSON that name it."""
    request = click.option("--request", metavar="FIELD", help="The field with the id of the request, likewise.")
    return case_option(account_option(request(function)))


def mapped_names(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for value in values:
        column, equals, fact = value.partition("=")
        if not equals or not column or not fact:
            raise click.BadParameter(f"{value!r} lacks a name; write {param.metavar}", ctx, param)
        if names.setdefault(column, fact) != fact:
            raise click.BadParameter(f"{column!r} is mapped twice", ctx, param)
    return names


names_option = click.option(
    "--map",
    "names",
    multiple=True,
    callback=mapped_names,
    metavar="COLUMN=FACT",
    help="Read this fact from this column.",
)


def column_options(function: Decorated) -> Decorated:
    """`--map` and `--none`."""
    none = click.option("--none", "none", multiple=True, metavar="FACT", help="Read a null of this fact as none.")
    return names_option(none(function))


key_option = click.option(
    "--key",
    multiple=True,
    metavar="COLUMN",
    help="A column, or a field of JSON lines, that names a row in OUT.",
)
max_rejects_option = number_option("--max-rejects", 0, "Exit with 1 if more rows than N cannot be decided.")
