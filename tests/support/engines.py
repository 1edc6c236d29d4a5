"""Engines of SQL that tests ask: DuckDB, PostgreSQL, and Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

if TYPE_CHECKING:
    import psycopg
    from pyspark.sql import SparkSession


class Engine:
    """An engine that is asked in SQL of its dialect: `duckdb`, `postgres` or `spark`.

    The server of PostgreSQL and the session of Spark are fixtures, so that they are started where a test asks for them.
    The files of tests that import this run in one process with all that use Spark (`conftest.py`).
    """

    session: SparkSession
    postgres: psycopg.Connection[Any]

    def __init__(self, dialect: str, request: pytest.FixtureRequest) -> None:
        self.dialect = dialect
        self._duckdb = duckdb.connect() if dialect == "duckdb" else None
        if dialect == "spark":
            self.session = request.getfixturevalue("session")
        elif dialect == "postgres":
            self.postgres = request.getfixturevalue("postgres")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        if self.dialect == "spark":
            return [tuple(row) for row in self.session.sql(query.rstrip(";\n")).collect()]
        found: list[tuple[Any, ...]] = self.execute(query).fetchall()
        return found

    def execute(self, statement: str, values: tuple[object, ...] | None = None) -> Any:
        """Runs a statement on DuckDB or PostgreSQL, and gives its cursor."""
        if self._duckdb is not None:
            return self._duckdb.execute(statement, values)
        return self.postgres.execute(statement.encode(), values)
