"""A fact may have any name: in SQL it is a column, also where an engine has a function or a word of that name."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from engines import Engine
from night import NIGHTLY

import forbear
from forbear.language.syntax.grammar import keywords
from forbear.targets import NotWritten
from forbear.targets.sql.statement import select_statement

DIALECTS = ("duckdb", "postgres", "spark")
VALUES = (
    *("current_time", "current_date", "current_timestamp", "current_user", "user", "session_user", "current_role"),
    *("current_catalog", "current_schema", "localtime", "localtimestamp"),
)
"""What standard SQL calls without parentheses."""
ENGINES: dict[str, tuple[str, ...]] = {
    "duckdb": (
        "SELECT keyword_name FROM duckdb_keywords()",
        "SELECT function_name FROM duckdb_functions()",
        "SELECT type_name FROM duckdb_types()",
    ),
    "postgres": (
        "SELECT word FROM pg_get_keywords()",
        "SELECT proname FROM pg_proc",
        "SELECT typname FROM pg_type WHERE typtype = 'b'",
    ),
    "spark": ("SHOW SYSTEM FUNCTIONS",),
}


TYPES = {datetime.time: "time", int: "integer", str: "text"}


class Named(Engine):
    """An engine with a table of cases, of any names."""

    def table(self, columns: dict[str, list[Any]]) -> None:
        """Makes the table of cases: of whole numbers, of texts or of times, which are texts in Spark."""
        if self.dialect == "spark":
            frame = {
                name: [str(one) if isinstance(one, datetime.time) else one for one in its]
                for name, its in columns.items()
            }
            self.session.createDataFrame(pa.table(frame)).createOrReplaceTempView("cases")
            return
        kinds = {name: TYPES[type(its[0])] for name, its in columns.items()}
        self.execute("DROP TABLE IF EXISTS cases")
        typed = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
        self.execute(f"CREATE TABLE cases ({typed})")
        rows = [f"({', '.join(repr(str(one)) for one in row)})" for row in zip(*columns.values(), strict=True)]
        self.execute(f"INSERT INTO cases VALUES {', '.join(rows)}")

    def decided(self, policy: forbear.Policy) -> list[tuple[Any, ...]]:
        return self.rows(select_statement(policy.typed, self.dialect, None))

    def names(self) -> list[str]:
        """All words, functions and types of the engine and of the parser's dialect that the language takes as names;
        of the functions and types, which take parentheses or a place of their own, in CI some."""
        dialect = sqlglot.Dialect.get_or_raise(self.dialect)
        known = {*VALUES, "rowid", "ctid", *(word.lower() for word in dialect.tokenizer_class.KEYWORDS)}
        others = {word.lower() for word in dialect.parser_class.FUNCTIONS}
        for query in ENGINES[self.dialect]:
            (known if "keywords" in query else others).update(str(row[0]) for row in self.rows(query))
        known |= {*sorted(others)[:: 1 if NIGHTLY else 8]}
        fine = {name for name in known if re.fullmatch("[a-z][a-z0-9_]*", name) and name not in keywords().values()}
        return sorted(fine - ({"ctid"} if self.dialect == "postgres" else set()))  # no column can have that name


@pytest.fixture(params=ENGINES if NIGHTLY else ("duckdb", "postgres"))
def engine(request: pytest.FixtureRequest) -> Named:
    return Named(request.param, request)


def _parts(names: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    return (names[start : start + most] for start in range(0, len(names), most))


def test_a_fact_may_have_any_name(engine: Named) -> None:
    """Hundreds at once: each has to be the value of its own column."""
    names = engine.names()
    assert len(names) > (400 if NIGHTLY else 300)
    for some in _parts(names, 200):
        facts = "".join(f"fact {name} text\n" for name in some)
        every = " and ".join(f'{name} is "the {name}"' for name in some)
        policy = forbear.loads(f"{facts}action the_call\nrule r: {every} then allow the_call")
        case = {name: f"the {name}" for name in some}
        engine.table({name: [text, text if name != some[0] else "another"] for name, text in case.items()})
        said = [
            decision["the_call"].verdict
            for decision in (policy.decide(case), policy.decide({**case, some[0]: "another"}))
        ]
        assert said == ["allowed", "unsaid"]
        assert [row[-2:] for row in engine.decided(policy)] == [(False, one) for one in said], some


def test_an_action_may_have_any_name(engine: Named) -> None:
    names = [name for name in engine.names() if name != "the_days"]
    for some in _parts(names, 200):
        policy = forbear.loads(f"fact the_days count\naction {', '.join(some)}\nthe_days > 3 then allow everything")
        engine.table({"the_days": [3, 4]})
        verdicts = [set(row[2:]) for row in engine.decided(policy)]
        assert verdicts == [{"unsaid"}, {"allowed"}], some


@pytest.mark.parametrize("name", ["current_time", "localtime"])
def test_a_time_of_a_row_is_no_time_of_the_clock(engine: Named, name: str) -> None:
    policy = forbear.loads(
        f"fact {name} time\naction phone_call\nrule always_: allow phone_call when {name} >= 00:00\n"
        f"rule night: never phone_call when {name} is not between 08:00 and 21:00"
    )
    hours = [datetime.time(hour) for hour in range(24)]
    engine.table({name: hours})
    said = [row[-1] for row in sorted(engine.decided(policy))]
    assert said == [policy.decide({name: hour})["phone_call"].verdict for hour in hours]
    assert said.count("forbidden") == 10


def test_what_is_no_column_is_missed(engine: Named) -> None:
    """Functions without parentheses, what can be asked of any row, and functions that PostgreSQL calls by a point."""
    names = [*VALUES, "rowid", "cases"]
    if engine.dialect == "postgres":
        taken = "SELECT DISTINCT proname FROM pg_proc WHERE proargtypes[0] IN (2249, 2276, 2283) AND pronargs = 1"
        names += ["xmin", "ctid", "tableoid", *(str(row[0]) for row in engine.rows(taken))]
    engine.table({"other": [1]})
    for name in sorted({*names} - {*keywords().values()}):
        policy = forbear.loads(f"fact {name} count\naction the_call\nrule r: {name} >= 0 then allow the_call")
        with pytest.raises(Exception, match=f"(?i){name}"):
            engine.decided(policy)


def test_a_field_of_a_struct_is_no_column(engine: Named) -> None:
    """DuckDB and Spark take `name.d` for the field `d` of a column `name`, where they find no column `d`."""
    policy = forbear.loads("fact d count\naction call\nrule r: d >= 1 then allow call")
    for name in ("cases", "facts", "checked", "verdicts", "row"):
        if engine.dialect == "spark":
            engine.rows(f"CREATE OR REPLACE TEMPORARY VIEW cases AS SELECT named_struct('d', 1) AS {name}")
        elif engine.dialect == "duckdb":
            engine.execute("DROP TABLE IF EXISTS cases")
            engine.execute(f"CREATE TABLE cases AS SELECT {{'d': 1}} AS {name}")
        else:
            engine.execute("DROP TABLE IF EXISTS cases; DROP TYPE IF EXISTS of_d; CREATE TYPE of_d AS (d int)")
            engine.execute(f"CREATE TABLE cases ({name} of_d); INSERT INTO cases VALUES (ROW(1))")
        with pytest.raises(Exception, match=r"\bd\b"):
            engine.decided(policy)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_name_is_without_quotes(dialect: str) -> None:
    policy = forbear.load("pack:huabei/redesigned")
    day = datetime.date(2015, 12, 1).toordinal()
    text = select_statement(policy.typed, dialect, day, "user", why=True)
    quote = "`" if dialect == "spark" else '"'
    plain = re.sub(f"'[^']*'|{quote}[^{quote}]*{quote}", "", text)
    for name in (*policy.typed.facts, *policy.typed.actions, "user", "cases", "facts", "checked", "verdicts"):
        assert not re.search(rf"\b{name}\b", plain, re.IGNORECASE), name


def test_tables_by_any_name(engine: Named) -> None:
    policy = forbear.loads("fact d count\naction call\nrule r: d >= 1 then allow call")
    if engine.dialect == "spark":
        engine.table({"d": [1]})
        engine.rows("CREATE OR REPLACE TEMPORARY VIEW `user` AS SELECT * FROM cases")
    elif engine.dialect == "duckdb":
        engine.execute('CREATE TABLE "user" AS SELECT 1 AS d')
    else:
        engine.execute('DROP TABLE IF EXISTS "user"; CREATE TABLE "user" AS SELECT 1 AS d')
    for name in ("user", "User"):
        assert engine.rows(select_statement(policy.typed, engine.dialect, None, name)) == [(1, False, "allowed")]


def test_names_that_postgresql_would_cut_are_refused() -> None:
    long = "d" * 63
    fine = forbear.loads(f"fact {long} count\naction call\nrule r: {long} >= 1 then allow call")
    assert long in select_statement(fine.typed, "postgres", None)
    two = f"fact {long}1 count\nfact {long}2 count\naction call\nrule r: {long}1 >= 1 and {long}2 = 0 then allow call"
    with pytest.raises(NotWritten, match="63 bytes"):
        select_statement(forbear.loads(two).typed, "postgres", None)
    action = forbear.loads(f"fact d count\naction {long}\nrule r: d >= 1 then allow {long}")
    select_statement(action.typed, "postgres", None)
    with pytest.raises(NotWritten, match=f"{long}_rules"):
        select_statement(action.typed, "postgres", None, why=True)
