"""What the checker says of a text or of files, in the short form in which tables of tests write it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attrs import evolve

from forbear import PolicyError, load
from forbear.analysis.run import Findings
from forbear.base.diagnostic import Diagnostic
from forbear.language.model.messages import diagnosis
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


def in_short(folder: Path, words: Sequence[str], more: str) -> str:
    """What `$ found` in a transcript shows: each finding with its cases, and those of the same cause below it."""
    name, *options = words
    day = options[options.index("--on") + 1] if "--on" in options else None
    codes = [word for word in options if not word.startswith("--") and word != day]
    path = folder / f"found_{name}"
    path.write_text((folder / name).read_text(encoding="utf-8") + more, encoding="utf-8")
    today = None if day is None else datetime.date.fromisoformat(day)
    try:
        diagnostics = load(path).validate(today, asked=[code for code in ("overlap", "not-read") if code in codes])
    except PolicyError as error:
        diagnostics = error.diagnostics
    lines = []
    for first in diagnostics:
        for one in [one for one in (first, *first.also) if not codes or one.code in codes]:
            accepted = "" if one.accepted is None else f" (accepted: {one.accepted})"
            lines.append(f"{'' if one is first else '+ '}{one.code}{accepted}: {one.message}")
            cases = [json.dumps(case, default=str) for case in one.cases] if "--whole" in options else one.in_short
            lines += [*[f"  case: {case}" for case in cases], *[f"  help: {one.help}"] * ("--help" in options)]
    return "".join(f"{line}\n" for line in lines).replace(f"{folder}/", "")


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
    if diagnostic.variant is not None:  # the arguments are all that the message is made of
        text = f"{diagnostic.code}.{diagnostic.variant}"
        again = diagnosis(text, diagnostic.place, code=diagnostic.code, **(diagnostic.arguments or {}))
        assert again.message == diagnostic.message
