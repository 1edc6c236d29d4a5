"""All printing. Colour is used only on a terminal, and never if NO_COLOR is set.

Rule files, file names and values may hold any character. Characters that move the cursor, or hide or reorder text, are
escaped before they reach a terminal, and always in JSON.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence

import click

from forbear.base.characters import escaped, printable
from forbear.base.diagnostic import Diagnostic, in_file_order
from forbear.report.formats.json import dumps
from forbear.report.text import Line, Style, diagnostic_lines, text_width

_COLOURS: dict[Style, dict[str, object]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "note": {"fg": "cyan"},
    "place": {"fg": "blue"},
    "strong": {"bold": True},
    "good": {"fg": "green"},
    "plain": {},
    "name": {"bold": True},
    "code": {},
}


def coloured(err: bool = False) -> bool:
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR")


def paint(text: str, style: Style, err: bool = False) -> str:
    return click.style(text, **_COLOURS[style]) if coloured(err) else text  # type: ignore[arg-type]


def print_diagnostics(diagnostics: Iterable[Diagnostic], err: bool = False, *, full: bool = False) -> None:
    """Prints each diagnostic with the lines of its place."""
    for diagnostic in in_file_order(diagnostics):
        for line in diagnostic_lines(diagnostic, full=full):
            print_line(line, err)
        print_line((), err)


def print_line(line: Line, err: bool = False) -> None:
    click.echo("".join([paint(printable(text), style, err) for text, style in line]).rstrip(), err=err)


def print_text(text: str = "", err: bool = False) -> None:
    """Prints a line."""
    print_line(((text, "plain"),), err)


def print_file(text: str) -> None:
    """Prints the text of a file: unchanged or, on a terminal, with hidden characters escaped."""
    click.echo(escaped(text) if sys.stdout.isatty() else text, nl=False, color=True)  # else Click strips escape codes


def print_json(document: object, indent: int | None = 2) -> None:
    """Prints a document. If the encoding of standard output lacks a character, all are escaped as in ASCII JSON."""
    text = dumps(document, indent=indent)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = dumps(document, indent=indent, ascii_only=True)
    click.echo(text)


PIPED = 100
"""The columns of a text that goes to no terminal, where it would be wider."""


def columns() -> int:
    """How wide a text can be."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED


def print_wrapped(text: str, indent: str = "  ") -> None:
    """Prints a text in as many lines as it needs, the further ones after an indent. No word is cut but one that is
    longer than a line."""
    width = max(columns(), 20 + len(indent))
    line = ""
    for word in re.findall(r"\s*\S+", printable(text)):
        if line.strip() and text_width(line + word) > width:
            click.echo(line)
            line = indent + word.lstrip()
        else:
            line += word
        while text_width(line) > width:
            cut = next(at for at in range(len(line), 0, -1) if text_width(line[:at]) <= width)
            click.echo(line[:cut])
            line = indent + line[cut:]
    click.echo(line)


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table, as wide as the terminal; not wrapped if there is no terminal."""
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
