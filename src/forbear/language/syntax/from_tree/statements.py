"""Tree to module: one statement of Lark's tree to its node.

`statement` is called by the parser as each statement is complete, so that the tree of a large file never exists as a
whole. What an author got wrong inside a statement comes back as mistakes, with the node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from forbear.language.syntax.from_tree import declarations, heads, promises, rules
from forbear.language.syntax.from_tree.parts import Nodes, Reader
from forbear.language.syntax.literals import Mistake
from forbear.language.syntax.nodes import Statement
from forbear.language.syntax.tree import Tree


class Parsed(NamedTuple):
    """A statement, and what was noticed of it (see `Reader`)."""

    node: Statement
    mistakes: tuple[Mistake, ...]
    currency: str | None
    everything: bool

    @property
    def start_pos(self) -> int:
        return self.node.span[0]

    @property
    def end_pos(self) -> int:
        return self.node.span[1]


def statement(children: Nodes) -> Parsed:
    """The node of a complete statement."""
    tree = children[0]
    read = Reader()
    node = _STATEMENTS[tree.data](tree, read)
    return Parsed(node, tuple(read.mistakes), read.currency, read.everything)


_STATEMENTS: dict[str, Callable[[Tree, Reader], Statement]] = {
    "policy_head": heads.policy_head,
    "vocabulary_head": heads.vocabulary_head,
    "uses": heads.uses,
    "fact": declarations.fact,
    "derived_fact": declarations.derived_fact,
    "event": declarations.event,
    "calendar": declarations.calendar,
    "action": declarations.action,
    "group": declarations.group,
    "ladder": declarations.ladder,
    "define": declarations.define,
    "setting": declarations.setting,
    "rule": rules.rule,
    "bare_rule": rules.bare_rule,
    "table": rules.table,
    "example": promises.example,
    "ensure": promises.ensure,
    "conforms": promises.conforms,
    "accept": promises.accept,
}
