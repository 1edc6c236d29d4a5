"""Diagnostics as JSON. Decimals are written as texts of digits, so that nothing is rounded on the way."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from forbear.characters import escaped
from forbear.diagnostic import CODES, Diagnostic, Severity
from forbear.source import Place


def dumps(value: object, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """A value as JSON, in which no hidden character stands as such."""
    return escaped(json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=str))


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
    for key in ("rules", "actions", "by", "skips", "witnesses"):
        if getattr(diagnostic, key):
            record[key] = list(getattr(diagnostic, key))
    for key in ("subsumed", "ladder", "fact", "about", "witness", "accepted"):
        if getattr(diagnostic, key) is not None:
            record[key] = getattr(diagnostic, key)
    return record


def span_json(place: Place) -> dict[str, dict[str, int]]:
    """Lines and columns, counted from 1 in characters, the end exclusive."""
    start, end = place.start, place.end
    return {
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    }


def counts(totals: Mapping[str, int]) -> dict[str, int]:
    """How many errors, warnings and notes there are, from how many of each code."""
    found: Counter[Severity] = Counter()
    for code, number in totals.items():
        found[CODES[code]] += number
    return {severity.value: found[severity] for severity in Severity}


def left_out(reported: Mapping[str, int], totals: Mapping[str, int]) -> list[tuple[str, int]]:
    """The number of findings that a limit has left out, by code, from those reported and from all."""
    missing = {code: number - reported.get(code, 0) for code, number in sorted(totals.items())}
    return [(code, number) for code, number in missing.items() if number > 0]


def report_json(diagnostics: Iterable[Diagnostic], totals: Mapping[str, int]) -> dict[str, object]:
    """The document that `validate --format json` prints. Accepted findings are reported, and not counted."""
    return {
        "findings": [diagnostic_json(diagnostic) for diagnostic in diagnostics],
        "counts": counts(totals),
        "total": dict(sorted(totals.items())),
    }
