"""The SELECT of a policy says what `decide` says of each row: on DuckDB, on PostgreSQL, and on Spark."""

from __future__ import annotations

import datetime
import random
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import duckdb
import polars as pl
import portfolio
import psycopg
import pytest
import strategies
from hypothesis import HealthCheck, Phase, assume, given, settings
from night import NIGHTLY
from strategies import examples

import forbear
from forbear.base.characters import hidden
from forbear.language.model.policy import facts_read
from forbear.targets import NotWritten
from forbear.targets.sql import statement
from forbear.targets.sql.statement import select_statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DIALECTS = ("duckdb", "postgres", "spark")
ROWS = 120


def fewer(in_ci: int, before: int) -> int:
    """Of an engine's examples so many in CI; at night as many as if they were more there."""
    return examples(before) if NIGHTLY else in_ci


def _drawn(model: strategies.Policy, seed: int) -> tuple[forbear.Policy, pl.DataFrame, int | None, list[Any]]:
    """A policy, a frame for it, a day, and what `decide` says of each row."""
    policy = forbear.loads(model.text)
    columns = portfolio.columns_of(policy, why=True)
    assume(not {*facts_read(policy.typed)} & {*columns} and len({*columns}) == len(columns))
    frame = portfolio.frame_for(policy.typed, seed, ROWS, typed=True)
    frame = frame.with_columns(
        pl.Series(name, frame[name].to_list(), dtype=pl.Boolean) for name in frame.columns if _is_flag(policy, name)
    )
    day = random.Random(seed).choice(strategies.boundary_days_of(policy.typed))
    on = None if day is None else datetime.date.fromordinal(day)
    none = [fact.name for fact in policy.typed.facts.values() if fact.or_none]
    rows = portfolio.expected(policy, frame, on, none)
    return policy, frame, day, [{name: row[name] for name in policy.typed.actions} for row in rows]


def _is_flag(policy: forbear.Policy, name: str) -> bool:
    return name in policy.typed.facts and policy.typed.facts[name].kind.word == "yes/no"


def _answers(policy: forbear.Policy, names: list[str], rows: list[tuple[Any, ...]], columns: int) -> list[Any]:
    """What a warehouse said: its columns after those of the table, one of them for rows that it cannot decide."""
    undecided, *said = names[columns:]
    answers = [dict(zip((undecided, *said), row[columns:], strict=True)) for row in rows]
    actions = list(policy.typed.actions)
    assert "decided_for" in said or not policy.typed.dated
    if "decided_for" in said:
        assert said.pop() == "decided_for"
        assert len({row["decided_for"] for row in answers}) == min(1, len(answers))
    assert said == portfolio.columns_of(policy, why=True)
    assert all(row[undecided] == ({row[name] for name in actions} == {"undecided"}) for row in answers)
    return [{name: portfolio.answer_of(row, name) for name in actions} for row in answers]


@settings(max_examples=fewer(30, 60))
@given(strategies.policies(relations=True), strategies.seeds())
def test_duckdb_decides_as_rows_are_decided(model: strategies.Policy, seed: int) -> None:
    policy, frame, day, rows = _drawn(model, seed)
    with duckdb.connect() as connection:
        connection.register("cases", frame.to_arrow())
        found = connection.execute(select_statement(policy.typed, "duckdb", day, why=True))
        names = [column[0] for column in found.description or ()]
        answers = sorted(found.fetchall(), key=lambda row: row[names.index("account id")])
    assert _answers(policy, names, answers, frame.width) == rows


@settings(max_examples=fewer(20, 40))
@given(strategies.override_chains(), strategies.seeds())
def test_chains_of_overrides(model: strategies.Policy, seed: int) -> None:
    policy, frame, day, rows = _drawn(model, seed)
    with duckdb.connect() as connection:
        connection.register("cases", frame.to_arrow())
        found = connection.execute(select_statement(policy.typed, "duckdb", day, why=True))
        names = [column[0] for column in found.description or ()]
        assert _answers(policy, names, found.fetchall(), frame.width) == rows


TYPES: dict[Any, str] = {
    pl.Int64: "bigint",
    pl.Float64: "double precision",
    pl.Boolean: "boolean",
    pl.String: "text",
    pl.Date: "date",
    pl.Datetime: "timestamp",
    pl.Time: "time",
}


@settings(
    max_examples=fewer(15, 25),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(strategies.policies(relations=True), strategies.seeds())
def test_postgresql_decides_as_rows_are_decided(
    postgres: psycopg.Connection[Any], model: strategies.Policy, seed: int
) -> None:
    policy, frame, day, rows = _drawn(model, seed)
    columns = [f'"{name}" {TYPES.get(type(kind), "numeric")}' for name, kind in frame.schema.items()]
    with postgres.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS cases; CREATE TABLE cases ({', '.join(columns)})".encode())
        with cursor.copy(b"COPY cases FROM STDIN") as copy:
            for row in frame.iter_rows():
                copy.write_row(row)
        cursor.execute(select_statement(policy.typed, "postgres", day, why=True).encode())
        names = [column.name for column in cursor.description or ()]
        answers = sorted(cursor.fetchall(), key=lambda row: row[names.index("account id")])
    assert _answers(policy, names, answers, frame.width) == rows


def test_postgresql_computes_each_column_once_a_row(postgres: psycopg.Connection[Any]) -> None:
    policy = forbear.loads("rule a: after 3 days and unreachable >= 3 then allow sms")
    with postgres.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS cases; CREATE TABLE cases (days_overdue bigint, unreachable bigint)")
        cursor.execute(b"EXPLAIN " + select_statement(policy.typed, "postgres", None).encode())
        plan = [str(line) for (line,) in cursor.fetchall()]
    assert sum("Nested Loop" in line for line in plan) == 3, "one for facts, errors and verdicts each"


@settings(
    max_examples=fewer(4, 8),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(strategies.policies(relations=True), strategies.seeds())
def test_spark_decides_as_rows_are_decided(session: SparkSession, model: strategies.Policy, seed: int) -> None:
    policy, frame, day, rows = _drawn(model, seed)
    session.createDataFrame(portfolio.plain(frame).to_arrow()).createOrReplaceTempView("cases")
    found = session.sql(select_statement(policy.typed, "spark", day, why=True).rstrip(";\n"))
    answers = [tuple(row) for row in found.orderBy("account id").collect()]
    assert _answers(policy, found.columns, answers, frame.width) == rows


def test_on_spark_a_text_that_is_no_time_is_undecided(session: SparkSession) -> None:
    policy = forbear.loads("fact t time or none\naction a\nrule r: t >= 08:00 then allow a")
    times = ["08:00", "07:59:59", "8:00", "24:00", "08:00:30", "08:00:30.5", "zz", "none", None]
    session.createDataFrame([(one,) for one in times], "t string").createOrReplaceTempView("cases")
    found = session.sql(select_statement(policy.typed, "spark", None).rstrip(";\n"))
    said = {row["t"]: row["a"] for row in found.collect()}
    assert {time for time, verdict in said.items() if verdict == "allowed"} == {"08:00", "08:00:30"}
    assert {time for time, verdict in said.items() if verdict == "unsaid"} == {"07:59:59", "none", None}


def test_a_chain_that_does_not_fit_is_refused() -> None:
    rules = ["rule r0: o then allow a"]
    for number in range(1, 24):
        effect = "forbid" if number % 2 else "allow"
        weaker = ", ".join(f"r{other}" for other in range(number) if other % 2 != number % 2)
        rules.append(f"rule r{number}: o then {effect} a overrides {weaker}")
    policy = forbear.loads("fact o yes/no optional\naction a\n" + "\n".join(rules))
    with (
        patch.object(statement, "_WIDEST", statement._WIDEST if NIGHTLY else 1_000),
        pytest.raises(NotWritten, match="more than"),
    ):
        select_statement(policy.typed, "duckdb", None)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_shipped_policy_in_each_dialect(dialect: str) -> None:
    import sqlglot

    policy = forbear.load("pack:huabei/redesigned")
    day = datetime.date(2015, 12, 1).toordinal()
    text = select_statement(policy.typed, dialect, day, "lender.accounts")
    assert text == select_statement(policy.typed, dialect, day, "lender.accounts")
    [statement] = [one for one in sqlglot.parse(text, dialect=dialect) if one is not None]
    names = [one.alias_or_name.lower() for one in statement.expressions]
    assert names == ["*", "undecided", *policy.typed.actions, "decided_for"]
    text = select_statement(policy.typed, dialect, day, why=True)
    [statement] = [one for one in sqlglot.parse(text, dialect=dialect) if one is not None]
    both = [name for action in policy.typed.actions for name in (action, f"{action}_rules")]
    assert [one.alias_or_name.lower() for one in statement.expressions] == ["*", "undecided", *both, "decided_for"]


CALL = "fact d count\naction call\naction visit\nrule r: d >= 1 then allow call"


@pytest.mark.parametrize("taken", ["undecided", "call", "visit"])
def test_a_table_with_a_column_of_the_answer_is_refused(
    postgres: psycopg.Connection[Any], session: SparkSession, taken: str
) -> None:
    """An earlier answer, or anything else: which of the two columns an answer is, nobody could tell."""
    from pyspark.errors import AnalysisException

    policy = forbear.loads(CALL).typed
    frame = pl.DataFrame({"d": [1.5], taken: [False] if taken == "undecided" else ["allowed"]})
    with duckdb.connect() as connection:
        connection.register("cases", frame.to_arrow())
        with pytest.raises(duckdb.BinderException, match=f'Ambiguous.*"{taken}"'):
            connection.execute(select_statement(policy, "duckdb", None))
    with postgres.cursor() as cursor:
        of_type = "boolean" if taken == "undecided" else "text"
        cursor.execute(f'DROP TABLE IF EXISTS cases; CREATE TABLE cases (d numeric, "{taken}" {of_type})'.encode())
        with pytest.raises(psycopg.errors.AmbiguousColumn, match=taken):
            cursor.execute(select_statement(policy, "postgres", None).encode())
    session.createDataFrame(frame.to_arrow()).createOrReplaceTempView("cases")
    with pytest.raises(AnalysisException, match=f"`{taken}`"):
        session.sql(select_statement(policy, "spark", None).rstrip(";\n"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_text_hides_what_is_not_seen(dialect: str) -> None:
    policy = forbear.loads('fact v text\naction a\nrule r: never a when v is one of "\u202ex\u200b", "\u009bé"')
    statement = select_statement(policy.typed, dialect, None)
    assert not list(hidden(statement))
    assert "é" in statement


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_fact_and_an_action_of_one_name_are_refused(dialect: str) -> None:
    policy = forbear.loads("fact call count\naction call\nrule r: call >= 1 then allow call")
    with pytest.raises(NotWritten, match="`call` is a fact and an action"):
        select_statement(policy.typed, dialect, None)
    policy = forbear.loads("fact d count\naction call\naction call_rules\nrule r: d >= 1 then allow call")
    assert "call_rules" in select_statement(policy.typed, dialect, None).lower()
    with pytest.raises(NotWritten, match="`call_rules` would be two columns: the rules of `call`"):
        select_statement(policy.typed, dialect, None, why=True)


@pytest.mark.parametrize("table", ["cases", "checked", "verdicts"])
def test_names_that_the_statement_uses_itself(
    postgres: psycopg.Connection[Any], session: SparkSession, table: str
) -> None:
    """A table, its columns and facts may have them."""
    facts = "fact undecided count\nfact checked count\n"
    policy = forbear.loads(facts + CALL.replace("d >= 1", "d >= 1 and undecided = 0 and checked = 0")).typed
    frame = pl.DataFrame({"d": [1.0, 1.5], "undecided": [0, 0], "checked": [0, 0], "cases": [7, 8], "verdicts": [7, 8]})
    answer = [(1.0, 0, 0, 7, 7, False, "allowed", "unsaid"), (1.5, 0, 0, 8, 8, True, "undecided", "undecided")]
    with duckdb.connect() as connection:
        connection.register(table, frame.to_arrow())
        assert connection.execute(select_statement(policy, "duckdb", None, table)).fetchall() == answer
    with postgres.cursor() as cursor:
        columns = ", ".join(f"{name} double precision" for name in frame.columns)
        cursor.execute(f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({columns})".encode())
        with cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in frame.iter_rows():
                copy.write_row(row)
        cursor.execute(select_statement(policy, "postgres", None, table).encode())
        assert cursor.fetchall() == answer
    session.createDataFrame(frame.to_arrow()).createOrReplaceTempView(table)
    found = session.sql(select_statement(policy, "spark", None, table).rstrip(";\n"))
    assert [tuple(row) for row in found.collect()] == answer
