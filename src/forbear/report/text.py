"""Diagnostics as an author reads them: the message, the line with the place underlined, and what to do.

Lines are pieces of text with a style; the terminal gives the style its colour, and a file leaves it out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from forbear.characters import printable
from forbear.diagnostic import Diagnostic, Severity
from forbear.report.json import dumps
from forbear.source import Place

Style: TypeAlias = Literal["error", "warning", "note", "place", "strong", "good", "plain"]
Line: TypeAlias = tuple[tuple[str, Style], ...]

_WIDTH = 160
_LINES = 8
_LONG_CASE = 120
_SAID = re.compile(r'(?:[^"#]|"(?:[^"\\]|\\.)*"?)*')
"""A line up to its comment."""


def diagnostic_lines(diagnostic: Diagnostic) -> Iterator[Line]:
    """The lines of one diagnostic."""
    severity = diagnostic.severity
    style: Style = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}[severity]  # type: ignore[assignment]
    yield ((f"{severity.value}[{diagnostic.code}]", style), (f": {diagnostic.message}", "strong"))
    yield from quoted_lines(diagnostic.place, style, None)
    for label in diagnostic.related:
        yield from quoted_lines(label.place, "place", label.text)
    for text in case_texts(diagnostic.witnesses or filter(None, (diagnostic.witness,))):
        yield (("  case: ", "place"), (text, "plain"))
    yield (("  help: ", "place"), (diagnostic.help, "plain"))


def case_texts(cases: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """Cases that are told one below the other, as `decide` takes them. Of a long one that is not the first, what it
    has other than the first."""
    first: Mapping[str, object] | None = None
    for case in cases:
        text = dumps(case)
        if first is None:
            first = case
        elif len(text) > _LONG_CASE:
            text = f"the same with {other_facts(case, first)}"
        yield text


def other_facts(case: Mapping[str, object], first: Mapping[str, object]) -> str:
    """What a case has other than another, as JSON; what it leaves out is null, which is unknown."""
    left_out = {name: None for name in first if name not in case}
    return dumps({name: value for name, value in case.items() if first.get(name) != value} | left_out)


def quoted_lines(place: Place, style: Style, text: str | None) -> Iterator[Line]:
    """Where a place is, and its lines, with the place underlined; what stands between its parts is left out."""
    yield (("  --> ", "place"), (str(place), "plain"), (f"  {text}" if text else "", "plain"))
    if not place.source.text:
        return
    parts = list(_parts(place))
    for number, first, last in parts[:_LINES]:
        shown, first, last = _window(place.source.line(number), first, last)
        before, marked = printable(shown[:first]), printable(shown[first:last])
        yield ((f"{number:>5} | ", "place"), (printable(shown), "plain"))
        yield ((" " * 5 + " | ", "place"), (" " * _width(before) + "^" * (_width(marked) or 1), style))
    if len(parts) > _LINES:
        yield (("  ... | ", "place"), (f"and {counted(len(parts) - _LINES, 'more line')}", "plain"))


def _parts(place: Place) -> Iterator[tuple[int, int, int]]:
    """The lines of a place, each from where to where it says something: without blanks at its ends, and comments."""
    start, end = place.start, place.end
    said_something = False
    for number in range(start.line, end.line + 1):
        line = place.source.line(number)
        first = start.column - 1 if number == start.line else 0
        last = end.column - 1 if number == end.line else len(line)
        said = _SAID.match(line, first, last)
        text = said.group() if said else ""
        first += len(text) - len(text.lstrip())
        if text.strip():
            said_something = True
            yield number, first, first + len(text.strip())
    if not said_something:
        yield start.line, start.column - 1, start.column


def _window(line: str, first: int, last: int) -> tuple[str, int, int]:
    """As much of a long line as can be read around a place."""
    if len(line) <= _WIDTH:
        return line, first, last
    start = max(0, min(first - 40, len(line) - _WIDTH))
    return line[start : start + _WIDTH], first - start, last - start


def counted(number: int, what: str) -> str:
    """So many of something: `1 rule`, `3 rules`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )
