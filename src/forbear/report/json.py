"""Diagnostics as JSON. Decimals are written as texts of digits, so that nothing is rounded on the way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from forbear.diagnostic import Diagnostic, Severity
from forbear.source import Place


def dumps(value: object, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=str)


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, object]:
    """A FINDING: its code, severity, message and place, and what else applies to it."""
    record: dict[str, object] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "file": diagnostic.place.source.name,
        "span": span_json(diagnostic.place),
        "help": diagnostic.help,
    }
    if diagnostic.related:
        record["related"] = [
            {"file": label.place.source.name, "span": span_json(label.place), "text": label.text}
            for label in diagnostic.related
        ]
    for key in ("rules", "actions"):
        if getattr(diagnostic, key):
            record[key] = list(getattr(diagnostic, key))
    if diagnostic.witness is not None:
        record["witness"] = diagnostic.witness
    return record


def span_json(place: Place) -> dict[str, dict[str, int]]:
    """Lines and columns, counted from 1 in characters, the end exclusive."""
    start, end = place.start, place.end
    return {
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    }


def counts(diagnostics: Iterable[Diagnostic]) -> dict[str, int]:
    found = Counter(diagnostic.severity for diagnostic in diagnostics)
    return {severity.value: found[severity] for severity in Severity}


def totals(diagnostics: Iterable[Diagnostic]) -> Mapping[str, int]:
    return dict(Counter(diagnostic.code for diagnostic in diagnostics))


def limited(diagnostics: Iterable[Diagnostic], limit: int) -> list[Diagnostic]:
    """The first `limit` of each code."""
    seen: Counter[str] = Counter()
    shown = []
    for diagnostic in diagnostics:
        seen[diagnostic.code] += 1
        if seen[diagnostic.code] <= limit:
            shown.append(diagnostic)
    return shown


def report_json(diagnostics: Iterable[Diagnostic], limit: int) -> dict[str, object]:
    """The document that `validate --format json` prints."""
    found = list(diagnostics)
    return {
        "findings": [diagnostic_json(diagnostic) for diagnostic in limited(found, limit)],
        "counts": counts(found),
        "total": totals(found),
    }
