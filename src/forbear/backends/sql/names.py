"""Names and texts in the dialects of SQL, quoted so that no character of them is read as anything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import reduce

from sqlglot import exp

_FOLDED: Mapping[str, Callable[[str], str]] = {"postgres": str.lower, "snowflake": str.upper}
"""How a dialect stores a name that was written without quotes. Dialects that are missing ignore case."""
_UNQUOTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TABLE = re.compile(r"[A-Za-z_][\w$-]*(\.[A-Za-z_][\w$-]*){0,2}")
_MOST_BYTES = 63
"""PostgreSQL cuts longer names, so two names could become one."""
_PLAIN = re.compile(r"[A-Za-z0-9 _.,/()\u00a1-\U0010ffff]+|.", re.DOTALL)
"""Runs of characters that need no escape in any dialect, and all others one by one: quotation marks, backslashes, and
what begins a variable, such as `${` in Spark."""


class NoStatement(Exception):
    """A policy that has no statement in SQL. The message says why."""


def identifier(name: str, dialect: str) -> exp.Identifier:
    """A name in quotes, so that it is never a function or a keyword, in the letter case in which the dialect stores a
    name that is written without quotes. Raises `NoStatement`."""
    if dialect == "postgres" and len(name.encode()) > _MOST_BYTES:
        raise NoStatement(f"PostgreSQL cuts names to {_MOST_BYTES} bytes, and `{name}` is longer")
    folded = _FOLDED.get(dialect)
    return exp.to_identifier(folded(name) if folded and _UNQUOTED.fullmatch(name) else name, quoted=True)


def table_named(name: str, dialect: str) -> exp.Table:
    """A table by its name, with schema and catalog if `name` has them. Raises `NoStatement`."""
    if not _TABLE.fullmatch(name):
        raise NoStatement(f"{name!r} is no name of a table")
    table, db, catalog = (*(identifier(part, dialect) for part in reversed(name.split("."))), None, None)[:3]
    return exp.Table(this=table, db=db, catalog=catalog)


def literal_text(text: str, dialect: str) -> exp.Expression:
    """A text as a literal. Characters that might be special are written by their codes. Raises `NoStatement`."""
    if any("\ud800" <= character <= "\udfff" for character in text) or (dialect == "postgres" and "\0" in text):
        raise NoStatement(f"no text of {dialect} can be {text!r}")
    parts: list[exp.Expression] = []
    for part in _PLAIN.findall(text):
        known = len(part) > 1 or ord(part) > 0xA0 or part.isalnum() or part in " _.,/()"
        parts.append(exp.Literal.string(part) if known else _of_code(ord(part)))
    if not parts:
        return exp.Literal.string("")
    return reduce(lambda left, right: exp.DPipe(this=left, expression=right), parts)


def _of_code(code: int) -> exp.Expression:
    return exp.Anonymous(this="CHR", expressions=[exp.Literal.number(code)])
