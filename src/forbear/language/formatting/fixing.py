"""Fixes of diagnostics, written into the text of a file."""

from __future__ import annotations

from collections.abc import Iterable

from forbear.base.diagnostic import Fix, TextEdit
from forbear.base.source import Source


def with_fixes(source: Source, fixes: Iterable[Fix]) -> tuple[str, int]:
    """The text of a file with as many of the fixes as do not meet each other, the first of two that do; and how many.

    A fix of another file is left out.
    """
    edits: list[TextEdit] = []
    written: list[tuple[int, int]] = []
    number = 0
    for fix in fixes:
        spans = [edit.place.span for edit in fix.edits]
        if any(edit.place.source.name != source.name for edit in fix.edits):
            continue
        if any(start <= end_ and start_ <= end for start, end in spans for start_, end_ in written):
            continue
        written += spans
        edits += fix.edits
        number += 1
    text = source.written
    for edit in sorted(edits, key=lambda edit: edit.place.span, reverse=True):
        start, end = edit.place.span
        text = text[:start] + edit.text + text[end:]
    return text, number
