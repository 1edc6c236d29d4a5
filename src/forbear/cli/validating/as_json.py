"""Outcomes as JSON, from which they are read back as they were: what a cache keeps, it keeps as data, never as code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from attrs import NOTHING, fields

from forbear.base.diagnostic import Code, Diagnostic, Fix, Label, Severity, TextEdit, Undecided
from forbear.base.source import Place, Source
from forbear.cli.validating.outcome import Outcome, Version

DECIMAL = "decimal"
"""The one key of the object that stands for a decimal, which JSON cannot tell from a binary float."""
_TEXTS = ("rules", "actions", "by", "kept_by", "skips", "names", "unnamed", "in_short", "causes")
_AS_THEY_ARE = ("message", "help", "subsumed", "ladder", "fact", "accepted", "unknown")
WRITTEN = frozenset(
    {*_TEXTS, *_AS_THEY_ARE, "code", "place", "related", "undecided", "witness", "witnesses", "fix", "choices"}
)
"""The fields of a diagnostic that are written: all but those that other findings of the policy are put into."""
_DEFAULTS = {part.name: part.default for part in fields(Diagnostic) if part.default is not NOTHING}


class Sources:
    """The texts that places are in, each once."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.texts: list[list[str]] = []

    def place(self, place: Place) -> list[int]:
        source = place.source
        if source.name not in self.known:
            self.known[source.name] = len(self.texts)
            self.texts.append([source.name, source.written])
        return [self.known[source.name], *place.span]


def to_json(outcome: Outcome) -> dict[str, object]:
    """An outcome as an object of JSON."""
    sources = Sources()
    version = outcome.version
    return {
        "checked": [_diagnostic(diagnostic, sources) for diagnostic in outcome.checked],
        "found": [_diagnostic(diagnostic, sources) for diagnostic in outcome.found],
        "totals": [[*_code(code), number] for code, number in outcome.totals.items()],
        "version": None
        if version is None
        else [version.name, version.since, version.until, sources.place(version.place)],
        "days": [outcome.first, outcome.last],
        "sources": sources.texts,  # all of them, now that each place has been written
    }


def _diagnostic(diagnostic: Diagnostic, sources: Sources) -> dict[str, object]:
    record: dict[str, object] = {"code": _code(diagnostic.code), "place": sources.place(diagnostic.place)}
    for name in (*_AS_THEY_ARE, *_TEXTS, "witness", "witnesses"):
        value = getattr(diagnostic, name)
        if value != _DEFAULTS.get(name, NOTHING):
            record[name] = _plain(value)
    if diagnostic.related:
        record["related"] = [[sources.place(label.place), label.text] for label in diagnostic.related]
    if diagnostic.undecided is not None:
        what = diagnostic.undecided
        record["undecided"] = [what.code, what.severity.value, what.where, what.what_to_do]
    if diagnostic.fix is not None:
        record["fix"] = _fix(diagnostic.fix, sources)
    if diagnostic.choices:
        record["choices"] = [_fix(fix, sources) for fix in diagnostic.choices]
    return record


def _fix(fix: Fix, sources: Sources) -> list[object]:
    return [fix.title, [[sources.place(edit.place), edit.text] for edit in fix.edits], fix.safe]


def _code(code: Code) -> list[object]:
    return [part.value if isinstance(part, Severity) else part for part in code.parts]


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return {DECIMAL: str(value)}
        case Mapping():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case None | bool() | int() | str():
            return value
        case _:
            raise TypeError(type(value))


def from_json(record: Any) -> Outcome:
    """The outcome that was written. Raises an exception of any kind where the record is none."""
    sources = [Source(name, written) for name, written in record["sources"]]
    version, days = record["version"], record["days"]
    return Outcome(
        tuple([_read(entry, sources) for entry in record["checked"]]),
        tuple([_read(entry, sources) for entry in record["found"]]),
        {_read_code(*code): number for *code, number in record["totals"]},
        None if version is None else _read_version(version, sources),
        *days,
    )


def _read(record: Any, sources: list[Source]) -> Diagnostic:
    values: dict[str, Any] = {name: record[name] for name in _AS_THEY_ARE if name in record}
    values |= {name: tuple(record[name]) for name in _TEXTS if name in record}
    if "witness" in record:
        values["witness"] = _value(record["witness"])
    if "witnesses" in record:
        values["witnesses"] = tuple(_value(record["witnesses"]))
    if "related" in record:
        values["related"] = tuple([Label(_read_place(place, sources), text) for place, text in record["related"]])
    if "undecided" in record:
        code, severity, *rest = record["undecided"]
        values["undecided"] = Undecided(Code(code, Severity(severity)), *rest)
    if "fix" in record:
        values["fix"] = _read_fix(record["fix"], sources)
    if "choices" in record:
        values["choices"] = tuple([_read_fix(fix, sources) for fix in record["choices"]])
    return Diagnostic(code=_read_code(*record["code"]), place=_read_place(record["place"], sources), **values)


def _read_fix(record: Any, sources: list[Source]) -> Fix:
    title, edits, safe = record
    return Fix(title, tuple([TextEdit(_read_place(place, sources), text) for place, text in edits]), safe)


def _read_version(record: Any, sources: list[Source]) -> Version:
    name, since, until, place = record
    return Version(name, since, until, _read_place(place, sources))


def _read_code(name: str, severity: str, *traits: bool) -> Code:
    return Code(name, Severity(severity), *traits)


def _read_place(place: Iterable[int], sources: list[Source]) -> Place:
    number, first, end = place
    return Place(sources[number], (first, end))


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(inner) for inner in value]
    if isinstance(value, dict):
        if value.keys() == {DECIMAL}:
            return Decimal(value[DECIMAL])
        return {name: _value(inner) for name, inner in value.items()}
    return value
