"""Diagnostics as JSON. Decimals are written as texts of digits, so that nothing is rounded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from forbear.base.characters import escaped
from forbear.base.diagnostic import Code, Diagnostic, Fix, Severity
from forbear.base.source import Place
from forbear.kernel.cases import in_digits
from forbear.language.model.names import Worded

if TYPE_CHECKING:  # showing a diagnostic needs no analyser
    from forbear.analysis.comparison.coming import Coming


def dumps(value: object, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """A value as JSON, with hidden characters escaped."""
    return escaped(json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=in_digits))


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, object]:
    """A finding as an object: code, severity, message, place, and the fields that apply to its code."""
    record: dict[str, object] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "file": diagnostic.place.source.name,
        "span": span_json(diagnostic.place),
        "help": diagnostic.help,
    }
    if diagnostic.variant is not None:
        arguments = (diagnostic.arguments or {}).items()
        codes = {name: value.code if isinstance(value, Worded) else value for name, value in arguments}
        record |= {"variant": diagnostic.variant, "arguments": codes}
    if diagnostic.related:
        record["related"] = [
            {"file": label.place.source.name, "span": span_json(label.place), "text": label.text}
            for label in diagnostic.related
        ]
    for key in ("rules", "actions", "by", "kept_by", "skips", "witnesses", "in_short"):
        if getattr(diagnostic, key):
            record[key] = list(getattr(diagnostic, key))
    for key in ("subsumed", "ladder", "fact", "about", "witness", "accepted"):
        if getattr(diagnostic, key) is not None:
            record[key] = getattr(diagnostic, key)
    if diagnostic.also:
        record["also"] = [diagnostic_json(related) for related in diagnostic.also]
    if diagnostic.fix is not None:
        record["fix"] = _fix_json(diagnostic.fix)
    if diagnostic.choices:
        record["choices"] = [_fix_json(fix) for fix in diagnostic.choices]
    return record


def _fix_json(fix: Fix) -> dict[str, object]:
    return {
        "title": fix.title,
        "safe": fix.safe,
        "edits": [
            {"file": edit.place.source.name, "span": span_json(edit.place), "text": edit.text} for edit in fix.edits
        ],
    }


def findings_between_json(coming: Coming | None) -> dict[str, object]:
    """The findings that come and go."""
    both = () if coming is None else (("come", coming.come), ("go", coming.go))
    return {what: [diagnostic_json(diagnostic) for diagnostic in findings] for what, findings in both}


def span_json(place: Place) -> dict[str, dict[str, int]]:
    """Lines and columns, counted from 1 in characters, the end exclusive."""
    start, end = place.start, place.end
    return {
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    }


def counts(totals: Mapping[Code, int]) -> dict[str, int]:
    """The numbers of errors, warnings and notes, from the numbers by code."""
    by_severity: Counter[Severity] = Counter()
    for code, number in totals.items():
        by_severity[code.severity] += number
    return {severity.value: by_severity[severity] for severity in Severity}


def by_name(totals: Mapping[Code, int]) -> dict[str, int]:
    """The numbers by the names of codes, whatever their severity."""
    numbers: Counter[str] = Counter()
    for code, number in totals.items():
        numbers[str(code)] += number
    return dict(sorted(numbers.items()))


def left_out(reported: Mapping[Code, int], totals: Mapping[Code, int]) -> list[tuple[Code, int]]:
    """The number of findings that a limit has left out, by code, from those reported and from all."""
    missing = {code: number - reported.get(code, 0) for code, number in sorted(totals.items())}
    return [(code, number) for code, number in missing.items() if number > 0]


def report_json(diagnostics: Iterable[Diagnostic], totals: Mapping[Code, int]) -> dict[str, object]:
    """The document of `validate --format json`. Accepted findings are listed, but not counted."""
    return {
        "findings": [diagnostic_json(diagnostic) for diagnostic in diagnostics],
        "counts": counts(totals),
        "total": by_name(totals),
    }
