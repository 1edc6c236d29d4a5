"""Diagnostics as text: the message, the lines with the place underlined, and the help.

A line is a sequence of texts with styles. On a terminal a style is a colour; elsewhere it is ignored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from forbear.characters import printable
from forbear.diagnostic import Diagnostic, Severity
from forbear.report.formats.json import dumps
from forbear.source import Place, Span

Style: TypeAlias = Literal["error", "warning", "note", "place", "strong", "good", "plain"]
Line: TypeAlias = tuple[tuple[str, Style], ...]

FURTHER = "the search reached its bound, and --effort N looks further"
"""Why a comparison leaves something undecided, and what to do about it."""

_WIDTH = 160
_LINES = 8
_LONG_CASE = 120
_SAID = re.compile(r'(?:[^"#]++|"(?:[^"\\]++|\\.)*+"?+)*+')
"""A line up to its comment."""
_SOME = re.compile(r"\S")


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
    """Cases as `decide` takes them, for lines below each other. A long case after the first shows only its differences
    from the first."""
    first: Mapping[str, object] | None = None
    for case in cases:
        text = dumps(case)
        if first is None:
            first = case
        elif len(text) > _LONG_CASE:
            text = f"the same with {other_facts(case, first)}"
        yield text


def other_facts(case: Mapping[str, object], first: Mapping[str, object]) -> str:
    """The values by which a case differs from another, as JSON. A fact that it leaves out is null, which is unknown."""
    left_out = {name: None for name in first if name not in case}
    return dumps({name: value for name, value in case.items() if first.get(name) != value} | left_out)


def quoted_lines(place: Place, style: Style, text: str | None) -> Iterator[Line]:
    """The position of a place, and its lines with the place underlined; lines that say nothing are left out."""
    yield (("  --> ", "place"), (str(place), "plain"), (f"  {text}" if text else "", "plain"))
    if not place.source.text:
        return
    parts = list(_parts(place))
    for number, first, last in parts[:_LINES]:
        line = place.source.line_span(number)
        start, end = _window(line, first)
        shown = place.source.text[start:end]
        before, marked = printable(shown[: first - start]), printable(shown[first - start : last - start])
        yield ((f"{number:>5} | ", "place"), (printable(shown), "plain"))
        yield ((" " * 5 + " | ", "place"), (" " * _width(before) + "^" * (_width(marked) or 1), style))
    if len(parts) > _LINES:
        yield (("  ... | ", "place"), (f"and {counted(len(parts) - _LINES, 'more line')}", "plain"))


def _parts(place: Place) -> Iterator[tuple[int, int, int]]:
    """The lines of a place: number, start and end, without comments and surrounding blanks."""
    text, end = place.source.text, place.span[1]
    number, at = place.start.line, place.span[0]
    said_something = False
    while some := _SOME.search(text, at, end):
        number += text.count("\n", at, some.start())
        line_end = text.find("\n", some.start(), end)
        at = end if line_end < 0 else line_end
        said = _SAID.match(text, some.start(), at)
        if said and said.group():
            said_something = True
            yield number, said.start(), said.start() + len(said.group().rstrip())
    if not said_something:
        yield place.start.line, place.span[0], place.span[0] + 1


def _window(line: Span, first: int) -> Span:
    """The span of a line to show around a place; a long line is cut."""
    start, end = line
    if end - start <= _WIDTH:
        return line
    start = max(start, min(first - 40, end - _WIDTH))
    return start, start + _WIDTH


def counted(number: int, what: str) -> str:
    """A number of things: `1 rule`, `3 rules`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _width(text: str) -> int:
    """The number of terminal columns of a text."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )
