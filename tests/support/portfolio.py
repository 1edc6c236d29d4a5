"""Frames drawn for a policy, each column in one of the types that it may come in, and what `decide` says of each row.

The rows are cases at and around each threshold; some have values that no case may have.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from strategies import boundary_cases

import forbear
from forbear.kernel.cases import GridValue
from forbear.language.model import kinds
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import value_json
from forbear.semantics.composition.duties import companions_of

Expected = dict[str, Any]
"""For each action its verdict, its rules and what goes along, and under `fault` what is wrong."""


def frame_for(policy: TypedPolicy, seed: int, rows: int, *, faulty: bool = True, typed: bool = False) -> pl.DataFrame:
    """A frame with a column for each fact that the policy reads, in any order, and one that is no fact. In one that is
    `typed` texts are of the facts that are texts, and a null is none."""
    generator = random.Random(seed)
    cases = boundary_cases(policy, seed, rows)
    names = list(cases[0]) if cases else []
    generator.shuffle(names)
    columns = [_column(policy.facts[name], [case[name] for case in cases], generator, faulty, typed) for name in names]
    columns.insert(generator.randint(0, len(columns)), pl.Series("account id", range(len(cases))))
    return pl.DataFrame(columns)


_LOOSE = (pl.Categorical, pl.Enum, pl.Datetime)
"""Types that a warehouse lacks, or that hold more than a fact does."""


def _column(fact: Fact, values: list[GridValue], generator: random.Random, faulty: bool, typed: bool) -> pl.Series:
    raw: list[Any] = [None if typed and value is None else value_json(fact, value) for value in values]
    forms = _forms(fact, "none" in raw)
    if typed:
        texts = fact.kind in (kinds.CHOICE, kinds.ORDER, kinds.CODE, kinds.TEXT)
        forms = [form for form in forms if (form[0] == pl.String) == texts and form[0] not in _LOOSE]
        if any(len(str(one).strip("-0.").replace(".", "")) > 14 for one in raw):
            forms = [form for form in forms if form[0] != pl.Float64]  # a warehouse does not round these exactly
    dtype, convert = generator.choice(forms)
    column = [None if one is None else convert(one) for one in raw]
    if faulty and generator.random() < 0.4:
        junk = [None] if typed and dtype == pl.Time else _junk(fact, dtype, generator)
        column = [generator.choice(junk) if generator.random() < 0.1 else one for one in column]
    series = pl.Series(fact.name, column, dtype=dtype, strict=False)
    if generator.random() < 0.3 and len(series) > 1:
        at = generator.randrange(1, len(series))
        series = pl.concat([series[:at], series[at:]], rechunk=False)
    return series


def _forms(fact: Fact, has_none: bool) -> list[tuple[Any, Any]]:
    """The types in which a fact may come, each with what makes a value of it from one in JSON."""
    if fact.kind.numeric:
        forms: list[tuple[Any, Any]] = [(pl.String, lambda one: str(one))]
        if fact.kind is kinds.MONEY and fact.currency:
            forms.append((pl.String, lambda one: one if one == "none" else f"{fact.currency} {one}"))
        if not has_none:
            forms += [(pl.Decimal(38, 6), lambda one: Decimal(one)), (pl.Float64, lambda one: float(one))]
            if fact.step.denominator == 1:
                forms += [(pl.Int64, int), (pl.Int64, int)]
        return forms
    if fact.kind is kinds.DATE:
        typed = [
            (pl.Date, _day),
            (pl.Datetime("us"), lambda one: datetime.datetime.combine(_day(one), datetime.time())),
        ]
        return [(pl.String, str), *([] if has_none else typed)]
    if fact.kind is kinds.TIME:
        return [(pl.String, str), *([] if has_none else [(pl.Time, datetime.time.fromisoformat)])]
    if fact.kind is kinds.FLAG:
        return [(pl.Object, lambda one: one)] if has_none else [(pl.Boolean, bool)]
    forms = [(pl.String, str), (pl.Categorical, str)]
    return forms if fact.kind is kinds.TEXT else [*forms, (pl.Enum([*fact.names, "none", "zz"]), str)]


def _day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def _junk(fact: Fact, dtype: Any, generator: random.Random) -> list[Any]:
    """Values of a type that the fact may or may not have."""
    if dtype == pl.String:
        return [
            None,
            "none",
            "",
            "1e3",
            "+1",
            " 1",
            "0.123456789",
            "-7",
            "99999999999999999999",
            "XAF 3",
            "yes",
            "2015-02-30",
        ]
    if dtype == pl.Float64:
        return [None, float("nan"), float("inf"), 1e300, 0.1 + 0.2, -0.0, 1e-300, 123456789012345.67, 2.5, 1e15]
    if isinstance(dtype, pl.Decimal):
        return [None, Decimal("0.000001"), Decimal("-3"), Decimal("99999999999999999999")]
    if dtype == pl.Int64:
        return [None, -1, 2**62, 7]
    if dtype == pl.Object:
        return [None, "none", 3, "yes", True]
    if isinstance(dtype, pl.Datetime):
        return [None, datetime.datetime(2020, 1, 1, 3)]
    if dtype == pl.Time:
        return [None, datetime.time(8, 0, 0, 5)]
    return [None]


def expected(
    policy: forbear.Policy, frame: pl.DataFrame, on: datetime.date | None, none: Collection[str] = ()
) -> list[Expected]:
    """What `Policy.decide` says of each row."""
    found = []
    facts = policy.typed.facts
    for row in frame.iter_rows(named=True):
        case = {name: _given(facts[name], value, none) for name, value in row.items() if name in facts}
        found.append(_decided(policy, case, on))
    return found


def _given(fact: Fact, value: Any, none: Collection[str]) -> Any:
    if value is None and fact.name in none:
        return "none"
    if fact.kind is kinds.DATE and isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date()
    return value


def _decided(policy: forbear.Policy, case: Mapping[str, object], on: datetime.date | None) -> Expected:
    actions = policy.typed.actions
    try:
        decision = policy.decide(case, on)
    except forbear.CaseError as error:
        undecided: Expected = {name: ("undecided", [], []) for name in actions}
        return {**undecided, "fault": str(error)}
    decided: Expected = {
        name: (its.verdict.value, list(its.rules), [one.action for one in its.along]) for name, its in decision.items()
    }
    return {**decided, "fault": None}


def said(policy: forbear.Policy, answer: pl.DataFrame) -> list[Expected]:
    """What an answer with rules and faults says of each row, to be held beside `expected`."""
    rows = []
    for row in answer.iter_rows(named=True):
        its: Expected = {name: answer_of(row, name) for name in policy.typed.actions}
        rows.append({**its, "fault": row["fault"]})
    return rows


def answer_of(row: Mapping[str, Any], action: str) -> tuple[Any, Any, Any]:
    """What a row of an answer says of an action: its verdict, its rules, and what goes along."""
    return row[action], row[f"{action}_rules"], row.get(f"{action}_along", [])


def columns_of(policy: forbear.Policy, *, why: bool) -> list[str]:
    """The columns of an answer after its keys."""
    hosts = companions_of(policy.typed)
    return [
        column
        for action in policy.typed.actions
        for column, there in ((action, True), (f"{action}_rules", why), (f"{action}_along", action in hosts))
        if there
    ]


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of types that Spark has too."""
    texts = [name for name, kind in frame.schema.items() if kind in (pl.Categorical, pl.Enum, pl.Time, pl.Object)]
    changed = [
        pl.Series(name, [None if one is None else str(one) for one in frame[name].to_list()], dtype=pl.String)
        for name in texts
    ]
    return frame.with_columns(changed)
