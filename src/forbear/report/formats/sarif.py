"""Diagnostics as SARIF 2.1.0, which code hosts and editors read. Columns count UTF-16 units, as is its default."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from urllib.parse import quote

from forbear.base.characters import printable
from forbear.base.diagnostic import Code, Diagnostic, Severity, TextEdit
from forbear.base.resources import page_of
from forbear.base.source import Place, Position
from forbear.report.formats.json import by_name, counts
from forbear.version import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def sarif(
    diagnostics: Sequence[Diagnostic], totals: Mapping[Code, int], help_uri: str | None = None
) -> dict[str, object]:
    """Returns one run of the tool `forbear`. Accepted findings are suppressed, with the author's reason.

    `totals` are the numbers of findings by code, before a limit. They are properties of the run. `help_uri` is the
    address of the page of a code, which replaces `{code}`; the pages are in the document in any case.
    """
    codes = sorted({str(diagnostic.code) for diagnostic in diagnostics})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "forbear",
                        "version": __version__,
                        "rules": [_rule(code, help_uri) for code in codes],
                    }
                },
                "columnKind": "utf16CodeUnits",
                "properties": {"counts": counts(totals), "total": by_name(totals)},
                "results": [_result(diagnostic, codes) for diagnostic in diagnostics],
            }
        ],
    }


def _rule(code: str, help_uri: str | None) -> dict[str, object]:
    """Returns a code with its page, which viewers show next to a result."""
    page = page_of(code)
    assert page is not None, code
    help = {"text": f"`forbear explain {code}` shows its page.", "markdown": page}
    address = {} if help_uri is None else {"helpUri": help_uri.replace("{code}", code)}
    return {"id": code, "name": code, **address, "help": help}


def _result(diagnostic: Diagnostic, codes: Sequence[str]) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": printable(f"{diagnostic.message}; {diagnostic.help}")},
        "locations": [_location(diagnostic.place)],
    }
    related = [(label.place, label.text) for label in diagnostic.related]
    related += [(same_cause.place, f"also {same_cause.code}: {same_cause.message}") for same_cause in diagnostic.also]
    if related:
        result["relatedLocations"] = [
            {**_location(place), "message": {"text": printable(text)}} for place, text in related
        ]
    if diagnostic.accepted is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": printable(diagnostic.accepted)}]
    if diagnostic.fixes:
        result["fixes"] = [
            {
                "description": {"text": printable(fix.title)},
                "artifactChanges": [_change(edit) for edit in fix.edits],
            }
            for fix in diagnostic.fixes
        ]
    if diagnostic.witness is not None:
        result["properties"] = {"witness": diagnostic.witness}
    return result


def _change(edit: TextEdit) -> dict[str, object]:
    replaced = {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.text}}
    return {"artifactLocation": _artifact(edit.place), "replacements": [replaced]}


def _location(place: Place) -> dict[str, object]:
    return {"physicalLocation": {"artifactLocation": _artifact(place), "region": _region(place)}}


def _artifact(place: Place) -> dict[str, object]:
    """A file, by the bytes of its name, which may be no UTF-8."""
    return {"uri": quote(os.fsencode(PurePath(place.source.name).as_posix()))}


def _region(place: Place) -> dict[str, object]:
    start, end = place.start, place.end
    return {
        "startLine": start.line,
        "startColumn": _column(place, start),
        "endLine": end.line,
        "endColumn": _column(place, end),
    }


def _column(place: Place, position: Position) -> int:
    start = place.source.offset(position.line)
    before = place.source.text[start : start + position.column - 1]
    return len(before.encode("utf-16-le")) // 2 + 1
