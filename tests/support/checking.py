"""What the checker says of a text or of files, in the short form in which tables of tests write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import evolve

from forbear.analysis.run import Findings
from forbear.base.diagnostic import Diagnostic
from forbear.language.model.policy import TypedPolicy
from forbear.library.loading import check_file, check_text


def found(text: str, settings: Mapping[str, object] | None = None) -> list[Diagnostic]:
    """All diagnostics of a text, by place."""
    return sorted(check_text(text, settings=settings).diagnostics, key=lambda one: one.place.span)


def only(text: str, settings: Mapping[str, object] | None = None) -> Diagnostic:
    """The one diagnostic of a text."""
    diagnostics = found(text, settings)
    assert len(diagnostics) == 1, [(one.code, one.message) for one in diagnostics]
    return diagnostics[0]


def write(folder: Path, **files: str) -> Path:
    """Writes rule files, and gives the path of the last."""
    for name, text in files.items():
        path = folder / f"{name}.forbear"
        path.write_text(text, encoding="utf-8")
    return path


def errors(path: Path) -> list[Diagnostic]:
    """The errors of a file that has some."""
    checked = check_file(path)
    assert checked.policy is None
    return [one for one in checked.diagnostics if one.severity.value == "error"]


def each(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics, with those that one of the same cause names."""
    return [one for diagnostic in diagnostics for one in (evolve(diagnostic, also=()), *diagnostic.also)]


def totals(findings: Findings) -> dict[str, int]:
    """How many findings there are of each code."""
    return dict(findings.totals.items())


def typed(text: str, settings: Mapping[str, object] | None = None) -> TypedPolicy:
    checked = check_text(text, settings=settings)
    assert checked.policy is not None, [(one.code, one.message) for one in checked.diagnostics]
    return checked.policy


def place(diagnostic: Diagnostic) -> str:
    """LINE:COLUMN."""
    start = diagnostic.place.start
    return f"{start.line}:{start.column}"


def assert_well_worded(diagnostic: Diagnostic) -> None:
    """A message is lower case and one line, with names in backticks; a help line says what to do."""
    for text in (diagnostic.message, diagnostic.help):
        assert text
        assert "\n" not in text
        assert not text[0].isupper()
        assert not text.endswith(".")
        assert "None" not in text
        assert "Kind(" not in text
    assert diagnostic.place.source.text == "" or diagnostic.place.span[1] <= len(diagnostic.place.source.text)
