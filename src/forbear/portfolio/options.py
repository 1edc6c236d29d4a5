"""Decides which columns of a frame are facts or keys of a policy, and whether the frame can be decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import polars as pl
from attrs import frozen

from forbear.kernel.cases import CaseError, Fault, unknown_name
from forbear.kernel.faults import fault
from forbear.language.model.names import did_you_mean
from forbear.portfolio.applying import MOMENT, VERDICT, Options, along_column, rules_column, stretch_columns
from forbear.space.predicates.specs import Specs

HISTORY = ("history", "history_from", "zone")
"""The columns of a row's history: its events, the first day from which all are listed, and the time zone."""
FAULT = "fault"
"""The column that says why a row is undecided."""
LISTS = pl.List(pl.String)
"""The type of a column of deciding rules, or of companions."""
Kinds = Sequence[tuple[str, "pl.DataType | type[pl.DataType]"]]
"""The columns of an answer, with their types."""


@frozen
class Given:
    """The columns of a frame, the facts of those that have other names, and the facts whose nulls mean none."""

    columns: Sequence[str]
    names: Mapping[str, str]
    none: Iterable[str] = ()

    @property
    def facts(self) -> list[str]:
        """The names of the columns as facts."""
        return [self.names.get(column, column) for column in self.columns]

    def concerning(self, tables: Specs, versions: Iterable[Specs]) -> Given:
        """Returns the part that concerns a policy: all except facts of other `versions` alone."""
        elsewhere = {fact for version in versions for fact in version.facts}.difference(tables.facts)
        return Given(
            [column for column in self.columns if self.names.get(column) not in elsewhere],
            {column: fact for column, fact in self.names.items() if fact not in elsewhere},
            [fact for fact in self.none if fact not in elsewhere],
        )


def options_of(
    tables: Specs,
    given: Given,
    *,
    by_rows: bool,
    key: Sequence[str] = (),
    why: bool = False,
    faults: bool = False,
    when: Collection[str] = (),
    actions: Collection[str] | None = None,
) -> Options:
    """Maps each column to a fact: to the one that its name is mapped to, or else to the one of its name. `when` may
    name `actions`, or those of the policy.

    Raises `CaseError` if a column is missing, if two columns are one fact, or if two columns of the answer would have
    one name. With `by_rows`, facts that are derived from events need no column.
    """
    columns, names = given.columns, given.names
    wrong: list[Fault] = []
    facts: dict[str, str] = {}
    by_fact: dict[str, str] = {}
    swapped: set[str] = set()
    known = frozenset(tables.facts) | frozenset(HISTORY if by_rows else ())
    for column, fact in names.items():
        if column not in columns and column in known and fact in columns and fact not in known:
            wrong.append(fault(column, "column-for-fact", column=column, name=fact))
            swapped.add(column)
            continue
        if column not in columns:
            wrong.append(fault(None, "no-column", column=column))
        if fact not in known:
            wrong.append(unknown_name(fact, fact, tables.facts, "fact"))
    for column in columns:
        fact = names.get(column, column)
        if fact not in known:
            continue
        if fact in by_fact:
            wrong.append(fault(fact, "two-columns", name=fact, first=by_fact[fact], second=column))
        by_fact[fact] = column
        facts[column] = fact
    derived = {spec.name for spec in tables.history.derived} if by_rows else frozenset[str]()
    sources = {spec.name: {"other": spec.hours} for spec in tables.history.derived if spec.hours in by_fact}
    sources.update((spec.name, {"other": "zone"}) for spec in tables.history.of_moment)
    for fact in tables.needed:
        if fact not in {*by_fact, *derived, *swapped} and tables.facts[fact].absent != "unknown":
            wrong.append(fault(fact, "column-missing", name=fact, **sources.get(fact, {})))
    may_be_none = frozenset(given.none)
    for fact in sorted(may_be_none):
        if fact not in tables.facts:
            wrong.append(unknown_name(fact, fact, tables.facts, "fact"))
        elif tables.facts[fact].absent != "none":
            wrong.append(fault(fact, "not-none", name=fact))
    wrong += unknown_actions(tables.told if actions is None else actions, when)
    answer = kinds(tables.told, tables.lowered.companions, why=why, faults=faults, when=when)
    wrong += clashes(columns, key, [name for name, _ in answer])
    if wrong:
        raise CaseError(wrong)
    return Options(facts, may_be_none, why)


def kinds(
    actions: Iterable[str],
    with_companions: Collection[str],
    *,
    why: bool,
    faults: bool,
    when: Collection[str] = (),
    moments: bool = False,
) -> Kinds:
    """Returns the columns of an answer after its keys: for each action its verdict and, with `why`, its deciding rules;
    for those `with_companions` their companions; for those in `when` the start and end of the time in which they are
    permitted, in days or in `moments`; with `faults` the errors of the row.
    """
    columns: list[tuple[str, pl.DataType | type[pl.DataType]]] = []
    for action in actions:
        columns.append((action, VERDICT))
        if why:
            columns.append((rules_column(action), LISTS))
        if action in with_companions:
            columns.append((along_column(action), LISTS))
    for action in when:
        columns += stretch_columns(action, MOMENT if moments else pl.Date()).items()
    return [*columns, (FAULT, pl.String())] if faults else columns


def columns_of(readings: Iterable[Options]) -> Sequence[str]:
    """The columns that some policies read."""
    return list(dict.fromkeys(column for options in readings for column in options.facts))


def unknown_actions(actions: Collection[str], names: Iterable[str]) -> Iterable[Fault]:
    """The errors in names that are to be some of these actions."""
    return [unknown_name(None, name, actions, "action") for name in names if name not in actions]


def clashes(columns: Sequence[str], key: Sequence[str], taken: Sequence[str]) -> Iterable[Fault]:
    """The errors in the columns of an answer: keys that are missing, and names that would occur twice."""
    for column in key:
        if column not in columns:
            yield fault(None, "no-key-column", column=column)
    for column in dict.fromkeys(column for column in (*key, *taken) if (*key, *taken).count(column) > 1):
        yield fault(None, "two-answer-columns", column=column)


# Optional facts that rules read and of which a file has no column: their names may be misspelt there.


def lacking(
    versions: Iterable[Specs], columns: Sequence[str], names: Mapping[str, str], *, by_rows: bool
) -> dict[str, str | None]:
    """Returns the missing facts that make something that rules read unknown in each row, each with the nearest column
    that is not a fact, if one is near.

    The other arguments are those of `options_of`, which refuses columns that lack a fact which is not optional. With
    `by_rows` a fact may follow from another column: then that column is the missing one.
    """
    tables = list(versions)
    known = {*HISTORY, *(fact for table in tables for fact in table.facts)}
    given = {names.get(column, column) for column in columns}
    others = [column for column in columns if names.get(column, column) not in known]
    lacked: dict[str, str | None] = {}
    for table in tables:
        derived = {spec.name: spec for spec in table.history.derived} if by_rows else {}
        for fact in table.needed:
            if fact in given or table.facts[fact].absent != "unknown":
                continue
            spec = derived.get(fact)
            column = fact if spec is None else HISTORY[0] if spec.events is not None else spec.of or spec.hours
            if column is not None and column not in given:
                near = did_you_mean(column, others)
                lacked[column] = None if near is None else near.meant
    return lacked
