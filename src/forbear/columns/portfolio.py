"""A portfolio, batch by batch: each with its keys and verdicts, and what is wrong with which of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import polars as pl
from attrs import frozen

from forbear.columns.applier import Applier, Question
from forbear.columns.applying import Applied
from forbear.columns.by_rows import apply_by_rows
from forbear.columns.files import Cases, read_flags
from forbear.kernel import ActionDecision
from forbear.vocabulary.facts import Kind

_LINES = 10_000
"""Lines that are decided at a time."""


@frozen(eq=False)
class Reject:
    """A row that cannot be decided, by its number, counted from 1, and its keys."""

    row: int
    keys: tuple[object, ...]
    reason: str


@frozen(eq=False)
class Batch:
    """Some rows: a frame with keys and verdicts, and what is to be counted."""

    frame: pl.DataFrame
    rejects: tuple[Reject, ...]
    applied: Applied


def decided(applier: Applier, cases: Cases, question: Question, key: Sequence[str], *, texts: bool) -> Iterator[Batch]:
    """The batches of a file of columns; `texts`: its flags are written as texts. Raises `Unreadable`."""
    facts = question.asked.facts
    flags = [one for one, fact in facts.items() if fact in applier.tables.facts and _is_flag(applier, fact)]
    start = 1
    for given in cases.batches(list(dict.fromkeys((*key, *facts)))):
        frame = read_flags(given, flags) if texts and flags else given
        batch = _batch(given.select(key), applier.answer(question, frame, frame.height), start)
        yield batch
        start += frame.height


def _is_flag(applier: Applier, fact: str) -> bool:
    return applier.tables.facts[fact].kind == Kind.FLAG


@frozen(eq=False)
class Line:
    """One case of a file of lines, with what its keys say, and what decides it or raises what is wrong with it."""

    keys: tuple[str | None, ...]
    decide: Callable[[], Mapping[str, ActionDecision]]


def decided_lines(applier: Applier, lines: Iterable[Line], question: Question, key: Sequence[str]) -> Iterator[Batch]:
    """The batches of cases that come one a line."""
    remaining = iter(lines)
    start = 1
    while some := list(islice(remaining, _LINES)):
        keys = pl.DataFrame(
            {name: [line.keys[place] for line in some] for place, name in enumerate(key)},
            schema=dict.fromkeys(key, pl.String),
        )
        applied = apply_by_rows(applier.tables, some, lambda line: line.decide(), question.asked)
        yield _batch(keys, applied, start)
        start += len(some)


def _batch(keys: pl.DataFrame, applied: Applied, start: int) -> Batch:
    columns = applied.columns.values()
    rejects = [
        Reject(start + row, keys.row(row) if keys.width else (), reason) for row, reason in applied.rejects.items()
    ]
    return Batch(pl.DataFrame([*keys.get_columns(), *columns]), tuple(rejects), applied)
