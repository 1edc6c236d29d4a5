"""`forbear format`: rule files in their one canonical layout."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence

from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Source
from forbear.check.files.locations import pack_of
from forbear.cli.support import options
from forbear.cli.support.failing import fail, wrong_use
from forbear.cli.support.options import argument, declared, flag
from forbear.cli.support.printing import echo_line, print_diagnostics, print_file, print_text
from forbear.cli.support.reading import distinct_files, open_path, paths_or, read_each_once, refuse_links_out
from forbear.cli.support.writing import is_stream, write_whole
from forbear.language.formatting.format import Formatted, FormatterBug, format_text
from forbear.language.model.names import counted
from forbear.report.text import Line, Style


@declared("format")
def command(
    paths: Sequence[str] = argument("[PATH]...", nargs=-1),
    check: bool = flag("Write nothing; exit with 1 if a file would change."),
    diff: bool = flag("Write nothing; print what would change."),
    quiet: bool = options.quiet,
    stdin_name: str | None = options.stdin_name,
) -> None:
    """Give rule files their canonical layout. Comments stay in place, and the meaning stays the same.

    A folder means every rule file in it; links out of it are not followed. Standard input (-) and pipes go to standard
    output. A file that cannot be read is reported and left as it is. Without a PATH: the paths of the project file.

    \b
    Exit code 0: done, 1: a file has syntax errors, or with --check would change, 2: wrong use.
    Example: forbear format rules
             forbear format --check rules
    """
    paths = paths_or((), paths, stdin_name)
    if not paths:
        wrong_use("name the files or folders to lay out, or give the project file `paths`")
    read_each_once(*dict.fromkeys(paths))
    if any(pack_of(path) is not None for path in paths):
        wrong_use("the bundled packs are laid out already")
    if not check and not diff:
        refuse_links_out(paths)
    files = distinct_files(paths)
    changed = broken = 0
    for file in files:
        opened = open_path(file, stdin_name)
        called = stdin_name if file == "-" and stdin_name is not None else file
        formatted = Formatted(None, (opened,)) if isinstance(opened, Diagnostic) else _formatted(opened[0])
        if isinstance(opened, Diagnostic) or formatted.text is None:
            print_diagnostics(formatted.diagnostics, err=True)
            broken += 1
            continue
        source = opened[0]
        differs = formatted.text != source.written
        changed += differs
        if diff:
            for line in _difference(called, source.text, formatted.text):
                echo_line(line)
        if check or diff:
            if differs and not diff and not quiet:
                print_text(f"{called} would change")
        elif is_stream(file):
            print_file(formatted.text)
        elif differs:
            write_whole(file, formatted.text)
            if not quiet:
                print_text(f"{file} is laid out")
    streams = any(is_stream(file) for file in files)
    if not quiet and not diff and (check or not streams):
        print_text(_summary(len(files), changed, broken, written=not check))
    if broken and not streams:
        print_text("error: files with syntax errors were left as they are", err=True)
    sys.exit(1 if broken or (check and changed) else 0)


def _formatted(source: Source) -> Formatted:
    try:
        return format_text(source)
    except FormatterBug as bug:
        fail(f"Forbear has a bug, so nothing was written; please report it: {bug}")


def _difference(file: str, before: str, after: str) -> Iterator[Line]:
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), file, file, lineterm=""):
        styles: dict[str, Style] = {"-": "error", "+": "good", "@": "place"}
        yield ((line, styles.get(line[:1], "plain")),)


def _summary(files: int, changed: int, broken: int, *, written: bool) -> str:
    unchanged = files - changed - broken
    parts = [
        f"{changed} {'laid out' if written else 'would change'}",
        f"{unchanged} already {'is' if unchanged == 1 else 'are'}" if written else f"{unchanged} would not",
    ]
    if broken:
        parts.append(f"{broken} with syntax errors")
    return f"{counted(files, 'file')}: {', '.join(parts)}"
