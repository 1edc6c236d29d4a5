"""Diagnostics as annotations of a GitHub workflow."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from forbear.base.characters import printable
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.report.formats.json import left_out
from forbear.report.text import also_text

_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def workflow_lines(diagnostics: Iterable[Diagnostic], totals: Mapping[Code, int]) -> Iterator[str]:
    """A line for each diagnostic that is not accepted, and one for each code of which a limit has left some out."""
    reported: Counter[Code] = Counter()
    for diagnostic in diagnostics:
        if diagnostic.accepted is not None:
            continue
        reported.update(finding.code for finding in (diagnostic, *diagnostic.also))
        start, end = diagnostic.place.start, diagnostic.place.end
        place = f"file={_property(diagnostic.place.source.name)},line={start.line}"
        if end.line == start.line:
            place += f",col={start.column},endColumn={max(start.column, end.column - 1)}"
        else:
            place += f",endLine={end.line}"
        also = f"; also: {also_text(diagnostic)}" if diagnostic.also else ""
        text = _data(f"{diagnostic.message}{also}; {diagnostic.help}")
        yield f"::{_WORDS[diagnostic.severity]} {place},title={_property(diagnostic.code)}::{text}"
    for code, number in left_out(reported, totals):
        yield f"::{_WORDS[code.severity]} title={code}::{number} more of {code}; --limit {totals[code]} shows all"


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
