"""Truths of SQL put together. Its three values are Kleene's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sqlglot import exp


def any_of(parts: Sequence[exp.Expression]) -> exp.Expression:
    return reduce(lambda one, other: exp.Or(this=one, expression=other), map(_wrapped, parts)) if parts else exp.false()


def all_of(parts: Sequence[exp.Expression]) -> exp.Expression:
    return reduce(lambda one, other: exp.And(this=one, expression=other), map(_wrapped, parts))


def negated(part: exp.Expression) -> exp.Expression:
    return exp.Not(this=exp.paren(part) if isinstance(part, (exp.And, exp.Or, exp.Not)) else part)


def two_valued(truth: exp.Expression, unknown: bool) -> exp.Expression:
    """Where something is true, or is unknown if that counts."""
    return exp.Coalesce(this=truth, expressions=[exp.true() if unknown else exp.false()])


def _wrapped(part: exp.Expression) -> exp.Expression:
    return exp.paren(part) if isinstance(part, (exp.And, exp.Or)) else part
