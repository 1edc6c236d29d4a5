"""Whatever a column holds, the SELECT of a policy says of it what `decide` says of what the engine's client returns;
what `decide` refuses is undecided, and so is every row where a column has a type that is not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import duckdb
import psycopg
import pytest
from attrs import frozen
from engines import Engine
from night import NIGHTLY
from pyspark.errors import PySparkException

import forbear
from forbear.targets.sql.statement import select_statement

NUMBERS = [
    *("0", "-0.0", "1", "-1", "3", "7", "10", "100", "127", "2.5", "0.05", "0.1", "0.07", "0.005", "0.00001"),
    *("0.00005", "1.00005", "1e-7", "1e-15", "1e-16", "1e-17"),
    *("1e-30", "1e-300", "0.30000000000000004", "1.2345678901234567e-05", "1.9999999999999998e-15"),
    *("5e-14", "16777217"),
    *("10000001", "10000000.05", "12345678.9", "123456789012345", "999999999999999"),
    *("1000000000000000", "-999999999999999"),
    *("9999999999999.99", "9999999999999.995", "10000000000000", "99999999999999.95", "49999999999999.95"),
    *("49999999999999.97", "9223372036854775807", "1e18", "1e19", "1e30", "1e300", "nan", "infinity", "-infinity"),
]
TEXTS = [
    *("ca", "CA", "ca ", " ca", "", "none", "NONE", "low", "high", "mid", "ca\n", "ca\\", "it's"),
    *("${env:HOME}", "a\\nb"),
]
TEXTS += [
    *('"', "$", "höchst", "c\u202ea", "a\tb", "%", "{{x}}", "&x", "`", "--", "/*", ";", ":x", "?", "08:00", "1"),
    *("2020-01-01", "true"),
]
DATES = ["2020-01-01", "2019-12-31", "0001-01-01", "9999-12-31", "9999-12-30", "infinity", "-infinity", "20000-01-01"]
DATES += ["0001-01-01 BC", "4000-01-01 BC", "2020-02-29"]
TIMES = [
    *("00:00", "03:00", "08:00", "07:59:59", "07:59:59.999999", "08:00:00.5", "08:00:00.000001"),
    *("21:00", "21:00:00.1"),
]
TIMES += ["23:59:59", "24:00:00", "08:00:30"]
TEXT_TIMES = [*TIMES, "8:00", "08:00\n", "08:00:00\n", "08:00\r\n", "\n08:00", "25:00", "08:60", "08:00:60", "", "none"]
TEXT_TIMES += ["none\n", "NONE", "08:00Z", "08:00+01:00", "٠٨:00", "08:00:0", "8 a.m."]
FLAGS = ["true", "false"]

FACTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "yes/no": ("flag", ("v", "not v")),
    "one of ca, b": ("text", ("v is ca", "v is not ca", "v is one of ca, b")),
    'text one of "ca", "b"': ("text", ('v is "ca"', 'v is not "ca"', 'v is one of "ca", "b"')),
    "one of low < mid < high": ("text", ("v >= mid", "v < mid", "v is low")),
    "text": (
        "text",
        tuple(
            f"v {how} {_quoted}"
            for how in ("is", "is not")
            for _quoted in (
                *('"CA"', '"it\'s"', '"${env:HOME}"', '"ca\\\\"', '"a\\\\nb"', '"$"', '"`"', '"\\""', '"höchst"'),
                *('"c\u202ea"', '""', '"none."'),
            )
        ),
    ),
    "date": ("date", ("v >= 2020-01-01", "v = 9999-12-31", "v < 2020-01-01")),
    "date between 2020-01-01 and 2030-12-31": ("date", ("v >= 2020-02-01",)),
    "time": ("time", ("v is not between 08:00 and 21:00", "v >= 08:00", "v between 21:00 and 08:00", "v = 23:59:59")),
    "time between 08:00 and 20:00": ("time", ("v >= 08:00:30",)),
    "days": ("number", ("v >= 3", "v = 16777217", "v > 999999999999998")),
    "count in steps of 7": ("number", ("v >= 7", "v < 7")),
    "count between 1 and 100": ("number", ("v >= 3",)),
    "number": ("number", ("v >= 2.5", "v < 0", "v = 0.07")),
    "number in steps of 10": ("number", ("v >= 10", "v < 0")),
    "number in steps of 0.05": ("number", ("v >= 0.05", "v = 9999999999999.95")),
    "number in steps of 0.00005": ("number", ("v >= 0.00005", "v > 1")),
    "number between -1 and 1 in steps of 0.00000000000005": ("number", ("v >= 0.00000000000005", "v < 0")),
    "percent": ("number", ("v >= 2.5%", "v = 0.1%")),
    "money CNY": ("number", ("v >= CNY 2.5", "v = CNY 9999999999999.99")),
}
MORE = {"": (), "optional": ("v is known", "v is unknown"), "or none": ("v is none", "v is not none")}


@frozen
class Types:
    """Of the types of columns those that are read for each kind of fact, with values; and some that are not."""

    read: Mapping[str, Mapping[str, list[str]]]
    others: Mapping[str, list[str]]


def _types(numbers: str, text: str, flag: str, date: str, time: str, others: str) -> Types:
    def each(names: str, values: list[str]) -> dict[str, list[str]]:
        return {name.strip(): values for name in names.split(";") if name}

    times = TIMES if time != "string" else TEXT_TIMES
    read = {"number": each(numbers, NUMBERS), "text": each(text, TEXTS), "flag": each(flag, FLAGS)}
    read |= {"date": each(date, DATES), "time": each(time, times)}
    return Types(read, each(others, [*NUMBERS[:8], *TEXTS, *DATES, *TIMES, *FLAGS]))


TYPES = {
    "duckdb": _types(
        "tinyint; utinyint; smallint; integer; uinteger; bigint; ubigint; hugeint; uhugeint; double; decimal(18,2);"
        "decimal(38,18); decimal(38,37); decimal(38,0); decimal(4,4)",
        "varchar; varchar collate nocase; enum('ca', 'CA', 'low', 'none', 'zz')",
        "boolean",
        "date",
        "time; time_ns",
        "real; blob; timestamp; timestamptz; timetz; interval; json; uuid; bit; bignum; integer[]; struct(ca integer)",
    ),
    "postgres": _types(
        "smallint; integer; bigint; numeric; numeric(38,18); numeric(1000,500); numeric(4,4); double precision",
        "text; varchar; varchar(40); text collate blind",
        "boolean",
        "date",
        "time; time(0)",
        "real; char(5); bytea; timestamp; timestamptz; timetz; interval; json; money; name; mood; whole; integer[]",
    ),
    "spark": _types(
        "tinyint; smallint; int; bigint; double; decimal(18,2); decimal(38,18); decimal(38,37); decimal(38,0)",
        "string",
        "boolean",
        "date",
        "string",
        "float; string collate UTF8_LCASE; binary; timestamp; timestamp_ntz; array<string>",
    ),
}


class Typed(Engine):
    """An engine with tables of one column, `v`, and rows that have a number."""

    def __init__(self, dialect: str, request: pytest.FixtureRequest) -> None:
        super().__init__(dialect, request)
        self._statements: dict[tuple[str, str], str] = {}
        if dialect == "postgres":
            self.postgres.prepare_threshold = None  # no plan is kept, as the table changes its type
            self.execute(
                """CREATE COLLATION IF NOT EXISTS blind (provider = icu, locale = 'und-u-ks-level2',
                    deterministic = false);
                DROP TYPE IF EXISTS mood CASCADE; CREATE TYPE mood AS ENUM ('ca', 'none');
                DROP DOMAIN IF EXISTS whole CASCADE; CREATE DOMAIN whole AS integer"""
            )

    def fill(self, table: str, kind: str, values: list[str]) -> list[Any]:
        """Makes a table of the values that are some of a type, and a null; gives what the client makes of them."""
        if self.dialect == "spark":
            texts = [*values, None]
            self.session.createDataFrame(list(enumerate(texts)), "id int, t string").createOrReplaceTempView("texts")
            cast = f"cast(t as {kind})" if kind.startswith("string") else f"try_cast(t as {kind})"
            if kind == "array<string>":
                cast = "array(t)"
            self.session.sql(f"SELECT id, {cast} AS v FROM texts").cache().createOrReplaceTempView(table)
        else:
            self.execute(f"DROP TABLE IF EXISTS {table}")
            self.execute(f"CREATE TABLE {table} (id integer, v {kind})")
            mark = "?" if self.dialect == "duckdb" else "%s"
            plain = kind.partition(" collate")[0]
            for number, value in enumerate([*values, None]):
                with suppress(duckdb.Error, psycopg.Error):
                    query = f"INSERT INTO {table} VALUES ({mark}, CAST(CAST({mark} AS TEXT) AS {plain}))"
                    self.execute(query, (number, value))
        ids = [row[0] for row in sorted(self.rows(f"SELECT id FROM {table}"))]
        returned = self._returned(table, ids)
        if self.dialect == "duckdb":  # whose client takes infinity for a date
            infinite = self.rows(f"SELECT id FROM {table} WHERE CAST(v AS VARCHAR) LIKE '%infinity'")
            returned.update({number: "infinity" for (number,) in infinite})
        return [returned[number] for number in ids]

    def _returned(self, table: str, ids: Sequence[int]) -> dict[int, Any]:
        """What the client makes of each; of one that it cannot take, what it says of it."""
        try:
            return dict(self.rows(f"SELECT id, v FROM {table} WHERE id BETWEEN {ids[0]} AND {ids[-1]}"))
        except Exception as error:
            if len(ids) == 1:
                return {ids[0]: error}
        half = len(ids) // 2
        return {**self._returned(table, ids[:half]), **self._returned(table, ids[half:])}

    def _statement(self, policy: forbear.Policy, table: str) -> str:
        """The same for a column of any type."""
        key = (policy.digest, table)
        if key not in self._statements:
            self._statements[key] = select_statement(policy.typed, self.dialect, None, table).rstrip(";\n")
        return self._statements[key]

    def decided(self, policies: Sequence[forbear.Policy], table: str) -> list[list[tuple[Any, ...]]]:
        """By each of some policies, at once: of each row whether it is undecided, and the verdicts."""
        parts = []
        for number, policy in enumerate(policies):
            text = self._statement(policy, table)
            said = [name if name in policy.typed.actions else "NULL" for name in ACTIONS]
            # Without `v`, which not every client can take.
            parts.append(f"SELECT {number} AS number, id, undecided, {', '.join(said)} FROM ({text}) AS said")
        rows = sorted(self.rows(" UNION ALL ".join(parts)), key=lambda row: row[:2])
        return [
            [row[2 : 3 + len(policy.typed.actions)] for row in rows if row[0] == number]
            for number, policy in enumerate(policies)
        ]


@pytest.fixture(scope="module", params=TYPES if NIGHTLY else ("duckdb", "postgres"))
def engine(request: pytest.FixtureRequest) -> Typed:
    return Typed(request.param, request)


def _policies() -> Iterator[tuple[str, str, forbear.Policy]]:
    for kind, (group, conditions) in FACTS.items():
        for more, others in MORE.items():
            rules = [*conditions, *others]
            actions = ", ".join(f"a{number}" for number in range(len(rules)))
            text = f"fact v {kind} {more}\naction {actions}\n"
            text += "".join(f"rule r{i}: allow a{i} when {one}\n" for i, one in enumerate(rules))
            text += f"rule never_: never a0 when not ({rules[0]})\n"
            yield group, more, forbear.loads(text)


POLICIES = list(_policies())
ACTIONS = [f"a{number}" for number in range(max(len(policy.typed.actions) for _, _, policy in POLICIES))]


SAID: dict[tuple[str, type, str], tuple[Any, ...]] = {}
"""What `decide` says: the same values come in columns of many types, and from each engine."""


def _expected(policy: forbear.Policy, more: str, value: Any) -> tuple[Any, ...]:
    key = (policy.digest, type(value), repr(value))
    if key not in SAID:
        SAID[key] = _decided(policy, more, value)
    return SAID[key]


def _decided(policy: forbear.Policy, more: str, value: Any) -> tuple[Any, ...]:
    try:
        decision = policy.decide({"v": "none" if value is None and more == "or none" else value})
    except forbear.CaseError:
        return (True, *["undecided"] * len(policy.typed.actions))
    return (False, *[decision[action].verdict for action in policy.typed.actions])


@pytest.mark.parametrize("group", ["flag", "text", "date", "time", "number"])
def test_what_is_read_is_decided_as_the_client_returns_it(engine: Typed, group: str) -> None:
    for kind, values in TYPES[engine.dialect].read[group].items():
        policies = [(more, policy) for its, more, policy in POLICIES if its == group]
        returned = engine.fill("cases", kind, values)
        answers = engine.decided([policy for _, policy in policies], "cases")
        for (more, policy), found in zip(policies, answers, strict=True):
            expected = [_expected(policy, more, value) for value in returned]
            three = zip(returned, expected, found, strict=True)
            assert not [one for one in three if one[1] != one[2]], (kind, policy.typed.facts["v"])
        assert any(not row[0] for found in answers for row in found), kind


def test_other_types_are_refused(engine: Typed) -> None:
    """By the engine, or row by row; a value that is not read is not unknown either."""
    types = TYPES[engine.dialect]
    last = {name: its for read in types.read.values() for name, its in list(read.items())[-1:]}
    for kind, values in {**last, **types.others}.items():
        returned = engine.fill("cases", kind, values)
        for group in [group for group, read in types.read.items() if kind not in read]:
            policy = next(policy for its, more, policy in POLICIES if its == group and more == "optional")
            try:
                [found] = engine.decided([policy], "cases")
            except (duckdb.Error, psycopg.Error, PySparkException):
                continue
            for value, row in zip(returned, found, strict=True):
                assert row[0] or value is None, (kind, value)
