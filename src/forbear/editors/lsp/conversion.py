"""Converts the answers of `editing/` to the types of the protocol."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import frozen
from lsprotocol import types
from pygls import uris

from forbear.base.characters import printable
from forbear.base.diagnostic import Diagnostic, Severity
from forbear.base.resources import page_path
from forbear.base.source import Place, Span
from forbear.editors.editing.edits import Edit
from forbear.editors.editing.positions import Lines
from forbear.editors.editing.reading import Reading, path_of
from forbear.report.text import also_text, case_texts

_SEVERITIES: Mapping[Severity, types.DiagnosticSeverity] = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
SYMBOLS: Mapping[str, types.SymbolKind] = {
    "rule": types.SymbolKind.Function,
    "table": types.SymbolKind.Array,
    "example": types.SymbolKind.Event,
    "action": types.SymbolKind.Method,
    "group": types.SymbolKind.Enum,
    "ladder": types.SymbolKind.Enum,
    "fact": types.SymbolKind.Field,
    "event": types.SymbolKind.Struct,
    "define": types.SymbolKind.Variable,
    "setting": types.SymbolKind.Constant,
}
STALE = "of the last text without errors: "
"""Begins the message of a finding that may not be there any more."""


def path_of_uri(uri: str) -> Path | None:
    """The file of a URI; None for a text without one, and for what is on no disk."""
    if not uri.startswith("file:"):
        return None
    try:
        path = uris.to_fs_path(uri)
    except ValueError:
        return None
    return None if not path or "\0" in path else Path(os.path.abspath(path))


def uri_of(path: Path) -> str:
    """The URI of a file."""
    return path.as_uri()


def range_of(lines: Lines, span: Span) -> types.Range:
    """A span of a text as a range."""
    start, end = lines.at(span[0]), lines.at(span[1])
    return types.Range(types.Position(*start), types.Position(*end))


def span_of(lines: Lines, range: types.Range) -> Span:
    """A range as a span of a text."""
    return (lines.offset(range.start.line, range.start.character), lines.offset(range.end.line, range.end.character))


def edits_of(lines: Lines, edits: Iterable[Edit]) -> list[types.TextEdit]:
    """Edits of a text, each with the range that it replaces."""
    return [types.TextEdit(range_of(lines, edit.span), edit.text) for edit in edits]


@frozen
class Shown:
    """How places of a reading are shown: the URI of the edited text, and the encoding of its columns. With `pages`, the
    code of a diagnostic links to its page.
    """

    uri: str
    reading: Reading
    lines: Lines
    encoding: str
    pages: bool = False

    def location(self, place: Place) -> types.Location:
        """Returns the location of a place, in the edited text or another file. A place without a file is the beginning
        of this one.
        """
        source = place.source
        if source.name == self.reading.source.name:
            return types.Location(self.uri, range_of(self.lines, place.span))
        path = path_of(source, self.reading.path)
        if path is None:
            return types.Location(self.uri, types.Range(types.Position(0, 0), types.Position(0, 0)))
        return types.Location(uri_of(path), range_of(Lines(source.written, self.encoding), place.span))

    def diagnostic(self, finding: Diagnostic) -> types.Diagnostic:
        """A diagnostic with its help and its cases, as text that no invisible character disguises."""
        texts = [finding.message, *[f"case: {text}" for text in case_texts(finding, full=False)]]
        texts += [f"also: {also_text(finding)}"] if finding.also else []
        texts.append(f"help: {finding.help}")
        message = "\n".join(map(printable, texts))
        related = [
            types.DiagnosticRelatedInformation(self.location(label.place), printable(label.text))
            for label in finding.related
        ]
        return types.Diagnostic(
            self.location(finding.place).range,
            message,
            types.DiagnosticSeverity.Hint if finding.accepted is not None else _SEVERITIES[finding.severity],
            str(finding.code),
            source="forbear",
            code_description=_page(str(finding.code)) if self.pages else None,
            related_information=related or None,
            tags=[types.DiagnosticTag.Unnecessary] if finding.code == "dead-rule" else None,
        )


def _page(code: str) -> types.CodeDescription | None:
    path = page_path(code)
    return None if path is None else types.CodeDescription(uri_of(path))
