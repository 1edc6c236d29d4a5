"""Names and texts in the dialects of SQL, quoted so that no character of them is read as anything else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import groupby
from typing import Any

from sqlglot import exp

from forbear.base.characters import hidden
from forbear.targets import NotWritten

_UNQUOTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TABLE = re.compile(r"[A-Za-z_][\w$-]*(\.[A-Za-z_][\w$-]*){0,2}")
_MOST_BYTES = 63
"""PostgreSQL cuts a longer name, and so takes two for one."""
_PLAIN = re.compile(r"[A-Za-z0-9 _.,/()\u00a1-\U0010ffff]")
"""A character that means itself in a literal of every dialect: no quotation mark, no backslash, and nothing that begins
a variable of a tool, as `${` does in Spark."""


def identifier(name: str, dialect: str) -> exp.Identifier:
    """A name in quotes, so that it is never a function or a keyword. PostgreSQL stores a name that is written without
    quotes in small letters, and the others ignore case. Raises `NotWritten`."""
    if dialect == "postgres" and len(name.encode()) > _MOST_BYTES:
        raise NotWritten(f"PostgreSQL cuts names to {_MOST_BYTES} bytes, and `{name}` is longer")
    return exp.to_identifier(name.lower() if dialect == "postgres" and _UNQUOTED.fullmatch(name) else name, quoted=True)


def table_named(name: str, dialect: str) -> exp.Table:
    """A table by its name, with schema and catalog if `name` has them. Raises `NotWritten`."""
    if not _TABLE.fullmatch(name):
        raise NotWritten(f"{name!r} is not the name of a table")
    table, db, catalog = (*(identifier(part, dialect) for part in reversed(name.split("."))), None, None)[:3]
    return exp.Table(this=table, db=db, catalog=catalog)


def literal_text(text: str, dialect: str) -> exp.Expression:
    """A text as a literal; what may mean something else in one, or is not seen there, is written by its code. Raises
    `NotWritten`."""
    if any("\ud800" <= letter <= "\udfff" for letter in text) or (dialect == "postgres" and "\0" in text):
        raise NotWritten(f"no text of {dialect} can be {text!r}")
    unseen = set(hidden(text))
    parts: list[exp.Expression] = []
    for plain, run in groupby(
        enumerate(text), lambda numbered: numbered[0] not in unseen and bool(_PLAIN.match(numbered[1]))
    ):
        letters = [letter for _, letter in run]
        parts += [exp.Literal.string("".join(letters))] if plain else [_of_code(letter, dialect) for letter in letters]
    if not parts:
        return exp.Literal.string("")
    return reduce(lambda left, right: exp.DPipe(this=left, expression=right), parts)


def _of_code(letter: str, dialect: str) -> exp.Expression:
    code = ord(letter)
    if dialect == "spark" and code > 0xFF:  # where CHR takes a code for its last byte
        encoded = exp.Anonymous(this="UNHEX", expressions=[exp.Literal.string(letter.encode().hex())])
        return exp.Anonymous(this="DECODE", expressions=[encoded, exp.Literal.string("UTF-8")])
    return exp.Anonymous(this="CHR", expressions=[exp.Literal.number(code)])


# Combines truth values of SQL, which are those of Kleene's three-valued logic.


OPERATORS: Mapping[str, Any] = {
    "<": exp.LT,
    "<=": exp.LTE,
    "=": exp.EQ,
    "!=": exp.NEQ,
    ">=": exp.GTE,
    ">": exp.GT,
}


def any_of(parts: Sequence[exp.Expression]) -> exp.Expression:
    if not parts:
        return exp.false()
    return reduce(lambda left, right: exp.Or(this=left, expression=right), map(_wrapped, parts))


def all_of(parts: Sequence[exp.Expression]) -> exp.Expression:
    return reduce(lambda left, right: exp.And(this=left, expression=right), map(_wrapped, parts))


def negated(part: exp.Expression) -> exp.Expression:
    return exp.Not(this=exp.paren(part) if isinstance(part, (exp.And, exp.Or, exp.Not)) else part)


def two_valued(truth: exp.Expression, unknown: bool) -> exp.Expression:
    """A truth value with `unknown` in place of null."""
    return exp.Coalesce(this=truth, expressions=[exp.true() if unknown else exp.false()])


def _wrapped(part: exp.Expression) -> exp.Expression:
    return exp.paren(part) if isinstance(part, (exp.And, exp.Or)) else part
