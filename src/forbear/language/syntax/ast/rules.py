"""Rules as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from typing import Literal as OneOfThese

from attrs import field

from forbear.base.frozen import frozen
from forbear.base.source import Span
from forbear.language.syntax.ast.conditions import Condition
from forbear.language.syntax.ast.moving import ASIDE, moved, put
from forbear.language.syntax.ast.parts import Actions, Name, Period, Text

EffectWord = OneOfThese["allow", "forbid", "require", "never"]


@frozen
class Effect:
    """What a rule does to some actions.

    `companions` go along with the actions: `allow ACTIONS with COMPANIONS`, `require COMPANIONS with ACTIONS`. The word
    `along` is that of the second, which does nothing else.
    """

    word: EffectWord | OneOfThese["along"]
    actions: Actions
    span: Span = field(eq=False, repr=False)
    companions: Actions | None = None


@frozen
class Rule:
    """A rule in either word order. `condition` is None only for a `never`, or a
    `require ... with ...`, that has none. `suspend` is a `never`
    whose period is in the body. `overrides_all` is the word `all` of `overrides all`.

    A `limit` is the `never` that it means: `limited_by` is the fact by which it counts, which its condition compares.
    """

    name: Name | None
    title: Text | None
    order: OneOfThese["condition first", "effects first", "suspend"]
    condition: Condition | None
    effects: tuple[Effect, ...]
    unless: Condition | None
    overrides: tuple[Name, ...]
    overrides_all: Name | None
    in_force: Period | None
    because: Text | None
    source: Text | None
    basis: str | None
    limited_by: Name | None
    body: Span = field(eq=False, repr=False)
    """Its effects and condition, without head and clauses."""
    span: Span = field(eq=False, repr=False)
    known: dict[object, Any] = field(factory=dict, eq=False, repr=False, metadata=ASIDE)
    """What the checker remembers of it, here and wherever it is moved to: see `check/files/known.py`."""
    first: tuple[Rule, int] | None = field(default=None, eq=False, repr=False, metadata=ASIDE)
    """Where it was moved, the rule as it was read, and by how much it has been moved since."""

    LATER: ClassVar = frozenset({"condition", "effects", "unless"})

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """A part that was not moved yet: a text has many rules, of which few are looked at after an edit."""
            if name not in self.LATER:
                raise AttributeError(name)
            first, by = self.first
            put(self, name, moved(getattr(first, name), by))
            return getattr(self, name)
