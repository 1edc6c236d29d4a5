"""The trees of a statement, and what makes one for each rule of the grammar that the parser has read.

They are what Lark would make: a node for each rule, without the words that only the grammar needs, with None for what
is left out, and with the parts of a rule whose name begins with an underscore in place of it. Lark makes a node in four
steps, with its lines and columns, which takes a third of the time of a parse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from lark.grammar import Rule, Terminal

Maker: TypeAlias = Callable[[list[Any]], object]
"""Makes the value of a rule from those of its parts."""


class Tree:
    """A node: the rule that was read, its parts (trees, tokens and None), and where its text begins and ends."""

    __slots__ = ("children", "data", "end_pos", "start_pos")

    def __init__(self, data: str, children: list[Any], start_pos: int, end_pos: int) -> None:
        self.data = data
        self.children = children
        self.start_pos = start_pos
        self.end_pos = end_pos


def makers(
    rules: Iterable[Rule], statement: Callable[[list[Any]], object]
) -> dict[Rule, Callable[[list[Any]], object]]:
    """The maker of each rule: of a tree, but for a `statement`."""
    return {rule: statement if rule.origin.name == "statement" else _maker(rule) for rule in rules}


def _maker(rule: Rule) -> Maker:
    data = str(rule.alias or rule.origin.name)
    # Lark marks missing parts by a list with a True for each missing one, and a False for each that is there.
    missing = iter(rule.options.empty_indices or [False] * len(rule.expansion))
    parts: list[tuple[int, bool, int]] = []
    nones = 0
    for index, symbol in enumerate(rule.expansion):
        while next(missing):
            nones += 1
        if not (isinstance(symbol, Terminal) and symbol.filter_out):
            parts.append((index, not symbol.is_term and symbol.name.startswith("_"), nones))
            nones = 0
    nones += sum(missing)

    def make(children: list[Any]) -> Tree:
        nodes: list[Any] = []
        for index, is_inner, before in parts:
            if before:
                nodes += [None] * before
            if not is_inner:
                nodes.append(children[index])
            elif nodes:
                nodes += children[index].children
            else:  # it is not part of anything else, and may be long
                nodes = children[index].children
        if nones:
            nodes += [None] * nones
        return Tree(data, nodes, children[0].start_pos, children[-1].end_pos)

    if not rule.expansion:
        return lambda children: Tree(data, [], 0, 0)  # a file without a statement
    if not nones and parts == [(index, False, 0) for index in range(len(rule.expansion))]:
        return lambda children: Tree(data, children, children[0].start_pos, children[-1].end_pos)
    return make
