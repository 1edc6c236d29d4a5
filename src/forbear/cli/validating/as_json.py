"""Outcomes as JSON, from which they are read back as they were: what a cache keeps, it keeps as data, never as code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from attrs import fields

from forbear.base.diagnostic import Code, Diagnostic, Fix, Label, Severity, TextEdit, Undecided
from forbear.base.source import Place, Source
from forbear.cli.validating.outcome import Outcome, Version
from forbear.language.model.names import Suggestion, Worded

_CLASS = ""
"""The key of the class of an object; no fact is called so."""
_CLASSES: Mapping[str, type[Any]] = {
    kind.__name__: kind for kind in (Diagnostic, Label, Fix, TextEdit, Undecided, Version)
}


def to_json(outcome: Outcome) -> dict[str, object]:
    """An outcome as an object of JSON."""
    sources: dict[str, str] = {}
    totals = list(outcome.totals.items())
    parts = (outcome.checked, outcome.found, totals, outcome.version, outcome.first, outcome.last)
    return {"parts": _written(parts, sources), "sources": list(sources.items())}


def _written(value: object, sources: dict[str, str]) -> object:
    """A value as JSON. The texts that places are in are added to `sources`."""
    match value:
        case Decimal():
            return {_CLASS: "Decimal", "digits": str(value)}
        case Code():
            return {_CLASS: "Code", "parts": value.parts}
        case Worded():
            return {_CLASS: type(value).__name__, "words": str(value), "code": _written(value.code, sources)}
        case Place(source, span):
            sources.setdefault(source.name, source.written)
            return {_CLASS: "Place", "source": list(sources).index(source.name), "span": span}
        case Mapping():
            return {name: _written(inner, sources) for name, inner in value.items()}
        case list() | tuple():
            return [_written(inner, sources) for inner in value]
        case None | bool() | int() | str():
            return value
    kind = _CLASSES[type(value).__name__]
    values = [(field, getattr(value, field.name)) for field in fields(kind)]
    said = {field.name: _written(inner, sources) for field, inner in values if inner != field.default}
    return {_CLASS: kind.__name__, **said}


def from_json(record: Any) -> Outcome:
    """The outcome that was written. Raises an exception of any kind where the record is none."""
    sources = [Source(name, written) for name, written in record["sources"]]
    checked, found, totals, *rest = _read(record["parts"], sources)
    return Outcome(checked, found, dict(totals), *rest)


def _read(value: Any, sources: list[Source], sequence: Callable[[list[Any]], Any] = tuple) -> Any:
    """A value of JSON. A list is a tuple, but in a case."""
    if isinstance(value, list):
        return sequence([_read(inner, sources, sequence) for inner in value])
    if not isinstance(value, dict):
        return value
    if _CLASS not in value:
        return {name: _read(inner, sources, list) for name, inner in value.items()}
    values = {name: _read(inner, sources) for name, inner in value.items() if name != _CLASS}
    match value[_CLASS]:
        case "Decimal":
            return Decimal(values["digits"])
        case "Code":
            name, severity, *traits = values["parts"]
            return Code(name, Severity(severity), *traits)
        case "Worded":
            return Worded(values["words"], values["code"])
        case "Suggestion":
            return Suggestion(values["words"], values["code"])
        case "Place":
            return Place(sources[values["source"]], values["span"])
    return _CLASSES[value[_CLASS]](**values)
