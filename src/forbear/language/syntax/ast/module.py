"""A module: a rule file as written, statement by statement."""

from __future__ import annotations

from typing import TypeAlias

from forbear.base.frozen import frozen
from forbear.base.source import Source
from forbear.language.syntax.ast.declarations import (
    Action,
    Calendar,
    Define,
    DerivedFact,
    Event,
    Fact,
    Group,
    Ladder,
    Setting,
)
from forbear.language.syntax.ast.heads import PolicyHead, Uses, VocabularyHead
from forbear.language.syntax.ast.promises import Accept, Conforms, Ensure, Example
from forbear.language.syntax.ast.rules import Rule
from forbear.language.syntax.ast.tables import Table

Statement: TypeAlias = (
    PolicyHead
    | VocabularyHead
    | Uses
    | Fact
    | DerivedFact
    | Event
    | Calendar
    | Action
    | Group
    | Ladder
    | Define
    | Setting
    | Rule
    | Table
    | Example
    | Ensure
    | Conforms
    | Accept
)


@frozen
class Module:
    """A rule file that was read."""

    source: Source
    statements: tuple[Statement, ...]
    broken: frozenset[str] = frozenset()
    """The words of the statements that could not be read, among them the names that these declare."""
    complete: bool = True
    """Whether every statement could be read, whatever errors there are inside them."""
    currency: str | None = None
    """The currency of the first sum that is written in it."""
    everything: bool = False
    """Whether a list of actions in it says `everything`."""
