"""All printing. Colour is used only on a terminal, and never if NO_COLOR is set or TERM is dumb. On a terminal, lines
are broken between words.

Rule files, file names and values may hold any character. Characters that move the cursor, or hide or reorder text, are
escaped before they reach a terminal, and always in JSON.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from textwrap import fill

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
    "verdicts": {"fg": "blue"},
}


def coloured(err: bool = False) -> bool:
    stream = sys.stderr if err else sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, style: Style, err: bool = False) -> str:
    return click.style(text, **_COLOURS[style]) if coloured(err) else text  # type: ignore[arg-type]


def print_diagnostics(diagnostics: Iterable[Diagnostic], err: bool = False, *, full: bool = False) -> None:
    """Prints each diagnostic with the lines of its place."""
    for diagnostic in in_file_order(diagnostics):
        print_lines((*diagnostic_lines(diagnostic, full=full), ()), err)


def print_lines(lines: Iterable[Line], err: bool = False) -> None:
    """Prints lines. On a terminal, a quoted line and what underlines it are cut to what has room, from a little before
    what is underlined."""
    width, cut = _room(err), 0
    for line, below in pairwise((*lines, ())):
        if width is None or not line or not _QUOTED.fullmatch(line[0][0]):
            print_line(line, err)
            continue
        mark, (text, style) = line[0], line[1]
        room = width - len(mark[0])
        if below and mark[0].strip(" |") and _QUOTED.fullmatch(below[0][0]):  # the line itself, not its underline
            marks = below[1][0]
            cut = max(0, min(len(marks) - len(marks.lstrip()) - 8, text_width(text) - room))
        echo_line((mark, (_part(text, cut, room), style)), err)


def _part(text: str, start: int, width: int) -> str:
    """A part of a text, by its columns."""
    at, end = 0, 0
    for place, character in enumerate(text):
        end += text_width(character)
        if end <= start:
            at = place + 1
        if end > start + width:
            return text[at:place]
    return text[at:]


def print_line(line: Line, err: bool = False) -> None:
    """Prints a line, a verdict in it with its mark; on a terminal, as many as it needs."""
    width = _room(err)
    line = tuple([(marked(text) if text in _MARKS or style == "verdicts" else text, style) for text, style in line])
    for part in [line] if width is None else _wrapped(line, width):
        echo_line(part, err)


def echo_line(line: Line, err: bool = False) -> None:
    """Prints a line as it is."""
    click.echo("".join([paint(printable(text), style, err) for text, style in line]).rstrip(), err=err)


def _room(err: bool) -> int | None:
    """Returns the columns of the terminal; None if there is none."""
    return max(shutil.get_terminal_size().columns, 30) if (sys.stderr if err else sys.stdout).isatty() else None


def _wrapped(line: Line, width: int) -> Iterator[Line]:
    """A line in as many as it needs, broken between words. What follows hangs below what a label or a column of the
    line begins."""
    whole = "".join([printable(text) for text, _ in line])
    if text_width(whole) <= width:
        yield line
        return
    column = _LABEL.match(whole)
    hang = len(column.group()) if column and len(column.group()) < width // 2 else len(whole) - len(whole.lstrip()) + 2
    parts: list[tuple[str, Style]] = []
    used = 0
    for text, style in line:
        for word in re.findall(r"\s*\S+|\s+$", printable(text)):
            if used > hang and used + text_width(word) > width and (word[0].isspace() or parts[-1][0][-1:].isspace()):
                yield tuple(parts)
                word = word.lstrip()
                parts, used = [(" " * hang, "plain")], hang
            parts.append((word, style))
            used += text_width(word)
    yield tuple(parts)


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


_QUOTED = re.compile(r" *[0-9]* \| ")
"""Before a line of a file, or what underlines it."""
_LABEL = re.compile(r"  [a-z ]{2,12}: (?! )|\s*\S+(?: \S+)?\s{2,}(?=\S)")
_VERDICTS = ("verdict", "before", "after")
"""The columns of tables that have verdicts."""
_MARKS = {"allowed": "✓", "required": "✓", "forbidden": "✗", "no rule": "·", "not permitted": "·"}
_MARKED = re.compile(r"\b(?:allowed|required|forbidden|no rule)\b|^not permitted")


def marked(text: str) -> str:
    """The verdicts in a text with their marks, on a terminal that can show them."""
    shows = sys.stdout.isatty() and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return _MARKED.sub(lambda found: f"{_MARKS[found[0]]} {found[0]}", text) if shows else text


PIPED = 100
"""The columns of a text that does not go to a terminal, if it would be wider."""


def columns() -> int:
    """Returns how wide a text can be."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED


def print_wrapped(text: str, indent: str = "  ") -> None:
    """Prints a text in as many lines as it needs, those after the first indented. No word is cut unless it is longer
    than a line.
    """
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


def _cells(header: Sequence[str], row: Sequence[str]) -> list[str]:
    """The cells of a row, the verdicts among them with their marks."""
    return [marked(cell) if title in _VERDICTS else cell for title, cell in zip(header, row, strict=True)]


def print_described(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table whose last column is prose; on a terminal that is too narrow for it, each row as a paragraph."""
    widths = [max(map(text_width, column)) for column in zip(header, *rows, strict=True)]
    if not sys.stdout.isatty() or sum(widths) + 3 * len(widths) <= columns():
        print_table(header, rows)
        return
    for row in rows:
        first, *between, last = _cells(header, row)
        if any((first, *between)):
            print_line(((first, "strong"), (f"  {', '.join(filter(None, between))}".rstrip(), "plain")))
        if last:
            print_wrapped(f"    {last}", indent="    ")


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table, as wide as the terminal; not wrapped if there is no terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    on_terminal = sys.stdout.isatty()
    console = Console(width=None if on_terminal else 10_000, no_color=not coloured(), highlight=False)
    table = Table(box=box.SIMPLE_HEAD if on_terminal else None, pad_edge=False, show_edge=False)
    rows = [_cells(header, row) for row in rows]
    titles = [printable(marked(title) if title in _MARKS else title) for title in header]
    widths, gaps = [max(map(text_width, cells)) for cells in zip(titles, *rows, strict=True)], 3 * (len(header) - 1)
    if on_terminal and sum(widths) + gaps > console.width:  # titles take more lines before cells do
        widths = [max(map(text_width, cells)) for cells in zip(map(_longest_word, titles), *rows, strict=True)]
        least = [widths[0], *[_longest_width(cells) for cells in [*zip(titles, *rows, strict=True)][1:]]]
        while sum(widths) + gaps > console.width and widths != least:
            at = max(range(len(widths)), key=lambda at: (widths[at] > least[at], widths[at]))
            widths[at] -= 1
        titles = [fill(title, width, break_long_words=False) for title, width in zip(titles, widths, strict=True)]
    fits = sum(widths) + gaps <= console.width
    for at, (title, width) in enumerate(zip(titles, widths, strict=True)):  # the name that begins a row is not broken
        table.add_column(Text(title), overflow="fold", no_wrap=not (on_terminal and at), width=width if fits else None)
    for row in rows:
        table.add_row(*[Text(printable(cell)) for cell in row])
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip(), color=coloured() or None)


def _longest_word(text: str) -> str:
    return max(text.split(), key=text_width, default="")


def _longest_width(texts: Iterable[str]) -> int:
    return max(text_width(_longest_word(text)) for text in texts)
