"""Combines truth values of SQL, which are those of Kleene's three-valued logic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from sqlglot import exp

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
