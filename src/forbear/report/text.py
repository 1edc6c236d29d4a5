"""Diagnostics as an author reads them: the message, the line with the place underlined, and what to do.

Lines are pieces of text with a style; the terminal gives the style its colour, and a file leaves it out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Literal, TypeAlias

from forbear.diagnostic import Diagnostic, Severity
from forbear.report.json import dumps
from forbear.source import Place

Style: TypeAlias = Literal["error", "warning", "note", "place", "strong", "good", "plain"]
Line: TypeAlias = tuple[tuple[str, Style], ...]

_WIDTH = 160


def diagnostic_lines(diagnostic: Diagnostic) -> Iterator[Line]:
    """The lines of one diagnostic."""
    severity = diagnostic.severity
    style: Style = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}[severity]  # type: ignore[assignment]
    yield ((f"{severity.value}[{diagnostic.code}]", style), (f": {diagnostic.message}", "strong"))
    yield from quoted_lines(diagnostic.place, style, None)
    for label in diagnostic.related:
        yield from quoted_lines(label.place, "place", label.text)
    for witness in diagnostic.witnesses or ((diagnostic.witness,) if diagnostic.witness is not None else ()):
        yield (("  case: ", "place"), (dumps(witness), "plain"))
    yield (("  help: ", "place"), (diagnostic.help, "plain"))


def quoted_lines(place: Place, style: Style, text: str | None) -> Iterator[Line]:
    """Where a place is, and its first line with the place underlined."""
    start, end = place.start, place.end
    yield (("  --> ", "place"), (str(place), "plain"), (f"  {text}" if text else "", "plain"))
    if not place.source.text:
        return
    line = place.source.line(start.line)
    last = end.column if end.line == start.line else len(line) + 1
    first = start.column - 1
    length = max(1, last - start.column)
    shown, first = _window(line, first)
    marked = _width(shown[first : first + length]) or 1
    number = str(start.line)
    yield ((f"{number:>5} | ", "place"), (printable(shown), "plain"))
    yield ((" " * 5 + " | ", "place"), (" " * _width(shown[:first]) + "^" * marked, style))


def _window(line: str, first: int) -> tuple[str, int]:
    """As much of a long line as can be read around a place."""
    if len(line) <= _WIDTH:
        return line, first
    start = max(0, min(first - 40, len(line) - _WIDTH))
    return line[start : start + _WIDTH], first - start


def printable(text: str) -> str:
    """Control characters, which could move the cursor or hide text, as a plain sign."""
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cf") and c != "\t" else c for c in text).expandtabs(1)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )
