"""Diagnostics as annotations of a GitHub workflow."""

from collections.abc import Iterable, Iterator

from forbear.diagnostic import Diagnostic, Severity
from forbear.report.text import printable

_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def workflow_lines(diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    """A line each; accepted findings have none."""
    for diagnostic in diagnostics:
        if diagnostic.accepted is not None:
            continue
        start, end = diagnostic.place.start, diagnostic.place.end
        place = f"file={_property(diagnostic.place.source.name)},line={start.line}"
        if end.line == start.line:
            place += f",col={start.column},endColumn={max(start.column, end.column - 1)}"
        else:
            place += f",endLine={end.line}"
        text = _data(f"{diagnostic.message}; {diagnostic.help}")
        yield f"::{_WORDS[diagnostic.severity]} {place},title={_property(diagnostic.code)}::{text}"


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
