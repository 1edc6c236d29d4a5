"""Printing, all of it: colour on a terminal only, and never where NO_COLOR is set.

A rule file, the name of a file or a value may say anything. Nothing that moves the cursor, or hides or reorders text,
reaches a terminal as it is, and JSON has it escaped wherever it goes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

import click

from forbear.characters import escaped, printable
from forbear.diagnostic import Diagnostic, in_file_order
from forbear.report.formats.json import dumps
from forbear.report.text import Line, Style, diagnostic_lines

_COLOURS: dict[Style, dict[str, object]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "note": {"fg": "cyan"},
    "place": {"fg": "blue"},
    "strong": {"bold": True},
    "good": {"fg": "green"},
    "plain": {},
}


def coloured(err: bool = False) -> bool:
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR")


def paint(text: str, style: Style, err: bool = False) -> str:
    return click.style(text, **_COLOURS[style]) if coloured(err) else text  # type: ignore[arg-type]


def print_diagnostics(diagnostics: Iterable[Diagnostic], err: bool = False) -> None:
    """Each diagnostic with the line that it is about."""
    for diagnostic in in_file_order(diagnostics):
        for line in diagnostic_lines(diagnostic):
            print_line(line, err)
        print_line((), err)


def print_line(line: Line, err: bool = False) -> None:
    click.echo("".join([paint(printable(text), style, err) for text, style in line]).rstrip(), err=err)


def print_text(text: str = "", err: bool = False) -> None:
    """A line of its own."""
    print_line(((text, "plain"),), err)


def print_file(text: str) -> None:
    """What would else be written to a file: as it is, but on a terminal with what is hidden escaped."""
    click.echo(escaped(text) if sys.stdout.isatty() else text, nl=False, color=True)  # else Click takes parts out


def print_json(document: object, indent: int | None = 2) -> None:
    """A document on standard output. What its encoding lacks is written as JSON writes it: the document stays JSON."""
    text = dumps(document, indent=indent)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = dumps(document, indent=indent, ascii_only=True)
    click.echo(text)


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], styles: Sequence[Style] = ()) -> None:
    """A table: as wide as the terminal, and never wrapped where there is none."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    on_terminal = sys.stdout.isatty()
    console = Console(width=None if on_terminal else 10_000, no_color=not coloured(), highlight=False)
    table = Table(box=box.SIMPLE_HEAD if on_terminal else None, pad_edge=False, show_edge=False)
    for title in header:
        table.add_column(Text(printable(title)), overflow="fold", no_wrap=not on_terminal)
    for row in rows:
        table.add_row(*[Text(printable(cell)) for cell in row])
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip(), color=coloured() or None)
