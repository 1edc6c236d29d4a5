"""Reads files with one case a line for `apply`, as `decide --lines` reads them."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from forbear.deciding.records.sink import shown_case
from forbear.kernel.cases import ActionDecision, CaseError, unknown_name
from forbear.kernel.faults import fault
from forbear.language.model.policy import TypedPolicy
from forbear.library.answering import read_case, request_of, text_of
from forbear.library.policy import Policy
from forbear.report.formats.json import dumps

if TYPE_CHECKING:
    from forbear.portfolio.applier import Applier
    from forbear.portfolio.asked import DecideOne, Request, Stretch
    from forbear.portfolio.lines import ByColumns, CaseLine


_WORDS = frozenset({"on", "at", "history", "history_from", "zone"})
"""The fields of a line that are not facts. A line with any of them is decided by itself."""


@frozen
class CaseOptions:
    """How to read a file of cases, and the contents of the answer."""

    names: Mapping[str, str]
    """The facts by column, if the names differ."""
    key: Sequence[str]
    """The columns that the answer keeps."""
    none: Sequence[str]
    """The facts whose nulls mean none."""
    why: bool = False
    """Whether the answer has the deciding rules."""
    on: datetime.date | None = None
    at: str | None = None
    jobs: int | None = None
    """The number of processes that decide rows one by one; None for as many as there are cores."""
    when: Sequence[str] = ()
    """The actions of which the answer says from when until when they are permitted."""
    days: int = 30
    """The number of days to look ahead for that."""

    def arguments(self, *more: str) -> dict[str, Any]:
        """Returns the arguments of `Applier.request` other than the columns: names, nulls, day, moment, and those in
        `more`.
        """
        return {name: getattr(self, name) for name in ("names", "none", "on", "at", *more)}


def check_names(facts: Collection[str], options: CaseOptions) -> None:
    """Raises `CaseError` if the options name an unknown fact."""
    for column, fact in options.names.items():
        if column in facts and fact not in facts:
            raise CaseError([fault(column, "column-for-fact", column=column, name=fact)])
    for name in (*options.names.values(), *options.none):
        if name not in facts:
            raise CaseError([unknown_name(name, name, facts, "fact")])


def by_columns(applier: Applier, options: CaseOptions) -> ByColumns | None:
    """Returns how lines are decided by columns; None if each must be decided by itself."""
    from forbear.portfolio.io.json_lines import LineReader
    from forbear.portfolio.lines import ByColumns

    if options.at is not None or options.when or not _WORDS.isdisjoint(options.key):
        return None
    facts = {name: spec for name, spec in applier.tables.facts.items() if name not in _WORDS}
    facts |= {column: applier.tables.facts[fact] for column, fact in options.names.items() if column not in _WORDS}

    def ask(columns: Sequence[str]) -> Request:
        # Here a null is not yet none: a value that a line leaves out is null too, until it is read by itself.
        names = {column: fact for column, fact in options.names.items() if column in columns}
        return applier.request(columns, options.on, None, names=names, why=options.why, count=True)

    return ByColumns(LineReader(facts, options.key), ask)


def check_keys(lacking: Iterable[frozenset[str] | None]) -> None:
    """Raises `CaseError` if all batches of lines lack a key. None is a batch without a readable line."""
    known = [keys for keys in lacking if keys is not None]
    missing = frozenset.intersection(*known) if known else ()
    if missing:
        raise CaseError([fault(None, "no-key-field", field=name) for name in sorted(missing)])


def line_of(policy: Policy, line: bytes, options: CaseOptions) -> CaseLine:
    """Reads a line, and decides it by a policy; with `when`, it is also found out from when until when."""
    ends: list[Stretch] = []

    def decide(case: Mapping[str, object], on: object, at: object) -> Mapping[str, ActionDecision]:
        decision = policy.applier.decide(case, on, at)
        ends.extend(policy.applier.stretches_of(options.when, [case], at, options.days))
        return decision

    return evolve(line_case(policy.typed.facts, decide, line, options), stretches=ends)


def line_case(facts: Collection[str], decide: DecideOne, line: bytes, options: CaseOptions) -> CaseLine:
    """Reads and decides a line. Its keys are not part of the case, unless they are facts."""
    from forbear.portfolio.lines import CaseLine

    try:
        entries = read_case(line)
    except CaseError as error:
        return CaseLine((None,) * len(options.key), None, error, len(line))
    keys = tuple([text_of(entries.get(name)) for name in options.key])
    has = frozenset(name for name in options.key if name in entries)
    outcome: CaseError | Mapping[str, ActionDecision]
    try:
        case, on, at = request_of(entries, options.on, options.at)  # its error leaves the line its keys
        outcome = decide(_facts_of(case, facts, options), on, at)
    except CaseError as error:
        outcome = error
    return CaseLine(keys, has, outcome, len(line))


def _facts_of(entries: Mapping[str, object], facts: Collection[str], options: CaseOptions) -> dict[str, object]:
    """The case of a line. Raises `CaseError` if it gives a fact by two names."""
    case: dict[str, object] = {}
    for name, value in entries.items():
        fact = options.names.get(name, name)
        if fact in case:
            first = next(earlier for earlier in entries if options.names.get(earlier, earlier) == fact)
            raise CaseError([fault(fact, "two-names", name=fact, first=first, second=name)])
        if name not in options.key or fact in facts:
            case[fact] = "none" if value is None and fact in options.none else value
    return case


def shown_line(policy: TypedPolicy, line: bytes, options: CaseOptions) -> bytes:
    """A line with its private values hidden. A line that cannot be read is empty, since it may hold private values."""
    if not policy.private_names:
        return line
    try:
        request = request_of(read_case(line), None, None)
    except CaseError:
        return b""
    moment = {name: value for name, value in (("on", request.on), ("at", request.at)) if value is not None}
    facts = {name: options.names.get(name, name) for name in request.case}
    case = {name: shown_case(policy, {facts[name]: value})[facts[name]] for name, value in request.case.items()}
    return dumps({**moment, **case}).encode()
