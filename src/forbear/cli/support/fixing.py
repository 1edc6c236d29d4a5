"""Fixes of diagnostics, written into rule files."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from forbear.base.diagnostic import Diagnostic, Fix
from forbear.base.source import Source
from forbear.cli.support.writing import write_whole
from forbear.language.formatting.format import with_fixes


def write_fixes(diagnostics: Iterable[Diagnostic], files: Collection[str], *, unsafe: bool) -> int:
    """Writes the fixes of some files, only safe ones unless `unsafe`; gives how many were written.

    Fixes that meet each other are left for the next time. A file is replaced whole, or stays as it was.
    """
    by_file: dict[str, tuple[Source, list[Fix]]] = {}
    for diagnostic in diagnostics:
        source = diagnostic.place.source
        if diagnostic.fix is not None and (diagnostic.fix.safe or unsafe) and source.name in files:
            by_file.setdefault(source.name, (source, []))[1].append(diagnostic.fix)
    written = 0
    for file, (source, fixes) in by_file.items():
        text, number = with_fixes(source, fixes)
        write_whole(file, text)
        written += number
    return written
