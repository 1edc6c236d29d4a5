"""The heads of files as written, with their clauses, and `uses`."""

from __future__ import annotations

from typing import Literal as OneOfThese

from attrs import field

from forbear.base.frozen import frozen
from forbear.base.source import Span
from forbear.language.syntax.ast.conditions import Condition
from forbear.language.syntax.ast.parts import Literal, Name, Period, Text


@frozen
class Applies:
    """`applies when CONDITION`: in which cases the rules of a policy hold at all."""

    condition: Condition
    span: Span = field(eq=False, repr=False)


@frozen
class Used:
    """A file or a pack that is named, by its path or its name, and the digest that it is pinned to."""

    named: Text | Name
    pin: Text | None


@frozen
class SubjectTo:
    """`subject to "path"`: the standards that a policy is subject to."""

    standards: tuple[Used, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Omits:
    """`omits "…"`: what a policy does not say, in the author's words."""

    texts: tuple[Text, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Reading:
    """What was read of the text that a policy follows, in which copy, and on which day."""

    text: Text
    on: Literal


@frozen
class Readings:
    """`read on DATE "…", on DATE "…"`."""

    readings: tuple[Reading, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Reviewed:
    """`reviewed by "…" until DATE`: by whom, None for nobody, and the day on which that ends."""

    by: Text | None
    until: Literal | None
    span: Span = field(eq=False, repr=False)


@frozen
class HeadClauses:
    version: Text | None = None
    source: Text | None = None
    currency: Name | None = None
    in_force: Period | None = None
    applies: Applies | None = None
    subject_to: SubjectTo | None = None
    omits: Omits | None = None
    read: Readings | None = None
    reviewed: Reviewed | None = None


@frozen
class PolicyHead:
    kind: OneOfThese["policy", "standard"]
    name: Name
    title: Text | None
    clauses: HeadClauses
    span: Span = field(eq=False, repr=False)


@frozen
class VocabularyHead:
    name: Name
    title: Text | None
    clauses: HeadClauses
    span: Span = field(eq=False, repr=False)


@frozen
class Uses:
    """`uses "path"` or `uses collections`. Clauses after it belong to the head before it."""

    targets: tuple[Used, ...]
    clauses: HeadClauses
    span: Span = field(eq=False, repr=False)
