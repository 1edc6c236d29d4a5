"""SQL: what the SELECT of a policy says of a table with hostile names, types and values is what `decide` says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import kinds
import pytest
from campaign import SHARDS, Campaign

import forbear
from forbear.kernel.cases import CaseError
from forbear.language.model.policy import facts_read
from forbear.targets import NotWritten
from forbear.targets.sql.statement import select_statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OF_SPARK = (
    "current_time", "current_date", "current_timestamp", "current_user", "user", "session_user", "localtimestamp",
    "current_catalog",
)  # fmt: skip


@cache
def names() -> tuple[str, ...]:
    """Names of facts that mean something in SQL: every function and word of DuckDB, and those of Spark."""
    with duckdb.connect() as connection:
        functions = connection.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
        keywords = connection.execute("SELECT keyword_name FROM duckdb_keywords()").fetchall()
    values = (
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "current_user",
        "user",
        "session_user",
    )
    found = {name for (name,) in (*functions, *keywords)} | {*OF_SPARK}
    allowed = [name for name in sorted(found) if _is_name(name)]
    return (*allowed, *[name for name in values if name in allowed] * (len(allowed) // 20))


def _is_name(name: str) -> bool:
    try:
        forbear.loads(f"fact {name} count\naction a\nrule r: {name} > 3 then allow a")
    except forbear.PolicyError:
        return False
    return name not in ("sms", "visit", "call", "cases", "undecided")


TYPES: tuple[tuple[str, Sequence[str]], ...] = (
    ("TINYINT", ("0", "3", "5", "127", "-128")), ("UTINYINT", ("0", "5", "255")),
    ("INTEGER", ("0", "5", "60", "61", "2147483647")),
    ("BIGINT", ("0", "5", "9223372036854775807", "-9223372036854775808")), ("UBIGINT", ("5", "18446744073709551615")),
    ("HUGEINT", ("5", "170141183460469231731687303715884105727")),
    ("REAL", ("0", "0.5", "5", "16777216", "33554432", "1e10", "nan", "inf")),
    ("DOUBLE", ("0", "0.15", "0.5", "5", "1e15", "1e300", "5e-324", "nan", "-inf")),
    ("DECIMAL(38,18)", ("0", "10", "20", "0.15", "1e19")), ("DECIMAL(9,2)", ("0", "0.15", "5", "1000.01")),
    ("DECIMAL(38,0)", ("5", "10", "99999999999999999999999999999999999999")),
    ("VARCHAR", ("red", "blue", "low", "high", "NY", "none", "", "NY\n", "${env:HOME}", "a'b\\n", "re\u0501")),
    ("BOOLEAN", ("true", "false")),
    ("DATE", ("2015-09-22", "2015-09-21", "infinity", "-infinity", "20000-01-01", "0001-01-01 (BC)", "9999-12-31")),
    ("TIME", ("08:00", "21:00:01", "24:00:00", "23:59:59", "08:00:00.5")),
)  # fmt: skip
_NUMBERS = ("INT", "REAL", "DOUBLE", "DECIMAL")
_FITTING = {
    **dict.fromkeys(("count", "days", "number", "money", "percent"), _NUMBERS),
    "date": ("DATE",),
    "time": ("TIME",),
    "yes/no": ("BOOLEAN",),
    "one": ("VARCHAR",),
    "text": ("VARCHAR",),
}
"""The types in which a fact of a kind may stand in a table."""
ROWS = 15


@pytest.mark.parametrize("shard", SHARDS)
def test_duckdb(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_duckdb, tmp_path, ci=120, nightly=20_000, shard=shard)


def _table(drawn: kinds.Drawn, generator: random.Random) -> tuple[dict[str, str], list[dict[str, str | None]]]:
    """A type for each fact, one that it may have in a table, and rows of values as texts."""
    types: dict[str, tuple[str, Sequence[str]]] = {}
    for line in drawn.text.splitlines():
        if line.startswith("fact "):
            _, name, word, *_ = line.split()
            types[name] = generator.choice([one for one in TYPES if any(part in one[0] for part in _FITTING[word])])
    rows: list[dict[str, str | None]] = [
        {name: None if generator.random() < 0.1 else generator.choice(values) for name, (_, values) in types.items()}
        for _ in range(ROWS)
    ]
    return {name: kind for name, (kind, _) in types.items()}, rows


def _duckdb(generator: random.Random, folder: Path) -> Counter[str]:
    drawn = kinds.drawn(generator, names() if generator.random() < 0.5 else kinds.PLAIN, most=3)
    policy = forbear.loads(drawn.text)
    types, rows = _table(drawn, generator)
    try:
        statement = select_statement(policy.typed, "duckdb", None)
    except NotWritten:
        return Counter({"no statement": 1})
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    with duckdb.connect() as connection:
        connection.execute(f'CREATE TABLE cases ("row number" INTEGER, {columns})')
        marks = ", ".join(f"TRY_CAST(? AS {kind})" for kind in types.values())
        connection.executemany(
            f"INSERT INTO cases VALUES (?, {marks})", [(i, *row.values()) for i, row in enumerate(rows)]
        )
        texts = ", ".join(f'CAST("cases"."{name}" AS VARCHAR)' for name in types)
        held = connection.execute(f'SELECT {texts} FROM cases ORDER BY "row number"').fetchall()
        found = connection.execute(statement)
        header = [column[0] for column in found.description or ()]
        answers = sorted(found.fetchall())
    said = [dict(zip(header, answer, strict=True)) for answer in answers]
    assert len(said) == ROWS
    return _compared(policy, types, [dict(zip(types, row, strict=True)) for row in held], said)


def _compared(
    policy: forbear.Policy, types: dict[str, str], rows: Sequence[dict[str, str | None]], said: Sequence[dict[str, Any]]
) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    for row, answer in zip(rows, said, strict=True):
        expected = _decided(policy, types, row)
        inexact = any(types[name] in ("REAL", "DOUBLE") and value is not None for name, value in row.items())
        for action in policy.typed.actions:
            verdict = "undecided" if expected is None else expected[action].verdict.value
            if inexact and answer[action] == "undecided":
                continue  # of what is no exact number, a warehouse may decide less
            shown = f"{row} {types}\n{answer}"
            assert answer[action] == verdict, f"SQL says {answer[action]}, and decide {verdict} | {shown:.600}"
        outcomes["undecided" if expected is None else "decided"] += 1
    return outcomes


def _decided(policy: forbear.Policy, types: dict[str, str], row: dict[str, str | None]) -> forbear.Decision | None:
    case: dict[str, object] = {}
    read = facts_read(policy.typed)  # a statement looks at no others
    for name, text in row.items():
        if name not in read:
            continue
        fact = policy.typed.facts[name]
        value: object = text
        if text is None:
            value = "none" if fact.or_none else None
        elif types[name] == "BOOLEAN":
            value = text == "true"
        elif types[name] in ("REAL", "DOUBLE"):
            value = float(text)
        elif types[name].startswith("DECIMAL") or "INT" in types[name]:
            value = Decimal(text)
        case[name] = value
    try:
        return policy.decide(case)
    except CaseError:
        return None


OF_TEXTS = ("08:00", "08:00\n", "08:00:30", " 08:00", "24:00", "07:59:59", "zz")
SPARK_POLICY = """\
fact {name} count
fact home text
fact t time or none
action sms, visit, call
rule r: {name} >= 5 then allow sms
rule h: home is "${{env:HOME}}" then allow visit
rule t: t >= 08:00 then allow call
"""


def test_spark(campaign: Campaign, tmp_path: Path, session: SparkSession) -> None:
    """A few statements, of many names each: Spark takes its time."""

    def attack(generator: random.Random, folder: Path) -> Counter[str]:
        name = generator.choice(OF_SPARK)
        policy = forbear.loads(SPARK_POLICY.format(name=name))
        rows = [(index, generator.choice((4, 5)), home, t) for index, (home, t) in enumerate(
            (home, t) for home in ("${env:HOME}", str(Path.home()), "x") for t in OF_TEXTS)]  # fmt: skip
        session.createDataFrame(rows, f"row_number int, {name} int, home string, t string").createOrReplaceTempView(
            "cases"
        )
        statement = select_statement(policy.typed, "spark", None).rstrip(";\n")
        said = [row.asDict() for row in session.sql(statement).orderBy("row_number").collect()]
        types = {name: "INT", "home": "VARCHAR", "t": "VARCHAR"}
        held: list[dict[str, str | None]] = [{name: str(value), "home": home, "t": t} for _, value, home, t in rows]
        return _compared(policy, types, held, said)

    campaign.run(attack, tmp_path, ci=3, nightly=40)
