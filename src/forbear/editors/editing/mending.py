"""Edits offered to an author: fixes of diagnostics, and the canonical layout."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from forbear.base import resources
from forbear.base.diagnostic import Diagnostic, Severity
from forbear.base.source import Source, Span
from forbear.check.files.locations import SUFFIX, text_found
from forbear.editors.editing.edits import Edit, applied, edits_between
from forbear.editors.editing.offers.action import Action, in_the_head
from forbear.editors.editing.offers.ways_out import ways_out
from forbear.editors.editing.reading import Reading, read, source_of
from forbear.language.formatting.format import format_text, with_fixes
from forbear.language.syntax import nodes
from forbear.language.syntax.naming import occurrences
from forbear.language.syntax.parser import parse


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


# A name that nothing declares here, and a file or a pack that declares it: the `uses` that is missing.


_MOST = 3


def missing_uses(
    reading: Reading, finding: Diagnostic, around: Iterable[Path], open_texts: Mapping[Path, str]
) -> Iterator[Action]:
    """Yields a `uses` for each file that declares an unknown name, if it makes the name known and causes no new error.
    Policies are left out: other files do not use them.
    """
    name = finding.unknown
    if name is None:
        return
    count = 0
    for clause in _declaring(name, reading, around, open_texts):
        edits = in_the_head(reading, clause)
        if _mends(reading, applied(reading.source.written, edits), finding, open_texts):
            yield Action(f"add `{clause}`", edits, finding, preferred=False)
            count += 1
        if count == _MOST:
            return


def _declaring(name: str, reading: Reading, around: Iterable[Path], open_texts: Mapping[Path, str]) -> Iterator[str]:
    bundled = resources.folder("rules") / "vocabulary"
    packs = sorted(Path(str(bundled)).glob(f"*{SUFFIX}"))
    for path in (*around, *packs):
        if path == reading.path or path in reading.files:
            continue
        try:
            text = open_texts[path] if path in open_texts else text_found(path)
        except (OSError, UnicodeDecodeError):
            continue
        if re.search(rf"\b{re.escape(name)}\b", text) is None:
            continue
        source = source_of(str(path), text)
        module = parse(source)[0] if isinstance(source, Source) else None
        if module is None or any(isinstance(node, nodes.PolicyHead) for node in module.statements):
            continue
        if any(occurrence.declares and occurrence.name == name for occurrence in occurrences(module)):
            yield f"uses {path.stem}" if path in packs else f'uses "{_path(path, reading)}"'


def _path(path: Path, reading: Reading) -> str:
    """A path as a rule file writes it: from its own folder, with `/`, and without the ending."""
    beside = Path.cwd() if reading.path is None else reading.path.parent
    return Path(os.path.relpath(path, beside)).as_posix().removesuffix(SUFFIX)


def _mends(reading: Reading, text: str, finding: Diagnostic, open_texts: Mapping[Path, str]) -> bool:
    after = read(text, reading.path, open_texts).diagnostics
    errors = [diagnostic for diagnostic in after if diagnostic.severity is Severity.ERROR]
    before = [diagnostic for diagnostic in reading.diagnostics if diagnostic.severity is Severity.ERROR]
    return len(errors) < len(before) and not any(diagnostic.unknown == finding.unknown for diagnostic in errors)
