"""Diagnostics as text: the message, the lines with the place underlined, and the help.

A line is a sequence of texts with styles. On a terminal a style is a colour, in
Markdown a mark; elsewhere it is ignored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Literal, TypeAlias

from forbear.base.characters import printable
from forbear.base.diagnostic import Diagnostic, Severity
from forbear.base.source import Place, Span
from forbear.language.model.names import counted, listed
from forbear.report.formats.json import dumps

Style: TypeAlias = Literal["error", "warning", "note", "place", "strong", "good", "plain", "name", "code", "verdicts"]
Line: TypeAlias = tuple[tuple[str, Style], ...]

STYLES: Mapping[Severity, Style] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}

INDEXED = 10
"""More findings, or violations, have an index before them."""
FURTHER = "the search reached its bound, and --effort N looks further" + (
    "" if find_spec("z3") else ", or the extra `relations` for percentages of days until a date"
)
"""Why a comparison leaves something undecided, and what to do about it."""

_WIDTH = 160
_LINES = 8
_ALSO = 8
"""The most findings of the same code and cause that are named."""
_SAID = re.compile(r'(?:[^"#]++|"(?:[^"\\]++|\\.)*+"?+)*+')
"""A line up to its comment."""
_SOME = re.compile(r"\S")


def diagnostic_lines(diagnostic: Diagnostic, *, full: bool = False) -> Iterator[Line]:
    """The lines of one diagnostic. Its cases are in short, or if `full` with all their facts."""
    severity = diagnostic.severity
    style = STYLES[severity]
    yield ((f"{severity.value}[{diagnostic.code}]", style), (f": {diagnostic.message}", "strong"))
    yield from quoted_lines(diagnostic.place, style, None)
    for label in diagnostic.related:
        yield from quoted_lines(label.place, "place", label.text)
    for text in case_texts(diagnostic, full=full):
        yield (("  case: ", "place"), (text, "plain"))
    if diagnostic.also:
        yield (("  also: ", "place"), (also_text(diagnostic), "plain"))
    yield (("  help: ", "place"), (diagnostic.help, "plain"))


def case_texts(diagnostic: Diagnostic, *, full: bool) -> tuple[str, ...]:
    """The cases of a diagnostic in words, or if `full` as `decide` takes them."""
    if full or not diagnostic.in_short:
        return tuple([dumps(case) for case in diagnostic.cases])
    return diagnostic.in_short


def also_text(diagnostic: Diagnostic) -> str:
    """Returns the other findings of a diagnostic's cause: `` `email`, `sms`; falling-pressure of `pressure` (line 12)
    ``.
    """
    by_code: dict[str, list[str]] = {}
    for related in diagnostic.also:
        by_code.setdefault(related.code, []).append(_subject(related, diagnostic))
    parts = []
    for code, subjects in by_code.items():
        named = ", ".join(subjects[:_ALSO]) + (f" and {len(subjects) - _ALSO} more" if len(subjects) > _ALSO else "")
        parts.append(named if code == diagnostic.code else f"{code} of {named}")
    return "; ".join(parts)


def _subject(related: Diagnostic, diagnostic: Diagnostic) -> str:
    """Returns the subject of a diagnostic if it differs from another one of its cause, and its place if that
    differs.
    """
    pairs = ((finding.names, finding.actions, finding.rules) for finding in (related, diagnostic))
    only_here = [[name for name in names if name not in known] for names, known in zip(*pairs, strict=True)]
    named = listed(next(filter(None, only_here), related.names or related.actions or related.rules), 3)
    place, known = related.place, diagnostic.place
    if place == known:
        return named
    line = f"line {place.start.line}" if place.source.name == known.source.name else f"{place}"
    return f"{named} ({line})"


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
        yield ((" " * 5 + " | ", "place"), (" " * text_width(before) + "^" * (text_width(marked) or 1), style))
    if len(parts) > _LINES:
        yield (("  ... | ", "place"), (f"and {counted(len(parts) - _LINES, 'more line')}", "plain"))


def _parts(place: Place) -> Iterator[tuple[int, int, int]]:
    """The lines of a place: number, start and end, without comments and surrounding blanks."""
    text, end = place.source.text, place.span[1]
    number, at = place.start.line, place.span[0]
    said_something = False
    while line := _SOME.search(text, at, end):
        number += text.count("\n", at, line.start())
        line_end = text.find("\n", line.start(), end)
        at = end if line_end < 0 else line_end
        content = _SAID.match(text, line.start(), at)
        if content and content.group():
            said_something = True
            yield number, content.start(), content.start() + len(content.group().rstrip())
    if not said_something:
        yield place.start.line, place.span[0], place.span[0] + 1


def _window(line: Span, first: int) -> Span:
    """The span of a line to show around a place; a long line is cut."""
    start, end = line
    if end - start <= _WIDTH:
        return line
    start = max(start, min(first - 40, end - _WIDTH))
    return start, start + _WIDTH


def text_width(text: str) -> int:
    """The number of terminal columns of a text."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )
