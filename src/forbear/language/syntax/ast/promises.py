"""Examples, ensures and accepts as written."""

from __future__ import annotations

from typing import Literal as OneOfThese

from attrs import field

from forbear.base.frozen import frozen
from forbear.base.source import Span
from forbear.language.syntax.ast.conditions import Condition
from forbear.language.syntax.ast.parts import Actions, Literal, Name, Special, Text, Value

ExpectationWord = OneOfThese["allowed", "not allowed", "forbidden", "required", "unsaid", "not unsaid"]


@frozen
class Expected:
    actions: Actions
    expectation: ExpectationWord
    span: Span = field(eq=False, repr=False)
    companions: Actions | None = None
    """What has to go along: `allowed with COMPANIONS`."""


@frozen
class Given:
    fact: Name
    value: Value | Special
    span: Span = field(eq=False, repr=False)


@frozen
class GivenEvent:
    """Equal events of an example: how many (None: one), when, and with which attributes."""

    number: Literal | None
    event: Name
    on: Value
    at: Literal | None
    attributes: tuple[Given, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Example:
    title: Text
    given: tuple[Given | GivenEvent, ...]
    on: Value | None
    at: Literal | None
    expected: tuple[Expected, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Ensure:
    any_of: bool
    expected: Expected
    when: Condition | None
    on: Value | None
    span: Span = field(eq=False, repr=False)


@frozen
class Conforms:
    """`ensure conforms to "path"`: a promise to keep the bounds of a standard."""

    standard: Text
    span: Span = field(eq=False, repr=False)


@frozen
class Accept:
    code: Name
    names: tuple[Name, ...]
    when: Condition | None
    because: Text
    until: Value | None
    span: Span = field(eq=False, repr=False)
