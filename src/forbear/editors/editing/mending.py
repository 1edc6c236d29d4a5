"""Edits offered to an author: fixes of diagnostics, and the canonical layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Span
from forbear.editors.editing.edits import Edit, edits_between
from forbear.editors.editing.offers.action import Action
from forbear.editors.editing.offers.uses import missing_uses
from forbear.editors.editing.offers.ways_out import ways_out
from forbear.editors.editing.reading import Reading, source_of
from forbear.language.formatting.format import format_text, with_fixes


def quick_fixes(
    reading: Reading,
    diagnostics: Iterable[Diagnostic],
    span: Span,
    around: Callable[[], Iterable[Path]] = tuple,
    open_texts: Mapping[Path, str] | None = None,
) -> Iterator[Action]:
    """Yields the edits for the diagnostics at a span, in the edited file alone: their fixes, and alternatives from
    which an author must choose.

    `around` are the rule files that may declare an unknown name, and `open_texts` the other open texts.
    """
    for diagnostic in reported_at(reading, diagnostics, span):
        for fix in diagnostic.fixes:
            if all(edit.place.source.name == reading.source.name for edit in fix.edits):
                edits = tuple([Edit(edit.place.span, edit.text) for edit in fix.edits])
                yield Action(fix.title, edits, diagnostic, fix.safe, preferred=fix is diagnostic.fix)
        yield from ways_out(reading, diagnostic)
        if diagnostic.unknown is not None:
            yield from missing_uses(reading, diagnostic, around(), open_texts or {})


def reported_at(reading: Reading, diagnostics: Iterable[Diagnostic], span: Span) -> Iterator[Diagnostic]:
    """Yields the diagnostics at a span, in the edited file alone."""
    for diagnostic in diagnostics:
        if diagnostic.place.source.name == reading.source.name and _meet(diagnostic.place.span, span):
            yield diagnostic


def all_safe_fixes(reading: Reading, diagnostics: Iterable[Diagnostic]) -> Action | None:
    """Returns all fixes that change no verdict, as `forbear validate --fix` writes them; None if there are none."""
    fixes = [diagnostic.fix for diagnostic in diagnostics if diagnostic.fix is not None and diagnostic.fix.safe]
    text, number = with_fixes(reading.source, fixes)
    if not number:
        return None
    return Action("write all safe fixes", edits_between(reading.source.written, text), safe=True)


def layout(text: str, within: Span | None = None) -> tuple[Edit, ...] | Diagnostic:
    """Returns the edits that give a text the canonical layout, or the first error that prevents it. Raises
    `FormatterBug`.

    If `within` is given, only the differing parts that touch it are changed.
    """
    source = source_of("untitled", text)
    if isinstance(source, Diagnostic):
        return source
    formatted = format_text(source)
    if formatted.text is None:
        return formatted.diagnostics[0]
    edits = edits_between(text, formatted.text)
    return edits if within is None else tuple([edit for edit in edits if _in(edit.span, within)])


def _in(edit: Span, span: Span) -> bool:
    """Returns true if an edit changes something within a span, and does not only end or begin at its edge."""
    return (edit[0] < span[1] and span[0] < edit[1]) or (edit[0] == edit[1] and _meet(edit, span))


def _meet(first: Span, second: Span) -> bool:
    return first[0] <= second[1] and second[0] <= first[1]
