"""The command `forbear`. Each subcommand is a file, and is imported when it is used."""

from __future__ import annotations

import errno
import gc
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, TextIO

import click

from forbear.base.characters import escaped
from forbear.version import __version__

gc.set_threshold(200_000, 20, 20)  # garbage collection during imports takes a tenth of a short command's time

GROUPS = {
    "Write": {
        "init": "write a starter policy",
        "validate": "check rule files: syntax, names, types, findings, examples",
        "test": "try the examples of rule files, and list the rules that they do not cover",
        "format": "give rule files their canonical layout",
        "table": "import a table from a spreadsheet, or export one",
        "calendar": "write the working days of a country as a calendar",
        "facts": "the facts that a policy reads",
        "packs": "list the bundled packs, or print one",
    },
    "Ask": {
        "decide": "the verdict on each action for a case",
        "explain": "why an action has its verdict, and what would change it",
        "when": "from when until when an action has which verdict",
        "ask": "which facts still matter for an action, for a form that asks the fewest questions",
        "apply": "the verdict on each action for each row of a file",
        "plan": "how many accounts become due for which action on which day",
    },
    "Change": {
        "diff": "which cases a change of a policy touches",
        "conform": "whether a policy keeps the bounds of a standard",
        "report": "show a policy, or a change of one, in one page for people",
    },
    "Run": {
        "compile": "write a policy as a stand-alone module of Python or JavaScript, as a Java class, or as SQL",
        "serve": "serve the policies of a folder over HTTP, for programs in any language",
        "mcp": "answer agents about the policies of a folder, by the Model Context Protocol",
        "replay": "decide recorded cases again, and report what differs",
        "anchor": "print the digest of the last line of a record, to keep elsewhere",
    },
    "Edit": {
        "studio": "write a rule file in the browser, with findings, ladder and a case beside the text",
        "lsp": "serve an editor: errors while you type, fixes, names, layout",
    },
}
COMMANDS = {name: what for group in GROUPS.values() for name, what in group.items()}


class _Commands(click.Group):
    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the command. If its output cannot be written, it ends with one sentence and 1; silently, if the reader
        has closed the pipe."""
        if sys.stdout is None:  # it was closed; this one fails when something is printed
            sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            _drop(sys.stdout)
            what = "the output cannot be written" if error.filename is None else f"{error.filename!r} cannot be used"
            try:
                if error.errno == errno.EPIPE:
                    raise
                from forbear.cli.support.printing import print_text

                print_text(f"error: {what}: {(error.strerror or 'error').lower()}", err=True)
            except OSError:
                _drop(sys.stderr)
            sys.exit(1)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _printable_errors():
            return super().make_context(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if any("\0" in argument for argument in args):  # no system passes one on, but a program that calls `main` may
            ctx.fail("an argument holds a NUL character, which no name of a file has")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _printable_errors():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name == "serve" and hasattr(signal, "SIGHUP"):
            # It loads a service's folder again, and would end one that is only starting: imports are most of that.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        from forbear.cli.support.options import strict

        return strict(import_module(f"forbear.cli.{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from forbear.language.model.names import did_you_mean

            suggestion = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"there is no command {args[0]!r}; " + (str(suggestion or "`forbear --help` lists all")))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, group in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl(list(group.items()))


@contextmanager
def _printable_errors() -> Iterator[None]:
    """Escapes control characters in Click's errors, which quote the arguments of the command."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:  # it is our own help, laid out
        raise
    except click.UsageError as error:
        raise click.UsageError(escaped(error.format_message()), error.ctx) from None


def _drop(stream: TextIO) -> None:
    """Discards what a stream still buffers: flushing it at exit would fail again."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="forbear %(version)s")
def main() -> None:
    """How far a lender may go with a borrower who is late, as a text that its author can read.

    POLICY is a rule file, a folder that holds the versions of one policy, the name of a bundled pack (write `pack:`
    before it if a file has that name too), or `-` for standard input.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # never fail for a character that the terminal lacks
