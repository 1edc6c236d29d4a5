"""Conditions as written."""

from __future__ import annotations

from typing import Literal as OneOfThese
from typing import TypeAlias

from attrs import field

from forbear.base.frozen import frozen
from forbear.base.source import Span
from forbear.language.syntax.ast.parts import Name, Term, Value


@frozen
class Always:
    span: Span = field(eq=False, repr=False)


@frozen
class NameAlone:
    """A flag or a definition."""

    name: Name
    span: Span = field(eq=False, repr=False)


@frozen
class Clock:
    """`after 60 days`, `from day 9 to day 13`: a condition on the clock. `last` is the second day of a span."""

    word: OneOfThese["after", "from", "on", "within", "before"]
    first: Value
    last: Value | None
    span: Span = field(eq=False, repr=False)


@frozen
class Comparison:
    """`f >= v`; `is` and `is not` are kept as written."""

    left: Term
    operator: OneOfThese["<", "<=", "=", "!=", ">=", ">", "is", "is not"]
    right: Term
    span: Span = field(eq=False, repr=False)


@frozen
class Between:
    term: Term
    low: Term
    high: Term
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class OneOf:
    fact: Name
    values: tuple[Value, ...]
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Same:
    """`debt is this debt`: an attribute of an event, compared with a fact of the case."""

    attribute: Name
    fact: Name
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class State:
    """`f is none`, `f is not none`, `f is known`, `f is unknown`."""

    fact: Name
    state: OneOfThese["none", "known"]
    negated: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Not:
    part: Condition
    span: Span = field(eq=False, repr=False)
    bracketed: bool = field(default=False, eq=False, repr=False)


@frozen
class And:
    parts: tuple[Condition, ...]
    span: Span = field(eq=False, repr=False)
    bracketed: bool = field(default=False, eq=False, repr=False)


@frozen
class Or:
    parts: tuple[Condition, ...]
    span: Span = field(eq=False, repr=False)
    bracketed: bool = field(default=False, eq=False, repr=False)


Condition: TypeAlias = Always | NameAlone | Clock | Comparison | Between | OneOf | Same | State | Not | And | Or
