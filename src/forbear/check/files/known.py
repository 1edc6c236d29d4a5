"""What rules came to when they were checked last, for as long as all that their words mean is the same.

While a file is edited, nearly every rule of it stays as it was. A rule remembers what its text came to, wherever it is
moved to, unless there was something to say of it: that has a place, and is found anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forbear.base.frozen import frozen
from forbear.base.source import Source
from forbear.language.model.conditions import Condition
from forbear.language.model.policy import Effect
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Module

_SAYS_NOTHING = (nodes.Rule, nodes.Table, nodes.Example, nodes.Ensure, nodes.Conforms, nodes.Accept)
"""Statements on which no other statement depends for what its words mean."""


@frozen
class Meant:
    """What a rule came to, wherever it stands: all of it that has no place."""

    condition: Condition
    effects: Mapping[str, Effect]
    along: Mapping[str, tuple[str, ...]]
    since: int | None
    until: int | None


class Known:
    """Remembers of a file's rules what they came to."""

    def __init__(self) -> None:
        self._among: object = None
        self._words = object()

    def among(self, modules: Sequence[Module], settings: Mapping[str, object], texts: Mapping[str, Source]) -> None:
        """What follows is checked among the declarations of these files, the last of which is the one itself, with
        these values for its settings, and with the texts of all files that were read."""
        own = modules[-1]
        declared = [node for node in own.statements if not isinstance(node, _SAYS_NOTHING)]
        other_texts = {name: text for name, text in texts.items() if text is not own.source}
        noticed = [(module.currency, module.everything) for module in modules]
        among = (own.source.name, declared, other_texts, noticed, settings)
        if among != self._among:
            self._among, self._words = among, object()

    def of(self, node: nodes.Rule) -> Meant | None:
        """What a rule came to, if that was among the same declarations."""
        words, meant = node.known.get(self, (None, None))
        return meant if words is self._words else None

    def keep(self, node: nodes.Rule, meant: Meant) -> None:
        """Remembers what a rule came to, of which there was nothing to say."""
        node.known[self] = self._words, meant
